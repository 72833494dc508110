//! The simulator's clock: real time from outside, moved by whoever plays with it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Where real time comes from: the binary passes the system's clock in, tests one of their own.
#[derive(Clone)]
pub struct TimeSource(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl TimeSource {
    /// Time as `now` tells it.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Time that stands still.
    pub fn fixed(now: Timestamp) -> Self {
        Self::new(move || now)
    }

    /// The source's present instant.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for TimeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeSource")
    }
}

/// Simulated time: the source's, plus an offset that can be changed at any moment.
#[derive(Debug)]
pub(crate) struct SimulatedTime {
    source: TimeSource,
    offset: Mutex<SignedDuration>,
}

impl SimulatedTime {
    /// Starts at `first`, or at the source's present.
    pub(crate) fn new(source: TimeSource, first: Option<Timestamp>) -> Self {
        let offset = first.map_or(SignedDuration::ZERO, |first| first.duration_since(source.now()));
        Self { source, offset: Mutex::new(offset) }
    }

    /// The instant that the tenant believes in.
    pub(crate) fn now(&self) -> Timestamp {
        let offset = *self.offset.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.source.now();
        now.saturating_add(offset).unwrap_or(now)
    }

    /// The source's own instant, which clients that look at a real clock live in.
    pub(crate) fn source_now(&self) -> Timestamp {
        self.source.now()
    }

    /// Makes `now` the present.
    pub(crate) fn set(&self, now: Timestamp) {
        *self.offset.lock().unwrap_or_else(PoisonError::into_inner) = now.duration_since(self.source.now());
    }

    /// Moves the present.
    pub(crate) fn advance(&self, by: SignedDuration) {
        let mut offset = self.offset.lock().unwrap_or_else(PoisonError::into_inner);
        *offset = offset.saturating_add(by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simulated_time_goes_on_with_the_source_from_where_it_was_put() {
        let seconds = Arc::new(Mutex::new(100));
        let source = {
            let seconds = Arc::clone(&seconds);
            TimeSource::new(move || Timestamp::from_second(*seconds.lock().unwrap()).unwrap())
        };
        let time = SimulatedTime::new(source, Some(Timestamp::from_second(5000).unwrap()));
        assert_eq!(time.now().as_second(), 5000);
        *seconds.lock().unwrap() = 110;
        assert_eq!(time.now().as_second(), 5010);
        time.advance(SignedDuration::from_hours(1));
        assert_eq!(time.now().as_second(), 8610);
        time.set(Timestamp::from_second(1).unwrap());
        assert_eq!(time.now().as_second(), 1);
        assert_eq!(time.source_now().as_second(), 110);
    }
}
