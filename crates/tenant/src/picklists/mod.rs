//! Picklists: what the ids and codes that properties hold stand for.
//!
//! Properties of Employee Central hold the id of an option, those of MDF objects its external code. A picklist is read
//! once a day, whole, from the old API (`Picklist`) or, where that does not have it, from the metadata framework
//! (`PickListValueV2`); then labels cost no `$expand`, which would bring every label in every language with every row.

mod book;
mod cache;
mod read;

pub use book::{Picklist, PicklistOption};
pub use cache::Picklists;

pub(crate) use book::{Book, is_label};
