//! Sets that are out of sight, told once for each permission that is missing: a permission covers several sets, and
//! whoever grants it needs to read it once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use joinery_model::{Finding, FindingKind};

use super::permission::{OF_THAT_OBJECT, permission_of};
use super::run::finding;

/// What a look at a set, or at one of its fields, found.
#[derive(Debug)]
pub(super) enum Look {
    /// Something that is told by itself.
    Told(Finding),
    /// The set cannot be seen.
    Hidden(Arc<str>),
    /// The set can be seen, and not one row of it.
    Empty(Arc<str>),
}

impl Look {
    pub(super) fn is_good(&self) -> bool {
        matches!(self, Self::Told(Finding { kind: FindingKind::Good, .. }))
    }
}

/// The findings: what was told, then the missing permissions with the sets that they would show.
pub(super) fn findings(looks: Vec<Look>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut hidden, mut empty) = (BTreeSet::new(), BTreeSet::new());
    for look in looks {
        match look {
            Look::Told(finding) => findings.push(finding),
            Look::Hidden(set) => drop(hidden.insert(set)),
            Look::Empty(set) => drop(empty.insert(set)),
        }
    }
    for (permission, sets) in by_permission(&hidden) {
        let message = format!("the API user may not see {}; grant its role {permission}", it(&sets));
        findings.push(finding(FindingKind::Problem, sets.join(", "), message));
    }
    let of_people: BTreeSet<Arc<str>> = empty.iter().filter(|set| is_of_people(set)).cloned().collect();
    // Nobody at all, and nothing of theirs: their sets may be read, so it is not the permissions.
    if of_people.len() > 1 && of_people.iter().any(|set| matches!(&**set, "PerPerson" | "User")) {
        let message = "not one person is visible; give the API user's role a target population of everyone (Manage \
                       Permission Roles, Grant this role to)";
        let sets: Vec<&str> = of_people.iter().map(|set| &**set).collect();
        findings.push(finding(FindingKind::Problem, sets.join(", "), message));
        empty.retain(|set| !is_of_people(set));
    }
    for (permission, sets) in by_permission(&empty) {
        let message = format!(
            "not one row is visible; grant the API user's role {permission} with a target population of everyone"
        );
        findings.push(finding(FindingKind::Problem, sets.join(", "), message));
    }
    findings
}

fn is_of_people(set: &str) -> bool {
    set == "User" || set.starts_with("Per") || set.starts_with("Emp")
}

/// Sets with the permission that shows them; where it is not known by name, each by itself.
fn by_permission(sets: &BTreeSet<Arc<str>>) -> Vec<(&'static str, Vec<&str>)> {
    let mut groups: BTreeMap<(&'static str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for set in sets {
        let permission = permission_of(set);
        let alone = (permission == OF_THAT_OBJECT).then_some(&**set);
        groups.entry((permission, alone)).or_default().push(set);
    }
    groups.into_iter().map(|((permission, _), sets)| (permission, sets)).collect()
}

fn it(sets: &[&str]) -> &'static str {
    if sets.len() == 1 { "it" } else { "them" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(looks: Vec<Look>) -> Vec<(String, String)> {
        findings(looks).into_iter().map(|finding| (finding.subject, finding.message)).collect()
    }

    #[test]
    fn sets_of_one_permission_are_one_finding_and_unnamed_permissions_are_not_mixed() {
        let hidden = ["cust_b", "FOLocation", "cust_a", "FOCompany"].map(|set| Look::Hidden(set.into()));
        let told = told(hidden.into());
        let subjects: Vec<&str> = told.iter().map(|(subject, _)| subject.as_str()).collect();
        assert_eq!(subjects, ["FOCompany, FOLocation", "cust_a", "cust_b"]);
        assert!(told[0].1.contains("may not see them; grant its role \"Employee Central Foundation OData API"));
        assert!(told[1].1.contains("may not see it; grant its role the permission of that object"), "{}", told[1].1);
    }

    #[test]
    fn nobody_at_all_is_the_target_population_and_one_empty_set_is_not() {
        let one = told(vec![Look::Empty("PerPhone".into()), Look::Empty("PerEmail".into())]);
        assert_eq!(one.len(), 1);
        assert!(one[0].1.contains("HRIS"), "{}", one[0].1);
        let all = told(["User", "PerPerson", "EmpJob"].map(|set| Look::Empty(set.into())).into());
        assert_eq!(all.len(), 1);
        assert!(all[0].1.contains("not one person is visible") && !all[0].1.contains("HRIS"), "{}", all[0].1);
    }
}
