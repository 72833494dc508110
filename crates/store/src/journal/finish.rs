//! The end of a run.

use jiff::Timestamp;
use joinery_model::{Balance, Fence, RunId};

use super::begin::{drop_run, supersede_plan};
use super::{people_count, target_counts};
use crate::codes::nanos;
use crate::fault::Fault;
use crate::session::Session;

/// Ends the run, stores its balance and lets the lease go.
pub(super) fn finish(
    session: &Session<'_>,
    fence: &Fence,
    run: RunId,
    now: Timestamp,
    failed: Option<&str>,
) -> Result<Balance, Fault> {
    let head = session.fenced_run(fence, run)?;
    let unreleased = head.state == "walking" || head.state == "planned";
    match failed {
        None if head.state == "walking" => {
            return Err(Fault::refused(format!("run {} is still walking: release it before it can finish", run.0)));
        }
        Some(why) if unreleased => supersede_plan(session, run, why)?,
        _ => {}
    }
    let balance = Balance { people: people_count(session.conn, run)?, targets: target_counts(session.conn, run)? };
    let text = serde_json::to_string(&balance)?;
    session.execute("UPDATE run SET balance = ?2, ended = ?3 WHERE id = ?1", (run.0, text, nanos(now)))?;
    match failed {
        Some(why) if unreleased => drop_run(session, head.sync, run, "failed", why, now)?,
        Some(why) => {
            session.execute("UPDATE run SET state = 'failed', note = ?2 WHERE id = ?1", (run.0, why))?;
        }
        None if head.state == "delivering" => {
            session.execute("UPDATE run SET state = 'finished' WHERE id = ?1", [run.0])?;
        }
        None => {}
    }
    if head.state != "planned" || failed.is_some() {
        session.execute("DELETE FROM touched WHERE run = ?1", [run.0])?;
    }
    session.execute("UPDATE sync SET holder = NULL, lease_until = NULL WHERE id = ?1", [head.sync])?;
    Ok(balance)
}

/// Adds a sentence to the run's note, unless it is there.
pub(super) fn note(session: &Session<'_>, fence: &Fence, run: RunId, text: &str) -> Result<(), Fault> {
    session.fenced_run(fence, run)?;
    session.execute(
        "UPDATE run SET note = CASE WHEN note IS NULL THEN ?2 WHEN instr(note, ?2) > 0 THEN note
                                    ELSE note || '; ' || ?2 END WHERE id = ?1",
        (run.0, text),
    )?;
    Ok(())
}
