//! OData v4: the same questions at a v4 root.
//!
//! SuccessFactors serves no people by v4; the simulated tenant does, under a root of its own. Everything that reads asks
//! in v2's words, and here they become v4's: address, options, filter. Answers of both versions are read by one reader.
//! What v4 does not have there (function imports, upsert, and with it all writes of Employee Central) is refused with the
//! reason.

mod ask;
mod refused;
mod write;

pub(crate) use ask::get;
pub(crate) use refused::may_be_sent;
pub use refused::not_over_v4;
pub(crate) use write::write;
