//! `$filter` and `$orderby`, with names looked up once and judged row by row.
//!
//! A comparison behind a navigation to many holds when it holds for any row there; where there is no row, as where a
//! navigation to one is null, the property counts as null. Comparisons with null other than `eq null` and `ne null`
//! are neither true nor false, as in SQL, so that neither a condition nor its opposite finds them.

mod compile;
mod evaluate;
mod value;

pub(crate) use compile::{Names, Operand, Test, compile, order_operand};
pub(crate) use evaluate::Judge;
pub(crate) use value::Val;
