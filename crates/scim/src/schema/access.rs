//! Roles and entitlements as resources to read (draft-ietf-scim-roles-entitlements): the values that a person's
//! `roles` and `entitlements` may hold.

use super::{Attribute, Schema};
use crate::urn;

fn values(id: &str, name: &str, description: &str) -> Schema {
    let attributes = vec![
        Attribute::text("value", "The value that a person's attribute holds").required().exact(),
        Attribute::text("display", "Its name"),
        Attribute::text("displayName", "Its name, for clients that look for it here"),
        Attribute::text("type", "Which kind it is of"),
        Attribute::boolean("supported", "May it be assigned?"),
    ];
    Schema::new(id, name, description, attributes.into_iter().map(Attribute::read_only).collect())
}

/// A role that people may have.
pub fn role() -> Schema {
    values(urn::ROLE, "Role", "A role that people may have")
}

/// An entitlement that people may have.
pub fn entitlement() -> Schema {
    values(urn::ENTITLEMENT, "Entitlement", "An entitlement that people may have")
}
