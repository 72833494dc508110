//! What a run is asked, what it tells while it goes on, and what it says at its end.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use joinery_model::{
    Balance, Change, Failure, Held, HoldBack, Imbalance, Key, LeftOut, Link, Path, Record, RunId, RunKind, Standing,
    Tried, Value,
};
use serde::Serialize;

/// What is asked of a run.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// What to walk over; `None` chooses: everybody when the sync never finished a walk, else what changed.
    pub kind: Option<RunKind>,
    /// Stop after the plan.
    pub plan_only: bool,
    /// These people only; not empty makes the run one of [`RunKind::Keys`].
    pub keys: Vec<Key>,
}

/// How patient a run is. The defaults are meant for production; tests shorten them.
#[derive(Clone, Debug)]
pub struct Patience {
    /// How long the lease on a sync holds unless it is renewed, which a run does after a third of it.
    pub lease: Duration,
    /// Waits before the second, third, … try of a delivery; the last one repeats. A longer wait that the target asks
    /// for is honoured.
    pub schedule: Vec<Duration>,
    /// Tries after which a delivery that the target keeps putting off becomes a dead letter.
    pub tries: u32,
    /// How long a run waits in all for deliveries that are to be tried again; what is left then stays pending and is
    /// taken up by the next run.
    pub wait: Duration,
    /// Failed calls in a row after which a target counts as unreachable in this run; calls that fail side by side count
    /// as one.
    pub outages: u32,
    /// How often one run may begin its walk again because the source lost the place.
    pub restarts: u32,
    /// People fetched, looked up or closed at once outside the walk's own pages.
    pub batch: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            lease: Duration::from_mins(15),
            schedule: [1, 5, 20, 60, 300].map(Duration::from_secs).to_vec(),
            tries: 10,
            wait: Duration::from_mins(2),
            outages: 3,
            restarts: 5,
            batch: 200,
        }
    }
}

/// What happens while a run goes on; for progress bars, logs and metrics.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A run began.
    Began {
        /// Its number.
        run: RunId,
        /// What it walks over.
        kind: RunKind,
        /// True when it stops after the plan.
        plan_only: bool,
        /// True when an interrupted run goes on.
        resumed: bool,
        /// True when the sync never finished a full walk.
        first: bool,
    },
    /// A page of the walk, or a batch of due, touched or gone people, is closed.
    Page {
        /// How the people came.
        how: Tried,
        /// People new to the run.
        people: u64,
        /// Rows that repeated somebody.
        duplicates: u64,
        /// Changes planned.
        planned: u64,
        /// Requests to the source.
        requests: u64,
    },
    /// The source lost the place; the walk begins again.
    WalkRestarted {
        /// How often by now.
        times: u32,
    },
    /// The guard has judged.
    Judged {
        /// Changes that are free to go, by target; those of earlier runs excepted.
        released: BTreeMap<Arc<str>, u64>,
        /// What is held back, and why.
        held: Vec<HoldBack>,
    },
    /// Deliveries were tried and written down.
    Delivered {
        /// The target.
        target: Arc<str>,
        /// Delivered.
        done: u64,
        /// To be tried again.
        again: u64,
        /// Dead letters.
        dead: u64,
    },
    /// A delivery became a dead letter.
    DeadLetter {
        /// The target.
        target: Arc<str>,
        /// Whose.
        person: Key,
        /// Why.
        why: String,
    },
    /// A target does not answer; what is left for it stays pending.
    Unreachable {
        /// The target.
        target: Arc<str>,
        /// Why.
        why: String,
    },
    /// The run waits for deliveries that are to be tried again.
    Waiting {
        /// How long.
        wait: Duration,
    },
    /// References were filled whose other person has an account now.
    BackFilled {
        /// How many.
        count: u64,
    },
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Everything is delivered.
    Complete,
    /// The plan is stored and waits for `apply`.
    Planned,
    /// Some changes wait for approval.
    Held,
    /// Some changes could not be delivered yet; the next run goes on with them.
    Pending,
    /// Some changes became dead letters.
    Dead,
    /// The run was asked to stop; the next one goes on where it was.
    Stopped,
}

/// What a run says at its end.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The run.
    pub run: RunId,
    /// What it walked over.
    pub kind: RunKind,
    /// How it ended; of several endings the worst: dead, then held, then pending.
    pub ended: Ended,
    /// Its balance; `None` when it was stopped.
    pub balance: Option<Balance>,
    /// What the guard held back, in words for whoever approves.
    pub held: Vec<String>,
    /// Targets that did not answer or refused, and why. What there is to do for them waits for the next run.
    pub unreachable: BTreeMap<Arc<str>, String>,
    /// People whom the source was asked for and did not give: named ones, and those of whom something came due or changed,
    /// who are asked for again by the next run.
    pub absent: Vec<Key>,
    /// Rows without a legible key.
    pub unreadable: u64,
    /// What the source does not say now, and what is left as it is for want of it. Also in the run's stored note.
    pub unsaid: Vec<Unsaid>,
    /// Requests to the source in this process.
    pub requests: u64,
    /// The interrupted run that had to be finished before this one could begin.
    pub finished_first: Option<Box<Report>>,
}

/// A path that the source does not say now, of some people or of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unsaid {
    /// The path.
    pub path: Path,
    /// The attributes that read it; they are left as they are in every target.
    pub attributes: Vec<Arc<str>>,
}

impl fmt::Display for Unsaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.attributes.join(", ");
        let are = if self.attributes.len() == 1 { "is left as it is" } else { "are left as they are" };
        write!(
            f,
            "the source does not say {} (no such field, or no permission for it): {names} {are}. What changes meanwhile \
             comes with the first full run after it is back",
            self.path
        )
    }
}

/// Which side moved since a plan was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// The person in the source (or the mapping).
    Source,
    /// The account in the target.
    Target,
}

/// A planned change that is not what would be planned now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stale {
    /// Whose.
    pub person: Key,
    /// The target of the change.
    pub target: Arc<str>,
    /// Which side moved.
    pub moved: Moved,
    /// What differs, by attribute names; no values.
    pub what: String,
}

/// An account that nobody in the journal owns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Orphan {
    /// The target.
    pub target: Arc<str>,
    /// The account.
    pub account: Held,
}

/// One person's way through the house, looked at without doing anything.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// Who.
    pub key: Key,
    /// Other ids that mean them.
    pub aliases: Vec<String>,
    /// Where they stand.
    pub standing: Standing,
    /// What mappings, conditions and rules read: each path with what was found there.
    pub used: BTreeMap<String, Vec<Value>>,
    /// Why no record was made, if none was.
    pub left_out: Option<LeftOut>,
    /// What the source does not say of them now, and what is left as it is for want of it.
    pub unsaid: Vec<Unsaid>,
    /// Each target.
    pub targets: Vec<ExplainedTarget>,
}

/// One person and one target.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainedTarget {
    /// The target.
    pub target: Arc<str>,
    /// What the mapping makes, attribute by attribute.
    pub attributes: Vec<ExplainedAttribute>,
    /// Why the record is not valid, if it is not.
    pub invalid: Option<LeftOut>,
    /// The valid record.
    pub record: Option<Record>,
    /// What was delivered last, to which account.
    pub last: Option<Link>,
    /// What the target holds now, if it can say.
    pub now: Option<Held>,
    /// What a run for this person would plan.
    pub plan: Option<Change>,
    /// Why a run would plan nothing, if there is a reason.
    pub rejected: Option<LeftOut>,
    /// The target could not be asked, so nobody can say what would be planned.
    pub unreachable: bool,
}

/// One attribute of a target and how its value came about.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainedAttribute {
    /// Its name.
    pub name: Arc<str>,
    /// The mapping's rule, in words.
    pub rule: String,
    /// What the rule makes; `None` when it leaves the attribute as it is. A reference is shown as the other person's id.
    pub value: Option<Value>,
}

/// Why a run ended without an end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The source failed.
    #[error("reading people failed: {0}")]
    Source(#[source] Failure),
    /// The journal failed.
    #[error("the journal failed: {0}")]
    Journal(#[source] Failure),
    /// A target failed where it is needed for an answer.
    #[error("target {target} failed: {failure}")]
    Target {
        /// The target.
        target: Arc<str>,
        /// How.
        #[source]
        failure: Failure,
    },
    /// The sync names a target that the engine was not given.
    #[error(
        "the sync {sync} names the target {target}, which is not there; define [target.{target}] or remove it from sync.{sync}.targets"
    )]
    UnknownTarget {
        /// The sync.
        sync: Arc<str>,
        /// The target.
        target: Arc<str>,
    },
    /// The walk had to begin again too often.
    #[error(
        "the source lost its place {times} times in this run; it goes on from the same watermark with the next run. Last: {failure}"
    )]
    Restarts {
        /// How often.
        times: u32,
        /// The last failure.
        #[source]
        failure: Failure,
    },
    /// A plan is not what would be planned now; nothing was written.
    #[error("the plan of run {} is stale: {} moved since; nothing was written. Plan again and look at what changed", .run.0, describe(.stale))]
    Stale {
        /// The run.
        run: RunId,
        /// Every change that moved.
        stale: Vec<Stale>,
    },
    /// There is nothing to apply or to replay, or nothing to plan before something else is done.
    #[error("{0}")]
    Nothing(String),
    /// The books of the run do not balance: a defect, please report it.
    #[error("run {} does not balance ({}); nothing was lost by this check, but the counts cannot be trusted: please report it with the run's log", .run.0, equations(.wrong))]
    Unbalanced {
        /// The run.
        run: RunId,
        /// The equations that do not hold.
        wrong: Vec<Imbalance>,
    },
    /// A part of the run died.
    #[error("a part of the run ended without an answer: {0}; please report it")]
    Broken(String),
}

fn describe(stale: &[Stale]) -> String {
    let name = |stale: &Stale| {
        let side = match stale.moved {
            Moved::Source => "source",
            Moved::Target => "target",
        };
        format!("{} in the {side} ({}: {})", stale.person, stale.target, stale.what)
    };
    stale.iter().map(name).collect::<Vec<_>>().join("; ")
}

fn equations(wrong: &[Imbalance]) -> String {
    wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
