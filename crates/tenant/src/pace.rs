//! How fast we may ask: few requests at once, fewer when the tenant says it is too much, none while it says wait.
//!
//! The number of requests in flight grows by one for each round that went well and halves when the tenant refuses for
//! load (additive increase, multiplicative decrease, as TCP does, RFC 5681), between one and the configured number.
//! Everything that talks to one tenant shares one pace.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use crate::clock::AnyClock;

/// The most a connection may ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaceLimits {
    /// Requests in flight at once, at most. SAP asks integrators not to run many (SAP note 2735876).
    pub concurrency: usize,
    /// Requests started per second, at most; `None` for no such limit.
    pub per_second: Option<f64>,
}

impl PaceLimits {
    /// The slowest rate, in requests a second: one in 100 seconds. What is given as less counts as this.
    pub const SLOWEST: f64 = 0.01;
}

impl Default for PaceLimits {
    fn default() -> Self {
        Self { concurrency: 2, per_second: None }
    }
}

/// Which API a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// The SCIM API: 20 calls a second for each user (SAP's published specification).
    Scim,
    /// Any other. SAP has announced limits and postponed them (SAP note 3159263).
    Other,
}

/// Between two calls of the SCIM API: 18 a second, since calls may bunch together on their way.
const SCIM_GAP: Duration = Duration::from_micros(55_556);

pub(crate) struct Pace {
    limits: PaceLimits,
    state: Mutex<State>,
    freed: Notify,
}

struct State {
    /// How many may be in flight now; its whole part counts.
    allowed: f64,
    in_flight: usize,
    /// Nobody starts before this instant: the tenant asked for a pause.
    resume_at: Option<Timestamp>,
    /// The next start that `per_second` leaves free.
    next_start: Option<Timestamp>,
    /// The next start that the SCIM API's limit leaves free.
    next_scim: Option<Timestamp>,
    /// When the last halving was: answers to requests sent before it must not halve again.
    eased: u64,
}

/// Leave to send one request; it ends when dropped.
pub(crate) struct Permit<'a> {
    pace: &'a Pace,
    /// Which halving it was given after.
    eased: u64,
}

impl Pace {
    pub(crate) fn new(limits: PaceLimits) -> Self {
        let limits = PaceLimits {
            concurrency: limits.concurrency.max(1),
            per_second: limits
                .per_second
                .filter(|rate| rate.is_finite() && *rate > 0.0)
                .map(|rate| rate.max(PaceLimits::SLOWEST)),
        };
        let state = State {
            allowed: limits.concurrency as f64,
            in_flight: 0,
            resume_at: None,
            next_start: None,
            next_scim: None,
            eased: 0,
        };
        Self { limits, state: Mutex::new(state), freed: Notify::new() }
    }

    /// Waits until one more request may be sent.
    pub(crate) async fn permit(&self, clock: &dyn AnyClock, lane: Lane) -> Permit<'_> {
        let permit = self.slot().await;
        // All who hold a slot wait out a pause; it may be prolonged meanwhile.
        loop {
            while let Some(wait) = self.pause_left(clock.now()) {
                clock.sleep(wait).await;
            }
            let Some(wait) = self.turn(clock.now(), lane) else { return permit };
            clock.sleep(wait).await;
            // A pause that was asked for meanwhile has used up the turn, and everybody else's.
            if self.pause_left(clock.now()).is_none() {
                return permit;
            }
        }
    }

    async fn slot(&self) -> Permit<'_> {
        loop {
            let mut freed = pin!(self.freed.notified());
            // In line before looking: a slot freed in between wakes somebody.
            freed.as_mut().enable();
            {
                let mut state = self.state();
                if state.in_flight < state.allowed as usize {
                    state.in_flight += 1;
                    if state.in_flight < state.allowed as usize {
                        self.freed.notify_one();
                    }
                    return Permit { pace: self, eased: state.eased };
                }
            }
            freed.await;
        }
    }

    fn pause_left(&self, now: Timestamp) -> Option<Duration> {
        let mut state = self.state();
        let left = state.resume_at?.duration_since(now);
        if left <= SignedDuration::ZERO {
            state.resume_at = None;
            return None;
        }
        Some(left.unsigned_abs())
    }

    /// Takes the next free start; how long until then.
    fn turn(&self, now: Timestamp, lane: Lane) -> Option<Duration> {
        let mut state = self.state();
        let mut start = now;
        let gap = self.limits.per_second.map(|rate| Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::MAX));
        if gap.is_some() {
            start = start.max(state.next_start.unwrap_or(now));
        }
        if lane == Lane::Scim {
            start = start.max(state.next_scim.unwrap_or(now));
            state.next_scim = start.checked_add(SCIM_GAP).ok();
        }
        if let Some(gap) = gap {
            state.next_start = start.checked_add(gap).ok();
        }
        Some(start.duration_since(now).unsigned_abs()).filter(|wait| !wait.is_zero())
    }

    /// The tenant said too much: fewer from now on, and none before `resume_at`.
    pub(crate) fn ease(&self, permit: &Permit<'_>, resume_at: Option<Timestamp>) {
        let mut state = self.state();
        if permit.eased == state.eased {
            state.allowed = (state.allowed / 2.0).max(1.0);
            state.eased += 1;
        }
        state.resume_at = state.resume_at.max(resume_at);
    }

    /// A request went well: one more in flight after as many as are in flight now.
    pub(crate) fn went_well(&self) {
        let mut state = self.state();
        let most = self.limits.concurrency as f64;
        if state.allowed < most {
            state.allowed = (state.allowed + 1.0 / state.allowed).min(most);
            drop(state);
            self.freed.notify_one();
        }
    }

    /// How many may be in flight now.
    pub(crate) fn allowed(&self) -> usize {
        self.state().allowed as usize
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.pace.state().in_flight -= 1;
        self.pace.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use super::*;
    use joinery_model::FixedClock;

    /// A clock on which the tenant asks for a pause as soon as somebody waits.
    struct Easing<'a>(FixedClock, &'a Permit<'a>, Timestamp);

    impl AnyClock for Easing<'_> {
        fn now(&self) -> Timestamp {
            self.0.now()
        }
        fn sleep<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
            self.1.pace.ease(self.1, Some(self.2));
            AnyClock::sleep(&self.0, duration)
        }
    }

    fn clock() -> FixedClock {
        FixedClock::at("2026-11-21T10:00:00Z".parse().expect("time"))
    }

    fn pace(concurrency: usize, per_second: Option<f64>) -> Pace {
        Pace::new(PaceLimits { concurrency, per_second })
    }

    #[tokio::test]
    async fn no_more_than_allowed_are_in_flight() {
        let (pace, clock) = (pace(2, None), clock());
        let first = pace.permit(&clock, Lane::Other).await;
        let _second = pace.permit(&clock, Lane::Other).await;
        let third = async { tokio::time::timeout(Duration::from_millis(20), pace.permit(&clock, Lane::Other)).await };
        assert!(third.await.is_err(), "a third is let in");
        drop(first);
        let _third = pace.permit(&clock, Lane::Other).await;
    }

    #[tokio::test]
    async fn load_halves_once_a_round_and_success_brings_it_back() {
        let (pace, clock) = (pace(8, None), clock());
        let (a, b) = (pace.permit(&clock, Lane::Other).await, pace.permit(&clock, Lane::Other).await);
        pace.ease(&a, None);
        pace.ease(&b, None);
        assert_eq!(pace.allowed(), 4, "two answers to one burst count once");
        drop((a, b));
        for _ in 0..3 {
            let again = pace.permit(&clock, Lane::Other).await;
            pace.ease(&again, None);
        }
        assert_eq!(pace.allowed(), 1, "never below one");
        let mut rounds = 0;
        while pace.allowed() < 8 {
            pace.went_well();
            rounds += 1;
        }
        assert!((20..60).contains(&rounds), "grows by about one a round: {rounds} requests");
        pace.went_well();
        assert_eq!(pace.allowed(), 8, "never beyond the limit");
    }

    #[tokio::test]
    async fn a_pause_holds_everybody() {
        let (pace, clock) = (pace(2, None), clock());
        let start = clock.now();
        let permit = pace.permit(&clock, Lane::Other).await;
        pace.ease(&permit, Some(start + SignedDuration::from_secs(300)));
        pace.ease(&permit, Some(start + SignedDuration::from_secs(10)));
        drop(permit);
        let _next = pace.permit(&clock, Lane::Other).await;
        assert_eq!(clock.now(), start + SignedDuration::from_secs(300), "the longer pause counts");
    }

    #[tokio::test]
    async fn a_rate_spaces_starts() {
        let (pace, clock) = (pace(2, Some(4.0)), clock());
        let start = clock.now();
        for _ in 0..9 {
            drop(pace.permit(&clock, Lane::Other).await);
        }
        assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(2));
    }

    #[tokio::test]
    async fn the_slowest_rate_is_one_in_a_hundred_seconds() {
        for rate in [PaceLimits::SLOWEST, 1e-20, f64::MIN_POSITIVE] {
            let (pace, clock) = (pace(1, Some(rate)), clock());
            let start = clock.now();
            for _ in 0..2 {
                drop(pace.permit(&clock, Lane::Other).await);
            }
            assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(100), "{rate}");
        }
    }

    #[tokio::test]
    async fn a_pause_that_begins_while_a_turn_is_waited_for_holds_too() {
        let pace = pace(2, Some(0.1));
        let start = clock().now();
        let held = pace.permit(&clock(), Lane::Other).await;
        let clock = Easing(clock(), &held, start + SignedDuration::from_secs(300));
        drop(pace.permit(&clock, Lane::Other).await);
        assert_eq!(AnyClock::now(&clock).duration_since(start), SignedDuration::from_secs(300));
    }

    #[tokio::test]
    async fn the_scim_api_has_a_limit_of_its_own() {
        for (per_second, apis, seconds) in [
            (None, [Lane::Scim; 37], 2),
            (Some(1000.0), [Lane::Scim; 37], 2),
            (Some(9.0), [Lane::Scim; 37], 4),
            (None, [Lane::Other; 37], 0),
        ] {
            let (pace, clock) = (pace(2, per_second), clock());
            let start = clock.now();
            for api in apis {
                drop(pace.permit(&clock, api).await);
            }
            let took = clock.now().duration_since(start);
            assert_eq!((took.as_millis() + 50) / 1000, seconds, "{took:?}");
        }
    }

    #[tokio::test]
    async fn a_permit_given_up_while_waiting_is_not_lost() {
        let (pace, clock) = (pace(1, None), clock());
        let held = pace.permit(&clock, Lane::Other).await;
        for _ in 0..3 {
            let waiting = tokio::time::timeout(Duration::from_millis(1), pace.permit(&clock, Lane::Other)).await;
            assert!(waiting.is_err());
        }
        drop(held);
        let _next =
            tokio::time::timeout(Duration::from_secs(5), pace.permit(&clock, Lane::Other)).await.expect("a permit");
    }
}
