//! A question of v2 asked of a v4 root.

use joinery_model::Failure;
use joinery_odata::v4::{write_address, write_query};
use joinery_odata::{EntityAddress, Query};
use reqwest::header::HeaderValue;

use super::refused;
use crate::{Request, Response, Settings, Transport};

/// Where v2 is served.
pub(crate) const V2: &str = "odata/v2/";

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// To the v4 root: this path.
    There(String),
    /// Elsewhere (a next page, another API): as it is.
    AsItIs,
    /// To what v4 does not have: why.
    Nowhere(&'static str),
}

/// Where a path that reads leads when the root is v4.
pub(crate) fn asked(root: &str, path: &str) -> Asked {
    let Some(below) = path.strip_prefix(V2) else { return Asked::AsItIs };
    let (subject, query) = below.split_once('?').unwrap_or((below, ""));
    if subject.ends_with("$metadata") {
        // v4 describes a service as a whole.
        return Asked::There(format!("{root}/$metadata"));
    }
    if subject.is_empty() {
        return Asked::There(format!("{root}/"));
    }
    if refused::is_function(subject) {
        return Asked::Nowhere(refused::FUNCTIONS);
    }
    let written = || {
        let address = write_address(&EntityAddress::parse(subject).ok()?)?;
        Some((address, write_query(&Query::parse(query).ok()?)?))
    };
    match written() {
        Some((address, query)) if query.is_empty() => Asked::There(format!("{root}/{address}")),
        Some((address, query)) => Asked::There(format!("{root}/{address}?{query}")),
        None => Asked::Nowhere("cannot ask what is asked here"),
    }
}

/// Asks at the v4 root, with `If-None-Match` when an `ETag` is given.
///
/// # Errors
/// As [`Transport::get`]; what v4 does not have; a tenant that serves nothing there.
pub(crate) async fn get(
    transport: &Transport,
    root: &str,
    path: &str,
    if_none_match: Option<HeaderValue>,
) -> Result<Response, Failure> {
    let path = match asked(root, path) {
        Asked::There(path) => path,
        Asked::AsItIs => path.to_owned(),
        Asked::Nowhere(why) => return Err(refused::failure(transport.settings(), why)),
    };
    let response = transport.carried(&Request { if_none_match, ..Request::get(path) }).await?;
    if response.status.as_u16() == 404 && !speaks_v4(&response) {
        return Err(not_served(transport.settings(), root));
    }
    Ok(response)
}

/// An error with details is one of a service that is there: something else is missing.
fn speaks_v4(response: &Response) -> bool {
    let error: serde_json::Value = serde_json::from_slice(&response.bytes).unwrap_or_default();
    error.pointer("/error/details/0").is_some()
}

fn not_served(settings: &Settings, root: &str) -> Failure {
    Failure::refused(format!(
        "connection.{}.api_version: this tenant serves no people over OData v4 (nothing is at {root}). SuccessFactors \
         serves User and Employee Central over v2 only: set api_version = \"v2\", or leave it out",
        settings.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_become_those_of_v4() {
        let there = |path: &str| match asked("odatav4/x.svc/v1", path) {
            Asked::There(path) => path,
            other => panic!("{path}: {other:?}"),
        };
        assert_eq!(there("odata/v2/User,PerPerson/$metadata"), "odatav4/x.svc/v1/$metadata");
        assert_eq!(
            there("odata/v2/User('a%20b')?$format=json&$select=userId,manager/userId&$expand=manager"),
            "odatav4/x.svc/v1/User('a%20b')?$select=userId&$expand=manager($select=userId)"
        );
        let filtered = there("odata/v2/User?$filter=status%20in%20't','f'&paging=snapshot&customPageSize=5");
        assert_eq!(filtered, "odatav4/x.svc/v1/User?$filter=status%20in%20('t','f')&customPageSize=5&paging=snapshot");
        let function = asked("x", "odata/v2/getDynamicGroupsByUser?userId='1'");
        assert_eq!(function, Asked::Nowhere(refused::FUNCTIONS));
        assert_eq!(asked("x", "x/User?$skiptoken=1"), Asked::AsItIs);
    }
}
