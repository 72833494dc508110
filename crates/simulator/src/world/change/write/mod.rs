//! Writing rows, as a client of the tenant does: the rules of each entity set, and what a refused row leaves alone.
//!
//! Users stand each for itself. Rows of Employee Central that belong to one person are written together: when one of
//! them is refused, none of them is kept.

mod account;
mod contact;
mod effects;
mod employment;
mod household;
mod job;
#[cfg(test)]
mod law;
mod more;
mod pay;
mod person;
mod picklist;
mod position;
mod refused;
mod relations;
mod row;
mod rows;
mod site;
#[cfg(test)]
mod tests;
mod typed;
mod unit;

pub(in crate::world) use effects::Effects;
pub use effects::Mail;
pub use refused::WriteRefused;
pub use row::{Done, Manner, Operation, PasswordPolicy, Purge, RowDone, RowWrite, Verb};
