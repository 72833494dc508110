//! The nouns and the seams of Joinery.
//!
//! One person's data passes four stages, and each stage is a type: a [`Row`] as the source gave it, a [`Record`] as
//! the mapping made it, a [`Valid`] record that passed its rules, a [`Change`] that a target must be told. What was
//! not validated cannot be delivered: [`Change`]s are planned from `Valid<Record>` alone.
//!
//! The seams are [`Source`], [`Target`], [`Journal`] and [`Clock`]. Nothing here does I/O, and nothing here knows SAP,
//! SCIM or a database.

mod balance;
mod change;
mod clock;
mod employment;
mod error;
mod filter;
mod journal;
mod key;
mod page;
mod path;
mod record;
mod row;
mod run;
mod source;
mod target;
mod value;

pub use balance::{Balance, Imbalance, PeopleCount, TargetCount};
pub use change::{Action, AttributeDiff, Change, ChangeId, ChangeState, Situation};
pub use clock::{Clock, FixedClock};
pub use employment::{EmploymentPolicy, Prefer, Standing, StandingKind};
pub use error::{Failure, Retry};
pub use filter::{Case, Filter, Op};
pub use journal::{Dead, Fillable, HoldBack, Journal, Link, Settled, Stored, Totals};
pub use key::{Key, Ref};
pub use page::{Became, Concern, LeftOut, PageClosed, PageWork, PersonWork, Tried, Verdict, Waiting};
pub use path::{Path, PathError, Segment};
pub use record::{Record, Reference, Valid};
pub use row::Row;
pub use run::{Begin, Begun, Fence, Resume, RunId, RunKind, RunRow, RunState, Window};
pub use source::{Ask, Finding, FindingKind, Needs, Page, Place, Root, Scope, Seen, Source, Watermark};
pub use target::{Can, Correlation, Found, Held, HeldPage, Outcome, Tally, Target};
pub use value::{Object, Value};
