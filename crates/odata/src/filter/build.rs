//! Methods that make filters read like filters.

use super::{BinaryOp, Expr, Field, Function};
use crate::Literal;

impl From<Field> for Expr {
    fn from(field: Field) -> Self {
        Self::Field(field)
    }
}

impl From<Literal> for Expr {
    fn from(literal: Literal) -> Self {
        Self::Literal(literal)
    }
}

impl From<&str> for Expr {
    fn from(text: &str) -> Self {
        Self::Literal(Literal::text(text))
    }
}

impl std::ops::Not for Expr {
    type Output = Self;
    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

impl Expr {
    /// `self op right`.
    pub fn binary(self, op: BinaryOp, right: impl Into<Self>) -> Self {
        Self::Binary { op, left: Box::new(self), right: Box::new(right.into()) }
    }

    /// A function applied to arguments. The caller gives as many as [`Function::arity`] says.
    pub fn call(function: Function, arguments: impl IntoIterator<Item = Self>) -> Self {
        Self::Call { function, arguments: arguments.into_iter().collect() }
    }

    /// `self and other`; joins lists, so that a chain of `and` is one list.
    pub fn and(self, other: impl Into<Self>) -> Self {
        match self {
            Self::And(mut all) => {
                all.push(other.into());
                Self::And(all)
            }
            single => Self::And(vec![single, other.into()]),
        }
    }

    /// `self or other`; joins lists, so that a chain of `or` is one list.
    pub fn or(self, other: impl Into<Self>) -> Self {
        match self {
            Self::Or(mut any) => {
                any.push(other.into());
                Self::Or(any)
            }
            single => Self::Or(vec![single, other.into()]),
        }
    }

    /// All of these; `None` when there are none.
    pub fn all(expressions: impl IntoIterator<Item = Self>) -> Option<Self> {
        expressions.into_iter().reduce(Self::and)
    }

    /// Any of these; `None` when there are none.
    pub fn any(expressions: impl IntoIterator<Item = Self>) -> Option<Self> {
        expressions.into_iter().reduce(Self::or)
    }

    /// `self eq right`.
    pub fn eq(self, right: impl Into<Self>) -> Self {
        self.binary(BinaryOp::Eq, right)
    }

    /// `self ne right`.
    pub fn ne(self, right: impl Into<Self>) -> Self {
        self.binary(BinaryOp::Ne, right)
    }

    /// `self gt right`.
    pub fn gt(self, right: impl Into<Self>) -> Self {
        self.binary(BinaryOp::Gt, right)
    }

    /// `self ge right`.
    pub fn ge(self, right: impl Into<Self>) -> Self {
        self.binary(BinaryOp::Ge, right)
    }

    /// `self lt right`.
    pub fn lt(self, right: impl Into<Self>) -> Self {
        self.binary(BinaryOp::Lt, right)
    }

    /// `self le right`.
    pub fn le(self, right: impl Into<Self>) -> Self {
        self.binary(BinaryOp::Le, right)
    }

    /// `self like 'pattern'`.
    pub fn like(self, pattern: &str) -> Self {
        self.binary(BinaryOp::Like, pattern)
    }

    /// `self in a,b,c`; an empty list becomes `false`.
    pub fn is_in(self, values: impl IntoIterator<Item = impl Into<Literal>>) -> Self {
        let values: Vec<Literal> = values.into_iter().map(Into::into).collect();
        if values.is_empty() {
            return Self::Literal(Literal::Bool(false));
        }
        Self::In { operand: Box::new(self), values }
    }

    /// `tolower(self)`.
    pub fn tolower(self) -> Self {
        Self::call(Function::ToLower, [self])
    }

    /// `toupper(self)`.
    pub fn toupper(self) -> Self {
        Self::call(Function::ToUpper, [self])
    }

    /// `startswith(self,prefix)`.
    pub fn starts_with(self, prefix: impl Into<Self>) -> Self {
        Self::call(Function::StartsWith, [self, prefix.into()])
    }

    /// `endswith(self,suffix)`.
    pub fn ends_with(self, suffix: impl Into<Self>) -> Self {
        Self::call(Function::EndsWith, [self, suffix.into()])
    }

    /// `substringof(part,self)`.
    pub fn contains(self, part: impl Into<Self>) -> Self {
        Self::call(Function::SubstringOf, [part.into(), self])
    }

    /// The properties that the expression reads, in order, repeats included.
    pub fn fields(&self) -> Vec<&Field> {
        let mut found = Vec::new();
        self.collect_fields(&mut found);
        found
    }

    fn collect_fields<'a>(&'a self, found: &mut Vec<&'a Field>) {
        match self {
            Self::Literal(_) => {}
            Self::Field(field) => found.push(field),
            Self::And(all) | Self::Or(all) | Self::Call { arguments: all, .. } => {
                for one in all {
                    one.collect_fields(found);
                }
            }
            Self::Not(inner) | Self::Negate(inner) | Self::In { operand: inner, .. } => inner.collect_fields(found),
            Self::Binary { left, right, .. } => {
                left.collect_fields(found);
                right.collect_fields(found);
            }
        }
    }
}

/// The same words on a field, so that a filter can start with one.
macro_rules! on_field {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),*);)*) => {
        impl Field {
            $($(#[$doc])* pub fn $name(self, $($argument: $kind),*) -> Expr {
                Expr::from(self).$name($($argument),*)
            })*
        }
    };
}

on_field! {
    /// `self eq right`.
    eq(right: impl Into<Expr>);
    /// `self ne right`.
    ne(right: impl Into<Expr>);
    /// `self gt right`.
    gt(right: impl Into<Expr>);
    /// `self ge right`.
    ge(right: impl Into<Expr>);
    /// `self lt right`.
    lt(right: impl Into<Expr>);
    /// `self le right`.
    le(right: impl Into<Expr>);
    /// `self like 'pattern'`.
    like(pattern: &str);
    /// `self in a,b,c`; an empty list becomes `false`.
    is_in(values: impl IntoIterator<Item = impl Into<Literal>>);
    /// `tolower(self)`.
    tolower();
    /// `toupper(self)`.
    toupper();
    /// `startswith(self,prefix)`.
    starts_with(prefix: impl Into<Expr>);
    /// `endswith(self,suffix)`.
    ends_with(suffix: impl Into<Expr>);
    /// `substringof(part,self)`.
    contains(part: impl Into<Expr>);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_reads_like_the_filter() {
        let filter = Field::new("status")
            .is_in(["t", "f"])
            .and(Field::new("username").tolower().eq("o'hara").or(Field::new("manager/userId").ne(Literal::Null)))
            .and(!Field::new("firstName").starts_with("A"));
        assert_eq!(
            filter.to_string(),
            "status in 't','f' and (tolower(username) eq 'o''hara' or manager/userId ne null) \
             and not startswith(firstName,'A')"
        );
        let fields: Vec<&str> = filter.fields().into_iter().map(Field::as_str).collect();
        assert_eq!(fields, ["status", "username", "manager/userId", "firstName"]);
    }

    #[test]
    fn no_values_mean_no_row() {
        assert_eq!(Field::new("userId").is_in(Vec::<Literal>::new()).to_string(), "false");
        assert_eq!(Expr::all([]), None);
        assert_eq!(Expr::any([Field::new("a").contains("b")]).unwrap().to_string(), "substringof('b',a)");
    }
}
