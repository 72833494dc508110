//! What was asked and answered: the proof of a delta run is the number of its requests.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Requests of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// How many.
    pub requests: u64,
    /// Rows in the answers' own lists, expansions not counted.
    pub rows: u64,
    /// How many were answered with a status of 400 and above, or not at all.
    pub failed: u64,
}

/// Requests since the start or since a mark.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    /// All together.
    pub total: Counts,
    /// By method and resource: `GET PerPerson`, `POST upsert`, `POST /oauth/token`.
    pub by_resource: BTreeMap<String, Counts>,
    /// By status of the answer; 0 for connections that were cut.
    pub by_status: BTreeMap<u16, u64>,
}

/// Resources that are counted apart, and how long a name may be: whoever asks for more paths than that has them
/// counted as one, since every name is kept for ever.
const MOST: usize = 1_000;
const LONGEST: usize = 256;
const OTHERS: &str = "(others)";

impl Requests {
    fn add(&mut self, resource: &str, status: u16, rows: u64) {
        let known = self.by_resource.contains_key(resource);
        let apart = known || (resource.len() <= LONGEST && self.by_resource.len() < MOST);
        let resource = if apart { resource } else { OTHERS };
        let failed = u64::from(status == 0 || status >= 400);
        for counts in [&mut self.total, self.by_resource.entry(resource.to_owned()).or_default()] {
            counts.requests += 1;
            counts.rows += rows;
            counts.failed += failed;
        }
        *self.by_status.entry(status).or_default() += 1;
    }
}

/// Counts since the start and since the last mark.
#[derive(Debug, Default)]
pub(crate) struct Statistics(Mutex<(Requests, Requests)>);

impl Statistics {
    pub(crate) fn add(&self, resource: &str, status: u16, rows: u64) {
        let mut both = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        both.0.add(resource, status, rows);
        both.1.add(resource, status, rows);
    }

    /// Since the start.
    pub(crate) fn all(&self) -> Requests {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Since the last mark.
    pub(crate) fn since_mark(&self) -> Requests {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = <(Requests, Requests)>::default();
    }

    /// Sets a mark.
    pub(crate) fn mark(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = Requests::default();
    }
}

/// A path that is below nothing that the tenant has.
const ELSEWHERE: &str = "(elsewhere)";

/// The resource of a path, without keys: what requests are counted by.
pub(crate) fn resource(method: &str, path: &str) -> String {
    const ROOTS: [&str; 5] = ["odata", "odatav4", "oauth", "oauth2", "rest"];
    let root = path.strip_prefix('/').and_then(|rest| rest.split('/').next()).unwrap_or_default();
    if !ROOTS.contains(&root) {
        return format!("{method} {ELSEWHERE}");
    }
    let below = path.strip_prefix("/odata/v2/").unwrap_or(path);
    if below.ends_with("$metadata") && below != path {
        return format!("{method} $metadata");
    }
    if let Some(below) = path.strip_prefix("/rest/iam/scim/v2/") {
        // Users/{id}: ids name people, and there are many.
        let kind = below.split('/').next().unwrap_or_default();
        let id = if below.contains('/') && !below.ends_with("/.search") { "/{id}" } else { "" };
        return format!("{method} /rest/iam/scim/v2/{kind}{id}");
    }
    let mut out = format!("{method} ");
    // Keys may hold slashes; what is in parentheses goes, quotes respected.
    let (mut depth, mut quoted) = (0_u32, false);
    for letter in below.chars() {
        match letter {
            '\'' if depth > 0 => quoted = !quoted,
            '(' if !quoted => {
                depth += 1;
                out.push_str("()");
            }
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(letter),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_counted_apart() {
        assert_eq!(resource("GET", "/odata/v2/User('a/b)''(c')/manager"), "GET User()/manager");
        assert_eq!(resource("GET", "/odata/v2/PerPerson"), "GET PerPerson");
        let v4 = resource("GET", "/odatav4/joinery/Simulated.svc/v1/User('a/b')/manager");
        assert_eq!(v4, "GET /odatav4/joinery/Simulated.svc/v1/User()/manager");
        assert_eq!(resource("PATCH", "/rest/iam/scim/v2/Groups/12"), "PATCH /rest/iam/scim/v2/Groups/{id}");
        assert_eq!(resource("GET", "/rest/iam/scim/v2/Users"), "GET /rest/iam/scim/v2/Users");
        assert_eq!(resource("GET", "/odata/v2/User,EmpJob/$metadata"), "GET $metadata");
        assert_eq!(resource("POST", "/oauth/token"), "POST /oauth/token");
    }

    #[test]
    fn asking_for_ever_new_paths_fills_no_memory() {
        assert_eq!(resource("GET", "/favicon.ico"), resource("GET", "/x/y"));
        let statistics = Statistics::default();
        statistics.add("GET User", 200, 1);
        statistics.add(&"x".repeat(LONGEST + 1), 404, 0);
        for number in 0..2 * MOST {
            statistics.add(&resource("GET", &format!("/odata/v2/Set{number}")), 404, 0);
        }
        statistics.add("GET User", 200, 1);
        let all = statistics.all();
        assert!(all.by_resource.len() <= MOST + 1, "{}", all.by_resource.len());
        assert_eq!((all.by_resource["GET User"].requests, all.total.requests), (2, 2 * MOST as u64 + 3));
        assert_eq!(all.by_resource.values().map(|counts| counts.requests).sum::<u64>(), all.total.requests);
    }

    #[test]
    fn a_mark_starts_anew() {
        let statistics = Statistics::default();
        statistics.add("GET User", 200, 10);
        statistics.mark();
        statistics.add("GET User", 503, 0);
        assert_eq!(statistics.all().total, Counts { requests: 2, rows: 10, failed: 1 });
        assert_eq!(statistics.since_mark().by_resource["GET User"], Counts { requests: 1, rows: 0, failed: 1 });
        assert_eq!(statistics.since_mark().by_status[&503], 1);
    }
}
