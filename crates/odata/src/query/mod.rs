//! Query strings.

mod options;
mod parse;
mod print;

pub use options::{Format, InlineCount, OrderBy, Paging, Query};
pub use parse::QueryError;
pub(crate) use parse::decode;
pub(crate) use print::RAW_UNSAFE;
