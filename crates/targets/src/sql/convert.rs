//! Values to what a column wants and back.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use joinery_model::Value;

use super::ColumnType;

/// A cell on its way in or out: text in the column's own spelling, or null.
pub(super) type Cell = Option<String>;

/// The value as the column wants it; the error says what the column holds, never the value.
pub(super) fn to_cell(value: &Value, kind: ColumnType) -> Result<Cell, &'static str> {
    if value.is_null() || (kind != ColumnType::Text && value.as_text() == Some("")) {
        return Ok(None);
    }
    let cell = match kind {
        ColumnType::Text => Some(value.to_plain()),
        ColumnType::Bool => to_bool(value).map(|flag| flag.to_string()),
        ColumnType::Int => to_int(value).map(|number| number.to_string()),
        ColumnType::Decimal => to_decimal(value),
        ColumnType::Date => to_date(value).map(|date| date.to_string()),
        ColumnType::Instant => to_instant(value).map(|instant| instant.to_string()),
    };
    match cell {
        Some(text) if text.contains('\0') => Err("text without the character NUL"),
        Some(text) => Ok(Some(text)),
        None => Err(holds(kind)),
    }
}

fn holds(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "text",
        ColumnType::Bool => "true or false",
        ColumnType::Int => "whole numbers",
        ColumnType::Decimal => "numbers",
        ColumnType::Date => "dates (2026-11-21)",
        ColumnType::Instant => "instants (2026-11-21T10:00:00Z)",
    }
}

fn to_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Int(1) => Some(true),
        Value::Int(0) => Some(false),
        Value::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Some(true),
            "false" | "0" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn to_int(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Bool(flag) => Some(i64::from(*flag)),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Decimal(text) => match text.split_once('.') {
            None => text.parse().ok(),
            Some((whole, rest)) if rest.bytes().all(|digit| digit == b'0') => whole.parse().ok(),
            Some(_) => None,
        },
        _ => None,
    }
}

fn to_decimal(value: &Value) -> Option<String> {
    match value {
        Value::Int(number) => Some(number.to_string()),
        Value::Decimal(text) | Value::Text(text) => {
            let text = text.trim();
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            (plain && text.parse::<f64>().is_ok()).then(|| text.to_owned())
        }
        _ => None,
    }
}

fn to_date(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::Instant(instant) => Some(instant.to_zoned(jiff::tz::TimeZone::UTC).date()),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn to_instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Instant(instant) => Some(*instant),
        Value::Date(date) => date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp()),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A cell that was read, as a value. What does not read as its kind stays text: existing tables hold anything.
pub(super) fn to_value(cell: Cell, kind: ColumnType) -> Value {
    let Some(text) = cell else { return Value::Null };
    let read = match kind {
        ColumnType::Text => None,
        ColumnType::Bool => is_true(&text).map(Value::Bool),
        ColumnType::Int => text.parse().ok().map(Value::Int),
        ColumnType::Decimal => Some(Value::Decimal(Arc::from(text.as_str()))),
        ColumnType::Date => text.parse().ok().map(Value::Date),
        ColumnType::Instant => text.parse().or_else(|_| format!("{text}Z").parse()).ok().map(Value::Instant),
    };
    read.unwrap_or_else(|| Value::text(text))
}

/// The truth value of a cell in any spelling that databases use.
pub(super) fn is_true(text: &str) -> Option<bool> {
    match text {
        "true" | "t" | "1" | "TRUE" | "True" => Some(true),
        "false" | "f" | "0" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_gets_its_own_kind_or_an_error_without_the_value() {
        let date = Value::Date(jiff::civil::date(2026, 11, 21));
        for (value, kind, cell) in [
            (Value::Bool(true), ColumnType::Int, Some("1")),
            ("no".into(), ColumnType::Bool, Some("false")),
            (Value::Decimal("40.00".into()), ColumnType::Int, Some("40")),
            (date.clone(), ColumnType::Instant, Some("2026-11-21T00:00:00Z")),
            (date, ColumnType::Text, Some("2026-11-21")),
            ("".into(), ColumnType::Date, None),
            ("".into(), ColumnType::Text, Some("")),
        ] {
            assert_eq!(to_cell(&value, kind).unwrap().as_deref(), cell, "{value:?}");
        }
        for (value, kind) in [
            (Value::from("secret"), ColumnType::Int),
            ("inf".into(), ColumnType::Decimal),
            (Value::Decimal("40.50".into()), ColumnType::Int),
            ("21.11.2026".into(), ColumnType::Date),
            ("a\0b".into(), ColumnType::Text),
        ] {
            assert!(!to_cell(&value, kind).unwrap_err().contains("secret"));
        }
    }
}
