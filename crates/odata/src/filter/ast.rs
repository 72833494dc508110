//! The tree of a filter.

use super::Field;
use crate::Literal;

/// An expression of a `$filter`.
///
/// `And` and `Or` hold two or more operands in order; one made by hand with fewer prints as its only operand, or as
/// `true` and `false`. Read with [`Expr::parse`], printed by `Display`; what is printed reads back as the same tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A value.
    Literal(Literal),
    /// A property, perhaps behind navigations. Behind a to-many navigation a comparison holds when it holds for any row.
    Field(Field),
    /// All of these.
    And(Vec<Expr>),
    /// Any of these.
    Or(Vec<Expr>),
    /// The opposite.
    Not(Box<Expr>),
    /// The negative number.
    Negate(Box<Expr>),
    /// Two operands and an operator.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left of it.
        left: Box<Expr>,
        /// Right of it.
        right: Box<Expr>,
    },
    /// One of a list of values: `status in 't','f'`. The list is never empty.
    In {
        /// What is looked for.
        operand: Box<Expr>,
        /// Where.
        values: Vec<Literal>,
    },
    /// A function and its arguments, as many as it takes.
    Call {
        /// Which.
        function: Function,
        /// Its arguments.
        arguments: Vec<Expr>,
    },
}

/// An operator between two operands, other than `and`, `or`, `in`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Greater than.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less or equal.
    Le,
    /// Matches a pattern in which `%` stands for any text.
    Like,
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient.
    Div,
    /// Remainder.
    Mod,
}

impl BinaryOp {
    /// Every operator.
    pub const ALL: [Self; 12] = [
        Self::Eq,
        Self::Ne,
        Self::Gt,
        Self::Ge,
        Self::Lt,
        Self::Le,
        Self::Like,
        Self::Add,
        Self::Sub,
        Self::Mul,
        Self::Div,
        Self::Mod,
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
            Self::Like => "like",
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Mul => "mul",
            Self::Div => "div",
            Self::Mod => "mod",
        }
    }

    /// True for operators whose result is true or false.
    pub fn is_comparison(self) -> bool {
        !matches!(self, Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Mod)
    }

    pub(super) fn level(self) -> Level {
        match self {
            Self::Eq | Self::Ne => Level::Equality,
            Self::Gt | Self::Ge | Self::Lt | Self::Le | Self::Like => Level::Relation,
            Self::Add | Self::Sub => Level::Sum,
            Self::Mul | Self::Div | Self::Mod => Level::Product,
        }
    }
}

/// How tightly an expression binds, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Or,
    And,
    Equality,
    Relation,
    Sum,
    Product,
    Unary,
    Primary,
}

/// A function of OData v2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// `startswith(text, prefix)`.
    StartsWith,
    /// `endswith(text, suffix)`.
    EndsWith,
    /// `substringof(part, text)`: the part comes first.
    SubstringOf,
    /// `tolower(text)`.
    ToLower,
    /// `toupper(text)`.
    ToUpper,
    /// `trim(text)`.
    Trim,
    /// `length(text)`.
    Length,
    /// `indexof(text, part)`, from 0.
    IndexOf,
    /// `concat(a, b)`.
    Concat,
    /// `substring(text, from[, length])`, from 0.
    Substring,
    /// `replace(text, find, replacement)`.
    Replace,
    /// `year(date)`.
    Year,
    /// `month(date)`.
    Month,
    /// `day(date)`.
    Day,
    /// `hour(date)`.
    Hour,
    /// `minute(date)`.
    Minute,
    /// `second(date)`.
    Second,
    /// `round(number)`.
    Round,
    /// `floor(number)`.
    Floor,
    /// `ceiling(number)`.
    Ceiling,
}

impl Function {
    /// Every function.
    pub const ALL: [Self; 20] = [
        Self::StartsWith,
        Self::EndsWith,
        Self::SubstringOf,
        Self::ToLower,
        Self::ToUpper,
        Self::Trim,
        Self::Length,
        Self::IndexOf,
        Self::Concat,
        Self::Substring,
        Self::Replace,
        Self::Year,
        Self::Month,
        Self::Day,
        Self::Hour,
        Self::Minute,
        Self::Second,
        Self::Round,
        Self::Floor,
        Self::Ceiling,
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::SubstringOf => "substringof",
            Self::ToLower => "tolower",
            Self::ToUpper => "toupper",
            Self::Trim => "trim",
            Self::Length => "length",
            Self::IndexOf => "indexof",
            Self::Concat => "concat",
            Self::Substring => "substring",
            Self::Replace => "replace",
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Second => "second",
            Self::Round => "round",
            Self::Floor => "floor",
            Self::Ceiling => "ceiling",
        }
    }

    /// How many arguments it takes, at least and at most.
    pub fn arity(self) -> (usize, usize) {
        match self {
            Self::Substring => (2, 3),
            Self::Replace => (3, 3),
            Self::StartsWith | Self::EndsWith | Self::SubstringOf | Self::IndexOf | Self::Concat => (2, 2),
            _ => (1, 1),
        }
    }

    /// True for functions whose result is true or false.
    pub fn is_predicate(self) -> bool {
        matches!(self, Self::StartsWith | Self::EndsWith | Self::SubstringOf)
    }
}
