//! Where people come from.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{EmploymentPolicy, Failure, Filter, Key, Path, Ref, Row};

/// What a walk is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Root {
    /// Employee Central: persons with their employments.
    Persons,
    /// The User entity, for tenants without Employee Central.
    Users,
}

/// The paths that mappings, conditions, rules and references read. The source asks for these and no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Every path; a path that ends at a navigation needs the whole of it.
    pub paths: BTreeSet<Path>,
}

/// An instant of the tenant's own clock, up to which a finished walk has seen every change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Watermark(pub Timestamp);

/// Whom a walk is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Scope {
    /// Everybody. Only this one can tell who is gone.
    Full,
    /// Whoever changed since the watermark (less the overlap), whoever is due since then, whatever they lean on.
    Since(Watermark),
    /// These people only.
    Keys(Vec<Key>),
}

/// One question to a source. It is the same for every page of a walk.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Persons or users.
    pub root: Root,
    /// What must be read.
    pub needs: Needs,
    /// Whom.
    pub scope: Scope,
    /// The walk's end: what changes after it belongs to the next walk. Also the instant whose day, in the policy's
    /// zone, is "today".
    pub as_of: Timestamp,
    /// Which employment counts.
    pub policy: Arc<EmploymentPolicy>,
    /// Whom to pass over, pushed to the source as far as it can be; every row is judged again on arrival.
    pub filter: Filter,
}

/// Where a walk goes on: opaque, made by the source, kept by the journal. It may be lost; then the walk restarts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(pub String);

/// One thing a page shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// A person.
    Row(Row),
    /// Something changed that people may lean on; the journal knows whom.
    Touched(Ref),
    /// A person the source says was removed.
    Gone(Key),
    /// A person of whom a listing of changes says that something changed, and whom the source does not give.
    Withheld(Key),
    /// A person that is there but could not be read: the key if it was legible, and why (no personal data).
    Unreadable(Option<Key>, String),
}

/// One page of a walk. `next` is `None` at the end of the walk.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What it shows, in no promised order, repeats allowed.
    pub seen: Vec<Seen>,
    /// Where the walk goes on.
    pub next: Option<Place>,
    /// Requests that this page cost.
    pub requests: u32,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Works.
    Good,
    /// Good to know; nothing is wrong.
    Note,
    /// Works, but look at it.
    Warning,
    /// Does not work.
    Problem,
}

/// One line of a check: what was looked at, how it is, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub kind: FindingKind,
    /// What was looked at: `sign-in`, `EmpJob.department`, `POST /Users`.
    pub subject: String,
    /// What was found and what to do.
    pub message: String,
}

/// A place that people are read from.
pub trait Source: Send + Sync {
    /// The source's own time, from which a walk's window is counted.
    fn now(&self) -> impl Future<Output = Result<Timestamp, Failure>> + Send;

    /// The page at `place`, or the first one.
    ///
    /// A failure with [`crate::Retry::Restart`] says the place is lost. Failures that may pass were already retried
    /// within the source's own patience.
    fn page(&self, ask: &Ask, place: Option<&Place>) -> impl Future<Output = Result<Page, Failure>> + Send;

    /// These people as they are now, in no promised order, repeats allowed. Whoever is not there is left out; whoever is
    /// there and cannot be read is [`Seen::Unreadable`], which is not the same.
    fn fetch(&self, ask: &Ask, keys: &[Key]) -> impl Future<Output = Result<Vec<Seen>, Failure>> + Send;

    /// Signs in and looks whether everything that `ask` needs can be read.
    fn test(&self, ask: &Ask) -> impl Future<Output = Vec<Finding>> + Send;
}
