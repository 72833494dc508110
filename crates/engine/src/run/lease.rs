//! Keeping the lease on a sync while a run goes on.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use joinery_model::{Clock, Fence, Journal};

use crate::report::EngineError;

/// The right to write, renewed after a third of its time.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) fence: Fence,
    length: Duration,
    renewed: Mutex<Timestamp>,
}

impl Lease {
    pub(crate) fn new(fence: Fence, length: Duration, now: Timestamp) -> Self {
        Self { fence, length, renewed: Mutex::new(now) }
    }

    /// Renews the lease if it is time. Called between any two steps of a run.
    pub(crate) async fn keep(&self, journal: &impl Journal, clock: &impl Clock) -> Result<(), EngineError> {
        let now = clock.now();
        {
            let mut renewed = self.renewed.lock().unwrap_or_else(PoisonError::into_inner);
            if now < later(*renewed, self.length / 3) {
                return Ok(());
            }
            *renewed = now;
        }
        journal.renew(&self.fence, later(now, self.length)).await.map_err(EngineError::Journal)
    }

    /// Lets the lease lapse, so that whoever comes next need not wait. A failure only costs that wait.
    pub(crate) async fn let_go(&self, journal: &impl Journal, clock: &impl Clock) {
        if let Err(failure) = journal.renew(&self.fence, clock.now()).await {
            tracing::debug!(%failure, "the lease was not let go");
        }
    }
}

/// An instant and a duration; the end of time if there is no later one.
pub(crate) fn later(from: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    from.saturating_add(by).unwrap_or(Timestamp::MAX)
}
