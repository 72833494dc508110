//! PATCH (RFC 7644, section 3.5.2): the smallest request that does what is wanted.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::place::{Resource, get, put};
use crate::{Path, urn};

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PatchOp {
    /// Adds a value.
    Add,
    /// Replaces a value.
    Replace,
    /// Takes a value away.
    Remove,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Operation {
    /// What it does.
    pub op: PatchOp,
    /// Where; always said, since some servers refuse operations without a path.
    pub path: String,
    /// With what; a removal has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
}

/// A PATCH request's body.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatchRequest {
    schemas: [&'static str; 1],
    /// Its operations, done in order, all or none.
    #[serde(rename = "Operations")]
    pub operations: Vec<Operation>,
}

impl PatchRequest {
    /// A request of these operations.
    pub fn new(operations: Vec<Operation>) -> Self {
        Self { schemas: [urn::PATCH_OP], operations }
    }
}

/// A value that a path should have; `None`: no value.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// Where.
    pub path: Path,
    /// What.
    pub value: Option<Json>,
}

/// Values first, then what is taken away: so an element lives until nothing of it is left, and one that loses its
/// `value` goes, whatever else is written to it.
fn ordered(writes: &[Write]) -> impl Iterator<Item = &Write> {
    let of = |sets: bool| writes.iter().filter(move |write| write.value.is_some() == sets);
    of(true).chain(of(false))
}

/// Puts every value at its path.
pub fn write_all(resource: &mut Resource, writes: &[Write]) {
    for write in ordered(writes) {
        put(resource, &write.path, write.value.clone());
    }
}

/// The operations that make `current` hold what `writes` say; none when it does.
///
/// Without `current` every write becomes an operation: a replacement adds where nothing is (section 3.5.2.3), so that
/// is right for single values. For an element of a multi-valued attribute it is not: a filter that finds no element is
/// an error (`noTarget`), so `current` should be given when a path has a filter.
pub fn operations(current: Option<&Resource>, writes: &[Write]) -> Vec<Operation> {
    let Some(current) = current else {
        return writes.iter().map(blind).collect();
    };
    let mut wanted = current.clone();
    write_all(&mut wanted, writes);
    let mut operations = Vec::new();
    let mut elements: Vec<Path> = Vec::new();
    for Write { path, value } in ordered(writes) {
        if path.filter.is_none() {
            if get(current, path) != value.as_ref() {
                operations.extend(single(get(current, path).is_some(), path, value.clone()));
            }
            continue;
        }
        let element = path.parent();
        match (get(current, &element), get(&wanted, &element)) {
            (Some(before), Some(after)) if before != after => {
                let sub = sub_path(path);
                let (before, after) = (get(current, &sub), get(&wanted, &sub));
                if before != after {
                    operations.extend(single(before.is_some(), &sub, after.cloned()));
                }
            }
            (None, Some(after)) if !elements.contains(&element) => {
                let value = Some(Json::Array(vec![after.clone()]));
                operations.push(Operation { op: PatchOp::Add, path: path.attribute().to_string(), value });
            }
            (Some(_), None) if !elements.contains(&element) => {
                operations.push(Operation { op: PatchOp::Remove, path: element.to_string(), value: None });
            }
            _ => {}
        }
        elements.push(element);
    }
    operations
}

fn blind(write: &Write) -> Operation {
    let path = if write.path.filter.is_some() { sub_path(&write.path) } else { write.path.clone() };
    single(true, &path, write.value.clone()).unwrap_or_else(|| Operation {
        op: PatchOp::Remove,
        path: path.to_string(),
        value: None,
    })
}

fn sub_path(path: &Path) -> Path {
    Path { sub: path.sub.clone().or_else(|| Some("value".into())), ..path.clone() }
}

/// One value set or taken away. The `value` of a single complex attribute is written with the attribute, so that what
/// belongs to the old value goes.
fn single(is_there: bool, path: &Path, value: Option<Json>) -> Option<Operation> {
    let whole = path.filter.is_none() && path.sub.as_deref().is_some_and(|sub| sub.eq_ignore_ascii_case("value"));
    let at = if whole { path.parent() } else { path.clone() };
    let value = match (value, &path.sub) {
        (Some(value), Some(sub)) if whole => Some(Json::Object(Resource::from_iter([(sub.to_string(), value)]))),
        (value, _) => value,
    };
    match value {
        Some(value) => {
            let op = if is_there { PatchOp::Replace } else { PatchOp::Add };
            Some(Operation { op, path: at.to_string(), value: Some(value) })
        }
        None if is_there => Some(Operation { op: PatchOp::Remove, path: at.to_string(), value: None }),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// What a strict server does with one operation (section 3.5.2): removing nothing and a filter that finds nothing
    /// are errors.
    fn apply(user: &mut Resource, operation: &Operation) -> Result<(), &'static str> {
        let path: Path = operation.path.parse().map_err(|_| "invalidPath")?;
        match (operation.op, operation.value.clone()) {
            (PatchOp::Remove, _) if get(user, &path).is_none() => return Err("noTarget"),
            (PatchOp::Remove, _) => put(user, &path, None),
            (PatchOp::Add, Some(Json::Array(added))) => {
                let mut all = get(user, &path).and_then(Json::as_array).cloned().unwrap_or_default();
                all.extend(added);
                put(user, &path, Some(all.into()));
            }
            _ if path.filter.is_some() && get(user, &path.parent()).is_none() => return Err("noTarget"),
            (_, value) => put(user, &path, value),
        }
        Ok(())
    }

    const PATHS: [&str; 9] = [
        "title",
        "name.givenName",
        "name.familyName",
        r#"emails[type eq "work"].value"#,
        r#"emails[type eq "work"].display"#,
        r#"emails[type eq "home"].value"#,
        r#"addresses[type eq "work"].locality"#,
        "urn:a:b:User:department",
        "urn:a:b:User:manager.value",
    ];

    fn some_writes() -> impl Strategy<Value = Vec<Write>> {
        let write = (0..PATHS.len(), prop::option::weighted(0.7, "[a-c]"));
        prop::collection::vec(write, 0..10).prop_map(|list| {
            let mut writes: Vec<Write> = Vec::new();
            for (at, value) in list {
                let path: Path = PATHS[at].parse().unwrap();
                if writes.iter().all(|write| write.path != path) {
                    writes.push(Write { path, value: value.map(Json::from) });
                }
            }
            writes
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn the_operations_do_what_the_writes_say_and_nothing_is_left_to_do(before in some_writes(), writes in some_writes()) {
            let mut user = Resource::new();
            write_all(&mut user, &before);
            let mut wanted = user.clone();
            write_all(&mut wanted, &writes);
            let needed = operations(Some(&user), &writes);
            prop_assert_eq!(needed.is_empty(), user == wanted);
            for operation in &needed {
                prop_assert_eq!(apply(&mut user, operation), Ok(()), "{:?}", operation);
            }
            for write in before.iter().chain(&writes) {
                prop_assert_eq!(get(&user, &write.path), get(&wanted, &write.path), "{}", write.path);
            }
            prop_assert_eq!(operations(Some(&user), &writes), vec![]);
        }
    }

    fn writes(list: &[(&str, Json)]) -> Vec<Write> {
        list.iter()
            .map(|(path, value)| Write {
                path: path.parse().unwrap(),
                value: (!value.is_null()).then(|| value.clone()),
            })
            .collect()
    }

    fn shown(current: &Json, list: &[(&str, Json)]) -> Json {
        serde_json::to_value(operations(current.as_object(), &writes(list))).unwrap()
    }

    #[test]
    fn only_what_differs_is_said_and_elements_are_placed_right() {
        let user = json!({"userName": "a", "title": "Dr", "nickName": "Al",
            "emails": [{"type": "work", "value": "a@x", "primary": true}, {"type": "home", "value": "h@x"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "1", "displayName": "One"}}});
        let operations = shown(
            &user,
            &[
                ("userName", "a".into()),
                ("title", Json::Null),
                ("displayName", Json::Null),
                ("name.familyName", "F".into()),
                (r#"emails[type eq "work"].value"#, "b@x".into()),
                (r#"emails[type eq "home"].value"#, Json::Null),
                (r#"phoneNumbers[type eq "work"].value"#, "+49".into()),
                ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "2".into()),
            ],
        );
        assert_eq!(
            operations,
            json!([
                {"op": "add", "path": "name.familyName", "value": "F"},
                {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "b@x"},
                {"op": "add", "path": "phoneNumbers", "value": [{"type": "work", "value": "+49"}]},
                {"op": "replace", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
                    "value": {"value": "2"}},
                {"op": "remove", "path": "title"},
                {"op": "remove", "path": "emails[type eq \"home\"]"},
            ])
        );
    }

    #[test]
    fn a_new_element_with_several_parts_is_added_once() {
        let operations = shown(
            &json!({}),
            &[
                (r#"addresses[type eq "work"].locality"#, "B".into()),
                (r#"addresses[type eq "work"].country"#, "DE".into()),
            ],
        );
        let value = json!([{"type": "work", "locality": "B", "country": "DE"}]);
        assert_eq!(operations, json!([{"op": "add", "path": "addresses", "value": value}]));
    }

    #[test]
    fn a_request_says_its_schema() {
        let request = PatchRequest::new(operations(None, &writes(&[("active", false.into()), ("title", Json::Null)])));
        assert_eq!(
            serde_json::to_value(request).unwrap(),
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
                {"op": "replace", "path": "active", "value": false}, {"op": "remove", "path": "title"}]})
        );
    }
}
