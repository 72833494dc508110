//! What differs between two states of a resource, attribute by attribute.

use std::collections::HashSet;

use serde_json::Value as Json;

use crate::place::{Resource, member};
use crate::schema::{Attribute, Kind};
use crate::value::is_blank;
use crate::{AttrPath, Shape};

/// An attribute that has another value than before.
///
/// Of a complex attribute with one value each sub-attribute that differs is a change; one with several values changes as a
/// whole.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeChange {
    /// Which.
    pub path: AttrPath,
    /// What it was; nothing where there was none.
    pub before: Option<Json>,
    /// What it is; nothing where there is none.
    pub after: Option<Json>,
}

impl AttributeChange {
    /// Of several values, those that came and those that went, by their `value` where they have one.
    pub fn elements(&self) -> (Vec<&Json>, Vec<&Json>) {
        let key = |element: &Json| element.get("value").unwrap_or(element).to_string();
        let (before, after) = (all(self.before.as_ref()), all(self.after.as_ref()));
        let keys = |side: &[&Json]| side.iter().map(|element| key(element)).collect::<HashSet<_>>();
        let (were, are) = (keys(&before), keys(&after));
        let came = after.into_iter().filter(|element| !were.contains(&key(element))).collect();
        let went = before.into_iter().filter(|element| !are.contains(&key(element))).collect();
        (came, went)
    }
}

fn all(side: Option<&Json>) -> Vec<&Json> {
    match side {
        Some(Json::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    }
}

impl Shape {
    /// What differs. `schemas`, `id` and `meta` follow from the rest and do not count; neither does the order of values.
    pub fn changes(&self, before: &Resource, after: &Resource) -> Vec<AttributeChange> {
        let mut changes = Vec::new();
        for attribute in self.top().filter(|attribute| !matches!(&*attribute.name, "schemas" | "id" | "meta")) {
            compare(attribute, None, before, after, &mut changes);
        }
        for (schema, _) in &self.extensions {
            let empty = Resource::new();
            let before = member(before, &schema.id).and_then(Json::as_object).unwrap_or(&empty);
            let after = member(after, &schema.id).and_then(Json::as_object).unwrap_or(&empty);
            for attribute in &schema.attributes {
                compare(attribute, Some(&schema.id), before, after, &mut changes);
            }
        }
        changes
    }
}

fn compare(
    attribute: &Attribute,
    urn: Option<&std::sync::Arc<str>>,
    before: &Resource,
    after: &Resource,
    changes: &mut Vec<AttributeChange>,
) {
    let before = member(before, &attribute.name).filter(|value| !is_nothing(value));
    let after = member(after, &attribute.name).filter(|value| !is_nothing(value));
    if same(before, after) {
        return;
    }
    let path = AttrPath { urn: urn.cloned(), name: attribute.name.clone(), sub: None };
    if attribute.kind != Kind::Complex || attribute.multi_valued {
        changes.push(AttributeChange { path, before: before.cloned(), after: after.cloned() });
        return;
    }
    for sub in &attribute.sub {
        let side = |of: Option<&Json>| {
            let value = of.and_then(Json::as_object).and_then(|members| member(members, &sub.name));
            value.filter(|value| !is_nothing(value)).cloned()
        };
        let (before, after) = (side(before), side(after));
        if before != after {
            let path = AttrPath { sub: Some(sub.name.clone()), ..path.clone() };
            changes.push(AttributeChange { path, before, after });
        }
    }
}

/// Null and empty are the same as absent (RFC 7643, section 2.5); empty text is a value.
fn is_nothing(value: &Json) -> bool {
    !value.is_string() && is_blank(value)
}

fn same(a: Option<&Json>, b: Option<&Json>) -> bool {
    match (a, b) {
        (Some(Json::Array(a)), Some(Json::Array(b))) if a != b => {
            let sorted = |items: &[Json]| {
                let mut texts: Vec<String> = items.iter().map(Json::to_string).collect();
                texts.sort_unstable();
                texts
            };
            a.len() == b.len() && sorted(a) == sorted(b)
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Registry;

    fn changes(before: &Json, after: &Json) -> Vec<AttributeChange> {
        let registry = Registry::standard();
        let of = |json: &Json| json.as_object().cloned().unwrap();
        registry.shape("User").unwrap().changes(&of(before), &of(after))
    }

    #[test]
    fn each_sub_attribute_of_one_value_and_several_values_as_a_whole() {
        let urn = crate::urn::ENTERPRISE_USER;
        let found = changes(
            &json!({"id": "1", "userName": "a", "name": {"givenName": "A", "familyName": "F"}, "emails": [{"value": "x"}, {"value": "y"}],
                "title": null, urn: {"manager": {"value": "1"}, "department": "D"}}),
            &json!({"id": "2", "userName": "b", "name": {"familyName": "F"}, "emails": [{"value": "y"}, {"value": "z"}], "roles": [],
                urn: {"manager": {"value": "2"}, "department": "D"}}),
        );
        let paths: Vec<_> = found.iter().map(|change| change.path.to_string()).collect();
        assert_eq!(paths, ["userName", "name.givenName", "emails", &format!("{urn}:manager.value")]);
        assert_eq!((found[1].before.clone(), found[1].after.clone()), (Some(json!("A")), None));
        assert_eq!(found[2].elements(), (vec![&json!({"value": "z"})], vec![&json!({"value": "x"})]));
        assert!(
            changes(
                &json!({"roles": [{"value": "1"}, {"value": "2"}]}),
                &json!({"roles": [{"value": "2"}, {"value": "1"}]})
            )
            .is_empty()
        );
    }
}
