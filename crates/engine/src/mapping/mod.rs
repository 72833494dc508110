//! Row → record: one compiled rule for each attribute.

mod compile;
mod path;
mod rule;
mod words;

pub(crate) use rule::{Mapped, Mapping};
