//! How one row ended.

use std::time::Duration;

/// How one row ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowOutcome {
    /// It is written.
    Written(RowWritten),
    /// The tenant does not take it, now or later.
    Refused(RowRefusal),
    /// Certainly not written, and it may pass: try again, after this long if the tenant said how long.
    Again(Option<Duration>, String),
    /// Written or not, nobody knows: read before writing again. Why.
    Unknown(String),
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowWritten {
    /// The entity is new. `None` where the tenant does not say (Employee Central).
    pub created: Option<bool>,
    /// The tenant found nothing new in it and kept the record as it was.
    pub unchanged: bool,
}

/// Why a row is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowRefusal {
    /// The kind of reason.
    pub why: WhyRefused,
    /// The row's own HTTP status; 0 when the whole request was refused without one.
    pub status: u16,
    /// What happened and what to do, without a person's data.
    pub message: String,
}

/// Kinds of reasons, as far as the tenant's words tell them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyRefused {
    /// Another user has that user name (KBA 3550451).
    UserNameTaken,
    /// The user is inactive and the request did not ask for such users (KBA 2430160).
    Inactive,
    /// External users are written through other entities (KBA 2994898).
    External,
    /// These properties must be sent (KBA 3307746).
    Required(Vec<String>),
    /// The tenant knows no such property, or the API user may not see it.
    UnknownProperty,
    /// A value that a property does not take.
    Value,
    /// The password breaks the policy.
    Password,
    /// The API user may not write this.
    NotPermitted,
    /// What is written to, or linked to, is not there or not active.
    NotThere,
    /// Exactly one e-mail or phone must be primary.
    Primary,
    /// Anything else.
    Other,
}

impl RowOutcome {
    /// True when it is written.
    pub fn is_written(&self) -> bool {
        matches!(self, Self::Written(_))
    }
}
