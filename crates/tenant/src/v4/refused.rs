//! What cannot be had over v4, and why.

use joinery_model::{Failure, Needs, Path};

use super::ask::V2;
use crate::picklists::is_label;
use crate::{Api, Request, Settings};

/// Functions are called by names that begin with a small letter, as entity sets do not; but objects that customers made
/// begin with `cust_`.
pub(super) fn is_function(subject: &str) -> bool {
    subject.starts_with(|first: char| first.is_ascii_lowercase()) && !subject.starts_with("cust_")
}

pub(super) const FUNCTIONS: &str = "has no function imports: memberships, roles and permissions are read by them";

pub(super) const UPSERT: &str =
    "has no upsert, and Employee Central takes nothing else: only User and foundation objects are written, one by one";

pub(super) const BATCH: &str = "is asked one question at a time";

pub(super) const PURGE: &str = "cannot clear what is not sent (purgeType)";

const LABELS: &str =
    "names no picklists in its metadata, so labels of options are not known; map the option's externalCode";

pub(super) fn failure(settings: &Settings, why: &str) -> Failure {
    Failure::refused(format!("connection.{}.api_version: OData v4 {why}; set api_version = \"v2\"", settings.name))
}

/// Refuses what would be sent to v2 although v4 is spoken.
///
/// # Errors
/// [`joinery_model::Retry::No`], with the reason.
pub(crate) fn may_be_sent(settings: &Settings, request: &Request) -> Result<(), Failure> {
    if settings.api == Api::V2 || !request.path.starts_with(V2) {
        return Ok(());
    }
    let why = if request.path.starts_with("odata/v2/$batch") { BATCH } else { UPSERT };
    Err(failure(settings, why))
}

/// The paths that cannot be read over v4, each with the reason.
pub fn not_over_v4(needs: &Needs) -> Vec<(&Path, &'static str)> {
    let of_label = |path: &&Path| {
        let last = path.segments().last().filter(|_| path.segments().len() > 1);
        let before = path.segments().iter().rev().nth(1);
        last.is_some_and(|last| is_label(&last.name)) && before.is_some_and(|before| before.name.ends_with("Nav"))
    };
    needs.paths.iter().filter(of_label).map(|path| (path, LABELS)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_options_are_not_over_v4() {
        let paths = ["a.employeeClassNav.label", "a.employeeClassNav.externalCode", "label", "b.xNav.label_de_DE"];
        let needs = Needs { paths: paths.iter().map(|path| path.parse().unwrap()).collect() };
        let found: Vec<String> = not_over_v4(&needs).iter().map(|(path, _)| path.to_string()).collect();
        assert_eq!(found, ["a.employeeClassNav.label", "b.xNav.label_de_DE"]);
        assert!(is_function("getUserRolesByUserId") && !is_function("cust_Badge") && !is_function("DynamicGroup"));
    }
}
