//! `$batch`: several requests in one, as `multipart/mixed` (OData v2, "Batch Processing"; MIME: RFC 2046 section 5.1).
//!
//! A batch is a list of [`Part`]s: single requests, and changesets that are done as a whole. Requests and responses have
//! the same nesting; a changeset that failed is answered by one single response. Reading is bounded by [`Limits`], line
//! ends are CRLF as SuccessFactors demands, and no error carries a piece of the text.

mod message;
mod multipart;
mod print;
mod read;

pub use message::{Limits, Part, Request, Response};
pub use multipart::boundary_of;
pub use print::{free_boundary, write_requests, write_responses};
pub use read::{read_requests, read_responses};
