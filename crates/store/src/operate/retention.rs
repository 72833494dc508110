//! How long what is over is kept.

use jiff::Timestamp;
use joinery_model::Failure;

use crate::Store;
use crate::codes::nanos;
use crate::fault::Fault;
use crate::session::{Session, rows};

/// What retention removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Runs.
    pub runs: u64,
    /// Their changes.
    pub changes: u64,
    /// Their verdicts with reasons.
    pub refusals: u64,
}

impl Store {
    /// Removes runs that ended before `older_than`, with their delivered and superseded changes and their verdicts. A run
    /// with something undelivered (held, pending, dead) stays whole. Links, people and the latest run of each sync stay.
    pub async fn prune(&self, older_than: Timestamp) -> Result<Pruned, Failure> {
        let mut all = Pruned::default();
        // One run a step, so that a runner's writes get their turn.
        loop {
            let step = self.write("prune", move |session| prune(session, older_than)).await?;
            if step.runs == 0 {
                self.write("sweep", sweep).await?;
                return Ok(all);
            }
            all.runs += step.runs;
            all.changes += step.changes;
            all.refusals += step.refusals;
        }
    }
}

fn sweep(session: &mut Session<'_>) -> Result<(), Fault> {
    session.sweep_objects()
}

fn prune(session: &Session<'_>, older_than: Timestamp) -> Result<Pruned, Fault> {
    let sql = "SELECT r.id FROM run r
               WHERE r.ended < ?1 AND r.state IN ('finished', 'failed', 'dropped')
                 AND r.id < (SELECT max(o.id) FROM run o WHERE o.sync = r.sync)
                 AND NOT EXISTS (SELECT 1 FROM change c WHERE c.run = r.id AND c.state < 5)
                 AND NOT EXISTS (SELECT 1 FROM change c WHERE c.by_run = r.id)
               ORDER BY r.id LIMIT 1";
    let mut pruned = Pruned::default();
    for run in rows(session.conn, sql, [nanos(older_than)], |row| row.get::<_, i64>(0))? {
        let n = |sql: &'static str| session.execute(sql, [run]).map(|n| n as u64);
        // The record of a link is needed on, as what the target last received.
        n("DELETE FROM body WHERE id IN (
               SELECT c.id FROM change c LEFT JOIN link l ON l.target = c.target AND l.person = c.person
               WHERE c.run = ?1 AND l.body IS NOT c.id)")?;
        session.execute("UPDATE floor SET change = max(change, (SELECT coalesce(max(id), 0) FROM change))", ())?;
        pruned.changes += n("DELETE FROM change WHERE run = ?1")?;
        pruned.refusals += n("DELETE FROM refusal WHERE run = ?1")?;
        n("DELETE FROM counted WHERE run = ?1")?;
        n("DELETE FROM touched WHERE run = ?1")?;
        pruned.runs += n("DELETE FROM run WHERE id = ?1")?;
    }
    Ok(pruned)
}
