//! What one target must be told about one person.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Key, Record, Value};

/// A change's number in the journal; later changes have larger numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeId(pub i64);

/// What is done to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Make it.
    Create,
    /// Change some attributes.
    Update,
    /// Make it unusable, keep it.
    Disable,
    /// Make it usable again (and change attributes).
    Enable,
    /// Remove it.
    Delete,
    /// Take an account that is there already as this person's; nothing is written to the target.
    Adopt,
    /// Fill a reference that could not be filled before, because the other person had no account yet.
    BackFill,
}

impl Action {
    /// Every action, in the order of reports.
    pub const ALL: [Self; 7] =
        [Self::Create, Self::Update, Self::Disable, Self::Enable, Self::Delete, Self::Adopt, Self::BackFill];

    /// The action's name in configuration, journal and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Delete => "delete",
            Self::Adopt => "adopt",
            Self::BackFill => "back_fill",
        }
    }

    /// The action of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// Why a change is what it is: how the record and the target stood to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Situation {
    /// No account known, none found.
    New,
    /// No account known, one found by correlation.
    Found,
    /// Several accounts found: nobody can say which; rejected.
    Ambiguous,
    /// Known account, attributes differ.
    Differs,
    /// Known account, nothing to do.
    Same,
    /// The person left.
    Left,
    /// The person is back.
    Returned,
    /// The person is no longer in the source.
    Gone,
    /// The account that was known is not in the target any more.
    Missing,
}

/// One attribute's before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttributeDiff {
    /// The attribute.
    pub name: Arc<str>,
    /// What the target holds or last received; `None` when nothing is known.
    pub before: Option<Value>,
    /// What it should hold.
    pub after: Value,
}

/// Where a change is on its way. Plan, held change, outbox and dead letter are one table, told apart by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// Planned, not yet judged by the guard, or shown by `joinery plan`.
    Planned,
    /// Held back until a person approves.
    Held,
    /// Free to be delivered.
    Released,
    /// Claimed by a deliverer.
    InFlight,
    /// Delivered.
    Done,
    /// Refused by the target for good, or retried too often: waits for a replay.
    Dead,
    /// A newer change of the same person took its place, or its plan was dropped.
    Superseded,
}

impl ChangeState {
    /// The state's name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Held => "held",
            Self::Released => "released",
            Self::InFlight => "in_flight",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Superseded => "superseded",
        }
    }
}

/// One thing to do to one account in one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The journal's number; `ChangeId(0)` until the journal has given one.
    pub id: ChangeId,
    /// Whose account.
    pub person: Key,
    /// Which target.
    pub target: Arc<str>,
    /// What to do.
    pub action: Action,
    /// Why.
    pub situation: Situation,
    /// The account's id in the target, when known.
    pub target_id: Option<Arc<str>>,
    /// All that the target should hold afterwards. For `Delete` and for gone people: what it last received.
    pub after: Record,
    /// What differs; empty for actions on the whole account.
    pub diff: Vec<AttributeDiff>,
    /// How often delivery was tried before.
    pub attempts: u32,
}
