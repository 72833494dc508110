//! Attributes as JSON Schema.

use serde_json::{Map, Value as Json, json};

use super::About;
use crate::schema::{Attribute, Kind, Mutability, Returned, Schema};
use crate::{Registry, Shape, urn};

/// A schema's name in the document: its own, or of extensions the last two steps of the URN.
pub(super) fn name_of(schema: &Schema) -> String {
    let name: String = schema.name.chars().filter(char::is_ascii_alphanumeric).collect();
    if name.is_empty() { schema.id.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_") } else { name }
}

pub(super) fn reference(name: &str) -> Json {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The name of a kind's whole resource.
pub(super) fn resource_name(shape: &Shape) -> String {
    format!("{}Resource", shape.kind.name)
}

pub(super) fn schemas(registry: &Registry, about: &About) -> Json {
    let mut all = Map::new();
    for schema in registry.schemas() {
        all.insert(name_of(&schema), object(&schema.attributes, &schema.description));
    }
    for shape in registry.shapes() {
        all.insert(resource_name(shape), resource(shape));
        all.insert(format!("{}List", shape.kind.name), list(&reference(&resource_name(shape)), about));
    }
    for name in ["Schema", "ResourceType"] {
        all.insert(format!("{name}List"), list(&reference(name), about));
    }
    let any: Vec<Json> = registry.shapes().iter().map(|shape| reference(&resource_name(shape))).collect();
    all.insert("ResourceList".to_owned(), list(&json!({"anyOf": any}), about));
    all.insert(
        "Error".to_owned(),
        message(urn::ERROR, &json!({"status": text(), "scimType": text(), "detail": text()}), &["status"]),
    );
    all.insert("PatchOp".to_owned(), patch());
    all.insert("SearchRequest".to_owned(), search(about));
    if about.bulk {
        all.insert("BulkRequest".to_owned(), bulk_request());
        all.insert("BulkResponse".to_owned(), bulk_response());
    }
    all.into()
}

fn text() -> Json {
    json!({"type": "string"})
}

fn whole() -> Json {
    json!({"type": "integer"})
}

fn message(urn: &str, properties: &Json, required: &[&str]) -> Json {
    let mut properties = properties.clone();
    properties["schemas"] = json!({"type": "array", "items": {"const": urn}});
    let required: Vec<&str> = ["schemas"].iter().chain(required).copied().collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn list(resource: &Json, about: &About) -> Json {
    let mut properties = json!({
        "totalResults": whole(), "itemsPerPage": whole(), "startIndex": whole(),
        "Resources": {"type": "array", "items": resource},
    });
    let mut required = vec!["totalResults"];
    if about.cursors {
        properties["nextCursor"] = text();
        properties["previousCursor"] = text();
        required.clear();
    }
    message(urn::LIST_RESPONSE, &properties, &required)
}

fn patch() -> Json {
    let operation = json!({
        "type": "object",
        "properties": {"op": {"enum": ["add", "replace", "remove"]}, "path": text(), "value": {}},
        "required": ["op"],
    });
    message(
        urn::PATCH_OP,
        &json!({"Operations": {"type": "array", "minItems": 1, "items": operation}}),
        &["Operations"],
    )
}

fn search(about: &About) -> Json {
    let names = json!({"type": "array", "items": text()});
    let mut properties = json!({
        "attributes": names, "excludedAttributes": names, "filter": text(), "sortBy": text(),
        "sortOrder": {"enum": ["ascending", "descending"]}, "startIndex": whole(), "count": whole(),
    });
    if about.cursors {
        properties["cursor"] = text();
    }
    message(urn::SEARCH_REQUEST, &properties, &[])
}

fn bulk_request() -> Json {
    let operation = json!({
        "type": "object",
        "properties": {
            "method": {"enum": ["POST", "PUT", "PATCH", "DELETE"]},
            "path": text(), "bulkId": text(), "version": text(), "data": {"type": "object"},
        },
        "required": ["method", "path"],
    });
    let properties = json!({"failOnErrors": whole(), "Operations": {"type": "array", "items": operation}});
    message(urn::BULK_REQUEST, &properties, &["Operations"])
}

fn bulk_response() -> Json {
    let operation = json!({
        "type": "object",
        "properties": {
            "method": text(), "bulkId": text(), "version": text(), "location": text(), "status": text(),
            "response": {"type": "object"},
        },
        "required": ["status"],
    });
    message(urn::BULK_RESPONSE, &json!({"Operations": {"type": "array", "items": operation}}), &["Operations"])
}

/// A whole resource: what all have, its own schema, its extensions under their URNs.
fn resource(shape: &Shape) -> Json {
    let mut own = Map::new();
    for attribute in &shape.common {
        own.insert(attribute.name.to_string(), property(attribute));
    }
    let mut required = vec![Json::from("schemas")];
    for (schema, needed) in &shape.extensions {
        own.insert(schema.id.to_string(), reference(&name_of(schema)));
        if *needed {
            required.push((&*schema.id).into());
        }
    }
    json!({
        "description": shape.kind.description,
        "allOf": [reference(&name_of(&shape.core)), {"type": "object", "properties": own, "required": required}],
    })
}

fn object(attributes: &[Attribute], description: &str) -> Json {
    let properties: Map<String, Json> =
        attributes.iter().map(|attribute| (attribute.name.to_string(), property(attribute))).collect();
    // What only the server writes cannot be required of a client's body.
    let required = attributes.iter().filter(|one| one.required && one.mutability != Mutability::ReadOnly);
    let required: Vec<Json> = required.map(|attribute| Json::from(&*attribute.name)).collect();
    let mut object = json!({"type": "object", "description": description, "properties": properties});
    if !required.is_empty() {
        object["required"] = required.into();
    }
    object
}

fn property(attribute: &Attribute) -> Json {
    let mut one = match attribute.kind {
        Kind::String => text(),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Decimal => json!({"type": "number"}),
        Kind::Integer => whole(),
        Kind::DateTime => json!({"type": "string", "format": "date-time"}),
        Kind::Binary => json!({"type": "string", "contentEncoding": "base64"}),
        Kind::Reference => json!({"type": "string", "format": "uri-reference"}),
        Kind::Complex => object(&attribute.sub, &attribute.description),
    };
    if !attribute.canonical.is_empty() {
        // Suggestions and no closed set (RFC 7643, section 7).
        one["examples"] = attribute.canonical.iter().map(|value| Json::from(&**value)).collect();
    }
    let mut whole = if attribute.multi_valued { json!({"type": "array", "items": one}) } else { one };
    whole["description"] = (&*attribute.description).into();
    if attribute.mutability == Mutability::ReadOnly {
        whole["readOnly"] = true.into();
    }
    if attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never {
        whole["writeOnly"] = true.into();
    }
    whole
}

/// The answers that every operation may give.
pub(super) fn responses() -> Json {
    let error = |description: &str| json!({"description": description, "content": {"application/scim+json": {"schema": reference("Error")}}});
    json!({
        "BadRequest": error("The request is not understood or does not fit the schema"),
        "Unauthorized": error("The token is missing or not valid"),
        "Forbidden": error("The token does not allow it"),
        "NotFound": error("There is no such resource"),
        "Conflict": error("A value is taken already"),
        "PreconditionFailed": error("The resource has changed"),
        "TooLarge": error("The request is too large"),
        "TooMany": error("Too many requests; Retry-After says when to come again"),
    })
}

pub(super) fn parameters(about: &About) -> Json {
    let query = |name: &str, schema: Json, description: &str| json!({"name": name, "in": "query", "required": false, "schema": schema, "description": description});
    let mut all = json!({
        "filter": query("filter", text(), "Which resources"),
        "attributes": query("attributes", text(), "Attributes to show, with commas between them"),
        "excludedAttributes": query("excludedAttributes", text(), "Attributes to hide, with commas between them"),
        "sortBy": query("sortBy", text(), "The attribute to sort by"),
        "sortOrder": query("sortOrder", json!({"enum": ["ascending", "descending"]}), "The order"),
        "startIndex": query("startIndex", whole(), "The index of the first resource, from 1"),
        "count": query("count", whole(), "Resources in a page at the most"),
        "id": {"name": "id", "in": "path", "required": true, "schema": text(), "description": "The resource's id"},
    });
    if about.cursors {
        all["cursor"] = query("cursor", text(), "Where the page before ended; empty for the first page");
    }
    all
}
