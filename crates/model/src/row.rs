//! A person as the source gave them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Key, Path, Ref, Standing, Value};

/// One person's data, read, judged by the employment policy and cut to what the mappings need.
///
/// In `data` every step that the policy decides is already single: `employmentNav` is the employment that counts,
/// `jobInfoNav` its slice in force, `personalInfoNav` the slice in force, and under `employments` stand all of them.
/// `emailNav` and `phoneNav` stay lists (a path selects one; without a selector the primary one counts).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Who.
    pub key: Key,
    /// Other names by which the source's references mean this person: the `userId` of each employment.
    pub aliases: Vec<String>,
    /// The needed properties, an object.
    pub data: Value,
    /// What else these values came from.
    pub refs: Vec<Ref>,
    /// Where the person stands in the company on the day the row was read for.
    pub standing: Standing,
    /// When the source says the person last changed, if it says.
    pub modified: Option<Timestamp>,
    /// Paths of the ask that the source does not say of this person now: a field that the tenant does not have or that
    /// the API user may not see. What stands in `data` for them is no null that the source said.
    #[serde(default)]
    pub unsaid: Vec<Path>,
}
