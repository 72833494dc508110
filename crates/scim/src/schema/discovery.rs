//! The schemas of what a server says about itself (RFC 7643, sections 5 to 7 and 8.7.2; RFC 9865, section 4).

use super::{Attribute, Schema};
use crate::urn;

fn supported(what: &str) -> Attribute {
    Attribute::boolean("supported", what).required()
}

fn read_only(attributes: Vec<Attribute>) -> Vec<Attribute> {
    attributes.into_iter().map(Attribute::read_only).collect()
}

/// What a server can do.
pub fn service_provider_config() -> Schema {
    let one = |name: &str, description: &str, more: Vec<Attribute>| {
        let parts = [vec![supported("Can it?")], more].concat();
        Attribute::complex(name, description, parts).required()
    };
    let pagination = vec![
        Attribute::boolean("cursor", "By cursor?").required(),
        Attribute::boolean("index", "By index?").required(),
        Attribute::text("defaultPaginationMethod", "Which, when none is asked for").meaning(&["cursor", "index"]),
        Attribute::integer("defaultPageSize", "Resources in a page when no count is given"),
        Attribute::integer("maxPageSize", "Resources in a page at the most"),
        Attribute::integer("cursorTimeout", "Seconds that a cursor lives at least"),
    ];
    let schemes = vec![
        Attribute::text("type", "Which kind of sign-in").required().meaning(&[
            "oauth",
            "oauth2",
            "oauthbearertoken",
            "httpbasic",
            "httpdigest",
        ]),
        Attribute::text("name", "Its name").required(),
        Attribute::text("description", "What it is").required(),
        Attribute::reference("specUri", &["external"], "Where it is specified"),
        Attribute::reference("documentationUri", &["external"], "Where its use is described"),
        Attribute::boolean("primary", "Is it the one to prefer?"),
    ];
    Schema::new(
        urn::SERVICE_PROVIDER_CONFIG,
        "ServiceProviderConfig",
        "What the server can do",
        read_only(vec![
            Attribute::reference("documentationUri", &["external"], "Where the server is described"),
            one("patch", "PATCH", vec![]),
            one(
                "bulk",
                "Bulk requests",
                vec![
                    Attribute::integer("maxOperations", "Operations in one request at the most").required(),
                    Attribute::integer("maxPayloadSize", "Bytes of one request at the most").required(),
                ],
            ),
            one(
                "filter",
                "Filters",
                vec![Attribute::integer("maxResults", "Resources in one answer at the most").required()],
            ),
            one("changePassword", "Changing passwords", vec![]),
            one("sort", "Sorting", vec![]),
            one("etag", "Versions", vec![]),
            Attribute::complex("pagination", "Paging (RFC 9865)", pagination),
            Attribute::boolean("interopProfileConformant", "Does it keep the interoperability profile?"),
            Attribute::complex("authenticationSchemes", "The ways to sign in", schemes).many().required(),
        ]),
    )
}

/// A kind of resource.
pub fn resource_type() -> Schema {
    let extensions = vec![
        Attribute::reference("schema", &["uri"], "The extension's URN").required(),
        Attribute::boolean("required", "Must every resource have it?").required(),
    ];
    Schema::new(
        urn::RESOURCE_TYPE,
        "ResourceType",
        "A kind of resource",
        read_only(vec![
            Attribute::text("id", "The same as its name"),
            Attribute::text("name", "Its name").required(),
            Attribute::text("description", "What it is"),
            Attribute::reference("endpoint", &["uri"], "Where its resources are, from the service's address")
                .required(),
            Attribute::reference("schema", &["uri"], "Its schema").required(),
            Attribute::complex("schemaExtensions", "Its extensions", extensions).many(),
        ]),
    )
}

/// A schema.
pub fn schema() -> Schema {
    let mut attributes = described("attributes", "Its attributes");
    attributes.sub.push(Attribute::text("subAttributes", "The sub-attributes of a complex attribute, described alike"));
    Schema::new(
        urn::SCHEMA,
        "Schema",
        "A schema",
        read_only(vec![
            Attribute::text("id", "Its URN").required(),
            Attribute::text("name", "Its name").required(),
            Attribute::text("description", "What it is"),
            attributes.required(),
        ]),
    )
}

/// How attributes are described. Sub-attributes are described alike, which a schema cannot say of itself since there
/// is no complex within complex (erratum 8415).
fn described(name: &str, description: &str) -> Attribute {
    let parts = vec![
        Attribute::text("name", "Its name").required().exact(),
        Attribute::text("type", "What kind of value").required().meaning(&[
            "string",
            "boolean",
            "decimal",
            "integer",
            "dateTime",
            "binary",
            "reference",
            "complex",
        ]),
        Attribute::boolean("multiValued", "Several values?").required(),
        Attribute::text("description", "What it is").exact(),
        Attribute::boolean("required", "Must it have a value?"),
        Attribute::text("canonicalValues", "The values that are meant").many().exact(),
        Attribute::boolean("caseExact", "Does upper and lower case matter?"),
        Attribute::text("mutability", "May it be written?").exact().meaning(&[
            "readOnly",
            "readWrite",
            "immutable",
            "writeOnly",
        ]),
        Attribute::text("returned", "Is it shown?").exact().meaning(&["always", "never", "default", "request"]),
        Attribute::text("uniqueness", "Is its value taken only once?").exact().meaning(&["none", "server", "global"]),
        Attribute::text("referenceTypes", "What a reference leads to").many().exact(),
    ];
    Attribute::complex(name, description, parts).many()
}
