//! Records and resources: what of one is what in the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use joinery_model::{Action, Change, Failure, Held, Record, Value};
use joinery_scim::{Attribute, Kind, Path, Resource, Schema, Write, extensions, get, is_multi_valued, put, urn};
use serde_json::{Number, Value as Json};

use super::Settings;

/// The attributes that a mapping writes, each with its place in a resource.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    places: BTreeMap<Arc<str>, Path>,
    /// `externalId` is ours to write.
    external_id: Option<Path>,
    pub active: Path,
    /// Words that an error message may keep.
    pub names: BTreeSet<String>,
}

impl Layout {
    /// Reads the attributes' names as SCIM paths.
    pub(super) fn new(settings: &Settings) -> Result<Self, Failure> {
        let mut places = BTreeMap::new();
        let mut names: BTreeSet<String> =
            ["schemas", "id", "active", "externalid", "value", "type"].map(str::to_owned).into();
        for name in settings.attributes.iter().chain(&settings.match_by) {
            let path = place(name)?;
            names.insert(path.name.to_lowercase());
            names.insert(name.to_lowercase());
            if let Some(sub) = &path.sub {
                names.insert(sub.to_lowercase());
                names.insert(format!("{}.{sub}", path.name).to_lowercase());
            }
            if settings.attributes.contains(name) && !places.contains_key(name) {
                if let Some(other) = places.iter().find(|(_, other)| **other == path).map(|(other, _)| other) {
                    return Err(Failure::refused(format!(
                        "`{name}` and `{other}` are the same SCIM attribute; map it once"
                    )));
                }
                places.insert(name.clone(), path);
            }
        }
        let external_id = plain("externalId");
        let mapped =
            places.values().any(|path| path.extension().is_none() && path.name.eq_ignore_ascii_case("externalId"));
        Ok(Self { places, external_id: (!mapped).then_some(external_id), active: plain("active"), names })
    }

    /// The place of an attribute; for one outside the mapping (of `match` or `correlate`) its name is read anew.
    pub(super) fn place(&self, attribute: &str) -> Result<Path, Failure> {
        self.places.get(attribute).map_or_else(|| place(attribute), |path| Ok(path.clone()))
    }

    /// Every mapped attribute and its place.
    pub(super) fn places(&self) -> impl Iterator<Item = (&Arc<str>, &Path)> {
        self.places.iter()
    }

    /// Where the person's key stands, unless the mapping writes `externalId` itself.
    pub(super) fn external_id(&self) -> Option<&Path> {
        self.external_id.as_ref()
    }

    /// The person's value of a match attribute.
    pub(super) fn match_value(&self, record: &Record, path: &Path, schemas: &[Schema]) -> Option<Json> {
        if self.external_id.as_ref() == Some(path) {
            return Some(record.key.as_str().into());
        }
        let name = self.places.iter().find(|(_, place)| *place == path).map(|(name, _)| name)?;
        to_json(record.attributes.get(name)?, path, schemas)
    }

    /// All that a record says.
    pub(super) fn whole(&self, record: &Record, schemas: &[Schema]) -> Vec<Write> {
        self.places.keys().filter_map(|name| self.write(name, record, None, schemas)).collect()
    }

    /// What a change says: its difference, or without one all of its record. Disabling says no more than its difference.
    pub(super) fn said(&self, change: &Change, schemas: &[Schema]) -> Vec<Write> {
        if change.diff.is_empty() && change.action != Action::Disable {
            return self.whole(&change.after, schemas);
        }
        let said =
            change.diff.iter().filter_map(|diff| self.write(&diff.name, &change.after, Some(&diff.after), schemas));
        said.collect()
    }

    fn write(&self, name: &Arc<str>, record: &Record, differs: Option<&Value>, schemas: &[Schema]) -> Option<Write> {
        let path = self.places.get(name)?.clone();
        if let Some(reference) = record.references.get(name) {
            return match reference {
                None => Some(Write { path, value: None }),
                // Who has no account yet is filled in later.
                Some(other) => {
                    let id = other.target_id.as_deref()?;
                    Some(Write { path, value: Some(id.into()) })
                }
            };
        }
        let value = record.attributes.get(name).or(differs)?;
        let value = to_json(value, &path, schemas);
        Some(Write { path, value })
    }

    /// A new account.
    pub(super) fn resource(&self, record: &Record, active: bool, schemas: &[Schema]) -> Resource {
        let mut resource = Resource::new();
        if let Some(external_id) = &self.external_id {
            put(&mut resource, external_id, Some(record.key.as_str().into()));
        }
        for write in self.whole(record, schemas) {
            if write.value.is_some() {
                put(&mut resource, &write.path, write.value);
            }
        }
        put(&mut resource, &self.active, Some(active.into()));
        name_schemas(&mut resource);
        resource
    }

    /// The account that a resource is; `None` without an id.
    pub(super) fn held(&self, resource: &Resource) -> Option<Held> {
        let target_id = id_of(resource)?;
        let active = match get(resource, &self.active) {
            Some(Json::Bool(active)) => Some(*active),
            Some(Json::String(text)) => text.to_ascii_lowercase().parse().ok(),
            _ => None,
        };
        let value = |path: &Path| get(resource, path).map_or(Value::Null, from_json);
        let attributes = self.places.iter().map(|(name, path)| (name.clone(), value(&as_read(path)))).collect();
        Some(Held { target_id, active, attributes })
    }
}

/// A resource's id.
pub(super) fn id_of(resource: &Resource) -> Option<Arc<str>> {
    match get(resource, &plain("id"))? {
        Json::String(id) if !id.is_empty() => Some(id.as_str().into()),
        Json::Number(id) => Some(id.to_string().into()),
        _ => None,
    }
}

/// Says in `schemas` what a resource holds (RFC 7643, section 3).
pub(super) fn name_schemas(resource: &mut Resource) {
    let mut named: Vec<String> = match resource.get("schemas") {
        Some(Json::Array(named)) => named.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        _ => vec![urn::USER.to_owned()],
    };
    for extension in extensions(resource) {
        if !named.iter().any(|name| name.eq_ignore_ascii_case(extension)) {
            named.push(extension.to_owned());
        }
    }
    resource.insert("schemas".to_owned(), named.into());
}

fn plain(name: &str) -> Path {
    Path { urn: None, name: name.into(), filter: None, sub: None }
}

/// An element without a sub-attribute is read by its `value`.
pub(super) fn as_read(path: &Path) -> Path {
    match (&path.filter, &path.sub) {
        (Some(_), None) => Path { sub: Some("value".into()), ..path.clone() },
        _ => path.clone(),
    }
}

/// An attribute's name as a path that can be written.
fn place(name: &str) -> Result<Path, Failure> {
    let mut path: Path = name.parse().map_err(|cause| {
        Failure::refused(format!(
            "`{name}` is no SCIM attribute such as name.givenName or emails[type eq \"work\"].value"
        ))
        .because(cause)
    })?;
    if path.extension().is_none() {
        match path.name.to_lowercase().as_str() {
            "active" => {
                return Err(Failure::refused("`active` follows the person's standing; leave it out of the mapping"));
            }
            "id" | "meta" | "schemas" | "groups" => {
                return Err(Failure::refused(format!("`{name}` is the server's own; leave it out of the mapping")));
            }
            _ => {}
        }
        path.urn = None;
        if is_multi_valued(&path) && path.filter.is_none() && path.sub.is_some() {
            return Err(Failure::refused(format!(
                "`{name}` may hold several values; say which one is meant, such as {}[type eq \"work\"].{}",
                path.name,
                path.sub.as_deref().unwrap_or("value")
            )));
        }
    } else if path.name.eq_ignore_ascii_case("manager") && path.sub.is_none() {
        path.sub = Some("value".into());
    }
    Ok(as_read(&path))
}

/// A value as the schema wants it; where the schema is not known, as it is.
pub(super) fn to_json(value: &Value, path: &Path, schemas: &[Schema]) -> Option<Json> {
    let attribute = Schema::attribute(schemas, path);
    let json = scalar(value, attribute.as_ref())?;
    let element = |one: Json| if one.is_object() { one } else { serde_json::json!({"value": one}) };
    let many = path.filter.is_none() && path.sub.is_none() && is_multi_valued(path);
    Some(match json {
        Json::Array(items) if many => items.into_iter().map(element).collect(),
        Json::Array(items) => items.into(),
        one if many => vec![element(one)].into(),
        one if attribute.is_some_and(|attribute| attribute.multi_valued) => vec![one].into(),
        one => one,
    })
}

fn scalar(value: &Value, attribute: Option<&Attribute>) -> Option<Json> {
    let kind = attribute.map(|attribute| attribute.kind);
    let number = |text: &str| text.parse::<Number>().ok().map(Json::Number);
    Some(match (kind, value) {
        (_, Value::Null) => return None,
        (_, Value::List(items)) => items.iter().filter_map(|item| scalar(item, attribute)).collect(),
        (_, Value::Object(members)) => Json::Object(
            members.iter().filter_map(|(name, value)| Some((name.to_string(), scalar(value, None)?))).collect(),
        ),
        (Some(Kind::Boolean), Value::Text(text)) => {
            text.to_ascii_lowercase().parse().map_or_else(|_| Json::from(&**text), Json::Bool)
        }
        (Some(Kind::Integer | Kind::Decimal), Value::Text(text)) => number(text).unwrap_or_else(|| Json::from(&**text)),
        (Some(Kind::DateTime), Value::Date(date)) => format!("{date}T00:00:00Z").into(),
        (Some(Kind::String), value) => value.to_plain().into(),
        (_, Value::Bool(flag)) => (*flag).into(),
        (_, Value::Int(whole)) => (*whole).into(),
        (_, Value::Decimal(text)) => number(text).unwrap_or_else(|| Json::from(&**text)),
        (_, value) => value.to_plain().into(),
    })
}

fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => number.as_i64().map_or_else(|| Value::Decimal(number.to_string().into()), Value::Int),
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(items) => Value::List(items.iter().map(from_json).collect()),
        Json::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.as_str().into(), from_json(value))).collect())
        }
    }
}

/// Do two values of an attribute mean the same? Text without regard to case, unless the attribute is case-exact.
pub(super) fn same(a: &Json, b: &Json, exact: bool) -> bool {
    match (a, b) {
        (Json::String(a), Json::String(b)) if !exact => a.to_lowercase() == b.to_lowercase(),
        _ => a == b,
    }
}

/// The version that a resource says it has, for servers that send no header.
pub(super) fn version_of(resource: &Resource) -> Option<String> {
    resource.get("meta")?.as_object()?.get("version")?.as_str().map(str::to_owned)
}
