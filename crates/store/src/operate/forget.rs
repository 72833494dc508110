//! Forgetting a person: everything that is about them goes, the counts stay.

use jiff::Timestamp;
use joinery_model::{Failure, Key};

use crate::Store;
use crate::codes::{REFUSED_INVALID, REFUSED_LEFT_OUT, nanos};
use crate::fault::Fault;
use crate::session::{Session, rows};

/// What was removed of one person in one sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// The sync.
    pub sync: String,
    /// Their key there.
    pub key: Key,
    /// Accounts in targets that were known: these still exist, in the targets.
    pub accounts: Vec<(String, String)>,
    /// Changes, delivered and undelivered.
    pub changes: u64,
    /// Undelivered ones among them, which now never will be.
    pub undelivered: u64,
    /// Ids by which the source's references meant them.
    pub aliases: u64,
    /// References to what they leaned on.
    pub references: u64,
    /// Verdicts with a reason.
    pub refusals: u64,
}

impl Store {
    /// Erases a person, named by key or by one of their ids in the source, from every sync: links, changes, ids,
    /// references, verdicts. What they added to the counts of runs stays. Their accounts in the targets, and the source,
    /// are not touched; a source that still has them brings them back with the next full run.
    ///
    /// Fails while a change of theirs is being delivered. What was erased is overwritten in the file; older backups
    /// still hold it. Returns one entry a sync; none when nobody is known by that name.
    pub async fn forget(&self, who: &str, now: Timestamp) -> Result<Vec<Forgotten>, Failure> {
        let who = who.to_owned();
        let gone = self.write("forget", move |session| forget(session, &who, now)).await?;
        if !gone.is_empty() {
            self.fold().await?;
        }
        Ok(gone)
    }
}

fn forget(session: &mut Session<'_>, who: &str, now: Timestamp) -> Result<Vec<Forgotten>, Fault> {
    let sql = "SELECT p.id, s.id, s.name, p.key, s.holder IS NOT NULL AND coalesce(s.lease_until, 0) > ?2
               FROM person p JOIN sync s ON s.id = p.sync
               WHERE p.key = ?1
                  OR EXISTS (SELECT 1 FROM alias a WHERE a.sync = p.sync AND a.alias = ?1 AND a.person = p.id)";
    let found = rows(session.conn, sql, (who, nanos(now)), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    })?;
    let mut gone = Vec::new();
    for (id, sync, name, key, running) in found {
        gone.push(one(session, id, sync, name, key, running)?);
    }
    // Objects that only they leaned on may name them.
    session.sweep_objects()?;
    Ok(gone)
}

fn one(
    session: &Session<'_>,
    id: i64,
    sync: i64,
    name: String,
    key: String,
    running: bool,
) -> Result<Forgotten, Fault> {
    if running {
        let flying = "SELECT 1 FROM change WHERE person = ?1 AND state < 5 AND state = 3";
        if session.row(flying, [id], |_| Ok(()))?.is_some() {
            return Err(Fault::refused(format!(
                "sync {name}: a change of this person is being delivered right now; nothing was forgotten, try again in a moment"
            )));
        }
    }
    keep_counts(session, id)?;
    let accounts = rows(
        session.conn,
        "SELECT t.name, l.target_id FROM target t CROSS JOIN link l ON l.target = t.id AND l.person = ?2 WHERE t.sync = ?1",
        (sync, id),
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let n = |sql: &'static str| session.execute(sql, [id]).map(|n| n as u64);
    let undelivered = session
        .row("SELECT count(*) FROM change WHERE person = ?1 AND state < 5", [id], |row| row.get::<_, i64>(0))?
        .unwrap_or(0);
    n("DELETE FROM body WHERE id IN (SELECT id FROM change WHERE person = ?1)")?;
    n("DELETE FROM body WHERE id IN (SELECT body FROM link WHERE person = ?1)")?;
    session.execute("UPDATE floor SET change = max(change, (SELECT coalesce(max(id), 0) FROM change))", ())?;
    let changes = n("DELETE FROM change WHERE person = ?1")?;
    n("DELETE FROM link WHERE person = ?1")?;
    n("DELETE FROM wait WHERE person = ?1")?;
    // Others who wait for this person, or lean on them, name them by id.
    session.execute(
        "DELETE FROM wait WHERE alias IN (SELECT alias FROM alias WHERE sync = ?1 AND person = ?2)
         AND target IN (SELECT id FROM target WHERE sync = ?1)",
        (sync, id),
    )?;
    let aliases = session.execute("DELETE FROM alias WHERE sync = ?1 AND person = ?2", (sync, id))? as u64;
    let references = session.execute(
        "DELETE FROM lean WHERE key = ?2 AND object IN (SELECT value FROM person p, json_each(p.leans) WHERE p.id = ?1)",
        (id, &key),
    )? as u64;
    let refusals = n("DELETE FROM refusal WHERE person = ?1")?;
    n("DELETE FROM person WHERE id = ?1")?;
    Ok(Forgotten {
        sync: name,
        key: Key::new(key),
        accounts,
        changes,
        undelivered: undelivered.cast_unsigned(),
        aliases,
        references,
        refusals,
    })
}

/// What the person adds to runs whose balance may still be computed, as counts without a person.
fn keep_counts(session: &Session<'_>, id: i64) -> Result<(), Fault> {
    let add = "ON CONFLICT (run, target, what) DO UPDATE SET n = n + excluded.n";
    session
        .prepare(&format!(
            "INSERT INTO counted (run, target, what, n)
             SELECT seen, 0, 'person ' || how || ' ' || verdict, 1 FROM person WHERE id = ?1 {add}"
        ))?
        .execute([id])?;
    for (kind, what) in [(REFUSED_LEFT_OUT, "left_out "), (REFUSED_INVALID, "invalid ")] {
        session
            .prepare(&format!(
                "INSERT INTO counted (run, target, what, n)
                 SELECT f.run, 0, ?3 || n.text, 1 FROM refusal f JOIN name n ON n.id = f.rule
                 WHERE f.person = ?1 AND f.target = 0 AND f.kind = ?2 {add}"
            ))?
            .execute((id, kind, what))?;
    }
    // An undelivered change of theirs ends as if a newer one had taken its place.
    session
        .prepare(&format!(
            "INSERT INTO counted (run, target, what, n)
             SELECT run, target, CASE WHEN action = 6 THEN 'back_filled' WHEN state = 5 THEN 'delivered'
                                      ELSE 'superseded' END, count(*)
             FROM change WHERE person = ?1 AND (action <> 6 OR state = 5) GROUP BY 1, 2, 3 {add}"
        ))?
        .execute([id])?;
    Ok(())
}
