//! `[sync.*]` and its sub-tables.

use std::collections::BTreeMap;

use joinery_model::{Prefer, Root};
use serde::{Deserialize, Serialize};

use super::mapping::Scalar;

/// A sync: who is read, how, and for which targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncSpec {
    /// The connection that people are read from.
    pub connection: String,
    /// Persons or users.
    #[serde(default = "persons")]
    pub read: Root,
    /// The targets, by name.
    pub targets: Vec<String>,
    /// The mapping, for all targets or for each.
    pub mapping: MappingChoice,
    /// How often a delta run is due when watching, such as `5m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// How often a full run is due when watching, such as `24h`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_every: Option<String>,
    /// Attributes that find an account which is there already, in order of trust.
    #[serde(default)]
    pub correlate: Vec<String>,
    /// Days before a future start at which the account is made.
    #[serde(default)]
    pub lead_days: u32,
    /// The first full run links what it finds and creates nothing.
    #[serde(default)]
    pub adopt_only: bool,
    /// Accounts that were removed from a target by hand.
    #[serde(default)]
    pub lost_accounts: LostAccounts,
    /// Who is in scope: a CEL condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// Which employment counts.
    #[serde(default)]
    pub employment: EmploymentSpec,
    /// What happens to accounts of people who leave.
    #[serde(default)]
    pub leaver: LeaverSpec,
    /// When a run is held for approval.
    #[serde(default)]
    pub guard: GuardSpec,
    /// Validation rules.
    #[serde(default, rename = "rule")]
    pub rules: Vec<ValidationSpec>,
}

fn persons() -> Root {
    Root::Persons
}

/// One mapping for every target, or one for each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "the name of a mapping, or a table { target = \"mapping\" }")]
pub enum MappingChoice {
    /// The same for every target.
    One(String),
    /// By target.
    PerTarget(BTreeMap<String, String>),
}

/// `[sync.*.employment]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmploymentSpec {
    /// Preferences, most important first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<Vec<Prefer>>,
    /// Assignment classes that are looked at; none means all.
    #[serde(default)]
    pub classes: Vec<String>,
    /// The IANA zone whose calendar says what today is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Codes of `emplStatus` that mean on leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave_codes: Option<Vec<String>>,
    /// Where the tenant shows no employments at all, everybody it lists counts as active.
    #[serde(default)]
    pub assume_active: bool,
}

/// `[sync.*.leaver]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaverSpec {
    /// What is done.
    #[serde(default)]
    pub action: LeaverAction,
    /// Days after the last day during which an account that is there stays usable; nobody gets a new one.
    #[serde(default)]
    pub grace_days: u32,
    /// Days after the last day (and the grace) at which a disabled account is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_after_days: Option<u32>,
    /// People on leave.
    #[serde(default)]
    pub on_leave: OnLeave,
    /// People with an account whom `only` leaves out now.
    #[serde(default)]
    pub out_of_scope: OutOfScope,
}

/// What a full run does about accounts that were delivered and are not in the target any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LostAccounts {
    /// It lists the target's accounts and makes them again.
    #[default]
    Create,
    /// It does not look.
    Ignore,
}

/// What is done with a leaver's account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaverAction {
    /// It is made unusable.
    #[default]
    Disable,
    /// It is removed.
    Delete,
}

/// What is done with the account of somebody on leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnLeave {
    /// It stays usable.
    #[default]
    Active,
    /// It is made unusable until they are back.
    Disable,
}

/// What is done with the account of somebody who is out of scope now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutOfScope {
    /// It is made unusable.
    #[default]
    Disable,
    /// It is left alone.
    Keep,
}

/// A limit: a number of changes, or a share of the accounts that the sync has in the target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a limit is a number, or a share such as \"10%\"")]
pub enum LimitSpec {
    /// That many.
    Count(u64),
    /// `"10%"`, or a number as text.
    Text(String),
}

/// `[sync.*.guard]`: how much may change in one run without a person's approval, for each target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GuardSpec {
    /// Accounts made.
    pub create: LimitSpec,
    /// Accounts changed.
    pub update: LimitSpec,
    /// Accounts disabled.
    pub disable: LimitSpec,
    /// Accounts deleted.
    pub delete: LimitSpec,
    /// Accounts in which one attribute changes.
    pub attribute: BTreeMap<String, LimitSpec>,
    /// People missing, left out or invalid against those the sync knew.
    pub population: LimitSpec,
    /// What is done with accounts of people who are no longer in the source.
    pub gone: GonePolicy,
}

impl Default for GuardSpec {
    fn default() -> Self {
        let share = |text: &str| LimitSpec::Text(text.to_owned());
        Self {
            create: share("50%"),
            update: share("50%"),
            disable: share("10%"),
            delete: share("5%"),
            attribute: BTreeMap::new(),
            population: share("20%"),
            gone: GonePolicy::Hold,
        }
    }
}

/// What is done with accounts of people who are no longer in the source: a lost permission and a purge look alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GonePolicy {
    /// Disabling is planned and held until a person approves.
    #[default]
    Hold,
    /// They are disabled, within the limits.
    Disable,
    /// They are deleted, within the limits.
    Delete,
}

/// `[[sync.*.rule]]`: what a record must keep to be delivered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidationSpec {
    /// The rule's name, counted in the balance.
    pub name: String,
    /// The attribute that is looked at.
    pub attribute: String,
    /// It must have a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// Its text must match this regular expression somewhere; anchor with `^` and `$`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// Its text has at most this many characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    /// Its text is one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<Scalar>>,
    /// No two people have the same in one target; compared without regard to upper and lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique: Option<bool>,
}
