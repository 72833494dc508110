//! Which requests a fault meets, and what it does to them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 429 with `Retry-After` in seconds (KBA 3159263).
    TooManyRequests {
        /// Seconds to wait; SAP speaks of 300.
        #[serde(default = "five_minutes")]
        retry_after: u32,
    },
    /// 500 "OData metadata is being generated …": passes after a while.
    MetadataBusy,
    /// 500 of another kind: does not pass.
    ServerFailure,
    /// 503 with the maintenance page, which is HTML (KBA 2545055).
    Maintenance,
    /// 502 of the gateway, which is HTML: a session's server has gone (KBA 3308167).
    BadGateway,
    /// 504 of the gateway, which is HTML.
    GatewayTimeout,
    /// The connection closes and no byte of an answer came.
    Drop,
    /// The connection closes after this many bytes of the answer's body.
    DropAfter {
        /// Bytes of the body that still arrive.
        bytes: usize,
    },
    /// The access token is declared expired: LGN0022, for good.
    TokenExpired,
    /// The session is over: its CSRF token is refused with 403, for good.
    CsrfRefused,
    /// The place of the walk is lost: a `$skiptoken` is refused. Requests without one pass.
    SkipTokenExpired,
    /// The answer comes late.
    Slow {
        /// Milliseconds.
        millis: u64,
    },
}

fn five_minutes() -> u32 {
    300
}

/// Which of the requests that match a fault's path it meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The next this many, then never again.
    Next(u64),
    /// The nth, the 2nth, and so on.
    Every(u64),
    /// Only the nth from now on.
    Nth(u64),
    /// All, until the fault is taken away.
    Always,
}

/// A fault and the rule that says which requests it meets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What happens.
    pub kind: FaultKind,
    /// To which requests.
    #[serde(default = "next_one")]
    pub when: When,
    /// Only to requests whose path and query (percent-decoded) contain this text; empty means every request of
    /// `/odata` and `/oauth`.
    #[serde(default)]
    pub path: String,
}

fn next_one() -> When {
    When::Next(1)
}

impl Fault {
    /// A fault for the next `count` requests.
    pub fn next(kind: FaultKind, count: u64) -> Self {
        Self { kind, when: When::Next(count), path: String::new() }
    }

    /// Only for requests whose path and query contain `text`.
    pub fn at(mut self, text: impl Into<String>) -> Self {
        self.path = text.into();
        self
    }

    /// With another rule.
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }
}

/// What the armed faults say of one request. Delays add up; of the others the first armed counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) wait_millis: u64,
    pub(crate) fault: Option<FaultKind>,
}

#[derive(Debug)]
struct Armed {
    number: u64,
    fault: Fault,
    matched: u64,
    struck: u64,
}

/// The armed faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Mutex<Vec<Armed>>,
    count: AtomicU64,
}

impl Verdict {
    /// What met the request, in the words of the control API.
    pub(crate) fn name(self) -> Option<String> {
        let kind = self.fault.or((self.wait_millis > 0).then_some(FaultKind::Slow { millis: self.wait_millis }))?;
        let json = serde_json::to_value(kind).ok()?;
        Some(match &json {
            serde_json::Value::Object(members) => members.keys().next()?.clone(),
            other => other.as_str()?.to_owned(),
        })
    }
}

impl Faults {
    pub(crate) fn arm(&self, fault: Fault) {
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        self.lock().push(Armed { number, fault, matched: 0, struck: 0 });
    }

    /// Takes one away; false when it is not there.
    pub(crate) fn disarm(&self, number: u64) -> bool {
        let mut armed = self.lock();
        let before = armed.len();
        armed.retain(|one| one.number != number);
        armed.len() < before
    }

    /// The armed faults by number, with how many requests each has met so far.
    pub(crate) fn armed(&self) -> Vec<(u64, Fault, u64)> {
        self.lock().iter().map(|armed| (armed.number, armed.fault.clone(), armed.struck)).collect()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// The armed faults with how many requests each has met so far.
    pub(crate) fn list(&self) -> Vec<(Fault, u64)> {
        self.lock().iter().map(|armed| (armed.fault.clone(), armed.struck)).collect()
    }

    /// Judges a request by its decoded path and query.
    pub(crate) fn judge(&self, request: &str) -> Verdict {
        let mut verdict = Verdict::default();
        let mut all = self.lock();
        for armed in all.iter_mut() {
            let about_tokens = armed.fault.kind == FaultKind::SkipTokenExpired;
            if !request.contains(&armed.fault.path) || (about_tokens && !request.contains("$skiptoken=")) {
                continue;
            }
            let slow = if let FaultKind::Slow { millis } = armed.fault.kind { Some(millis) } else { None };
            if slow.is_none() && verdict.fault.is_some() {
                // Not this one's turn: another fault has the request, which therefore does not count here.
                continue;
            }
            armed.matched += 1;
            let strikes = match armed.fault.when {
                When::Next(count) => armed.matched <= count,
                When::Every(step) => step > 0 && armed.matched.is_multiple_of(step),
                When::Nth(which) => armed.matched == which,
                When::Always => true,
            };
            if strikes {
                armed.struck += 1;
                match slow {
                    Some(millis) => verdict.wait_millis += millis,
                    None => verdict.fault = Some(armed.fault.kind),
                }
            }
        }
        all.retain(|armed| match armed.fault.when {
            When::Next(count) | When::Nth(count) => armed.matched < count,
            When::Every(_) | When::Always => true,
        });
        verdict
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(faults: &Faults, requests: &[&str]) -> Vec<bool> {
        requests.iter().map(|request| faults.judge(request).fault.is_some()).collect()
    }

    #[test]
    fn rules_count() {
        let faults = Faults::default();
        faults.arm(Fault::next(FaultKind::Maintenance, 2).at("/User"));
        let requests = ["/odata/v2/User", "/odata/v2/PerPerson", "/odata/v2/User", "/odata/v2/User"];
        assert_eq!(struck(&faults, &requests), [true, false, true, false]);
        assert!(faults.list().is_empty());

        faults.arm(Fault::next(FaultKind::Drop, 1).when(When::Every(2)));
        assert_eq!(struck(&faults, &["/a", "/b", "/c", "/d"]), [false, true, false, true]);
        assert_eq!(faults.list()[0].1, 2);
        faults.clear();

        faults.arm(Fault::next(FaultKind::GatewayTimeout, 1).when(When::Nth(3)));
        assert_eq!(struck(&faults, &["/a", "/b", "/c", "/d"]), [false, false, true, false]);
    }

    #[test]
    fn one_fault_at_a_time_and_delays_add_up() {
        let faults = Faults::default();
        faults.arm(Fault::next(FaultKind::Slow { millis: 5 }, 9));
        faults.arm(Fault::next(FaultKind::MetadataBusy, 1));
        faults.arm(Fault::next(FaultKind::Drop, 1));
        let first = faults.judge("/a");
        assert_eq!(first, Verdict { wait_millis: 5, fault: Some(FaultKind::MetadataBusy) });
        assert_eq!(faults.judge("/a").fault, Some(FaultKind::Drop));
        assert_eq!(faults.judge("/a"), Verdict { wait_millis: 5, fault: None });
    }

    #[test]
    fn a_lost_place_meets_only_those_who_have_one() {
        let faults = Faults::default();
        faults.arm(Fault::next(FaultKind::SkipTokenExpired, 1));
        assert_eq!(struck(&faults, &["/odata/v2/User", "/odata/v2/User?$skiptoken=x"]), [false, true]);
    }

    #[test]
    fn faults_read_from_json() {
        let fault: Fault =
            serde_json::from_str(r#"{"kind":{"too_many_requests":{}},"when":{"next":3},"path":"/PerPerson"}"#).unwrap();
        assert_eq!(fault, Fault::next(FaultKind::TooManyRequests { retry_after: 300 }, 3).at("/PerPerson"));
        let fault: Fault = serde_json::from_str(r#"{"kind":"drop"}"#).unwrap();
        assert_eq!(fault, Fault::next(FaultKind::Drop, 1));
    }
}
