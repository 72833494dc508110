//! Needs become questions that are valid for this tenant.

mod choice;
mod need;
mod plan;

pub use plan::{Missing, Plan, Refused, set_of};
