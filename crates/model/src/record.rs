//! A person as the mapping made them, for one target.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Key, Value};

/// What one target should hold for one person.
///
/// An attribute that is missing is left alone in the target; one that is `Null` is cleared there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Who.
    pub key: Key,
    /// Should the account be usable?
    pub active: bool,
    /// Attributes, named as the mapping names them for this target.
    pub attributes: BTreeMap<Arc<str>, Value>,
    /// Attributes that mean another person (`manager`), by the source's id of that person (`userId`).
    /// `None` says: known to have none.
    pub references: BTreeMap<Arc<str>, Option<Reference>>,
}

/// Another person, as the source names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The source's id: a `userId`.
    pub alias: Arc<str>,
    /// The target's id of that person's account, once there is one.
    pub target_id: Option<Arc<str>>,
}

/// Proof that a value passed its validation rules. Only the engine's `validate` stage makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Valid<T>(T);

impl<T> Valid<T> {
    /// Says that `value` passed every rule. Call it from the one place that checked them.
    pub fn vouch(value: T) -> Self {
        Self(value)
    }

    /// What was checked.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// What was checked, taken out.
    pub fn into_inner(self) -> T {
        self.0
    }
}
