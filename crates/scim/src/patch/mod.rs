//! PATCH (RFC 7644, section 3.5.2): what a client sends, and what a server makes of it.

mod apply;
mod deltas;
mod elements;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod laws;
mod request;
mod smallest;
mod target;

pub use deltas::Delta;
pub use request::{Asked, read_patch};
pub use smallest::{Operation, PatchOp, PatchRequest, Write, operations, write_all};
