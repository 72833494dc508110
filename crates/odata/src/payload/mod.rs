//! What a server answers and what it is sent, in JSON; and error bodies in every shape.
//!
//! A page is not built as a tree: [`Page::parse`] finds where each entity begins and ends, and [`read_selected`] reads
//! one entity and keeps only what is wanted. [`find_next`] finds the address of the next page from the end of the
//! bytes, so that it can be asked for before this one is read.

mod error;
mod next;
mod page;
mod read;
mod scan;
mod select;
mod tree;
mod upsert;

pub use error::{ErrorShape, ServerError};
pub use next::find_next;
pub use page::{Page, PayloadError};
pub use read::read_selected;
pub use select::Selection;
pub use tree::Tree;
pub use upsert::{EditStatus, UpsertResult, UpsertRow, read_upsert_request, read_upsert_results, write_upsert_results};
