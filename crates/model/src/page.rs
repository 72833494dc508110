//! One page of a walk, as the journal closes it: who came, what became of them, what each target has to do.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Change, Key, Place, Ref, RunId, Standing};

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
