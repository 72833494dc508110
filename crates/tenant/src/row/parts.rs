//! Taking values apart.

use std::sync::Arc;

use jiff::civil::Date;
use joinery_model::{Object, Value};

use super::shape::{Shape, What};
use crate::employment::Dated;

/// The last day that the tenant writes for "open end".
const OPEN_END: i16 = 9999;

/// The member's text, when it is text and not empty.
pub(super) fn text(value: &Value, name: &str) -> Option<Arc<str>> {
    match value.get(name) {
        Some(Value::Text(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// The member's date.
pub(super) fn date(value: &Value, name: &str) -> Option<Date> {
    value.get(name).and_then(Value::as_date)
}

/// The member's date, when it is not the open end.
pub(super) fn last_day(value: &Value, name: &str) -> Option<Date> {
    date(value, name).filter(|date| date.year() < OPEN_END)
}

/// A slice of anything effective-dated.
pub(super) struct DatedValue<'a>(pub &'a Value);

impl Dated for DatedValue<'_> {
    fn start(&self) -> Option<Date> {
        date(self.0, "startDate")
    }
    fn end(&self) -> Option<Date> {
        date(self.0, "endDate")
    }
    fn sequence(&self) -> i64 {
        match self.0.get("seqNumber") {
            Some(Value::Int(number)) => *number,
            _ => 0,
        }
    }
}

/// Takes a member out.
pub(super) fn take(members: &mut Object, name: &str) -> Option<Value> {
    let at = members.iter().position(|(key, _)| &**key == name)?;
    Some(members.swap_remove(at).1)
}

/// A navigation's value as a list, however many the tenant says there are.
pub(super) fn list(value: Value) -> Vec<Value> {
    match value {
        Value::List(items) => items,
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// Cuts off what only the judgement needed, and puts members in the order of their names, so that the same data makes
/// the same row however the tenant orders it.
pub(super) fn prune(shape: &Shape, value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(|item| prune(shape, item)),
        Value::Object(members) => {
            let mut hint = 0;
            members.retain_mut(|(name, value)| match shape.member_near(name, &mut hint) {
                Some(member) if member.wanted => {
                    if let What::Navigation(inner) = &member.what {
                        prune(inner, value);
                    }
                    true
                }
                _ => false,
            });
            members.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        }
        _ => {}
    }
}
