//! What a tenant was asked and what it answered, in a folder: one readable file a request, and an index.
//!
//! Nothing in it is as it was: whoever writes it replaces personal values first ([`crate::disguise`]).

mod exchange;
mod folder;
mod likeness;

pub(crate) use exchange::{Exchange, base_in};
pub use folder::CaptureError;
pub(crate) use folder::{Contents, Folder};
pub(crate) use likeness::{Key, likeness};
