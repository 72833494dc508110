//! Values of primitive types as URLs write them.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use crate::date;
use crate::scan::{Scanner, SyntaxError, is_word};

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

    /// Reads the literal that stands at the cursor; `None` (nothing consumed) when none does.
    pub(crate) fn scan(scanner: &mut Scanner<'_>) -> Result<Option<Self>, SyntaxError> {
        match scanner.peek() {
            Some('\'') => scan_text(scanner).map(|text| Some(Self::Text(text.into()))),
            Some('-') => {
                let after = scanner.rest().get(1..).unwrap_or_default();
                if after.starts_with(|c: char| c.is_ascii_digit()) {
                    return scan_number(scanner).map(Some);
                }
                let mut ahead = scanner.clone();
                ahead.advance(1);
                if ahead.eat_word("INF") {
                    *scanner = ahead;
                    return Ok(Some(Self::Double(f64::NEG_INFINITY)));
                }
                Ok(None)
            }
            Some(c) if c.is_ascii_digit() => scan_number(scanner).map(Some),
            _ => scan_word(scanner),
        }
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

/// True for `-?digits[.digits]`.
pub(crate) fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

fn scan_text(scanner: &mut Scanner<'_>) -> Result<String, SyntaxError> {
    let start = scanner.position();
    scanner.expect("'", "expected a quote")?;
    let mut text = String::new();
    loop {
        let rest = scanner.rest();
        let Some(at) = rest.find('\'') else {
            return Err(SyntaxError::new(start, "this quote is never closed; a quote inside text is written twice"));
        };
        text.push_str(rest.get(..at).unwrap_or_default());
        scanner.advance(at + 1);
        if !scanner.eat("'") {
            return Ok(text);
        }
        text.push('\'');
    }
}

fn scan_number(scanner: &mut Scanner<'_>) -> Result<Literal, SyntaxError> {
    let start = scanner.position();
    let rest = scanner.rest();
    let bytes = rest.as_bytes();
    let digits_from = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let mut end = usize::from(rest.starts_with('-'));
    end += digits_from(end);
    let mut whole = true;
    if bytes.get(end) == Some(&b'.') && digits_from(end + 1) > 0 {
        end += 1 + digits_from(end + 1);
        whole = false;
    }
    let mut exponent = false;
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let count = digits_from(end + 1 + sign);
        if count > 0 {
            end += 1 + sign + count;
            exponent = true;
        }
    }
    let digits = rest.get(..end).unwrap_or_default();
    let suffix = bytes.get(end).map(u8::to_ascii_uppercase);
    let has_suffix = matches!(suffix, Some(b'L' | b'M' | b'D' | b'F'));
    let length = end + usize::from(has_suffix);
    if rest.get(length..).unwrap_or_default().starts_with(|c: char| is_word(c) || c == '.') {
        return Err(SyntaxError::new(start + length, "this is no number"));
    }
    let bad = |reason: &str| SyntaxError::new(start, reason);
    let literal = match suffix {
        Some(b'L') if whole && !exponent => {
            Literal::Int64(digits.parse().map_err(|_| bad("a whole number beyond 64 bits"))?)
        }
        Some(b'L') => return Err(bad("L stands after whole numbers only")),
        Some(b'M') if !exponent => Literal::Decimal(digits.into()),
        Some(b'M') => return Err(bad("a decimal number has no exponent")),
        Some(b'F') => Literal::Single(digits.parse().map_err(|_| bad("this is no number"))?),
        Some(b'D') => Literal::Double(digits.parse().map_err(|_| bad("this is no number"))?),
        _ if whole && !exponent => Literal::Int(digits.parse().map_err(|_| bad("a whole number beyond 64 bits"))?),
        _ => Literal::Double(digits.parse().map_err(|_| bad("this is no number"))?),
    };
    scanner.advance(length);
    Ok(literal)
}

/// `null`, `true`, `false`, `INF`, `NaN`, and the words that stand directly before a quote.
fn scan_word(scanner: &mut Scanner<'_>) -> Result<Option<Literal>, SyntaxError> {
    let Some(word) = scanner.peek_word() else { return Ok(None) };
    let constant = match word {
        "null" => Some(Literal::Null),
        "true" => Some(Literal::Bool(true)),
        "false" => Some(Literal::Bool(false)),
        "INF" => Some(Literal::Double(f64::INFINITY)),
        "NaN" => Some(Literal::Double(f64::NAN)),
        _ => None,
    };
    if let Some(literal) = constant {
        // `null/x` and `true(` are a path and a call whose names the caller refuses or takes.
        if scanner.rest().get(word.len()..).unwrap_or_default().starts_with(['/', '(', '\'']) {
            return Ok(None);
        }
        scanner.advance(word.len());
        return Ok(Some(literal));
    }
    if !matches!(word, "datetime" | "datetimeoffset" | "time" | "guid" | "X" | "binary") {
        return Ok(None);
    }
    let start = scanner.position();
    let mut ahead = scanner.clone();
    ahead.advance(word.len());
    if ahead.peek() != Some('\'') {
        return Ok(None);
    }
    let text = scan_text(&mut ahead)?;
    let (literal, example) = match word {
        "datetime" => (date::parse_civil(&text).map(Literal::DateTime), "datetime'2026-11-21T00:00:00'"),
        "datetimeoffset" => (
            match date::parse_iso(&text) {
                Some(date::JsonDate::Instant(instant)) => Some(Literal::DateTimeOffset(instant)),
                _ => None,
            },
            "datetimeoffset'2026-11-21T00:00:00Z'",
        ),
        "time" => (parse_duration(&text).map(Literal::Time), "time'PT8H30M'"),
        "guid" => (parse_guid(&text).map(Literal::Guid), "guid'f674ba41-05e2-4e24-9485-fd660935f2df'"),
        _ => (parse_hex(&text).map(Literal::Binary), "X'00FF'"),
    };
    let literal = literal.ok_or_else(|| SyntaxError::new(start, format!("expected something like {example}")))?;
    *scanner = ahead;
    Ok(Some(literal))
}

/// `PT8H30M5.25S`: at least one part, each within its range.
pub(crate) fn parse_duration(text: &str) -> Option<Time> {
    let mut rest = text.strip_prefix("PT")?;
    let (mut hours, mut minutes, mut seconds, mut nanos) = (0_i8, 0_i8, 0_i8, 0_i32);
    if rest.is_empty() {
        return None;
    }
    for (unit, slot) in [('H', &mut hours), ('M', &mut minutes)] {
        if let Some((number, after)) = rest.split_once(unit) {
            *slot = unsigned(number)?;
            rest = after;
        }
    }
    if !rest.is_empty() {
        let number = rest.strip_suffix('S')?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        seconds = unsigned(whole)?;
        if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        nanos = format!("{fraction:0<9}").parse().ok()?;
    }
    Time::new(hours, minutes, seconds, nanos).ok()
}

fn unsigned(text: &str) -> Option<i8> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

pub(crate) fn duration(time: Time) -> String {
    use std::fmt::Write as _;
    let mut text = "PT".to_owned();
    let nanos = time.subsec_nanosecond();
    if time.hour() != 0 {
        let _ = write!(text, "{}H", time.hour());
    }
    if time.minute() != 0 {
        let _ = write!(text, "{}M", time.minute());
    }
    if nanos != 0 {
        let fraction = format!("{nanos:09}");
        let _ = write!(text, "{}.{}S", time.second(), fraction.trim_end_matches('0'));
    } else if time.second() != 0 || text.len() == 2 {
        let _ = write!(text, "{}S", time.second());
    }
    text
}

pub(crate) fn parse_guid(text: &str) -> Option<u128> {
    let lengths = text.split('-').map(str::len);
    if text.len() != 36 || !lengths.eq([8, 4, 4, 4, 12]) || text.contains('+') {
        return None;
    }
    u128::from_str_radix(&text.replace('-', ""), 16).ok()
}

fn hyphenated(guid: u128) -> String {
    let digits = format!("{guid:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

fn parse_hex(text: &str) -> Option<Box<[u8]>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
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
