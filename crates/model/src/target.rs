//! Where people go to.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Change, Failure, Finding, Key, Place, RunId, Value};

/// What a target can do; the engine plans only that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Can {
    /// Can it look accounts up by attribute? Without it, the first run creates.
    pub find: bool,
    /// Can it list all its accounts (for the orphan report, and to notice accounts removed by hand)?
    pub list: bool,
    /// Can it keep an account that is not usable?
    pub disable: bool,
    /// Can it remove an account?
    pub delete: bool,
    /// Do references need the target's id of the other account (SCIM `manager.value`)? If not, the source's id is
    /// written as it is.
    pub references_by_id: bool,
    /// How many changes one `apply` takes at the most.
    pub batch: usize,
    /// How many `apply` calls may be under way at once.
    pub parallel: usize,
}

/// One person to be looked up: attribute and value pairs, tried in order; the first pair that finds anything decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlation {
    /// Whose account is wanted.
    pub person: Key,
    /// The account's id, when it is known: then only that account is looked up.
    pub target_id: Option<Arc<str>>,
    /// Attribute and value, in order of trust.
    pub by: Vec<(Arc<str>, Value)>,
}

/// An account as the target holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// Its id in the target.
    pub target_id: Arc<str>,
    /// Is it usable? `None` where the target cannot say.
    pub active: Option<bool>,
    /// Its attributes, named as the mapping names them, as far as the target gave them.
    pub attributes: BTreeMap<Arc<str>, Value>,
}

/// What a look-up found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// No account.
    None,
    /// Exactly one.
    One(Held),
    /// Several; their ids.
    Many(Vec<Arc<str>>),
}

/// Accounts of a listing.
#[derive(Clone, Debug, Default)]
pub struct HeldPage {
    /// The accounts.
    pub held: Vec<Held>,
    /// Where the listing goes on; `None` at its end.
    pub next: Option<Place>,
}

/// How one change ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Delivered. `echo` is what the target says it holds now, when it says.
    Done {
        /// The account's id.
        target_id: Arc<str>,
        /// The target's own account of it.
        echo: Option<Held>,
    },
    /// Not now: try again after this long, if the target said how long; why, without personal data.
    Again(Option<Duration>, String),
    /// Not now either, and surely nothing was done: no word of this change reached the target, or it was all refused or
    /// taken back. It does not count as a try.
    NotTried(Option<Duration>, String),
    /// Never: why, without personal data, naming the attribute when the target did.
    Refused(String),
}

/// What a run did to a target, told at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Delivered changes by action name.
    pub done: BTreeMap<String, u64>,
    /// True when every released change of the run is delivered.
    pub complete: bool,
    /// True when the run walked everybody.
    pub full: bool,
}

/// A place that people are delivered to.
///
/// Applying a change twice leaves what applying it once left: a deliverer may die after the target committed and
/// before we knew.
pub trait Target: Send + Sync {
    /// What it can do.
    fn can(&self) -> Can;

    /// Looks accounts up; the answer has one entry for each question, in order.
    fn find(&self, wanted: &[Correlation]) -> impl Future<Output = Result<Vec<Found>, Failure>> + Send;

    /// Lists accounts.
    fn list(&self, place: Option<&Place>) -> impl Future<Output = Result<HeldPage, Failure>> + Send;

    /// Delivers changes of different people; the answer has one outcome for each change, in order.
    /// A failure of the whole call says that nothing was done ([`Failure::untried`]) or that nobody knows; the changes
    /// are tried again.
    fn apply(&self, run: RunId, changes: &[Change]) -> impl Future<Output = Result<Vec<Outcome>, Failure>> + Send;

    /// Ends a run: writes manifests, swaps files in. Called again after a crash.
    fn close(&self, run: RunId, tally: &Tally) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Looks whether it can be reached and used; writes nothing.
    fn test(&self) -> impl Future<Output = Vec<Finding>> + Send;
}
