//! The service's description as an OpenAPI 3.1 document, derived from the registry.

mod paths;
mod schemas;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value as Json, json};

use crate::Registry;

/// What can be done with the resources of a kind beside reading and listing them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verbs {
    /// The kind: `User`.
    pub kind: String,
    /// POST.
    pub create: bool,
    /// PUT.
    pub replace: bool,
    /// PATCH.
    pub patch: bool,
    /// DELETE.
    pub delete: bool,
}

impl Verbs {
    /// Everything.
    pub fn all(kind: &str) -> Self {
        Self { kind: kind.to_owned(), create: true, replace: true, patch: true, delete: true }
    }

    /// Reading alone.
    pub fn read_only(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }
}

/// What the document says beside the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The document's title.
    pub title: String,
    /// The document's version.
    pub version: String,
    /// Where the service is; may hold variables in braces.
    pub server: String,
    /// What can be done with each kind; a kind that is not named can be read.
    pub verbs: Vec<Verbs>,
    /// Is `/Bulk` served?
    pub bulk: bool,
    /// Is `/Me` served?
    pub me: bool,
    /// Are cursors served?
    pub cursors: bool,
}

impl Registry {
    /// The document.
    pub fn openapi(&self, about: &About) -> Json {
        let variables: Map<String, Json> = variables(&about.server)
            .map(|name| (name.to_owned(), json!({"default": name, "description": format!("The {name}")})))
            .collect();
        let mut server = json!({"url": about.server});
        if !variables.is_empty() {
            server["variables"] = variables.into();
        }
        json!({
            "openapi": "3.1.0",
            "info": {"title": about.title, "version": about.version},
            "servers": [server],
            "security": [{"bearer": []}],
            "paths": paths::paths(self, about),
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
                "schemas": schemas::schemas(self, about),
                "responses": schemas::responses(),
                "parameters": schemas::parameters(about),
            },
        })
    }
}

/// The names in braces of an address.
fn variables(address: &str) -> impl Iterator<Item = &str> {
    address.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}
