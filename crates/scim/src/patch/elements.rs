//! Several values: adding without doubling, and which of them are the same.

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::ScimError;
use crate::place::Resource;
use crate::schema::{Attribute, Kind, Mutability};
use crate::value::{is_primary, one_primary, without_nulls};

/// Adds elements to those that are there. One that is there already changes nothing (section 3.5.2.1); one of the same `value`
/// and the same `type` is laid over it, since two of both should not be (RFC 7643, section 2.4).
///
/// Gives the positions that were written.
pub(super) fn add(attribute: &Attribute, elements: &mut Vec<Json>, added: Vec<Json>) -> Vec<usize> {
    // A few are looked for one by one: an index of all members of a large group costs more than it saves.
    let mut index = (added.len() > FEW).then(|| {
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, element) in elements.iter().enumerate() {
            index.entry(key(attribute, element)).or_default().push(at);
        }
        index
    });
    let mut written = Vec::new();
    for new in added.into_iter().filter_map(without_nulls) {
        let same = match &index {
            Some(index) => {
                let at = index.get(&key(attribute, &new)).into_iter().flatten().copied();
                at.into_iter().find(|at| is_same(attribute, &elements[*at], &new))
            }
            None => elements.iter().position(|old| has_same_key(attribute, old, &new) && is_same(attribute, old, &new)),
        };
        match (same, new) {
            (Some(at), Json::Object(new)) => {
                if let Json::Object(old) = &mut elements[at] {
                    lay_over(attribute, old, new);
                }
                written.push(at);
            }
            (Some(_), _) => {}
            (None, new) => {
                if let Some(index) = &mut index {
                    index.entry(key(attribute, &new)).or_default().push(elements.len());
                }
                written.push(elements.len());
                elements.push(new);
            }
        }
    }
    written
}

/// As many as are looked for without an index.
const FEW: usize = 4;

fn lay_over(attribute: &Attribute, old: &mut Resource, new: Resource) {
    for (name, value) in new {
        if !(old.contains_key(&name) && is_immutable(attribute, &name)) {
            old.insert(name, value);
        }
    }
}

/// What elements that may be the same have in common: their `value`, or for plain ones themselves; and whether its case matters.
fn keyed<'a>(attribute: &Attribute, element: &'a Json) -> (Option<&'a Json>, bool) {
    match element {
        Json::Object(members) => (members.get("value"), attribute.part("value").is_some_and(|value| value.case_exact)),
        plain => (Some(plain), attribute.case_exact),
    }
}

/// That as text, folded where case does not matter.
fn key(attribute: &Attribute, element: &Json) -> String {
    match keyed(attribute, element) {
        (Some(Json::String(text)), false) => text.to_lowercase(),
        (Some(Json::String(text)), true) => text.clone(),
        (Some(other), _) => other.to_string(),
        (None, _) => String::new(),
    }
}

fn has_same_key(attribute: &Attribute, a: &Json, b: &Json) -> bool {
    match (keyed(attribute, a), keyed(attribute, b)) {
        ((Some(Json::String(a)), true), (Some(Json::String(b)), _)) => a == b,
        ((None, _), (None, _)) => true,
        ((Some(Json::String(_)), false), _) => key(attribute, a) == key(attribute, b),
        ((a, _), (b, _)) => a == b,
    }
}

fn is_same(attribute: &Attribute, old: &Json, new: &Json) -> bool {
    let (Json::Object(old), Json::Object(new)) = (old, new) else {
        return key(attribute, old) == key(attribute, new);
    };
    if new.get("value").is_none() {
        return old == new;
    }
    // Where an element's type cannot change, the value alone says which it is: a member of a group.
    if is_immutable(attribute, "type") {
        return true;
    }
    let kind = |of: &Resource| of.get("type").and_then(Json::as_str).map(str::to_lowercase);
    match (kind(old), kind(new)) {
        (Some(old), Some(new)) => old == new,
        _ => true,
    }
}

fn is_immutable(attribute: &Attribute, sub: &str) -> bool {
    attribute.part(sub).is_some_and(|sub| sub.mutability == Mutability::Immutable)
}

/// Takes the elements away that are among `gone`.
pub(super) fn remove(attribute: &Attribute, elements: &mut Vec<Json>, gone: &[Json]) {
    let gone: std::collections::HashSet<String> = gone.iter().map(|element| key(attribute, element)).collect();
    // An element without a value is no key to anything.
    elements.retain(|element| {
        let key = key(attribute, element);
        key.is_empty() && attribute.kind == Kind::Complex || !gone.contains(&key)
    });
}

/// Setting one value's `primary` takes it from the others (section 3.5.2).
pub(super) fn settle_primary(elements: &mut [Json], written: &[usize], place: &str) -> Result<(), ScimError> {
    let fresh: Vec<usize> = written.iter().copied().filter(|at| elements.get(*at).is_some_and(is_primary)).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    for (at, element) in elements.iter_mut().enumerate() {
        if !fresh.contains(&at) && is_primary(element) {
            element["primary"] = false.into();
        }
    }
    one_primary(elements, place)
}
