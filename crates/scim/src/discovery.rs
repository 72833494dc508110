//! What a server says about itself (RFC 7643, sections 5 to 7), read tolerantly: what is not said is assumed to be the
//! RFC's default.

use serde_json::Value as Json;

use crate::place::{Resource, member};
use crate::{Path, urn};

/// What a server can do. `None` where it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceProviderConfig {
    /// PATCH.
    pub patch: Option<bool>,
    /// Filters.
    pub filter: Option<bool>,
    /// Resources in one answer at the most.
    pub max_results: Option<u64>,
    /// Versions (ETag, If-Match).
    pub etag: Option<bool>,
    /// Bulk requests.
    pub bulk: Option<bool>,
    /// Paging by cursor (RFC 9865).
    pub cursor: Option<bool>,
}

impl ServiceProviderConfig {
    /// Reads one.
    pub fn read(body: &Json) -> Self {
        let part = |name: &str| member(body.as_object()?, name)?.as_object();
        let says = |name: &str| part(name).and_then(|part| flag(part, "supported"));
        Self {
            patch: says("patch"),
            filter: says("filter"),
            max_results: part("filter").and_then(|part| member(part, "maxResults")?.as_u64()).filter(|most| *most > 0),
            etag: says("etag"),
            bulk: says("bulk"),
            cursor: part("pagination").and_then(|part| flag(part, "cursor")),
        }
    }
}

fn flag(object: &Resource, name: &str) -> Option<bool> {
    match member(object, name)? {
        Json::Bool(flag) => Some(*flag),
        Json::String(text) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

fn text(object: &Resource, name: &str) -> Option<String> {
    member(object, name)?.as_str().map(str::to_owned)
}

/// A kind of resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// Its name: `User`.
    pub name: String,
    /// Where it is: `/Users`.
    pub endpoint: String,
    /// Its schema.
    pub schema: String,
    /// Its extensions and whether each is required.
    pub extensions: Vec<(String, bool)>,
}

impl ResourceType {
    /// Reads one; `None` when endpoint or schema is missing.
    pub fn read(resource: &Resource) -> Option<Self> {
        let extensions = member(resource, "schemaExtensions").and_then(Json::as_array).into_iter().flatten();
        Some(Self {
            name: text(resource, "name").unwrap_or_default(),
            endpoint: text(resource, "endpoint")?,
            schema: text(resource, "schema")?,
            extensions: extensions
                .filter_map(|extension| {
                    let extension = extension.as_object()?;
                    Some((text(extension, "schema")?, flag(extension, "required").unwrap_or(false)))
                })
                .collect(),
        })
    }
}

/// May an attribute be written?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mutability {
    /// Yes.
    #[default]
    ReadWrite,
    /// By the server alone.
    ReadOnly,
    /// Once.
    Immutable,
    /// Yes, but it is never shown.
    WriteOnly,
}

/// An attribute as a schema describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// `string`, `boolean`, `decimal`, `integer`, `dateTime`, `reference`, `binary`, `complex`.
    pub kind: String,
    /// Several values?
    pub multi_valued: bool,
    /// Must it have a value?
    pub required: bool,
    /// Does upper and lower case matter?
    pub case_exact: bool,
    /// May it be written?
    pub mutability: Mutability,
    /// Its sub-attributes.
    pub sub: Vec<Attribute>,
}

impl Attribute {
    fn read(attribute: &Json) -> Option<Self> {
        let attribute = attribute.as_object()?;
        let mutability = match text(attribute, "mutability").as_deref() {
            Some("readOnly") => Mutability::ReadOnly,
            Some("immutable") => Mutability::Immutable,
            Some("writeOnly") => Mutability::WriteOnly,
            _ => Mutability::ReadWrite,
        };
        let sub = member(attribute, "subAttributes").and_then(Json::as_array).into_iter().flatten();
        Some(Self {
            name: text(attribute, "name")?,
            kind: text(attribute, "type").unwrap_or_else(|| "string".to_owned()),
            multi_valued: flag(attribute, "multiValued").unwrap_or(false),
            required: flag(attribute, "required").unwrap_or(false),
            case_exact: flag(attribute, "caseExact").unwrap_or(false),
            mutability,
            sub: sub.filter_map(Self::read).collect(),
        })
    }
}

/// A schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its URN.
    pub id: String,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// Reads one; `None` without an id.
    pub fn read(resource: &Resource) -> Option<Self> {
        let attributes = member(resource, "attributes").and_then(Json::as_array).into_iter().flatten();
        Some(Self { id: text(resource, "id")?, attributes: attributes.filter_map(Attribute::read).collect() })
    }

    /// The attribute that a path means: the sub-attribute, where the path names one or a filter implies `value`.
    pub fn attribute(schemas: &[Self], path: &Path) -> Option<Attribute> {
        let schema = match &path.urn {
            Some(urn) => schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))?,
            None => schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn::USER))?,
        };
        let named = |attributes: &[Attribute], name: &str| {
            attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)).cloned()
        };
        let attribute = named(&schema.attributes, &path.name)?;
        match (&path.sub, &path.filter) {
            (Some(sub), _) => named(&attribute.sub, sub),
            (None, Some(_)) => named(&attribute.sub, "value"),
            (None, None) => Some(attribute),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_said_is_not_assumed_to_be_there() {
        let read = ServiceProviderConfig::read(
            &json!({"patch": {"supported": "True"}, "filter": {"supported": true, "maxResults": 0}}),
        );
        assert_eq!((read.patch, read.filter, read.max_results, read.etag), (Some(true), Some(true), None, None));
        assert_eq!(ServiceProviderConfig::read(&json!([])), ServiceProviderConfig::default());
    }

    #[test]
    fn a_path_finds_its_attribute_in_the_schemas() {
        let schema = json!({"id": urn::USER, "attributes": [
            {"name": "id", "mutability": "readOnly"},
            {"name": "emails", "type": "complex", "multiValued": true, "subAttributes": [{"name": "value"}, {"name": "primary", "type": "boolean"}]}]});
        let schemas = [Schema::read(schema.as_object().unwrap()).unwrap()];
        let find = |text: &str| Schema::attribute(&schemas, &text.parse().unwrap());
        assert_eq!(find("ID").unwrap().mutability, Mutability::ReadOnly);
        assert_eq!(find(r#"emails[type eq "work"].primary"#).unwrap().kind, "boolean");
        assert_eq!(find(r#"emails[type eq "work"]"#).unwrap().name, "value");
        assert!(find("nickName").is_none() && find("urn:x:y:User:id").is_none());
    }
}
