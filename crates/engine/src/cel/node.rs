//! A compiled expression.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use joinery_model::{Path, Value};
use regex::Regex;

use super::eval::{CelError, Evaluation};
use super::functions::Function;
use super::lower;

/// An expression, counted and ready to run.
#[derive(Debug)]
pub struct Expr {
    node: Node,
    paths: BTreeSet<Path>,
}

impl Expr {
    /// Reads an expression over `p` (the row) and `today`.
    ///
    /// # Errors
    /// What is wrong and what to do: not CEL, an unknown function, larger or nested deeper than is allowed.
    pub fn compile(source: &str) -> Result<Self, String> {
        let (node, paths) = lower::compile(source)?;
        Ok(Self { node, paths })
    }

    /// The paths of the row that the expression reads, whole segments where it walks or indexes a list.
    pub fn paths(&self) -> &BTreeSet<Path> {
        &self.paths
    }

    /// The expression's value for a row.
    ///
    /// # Errors
    /// [`CelError`] when kinds do not fit, or the row makes it longer or larger than is allowed.
    pub fn eval(&self, row: &Value, today: Date) -> Result<Value, CelError> {
        Evaluation::new(row, today).run(&self.node)
    }

    /// Does the condition hold? Null does not.
    ///
    /// # Errors
    /// As [`Expr::eval`]; also when its value is neither true, false nor null.
    pub fn holds(&self, row: &Value, today: Date) -> Result<bool, CelError> {
        match self.eval(row, today)? {
            Value::Bool(value) => Ok(value),
            Value::Null => Ok(false),
            other => {
                Err(CelError::new(format!("the condition gives {}, not true or false", super::eval::kind(&other))))
            }
        }
    }
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}

/// What a comprehension does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Each {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// A step of an expression.
#[derive(Debug)]
pub(super) enum Node {
    Constant(Value),
    /// Members of the row, one inside the other.
    Path(Box<[Arc<str>]>),
    Today,
    /// A comprehension's variable, counted from the outermost.
    Local(usize),
    Member(Box<Node>, Arc<str>),
    Index(Box<Node>, Box<Node>),
    Has(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    If(Box<[Node; 3]>),
    /// A left-leaning chain, walked in a loop so that its length costs no stack.
    Chain(Box<Node>, Vec<(Operator, Node)>),
    List(Vec<Node>),
    Object(Vec<(Arc<str>, Node)>),
    /// A comprehension over a list; for `Map` with a filter the filter comes first.
    Comprehension {
        each: Each,
        list: Box<Node>,
        filter: Option<Box<Node>>,
        body: Box<Node>,
    },
    Matches(Box<Node>, Box<Regex>),
    Call(Function, Vec<Node>),
}
