//! The permission to see groups and roles ("Manage Role-Based Permission Access").

use crate::serve::Refusal;
use crate::serve::turn::Turn;
use crate::world::{RowId, World};

/// Whether the API user may see groups of that type.
///
/// # Errors
/// COE0020 with the module's name (KBA 2676936).
pub(crate) fn may_see_type(turn: &Turn<'_>, kind: &str) -> Result<(), Refusal> {
    if turn.view().rules.no_group_types.contains(kind) { Err(refused(turn.user, kind)) } else { Ok(()) }
}

/// Whether the API user may see this group.
///
/// # Errors
/// As [`may_see_type`].
pub(crate) fn may_see_group(turn: &Turn<'_>, world: &World, group: RowId) -> Result<(), Refusal> {
    world.group_type(group).map_or(Ok(()), |kind| may_see_type(turn, kind))
}

/// Whether the API user may see roles and permissions: that is the module of permission groups too.
///
/// # Errors
/// As [`may_see_type`].
pub(crate) fn may_see_roles(turn: &Turn<'_>) -> Result<(), Refusal> {
    may_see_type(turn, "permission")
}

/// Whether the API user may ask for that entity set at all: those of groups and roles need the module of permission
/// groups.
///
/// # Errors
/// As [`may_see_type`].
pub(crate) fn may_read(turn: &Turn<'_>, set: &str) -> Result<(), Refusal> {
    let guarded = ["DynamicGroup", "DG", "RBP"].iter().any(|start| set.starts_with(start));
    if guarded { may_see_roles(turn) } else { Ok(()) }
}

fn refused(user: &str, kind: &str) -> Refusal {
    let module = kind.to_ascii_uppercase();
    let message = format!(
        "[COE0020]User [{user}] attempted to access dynamic group module [{module}] without proper access privilege"
    );
    Refusal::new(403, "COE_GENERAL_FORBIDDEN", message)
}
