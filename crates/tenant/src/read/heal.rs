//! `COE0021`: the tenant refuses a property that its metadata has.

use std::sync::Arc;

use crate::Response;
use crate::query::Plan;
use crate::row::{Shape, What};

/// The members that an answer refuses, by set and name, as far as `plan` reads them. Empty when it refuses something
/// else.
///
/// The text reads `[COE0021]Invalid property names: User/foo. …`; the part before the slash is a set or a navigation.
pub(crate) fn refused_members(response: &Response, plan: &Plan) -> Vec<(Arc<str>, Arc<str>)> {
    let error = response.error();
    if error.number != "COE0021" && error.code != "COE_PROPERTY_NOT_FOUND" {
        return Vec::new();
    }
    let mut found = Vec::new();
    for named in names(&error.text) {
        let (before, name) = named.rsplit_once('/').unwrap_or(("", named));
        let before = before.rsplit('/').next().unwrap_or_default();
        let mut matching = Vec::new();
        collect(&plan.shape, name, &mut matching);
        // The text names the set when it can; when it names a navigation, any set that has the member will do.
        let exact: Vec<_> = matching.iter().filter(|(set, _)| &**set == before).cloned().collect();
        found.extend(if exact.is_empty() { matching } else { exact });
    }
    found.sort();
    found.dedup();
    found
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    let after = text.split_once("nvalid property names:").map_or("", |(_, after)| after);
    let until = after.find(['.', '\n']).unwrap_or(after.len());
    after[..until].split(',').map(str::trim).filter(|name| !name.is_empty())
}

fn collect(shape: &Shape, name: &str, into: &mut Vec<(Arc<str>, Arc<str>)>) {
    for member in shape.members() {
        if &*member.name == name {
            into.push((shape.entity.clone(), member.name.clone()));
        }
        if let What::Navigation(inner) = &member.what {
            collect(inner, name, into);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of SAP's example for COE0021.
    #[test]
    fn the_names_are_taken_from_the_text() {
        let text = "[COE0021]Invalid property names: User/foo,employmentNav/bar. Please check the property names.";
        assert_eq!(names(text).collect::<Vec<_>>(), ["User/foo", "employmentNav/bar"]);
        assert_eq!(names("something else").count(), 0);
    }
}
