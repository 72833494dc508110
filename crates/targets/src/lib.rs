//! Where people are delivered: SCIM 2.0 servers, SQL tables, CSV files.
//!
//! One folder a kind, one recipe: `settings.rs` says what the operator can set, `target.rs` is the
//! [`joinery_model::Target`], the other files are its parts. [`Any`] is what the binary wires in. HTTP clients and the
//! clock are received; opening a target checks its settings and touches neither network nor disk.
//!
//! A target classifies a failure and never retries: the engine does that. The one exception is an access token that
//! ran out, which is fetched anew once.

mod any;
#[doc(hidden)]
pub mod contract;
pub mod csv;
pub mod notify;
pub mod scim;
pub mod sql;
mod worker;

pub use any::{Any, Settings};
