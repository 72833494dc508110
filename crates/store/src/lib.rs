//! The journal on SQLite.
//!
//! [`Store`] implements [`joinery_model::Journal`], which is the contract, and offers operators what they need beside
//! it: history, held changes and dead letters, forgetting a person, retention, backup.
//!
//! One thread writes, and commits requests that wait together in one transaction, each inside its own savepoint; a
//! request is answered after its commit reached the disk (`synchronous = FULL`). A few connections read. Nothing loads
//! all people: memory is bounded by the page cache and by what one call asks for.
//!
//! The file holds personal data: it is its owner's alone (mode 0600).

mod codes;
#[doc(hidden)]
pub mod conformance;
mod fault;
mod file;
mod journal;
mod lease;
mod operate;
mod readers;
mod schema;
mod session;
mod settings;
mod store;
mod writer;

pub use operate::{Forgotten, Pruned, Refusal};
pub use settings::Settings;
#[doc(hidden)]
pub use settings::{Stop, StopHook};
pub use store::Store;
