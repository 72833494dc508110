//! Kinds of resources (RFC 7643, section 6).

use serde_json::{Value as Json, json};

use crate::place::{Resource, member};
use crate::schema::{flag, text};
use crate::urn;

/// A kind of resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceType {
    /// Its name: `User`.
    pub name: String,
    /// What it is, in words.
    pub description: String,
    /// Where it is: `/Users`.
    pub endpoint: String,
    /// Its schema.
    pub schema: String,
    /// Its extensions and whether each is required.
    pub extensions: Vec<(String, bool)>,
}

impl ResourceType {
    /// A kind of resource without extensions.
    pub fn new(name: &str, endpoint: &str, schema: &str, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: description.to_owned(),
            endpoint: endpoint.to_owned(),
            schema: schema.to_owned(),
            extensions: Vec::new(),
        }
    }

    /// With an extension that a resource may have.
    pub fn extended(mut self, schema: &str) -> Self {
        self.extensions.push((schema.to_owned(), false));
        self
    }

    /// With an extension that every resource must have.
    pub fn requiring(mut self, schema: &str) -> Self {
        self.extensions.push((schema.to_owned(), true));
        self
    }

    /// Reads one; `None` when endpoint or schema is missing.
    pub fn read(resource: &Resource) -> Option<Self> {
        let extensions = member(resource, "schemaExtensions").and_then(Json::as_array).into_iter().flatten();
        Some(Self {
            name: text(resource, "name").unwrap_or_default(),
            description: text(resource, "description").unwrap_or_default(),
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

    /// The document that `/ResourceTypes/{name}` answers with. `base` is the service's address without a slash at its
    /// end.
    pub fn body(&self, base: &str) -> Json {
        let extensions =
            self.extensions.iter().map(|(schema, required)| json!({"schema": schema, "required": required}));
        json!({
            "schemas": [urn::RESOURCE_TYPE],
            "id": self.name,
            "name": self.name,
            "description": self.description,
            "endpoint": self.endpoint,
            "schema": self.schema,
            "schemaExtensions": extensions.collect::<Json>(),
            "meta": {"resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", self.name)},
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7643, section 8.6, without its spelling of the location.
    #[test]
    fn what_is_shown_reads_as_what_it_was() {
        let user = ResourceType::new("User", "/Users", urn::USER, "User Account").requiring(urn::ENTERPRISE_USER);
        let body = user.body("https://example.com/v2");
        assert_eq!(
            body,
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
                "id": "User", "name": "User", "endpoint": "/Users", "description": "User Account",
                "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
                "schemaExtensions": [{"schema": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "required": true}],
                "meta": {"location": "https://example.com/v2/ResourceTypes/User", "resourceType": "ResourceType"}})
        );
        assert_eq!(ResourceType::read(body.as_object().unwrap()), Some(user));
    }
}
