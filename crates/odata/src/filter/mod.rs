//! `$filter` expressions: a tree, a reader, a printer, and methods that build one.
//!
//! The grammar is OData v2's with SuccessFactors' additions `in` (over a bare comma list) and `like` (KBA 3389932,
//! 3045396). From loose to tight: `or`, `and`, `eq ne`, `gt ge lt le in like`, `add sub`, `mul div mod`, `not -`.

mod ast;
mod build;
mod field;
mod parse;
mod print;

pub use ast::{BinaryOp, Expr, Function};
pub use field::Field;
pub use parse::MAX_DEPTH;
