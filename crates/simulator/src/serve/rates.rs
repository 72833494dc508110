//! How often one user may call: so many times in each second of the tenant's clock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use jiff::Timestamp;

use super::Refusal;

/// Calls a second for each user; `None` sets no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// Of OData. SAP announced limits for the second half of 2022 and postponed them without a date (KBA 3159263): none.
    pub odata: Option<u32>,
    /// Of the SCIM API: 20 (SAP's published specification).
    pub scim: Option<u32>,
    /// `Retry-After` of the refusal, in seconds; `None` sends none.
    pub retry_after: Option<u32>,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { odata: None, scim: Some(20), retry_after: Some(1) }
    }
}

/// Calls by service and user.
#[derive(Debug, Default)]
pub(crate) struct Rates(Mutex<HashMap<(&'static str, String), Second>>);

/// The second that is counted, and the calls in it.
#[derive(Debug, Default)]
struct Second {
    at: i64,
    calls: u32,
}

impl Rates {
    /// Counts a call; false when it is one too many.
    pub(crate) fn count(&self, service: &'static str, user: &str, now: Timestamp, limit: Option<u32>) -> bool {
        let Some(limit) = limit else { return true };
        let mut rates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let second = rates.entry((service, user.to_owned())).or_default();
        if second.at != now.as_second() {
            *second = Second { at: now.as_second(), calls: 0 };
        }
        second.calls = second.calls.saturating_add(1);
        second.calls <= limit
    }

    /// Forgets all calls.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What a call too many is refused with; the code is ours.
pub(super) fn too_many() -> Refusal {
    Refusal::new(429, "TooManyRequestsException", "The number of calls exceeds the limit. Please try again later.")
}

/// Says when to come back.
pub(super) fn retry_after(response: &mut Response<Body>, limits: &RateLimits) {
    if let Some(seconds) = limits.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_the_second_and_forgotten_on_order() {
        let rates = Rates::default();
        let count = |user: &str| rates.count("scim", user, Timestamp::UNIX_EPOCH, Some(1));
        assert!(count("a") && count("b") && !count("a"));
        rates.clear();
        assert!(count("a") && !count("a"));
    }
}
