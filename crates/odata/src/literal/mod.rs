//! Values of primitive types as URLs write them.

mod forms;
mod kind;
mod scan;

pub(crate) use forms::{is_decimal, parse_duration, parse_guid};
pub use kind::Literal;
