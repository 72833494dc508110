//! Values of v2's JSON as v4 writes them, and back (OData v4.01 JSON Format, section 7.1).

use serde_json::Value as Json;

use crate::Edm;
use crate::date::{self, JsonDate};

/// A value of v2's JSON as v4 has it: whole and decimal numbers are numbers, an instant is `2026-01-31T10:00:00Z`, and
/// `Edm.DateTime` is a date (`2026-01-31`) when `is_date`, otherwise an instant. What is none of the type stays as it is.
pub fn from_v2(edm: Edm, is_date: bool, value: &Json) -> Json {
    let Json::String(text) = value else { return value.clone() };
    let number = || serde_json::from_str::<serde_json::Number>(text).ok().map(Json::Number);
    let converted = match edm {
        Edm::Int64 | Edm::Decimal | Edm::Double | Edm::Single => number(),
        Edm::DateTime if is_date => JsonDate::parse(text).map(|date| Json::String(date.date().to_string())),
        Edm::DateTime => JsonDate::parse(text).map(|date| Json::String(format!("{}Z", date::iso_civil(date.civil())))),
        Edm::DateTimeOffset => JsonDate::parse(text).map(|date| Json::String(date.instant().to_string())),
        _ => None,
    };
    converted.unwrap_or_else(|| value.clone())
}

/// A value of v4's JSON as v2 has it. What is none of the type stays as it is, for the reader to refuse.
pub fn to_v2(edm: Edm, value: &Json) -> Json {
    let date = |text: &str| JsonDate::parse(text).filter(|_| !text.starts_with('/'));
    match (edm, value) {
        (Edm::Int64 | Edm::Decimal, Json::Number(number)) => Json::String(number.to_string()),
        (Edm::DateTime, Json::String(text)) => match date(text) {
            Some(date) => Json::String(date::write_civil(date.civil())),
            None => value.clone(),
        },
        (Edm::DateTimeOffset, Json::String(text)) => match date(text) {
            Some(date) => Json::String(date::write_instant(date.instant())),
            None => value.clone(),
        },
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_have_the_forms_of_their_version() {
        for (edm, is_date, v2, v4) in [
            (Edm::Int64, false, json!("467"), json!(467)),
            (Edm::Decimal, false, json!("40.25"), json!(40.25)),
            (Edm::Int32, false, json!(3), json!(3)),
            (Edm::DateTime, true, json!("/Date(1388534400000)/"), json!("2014-01-01")),
            (Edm::DateTime, false, json!("/Date(1587079282000)/"), json!("2020-04-16T23:21:22Z")),
            (Edm::DateTimeOffset, false, json!("/Date(1587072082000+0000)/"), json!("2020-04-16T21:21:22Z")),
            (Edm::String, false, json!("/Date(1)/"), json!("/Date(1)/")),
            (Edm::Boolean, false, json!(true), json!(true)),
            (Edm::Int64, false, Json::Null, Json::Null),
        ] {
            assert_eq!(from_v2(edm, is_date, &v2), v4);
            assert_eq!(to_v2(edm, &v4), v2);
        }
        assert_eq!(from_v2(Edm::Int64, false, &json!("x")), json!("x"));
    }
}
