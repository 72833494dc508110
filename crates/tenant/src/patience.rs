//! What is tried again, how often and after how long.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// A trouble that may pass. Everything else is an answer: 400, 403, 404 and other 500s come out the same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No connection, and there never was one: the address or the way there is wrong more often than the tenant is away.
    NeverReached,
    /// No connection, or it broke off.
    Unreachable,
    /// No answer within the time: ours, or the gateway's (504).
    TooSlow,
    /// 502 and 503: restarting, maintenance.
    Unavailable,
    /// 429.
    TooMany,
    /// The 500 that says that metadata is being generated or that the request timed out.
    Preparing,
}

/// The waits before each repetition, by trouble; where a list ends, the request has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For [`Trouble::NeverReached`].
    pub never_reached: Vec<Duration>,
    /// For [`Trouble::Unreachable`].
    pub unreachable: Vec<Duration>,
    /// For [`Trouble::TooSlow`]. The gateway gives up after seven minutes, the query runs on: SAP asks for five minutes
    /// before the same one again (SAP note 3308167).
    pub too_slow: Vec<Duration>,
    /// For [`Trouble::Unavailable`].
    pub unavailable: Vec<Duration>,
    /// For [`Trouble::TooMany`] without `Retry-After` (SAP note 3159263).
    pub too_many: Vec<Duration>,
    /// For [`Trouble::Preparing`].
    pub preparing: Vec<Duration>,
    /// The longest `Retry-After` that is waited out here; a longer one is handed up with the failure.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = |list: &[u64]| list.iter().copied().map(Duration::from_secs).collect();
        Self {
            never_reached: seconds(&[2]),
            unreachable: seconds(&[1, 5, 20, 60]),
            too_slow: seconds(&[60, 300]),
            unavailable: seconds(&[5, 20, 60, 180]),
            too_many: seconds(&[300, 300]),
            preparing: seconds(&[30, 60, 120, 180]),
            longest: Duration::from_mins(15),
        }
    }
}

impl Patience {
    /// For somebody who sits and waits (`doctor`, `--person`): each trouble once more, after seconds.
    pub fn brief() -> Self {
        let once = |seconds| vec![Duration::from_secs(seconds)];
        Self {
            never_reached: once(1),
            unreachable: once(1),
            too_slow: Vec::new(),
            unavailable: once(2),
            too_many: once(10),
            preparing: once(10),
            longest: Duration::from_secs(30),
        }
    }

    fn waits(&self, trouble: Trouble) -> &[Duration] {
        match trouble {
            Trouble::NeverReached => &self.never_reached,
            Trouble::Unreachable => &self.unreachable,
            Trouble::TooSlow => &self.too_slow,
            Trouble::Unavailable => &self.unavailable,
            Trouble::TooMany => &self.too_many,
            Trouble::Preparing => &self.preparing,
        }
    }
}

/// A wait that the tenant asks for counts for so long at least, so that none goes on for ever.
const SHORTEST: Duration = Duration::from_secs(1);

/// How often one request met which trouble.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    met: [usize; 6],
    /// Waited after 429.
    eased: Duration,
}

impl Tries {
    /// How long to wait before the next try; `None` when patience has run out. What the tenant asked for counts before
    /// our own list. Short waits that it asks for after 429 may come oftener, until they add up to that list: many may
    /// share what one user may call.
    pub(crate) fn next(&mut self, patience: &Patience, trouble: Trouble, asked: Option<Duration>) -> Option<Duration> {
        let waits = patience.waits(trouble);
        let met = &mut self.met[trouble as usize];
        let mut wait = waits.get(*met).copied();
        *met += 1;
        if trouble == Trouble::TooMany {
            self.eased += asked.or(wait).unwrap_or_default().max(SHORTEST);
            wait = wait.or_else(|| asked.filter(|_| self.eased <= waits.iter().sum::<Duration>()));
        }
        let wait = asked.or(wait).filter(|_| wait.is_some())?;
        (wait <= patience.longest).then_some(wait)
    }
}

/// The trouble that an answer tells of, or `None` when it is an answer.
pub(crate) fn trouble(status: StatusCode, body: &[u8]) -> Option<Trouble> {
    match status.as_u16() {
        429 => Some(Trouble::TooMany),
        502 | 503 => Some(Trouble::Unavailable),
        504 => Some(Trouble::TooSlow),
        500 => {
            let start = String::from_utf8_lossy(&body[..body.len().min(4096)]).to_ascii_lowercase();
            (start.contains("timed out") || start.contains("metadata is being generated")).then_some(Trouble::Preparing)
        }
        _ => None,
    }
}

/// `Retry-After`: seconds or a date (RFC 9110 section 10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn only_what_may_pass_is_trouble() {
        let of = |status: u16, body: &str| trouble(StatusCode::from_u16(status).expect("status"), body.as_bytes());
        assert_eq!(of(429, ""), Some(Trouble::TooMany));
        assert_eq!(of(503, "<html>maintenance</html>"), Some(Trouble::Unavailable));
        assert_eq!(of(502, ""), Some(Trouble::Unavailable));
        assert_eq!(of(504, ""), Some(Trouble::TooSlow));
        // The text of SAP's answer while it builds metadata.
        let building = "The request has timed out. OData metadata is being generated for the same instance in another \
                        thread. Please try again later";
        assert_eq!(of(500, building), Some(Trouble::Preparing));
        for (status, body) in
            [(500, "[COE0019]Invalid property value"), (400, "timed out"), (401, ""), (403, ""), (404, "")]
        {
            assert_eq!(of(status, body), None, "{status}");
        }
    }

    #[test]
    fn patience_ends_and_the_tenant_has_the_first_word() {
        let patience = Patience::default();
        let mut tries = Tries::default();
        let second = Duration::from_secs;
        assert_eq!(tries.next(&patience, Trouble::Unreachable, None), Some(second(1)));
        assert_eq!(tries.next(&patience, Trouble::Unreachable, None), Some(second(5)));
        assert_eq!(tries.next(&patience, Trouble::TooMany, Some(second(7))), Some(second(7)));
        assert_eq!(tries.next(&patience, Trouble::TooMany, None), Some(second(300)));
        assert_eq!(tries.next(&patience, Trouble::TooMany, None), None, "not for ever");
        assert_eq!(tries.next(&patience, Trouble::TooMany, Some(second(7))), Some(second(7)));
        assert_eq!(tries.next(&patience, Trouble::Unavailable, Some(second(3600))), None, "too long to wait here");
    }

    #[test]
    fn short_waits_that_the_tenant_asks_for_come_until_they_add_up() {
        let (patience, second) = (Patience::default(), Duration::from_secs);
        for (asked, most) in [(0, 600), (1, 600), (7, 85), (300, 2), (400, 2)] {
            let mut tries = Tries::default();
            let waits = std::iter::from_fn(|| tries.next(&patience, Trouble::TooMany, Some(second(asked))));
            assert_eq!(waits.take(10_000).count(), most, "{asked} s");
        }
        let mut tries = Tries::default();
        let waits = std::iter::from_fn(|| tries.next(&Patience::brief(), Trouble::TooMany, Some(second(1))));
        assert_eq!(waits.take(10_000).count(), 10, "whoever sits and waits is told sooner");
    }

    #[test]
    fn retry_after_in_both_forms() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().expect("time");
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
            retry_after(&headers, now)
        };
        assert_eq!(of("120"), Some(Duration::from_mins(2)));
        assert_eq!(of("Sat, 21 Nov 2026 10:05:00 GMT"), Some(Duration::from_mins(5)));
        assert_eq!(of("Sat, 21 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(of("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
