//! Leases, fences, and how a run begins, goes on or is dropped.

use jiff::{SignedDuration, Timestamp};
use joinery_model::{Begin, Begun, Fence, Place, Resume, RunId, RunKind, RunState};

use super::page::lean_again;
use super::rows::window;
use crate::codes::{instant, kind, kind_of, nanos, run_state_of};
use crate::fault::Fault;
use crate::lease::Leases;
use crate::session::{Session, row, rows, run_head};

/// Takes the lease and begins a run, or goes on with an interrupted one.
pub(super) fn begin(session: &mut Session<'_>, leases: &Leases, begin: &Begin) -> Result<Begun, Fault> {
    let (sync, fence) = lease(session, leases, begin)?;
    // Delivering first: what was released must not wait behind a walk.
    let open = row(
        session.conn,
        "SELECT id, state, kind, config_hash FROM run
         WHERE sync = ?1 AND state IN ('walking', 'planned', 'delivering') AND state <> 'planned'
         ORDER BY state = 'delivering' DESC, id DESC LIMIT 1",
        [sync],
        |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?)),
    )?;
    if let Some((run, state, ran, config)) = open {
        let run = RunId(run);
        if state == "delivering" || (config == *begin.config_hash && ran != kind(RunKind::Keys)) {
            return begun(session, run, fence, true);
        }
        let why = if ran == kind(RunKind::Keys) {
            "interrupted; a walk for keys does not go on"
        } else {
            "interrupted; the configuration changed since"
        };
        drop_run(session, sync, run, "dropped", why, begin.now)?;
    }
    if begin.kind != RunKind::Keys {
        let plans = "SELECT id FROM run WHERE sync = ?1 AND state IN ('walking', 'planned', 'delivering')
                     AND state = 'planned' ORDER BY id DESC";
        for plan in rows(session.conn, plans, [sync], |row| row.get(0))? {
            drop_run(
                session,
                sync,
                RunId(plan),
                "dropped",
                "a newer run began before the plan was applied",
                begin.now,
            )?;
        }
    }
    session.execute(
        "INSERT INTO run (sync, kind, plan_only, state, config_hash, since, until, first, began)
         SELECT id, ?2, ?3, 'walking', ?4, CASE WHEN ?2 = 'full' THEN NULL ELSE watermark END, ?5, walked = 0, ?6
         FROM sync WHERE id = ?1",
        (sync, kind(begin.kind), begin.plan_only, &*begin.config_hash, nanos(begin.until), nanos(begin.now)),
    )?;
    begun(session, RunId(session.conn.last_insert_rowid()), fence, false)
}

/// Takes the lease for a run that waits.
pub(super) fn reopen(session: &mut Session<'_>, leases: &Leases, run: RunId, begin: &Begin) -> Result<Begun, Fault> {
    let head = run_head(session.conn, run)?;
    let (sync, fence) = lease(session, leases, begin)?;
    if head.sync != sync {
        return Err(Fault::refused(format!("run {} is none of sync {}", run.0, begin.sync)));
    }
    let no = |why: &str| Err(Fault::refused(format!("run {} cannot be applied: {why}", run.0)));
    match run_state_of(&head.state)? {
        RunState::Planned => begun(session, run, fence, false),
        RunState::Delivering => begun(session, run, fence, true),
        RunState::Walking => no("it was interrupted while reading; run the sync or plan again"),
        RunState::Dropped => no("a newer run or another configuration took its place; plan again"),
        RunState::Finished | RunState::Failed => {
            let held = session.row("SELECT 1 FROM change WHERE run = ?1 AND state = 1 LIMIT 1", [run.0], |_| Ok(()))?;
            match held {
                Some(()) => begun(session, run, fence, false),
                None => no("it is over and holds nothing back"),
            }
        }
    }
}

/// Makes the lease last longer.
pub(super) fn renew(session: &Session<'_>, fence: &Fence, until: Timestamp) -> Result<(), Fault> {
    let sync = session.fenced(fence)?;
    session.execute("UPDATE sync SET lease_until = ?2 WHERE id = ?1 AND holder IS NOT NULL", (sync, nanos(until)))?;
    Ok(())
}

/// Takes the sync's lease with a new fence and puts back what a dead runner had in flight.
fn lease(session: &Session<'_>, leases: &Leases, begin: &Begin) -> Result<(i64, Fence), Fault> {
    session.execute("INSERT INTO sync (name) VALUES (?1) ON CONFLICT DO NOTHING", [&*begin.sync])?;
    let sql = "SELECT id, token, holder, lease_until FROM sync WHERE name = ?1";
    let (sync, token, holder, until): (i64, i64, Option<String>, Option<i64>) = session
        .prepare(sql)?
        .query_row([&*begin.sync], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    if let (Some(holder), Some(until)) = (holder, until.map(instant))
        && *holder != *begin.holder
        && until > begin.now
        && !leases.forsaken(&begin.sync, sync, token)
    {
        let left = until.duration_since(begin.now);
        return Err(Fault::Busy(
            format!(
                "sync {} is being run by {holder}: wait for it or stop it, then try again (its lease lapses at {until} unless it is renewed)",
                begin.sync
            ),
            left.try_into().ok(),
        ));
    }
    let lease = SignedDuration::try_from(begin.lease).unwrap_or(SignedDuration::MAX);
    let until = begin.now.saturating_add(lease).unwrap_or(Timestamp::MAX);
    session.execute(
        "UPDATE sync SET token = token + 1, holder = ?2, lease_until = ?3 WHERE id = ?1",
        (sync, &*begin.holder, nanos(until)),
    )?;
    session.execute(
        "UPDATE change SET state = 2 WHERE state = 3 AND target IN (SELECT id FROM target WHERE sync = ?1)",
        [sync],
    )?;
    leases.take(&begin.sync, sync, token + 1);
    Ok((sync, Fence { sync: begin.sync.clone(), token: token + 1 }))
}

fn begun(session: &Session<'_>, run: RunId, fence: Fence, goes_on: bool) -> Result<Begun, Fault> {
    let sql = "SELECT kind, plan_only, state, since, until, first, place, walked FROM run WHERE id = ?1";
    Ok(session.prepare(sql)?.query_row([run.0], |row| {
        let state = run_state_of(row.get_ref(2)?.as_str()?)?;
        Ok(Begun {
            run,
            fence,
            window: window(row.get(3)?, row.get(4)?),
            kind: kind_of(row.get_ref(0)?.as_str()?)?,
            plan_only: row.get(1)?,
            resume: if goes_on {
                Some(Resume { state, place: row.get::<_, Option<String>>(6)?.map(Place), walked: row.get(7)? })
            } else {
                None
            },
            first: row.get(5)?,
        })
    })?)
}

/// Ends a run that was not released as if it had not been: its changes are superseded, what they had superseded is
/// again what it was, what is known of people is what was known before, and they lean on what they leaned on.
pub(super) fn drop_run(
    session: &Session<'_>,
    sync: i64,
    run: RunId,
    state: &str,
    why: &str,
    now: Timestamp,
) -> Result<(), Fault> {
    supersede_plan(session, run, why)?;
    session.execute("UPDATE person SET verdict = was WHERE sync = ?1 AND seen = ?2", (sync, run.0))?;
    lean_again(session, sync, run)?;
    session.execute("DELETE FROM touched WHERE run = ?1", [run.0])?;
    session.execute(
        "UPDATE run SET state = ?2, note = ?3, ended = ?4, place = NULL WHERE id = ?1",
        (run.0, state, why, nanos(now)),
    )?;
    Ok(())
}

/// Supersedes a run's undelivered changes and puts back what they had superseded, unless a newer change was delivered
/// since.
pub(super) fn supersede_plan(session: &Session<'_>, run: RunId, why: &str) -> Result<(), Fault> {
    session.execute("UPDATE change SET state = 6, reason = ?2 WHERE run = ?1 AND state IN (0, 1)", (run.0, why))?;
    session.execute(
        "UPDATE change SET state = was, was = NULL, by_run = NULL WHERE by_run = ?1 AND NOT EXISTS (
             SELECT 1 FROM link l WHERE l.target = change.target AND l.person = change.person AND l.body > change.id)",
        [run.0],
    )?;
    session.execute("UPDATE change SET was = NULL, by_run = NULL WHERE by_run = ?1", [run.0])?;
    Ok(())
}
