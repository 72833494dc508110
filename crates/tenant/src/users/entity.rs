//! A user as it was read.

use std::sync::Arc;

use joinery_model::Value;

/// A user as it was read. `Debug` shows no data of theirs but the id.
#[derive(Clone, PartialEq)]
pub struct UserEntity {
    /// `userId`: fixed for ever.
    pub user_id: Arc<str>,
    /// `status`: `t`, `T`, `f`, `F`, `e` or `d`; upper and lower case mean different things.
    pub status: Option<Arc<str>>,
    /// What was asked for, by property and navigation; [`Value::Null`] is known to be empty.
    pub data: Value,
}

impl UserEntity {
    /// True when the user may log in: internal, external, onboarding. `None` when the tenant does not show it.
    pub fn is_active(&self) -> Option<bool> {
        match self.status.as_deref()? {
            "t" | "T" | "e" | "active" | "active_external" | "active_external_suite" => Some(true),
            _ => Some(false),
        }
    }

    /// True for users that are written through other entities than `User` (status `e` and `d`).
    pub fn is_external_suite(&self) -> bool {
        matches!(self.status.as_deref(), Some("e" | "d" | "active_external_suite" | "inactive_external_suite"))
    }
}

impl std::fmt::Debug for UserEntity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserEntity({}, {})", self.user_id, self.status.as_deref().unwrap_or("?"))
    }
}
