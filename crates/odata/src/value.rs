//! Typed values out of JSON, and back.

use serde_json::Value as Json;
use thiserror::Error;

use crate::date::{self, JsonDate};
use crate::literal::{is_decimal, parse_duration, parse_guid};
use crate::{Edm, Literal, Tree};

/// A JSON value that is none of its property's type. The value itself is not told: it may be personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected {expected}")]
pub struct ValueError {
    /// The type, and how JSON writes it.
    pub expected: &'static str,
}

impl Literal {
    /// Reads the JSON form of a primitive type.
    ///
    /// Whole numbers and decimal numbers are read from strings and from numbers, whatever the type: `Edm.Int64` and
    /// `Edm.Decimal` come as strings, `Edm.Double` either way. Dates are read in both spellings (see [`JsonDate`]).
    /// `Edm.Binary` gives the base64 text as it is. Null is null for every type.
    ///
    /// # Errors
    /// A value that is none of the type.
    pub fn from_json(edm: Edm, value: &Tree<'_>) -> Result<Self, ValueError> {
        let none = |expected| ValueError { expected };
        if matches!(value, Tree::Null) {
            return Ok(Self::Null);
        }
        match edm {
            Edm::String => match value {
                Tree::Text(text) => Ok(Self::text(&**text)),
                Tree::Int(number) => Ok(Self::text(number.to_string())),
                Tree::Double(number) => Ok(Self::text(number.to_string())),
                Tree::Bool(value) => Ok(Self::text(value.to_string())),
                _ => Err(none("Edm.String, a string")),
            },
            Edm::Binary => match value {
                Tree::Text(text) => Ok(Self::text(&**text)),
                _ => Err(none("Edm.Binary, base64 in a string")),
            },
            Edm::Boolean => match value {
                Tree::Bool(value) => Ok(Self::Bool(*value)),
                Tree::Text(text) if text == "true" => Ok(Self::Bool(true)),
                Tree::Text(text) if text == "false" => Ok(Self::Bool(false)),
                _ => Err(none("Edm.Boolean, true or false")),
            },
            Edm::Byte | Edm::SByte | Edm::Int16 | Edm::Int32 => {
                whole(value).map(Self::Int).ok_or(none("a whole number"))
            }
            Edm::Int64 => whole(value).map(Self::Int64).ok_or(none("Edm.Int64, a whole number in a string")),
            Edm::Decimal => match value {
                Tree::Int(number) => Some(Self::Decimal(number.to_string().into())),
                Tree::Double(number) => Self::decimal(&number.to_string()),
                Tree::Text(text) => Self::decimal(text),
                _ => None,
            }
            .ok_or(none("Edm.Decimal, a number in a string")),
            Edm::Single => double(value).map(|number| Self::Single(number as f32)).ok_or(none("Edm.Single, a number")),
            Edm::Double => double(value).map(Self::Double).ok_or(none("Edm.Double, a number")),
            Edm::DateTime => {
                json_date(value).map(|date| Self::DateTime(date.civil())).ok_or(none("Edm.DateTime, /Date(ms)/"))
            }
            Edm::DateTimeOffset => json_date(value)
                .map(|date| Self::DateTimeOffset(date.instant()))
                .ok_or(none("Edm.DateTimeOffset, /Date(ms+0000)/")),
            Edm::Time => text(value).and_then(parse_duration).map(Self::Time).ok_or(none("Edm.Time, PT8H30M")),
            Edm::Guid => text(value).and_then(parse_guid).map(Self::Guid).ok_or(none("Edm.Guid, 36 characters")),
        }
    }

    /// The JSON form: `Edm.Int64` and `Edm.Decimal` as strings, dates as `/Date(ms)/` and `/Date(ms+0000)/`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(number) => Json::from(*number),
            Self::Single(number) => Json::from(*number),
            Self::Double(number) => Json::from(*number),
            Self::DateTime(civil) => Json::String(date::write_civil(*civil)),
            Self::DateTimeOffset(instant) => Json::String(date::write_instant(*instant)),
            other => Json::String(other.to_plain()),
        }
    }
}

fn text<'a>(value: &'a Tree<'_>) -> Option<&'a str> {
    match value {
        Tree::Text(text) => Some(text),
        _ => None,
    }
}

fn json_date(value: &Tree<'_>) -> Option<JsonDate> {
    JsonDate::parse(text(value)?)
}

fn whole(value: &Tree<'_>) -> Option<i64> {
    match value {
        Tree::Int(number) => Some(*number),
        Tree::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn double(value: &Tree<'_>) -> Option<f64> {
    match value {
        Tree::Int(number) => Some(*number as f64),
        Tree::Double(number) => Some(*number),
        Tree::Text(text) => {
            let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
            let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
            (is_decimal(mantissa) && is_decimal(exponent)).then(|| text.parse().ok())?
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn text(text: &str) -> Tree<'_> {
        Tree::Text(text.into())
    }

    #[test]
    fn json_has_its_own_forms() {
        for (edm, tree, literal) in [
            (Edm::Int64, text("467"), Literal::Int64(467)),
            (Edm::Int64, Tree::Int(467), Literal::Int64(467)),
            (Edm::Int32, Tree::Int(3), Literal::Int(3)),
            (Edm::Decimal, text("40.00"), Literal::decimal("40.00").unwrap()),
            (Edm::Decimal, Tree::Double(0.5), Literal::decimal("0.5").unwrap()),
            (Edm::Double, text("-1.0E+2"), Literal::Double(-100.0)),
            (Edm::Double, Tree::Int(0), Literal::Double(0.0)),
            (Edm::Boolean, Tree::Bool(true), Literal::Bool(true)),
            (Edm::DateTime, text("/Date(1388534400000)/"), Literal::date(date(2014, 1, 1))),
            (Edm::DateTime, text("2014-01-01T00:00:00"), Literal::date(date(2014, 1, 1))),
            (Edm::DateTimeOffset, text("/Date(0+0000)/"), Literal::DateTimeOffset(jiff::Timestamp::UNIX_EPOCH)),
            (Edm::DateTimeOffset, text("/Date(0)/"), Literal::DateTimeOffset(jiff::Timestamp::UNIX_EPOCH)),
            (Edm::Time, text("PT8H"), Literal::Time(jiff::civil::time(8, 0, 0, 0))),
            (Edm::String, Tree::Null, Literal::Null),
        ] {
            assert_eq!(Literal::from_json(edm, &tree), Ok(literal), "{edm}");
        }
    }

    #[test]
    fn what_is_none_of_the_type_is_refused_and_not_repeated() {
        for (edm, tree) in [
            (Edm::Int64, text("1.5")),
            (Edm::Int32, Tree::Double(1.5)),
            (Edm::Decimal, text("Jane")),
            (Edm::Double, text("inf")),
            (Edm::Boolean, text("yes")),
            (Edm::DateTime, text("tomorrow")),
            (Edm::String, Tree::List(Vec::new())),
        ] {
            let error = Literal::from_json(edm, &tree).unwrap_err().to_string();
            assert!(!error.contains("Jane") && !error.contains("tomorrow"), "{error}");
        }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        for (edm, literal) in [
            (Edm::Int64, Literal::Int64(i64::MIN)),
            (Edm::Int32, Literal::Int(7)),
            (Edm::Decimal, Literal::decimal("-0.10").unwrap()),
            (Edm::Double, Literal::Double(0.1)),
            (Edm::DateTime, Literal::date(date(9999, 12, 31))),
            (Edm::DateTimeOffset, Literal::DateTimeOffset("2026-11-21T10:00:00.123Z".parse().unwrap())),
            (Edm::Guid, Literal::Guid(1)),
            (Edm::Time, Literal::Time(jiff::civil::time(23, 59, 59, 500))),
            (Edm::String, Literal::text("a\"b\\c\u{1}")),
            (Edm::Boolean, Literal::Bool(false)),
            (Edm::String, Literal::Null),
        ] {
            let json = literal.to_json().to_string();
            let tree = crate::read_selected(&json, &crate::Selection::everything()).unwrap();
            assert_eq!(Literal::from_json(edm, &tree), Ok(literal));
        }
    }
}
