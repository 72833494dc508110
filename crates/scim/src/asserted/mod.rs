//! The body of a POST or PUT against the schema: what a client asserts, and what becomes of a resource by it.

#[cfg(test)]
mod tests;

use serde_json::{Value as Json, json};

use crate::body::shown;
use crate::place::{Resource, member};
use crate::schema::{Attribute, Kind, Mutability, Schema};
use crate::value::{Checking, is_blank, without_nulls};
use crate::{AttrPath, AttributeChange, Quirk, Rules, ScimError, ScimType, Shape, Tolerance};

/// What a client says that a resource should be. Three things are kept apart: a value, no value (`cleared`), and nothing said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asserted {
    /// The values, spelled as the registry spells them, without nulls and without what only the server writes. `schemas` names
    /// the resource's schema and the extensions that it holds data of or that the client named.
    pub resource: Resource,
    /// Attributes that were said to have no value: null or an empty array. Sub-attributes of one complex value too.
    pub cleared: Vec<AttrPath>,
    /// Names that nobody knows and that were left out.
    pub left_out: Vec<String>,
}

/// What an attribute means that a PUT does not mention (RFC 7644, section 3.5.1 leaves it to the server).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// It is cleared.
    Cleared,
    /// It stays as it is.
    Kept,
}

/// A resource as it is to be, and what that changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The whole resource.
    pub resource: Resource,
    /// What differs from before; nothing, when nothing is to be written and `meta.lastModified` must not move.
    pub changes: Vec<AttributeChange>,
}

impl Shape {
    /// Checks the body of a POST or PUT. What only the server writes is left out (RFC 7644, sections 3.3 and 3.5.1).
    ///
    /// # Errors
    /// `invalidSyntax` for names that nobody knows (unless [`Quirk::UnknownAttributes`]), names twice, and wrong `schemas`;
    /// `invalidValue` for values that do not fit and required ones that are missing. Each names its attribute.
    pub fn check(&self, body: &Resource, rules: Rules, tolerance: &mut Tolerance) -> Result<Asserted, ScimError> {
        let mut checking = Checking { rules, tolerance };
        let mut asserted = Asserted::default();
        let listed = self.listed(body, &mut checking, &mut asserted)?;
        let mut seen = Vec::new();
        for (name, value) in body {
            if name.eq_ignore_ascii_case("schemas") {
                continue;
            }
            if let Some(schema) = self.extension(name) {
                once(&mut seen, schema.id.to_string())?;
                self.extension_body(schema, value, &mut checking, &mut asserted)?;
            } else if let Some(attribute) = self.top().find(|attribute| attribute.name.eq_ignore_ascii_case(name)) {
                once(&mut seen, attribute.name.to_string())?;
                if let Some(value) = taken(attribute, None, value, &mut checking, &mut asserted.cleared)? {
                    asserted.resource.insert(attribute.name.to_string(), value);
                }
            } else {
                self.unknown(name, &mut checking, &mut asserted.left_out)?;
            }
        }
        self.required(&asserted.resource)?;
        self.list_schemas(&mut asserted.resource, &listed, &mut checking)?;
        Ok(asserted)
    }

    /// The extensions that `schemas` names; that the resource's own schema is there is checked.
    fn listed(
        &self,
        body: &Resource,
        checking: &mut Checking<'_>,
        asserted: &mut Asserted,
    ) -> Result<Vec<Json>, ScimError> {
        let core = &self.core.id;
        let list = match member(body, "schemas") {
            Some(Json::Array(items)) => items.as_slice(),
            None | Some(Json::Null) => &[],
            Some(one @ Json::String(_)) if checking.tolerance.meets(Quirk::ArrayLeftOut) => std::slice::from_ref(one),
            Some(_) => return Err(ScimError::syntax("`schemas` must be an array of URNs.")),
        };
        let mut extensions = Vec::new();
        let mut own = false;
        for item in list {
            let Some(urn) = item.as_str() else { return Err(ScimError::syntax("`schemas` must be an array of URNs.")) };
            if urn.eq_ignore_ascii_case(core) {
                own = true;
            } else if let Some(schema) = self.extension(urn) {
                extensions.push(Json::from(&*schema.id));
            } else {
                self.unknown(urn, checking, &mut asserted.left_out)?;
            }
        }
        if !own && !checking.tolerance.meets(Quirk::SchemasLeftOut) {
            return Err(ScimError::syntax(format!("`schemas` must name {core}.")));
        }
        Ok(extensions)
    }

    fn extension_body(
        &self,
        schema: &Schema,
        value: &Json,
        checking: &mut Checking<'_>,
        asserted: &mut Asserted,
    ) -> Result<(), ScimError> {
        let members = match value {
            Json::Object(members) => members,
            Json::Null => {
                let all = schema.attributes.iter().filter(|attribute| attribute.mutability != Mutability::ReadOnly);
                asserted.cleared.extend(all.map(|attribute| path(Some(schema), attribute)));
                return Ok(());
            }
            _ => return Err(ScimError::value(format!("`{}` must be an object of its attributes.", schema.id))),
        };
        let mut inside = Resource::new();
        let mut seen = Vec::new();
        for (name, value) in members {
            let Some(attribute) = schema.named(name) else {
                self.unknown(&format!("{}:{name}", schema.id), checking, &mut asserted.left_out)?;
                continue;
            };
            once(&mut seen, attribute.name.to_string())?;
            if let Some(value) = taken(attribute, Some(schema), value, checking, &mut asserted.cleared)? {
                inside.insert(attribute.name.to_string(), value);
            }
        }
        if !inside.is_empty() {
            asserted.resource.insert(schema.id.to_string(), inside.into());
        }
        Ok(())
    }

    fn unknown(&self, name: &str, checking: &mut Checking<'_>, left_out: &mut Vec<String>) -> Result<(), ScimError> {
        if checking.tolerance.meets(Quirk::UnknownAttributes) {
            left_out.push(shown(name));
            return Ok(());
        }
        let kind = &self.kind.name;
        Err(ScimError::syntax(format!("`{}`: {kind} has no such attribute or schema.", shown(name))))
    }

    /// Is everything there that must be?
    pub(crate) fn required(&self, resource: &Resource) -> Result<(), ScimError> {
        match self.missing(resource) {
            Some(name) => Err(ScimError::value(format!("`{name}` is required."))),
            None => Ok(()),
        }
    }

    /// The first attribute or extension that must have a value, has none, and is the client's to give.
    pub(crate) fn missing(&self, resource: &Resource) -> Option<String> {
        let blank = |top: &Resource, attribute: &Attribute| {
            attribute.required
                && attribute.mutability != Mutability::ReadOnly
                && &*attribute.name != "schemas"
                && member(top, &attribute.name).is_none_or(is_blank)
        };
        if let Some(attribute) = self.top().find(|attribute| blank(resource, attribute)) {
            return Some(attribute.name.to_string());
        }
        self.extensions.iter().find_map(|(schema, required)| {
            // An extension that need not be there binds only the resources that have it.
            let Some(inside) = member(resource, &schema.id).and_then(Json::as_object) else {
                return required.then(|| schema.id.to_string());
            };
            let attribute = schema.attributes.iter().find(|attribute| blank(inside, attribute))?;
            Some(path(Some(schema), attribute).to_string())
        })
    }

    /// Writes `schemas`: the resource's own and the extensions that it has data of or that were named.
    fn list_schemas(
        &self,
        resource: &mut Resource,
        listed: &[Json],
        checking: &mut Checking<'_>,
    ) -> Result<(), ScimError> {
        for (schema, _) in &self.extensions {
            let held = resource.contains_key(&*schema.id);
            if held && !listed.contains(&json!(schema.id)) && !checking.tolerance.meets(Quirk::SchemaNotListed) {
                return Err(ScimError::syntax(format!(
                    "`{}` has attributes in the body; name it in `schemas`.",
                    schema.id
                )));
            }
        }
        self.write_schemas(resource, listed);
        Ok(())
    }

    pub(crate) fn write_schemas(&self, resource: &mut Resource, listed: &[Json]) {
        let extensions = self.extensions.iter().map(|(schema, _)| schema);
        let named =
            extensions.filter(|schema| resource.contains_key(&*schema.id) || listed.contains(&json!(schema.id)));
        let all: Vec<Json> = std::iter::once(&self.core).chain(named).map(|schema| Json::from(&*schema.id)).collect();
        resource.insert("schemas".to_owned(), all.into());
    }

    /// What a PUT makes of a resource (RFC 7644, section 3.5.1): what is asserted is set, what only the server writes stays, and
    /// so does what is written but never shown, since no client can send it back.
    ///
    /// # Errors
    /// `mutability` when an immutable attribute would change.
    pub fn replace(&self, current: &Resource, asserted: &Asserted, absent: Absent) -> Result<Changed, ScimError> {
        let mut resource = Resource::new();
        let is_cleared =
            |extension: Option<&Schema>, attribute: &Attribute| asserted.cleared.contains(&path(extension, attribute));
        for attribute in self.top() {
            let (was, said) = (member(current, &attribute.name), member(&asserted.resource, &attribute.name));
            let value = replaced(attribute, None, was, said, is_cleared(None, attribute), absent)?;
            resource.extend(value.map(|value| (attribute.name.to_string(), value)));
        }
        for (schema, _) in &self.extensions {
            let side = |of: &'_ Resource| member(of, &schema.id).and_then(Json::as_object).cloned().unwrap_or_default();
            let (were, said) = (side(current), side(&asserted.resource));
            let mut inside = Resource::new();
            for attribute in &schema.attributes {
                let (was, said) = (member(&were, &attribute.name), member(&said, &attribute.name));
                let value = replaced(attribute, Some(schema), was, said, is_cleared(Some(schema), attribute), absent)?;
                inside.extend(value.map(|value| (attribute.name.to_string(), value)));
            }
            if !inside.is_empty() {
                resource.insert(schema.id.to_string(), inside.into());
            }
        }
        let listed = member(&asserted.resource, "schemas").and_then(Json::as_array).cloned().unwrap_or_default();
        self.write_schemas(&mut resource, &listed);
        self.required(&resource)?;
        Ok(Changed { changes: self.changes(current, &resource), resource })
    }
}

fn path(extension: Option<&Schema>, attribute: &Attribute) -> AttrPath {
    AttrPath { urn: extension.map(|schema| schema.id.clone()), name: attribute.name.clone(), sub: None }
}

fn once(seen: &mut Vec<String>, name: String) -> Result<(), ScimError> {
    if seen.contains(&name) {
        return Err(ScimError::syntax(format!("`{name}` stands twice; names differ in more than their case.")));
    }
    seen.push(name);
    Ok(())
}

/// The value of an attribute, if the client gives one; that it gives none on purpose is noted.
fn taken(
    attribute: &Attribute,
    extension: Option<&Schema>,
    value: &Json,
    checking: &mut Checking<'_>,
    cleared: &mut Vec<AttrPath>,
) -> Result<Option<Json>, ScimError> {
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(None);
    }
    let path = path(extension, attribute);
    let value = checking.value(attribute, &path.to_string(), value, false)?;
    if let (Json::Object(members), false) = (&value, attribute.multi_valued) {
        let nulls = members.iter().filter(|(_, value)| value.is_null());
        cleared.extend(nulls.map(|(name, _)| AttrPath { sub: Some(name.as_str().into()), ..path.clone() }));
    }
    let said_nothing = value.is_null() || value == json!([]);
    let value = without_nulls(value);
    if value.is_none() && said_nothing {
        cleared.push(path);
    }
    Ok(value)
}

fn replaced(
    attribute: &Attribute,
    extension: Option<&Schema>,
    was: Option<&Json>,
    said: Option<&Json>,
    cleared: bool,
    absent: Absent,
) -> Result<Option<Json>, ScimError> {
    let was = was.filter(|was| !was.is_null());
    let keeps = match attribute.mutability {
        Mutability::ReadOnly => return Ok(was.cloned()),
        Mutability::Immutable => {
            if let (Some(was), Some(said)) = (was, said)
                && was != said
            {
                let path = path(extension, attribute);
                return Err(ScimError::new(
                    ScimType::Mutability,
                    format!("`{path}` cannot be changed once it is set."),
                ));
            }
            true
        }
        Mutability::WriteOnly => !cleared,
        Mutability::ReadWrite => absent == Absent::Kept && !cleared,
    };
    let Some(said) = said else { return Ok(was.filter(|_| keeps).cloned()) };
    if attribute.kind != Kind::Complex {
        return Ok(Some(said.clone()));
    }
    Ok(Some(match (said, was) {
        (Json::Array(said), Some(Json::Array(were))) => {
            said.iter().map(|said| with_servers_part(attribute, said, same_element(said, were))).collect()
        }
        (said, was) => with_servers_part(attribute, said, was),
    }))
}

/// The element of the same `value`.
fn same_element<'a>(said: &Json, were: &'a [Json]) -> Option<&'a Json> {
    let value = said.get("value")?;
    were.iter().find(|was| was.get("value") == Some(value))
}

/// A complex value with what the server alone writes of it, as long as it is still the same thing: another manager's name is not
/// this one's.
fn with_servers_part(attribute: &Attribute, said: &Json, was: Option<&Json>) -> Json {
    let (Json::Object(said_members), Some(Json::Object(was))) = (said, was) else { return said.clone() };
    if member(said_members, "value") != member(was, "value") {
        return said.clone();
    }
    let mut whole = said_members.clone();
    for sub in attribute.sub.iter().filter(|sub| sub.mutability == Mutability::ReadOnly) {
        whole.extend(member(was, &sub.name).map(|value| (sub.name.to_string(), value.clone())));
    }
    whole.into()
}
