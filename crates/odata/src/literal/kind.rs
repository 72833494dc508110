//! A value and its URL form.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use super::forms::{duration, hex, hyphenated, is_decimal};
use crate::date;
use crate::scan::{Scanner, SyntaxError};

/// A value of a primitive type (OData v2, "Abstract Type System" and "Primitive Data Types").
///
/// `Display` prints the URL form, unescaped: `'O''Hara'`, `12`, `12L`, `1.5M`, `1.5`, `true`, `null`,
/// `datetime'2026-11-21T00:00:00'`, `datetimeoffset'2026-11-21T10:00:00Z'`, `time'PT8H30M'`, `guid'…'`, `X'00FF'`.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number without a suffix: `12`.
    Int(i64),
    /// A whole number of type `Edm.Int64`: `12L`.
    Int64(i64),
    /// A decimal number, digits kept as they were: `12.50M`.
    Decimal(Box<str>),
    /// `1.5f`.
    Single(f32),
    /// `1.5`, `1.5d`, `1e10`.
    Double(f64),
    /// `'text'`, quotes doubled.
    Text(Box<str>),
    /// `datetime'2026-11-21T00:00:00'`.
    DateTime(DateTime),
    /// `datetimeoffset'2026-11-21T10:00:00Z'`; written in UTC, so that no `+` needs escaping.
    DateTimeOffset(Timestamp),
    /// `time'PT8H30M'`, a time of day.
    Time(Time),
    /// `guid'f674ba41-05e2-4e24-9485-fd660935f2df'`.
    Guid(u128),
    /// `X'00FF'`, also read as `binary'00FF'`.
    Binary(Box<[u8]>),
}

impl Literal {
    /// Text.
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A calendar date, as the `datetime` of its midnight.
    pub fn date(date: Date) -> Self {
        Self::DateTime(date.to_datetime(Time::midnight()))
    }

    /// A decimal number from its digits: `-?digits[.digits]`; `None` for anything else.
    pub fn decimal(digits: &str) -> Option<Self> {
        is_decimal(digits).then(|| Self::Decimal(digits.into()))
    }

    /// Reads one literal that is the whole text (percent-decoded).
    ///
    /// # Errors
    /// Where the text stops being a literal.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut scanner = Scanner::new(text);
        let literal = Self::scan(&mut scanner)?.ok_or_else(|| SyntaxError::new(0, "expected a literal"))?;
        scanner.expect_end()?;
        Ok(literal)
    }

    /// The value as plain text, as it would stand in a JSON string or a column: no quotes, no suffix, null is empty.
    pub fn to_plain(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) | Self::Decimal(text) => text.to_string(),
            Self::Int(number) | Self::Int64(number) => number.to_string(),
            Self::Single(number) => number.to_string(),
            Self::Double(number) => number.to_string(),
            Self::DateTime(civil) => date::iso_civil(*civil),
            Self::DateTimeOffset(instant) => instant.to_string(),
            Self::Bool(value) => value.to_string(),
            Self::Time(time) => duration(*time),
            Self::Guid(guid) => hyphenated(*guid),
            Self::Binary(bytes) => hex(bytes),
        }
    }

    /// The text, when this is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, when this is one of either spelling.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) | Self::Int64(number) => Some(*number),
            _ => None,
        }
    }

    /// True when both mean the same value: equal, or whole numbers that differ only in the suffix.
    pub fn same(&self, other: &Self) -> bool {
        self == other || (self.as_i64().is_some() && self.as_i64() == other.as_i64())
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Timestamp> for Literal {
    fn from(instant: Timestamp) -> Self {
        Self::DateTimeOffset(instant)
    }
}

impl From<Date> for Literal {
    fn from(date: Date) -> Self {
        Self::date(date)
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::Int64(number) => write!(f, "{number}L"),
            Self::Decimal(digits) => write!(f, "{digits}M"),
            Self::Single(number) if number.is_finite() => write!(f, "{number:?}f"),
            Self::Single(number) => Self::Double(f64::from(*number)).fmt(f),
            Self::Double(number) if number.is_nan() => f.write_str("NaN"),
            Self::Double(number) if number.is_infinite() => f.write_str(if *number > 0.0 { "INF" } else { "-INF" }),
            Self::Double(number) => write!(f, "{number:?}"),
            Self::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            Self::DateTime(civil) => write!(f, "datetime'{}'", date::iso_civil(*civil)),
            Self::DateTimeOffset(instant) => write!(f, "datetimeoffset'{instant}'"),
            Self::Time(time) => write!(f, "time'{}'", duration(*time)),
            Self::Guid(guid) => write!(f, "guid'{}'", hyphenated(*guid)),
            Self::Binary(bytes) => write!(f, "X'{}'", hex(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime, time};

    #[test]
    fn every_kind_is_read_and_printed() {
        for (text, literal) in [
            ("null", Literal::Null),
            ("true", Literal::Bool(true)),
            ("-12", Literal::Int(-12)),
            ("9223372036854775807L", Literal::Int64(i64::MAX)),
            ("12.50M", Literal::decimal("12.50").unwrap()),
            ("1.5", Literal::Double(1.5)),
            ("1e100", Literal::Double(1e100)),
            ("-INF", Literal::Double(f64::NEG_INFINITY)),
            ("1.5f", Literal::Single(1.5)),
            ("''", Literal::text("")),
            ("'O''Hara'", Literal::text("O'Hara")),
            ("datetime'2014-01-01T00:00:00'", Literal::date(date(2014, 1, 1))),
            ("datetime'9999-12-31T00:00:00'", Literal::date(date(9999, 12, 31))),
            ("datetime'2014-01-01T10:20:30.5'", Literal::DateTime(datetime(2014, 1, 1, 10, 20, 30, 500_000_000))),
            ("datetimeoffset'2026-11-21T10:00:00Z'", Literal::DateTimeOffset("2026-11-21T10:00:00Z".parse().unwrap())),
            ("time'PT8H30M'", Literal::Time(time(8, 30, 0, 0))),
            ("time'PT0S'", Literal::Time(Time::midnight())),
            ("guid'f674ba41-05e2-4e24-9485-fd660935f2df'", Literal::Guid(0xf674_ba41_05e2_4e24_9485_fd66_0935_f2df)),
            ("X'00FF'", Literal::Binary(Box::new([0, 255]))),
        ] {
            assert_eq!(Literal::parse(text), Ok(literal.clone()));
            assert_eq!(literal.to_string(), text);
        }
    }

    #[test]
    fn other_spellings_are_read() {
        for (text, printed) in [
            ("12l", "12L"),
            ("1.5D", "1.5"),
            ("12d", "12.0"),
            ("12m", "12M"),
            ("1E+3", "1000.0"),
            ("datetime'2014-01-01'", "datetime'2014-01-01T00:00:00'"),
            ("datetime'2014-01-01T10:20'", "datetime'2014-01-01T10:20:00'"),
            ("datetimeoffset'2026-11-21T11:00:00+01:00'", "datetimeoffset'2026-11-21T10:00:00Z'"),
            ("binary'00ff'", "X'00FF'"),
        ] {
            assert_eq!(Literal::parse(text).map(|literal| literal.to_string()), Ok(printed.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_literal_is_refused() {
        for text in [
            "",
            "x",
            "'",
            "'a'b'",
            "1.",
            "1.2.3",
            "12x",
            "99999999999999999999",
            "1.5L",
            "9e38F",
            "-1e999",
            "1e999D",
            "1e5M",
            "nullable",
            "-",
            "datetime'2014-02-30T00:00:00'",
            "datetime'x'",
            "datetimeoffset'2014-01-01T00:00:00'",
            "time'PT'",
            "time'PT25H'",
            "guid'f674ba41'",
            "X'0'",
            "X'0g'",
            "'é",
            "true(",
            "datetime",
        ] {
            assert!(Literal::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn plain_text_has_no_quotes_and_no_suffix() {
        assert_eq!(Literal::text("O'Hara").to_plain(), "O'Hara");
        assert_eq!(Literal::Int64(12).to_plain(), "12");
        assert_eq!(Literal::Null.to_plain(), "");
    }
}
