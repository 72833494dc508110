//! Values as rows and keys bring them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use joinery_odata::Literal;
use joinery_odata::date::JsonDate;
use serde_json::Value as Json;

use crate::schema::{Edm, Property};
use crate::world::{Day, Stamp, Value};

/// A value as the property wants it; `None` when it is of another type.
pub(super) fn read(property: &Property, value: &Json) -> Option<Value> {
    if value.is_null() {
        return Some(Value::Null);
    }
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(_) | Json::Bool(_) => value.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => return None,
    };
    Some(match property.edm {
        Edm::String => Value::Text(text),
        _ if text.is_empty() => Value::Null,
        Edm::Boolean => Value::Bool(truth(&text)?),
        Edm::Int32 | Edm::Int64 => Value::Int(text.parse().ok()?),
        Edm::Double | Edm::Single | Edm::Decimal => Value::Double(text.parse().ok()?),
        Edm::DateTime => Value::Date(Day::from(JsonDate::parse(&text)?.date())),
        Edm::Binary => {
            let base64: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
            Value::Bytes(STANDARD.decode(base64).ok()?.into())
        }
        Edm::DateTimeOffset => Value::Stamp(Stamp::from(JsonDate::parse(&text)?.instant())),
    })
}

/// Boolean fields of Employee Central take these words (KBA 3386831).
fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_uppercase().as_str() {
        "TRUE" | "T" | "YES" | "Y" | "1" => Some(true),
        "FALSE" | "F" | "NO" | "N" | "0" => Some(false),
        _ => None,
    }
}

/// A literal of a key, as the property wants it.
pub(super) fn of_key(property: &Property, literal: &Literal) -> Option<Value> {
    Some(match (property.edm, literal) {
        (Edm::String, Literal::Text(text)) => Value::Text(text.to_string()),
        (Edm::Int32 | Edm::Int64 | Edm::Decimal, Literal::Int(number) | Literal::Int64(number)) => Value::Int(*number),
        (Edm::Decimal, Literal::Decimal(digits)) => Value::Int(digits.parse().ok()?),
        // Numbers stand in quotes in the keys that some clients write.
        (Edm::Int32 | Edm::Int64, Literal::Text(text)) => Value::Int(text.parse().ok()?),
        (Edm::DateTime, Literal::DateTime(civil)) => Value::Date(Day::from(civil.date())),
        (Edm::DateTime, Literal::Text(text)) => Value::Date(Day::from(JsonDate::parse(text)?.date())),
        _ => return None,
    })
}

/// The text of a value that names something: a userId, a code.
pub(super) fn words(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}
