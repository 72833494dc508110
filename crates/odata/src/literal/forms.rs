//! The texts inside literals: decimal digits, durations, GUIDs, hexadecimal bytes.

use jiff::civil::Time;

/// True for `-?digits[.digits]`.
pub(crate) fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
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

pub(super) fn duration(time: Time) -> String {
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

pub(super) fn hyphenated(guid: u128) -> String {
    let digits = format!("{guid:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

pub(super) fn parse_hex(text: &str) -> Option<Box<[u8]>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}
