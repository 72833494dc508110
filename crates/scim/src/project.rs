//! What of a resource is shown (RFC 7644, sections 3.4.2.5 and 3.9; RFC 7643, section 7).

use serde_json::Value as Json;

use crate::place::{Resource, member};
use crate::schema::{Attribute, Kind, Returned, Schema};
use crate::{AttrPath, Found, ScimError, Shape, Tolerance};

/// Which attributes a request wants to see.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    wanted: Option<Vec<Name>>,
    unwanted: Vec<Name>,
}

/// A name that somebody knows: a whole extension, an attribute, a sub-attribute.
#[derive(Clone, Debug, PartialEq)]
enum Name {
    Extension(std::sync::Arc<str>),
    Attribute(AttrPath),
}

impl Projection {
    /// Is everything shown that is shown by default?
    pub fn is_default(&self) -> bool {
        self.wanted.is_none() && self.unwanted.is_empty()
    }

    /// Did the request name attributes to show? Then a PATCH must answer with the resource (RFC 7644, section 3.5.2).
    pub fn asks(&self) -> bool {
        self.wanted.is_some()
    }
}

/// How an attribute or a part of one is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Not by name.
    No,
    /// Whole.
    Whole,
    /// Some of its sub-attributes.
    Parts,
}

impl Shape {
    /// The projection of `attributes` and `excludedAttributes`, each a list of names in standard notation. Names that nobody
    /// knows show nothing and hide nothing.
    ///
    /// # Errors
    /// `invalidValue` when both are given: they exclude each other (RFC 7644, section 3.9).
    pub fn projection(
        &self,
        attributes: &[String],
        excluded: &[String],
        tolerance: &mut Tolerance,
    ) -> Result<Projection, ScimError> {
        let is_said = |names: &[String]| names.iter().any(|name| !name.trim().is_empty());
        if is_said(attributes) && is_said(excluded) {
            return Err(ScimError::value("`attributes` and `excludedAttributes` exclude each other; give one."));
        }
        let mut known =
            |names: &[String]| names.iter().filter_map(|name| self.known(name.trim(), tolerance)).collect::<Vec<_>>();
        let unwanted = known(excluded);
        Ok(Projection { wanted: is_said(attributes).then(|| known(attributes)), unwanted })
    }

    fn known(&self, name: &str, tolerance: &mut Tolerance) -> Option<Name> {
        if let Some(schema) = self.extension(name) {
            return Some(Name::Extension(schema.id.clone()));
        }
        let found = self.find(&name.parse().ok()?, tolerance)?;
        Some(Name::Attribute(found.path()))
    }

    /// The part of a resource that is shown: what is `always`, what is asked for or `default`, never what is `never`; and
    /// nothing that the schemas do not know.
    pub fn project(&self, resource: &Resource, projection: &Projection) -> Resource {
        let mut shown = Resource::new();
        for attribute in self.top() {
            let value = member(resource, &attribute.name).and_then(|value| project(attribute, None, value, projection));
            shown.extend(value.map(|value| (attribute.name.to_string(), value)));
        }
        for (schema, _) in &self.extensions {
            let Some(members) = member(resource, &schema.id).and_then(Json::as_object) else { continue };
            let mut inside = Resource::new();
            for attribute in &schema.attributes {
                let value = member(members, &attribute.name);
                let value = value.and_then(|value| project(attribute, Some(schema), value, projection));
                inside.extend(value.map(|value| (attribute.name.to_string(), value)));
            }
            if !inside.is_empty() {
                shown.insert(schema.id.to_string(), inside.into());
            }
        }
        shown
    }
}

fn asked(names: &[Name], extension: Option<&Schema>, attribute: &Attribute, sub: Option<&Attribute>) -> Asked {
    let path = Found { extension, attribute, sub }.path();
    let mut answer = Asked::No;
    for name in names {
        match name {
            Name::Extension(id) if path.urn.as_ref() == Some(id) => return Asked::Whole,
            Name::Attribute(named) if *named == path => return Asked::Whole,
            Name::Attribute(named) if named.name == path.name && named.urn == path.urn && path.sub.is_none() => {
                answer = Asked::Parts;
            }
            _ => {}
        }
    }
    answer
}

fn is_shown(returned: Returned, wanted: Option<Asked>, unwanted: Asked) -> bool {
    match returned {
        Returned::Always => true,
        Returned::Never => false,
        Returned::Request => wanted.is_some_and(|wanted| wanted != Asked::No),
        Returned::Default => wanted.map_or(unwanted != Asked::Whole, |wanted| wanted != Asked::No),
    }
}

fn project(attribute: &Attribute, extension: Option<&Schema>, value: &Json, projection: &Projection) -> Option<Json> {
    let wanted = projection.wanted.as_ref().map(|names| asked(names, extension, attribute, None));
    let unwanted = asked(&projection.unwanted, extension, attribute, None);
    if value.is_null() {
        return None;
    }
    if attribute.kind != Kind::Complex {
        return is_shown(attribute.returned, wanted, unwanted).then(|| value.clone());
    }
    if !is_shown(attribute.returned, wanted, unwanted) {
        return None;
    }
    let part = |sub: &Attribute| {
        let by_name = |names: &[Name]| asked(names, extension, attribute, Some(sub));
        match wanted {
            // Named whole, its parts are shown as they are by default; named in parts, those.
            Some(Asked::Parts) => is_shown(sub.returned, projection.wanted.as_deref().map(by_name), Asked::No),
            _ => {
                let named = projection.wanted.as_deref().map(by_name).filter(|named| *named == Asked::Whole);
                is_shown(sub.returned, named, by_name(&projection.unwanted))
            }
        }
    };
    let parts = |value: &Json| match value {
        Json::Object(members) => {
            let kept = attribute.sub.iter().filter(|sub| part(sub)).filter_map(|sub| {
                let value = member(members, &sub.name).filter(|value| !value.is_null())?;
                Some((sub.name.to_string(), value.clone()))
            });
            let kept: Resource = kept.collect();
            (!kept.is_empty()).then_some(Json::Object(kept))
        }
        _ => None,
    };
    match value {
        Json::Array(items) if items.is_empty() => Some(Json::Array(Vec::new())),
        Json::Array(items) => {
            let items: Vec<Json> = items.iter().filter_map(parts).collect();
            (!items.is_empty()).then_some(items.into())
        }
        one => parts(one),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::schema::user;
    use crate::{Registry, ResourceType, Rules, urn};

    fn full() -> Resource {
        serde_json::from_str(include_str!("../fixtures/rfc7643/8.3-enterprise-user.json")).unwrap()
    }

    fn names(text: &str) -> Vec<String> {
        text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn shown(attributes: &str, excluded: &str) -> Resource {
        let registry = Registry::standard();
        let shape = registry.shape("User").unwrap();
        let projection = shape.projection(&names(attributes), &names(excluded), &mut Tolerance::strict()).unwrap();
        shape.project(&full(), &projection)
    }

    /// RFC 7644, section 3.9.
    #[test]
    fn the_example_of_the_rfc() {
        let shown = shown("userName", "");
        assert_eq!(
            Json::Object(shown),
            json!({"schemas": [urn::USER, urn::ENTERPRISE_USER], "id": "2819c223-7f76-453a-919d-413861904646", "userName": "bjensen@example.com"})
        );
    }

    #[test]
    fn by_default_all_is_shown_but_what_never_is() {
        let mut wanted = full();
        assert!(wanted.remove("password").is_some());
        assert_eq!(shown("", ""), wanted);
        assert_eq!(shown("password", "").keys().collect::<Vec<_>>(), ["id", "schemas"]);
    }

    #[test]
    fn names_of_every_form_show_and_hide() {
        let urn = urn::ENTERPRISE_USER;
        let one = shown(&format!("NAME.givenName,emails.value,{urn}:manager.displayName,nothing"), "");
        assert_eq!(one["name"], json!({"givenName": "Barbara"}));
        assert_eq!(one["emails"][0], json!({"value": "bjensen@example.com"}));
        assert_eq!(one[urn], json!({"manager": {"displayName": "John Smith"}}));
        assert_eq!(one.len(), 5);
        let whole = shown(&urn.to_lowercase(), "");
        assert_eq!(whole[urn], full()[urn]);
        assert_eq!(whole.len(), 3);
        let core = shown("urn:ietf:params:scim:schemas:core:2.0:User:title,emails", "");
        assert_eq!(
            (core["title"].clone(), core["emails"].clone()),
            (full()["title"].clone(), full()["emails"].clone())
        );
        let less = shown("", &format!("id,schemas,name.formatted,emails,meta,{urn}"));
        assert!(less.contains_key("id") && less.contains_key("schemas"));
        assert!(!less.contains_key("emails") && !less.contains_key("meta") && !less.contains_key(urn));
        assert!(less["name"].get("formatted").is_none() && less["name"].get("givenName").is_some());
    }

    #[test]
    fn both_lists_together_are_refused() {
        let registry = Registry::standard();
        let both = registry.shape("User").unwrap().projection(&names("id"), &names("title"), &mut Tolerance::strict());
        assert!(both.is_err());
    }

    #[test]
    fn what_is_shown_on_request_is_shown_on_request_and_what_always_is_always() {
        let mut schema = user();
        schema.attributes.push(Attribute::text("photo", "").returned(Returned::Request));
        let parts = vec![
            Attribute::text("value", "").returned(Returned::Always),
            Attribute::text("note", "").returned(Returned::Request),
            Attribute::text("more", ""),
        ];
        schema.attributes.push(Attribute::complex("badges", "", parts).many());
        let registry = Registry::new(vec![schema], vec![ResourceType::new("User", "/Users", urn::USER, "")]).unwrap();
        let shape = registry.shape("User").unwrap();
        let resource = json!({"id": "1", "photo": "p", "badges": [{"value": "v", "note": "n", "more": "m"}]});
        let shown = |attributes: &str, excluded: &str| {
            let projection = shape.projection(&names(attributes), &names(excluded), &mut Tolerance::strict()).unwrap();
            let mut shown = shape.project(resource.as_object().unwrap(), &projection);
            shown.remove("id");
            Json::Object(shown)
        };
        assert_eq!(shown("", ""), json!({"badges": [{"value": "v", "more": "m"}]}));
        assert_eq!(shown("photo", ""), json!({"photo": "p"}));
        assert_eq!(shown("badges.note", ""), json!({"badges": [{"value": "v", "note": "n"}]}));
        assert_eq!(shown("badges", ""), json!({"badges": [{"value": "v", "more": "m"}]}));
        assert_eq!(shown("", "badges.value,badges.more"), json!({"badges": [{"value": "v"}]}));
        assert_eq!(shown("", "badges"), json!({}));
    }

    fn is_part(part: &Json, whole: &Json) -> bool {
        match (part, whole) {
            (Json::Object(part), Json::Object(whole)) => {
                part.iter().all(|(name, value)| whole.get(name).is_some_and(|other| is_part(value, other)))
            }
            (Json::Array(part), Json::Array(whole)) => {
                part.iter().all(|value| whole.iter().any(|other| is_part(value, other)))
            }
            (part, whole) => part == whole,
        }
    }

    const NAMES: [&str; 12] = [
        "id",
        "userName",
        "name",
        "name.familyName",
        "emails",
        "emails.type",
        "password",
        "meta",
        "groups.$ref",
        "schemas",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn what_is_shown_is_a_part_and_shown_again_the_same(
            names in prop::collection::vec(prop::sample::select(&NAMES[..]), 0..5), excluding in any::<bool>()
        ) {
            let registry = Registry::standard();
            let shape = registry.shape("User").unwrap();
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            let (attributes, excluded) = if excluding { (vec![], names) } else { (names, vec![]) };
            let projection = shape.projection(&attributes, &excluded, &mut Tolerance::strict()).unwrap();
            let shown = shape.project(&full(), &projection);
            prop_assert!(is_part(&Json::Object(shown.clone()), &Json::Object(full())));
            prop_assert_eq!(shape.project(&shown, &projection), shown.clone());
            prop_assert!(shown.contains_key("id") && shown.contains_key("schemas") && !shown.contains_key("password"));
            // What is shown may be sent back: with its name it is what a PUT takes.
            let mut sent = shown;
            sent.insert("userName".to_owned(), "bj".into());
            prop_assert!(shape.check(&sent, Rules::default(), &mut Tolerance::strict()).is_ok());
        }
    }
}
