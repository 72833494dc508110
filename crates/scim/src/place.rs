//! Where a path stands in a resource.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::{Filter, Path, urn};

/// A resource, or a part of one.
pub type Resource = Map<String, Json>;

/// A member by its name in any case.
pub(crate) fn member<'a>(object: &'a Resource, name: &str) -> Option<&'a Json> {
    object.get(name).or_else(|| object.iter().find(|(is, _)| is.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// The name under which an object has that member, or the name as it is.
pub(crate) fn spelled(object: &Resource, name: &str) -> String {
    object.keys().find(|is| is.eq_ignore_ascii_case(name)).cloned().unwrap_or_else(|| name.to_owned())
}

/// Attributes of RFC 7643 that hold several complex values; a path into one must say which element it means.
pub fn is_multi_valued(path: &Path) -> bool {
    const MANY: [&str; 10] = [
        "emails",
        "phoneNumbers",
        "ims",
        "photos",
        "addresses",
        "groups",
        "entitlements",
        "roles",
        "x509Certificates",
        "members",
    ];
    path.extension().is_none() && MANY.iter().any(|name| name.eq_ignore_ascii_case(&path.name))
}

/// The value at a path; an element filter without a sub-attribute means the element. Null counts as no value
/// (RFC 7643, section 2.5).
pub fn get<'a>(resource: &'a Resource, path: &Path) -> Option<&'a Json> {
    let top = match path.extension() {
        Some(urn) => member(resource, urn)?.as_object()?,
        None => resource,
    };
    let mut value = member(top, &path.name)?;
    if let Some(filter) = &path.filter {
        value = value.as_array()?.iter().find(|element| meets(element, filter))?;
    }
    if let Some(sub) = &path.sub {
        value = member(value.as_object()?, sub)?;
    }
    (!value.is_null()).then_some(value)
}

/// Puts a value at a path, making what lies on the way; `None` takes it away, with what is empty without it.
///
/// An element that the filter does not find is made of what the filter says and the value; when the filter says more than
/// equalities can, and would not find that one either, none is made. A single complex value
/// whose `value` is written (a manager) is written whole, so that nothing of the other thing stays behind.
pub fn put(resource: &mut Resource, path: &Path, value: Option<Json>) {
    match path.extension() {
        None => put_attribute(resource, path, value),
        Some(urn) => {
            let name = spelled(resource, urn);
            let mut extension = match resource.remove(&name) {
                Some(Json::Object(extension)) => extension,
                _ => Resource::new(),
            };
            put_attribute(&mut extension, path, value);
            if !extension.is_empty() {
                resource.insert(name, Json::Object(extension));
            }
        }
    }
}

fn put_attribute(top: &mut Resource, path: &Path, value: Option<Json>) {
    let name = spelled(top, &path.name);
    let before = top.remove(&name);
    let after = match (&path.filter, &path.sub) {
        (Some(filter), sub) => put_element(before, filter, sub.as_ref(), value),
        (None, None) => value,
        (None, Some(sub)) if sub.eq_ignore_ascii_case("value") => {
            value.map(|value| Json::Object(Resource::from_iter([(sub.to_string(), value)])))
        }
        (None, Some(sub)) => {
            let mut complex = match before {
                Some(Json::Object(complex)) => complex,
                _ => Resource::new(),
            };
            put_member(&mut complex, sub, value);
            (!complex.is_empty()).then_some(Json::Object(complex))
        }
    };
    if let Some(after) = after {
        top.insert(name, after);
    }
}

fn put_member(object: &mut Resource, sub: &str, value: Option<Json>) {
    let name = spelled(object, sub);
    match value {
        Some(value) => drop(object.insert(name, value)),
        None => drop(object.remove(&name)),
    }
}

fn put_element(before: Option<Json>, filter: &Filter, sub: Option<&Arc<str>>, value: Option<Json>) -> Option<Json> {
    let mut elements = match before {
        Some(Json::Array(elements)) => elements,
        Some(one @ Json::Object(_)) => vec![one],
        _ => Vec::new(),
    };
    let sub = sub.map_or("value", |sub| &**sub);
    let at = elements.iter().position(|element| meets(element, filter));
    match (at, value) {
        (None, None) => {}
        (None, Some(value)) => {
            let mut element = filter.implied();
            element.insert(sub.to_owned(), value);
            let element = Json::Object(element);
            // One that the filter would not find again would be made anew by every write.
            if meets(&element, filter) {
                elements.push(element);
            }
        }
        (Some(at), value) => {
            let gone = value.is_none();
            if let Json::Object(element) = &mut elements[at] {
                put_member(element, sub, value);
                let implied = filter.implied();
                let only = |name: &String| {
                    implied.contains_key(name)
                        || name.eq_ignore_ascii_case("type")
                        || name.eq_ignore_ascii_case("primary")
                };
                // Without its value, or with nothing left that tells something, an element means nothing.
                if gone && (sub.eq_ignore_ascii_case("value") || element.keys().all(only)) {
                    elements.remove(at);
                }
            }
        }
    }
    (!elements.is_empty()).then_some(Json::Array(elements))
}

fn meets(element: &Json, filter: &Filter) -> bool {
    element.as_object().is_some_and(|element| filter.accepts(element, &|_| false))
}

/// The extensions that a resource holds members of: what its `schemas` must name beside its own.
pub fn extensions(resource: &Resource) -> impl Iterator<Item = &str> {
    resource
        .keys()
        .map(String::as_str)
        .filter(|name| name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")) && !urn::is_core(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn put_all(writes: &[(&str, Option<Json>)]) -> Json {
        let mut user = Resource::new();
        for (path, value) in writes {
            put(&mut user, &path.parse().unwrap(), value.clone());
        }
        Json::Object(user)
    }

    #[test]
    fn every_kind_of_path_lands_where_the_schema_has_it() {
        let user = put_all(&[
            ("userName", Some("bj".into())),
            ("name.givenName", Some("Barbara".into())),
            (r#"emails[type eq "work"].value"#, Some("a@x".into())),
            (r#"emails[type eq "work"].primary"#, Some(true.into())),
            (r#"emails[type eq "home"]"#, Some("b@x".into())),
            (r#"addresses[type eq "work"].locality"#, Some("Berlin".into())),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", Some("IT".into())),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", Some("7".into())),
            ("urn:ietf:params:scim:schemas:core:2.0:User:title", Some("Dr".into())),
        ]);
        assert_eq!(
            user,
            json!({"userName": "bj", "name": {"givenName": "Barbara"}, "title": "Dr",
                "emails": [{"type": "work", "value": "a@x", "primary": true}, {"type": "home", "value": "b@x"}],
                "addresses": [{"type": "work", "locality": "Berlin"}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
                    {"department": "IT", "manager": {"value": "7"}}})
        );
    }

    #[test]
    fn an_element_that_its_filter_would_not_find_is_not_made() {
        // Found by fuzzing: every write made another one.
        for path in [r#"emails[type.of eq "work"].value"#, "emails[rank gt 1].value", r#"emails[value eq "b@x"].value"#]
        {
            assert_eq!(put_all(&[(path, Some("a@x".into())), (path, Some("a@x".into()))]), json!({}), "{path}");
        }
        let path = r#"emails[type eq "work" and rank ne 1].value"#;
        let twice = put_all(&[(path, Some("a@x".into())), (path, Some("a@x".into()))]);
        assert_eq!(twice["emails"].as_array().map_or(0, Vec::len), 1, "{twice}");
    }

    #[test]
    fn what_is_taken_away_leaves_nothing_empty_behind() {
        let user = put_all(&[
            ("name.givenName", Some("x".into())),
            ("name.givenName", None),
            (r#"emails[type eq "work"].value"#, Some("x".into())),
            (r#"emails[type eq "work"].value"#, None),
            (r#"addresses[type eq "work"].locality"#, Some("x".into())),
            (r#"addresses[type eq "work"].locality"#, None),
            ("urn:a:b:User:c", Some("x".into())),
            ("urn:a:b:User:c", None),
        ]);
        assert_eq!(user, json!({}));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_was_put_is_got(text in "\\PC{1,12}", at in 0..4_usize) {
            let path: Path = ["title", "name.givenName", r#"emails[type eq "work"].value"#, "urn:a:b:User:c.d"][at].parse().unwrap();
            let mut user = json!({"NAME": {"familyName": "F"}, "emails": [{"type": "home", "value": "h"}]}).as_object().unwrap().clone();
            put(&mut user, &path, Some(text.clone().into()));
            prop_assert_eq!(get(&user, &path), Some(&Json::from(text)));
            put(&mut user, &path, None);
            prop_assert_eq!(get(&user, &path), None);
            prop_assert_eq!(Json::Object(user), json!({"NAME": {"familyName": "F"}, "emails": [{"type": "home", "value": "h"}]}));
        }
    }
}
