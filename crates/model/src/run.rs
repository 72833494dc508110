//! A run: one walk over the source and the delivery of what it found.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Balance, Place, Watermark};

/// A run's number, counted over all syncs of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub i64);

/// The right to write for one sync. A newer fence makes older ones worthless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The sync.
    pub sync: Arc<str>,
    /// Grows with every `begin` of the sync.
    pub token: i64,
}

/// What a run walks over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Everybody; finds out who is gone.
    Full,
    /// Who changed, came due or leans on what changed, since the watermark.
    Delta,
    /// Named people; moves no watermark.
    Keys,
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Reading and planning.
    Walking,
    /// A plan that was asked for, complete; waits for `apply`.
    Planned,
    /// Delivering.
    Delivering,
    /// Over, balanced; held and dead changes may remain.
    Finished,
    /// Over without an end: why is in the row.
    Failed,
    /// Dropped for a newer run or another configuration.
    Dropped,
}

/// The stretch of the tenant's time that a walk covers: fixed when the run begins, kept when it is resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The watermark that the walk starts from; `None` for a first or full walk.
    pub since: Option<Watermark>,
    /// The tenant's time when the run began.
    pub until: Timestamp,
}

/// How a run is begun.
#[derive(Clone, Debug)]
pub struct Begin {
    /// The sync.
    pub sync: Arc<str>,
    /// What to walk over.
    pub kind: RunKind,
    /// Stop after the plan.
    pub plan_only: bool,
    /// Hash of everything in the configuration that shapes changes.
    pub config_hash: Arc<str>,
    /// The tenant's time: the window's end, if this begins a new run.
    pub until: Timestamp,
    /// Our time.
    pub now: Timestamp,
    /// Who runs: shown to whoever finds the sync busy.
    pub holder: Arc<str>,
    /// How long the lease holds without being renewed.
    pub lease: Duration,
}

/// Where an interrupted run goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The interrupted run's state: `Walking` or `Delivering`.
    pub state: RunState,
    /// The next page of the walk; `None` when no page was closed yet, or when the last one was (see `walked`).
    pub place: Option<Place>,
    /// True when the walk's last page was closed: what is left is whom [`Journal::touched`] and [`Journal::unseen`]
    /// name, then the release.
    pub walked: bool,
}

/// A begun run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Its number.
    pub run: RunId,
    /// The right to write.
    pub fence: Fence,
    /// The walk's window.
    pub window: Window,
    /// The kind that runs: an interrupted run goes on as what it was.
    pub kind: RunKind,
    /// True when the run stops after the plan.
    pub plan_only: bool,
    /// Set when an interrupted run goes on.
    pub resume: Option<Resume>,
    /// True when the sync never finished a full walk.
    pub first: bool,
}

/// One run as history shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// Its number.
    pub run: RunId,
    /// The sync.
    pub sync: Arc<str>,
    /// What it walked over.
    pub kind: RunKind,
    /// True when it was to stop after the plan.
    pub plan_only: bool,
    /// Where it is.
    pub state: RunState,
    /// The configuration it ran with.
    pub config_hash: Arc<str>,
    /// The walk's window.
    pub window: Window,
    /// Our time at its begin.
    pub began: Timestamp,
    /// Our time at its end.
    pub ended: Option<Timestamp>,
    /// Requests to the source so far.
    pub requests: u64,
    /// Why it failed, or what is held.
    pub note: Option<String>,
    /// Its balance, once finished or planned.
    pub balance: Option<Balance>,
}
