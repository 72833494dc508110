//! Attribute notation (RFC 7644, section 3.10) against what there is.

use std::sync::Arc;

use crate::schema::{Attribute, Kind, Returned, Schema};
use crate::{AttrPath, Quirk, Shape, Tolerance};

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found<'a> {
    /// The extension that it belongs to; none for what stands at the top of a resource.
    pub extension: Option<&'a Schema>,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// The sub-attribute, where the name says one.
    pub sub: Option<&'a Attribute>,
}

impl<'a> Found<'a> {
    /// The name as the registry spells it; the URN only where it is an extension's.
    pub fn path(&self) -> AttrPath {
        AttrPath {
            urn: self.extension.map(|schema| schema.id.clone()),
            name: self.attribute.name.clone(),
            sub: self.sub.map(|sub| sub.name.clone()),
        }
    }

    /// What is named: the sub-attribute or the attribute.
    pub fn target(&self) -> &'a Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// Is it never shown? Then nobody may ask for resources by it either.
    pub fn is_hidden(&self) -> bool {
        self.attribute.returned == Returned::Never || self.target().returned == Returned::Never
    }

    /// The same, with a complex attribute that has a `value` meaning that one: the RFC's own examples write
    /// `emails co "x"` (section 3.4.2.2).
    pub fn valued(self) -> Self {
        match (self.sub, self.attribute.kind) {
            (None, Kind::Complex) => Self { sub: self.attribute.part("value"), ..self },
            _ => self,
        }
    }
}

impl Shape {
    /// What a name means here. A name without a URN is one of the resource's own schema; names and URNs compare in any
    /// case of letters (RFC 7643, section 2.1).
    ///
    /// With [`Quirk::DottedUrns`] `urn:…:User.division` is understood; with [`Quirk::BareNames`] a name without its parent: first among the
    /// sub-attributes of single complex attributes (`givenName`), then in the extensions in their order (`division`).
    pub fn find(&self, path: &AttrPath, tolerance: &mut Tolerance) -> Option<Found<'_>> {
        match &path.urn {
            None => self.at_top(path).or_else(|| self.bare(path, tolerance)),
            Some(urn) if urn.eq_ignore_ascii_case(&self.core.id) => self.at_top(path),
            Some(urn) => match self.extension(urn) {
                Some(schema) => within(Some(schema), &schema.attributes, &path.name, path.sub.as_ref()),
                None => self.dotted(urn, path, tolerance),
            },
        }
    }

    fn at_top(&self, path: &AttrPath) -> Option<Found<'_>> {
        within(None, &self.common, &path.name, path.sub.as_ref())
            .or_else(|| within(None, &self.core.attributes, &path.name, path.sub.as_ref()))
    }

    fn bare(&self, path: &AttrPath, tolerance: &mut Tolerance) -> Option<Found<'_>> {
        if !tolerance.allows(Quirk::BareNames) {
            return None;
        }
        let mut single = self.top().filter(|attribute| !attribute.multi_valued && path.sub.is_none());
        let part = |attribute| Some(Found { extension: None, attribute, sub: Some(attribute.part(&path.name)?) });
        let found = single.find_map(part).or_else(|| {
            let extensions = self.extensions.iter().map(|(schema, _)| &**schema);
            extensions
                .into_iter()
                .find_map(|schema| within(Some(schema), &schema.attributes, &path.name, path.sub.as_ref()))
        });
        found.filter(|_| tolerance.meets(Quirk::BareNames))
    }

    /// `urn:…:2.0:User.division` is read as the URN `urn:…:2.0` with the name `User.division`.
    fn dotted(&self, urn: &str, path: &AttrPath, tolerance: &mut Tolerance) -> Option<Found<'_>> {
        let name = path.sub.as_ref()?;
        let whole = format!("{urn}:{}", path.name);
        let found = if whole.eq_ignore_ascii_case(&self.core.id) {
            self.at_top(&AttrPath { urn: None, name: name.clone(), sub: None })
        } else {
            let schema = self.extension(&whole)?;
            within(Some(schema), &schema.attributes, name, None)
        };
        found.filter(|_| tolerance.meets(Quirk::DottedUrns))
    }
}

fn within<'a>(
    extension: Option<&'a Schema>,
    attributes: &'a [Attribute],
    name: &str,
    sub: Option<&Arc<str>>,
) -> Option<Found<'a>> {
    let attribute = attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))?;
    let sub = match sub {
        Some(sub) => Some(attribute.part(sub)?),
        None => None,
    };
    Some(Found { extension, attribute, sub })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Registry;
    use crate::schema::Mutability;

    fn found(text: &str, tolerance: &mut Tolerance) -> Option<String> {
        let registry = Registry::standard();
        let shape = registry.shape("User").unwrap();
        shape.find(&text.parse().unwrap(), tolerance).map(|found| found.path().to_string())
    }

    #[test]
    fn names_are_found_in_any_case_with_and_without_their_urn() {
        for (text, means) in [
            ("USERNAME", "userName"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:name.GIVENNAME", "name.givenName"),
            ("URN:IETF:params:scim:schemas:core:2.0:user:emails.value", "emails.value"),
            ("groups.$REF", "groups.$ref"),
            ("meta.lastmodified", "meta.lastModified"),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:MANAGER.value",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            ),
        ] {
            assert_eq!(found(text, &mut Tolerance::strict()).as_deref(), Some(means));
        }
        for text in [
            "givenName",
            "nothing",
            "name.nothing",
            "urn:ietf:params:scim:schemas:core:2.0:Group:members",
            "userName.x",
            "division",
        ] {
            assert_eq!(found(text, &mut Tolerance::strict()), None, "{text}");
        }
    }

    /// The attributes for filters of the One Identity document.
    #[test]
    fn names_without_their_parents_and_dotted_urns_are_found_where_allowed() {
        let enterprise = |name: &str| format!("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:{name}");
        for (text, means, quirk) in [
            ("lastModified", "meta.lastModified".to_owned(), Quirk::BareNames),
            ("givenName", "name.givenName".to_owned(), Quirk::BareNames),
            ("familyname", "name.familyName".to_owned(), Quirk::BareNames),
            ("division", enterprise("division"), Quirk::BareNames),
            ("manager.value", enterprise("manager.value"), Quirk::BareNames),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department",
                enterprise("department"),
                Quirk::DottedUrns,
            ),
            ("urn:ietf:params:scim:schemas:core:2.0:User.userName", "userName".to_owned(), Quirk::DottedUrns),
        ] {
            let mut tolerance = Tolerance::lenient();
            assert_eq!(found(text, &mut tolerance), Some(means));
            assert_eq!(tolerance.met().collect::<Vec<_>>(), [(quirk, 1)]);
            assert_eq!(found(text, &mut Tolerance::strict()), None);
        }
        assert_eq!(found("locality", &mut Tolerance::lenient()), None);
    }

    #[test]
    fn what_is_found_says_what_may_be_done() {
        let registry = Registry::standard();
        let shape = registry.shape("User").unwrap();
        let find = |text: &str| shape.find(&text.parse().unwrap(), &mut Tolerance::strict()).unwrap();
        assert_eq!(find("groups.value").target().mutability, Mutability::ReadOnly);
        assert_eq!(&*find("emails").valued().target().name, "value");
        assert_eq!(&*find("addresses").valued().attribute.name, "addresses");
    }
}
