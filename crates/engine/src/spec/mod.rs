//! What `joinery.toml` says about mappings and syncs, as typed: names are not looked up, texts are not parsed.
//!
//! [`crate::Sync::compile`] turns it into what the engine runs, and reports everything that is wrong with it.

mod mapping;
mod sync;

pub use mapping::{MappingSpec, MissingReference, RuleSpec, RuleTable, Scalar, WhenNull};
pub use sync::{
    EmploymentSpec, GonePolicy, GuardSpec, LeaverAction, LeaverSpec, LimitSpec, LostAccounts, MappingChoice, OnLeave,
    OutOfScope, SyncSpec, ValidationSpec,
};

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key_path}: {message}")]
pub struct SpecError {
    /// Where: `mapping.standard.mail.cel`, `sync.people.guard.create`.
    pub key_path: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl SpecError {
    /// An error at a key path.
    pub fn at(key_path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key_path: key_path.into(), message: message.into() }
    }
}
