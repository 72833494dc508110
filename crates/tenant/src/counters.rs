//! What the traffic with a tenant cost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

#[derive(Default)]
pub(crate) struct Counters {
    requests: AtomicU64,
    retries: AtomicU64,
    sign_ins: AtomicU64,
    bytes: AtomicU64,
    waited_ms: AtomicU64,
}

/// What the traffic cost since the transport was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests sent, repetitions and sign-ins among them.
    pub requests: u64,
    /// Repetitions.
    pub retries: u64,
    /// Tokens asked for.
    pub sign_ins: u64,
    /// Bytes of the bodies received.
    pub bytes: u64,
    /// Time spent waiting before repetitions, in milliseconds.
    pub waited_ms: u64,
}

impl Counters {
    pub(crate) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }
    pub(crate) fn sign_in(&self) {
        self.sign_ins.fetch_add(1, Ordering::Relaxed);
    }
    pub(crate) fn received(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
    pub(crate) fn retry(&self, wait: Duration) {
        self.retries.fetch_add(1, Ordering::Relaxed);
        self.waited_ms.fetch_add(wait.as_millis() as u64, Ordering::Relaxed);
    }
    pub(crate) fn read(&self) -> Counts {
        Counts {
            requests: self.requests.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            sign_ins: self.sign_ins.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            waited_ms: self.waited_ms.load(Ordering::Relaxed),
        }
    }
}
