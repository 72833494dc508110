//! Writing to a tenant: rows by `upsert`, every row's result looked at by itself.
//!
//! HTTP 200 says nothing about the rows. A [`Writer`] sends rows in batches, reads each row's own result by its index,
//! sends again what may pass (and only where a repetition does no harm), cuts what the tenant finds too large, and
//! tells row by row how it ended: a [`RowOutcome`].

mod batch;
mod judge;
mod outcome;
mod row;
mod settings;
mod upsert;

pub(crate) use judge::refusal;
pub use outcome::{RowOutcome, RowRefusal, RowWritten, WhyRefused};
pub use row::WriteRow;
pub use settings::{Unsent, UpsertOptions, WriteSettings};
pub use upsert::Writer;
