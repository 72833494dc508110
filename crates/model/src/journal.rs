//! What must survive a crash, and the rules that keep it true.
//!
//! A sync owns people, links to accounts, changes and a watermark. A run is one walk over the source and the delivery
//! of what it found. Whoever runs a sync holds its fence; every write checks the fence in its own transaction, so a
//! runner that was thought dead cannot write after its successor began.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Action, Balance, Change, ChangeId, ChangeState, Failure, Key, Place, Record, Ref, Standing, Watermark};

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

/// How a person came into a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tried {
    /// The walk showed them.
    Read,
    /// A date came due.
    Due,
    /// Something they lean on changed.
    Touched,
    /// The source no longer has them.
    Gone,
}

/// Why a person was left out or judged invalid. `message` names the field and what to do, without the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The condition's or rule's name; counted in the balance.
    pub rule: Arc<str>,
    /// What is wrong and what to do.
    pub message: String,
}

/// What became of one person before any target was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A valid record was made for at least one target.
    Mapped,
    /// A condition left them out.
    LeftOut(LeftOut),
    /// A rule was broken, or the data could not be mapped.
    Invalid(LeftOut),
    /// They are gone from the source.
    Gone,
}

/// A verdict that was written down, without its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// A record was made.
    Mapped,
    /// A condition left them out.
    LeftOut,
    /// A rule was broken, or they could not be read.
    Invalid,
    /// They were gone.
    Gone,
}

/// A reference that waits until the other person has an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The attribute.
    pub attribute: Arc<str>,
    /// The other person's id in the source.
    pub alias: Arc<str>,
}

/// What one target has to do with a person in this run.
#[derive(Clone, Debug, PartialEq)]
pub enum Concern {
    /// Nothing to do: supersedes any undelivered change of theirs.
    Unchanged,
    /// Nobody can say what to do: why.
    Rejected(LeftOut),
    /// Something to do: supersedes any undelivered change of theirs.
    Planned(Box<Change>),
    /// The target could not be asked what it holds of them, so nobody can say yet: supersedes nothing, and counts as
    /// pending in the balance.
    Postponed,
}

/// One person's part of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonWork {
    /// Who.
    pub key: Key,
    /// How they came into the run.
    pub how: Tried,
    /// Their ids in the source's references. Without standing and ids nothing was read of them, and what was known of
    /// standing, ids and references stays.
    pub aliases: Vec<String>,
    /// What they lean on: replaces what was known, or is added to it until they are read again when nothing was read.
    pub refs: Vec<Ref>,
    /// Where they stand.
    pub standing: Option<Standing>,
    /// What became of them.
    pub verdict: Verdict,
    /// Each target that is concerned, with references that wait there (replacing those known).
    pub targets: Vec<(Arc<str>, Concern, Vec<Waiting>)>,
}

/// A page's whole result: closed in one transaction or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct PageWork {
    /// The run.
    pub run: RunId,
    /// Where the walk goes on; `None` when this was the last page.
    pub next: Option<Place>,
    /// People, at most one entry each.
    pub people: Vec<PersonWork>,
    /// What the page said has changed and people may lean on. Kept until the run is over, so that a resumed walk still
    /// knows what its earlier pages said: [`Journal::touched`].
    pub touched: Vec<Ref>,
    /// Rows that arrived on this page beyond one a person.
    pub repeats: u64,
    /// Requests to the source.
    pub requests: u64,
}

/// What closing a page found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageClosed {
    /// People of the page that were new to the run.
    pub people: u64,
    /// People of the page whom the run had seen before; the first sight counts, this one is a duplicate.
    pub duplicates: u64,
}

/// What a target last received for a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Whose.
    pub person: Key,
    /// The account.
    pub target_id: Arc<str>,
    /// What was delivered last.
    pub record: Record,
}

/// What a whole walk found, for the guard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// People seen in this run (not gone).
    pub people: u64,
    /// People the sync knew before this run: those seen by the latest walk that showed them, and those gone whose change
    /// nobody has approved yet.
    pub known: u64,
    /// Of the known, those whom this run found gone. Whoever was found gone by an earlier finished run and has nothing
    /// held back is no news.
    pub missing: u64,
    /// People that became left out or invalid.
    pub dropped: u64,
    /// Planned changes by target and action, those of gone people excepted.
    pub planned: BTreeMap<(Arc<str>, Action), u64>,
    /// Changes of gone people by target.
    pub gone: BTreeMap<Arc<str>, u64>,
    /// Planned changes that touch an attribute, by target and attribute.
    pub attributes: BTreeMap<(Arc<str>, Arc<str>), u64>,
    /// Accounts linked before this run, by target.
    pub linked: BTreeMap<Arc<str>, u64>,
}

/// A part of the plan that the guard holds back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldBack {
    /// The target.
    pub target: Arc<str>,
    /// The action, or `None` for every change of the target.
    pub action: Option<Action>,
    /// True when only changes of gone people are meant.
    pub gone_only: bool,
    /// Why, in words for the person who must approve.
    pub reason: String,
}

/// How a tried delivery is written down. The engine has decided; the journal only keeps it.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// Delivered: the link now holds the change's `after`.
    Done {
        /// The account.
        target_id: Arc<str>,
    },
    /// Try again, not before `due`.
    Again {
        /// The earliest next try.
        due: Timestamp,
        /// Why, without personal data.
        why: String,
    },
    /// A dead letter: why.
    Dead(String),
}

/// A waiting reference whose other person now has an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Fillable {
    /// The link whose record lacks the reference.
    pub link: Link,
    /// The target.
    pub target: Arc<str>,
    /// The attribute.
    pub attribute: Arc<str>,
    /// The other person's id in the source.
    pub alias: Arc<str>,
    /// The other person's account.
    pub account: Arc<str>,
}

/// A stored change with where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The change.
    pub change: Change,
    /// Where it is.
    pub state: ChangeState,
    /// Why it is held or dead, or why the last try failed.
    pub reason: Option<String>,
    /// The run it belongs to.
    pub run: RunId,
}

/// A dead letter.
pub type Dead = Stored;

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

/// What the engine asks of durable state.
///
/// Every method that takes a fence fails with a message that says so when a newer fence of the sync exists, and then
/// has written nothing.
pub trait Journal: Send + Sync {
    /// The sync's watermark: up to when everything was seen by a finished walk.
    fn watermark(&self, sync: &str) -> impl Future<Output = Result<Option<Watermark>, Failure>> + Send;

    /// Takes the sync's lease and begins a run, or goes on with an interrupted one.
    ///
    /// An interrupted run of the same configuration goes on, whatever kind was asked for (`Walking` at its place,
    /// `Delivering` at its outbox; changes that were in flight are released again). One of another configuration is
    /// dropped while walking, and goes on while delivering. So is a walk for keys, since nobody wrote down whose. A
    /// complete plan (`Planned`) that was not applied is dropped, its changes superseded, unless the new run is for
    /// keys only. What a dropped run had superseded is again what it was. A lease held by somebody else who has not
    /// let it lapse is a failure that names the holder.
    fn begin(&self, begin: &Begin) -> impl Future<Output = Result<Begun, Failure>> + Send;

    /// Takes the lease for a run that waits as a plan or with held changes, to apply it. A run whose application was
    /// interrupted goes on (`resume` is set); one with nothing that waits is a failure.
    fn reopen(&self, run: RunId, begin: &Begin) -> impl Future<Output = Result<Begun, Failure>> + Send;

    /// Makes the lease last longer.
    fn renew(&self, fence: &Fence, until: Timestamp) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Forgets the walk's place, because the source lost it; people already seen stay seen.
    fn restart_walk(&self, fence: &Fence, run: RunId) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Closes a page in one transaction: people seen, references, verdicts, planned changes, place.
    /// People whom the run has seen before are counted as duplicates and otherwise left as they were.
    /// What a planned change or `Unchanged` supersedes is every older change of the person for the target that is
    /// planned, held, released or dead; one in flight is left alone, and delivered before the newer one. So does a sight
    /// of a person whose row was read, or who is gone, for every target that their work does not name.
    fn close_page(&self, fence: &Fence, work: PageWork) -> impl Future<Output = Result<PageClosed, Failure>> + Send;

    /// What a target last received for these people, in order.
    fn last(
        &self,
        sync: &str,
        target: &str,
        keys: &[Key],
    ) -> impl Future<Output = Result<Vec<Option<Link>>, Failure>> + Send;

    /// The sync's links to accounts of a target in key order, after `after`: who owns what. For the orphan report.
    fn links(
        &self,
        sync: &str,
        target: &str,
        after: Option<&Key>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Link>, Failure>> + Send {
        let _ = (sync, target, after, limit);
        async { Err(Failure::refused("this journal cannot list its links; the orphan report needs that")) }
    }

    /// The accounts of the people that these source ids mean, in order; `None` where there is none yet.
    fn accounts(
        &self,
        sync: &str,
        target: &str,
        aliases: &[Arc<str>],
    ) -> impl Future<Output = Result<Vec<Option<Arc<str>>>, Failure>> + Send;

    /// What became of these people when they were last seen, in order; `None` for whom the sync does not know.
    fn became(&self, sync: &str, keys: &[Key]) -> impl Future<Output = Result<Vec<Option<Became>>, Failure>> + Send;

    /// What the run's pages said has changed, each once, in order.
    fn touched(&self, run: RunId) -> impl Future<Output = Result<Vec<Ref>, Failure>> + Send;

    /// The people of the sync who lean on any of these, in key order, those already seen in the run left out.
    fn people_with(
        &self,
        run: RunId,
        refs: &[Ref],
        after: Option<&Key>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Key>, Failure>> + Send;

    /// People the sync knows whom this run has not seen, in key order. Somebody found gone before is still known while
    /// a target holds an account of theirs or a change of theirs is undelivered.
    fn unseen(
        &self,
        run: RunId,
        after: Option<&Key>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Key>, Failure>> + Send;

    /// What the whole walk found.
    fn totals(&self, run: RunId) -> impl Future<Output = Result<Totals, Failure>> + Send;

    /// Ends the walk: planned changes become held where the guard says so and released otherwise; the watermark moves
    /// to the window's end unless the run is for keys or plan-only. A plan-only run becomes `Planned` and releases
    /// nothing; its watermark moves when it is applied. With `approve`, for a run from [`Journal::reopen`], held and
    /// planned changes are all released.
    fn release(
        &self,
        fence: &Fence,
        run: RunId,
        held: &[HoldBack],
        approve: bool,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Takes up to `limit` released changes for a target that are due: of each person the oldest, and none while
    /// another of theirs for the same target is in flight. They are in flight afterwards, their attempts counted up
    /// (a returned change says how often it was tried *before*). A change planned without an account id carries the
    /// linked one, if there is one by now.
    fn claim(
        &self,
        fence: &Fence,
        target: &str,
        now: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Change>, Failure>> + Send;

    /// When the next released change for a target is due, seen as `claim` does: the oldest of each person; `None` when
    /// none is left. What is released for a target that the sync has no more is nobody's business until it is back.
    fn next_due(&self, fence: &Fence, target: &str) -> impl Future<Output = Result<Option<Timestamp>, Failure>> + Send;

    /// Writes down how tried deliveries ended and keeps links in step, in one transaction.
    fn settle(
        &self,
        fence: &Fence,
        settled: &[(ChangeId, Settled)],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// References that can be filled now: both people have accounts there, and no change of the waiting one is
    /// planned, held, released or in flight for that target.
    fn fillable(&self, fence: &Fence, limit: usize) -> impl Future<Output = Result<Vec<Fillable>, Failure>> + Send;

    /// Adds released back-fills to the run and forgets that they waited: the attributes that each change's `diff` names,
    /// or all that waited for that person and target when it names none.
    fn back_fill(
        &self,
        fence: &Fence,
        run: RunId,
        changes: Vec<Change>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Adds a sentence to what the run's note says, once. Releasing a run writes its note anew.
    fn note(&self, fence: &Fence, run: RunId, text: &str) -> impl Future<Output = Result<(), Failure>> + Send;

    /// A run's changes in the order of their numbers, after `after`.
    fn changes(
        &self,
        run: RunId,
        after: Option<ChangeId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Stored>, Failure>> + Send;

    /// Ends the run, computes and stores its balance from what is written down, and lets the lease go.
    /// With `failed`, the run ends as failed with that note; while walking, its planned changes are superseded as those
    /// of a dropped run are. A plan stays `Planned`. A walk that was not released cannot finish.
    fn finish(
        &self,
        fence: &Fence,
        run: RunId,
        now: Timestamp,
        failed: Option<&str>,
    ) -> impl Future<Output = Result<Balance, Failure>> + Send;
}
