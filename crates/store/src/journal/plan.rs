//! The plan as a whole: its totals, and its release.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::{Fence, HoldBack, RunId, Totals};
use rusqlite::Connection;

use super::balance::people;
use crate::codes;
use crate::fault::Fault;
use crate::session::{Session, rows, run_head};

/// What the walk found.
pub(super) fn totals(conn: &Connection, run: RunId) -> Result<Totals, Fault> {
    let sync = run_head(conn, run)?.sync;
    let mut totals = Totals::default();
    // Every person of the sync is looked at: one pass over the table is cheaper than the index and a look-up each.
    let (seen, known, dropped, newly_gone): (i64, i64, i64, i64) = conn
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE seen = ?2 AND verdict <> 4),
                    count(*) FILTER (WHERE (CASE seen WHEN ?2 THEN was ELSE verdict END) BETWEEN 1 AND 3),
                    count(*) FILTER (WHERE seen = ?2 AND verdict BETWEEN 2 AND 3 AND was = 1),
                    count(*) FILTER (WHERE seen = ?2 AND verdict = 4 AND was BETWEEN 1 AND 3)
             FROM person NOT INDEXED WHERE sync = ?1",
        )?
        .query_row((sync, run.0), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    (totals.people, totals.dropped) = (natural(seen), natural(dropped));
    // Gone before, and what was held for that reason is planned anew: nobody has agreed that they are gone.
    let unapproved = "SELECT count(DISTINCT c.person) FROM change c JOIN person p ON p.id = c.person
                      WHERE c.by_run = ?1 AND c.was = 1 AND c.gone
                        AND p.seen = ?1 AND p.verdict = 4 AND p.was NOT BETWEEN 1 AND 3";
    let unapproved: i64 = conn.prepare_cached(unapproved)?.query_row([run.0], |row| row.get(0))?;
    (totals.known, totals.missing) = (natural(known + unapproved), natural(newly_gone + unapproved));
    let names = target_names(conn, sync)?;
    let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
    let planned = "SELECT target, action, gone, count(*) FROM change WHERE run = ?1 AND state IN (0, 1)
                   GROUP BY target, action, gone";
    for (target, action, gone, n) in rows(conn, planned, [run.0], |row| {
        Ok((row.get(0)?, codes::action_of(row.get(1)?)?, row.get::<_, bool>(2)?, natural(row.get(3)?)))
    })? {
        if gone {
            *totals.gone.entry(name(target)).or_default() += n;
        } else {
            *totals.planned.entry((name(target), action)).or_default() += n;
        }
    }
    let touched = "SELECT target, substr(what, 11), n FROM counted WHERE run = ?1 AND what LIKE 'attribute %'";
    for (target, attribute, n) in
        rows(conn, touched, [run.0], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, natural(row.get(2)?))))?
    {
        totals.attributes.insert((name(target), attribute.into()), n);
    }
    for (target, name) in &names {
        let sql = "SELECT count(*) FROM link WHERE target = ?1";
        let n = conn.prepare_cached(sql)?.query_row([target], |row| row.get(0)).map(natural)?;
        if n > 0 {
            totals.linked.insert(name.clone(), n);
        }
    }
    Ok(totals)
}

/// A sync's targets by id.
pub(super) fn target_names(conn: &Connection, sync: i64) -> Result<BTreeMap<i64, Arc<str>>, Fault> {
    let sql = "SELECT id, name FROM target WHERE sync = ?1";
    let found = rows(conn, sql, [sync], |row| Ok((row.get(0)?, row.get::<_, String>(1)?.into())))?;
    Ok(found.into_iter().collect())
}

/// A count, which SQLite gives as a signed number.
pub(super) fn natural(n: i64) -> u64 {
    n.max(0).cast_unsigned()
}

/// Ends the walk, or applies what waited.
pub(super) fn release(
    session: &mut Session<'_>,
    fence: &Fence,
    run: RunId,
    held: &[HoldBack],
    approve: bool,
) -> Result<(), Fault> {
    let head = session.fenced_run(fence, run)?;
    let walking = head.state == "walking";
    if walking && approve {
        return Err(Fault::refused(format!("run {} is still walking: nothing of it can be approved yet", run.0)));
    }
    if !walking && !["planned", "delivering", "finished", "failed"].contains(&&*head.state) {
        return Err(Fault::refused(format!("run {} is {}: nothing of it can be released", run.0, head.state)));
    }
    if walking {
        let counted = serde_json::to_string(&people(session.conn, run)?)?;
        session.execute("UPDATE run SET people = ?2, walked = 1, place = NULL WHERE id = ?1", (run.0, counted))?;
    }
    let mut note = None;
    if !approve {
        note = hold(session, head.sync, run, held)?;
    }
    if walking && head.plan_only {
        session.execute("UPDATE run SET state = 'planned', note = ?2 WHERE id = ?1", (run.0, note))?;
        return Ok(());
    }
    // Held long ago, and the person's account received something newer since: what was held is stale.
    session.execute(
        "UPDATE change SET state = 6, reason = 'a newer change was delivered since' WHERE run = ?1 AND state IN (0, 1)
         AND EXISTS (SELECT 1 FROM link l WHERE l.target = change.target AND l.person = change.person
                     AND l.body > change.id)",
        [run.0],
    )?;
    session.execute(
        "UPDATE change SET state = 2, due = 0, reason = NULL WHERE run = ?1 AND state IN (0, 1) AND (state = 0 OR ?2)",
        (run.0, approve),
    )?;
    // From here on the run cannot be dropped: what it superseded stays so.
    session.execute("UPDATE change SET was = NULL, by_run = NULL WHERE by_run = ?1", [run.0])?;
    if (walking || head.state == "planned") && head.kind != "keys" {
        session.execute(
            "UPDATE sync SET watermark = max(coalesce(watermark, ?2), ?2), walked = max(walked, ?3) WHERE id = ?1",
            (head.sync, head.until, head.kind == "full"),
        )?;
    }
    session.execute("UPDATE run SET state = 'delivering', ended = NULL, note = ?2 WHERE id = ?1", (run.0, note))?;
    Ok(())
}

/// Holds back what the guard names; the reasons that held anything, in words.
fn hold(session: &mut Session<'_>, sync: i64, run: RunId, held: &[HoldBack]) -> Result<Option<String>, Fault> {
    let mut reasons = Vec::new();
    for part in held {
        let target = session.target(sync, &part.target)?;
        let n = session.execute(
            "UPDATE change SET state = 1, reason = ?5 WHERE run = ?1 AND state = 0 AND target = ?2
             AND (?3 IS NULL OR action = ?3) AND (gone OR NOT ?4)",
            (run.0, target, part.action.map(codes::action), part.gone_only, &part.reason),
        )?;
        if n > 0 {
            reasons.push(format!("{}: {n} held: {}", part.target, part.reason));
        }
    }
    Ok((!reasons.is_empty()).then(|| reasons.join("; ")))
}
