//! The same data by OData v4, at a root of our own: SuccessFactors serves no people by v4, so its name says what it is.
//!
//! Requests are read by v4's grammar and asked of the same rooms; what those answer in v2's JSON is written as v4's.

mod payload;
mod read;
mod route;
mod write;

pub(crate) use route::{ROOT, answer, refuse};
