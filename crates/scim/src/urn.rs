//! The names of schemas and messages (RFC 7643 section 8.7, RFC 7644 section 8.2).

/// A person.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// A group.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// A person's data at work: employee number, department, manager.
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// A role that people may have (draft-ietf-scim-roles-entitlements).
pub const ROLE: &str = "urn:ietf:params:scim:schemas:core:2.0:Role";
/// An entitlement that people may have (draft-ietf-scim-roles-entitlements).
pub const ENTITLEMENT: &str = "urn:ietf:params:scim:schemas:core:2.0:Entitlement";
/// What a server can do.
pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// A kind of resource.
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// A schema.
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// A list of resources.
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// A search in a body.
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// A PATCH.
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Several requests in one.
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// What became of several requests.
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// An error.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Is this the URN of a core schema, whose attributes stand at the top of a resource?
pub fn is_core(urn: &str) -> bool {
    const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:";
    urn.get(..CORE.len()).is_some_and(|start| start.eq_ignore_ascii_case(CORE))
}
