//! Reading a literal where a cursor stands.

use super::Literal;
use super::forms::{parse_duration, parse_guid, parse_hex};
use crate::date;
use crate::scan::{Scanner, SyntaxError, is_word};

impl Literal {
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

impl Literal {
    /// Reads a literal of OData v4 (Part 2, URL Conventions, 5.1.1.14): as v2's, but dates, instants and GUIDs stand
    /// bare and numbers have no suffix.
    pub(crate) fn scan_v4(scanner: &mut Scanner<'_>) -> Result<Option<Self>, SyntaxError> {
        let rest = scanner.rest();
        let end = rest.find(|c: char| !(is_word(c) || matches!(c, '-' | ':' | '.' | '+'))).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        if let Some(guid) = parse_guid(word) {
            scanner.advance(end);
            return Ok(Some(Self::Guid(guid)));
        }
        if word.as_bytes().get(4) == Some(&b'-') && word.starts_with(|c: char| c.is_ascii_digit()) {
            let start = scanner.position();
            scanner.advance(end);
            let bad = || SyntaxError::new(start, "expected a date, 2026-01-31, or an instant, 2026-01-31T10:00:00Z");
            return match date::parse_iso(word).ok_or_else(bad)? {
                date::JsonDate::Instant(instant) => Ok(Some(Self::DateTimeOffset(instant))),
                date::JsonDate::Civil(civil) if word.len() == 10 => Ok(Some(Self::DateTime(civil))),
                date::JsonDate::Civil(_) => Err(bad()),
            };
        }
        let start = scanner.position();
        let literal = Self::scan(scanner)?;
        let bare =
            matches!(literal, None | Some(Self::Null | Self::Bool(_) | Self::Int(_) | Self::Double(_) | Self::Text(_)));
        let suffixed =
            word.ends_with(|c: char| c.is_ascii_alphabetic()) && word.starts_with(|c: char| c.is_ascii_digit());
        if bare && !suffixed {
            return Ok(literal);
        }
        Err(SyntaxError::new(start, "this is no literal of OData v4"))
    }
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
        Some(b'F') => match digits.parse::<f32>() {
            Ok(number) if number.is_finite() => Literal::Single(number),
            _ => return Err(bad("a number beyond 32 bits")),
        },
        Some(b'D') => Literal::Double(double(digits).ok_or_else(|| bad("a number beyond 64 bits"))?),
        _ if whole && !exponent => Literal::Int(digits.parse().map_err(|_| bad("a whole number beyond 64 bits"))?),
        _ => Literal::Double(double(digits).ok_or_else(|| bad("a number beyond 64 bits"))?),
    };
    scanner.advance(length);
    Ok(literal)
}

/// A number that `f64` holds: infinity has a word of its own, and no digits mean it.
fn double(digits: &str) -> Option<f64> {
    digits.parse().ok().filter(|number: &f64| number.is_finite())
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
        // `null/x` and `true(` are a path and a call, `INF=1` a part of a key, whose names the caller refuses or takes.
        if scanner.rest().get(word.len()..).unwrap_or_default().starts_with(['/', '(', '\'', '=']) {
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
