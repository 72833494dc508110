//! Which of a person's employments counts on a day, and where the person stands because of it.
//!
//! The choice is a pure function of the facts, the policy and the day: the order in which the tenant lists employments
//! or slices never matters. A day begins in the policy's zone; dates themselves have no zone and are never shifted.
//!
//! The words are SAP's: codes of `emplStatus` (SAP Note 2505526), assignment classes `ST` and `GA`.

mod choose;
mod facts;
mod judge;

pub(crate) use facts::{Dated, nearest};
pub use facts::{Employment, Slice};
pub use judge::{Judgement, judge};
