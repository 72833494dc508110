//! The registry: which kinds of resources a service has, and what their schemas say. Everything else derives from it.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::schema::{self, Attribute, Schema};
use crate::{AttrPath, ResourceType, list_of, urn};

/// Why a registry cannot be made, or an attribute not be disabled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RegistryError(String);

/// One kind of resource with its schemas at hand: what requests are judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The kind.
    pub kind: ResourceType,
    /// Its schema.
    pub core: Arc<Schema>,
    /// Its extensions, and whether every resource must have each.
    pub extensions: Vec<(Arc<Schema>, bool)>,
    /// What every resource has: `schemas`, `id`, `externalId`, `meta`.
    pub common: Vec<Attribute>,
}

/// Kinds of resources and their schemas.
#[derive(Clone, Debug, PartialEq)]
pub struct Registry {
    shapes: Vec<Shape>,
}

impl Registry {
    /// A registry of these kinds; `schemas` holds the schema and the extensions of each.
    ///
    /// # Errors
    /// When a schema is missing or flawed, or two kinds share a name or an endpoint.
    pub fn new(schemas: Vec<Schema>, kinds: Vec<ResourceType>) -> Result<Self, RegistryError> {
        if let Some(flaw) = schemas.iter().find_map(Schema::flaw) {
            return Err(RegistryError(flaw));
        }
        let schemas: Vec<Arc<Schema>> = schemas.into_iter().map(Arc::new).collect();
        let known = |id: &str, kind: &str| {
            let found = schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(id)).cloned();
            found.ok_or_else(|| RegistryError(format!("{kind} names the schema `{id}`, which is not given")))
        };
        let mut shapes: Vec<Shape> = Vec::new();
        for kind in kinds {
            let taken = |other: &&Shape| other.kind.name == kind.name || other.kind.endpoint == kind.endpoint;
            if shapes.iter().find(taken).is_some() {
                return Err(RegistryError(format!("the name or endpoint of {} is taken by another kind", kind.name)));
            }
            if !kind.endpoint.starts_with('/') || kind.name.is_empty() {
                return Err(RegistryError(format!("`{}` needs a name and an endpoint such as /Users", kind.name)));
            }
            let core = known(&kind.schema, &kind.name)?;
            let extensions = kind.extensions.iter().map(|(id, required)| Ok((known(id, &kind.name)?, *required)));
            let extensions = extensions.collect::<Result<Vec<_>, _>>()?;
            shapes.push(Shape { kind, core, extensions, common: schema::of_every_resource() });
        }
        Ok(Self { shapes })
    }

    /// The standard's own: User with the enterprise extension, and Group.
    pub fn standard() -> Self {
        let schemas = vec![schema::user(), schema::enterprise_user(), schema::group()];
        let kinds = vec![
            ResourceType::new("User", "/Users", urn::USER, "A person's account").extended(urn::ENTERPRISE_USER),
            ResourceType::new("Group", "/Groups", urn::GROUP, "A group of people and groups"),
        ];
        Self::new(schemas, kinds).expect("the standard's own schemas are sound: a test says so")
    }

    /// The same with one more extension of a kind.
    ///
    /// # Errors
    /// When there is no such kind, the schema is flawed, or the kind has it already.
    pub fn extended(mut self, kind: &str, schema: Schema, required: bool) -> Result<Self, RegistryError> {
        if let Some(flaw) = schema.flaw() {
            return Err(RegistryError(flaw));
        }
        let shape = self.shapes.iter_mut().find(|shape| shape.kind.name == kind);
        let shape = shape.ok_or_else(|| RegistryError(format!("there is no resource type `{kind}`")))?;
        if shape.schemas().any(|other| other.id.eq_ignore_ascii_case(&schema.id)) {
            return Err(RegistryError(format!("{kind} has the schema `{}` already", schema.id)));
        }
        shape.kind.extensions.push((schema.id.to_string(), required));
        shape.extensions.push((Arc::new(schema), required));
        Ok(self)
    }

    /// The kinds.
    pub fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// The kind of that name: `User`.
    pub fn shape(&self, name: &str) -> Option<&Shape> {
        self.shapes.iter().find(|shape| shape.kind.name == name)
    }

    /// The kind at that endpoint: `Users`, with or without a slash before it.
    pub fn at(&self, endpoint: &str) -> Option<&Shape> {
        let endpoint = endpoint.trim_start_matches('/');
        self.shapes.iter().find(|shape| shape.kind.endpoint.trim_start_matches('/') == endpoint)
    }

    /// The same without these attributes of a kind: what is disabled is neither shown nor read, and unknown to filters.
    /// Names are in the standard's notation (`name.middleName`, `urn:…:User:division`); an extension's attribute may
    /// also stand without its URN.
    ///
    /// # Errors
    /// When the kind has no such attribute, or must have it: `id`, `schemas`, `meta`, and what is required.
    pub fn without(mut self, kind: &str, names: &[&str]) -> Result<Self, RegistryError> {
        let shape = self.shapes.iter_mut().find(|shape| shape.kind.name == kind);
        let shape = shape.ok_or_else(|| RegistryError(format!("there is no resource type `{kind}`")))?;
        for name in names {
            shape.disable(name)?;
        }
        Ok(self)
    }

    /// The schemas, each once: those of the kinds, and those of the discovery documents.
    pub fn schemas(&self) -> Vec<Arc<Schema>> {
        let mut all: Vec<Arc<Schema>> = Vec::new();
        for shape in &self.shapes {
            for schema in shape.schemas() {
                if !all.iter().any(|other| other.id == schema.id) {
                    all.push(schema.clone());
                }
            }
        }
        let own = [schema::service_provider_config(), schema::resource_type(), schema::schema()];
        all.extend(own.map(Arc::new));
        all
    }

    /// What `/Schemas` answers with. `base` is the service's address without a slash at its end.
    pub fn schemas_body(&self, base: &str) -> Json {
        list_of(&self.schemas().iter().map(|schema| schema.body(base)).collect::<Vec<_>>())
    }

    /// What `/Schemas/{urn}` answers with.
    pub fn schema_body(&self, id: &str, base: &str) -> Option<Json> {
        self.schemas().iter().find(|schema| schema.id.eq_ignore_ascii_case(id)).map(|schema| schema.body(base))
    }

    /// What `/ResourceTypes` answers with.
    pub fn resource_types_body(&self, base: &str) -> Json {
        list_of(&self.shapes.iter().map(|shape| shape.kind.body(base)).collect::<Vec<_>>())
    }

    /// What `/ResourceTypes/{name}` answers with.
    pub fn resource_type_body(&self, name: &str, base: &str) -> Option<Json> {
        self.shape(name).map(|shape| shape.kind.body(base))
    }
}

impl Shape {
    /// Its schema and its extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Arc<Schema>> {
        std::iter::once(&self.core).chain(self.extensions.iter().map(|(schema, _)| schema))
    }

    /// The extension of that URN, in any case of letters.
    pub fn extension(&self, id: &str) -> Option<&Arc<Schema>> {
        self.extensions.iter().map(|(schema, _)| schema).find(|schema| schema.id.eq_ignore_ascii_case(id))
    }

    /// The attributes at the top of a resource: the common ones and those of its schema.
    pub fn top(&self) -> impl Iterator<Item = &Attribute> {
        // A schema may describe common attributes once more; the standard's description counts (section 3.1).
        let own = self.core.attributes.iter();
        self.common.iter().chain(own.filter(|attribute| self.common_named(&attribute.name).is_none()))
    }

    pub(crate) fn common_named(&self, name: &str) -> Option<&Attribute> {
        self.common.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    fn disable(&mut self, name: &str) -> Result<(), RegistryError> {
        let kind = self.kind.name.clone();
        let path: AttrPath = name
            .parse()
            .map_err(|error| RegistryError(format!("`{name}` cannot be disabled: it is no attribute ({error})")))?;
        let unknown = || RegistryError(format!("`{name}` cannot be disabled: {kind} has no such attribute"));
        let at_top = path.urn.as_ref().is_none_or(|urn| urn.eq_ignore_ascii_case(&self.core.id));
        if at_top && self.common_named(&path.name).is_some() {
            return take_out(&mut self.common, &path, name);
        }
        let is_there = |schema: &Schema| schema.named(&path.name).is_some();
        if at_top && is_there(&self.core) {
            return take_out(&mut Arc::make_mut(&mut self.core).attributes, &path, name);
        }
        let extension = self.extensions.iter_mut().map(|(schema, _)| schema).find(|schema| {
            path.urn.as_ref().is_none_or(|urn| urn.eq_ignore_ascii_case(&schema.id)) && is_there(schema)
        });
        let extension = extension.ok_or_else(unknown)?;
        take_out(&mut Arc::make_mut(extension).attributes, &path, name)
    }
}

fn take_out(attributes: &mut Vec<Attribute>, path: &AttrPath, name: &str) -> Result<(), RegistryError> {
    let mandatory = || RegistryError(format!("`{name}` cannot be disabled: it is mandatory"));
    let unknown = || RegistryError(format!("`{name}` cannot be disabled: there is no such attribute"));
    let is = |attribute: &Attribute| attribute.name.eq_ignore_ascii_case(&path.name);
    let at = attributes.iter().position(is).ok_or_else(unknown)?;
    let attribute = &mut attributes[at];
    if &*attribute.name == "meta" {
        return Err(mandatory());
    }
    if let Some(sub) = &path.sub {
        let part = attribute.sub.iter().position(|part| part.name.eq_ignore_ascii_case(sub)).ok_or_else(unknown)?;
        if attribute.sub[part].required {
            return Err(mandatory());
        }
        attribute.sub.remove(part);
        if !attribute.sub.is_empty() {
            return Ok(());
        }
    }
    if attribute.required {
        return Err(mandatory());
    }
    attributes.remove(at);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_own_is_sound_and_lists_its_documents() {
        let registry = Registry::standard();
        let schemas = registry.schemas_body("https://x/v2");
        assert_eq!(schemas["totalResults"], 6);
        assert_eq!(registry.resource_types_body("https://x/v2")["totalResults"], 2);
        let user = registry.schema_body(&urn::USER.to_uppercase(), "https://x/v2").unwrap();
        assert_eq!(user["meta"]["location"], format!("https://x/v2/Schemas/{}", urn::USER));
        assert!(registry.schema_body("urn:x", "").is_none() && registry.resource_type_body("user", "").is_none());
        assert_eq!(registry.at("Users"), registry.shape("User"));
        for schema in registry.schemas() {
            assert_eq!(schema.flaw(), None);
            assert!(
                schema
                    .attributes
                    .iter()
                    .flat_map(|a| std::iter::once(a).chain(&a.sub))
                    .all(|a| !a.description.is_empty())
            );
        }
    }

    #[test]
    fn what_is_disabled_is_gone_and_what_is_mandatory_stays() {
        let registry = Registry::standard();
        let names = ["nickName", "NAME.middleName", "division", "externalId", "password"];
        let less = registry.clone().without("User", &names).unwrap();
        let user = less.shape("User").unwrap();
        assert!(user.core.named("nickName").is_none() && user.extensions[0].0.named("division").is_none());
        assert!(user.core.named("name").unwrap().part("middleName").is_none());
        assert!(user.core.named("name").unwrap().part("givenName").is_some());
        for name in ["userName", "id", "meta", "meta.created", "schemas", "nothing", "name.nothing", "a b", "urn:x:y:z"]
        {
            let error = registry.clone().without("User", &[name]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("cannot be disabled"), "{error}");
        }
        assert!(registry.without("Device", &[]).is_err());
    }

    #[test]
    fn an_extension_is_shown_found_and_not_added_twice() {
        let extension =
            || Schema::new("urn:example:2.0:User", "Ours", "Ours", vec![Attribute::text("badge", "A badge")]);
        let registry = Registry::standard().extended("User", extension(), false).unwrap();
        let shape = registry.shape("User").unwrap();
        let path = "urn:EXAMPLE:2.0:user:BADGE".parse().unwrap();
        assert!(shape.find(&path, &mut crate::Tolerance::strict()).is_some());
        let body = registry.resource_type_body("User", "").unwrap();
        assert_eq!(body["schemaExtensions"][1]["schema"], "urn:example:2.0:User");
        assert_eq!(registry.schemas_body("")["totalResults"], 7);
        assert!(registry.clone().extended("User", extension(), false).is_err());
        assert!(registry.extended("Device", extension(), false).is_err());
    }

    #[test]
    fn a_registry_that_does_not_fit_together_is_refused() {
        let kind = || ResourceType::new("User", "/Users", urn::USER, "");
        assert!(Registry::new(vec![], vec![kind()]).is_err());
        assert!(Registry::new(vec![schema::user()], vec![kind(), kind()]).is_err());
        assert!(Registry::new(vec![schema::user()], vec![kind().extended("urn:x:y")]).is_err());
    }
}
