//! CEL for mappings and conditions: the grammar is the `cel` crate's, the evaluation is ours.
//!
//! The crate's own evaluator has no fuel: a map nested four deep over 60 items runs for 13 seconds, and a chain of
//! 2,000 sums overflows a 2 MB stack. Ours walks a tree that was counted before its first run, pays for every step and
//! every byte it makes, reads members of the row without converting it, and never puts a person's value in an error.
//! Where nothing is null, both give the same answers (a test says so).
//!
//! Two rules differ from the standard on purpose, because half of HR data is empty: a member that is missing or null
//! reads as null however deep it is asked for, and a null operand gives null (in arithmetic), false (in order
//! comparisons and conditions) instead of an error.

mod dates;
mod eval;
mod functions;
mod lower;
mod node;
#[cfg(test)]
mod tests;
mod text;

pub use eval::CelError;
pub use node::Expr;

/// The bounds of an expression. Each has an example in the tests that would hurt without it.
pub(crate) mod bounds {
    /// Characters of source.
    pub(crate) const SOURCE: usize = 10_000;
    /// Nodes of the tree.
    pub(crate) const NODES: usize = 500;
    /// Depth of the tree, a chain of operators counting as one level.
    pub(crate) const DEPTH: usize = 64;
    /// Terms of one chain of operators.
    pub(crate) const CHAIN: usize = 200;
    /// Comprehensions inside comprehensions.
    pub(crate) const NESTING: usize = 2;
    /// Items of a list that a comprehension walks or an expression makes.
    pub(crate) const ITEMS: usize = 200;
    /// Bytes of a text that an expression makes.
    pub(crate) const TEXT: usize = 64 * 1024;
    /// Steps of one evaluation: a node is one, and so are 16 bytes of a text that is made.
    pub(crate) const FUEL: u32 = 250_000;
    /// Stack for parsing: the parser recurses over what the counts above have not seen yet. Only touched pages cost.
    pub(crate) const PARSER_STACK: usize = 256 << 20;
}
