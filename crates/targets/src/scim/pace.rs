//! How fast we ask: requests at once, requests a second, and the pauses that the server asks for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use joinery_model::Clock;
use tokio::sync::{Semaphore, SemaphorePermit};

/// One server's pace.
pub(super) struct Pace {
    permits: Semaphore,
    /// Between two requests.
    gap: Option<SignedDuration>,
    times: Mutex<Times>,
}

#[derive(Default)]
struct Times {
    next: Option<Timestamp>,
    paused: Option<Timestamp>,
}

impl Pace {
    pub(super) fn new(parallel: usize, rate: Option<f64>) -> Self {
        let gap = rate.filter(|rate| *rate > 0.0).map(|rate| SignedDuration::from_secs_f64(1.0 / rate.min(1e6)));
        Self { permits: Semaphore::new(parallel.max(1)), gap, times: Mutex::default() }
    }

    fn times(&self) -> std::sync::MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn. While the server wants a pause there is none: how long it still lasts comes back.
    pub(super) async fn turn(&self, clock: &impl Clock) -> Result<Option<SemaphorePermit<'_>>, Duration> {
        let permit = self.permits.acquire().await.ok();
        let wait = {
            let now = clock.now();
            let mut times = self.times();
            if let Some(left) = times.paused.map(|until| until.duration_since(now)).filter(SignedDuration::is_positive)
            {
                return Err(left.unsigned_abs());
            }
            let at = times.next.map_or(now, |next| next.max(now));
            times.next = self.gap.and_then(|gap| at.checked_add(gap).ok());
            at.duration_since(now)
        };
        if wait.is_positive() {
            clock.sleep(wait.unsigned_abs()).await;
        }
        Ok(permit)
    }

    /// The server wants a pause.
    pub(super) fn pause(&self, now: Timestamp, pause: Duration) {
        let until = SignedDuration::try_from(pause).ok().and_then(|pause| now.checked_add(pause).ok());
        let mut times = self.times();
        times.paused = times.paused.max(until);
    }
}

/// `Retry-After`: seconds or a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
    Some(date.duration_since(now).max(SignedDuration::ZERO).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use joinery_model::FixedClock;

    use super::*;

    #[tokio::test]
    async fn turns_come_at_the_rate_and_pauses_are_told() {
        let start: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let clock = FixedClock::at(start);
        let pace = Pace::new(2, Some(10.0));
        for _ in 0..11 {
            drop(pace.turn(&clock).await.unwrap());
        }
        assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(1));
        pace.pause(clock.now(), Duration::from_secs(5));
        assert_eq!(pace.turn(&clock).await.err(), Some(Duration::from_secs(5)));
        clock.advance(Duration::from_secs(5));
        assert!(pace.turn(&clock).await.is_ok());
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2015-10-21T07:27:00Z".parse().unwrap();
        assert_eq!(retry_after("120", now), Some(Duration::from_mins(2)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_mins(1)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:20:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
    }
}
