//! Writing a filter with as few parentheses as its meaning needs.

use std::fmt;

use super::ast::Level;
use super::{BinaryOp, Expr};
use crate::Literal;

impl Expr {
    fn level(&self) -> Level {
        match self {
            Self::Or(any) if any.len() > 1 => Level::Or,
            Self::And(all) if all.len() > 1 => Level::And,
            Self::Or(one) | Self::And(one) => one.first().map_or(Level::Primary, Self::level),
            Self::Binary { op, .. } => op.level(),
            Self::In { .. } => Level::Relation,
            Self::Not(_) | Self::Negate(_) => Level::Unary,
            Self::Literal(_) | Self::Field(_) | Self::Call { .. } => Level::Primary,
        }
    }

    /// Prints in a place that takes what binds at least as tightly as `level`.
    fn print(&self, f: &mut fmt::Formatter<'_>, level: Level) -> fmt::Result {
        if self.level() < level { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

/// Unescaped; percent-encoding is the query string's business.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => literal.fmt(f),
            Self::Field(field) => field.fmt(f),
            Self::And(all) => print_list(f, all, " and ", Level::Equality, "true"),
            Self::Or(any) => print_list(f, any, " or ", Level::And, "false"),
            Self::Not(inner) => {
                f.write_str("not ")?;
                inner.print(f, Level::Unary)
            }
            Self::Negate(inner) => {
                f.write_str("-")?;
                if takes_sign(inner) { write!(f, "({inner})") } else { inner.print(f, Level::Unary) }
            }
            Self::Binary { op, left, right } => {
                left.print(f, op.level())?;
                write!(f, " {} ", op.word())?;
                right.print(f, tighter(*op))
            }
            Self::In { operand, values } => {
                operand.print(f, Level::Relation)?;
                for (at, value) in values.iter().enumerate() {
                    f.write_str(if at == 0 { " in " } else { "," })?;
                    value.fmt(f)?;
                }
                Ok(())
            }
            Self::Call { function, arguments } => {
                write!(f, "{}(", function.word())?;
                for (at, argument) in arguments.iter().enumerate() {
                    if at > 0 {
                        f.write_str(",")?;
                    }
                    // The list of a trailing `in` would swallow the arguments that follow.
                    if at + 1 < arguments.len() && ends_in_list(argument) {
                        write!(f, "({argument})")?;
                    } else {
                        argument.fmt(f)?;
                    }
                }
                f.write_str(")")
            }
        }
    }
}

fn print_list(f: &mut fmt::Formatter<'_>, operands: &[Expr], between: &str, level: Level, empty: &str) -> fmt::Result {
    match operands {
        [] => f.write_str(empty),
        [one] => write!(f, "{one}"),
        _ => {
            for (at, operand) in operands.iter().enumerate() {
                if at > 0 {
                    f.write_str(between)?;
                }
                operand.print(f, level)?;
            }
            Ok(())
        }
    }
}

/// Operators group to the left, so the right operand must bind more tightly than the operator itself.
fn tighter(op: BinaryOp) -> Level {
    match op.level() {
        Level::Equality => Level::Relation,
        Level::Relation => Level::Sum,
        Level::Sum => Level::Product,
        _ => Level::Unary,
    }
}

/// True for what would swallow a minus sign written before it.
fn takes_sign(expression: &Expr) -> bool {
    match expression {
        Expr::Literal(literal) => literal.to_string().starts_with(|c: char| c.is_ascii_digit() || c == 'I'),
        _ => false,
    }
}

fn ends_in_list(expression: &Expr) -> bool {
    match expression {
        Expr::In { .. } => true,
        Expr::And(all) | Expr::Or(all) => all.last().is_some_and(ends_in_list),
        Expr::Binary { right, .. } => ends_in_list(right),
        Expr::Literal(_) | Expr::Field(_) | Expr::Call { .. } | Expr::Not(_) | Expr::Negate(_) => false,
    }
}

/// True when the literal is one that a bare `in` list may hold.
pub(super) fn may_be_listed(literal: &Literal) -> bool {
    !matches!(literal, Literal::Null)
}
