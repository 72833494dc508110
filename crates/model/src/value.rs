//! The one tree of values that every stage speaks.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An object's members, in the order they were put in.
pub type Object = Vec<(Arc<str>, Value)>;

/// A value of a row or a record.
///
/// `Null` means *known to be empty*; a member that is missing means *not said*. Dates have no zone and are never
/// shifted; instants are UTC. Decimals keep their text, so that nothing is rounded on the way.
///
/// `Debug` shows the kind and never what it is: a value is personal data, and whatever holds one may be logged.
#[derive(Clone, PartialEq, Default)]
pub enum Value {
    /// Known to be empty.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A decimal number as the source wrote it.
    Decimal(Arc<str>),
    /// Text.
    Text(Arc<str>),
    /// A calendar date.
    Date(Date),
    /// An instant, in UTC.
    Instant(Timestamp),
    /// Values in order.
    List(Vec<Value>),
    /// Named values.
    Object(Object),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Bool(_) => f.write_str("Bool"),
            Self::Int(_) => f.write_str("Int"),
            Self::Decimal(_) => f.write_str("Decimal"),
            Self::Text(_) => f.write_str("Text"),
            Self::Date(_) => f.write_str("Date"),
            Self::Instant(_) => f.write_str("Instant"),
            Self::List(items) => write!(f, "List({})", items.len()),
            Self::Object(members) => write!(f, "Object({})", members.len()),
        }
    }
}

impl Value {
    /// Text from anything that is text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// The text, when this is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Decimal(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, when this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The date, when this is one.
    pub fn as_date(&self) -> Option<Date> {
        match self {
            Self::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// True for [`Value::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// A member of an object, when this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(key, _)| &**key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The elements of a list, or nothing.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Order between two values of one kind; `None` between kinds. Numbers compare as numbers.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            (Self::Instant(a), Self::Instant(b)) => Some(a.cmp(b)),
            (Self::Int(_) | Self::Decimal(_), Self::Int(_) | Self::Decimal(_)) => {
                self.as_number()?.partial_cmp(&other.as_number()?)
            }
            _ => None,
        }
    }

    fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Decimal(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The value as plain text for a column, a message or a template: null is empty, a date is `2026-11-21`, an
    /// instant is RFC 3339, a list or an object is JSON.
    pub fn to_plain(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Text(text) | Self::Decimal(text) => text.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Instant(instant) => instant.to_string(),
            Self::List(_) | Self::Object(_) => serde_json::to_string(self).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_plain())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Date> for Value {
    fn from(value: Date) -> Self {
        Self::Date(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Instant(value)
    }
}

/// The tags that keep kinds apart in stored JSON; everything else is JSON's own.
const DATE: &str = "$date";
const INSTANT: &str = "$instant";
const DECIMAL: &str = "$decimal";

/// Stored form: JSON, with dates, instants and decimals as one-member objects (`{"$date":"2026-11-21"}`), so that
/// what is read back from the journal equals what was written.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::{SerializeMap, SerializeSeq};
        let tagged = |serializer: S, tag: &str, text: &str| {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(tag, text)?;
            map.end()
        };
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Decimal(text) => tagged(serializer, DECIMAL, text),
            Self::Date(date) => tagged(serializer, DATE, &date.to_string()),
            Self::Instant(instant) => tagged(serializer, INSTANT, &instant.to_string()),
            Self::List(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(&**name, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a stored value")
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Int(value))
            }
            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
                i64::try_from(value).map(Value::Int).map_err(|_| E::custom("a whole number beyond 64 bits"))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Decimal(value.to_string().into()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(Value::text(value))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Value::List(items))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let mut members: Object = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    members.push((name.into(), value));
                }
                if let [(tag, Value::Text(text))] = members.as_slice() {
                    match &**tag {
                        DATE => return text.parse().map(Value::Date).map_err(serde::de::Error::custom),
                        INSTANT => return text.parse().map(Value::Instant).map_err(serde::de::Error::custom),
                        DECIMAL => return Ok(Value::Decimal(text.clone())),
                        _ => {}
                    }
                }
                Ok(Value::Object(members))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_what_is_read_back() {
        let value = Value::Object(vec![
            ("date".into(), Value::Date(jiff::civil::date(2026, 11, 21))),
            ("instant".into(), Value::Instant("2026-11-21T10:00:00.5Z".parse().unwrap())),
            ("decimal".into(), Value::Decimal("40.00".into())),
            ("list".into(), Value::List(vec![Value::Null, Value::Bool(true), Value::Int(-3), "O'Hara".into()])),
        ]);
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn debug_shows_kinds_and_nothing_of_a_person() {
        let value = Value::List(vec![Value::text("Hopper")]);
        let record = crate::Record {
            key: "100011".into(),
            active: true,
            attributes: [("name".into(), Value::text("Hopper")), ("titles".into(), value)].into(),
            references: std::collections::BTreeMap::new(),
        };
        let shown = format!("{record:?}");
        assert!(shown.contains("\"name\": Text") && shown.contains("\"titles\": List(1)"), "{shown}");
        assert!(!shown.contains("Hopper"), "{shown}");
    }

    #[test]
    fn numbers_compare_as_numbers_and_kinds_do_not_mix() {
        assert_eq!(Value::Int(10).compare(&Value::Decimal("9.5".into())), Some(Ordering::Greater));
        assert_eq!(Value::Int(10).compare(&Value::text("9")), None);
    }
}
