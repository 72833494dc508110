//! Faults on demand: what a tenant, its gateway or the network does to requests on bad days.
//!
//! A fault is armed with a rule that says which requests it meets. Rules count, they do not roll dice, so that a test
//! that fails once fails again.

mod rule;

pub(crate) use rule::Faults;
pub use rule::{Fault, FaultKind, When};
