//! Questions that write nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use joinery_model::{Became, Change, ChangeId, Key, Link, Ref, RunId, Stored, Waiting, Watermark};
use rusqlite::Connection;

use super::rows::{RawChange, RawStored, STORED, change_columns};
use crate::codes::{self, instant};
use crate::fault::Fault;
use crate::session::{row, rows, run_head, sync_id, target_id};

/// The sync's watermark.
pub(super) fn watermark(conn: &Connection, sync: &str) -> Result<Option<Watermark>, Fault> {
    let sql = "SELECT watermark FROM sync WHERE name = ?1";
    let found = row(conn, sql, [sync], |row| row.get::<_, Option<i64>>(0))?;
    Ok(found.flatten().map(|at| Watermark(instant(at))))
}

/// A person's link with what was delivered last.
pub(crate) const LAST: &str = "SELECT l.target_id, b.after FROM person p
     CROSS JOIN link l ON l.target = ?3 AND l.person = p.id
     CROSS JOIN body b ON b.id = l.body
     WHERE p.sync = ?1 AND p.key = ?2";

/// Has a target any account that is linked?
pub(crate) const ANY_LINK: &str = "SELECT 1 FROM link WHERE target = ?1 LIMIT 1";

/// What a target last received for these people.
pub(super) fn last(conn: &Connection, sync: &str, target: &str, keys: &[Key]) -> Result<Vec<Option<Link>>, Fault> {
    let none = || Ok(vec![None; keys.len()]);
    let Some((sync, target)) = pair(conn, sync, target)? else { return none() };
    // A first walk: nobody need be looked for.
    if row(conn, ANY_LINK, [target], |_| Ok(()))?.is_none() {
        return none();
    }
    let mut statement = conn.prepare_cached(LAST)?;
    keys.iter()
        .map(|key| {
            let mut found = statement.query((sync, key.as_str(), target))?;
            let Some(row) = found.next()? else { return Ok(None) };
            Ok(Some(Link {
                person: key.clone(),
                target_id: row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?.into(),
                record: serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?,
            }))
        })
        .collect()
}

/// Is there any change of a target that makes it doubtful what it holds? One in flight is a dead process's.
pub(crate) const ANY_UNSETTLED: &str = "SELECT 1 FROM change c INDEXED BY change_unsettled
     WHERE c.target = ?1 AND (c.attempts > 0 OR c.situation = 1) AND c.state IN (0, 1, 2, 4, 6)
     UNION ALL SELECT 1 FROM change c INDEXED BY change_flying WHERE c.target = ?1 AND c.state = 3
     LIMIT 1";

/// Those of one person, the newest first.
pub(crate) const UNSETTLED: &str = concat!(
    "SELECT ",
    change_columns!(),
    " FROM person p
     CROSS JOIN change c INDEXED BY change_unsettled ON c.target = ?3 AND c.person = p.id
       AND (c.attempts > 0 OR c.situation = 1) AND c.state IN (0, 1, 2, 4, 6)
     CROSS JOIN body b ON b.id = c.id
     LEFT JOIN link l ON l.target = c.target AND l.person = c.person
     WHERE p.sync = ?1 AND p.key = ?2 AND (l.body IS NULL OR l.body < c.id)
     UNION ALL SELECT ",
    change_columns!(),
    " FROM person p
     CROSS JOIN change c INDEXED BY change_open ON c.person = p.id AND c.target = ?3 AND c.state < 5 AND c.state = 3
     CROSS JOIN body b ON b.id = c.id
     WHERE p.sync = ?1 AND p.key = ?2
     ORDER BY 1 DESC"
);

/// Changes of these people that make it doubtful what the target holds.
pub(super) fn unsettled(conn: &Connection, sync: &str, name: &str, keys: &[Key]) -> Result<Vec<Vec<Change>>, Fault> {
    let none = || Ok(vec![Vec::new(); keys.len()]);
    let Some((sync, target)) = pair(conn, sync, name)? else { return none() };
    if keys.is_empty() || row(conn, ANY_UNSETTLED, [target], |_| Ok(()))?.is_none() {
        return none();
    }
    let name: Arc<str> = name.into();
    keys.iter()
        .map(|key| {
            let found = rows(conn, UNSETTLED, (sync, key.as_str(), target), RawChange::of)?;
            found.into_iter().map(|raw| raw.read(&name)).collect()
        })
        .collect()
}

/// What of a person's waits for another person's account.
pub(crate) const WAITING: &str = "SELECT n.text, w.alias FROM person p
     CROSS JOIN wait w ON w.target = ?3 AND w.person = p.id
     CROSS JOIN name n ON n.id = w.attribute
     WHERE p.sync = ?1 AND p.key = ?2";

/// References of these people that wait.
pub(super) fn waiting(conn: &Connection, sync: &str, target: &str, keys: &[Key]) -> Result<Vec<Vec<Waiting>>, Fault> {
    let Some((sync, target)) = pair(conn, sync, target)? else { return Ok(vec![Vec::new(); keys.len()]) };
    let waiting = |key: &Key| {
        rows(conn, WAITING, (sync, key.as_str(), target), |row| {
            Ok(Waiting { attribute: row.get::<_, String>(0)?.into(), alias: row.get::<_, String>(1)?.into() })
        })
    };
    keys.iter().map(waiting).collect()
}

/// The links to a target's accounts, in key order.
pub(crate) const LINKS: &str = "SELECT p.key, l.target_id, b.after FROM person p
     CROSS JOIN link l ON l.target = ?2 AND l.person = p.id
     CROSS JOIN body b ON b.id = l.body
     WHERE p.sync = ?1 AND p.key > ?3
     ORDER BY p.key LIMIT ?4";

/// Who owns which account of a target.
pub(super) fn links(
    conn: &Connection,
    sync: &str,
    target: &str,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<Link>, Fault> {
    let Some((sync, target)) = pair(conn, sync, target)? else { return Ok(Vec::new()) };
    let after = after.map_or("", Key::as_str);
    let found = rows(conn, LINKS, (sync, target, after, limit as i64), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    found
        .into_iter()
        .map(|(person, target_id, after)| {
            Ok(Link { person: Key::new(person), target_id: target_id.into(), record: serde_json::from_str(&after)? })
        })
        .collect()
}

/// The account of the person that a source id means.
pub(crate) const ACCOUNT: &str = "SELECT l.target_id FROM alias a
     CROSS JOIN link l ON l.target = ?3 AND l.person = a.person
     WHERE a.sync = ?1 AND a.alias = ?2";

/// The accounts of the people that these source ids mean.
pub(super) fn accounts(
    conn: &Connection,
    sync: &str,
    target: &str,
    aliases: &[Arc<str>],
) -> Result<Vec<Option<Arc<str>>>, Fault> {
    let Some((sync, target)) = pair(conn, sync, target)? else { return Ok(vec![None; aliases.len()]) };
    aliases
        .iter()
        .map(|alias| {
            let found = row(conn, ACCOUNT, (sync, &**alias, target), |row| row.get::<_, String>(0))?;
            Ok(found.map(Into::into))
        })
        .collect()
}

fn pair(conn: &Connection, sync: &str, target: &str) -> Result<Option<(i64, i64)>, Fault> {
    let Some(sync) = sync_id(conn, sync)? else { return Ok(None) };
    Ok(target_id(conn, sync, target)?.map(|target| (sync, target)))
}

/// What became of a person.
pub(crate) const BECAME: &str = "SELECT verdict FROM person WHERE sync = ?1 AND key = ?2";

/// What became of these people when they were last seen.
pub(super) fn became(conn: &Connection, sync: &str, keys: &[Key]) -> Result<Vec<Option<Became>>, Fault> {
    let Some(sync) = sync_id(conn, sync)? else { return Ok(vec![None; keys.len()]) };
    keys.iter()
        .map(|key| {
            let verdict = row(conn, BECAME, (sync, key.as_str()), |row| row.get::<_, i64>(0))?;
            Ok(verdict.and_then(codes::became))
        })
        .collect()
}

/// What the run's pages said has changed.
pub(super) fn touched(conn: &Connection, run: RunId) -> Result<Vec<Ref>, Fault> {
    run_head(conn, run)?;
    let sql = "SELECT n.text, o.ref FROM touched t JOIN object o ON o.id = t.object JOIN name n ON n.id = o.kind
               WHERE t.run = ?1 ORDER BY t.id";
    rows(conn, sql, [run.0], |row| Ok(Ref::new(row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
}

/// Who leans on an object, in key order, those already seen left out.
pub(crate) const LEANERS: &str = "SELECT d.key FROM lean d
     CROSS JOIN person p ON p.sync = ?2 AND p.key = d.key
     WHERE d.object = ?1 AND d.key > ?3 AND p.seen <> ?4
     ORDER BY d.key LIMIT ?5";

/// The people who lean on any of these.
pub(super) fn people_with(
    conn: &Connection,
    run: RunId,
    refs: &[Ref],
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<Key>, Fault> {
    let sync = run_head(conn, run)?.sync;
    let object = "SELECT o.id FROM object o JOIN name n ON n.id = o.kind
                  WHERE o.sync = ?1 AND n.text = ?2 AND o.ref = ?3";
    // The first keys of all are among the first keys of each.
    let mut keys = BTreeSet::new();
    for reference in refs {
        let Some(object) = row(conn, object, (sync, &*reference.kind, &*reference.id), |row| row.get::<_, i64>(0))?
        else {
            continue;
        };
        let after = after.map_or("", Key::as_str);
        keys.extend(rows(conn, LEANERS, (object, sync, after, run.0, limit as i64), |row| row.get::<_, String>(0))?);
        while keys.len() > limit {
            keys.pop_last();
        }
    }
    Ok(keys.into_iter().map(Key::new).collect())
}

/// Whom the run has not seen, in key order. Somebody gone before counts while an account or an undelivered change is
/// left of them.
pub(crate) const UNSEEN: &str = "SELECT p.key FROM person p
     WHERE p.sync = ?1 AND p.key > ?2 AND p.seen <> ?3
       AND (p.verdict BETWEEN 1 AND 3
            OR EXISTS (SELECT 1 FROM target t CROSS JOIN link l ON l.target = t.id AND l.person = p.id
                       WHERE t.sync = ?1)
            OR EXISTS (SELECT 1 FROM change o INDEXED BY change_open WHERE o.person = p.id AND o.state < 5))
     ORDER BY p.key LIMIT ?4";

/// People whom this run has not seen.
pub(super) fn unseen(conn: &Connection, run: RunId, after: Option<&Key>, limit: usize) -> Result<Vec<Key>, Fault> {
    let sync = run_head(conn, run)?.sync;
    let after = after.map_or("", Key::as_str);
    rows(conn, UNSEEN, (sync, after, run.0, limit as i64), |row| Ok(Key::new(row.get::<_, String>(0)?)))
}

/// A run's changes in the order of their numbers.
pub(super) fn changes(
    conn: &Connection,
    run: RunId,
    after: Option<ChangeId>,
    limit: usize,
) -> Result<Vec<Stored>, Fault> {
    run_head(conn, run)?;
    let sql = format!("{STORED} WHERE c.run = ?1 AND c.id > ?2 ORDER BY c.id LIMIT ?3");
    let after = after.map_or(0, |id| id.0);
    rows(conn, &sql, (run.0, after, limit as i64), RawStored::of)?.into_iter().map(RawStored::read).collect()
}

/// Which runs hold or plan what took the place of a run's changes.
pub(crate) const MOVED_TO: &str = "SELECT n.run FROM change c
     CROSS JOIN change n INDEXED BY change_open ON n.person = c.person AND n.target = c.target AND n.state < 5
       AND n.state IN (0, 1) AND n.id > c.id
     WHERE c.run = ?1 AND c.state = 6";

/// The runs that hold, or plan, what took the place of this run's changes.
pub(super) fn moved_to(conn: &Connection, run: RunId) -> Result<Vec<RunId>, Fault> {
    run_head(conn, run)?;
    let runs: BTreeSet<RunId> = rows(conn, MOVED_TO, [run.0], |row| row.get(0).map(RunId))?.into_iter().collect();
    Ok(runs.into_iter().collect())
}
