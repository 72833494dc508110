//! Needs become questions that are valid for this tenant.

mod need;
mod plan;

pub use plan::{Missing, Plan, Refused, set_of};
