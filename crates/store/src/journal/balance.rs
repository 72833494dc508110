//! The balance of a run, computed from what is written down.

use std::collections::BTreeMap;

use joinery_model::{PeopleCount, RunId, TargetCount};
use rusqlite::Connection;

use super::plan::{natural, target_names};
use crate::codes::{GONE, MAPPED, REFUSED_INVALID, REFUSED_LEFT_OUT};
use crate::fault::Fault;
use crate::session::{row, rows, run_head};

/// The people's half: as it was when the walk was released, or as it stands.
///
/// Rows and duplicates were counted as they came; who they were is counted anew from the people, so that the equations
/// between the two can fail.
pub(crate) fn people(conn: &Connection, run: RunId) -> Result<PeopleCount, Fault> {
    let kept = "SELECT people FROM run WHERE id = ?1";
    if let Some(text) = row(conn, kept, [run.0], |row| row.get::<_, Option<String>>(0))?.flatten() {
        return Ok(serde_json::from_str(&text)?);
    }
    let sync = run_head(conn, run)?.sync;
    let mut count = PeopleCount::default();
    let seen =
        "SELECT how, verdict, count(*) FROM person NOT INDEXED WHERE sync = ?1 AND seen = ?2 GROUP BY how, verdict";
    for (how, verdict, n) in
        rows(conn, seen, (sync, run.0), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, natural(row.get(2)?))))?
    {
        add(&mut count, how, verdict, n);
    }
    let why = "SELECT f.kind, n.text, count(*) FROM refusal f JOIN name n ON n.id = f.rule
               WHERE f.run = ?1 AND f.target = 0 GROUP BY f.kind, f.rule";
    for (kind, rule, n) in
        rows(conn, why, [run.0], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, natural(row.get(2)?))))?
    {
        match kind {
            REFUSED_LEFT_OUT => *count.left_out.entry(rule).or_default() += n,
            REFUSED_INVALID => *count.invalid.entry(rule).or_default() += n,
            _ => {}
        }
    }
    let counted = "SELECT what, n FROM counted WHERE run = ?1 AND target = 0";
    for (what, n) in rows(conn, counted, [run.0], |row| Ok((row.get::<_, String>(0)?, natural(row.get(1)?))))? {
        match what.split_once(' ') {
            None if what == "rows" => count.rows += n,
            None if what == "duplicates" => count.duplicates += n,
            // People forgotten since they were seen: `person HOW VERDICT`, and their reasons by rule.
            Some(("person", codes)) => {
                let codes: Vec<i64> = codes.split(' ').filter_map(|code| code.parse().ok()).collect();
                if let [how, verdict] = codes[..] {
                    add(&mut count, how, verdict, n);
                }
            }
            Some(("left_out", rule)) => *count.left_out.entry(rule.to_owned()).or_default() += n,
            Some(("invalid", rule)) => *count.invalid.entry(rule.to_owned()).or_default() += n,
            _ => {}
        }
    }
    Ok(count)
}

fn add(count: &mut PeopleCount, how: i64, verdict: i64, n: u64) {
    if verdict == GONE {
        count.gone += n;
        return;
    }
    match how {
        0 => count.read += n,
        1 => count.due += n,
        2 => count.touched += n,
        _ => {}
    }
    if verdict == MAPPED {
        count.mapped += n;
    }
}

/// The targets' half.
pub(crate) fn targets(conn: &Connection, run: RunId) -> Result<BTreeMap<String, TargetCount>, Fault> {
    let sync = run_head(conn, run)?.sync;
    let names = target_names(conn, sync)?;
    let mut counts: BTreeMap<i64, TargetCount> = BTreeMap::new();
    let counted = "SELECT target, what, n FROM counted WHERE run = ?1 AND target <> 0";
    for (target, what, n) in
        rows(conn, counted, [run.0], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, natural(row.get(2)?))))?
    {
        if let Some(line) = line(counts.entry(target).or_default(), &what) {
            *line += n;
        }
    }
    // Back-fills (action 6) are a line of their own, and only those delivered.
    let changes = "SELECT target, CASE WHEN action = 6 THEN 'back_filled' ELSE CASE state
                       WHEN 0 THEN 'held' WHEN 1 THEN 'held' WHEN 2 THEN 'pending' WHEN 3 THEN 'pending'
                       WHEN 4 THEN 'dead' WHEN 5 THEN 'delivered' ELSE 'superseded' END END AS what, count(*)
                   FROM change WHERE run = ?1 AND (action <> 6 OR state = 5) GROUP BY 1, 2";
    for (target, what, n) in
        rows(conn, changes, [run.0], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, natural(row.get(2)?))))?
    {
        if let Some(line) = line(counts.entry(target).or_default(), &what) {
            *line += n;
        }
    }
    for target in names.keys() {
        let sql = "SELECT count(*) FROM wait WHERE target = ?1";
        let n = conn.prepare_cached(sql)?.query_row([target], |row| row.get(0)).map(natural)?;
        if n > 0 {
            counts.entry(*target).or_default().waiting = n;
        }
    }
    Ok(counts
        .into_iter()
        .map(|(target, count)| (names.get(&target).map(ToString::to_string).unwrap_or_default(), count))
        .collect())
}

/// A line of a target's count by its name in `counted`.
fn line<'a>(count: &'a mut TargetCount, what: &str) -> Option<&'a mut u64> {
    Some(match what {
        "concerned" => &mut count.concerned,
        "unchanged" => &mut count.unchanged,
        "rejected" => &mut count.rejected,
        "delivered" => &mut count.delivered,
        "held" => &mut count.held,
        "pending" => &mut count.pending,
        "dead" => &mut count.dead,
        "superseded" => &mut count.superseded,
        "back_filled" => &mut count.back_filled,
        _ => return None,
    })
}
