//! Which needed paths a row does not say: what is not in the tenant's metadata, what it refuses, and what it silently
//! leaves out of an answer because the API user may not see the field (SAP KBA 2161058).

use std::collections::BTreeSet;

use joinery_model::{Needs, Path, Root};

use super::{EMPLOYMENT, EMPLOYMENTS};

/// Lists of which a path without a selector means the element marked `isPrimary`.
const BY_PRIMARY: [&str; 2] = ["emailNav", "phoneNav"];

/// The paths of `needs` that cannot be followed without what is lost, by names from the root, joined by slashes. What
/// is lost inside of a navigation of which a path needs the whole is not held against that path.
pub(super) fn unsaid(root: Root, needs: &Needs, lost: &BTreeSet<String>) -> Vec<Path> {
    if lost.is_empty() {
        return Vec::new();
    }
    needs.paths.iter().filter(|path| leads_over(root, path, lost)).cloned().collect()
}

fn leads_over(root: Root, path: &Path, lost: &BTreeSet<String>) -> bool {
    let segments = path.segments();
    let mut at = String::new();
    for (depth, segment) in segments.iter().enumerate() {
        if depth > 0 {
            at.push('/');
        }
        at.push_str(match &*segment.name {
            EMPLOYMENTS if depth == 0 && root == Root::Persons => EMPLOYMENT,
            name => name,
        });
        let below = |name: &str| lost.contains(&format!("{at}/{name}"));
        if lost.contains(&at) {
            return true;
        }
        if let Some((member, value)) = &segment.select {
            let code = !value.bytes().all(|byte| byte.is_ascii_digit());
            let nav = format!("{member}Nav");
            if below(member) || (code && (below(&nav) || below(&format!("{nav}/externalCode")))) {
                return true;
            }
        } else if depth == 0 && segments.len() > 1 && BY_PRIMARY.contains(&&*segment.name) && below("isPrimary") {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str], lost: &[&str]) -> Vec<String> {
        let needs = Needs { paths: paths.iter().map(|path| path.parse().unwrap()).collect() };
        let lost = lost.iter().map(|lost| (*lost).to_owned()).collect();
        unsaid(Root::Persons, &needs, &lost).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_path_is_unsaid_when_it_leads_over_what_is_lost() {
        let paths = ["employmentNav.jobInfoNav.jobTitle", "employments.jobInfoNav", "employmentNav.userId"];
        assert_eq!(of(&paths, &["employmentNav/jobInfoNav/jobTitle"]), [paths[0]]);
        assert_eq!(of(&paths, &["employmentNav/jobInfoNav"]), [paths[0], paths[1]]);
        assert_eq!(of(&paths, &["employmentNav/jobInfo", "userId"]), [""; 0]);
    }

    #[test]
    fn a_selection_needs_what_it_selects_by() {
        let paths =
            ["emailNav.emailAddress", "emailNav[emailType=8448].emailAddress", "emailNav[emailType=B].isPrimary"];
        assert_eq!(of(&paths, &["emailNav/isPrimary"]), [paths[0], paths[2]]);
        assert_eq!(of(&paths, &["emailNav/emailType"]), [paths[1], paths[2]]);
        assert_eq!(of(&paths, &["emailNav/emailTypeNav/externalCode"]), [paths[2]]);
    }
}
