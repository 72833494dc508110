//! Dates and times as SuccessFactors writes them.
//!
//! `/Date(ms)/` is an `Edm.DateTime`: a wall clock reading, written as if it were UTC. A property whose
//! `sap:display-format` is `Date` is a calendar date at 00:00 and must never be shifted. `/Date(ms+0000)/` is an
//! `Edm.DateTimeOffset`, an instant: the number is UTC whatever the offset says (OData v2, "JSON Format").

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

/// A date as JSON had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonDate {
    /// A wall clock reading: `/Date(ms)/`, or ISO 8601 without a zone.
    Civil(DateTime),
    /// An instant: `/Date(ms+0000)/`, or ISO 8601 with a zone.
    Instant(Timestamp),
}

impl JsonDate {
    /// Reads either spelling; `None` when it is neither.
    ///
    /// An instant that lies beyond what [`Timestamp`] can hold (31 December 9999, SuccessFactors' "open end") is given
    /// as the wall clock reading in UTC.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("/Date(") {
            Some(rest) => Self::parse_ticks(rest.strip_suffix(")/")?),
            None => parse_iso(text),
        }
    }

    fn parse_ticks(inner: &str) -> Option<Self> {
        let sign_at = inner.get(1..)?.find(['+', '-']).map(|at| at + 1);
        let (number, offset) = match sign_at {
            Some(at) => inner.split_at_checked(at)?,
            None => (inner, ""),
        };
        let number = number.strip_prefix('+').unwrap_or(number);
        let ms: i64 = number.parse().ok()?;
        if offset.is_empty() {
            return civil_from_ms(ms).map(Self::Civil);
        }
        let digits = offset.get(1..)?;
        if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        match Timestamp::from_millisecond(ms) {
            Ok(instant) => Some(Self::Instant(instant)),
            Err(_) => civil_from_ms(ms).map(Self::Civil),
        }
    }

    /// The wall clock reading: as it stands, or the instant's in UTC.
    pub fn civil(self) -> DateTime {
        match self {
            Self::Civil(civil) => civil,
            Self::Instant(instant) => jiff::tz::Offset::UTC.to_datetime(instant),
        }
    }

    /// The calendar date: for properties whose display format is `Date`.
    pub fn date(self) -> Date {
        self.civil().date()
    }

    /// The instant: as it stands, or the wall clock reading taken as UTC. What lies beyond the first or last instant
    /// that [`Timestamp`] can hold becomes that one.
    pub fn instant(self) -> Timestamp {
        match self {
            Self::Civil(civil) => match jiff::tz::Offset::UTC.to_timestamp(civil) {
                Ok(instant) => instant,
                Err(_) if civil.year() < 0 => Timestamp::MIN,
                Err(_) => Timestamp::MAX,
            },
            Self::Instant(instant) => instant,
        }
    }
}

/// `/Date(ms)/` of a wall clock reading; what is finer than a millisecond is cut off.
pub fn write_civil(civil: DateTime) -> String {
    format!("/Date({})/", ms_from_civil(civil))
}

/// `/Date(ms)/` of a calendar date.
pub fn write_date(date: Date) -> String {
    write_civil(date.to_datetime(Time::midnight()))
}

/// `/Date(ms+0000)/` of an instant.
pub fn write_instant(instant: Timestamp) -> String {
    format!("/Date({}+0000)/", instant.as_millisecond())
}

const DAY_MS: i64 = 86_400_000;

/// The wall clock reading whose milliseconds since 1970-01-01T00:00 these are; `None` outside the years -9999 to 9999.
pub fn civil_from_ms(ms: i64) -> Option<DateTime> {
    let date = date_from_days(ms.div_euclid(DAY_MS))?;
    let of_day = ms.rem_euclid(DAY_MS);
    let (seconds, millis) = (of_day / 1000, of_day % 1000);
    let time = Time::new(
        i8::try_from(seconds / 3600).ok()?,
        i8::try_from(seconds / 60 % 60).ok()?,
        i8::try_from(seconds % 60).ok()?,
        i32::try_from(millis * 1_000_000).ok()?,
    );
    Some(date.to_datetime(time.ok()?))
}

/// Milliseconds between 1970-01-01T00:00 and a wall clock reading.
pub fn ms_from_civil(civil: DateTime) -> i64 {
    let of_day = (i64::from(civil.hour()) * 60 + i64::from(civil.minute())) * 60 + i64::from(civil.second());
    days_from_date(civil.date()) * DAY_MS + of_day * 1000 + i64::from(civil.subsec_nanosecond()) / 1_000_000
}

/// Days since 1970-01-01 to the proleptic Gregorian date, counted in eras of 400 years from 1 March of year 0.
///
/// `jiff` would do, but only through an instant, and 9999-12-31 is beyond its last one.
fn date_from_days(days: i64) -> Option<Date> {
    if !(-5_000_000..=5_000_000).contains(&days) {
        return None;
    }
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day_of_month).ok()?).ok()
}

fn days_from_date(date: Date) -> i64 {
    let month = i64::from(date.month());
    let year = i64::from(date.year()) - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(date.day()) - 1;
    let day = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day - 719_468
}

/// `2026-11-21`, `2026-11-21T10:00`, `…:00`, `….123`, with `Z` or `±hh:mm` for an instant.
pub(crate) fn parse_iso(text: &str) -> Option<JsonDate> {
    let (civil, zone) = parse_civil_prefix(text)?;
    let offset_seconds = match zone {
        "" => return Some(JsonDate::Civil(civil)),
        "Z" | "z" => 0,
        _ => parse_offset(zone)?,
    };
    let offset = jiff::tz::Offset::from_seconds(offset_seconds).ok()?;
    match offset.to_timestamp(civil) {
        Ok(instant) => Some(JsonDate::Instant(instant)),
        Err(_) => Some(JsonDate::Civil(civil)),
    }
}

/// Without a zone.
pub(crate) fn parse_civil(text: &str) -> Option<DateTime> {
    match parse_civil_prefix(text)? {
        (civil, "") => Some(civil),
        _ => None,
    }
}

fn parse_civil_prefix(text: &str) -> Option<(DateTime, &str)> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let Some(rest) = rest.strip_prefix(['T', 't']) else {
        return Some((date.to_datetime(Time::midnight()), rest));
    };
    let (hour, rest) = digits(rest, 2)?;
    let (minute, mut rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (mut second, mut nanos) = (0, 0);
    if let Some(after) = rest.strip_prefix(':') {
        (second, rest) = digits(after, 2)?;
        if let Some(after) = rest.strip_prefix('.') {
            let length = after.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=9).contains(&length) {
                return None;
            }
            let (fraction, left) = digits(after, length)?;
            nanos = fraction * 10_u32.pow(9 - u32::try_from(length).ok()?);
            rest = left;
        }
    }
    let time = Time::new(
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
        i8::try_from(second).ok()?,
        i32::try_from(nanos).ok()?,
    );
    Some((date.to_datetime(time.ok()?), rest))
}

fn parse_offset(zone: &str) -> Option<i32> {
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = digits(zone.get(1..)?, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(':').unwrap_or(rest), 2)?;
    (rest.is_empty() && minutes < 60).then(|| sign * (i32::try_from(hours * 60 + minutes).unwrap_or(0) * 60))
}

fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let (number, rest) = text.split_at_checked(count)?;
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((number.parse().ok()?, rest))
}

/// A wall clock reading as URL literals and ISO texts have it: seconds always, a fraction only if there is one.
pub(crate) fn iso_civil(civil: DateTime) -> String {
    let mut text = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second()
    );
    let nanos = civil.subsec_nanosecond();
    if nanos != 0 {
        let fraction = format!("{nanos:09}");
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, datetime};
    use proptest::prelude::*;

    #[test]
    fn a_date_is_the_calendar_date_it_was() {
        assert_eq!(JsonDate::parse("/Date(1388534400000)/").unwrap().date(), date(2014, 1, 1));
        assert_eq!(JsonDate::parse("/Date(-62135596800000)/").unwrap().date(), date(1, 1, 1));
        assert_eq!(JsonDate::parse("/Date(166838400000)/").unwrap().date(), date(1975, 4, 16));
    }

    #[test]
    fn the_open_end_of_time_can_be_read_and_written() {
        let end = JsonDate::parse("/Date(253402214400000)/").unwrap();
        assert_eq!(end.date(), date(9999, 12, 31));
        assert_eq!(end.instant(), Timestamp::MAX);
        assert_eq!(write_date(date(9999, 12, 31)), "/Date(253402214400000)/");
        assert_eq!(JsonDate::parse("/Date(253402214400000+0000)/").unwrap().date(), date(9999, 12, 31));
    }

    #[test]
    fn an_offset_makes_an_instant_and_does_not_move_it() {
        let instant: Timestamp = "2020-04-16T21:21:22Z".parse().unwrap();
        for text in ["/Date(1587072082000+0000)/", "/Date(1587072082000+0120)/", "/Date(1587072082000-0060)/"] {
            assert_eq!(JsonDate::parse(text), Some(JsonDate::Instant(instant)), "{text}");
        }
        assert_eq!(write_instant(instant), "/Date(1587072082000+0000)/");
    }

    #[test]
    fn iso_texts_are_read_too() {
        assert_eq!(JsonDate::parse("2014-01-01T00:00:00"), Some(JsonDate::Civil(datetime(2014, 1, 1, 0, 0, 0, 0))));
        assert_eq!(JsonDate::parse("2014-01-01").unwrap().date(), date(2014, 1, 1));
        let noon: Timestamp = "2026-11-21T12:00:00.25Z".parse().unwrap();
        assert_eq!(JsonDate::parse("2026-11-21T13:00:00.25+01:00"), Some(JsonDate::Instant(noon)));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in
            ["", "/Date()/", "/Date(x)/", "/Date(1", "/Date(1+)/", "/Date(1+00000)/", "2014-13-01", "2014-01-01T", "é"]
        {
            assert_eq!(JsonDate::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn milliseconds_come_back(ms in -377_705_116_800_000_i64..=253_402_300_799_999) {
            let civil = civil_from_ms(ms).unwrap();
            prop_assert_eq!(ms_from_civil(civil), ms);
            prop_assert_eq!(JsonDate::parse(&write_civil(civil)), Some(JsonDate::Civil(civil)));
        }

        #[test]
        fn no_text_panics(text in r"(/Date\()?[-+0-9:TZ.é]{0,30}(\)/)?") {
            let _ = JsonDate::parse(&text);
        }

        #[test]
        fn no_number_panics(ms: i64) {
            let _ = civil_from_ms(ms);
        }
    }
}
