//! Does a condition hold for a resource?

use std::cmp::Ordering;

use jiff::tz::Offset;
use joinery_model::Op;
use serde_json::{Number, Value as Json};

use super::{Condition, Literal, Spot};
use crate::AttrPath;
use crate::filter::{ordered, text};
use crate::moment::instant;
use crate::place::{Resource, member};

impl Condition {
    /// Does it hold for this resource? Date-times in resources without a zone are read as UTC.
    ///
    /// Of several values any may match, except for `ne`: that no value is equal. An absent value is not equal to any.
    pub fn accepts(&self, resource: &Resource) -> bool {
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::And(parts) => parts.iter().all(|part| part.accepts(resource)),
            Self::Or(parts) => parts.iter().any(|part| part.accepts(resource)),
            Self::Not(inner) => !inner.accepts(resource),
            Self::Present(spot) => any(resource, &spot.path, &mut is_present),
            Self::Compare(spot, Op::Ne, literal) => {
                !any(resource, &spot.path, &mut |value| holds(value, Op::Eq, literal, spot))
            }
            Self::Compare(spot, op, literal) => {
                any(resource, &spot.path, &mut |value| holds(value, *op, literal, spot))
            }
            Self::Element(spot, inner) => any(resource, &spot.path, &mut |value| inner.accepts_element(value)),
        }
    }

    /// Does it hold for this element? A plain one is its own `value`.
    pub(crate) fn accepts_element(&self, element: &Json) -> bool {
        match element {
            Json::Object(members) => self.accepts(members),
            Json::Null => false,
            plain => self.accepts(&Resource::from_iter([("value".to_owned(), plain.clone())])),
        }
    }
}

/// Does some value at the path pass?
fn any(resource: &Resource, path: &AttrPath, test: &mut dyn FnMut(&Json) -> bool) -> bool {
    let top = match &path.urn {
        Some(urn) => member(resource, urn).and_then(Json::as_object),
        None => Some(resource),
    };
    let Some(found) = top.and_then(|top| member(top, &path.name)) else { return false };
    let mut each = |value: &Json| match &path.sub {
        None => test(value),
        Some(sub) => value.as_object().and_then(|members| member(members, sub)).is_some_and(&mut *test),
    };
    match found {
        Json::Array(items) => items.iter().any(each),
        one => each(one),
    }
}

/// A value that is there: not null, not empty, and of a complex one some part (RFC 7644, table 3).
pub(crate) fn is_present(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => items.iter().any(is_present),
        Json::Object(members) => members.values().any(is_present),
        _ => true,
    }
}

fn holds(value: &Json, op: Op, literal: &Literal, spot: &Spot) -> bool {
    match (value, literal) {
        (Json::String(value), Literal::Text(wanted)) if spot.exact => text(value, op, wanted),
        (Json::String(value), Literal::Text(wanted)) => text(&value.to_lowercase(), op, &wanted.to_lowercase()),
        (Json::String(value), Literal::Instant(wanted, _)) => {
            instant(value, Offset::UTC).is_some_and(|value| ordered(value.cmp(wanted), op))
        }
        (Json::Bool(value), Literal::Bool(wanted)) => ordered(value.cmp(wanted), op),
        (Json::Number(value), Literal::Number(wanted)) => {
            numbers(value, wanted).is_some_and(|order| ordered(order, op))
        }
        _ => false,
    }
}

/// The order of two numbers; whole ones without rounding.
pub(crate) fn numbers(a: &Number, b: &Number) -> Option<Ordering> {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}
