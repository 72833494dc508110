//! The enterprise extension (RFC 7643, section 4.3).

use super::{Attribute, Schema};
use crate::urn;

/// A person's data at work. `manager.value` is case-exact, as ids are (erratum 8472).
pub fn enterprise_user() -> Schema {
    let manager = vec![
        Attribute::text("value", "The manager's id").exact(),
        Attribute::reference("$ref", &["User"], "The manager's address"),
        Attribute::text("displayName", "The manager's name").read_only(),
    ];
    Schema::new(
        urn::ENTERPRISE_USER,
        "EnterpriseUser",
        "A person's data at work",
        vec![
            Attribute::text("employeeNumber", "The number that the organisation knows the person by"),
            Attribute::text("costCenter", "The cost centre"),
            Attribute::text("organization", "The organisation"),
            Attribute::text("division", "The division"),
            Attribute::text("department", "The department"),
            Attribute::complex("manager", "The person's manager", manager),
        ],
    )
}
