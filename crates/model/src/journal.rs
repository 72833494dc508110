//! What must survive a crash, and the rules that keep it true.
//!
//! A sync owns people, links to accounts, changes and a watermark. A run is one walk over the source and the delivery
//! of what it found. Whoever runs a sync holds its fence; every write checks the fence in its own transaction, so a
//! runner that was thought dead cannot write after its successor began.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    Action, Balance, Became, Begin, Begun, Change, ChangeId, ChangeState, Failure, Fence, Key, PageClosed, PageWork,
    Record, Ref, RunId, Waiting, Watermark,
};

/// What a target last received for a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    /// As `Again`, and surely nothing was done: the claim does not count as a try.
    NotTried {
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
    /// keys only. What a dropped run had superseded is again what it was, and people lean
    /// again on what they leaned on before it, beside what it found. A lease held by somebody else who has not
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
    /// of a person whose row was read, or who was found gone ([`crate::Tried::Gone`]), for every target that their work
    /// does not name.
    fn close_page(&self, fence: &Fence, work: PageWork) -> impl Future<Output = Result<PageClosed, Failure>> + Send;

    /// What a target last received for these people, in order.
    fn last(
        &self,
        sync: &str,
        target: &str,
        keys: &[Key],
    ) -> impl Future<Output = Result<Vec<Option<Link>>, Failure>> + Send;

    /// Changes of these people that make it doubtful what the target holds, in order, the newest first: those that were
    /// tried and not answered as done, and those for an account that was found and is not linked yet. Whatever became of
    /// them since (on their way, held, dead, superseded), unless something newer was delivered.
    fn unsettled(
        &self,
        sync: &str,
        target: &str,
        keys: &[Key],
    ) -> impl Future<Output = Result<Vec<Vec<Change>>, Failure>> + Send;

    /// References of these people that wait for the other person's account, in order.
    fn waiting(
        &self,
        sync: &str,
        target: &str,
        keys: &[Key],
    ) -> impl Future<Output = Result<Vec<Vec<Waiting>>, Failure>> + Send;

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

    /// Writes down how tried deliveries ended and keeps links in step, in one transaction. Gives those that ended
    /// otherwise than was said, and how: a delivery to an account that is another person's is not done.
    fn settle(
        &self,
        fence: &Fence,
        settled: &[(ChangeId, Settled)],
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<(ChangeId, Settled)>, Failure>> + Send;

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

    /// The runs that hold, or plan, what took the place of this run's changes, in order.
    fn moved_to(&self, run: RunId) -> impl Future<Output = Result<Vec<RunId>, Failure>> + Send;

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
