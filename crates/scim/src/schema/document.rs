//! A schema: a URN and its attributes (RFC 7643, section 7).

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::words::text;
use super::{Attribute, Kind, Mutability, Returned};
use crate::place::{Resource, member};
use crate::{AttrPath, Path, urn};

/// A schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Its URN.
    pub id: Arc<str>,
    /// Its name: `User`.
    pub name: Arc<str>,
    /// What it is, in words.
    pub description: Arc<str>,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// A schema of these attributes.
    pub fn new(id: &str, name: &str, description: &str, attributes: Vec<Attribute>) -> Self {
        Self { id: id.into(), name: name.into(), description: description.into(), attributes }
    }

    /// Reads one; `None` without an id.
    pub fn read(resource: &Resource) -> Option<Self> {
        let attributes = member(resource, "attributes").and_then(Json::as_array).into_iter().flatten();
        Some(Self {
            id: text(resource, "id")?.into(),
            name: text(resource, "name").unwrap_or_default().into(),
            description: text(resource, "description").unwrap_or_default().into(),
            attributes: attributes.filter_map(Attribute::read).collect(),
        })
    }

    /// The attribute of that name in any case.
    pub fn named(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// The document that `/Schemas/{urn}` answers with. `base` is the service's address without a slash at its end.
    pub fn body(&self, base: &str) -> Json {
        json!({
            "schemas": [urn::SCHEMA],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": self.attributes.iter().map(Attribute::body).collect::<Json>(),
            "meta": {"resourceType": "Schema", "location": format!("{base}/Schemas/{}", self.id)},
        })
    }

    /// The attribute that a path means: the sub-attribute, where the path names one or a filter implies `value`.
    pub fn attribute(schemas: &[Self], path: &Path) -> Option<Attribute> {
        let wanted = path.urn.as_deref().unwrap_or(urn::USER);
        let schema = schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(wanted))?;
        let attribute = schema.named(&path.name)?;
        match (&path.sub, &path.filter) {
            (Some(sub), _) => attribute.part(sub).cloned(),
            (None, Some(_)) => attribute.part("value").cloned(),
            (None, None) => Some(attribute.clone()),
        }
    }

    /// What is wrong with it as a description, if anything is: names that cannot be written in a path, names twice,
    /// complex within complex (erratum 8415), sub-attributes of what is not complex.
    pub(crate) fn flaw(&self) -> Option<String> {
        // A filter must be able to name its attributes by it.
        let named = format!("{}:name", self.id).parse::<AttrPath>();
        if !named.is_ok_and(|path| path.urn.as_ref() == Some(&self.id)) {
            return Some(format!(
                "the schema `{}` has an id that is no URI; let it be such as urn:example:2.0:User",
                self.id
            ));
        }
        flaw_in(&self.attributes, &self.id, true)
    }
}

fn flaw_in(attributes: &[Attribute], of: &str, top: bool) -> Option<String> {
    for (at, attribute) in attributes.iter().enumerate() {
        let name = &attribute.name;
        let legal = name.starts_with(|first: char| first.is_ascii_alphabetic() || (first == '$' && !top))
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '$'));
        if !legal {
            return Some(format!("`{name}` of {of} is no attribute name; letters, digits, - and _ make one"));
        }
        if attributes[..at].iter().any(|other| other.name.eq_ignore_ascii_case(name)) {
            return Some(format!("`{name}` stands twice in {of}; names differ in more than their case"));
        }
        let complex = attribute.kind == Kind::Complex;
        if complex && !top {
            return Some(format!("`{name}` of {of} is complex within a complex attribute, which SCIM does not have"));
        }
        if complex == attribute.sub.is_empty() {
            return Some(format!("`{name}` of {of}: sub-attributes and the type complex go together"));
        }
        if attribute.mutability == Mutability::WriteOnly && attribute.returned != Returned::Never {
            return Some(format!("`{name}` of {of} is written only; let it never be returned (RFC 7643, section 7)"));
        }
        if let Some(flaw) = flaw_in(&attribute.sub, name, false) {
            return Some(flaw);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_finds_its_attribute_in_the_schemas() {
        let schema = json!({"id": urn::USER, "attributes": [
            {"name": "id", "mutability": "readOnly"},
            {"name": "emails", "type": "complex", "multiValued": true, "subAttributes": [{"name": "value"}, {"name": "primary", "type": "boolean"}]}]});
        let schemas = [Schema::read(schema.as_object().unwrap()).unwrap()];
        let find = |text: &str| Schema::attribute(&schemas, &text.parse().unwrap());
        assert_eq!(find("ID").unwrap().mutability, Mutability::ReadOnly);
        assert_eq!(find(r#"emails[type eq "work"].primary"#).unwrap().kind, Kind::Boolean);
        assert_eq!(&*find(r#"emails[type eq "work"]"#).unwrap().name, "value");
        assert!(find("nickName").is_none() && find("urn:x:y:User:id").is_none());
    }

    #[test]
    fn flaws_are_named() {
        let flaw = |attributes| Schema::new("urn:a:b", "B", "", attributes).flaw();
        let text = |name| Attribute::text(name, "");
        assert_eq!(flaw(vec![text("a"), text("b")]), None);
        assert!(flaw(vec![text("a"), text("A")]).unwrap().contains("twice"));
        assert!(flaw(vec![text("a.b")]).unwrap().contains("a.b"));
        let inner = Attribute::complex("c", "", vec![text("x")]);
        assert!(flaw(vec![Attribute::complex("d", "", vec![inner])]).unwrap().contains("complex within"));
        assert!(flaw(vec![Attribute::complex("d", "", vec![])]).unwrap().contains("go together"));
        let shown = text("a").secret().returned(Returned::Default);
        assert!(flaw(vec![shown]).unwrap().contains("never be returned"));
        assert!(Schema::new("x", "X", "", vec![]).flaw().unwrap().contains("no URI"));
    }
}
