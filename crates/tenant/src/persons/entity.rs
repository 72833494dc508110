//! A person as it was read: flat.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::{Key, Row, Standing, Value};

use super::resolve::{Flat, PRIMARY, Which};

/// A person with flat attributes. `Debug` shows the key and no value.
#[derive(Clone, PartialEq)]
pub struct PersonEntity {
    /// `personIdExternal`.
    pub id: Key,
    /// The `userId` of each employment.
    pub user_ids: Vec<String>,
    /// Where they stand in the company today, by the employment policy.
    pub standing: Standing,
    /// `EmpJob_jobTitle` and so on. [`Value::Null`] is known to be empty; what the tenant does not say is not in it.
    pub attributes: BTreeMap<Arc<str>, Value>,
}

impl std::fmt::Debug for PersonEntity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonEntity({}, {} attributes)", self.id, self.attributes.len())
    }
}

/// The flat values of a row.
pub(super) fn entity(row: Row, flats: &[Flat]) -> PersonEntity {
    let said = |flat: &Flat| Some((flat.name.clone(), value(&row.data, flat)?));
    let attributes = flats.iter().filter_map(said).collect();
    PersonEntity { id: row.key, user_ids: row.aliases, standing: row.standing, attributes }
}

/// The attribute's value; `None` when the tenant did not say.
fn value(data: &Value, flat: &Flat) -> Option<Value> {
    let mut at = data;
    let depth = flat.way.len();
    for (step, name) in flat.way.iter().chain(&flat.behind).enumerate() {
        at = match at {
            Value::Null => return Some(Value::Null),
            Value::List(items) => {
                // Only the segment's own list has records of which one is meant.
                let (which, marks) = match step {
                    step if step == depth => (flat.which, &flat.marks[..]),
                    step if step + 1 == depth + flat.behind.len() => (Which::Primary, &flat.last_marks[..]),
                    _ => (Which::Primary, &[][..]),
                };
                match record(items, which, marks) {
                    Some(one) => one.get(name)?,
                    None => return Some(Value::Null),
                }
            }
            one => one.get(name)?,
        };
    }
    match at {
        Value::List(items) => Some(record(items, Which::Primary, &[]).cloned().unwrap_or_default()),
        one => Some(one.clone()),
    }
}

/// The record that is meant: the one marked primary, or the first of the others. Records follow one another by their
/// marks (the entity's key), which are always read, so that reading and writing mean the same one whatever is asked of it.
fn record<'v>(items: &'v [Value], which: Which, marks: &[Arc<str>]) -> Option<&'v Value> {
    let is_primary = |item: &Value| item.get(PRIMARY).and_then(Value::as_bool) == Some(true);
    let place = |item: &&Value| -> (Vec<String>, String) {
        let keys = marks.iter().filter(|mark| &***mark != PRIMARY);
        (keys.filter_map(|key| Some(item.get(key)?.to_plain())).collect(), item.to_plain())
    };
    let primary = items.iter().min_by_key(|item| (!is_primary(item), place(item)))?;
    match which {
        Which::Primary => Some(primary),
        Which::Secondary => {
            items.iter().filter(|item| !std::ptr::eq(*item, primary) && !is_primary(item)).min_by_key(place)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Property;
    use crate::row::Kind;

    fn object(members: &[(&str, Value)]) -> Value {
        Value::Object(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
    }

    fn flat(way: &[&str], behind: &[&str], which: Which) -> Flat {
        let names = |names: &[&str]| names.iter().map(|name| Arc::from(*name)).collect();
        let property =
            Property { kind: Kind::Text, filterable: true, visible: true, label: None, picklist: None, writable: true };
        let (name, segment) = ("x".into(), "S".into());
        Flat {
            name,
            segment,
            way: names(way),
            behind: names(behind),
            which,
            property,
            is_key: false,
            marks: names(&["type"]),
            last_marks: names(&[]),
        }
    }

    #[test]
    fn one_record_of_several_is_meant() {
        let mail = |text: &str, primary| object(&[("emailAddress", text.into()), ("isPrimary", Value::Bool(primary))]);
        let mails = |all: &[Value]| object(&[("emailNav", Value::List(all.to_vec()))]);
        let of = |data: &Value, which| value(data, &flat(&["emailNav"], &["emailAddress"], which));
        let both = mails(&[mail("b@x", true), mail("a@x", false), mail("c@x", false)]);
        assert_eq!(of(&both, Which::Primary), Some("b@x".into()));
        assert_eq!(of(&both, Which::Secondary), Some("a@x".into()));
        let one = mails(&[mail("b@x", true)]);
        assert_eq!(of(&one, Which::Secondary), Some(Value::Null));
        assert_eq!(of(&mails(&[]), Which::Primary), Some(Value::Null));
        assert_eq!(of(&object(&[]), Which::Primary), None, "not said is not empty");
    }

    /// Whatever else is read of the records, and however the tenant orders them.
    #[test]
    fn of_records_that_none_marks_the_key_says_which_is_first() {
        let one = |kind: &str, city: &str, more: &[(&str, Value)]| {
            object(&[&[("city", city.into()), ("type", kind.into())], more].concat())
        };
        let of = |items: &[Value], which| {
            value(&object(&[("homeNav", Value::List(items.to_vec()))]), &flat(&["homeNav"], &["city"], which))
        };
        let few = [one("b", "Aachen", &[]), one("a", "Zürich", &[])];
        let more = [one("b", "Aachen", &[("area", "1".into())]), one("a", "Zürich", &[("area", "2".into())])];
        for items in [&few, &more, &[few[1].clone(), few[0].clone()]] {
            assert_eq!(of(items, Which::Primary), Some("Zürich".into()));
            assert_eq!(of(items, Which::Secondary), Some("Aachen".into()));
        }
        assert_eq!(of(&few[..1], Which::Secondary), Some(Value::Null));
    }

    #[test]
    fn what_is_empty_on_the_way_is_empty_at_its_end() {
        let flat = flat(&["employmentNav", "jobInfoNav"], &["locationNav", "name"], Which::Primary);
        let job = |job: Value| object(&[("employmentNav", object(&[("jobInfoNav", job)]))]);
        let location = object(&[("locationNav", object(&[("name", "Berlin".into())]))]);
        assert_eq!(value(&job(location), &flat), Some("Berlin".into()));
        assert_eq!(value(&job(object(&[("locationNav", Value::Null)])), &flat), Some(Value::Null));
        assert_eq!(value(&job(Value::Null), &flat), Some(Value::Null));
        assert_eq!(value(&job(object(&[])), &flat), None);
    }
}
