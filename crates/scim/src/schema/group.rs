//! The Group schema (RFC 7643, section 4.2).

use super::{Attribute, Schema};
use crate::urn;

/// A group. Its name is required (erratum 5368); what a member is cannot change, only whether it is one.
pub fn group() -> Schema {
    let member = vec![
        Attribute::text("value", "The member's id").exact().immutable(),
        Attribute::reference("$ref", &["User", "Group"], "The member's address").immutable(),
        Attribute::text("type", "What the member is").immutable().meaning(&["User", "Group"]),
        Attribute::text("display", "The member's name").read_only(),
    ];
    Schema::new(
        urn::GROUP,
        "Group",
        "A group of people and groups",
        vec![
            Attribute::text("displayName", "The name to show").required(),
            Attribute::complex("members", "Who belongs to the group", member).many(),
        ],
    )
}
