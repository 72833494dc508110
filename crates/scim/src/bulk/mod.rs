//! Several requests in one (RFC 7644, section 3.7).

mod references;
mod request;
mod run;
#[cfg(test)]
mod tests;

pub use request::{BadOperation, BulkLimits, BulkOperation, BulkRequest, Method};
pub use run::{BulkCall, BulkOutcome, BulkRun};
