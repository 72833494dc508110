//! The state of the simulated company at a clock: who works there, since when, as what.
//!
//! [`World::generate`] makes a company from a seed, always the same one. Rows are named by [`RowId`] and read a cell
//! at a time; what is in force depends on the clock alone, so time passing changes answers and touches no
//! `lastModified`. Changes ([`World::hire`] and the like) stamp what they touch with the clock's instant.

mod accounts;
mod cell;
mod cells;
mod change;
mod data;
mod generate;
mod groups;
mod keys;
#[cfg(test)]
mod laws;
mod look;
mod passwords;
mod people;
mod photos;
mod picks;
mod picture;
mod positions;
mod related;
mod row;
mod rows;
mod save;
mod segments;
mod state;
mod summary;
mod territory;
mod text;
#[cfg(test)]
mod ties;
mod time;
mod units;

pub use cell::{Cell, Value};
pub use change::{
    Done, Ending, Hire, Hired, Leave, Mail, Manner, Move, Operation, PasswordPolicy, Purge, Refused, RowDone, RowWrite,
    Verb, WriteRefused,
};
pub use groups::{
    ExpressionEdit, FilterEdit, GroupEdit, GroupRefused, GroupShown, Permitted, PoolEdit, PoolShown, RoleEdit,
    RuleEdit, StaticAction, StaticUnknown,
};
pub use look::Placement;
pub use row::{AsOf, KeyPart, Related, RowId};
pub use save::NotLoaded;
pub(crate) use save::{append_section, read_section};
pub use state::{Seed, World};
pub use summary::{Standing, Summary};
pub use time::{Clock, Day, Stamp};
