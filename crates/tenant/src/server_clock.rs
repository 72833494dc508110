//! The server's wall clock: `lastModified`, `createdOn` and their like are its readings, written as if they were UTC.
//!
//! The clock shows an instant plus its offset. So the offset is taken off what is read, and added to what is sent: to
//! literals of filters and to values of writes. Only `Edm.DateTime` time stamps are concerned; calendar dates are never
//! shifted, and `Edm.DateTimeOffset` (`lastModifiedDateTime`) is UTC everywhere.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::SettingError;

/// The widest offsets that clocks on Earth have, in minutes.
const WIDEST: (i32, i32) = (-12 * 60, 14 * 60);

/// Reads `datetime_offset`: `+05:30`, `-03:00`.
///
/// # Errors
/// When it is written otherwise, or no clock is that far from UTC.
pub fn fixed_zone(text: &str) -> Result<TimeZone, SettingError> {
    let wrong = |message: &str| SettingError::new("datetime_offset", message.to_owned());
    let form = "is no offset; write sign, hours and minutes, such as +05:30 or -03:00";
    let (sign, rest) = match text.as_bytes() {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return Err(wrong(form)),
    };
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| i32::from(byte - b'0'));
    let [h1, h2, b':', m1, m2] = rest else { return Err(wrong(form)) };
    let (Some(h1), Some(h2), Some(m1), Some(m2)) = (digit(h1), digit(h2), digit(m1), digit(m2)) else {
        return Err(wrong(form));
    };
    if m1 > 5 {
        return Err(wrong("has more than 59 minutes"));
    }
    let minutes = sign * ((h1 * 10 + h2) * 60 + m1 * 10 + m2);
    let offset = Offset::from_seconds(minutes * 60).ok().filter(|_| (WIDEST.0..=WIDEST.1).contains(&minutes));
    offset.map(TimeZone::fixed).ok_or_else(|| wrong("is wider than any clock's: they go from -12:00 to +14:00"))
}

/// What the clock shows at an instant.
pub(crate) fn shown(zone: &TimeZone, instant: Timestamp) -> DateTime {
    zone.to_datetime(instant)
}

/// The instant at which the clock shows this; of two (when it is set back) the earlier. `None` beyond all times.
pub(crate) fn instant(zone: &TimeZone, shown: DateTime) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(shown).compatible().ok()
}

/// What the clock shows at an instant, when no other instant shows the same: for filters, which must lose nobody.
pub(crate) fn shown_once(zone: &TimeZone, instant: Timestamp) -> Option<DateTime> {
    // A server reads milliseconds.
    let whole = instant.subsec_nanosecond() % 1_000_000 == 0;
    zone.to_fixed_offset().ok().filter(|_| whole).map(|offset| offset.to_datetime(instant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_strictly() {
        let seconds =
            |text: &str| fixed_zone(text).ok().and_then(|zone| zone.to_fixed_offset().ok()).map(Offset::seconds);
        assert_eq!(seconds("+05:30"), Some(19_800));
        assert_eq!(seconds("-03:00"), Some(-10_800));
        assert_eq!((seconds("+00:00"), seconds("-00:00")), (Some(0), Some(0)));
        assert_eq!((seconds("+14:00"), seconds("-12:00")), (Some(50_400), Some(-43_200)));
        for wrong in [
            "", "5:30", "05:30", "+5:30", "+05:60", "+0530", "+05:3", "+14:01", "-12:01", "+05:30 ", "UTC", "+aa:bb",
            "＋05:30",
        ] {
            let error = fixed_zone(wrong).expect_err(wrong);
            assert_eq!(error.setting, "datetime_offset");
        }
    }

    /// Samples of PerPerson: createdDateTime 21:21:22 UTC beside createdOn 23:21:22.
    #[test]
    fn the_offset_is_taken_off_what_is_read_and_added_to_what_is_sent() {
        let zone = fixed_zone("+02:00").unwrap();
        let at: Timestamp = "2020-04-16T21:21:22Z".parse().unwrap();
        let wall: DateTime = "2020-04-16T23:21:22".parse().unwrap();
        assert_eq!((shown(&zone, at), instant(&zone, wall)), (wall, Some(at)));
        assert_eq!(shown_once(&zone, at), Some(wall));
        assert_eq!(shown_once(&zone, "2020-04-16T21:21:22.0000001Z".parse().unwrap()), None);
        if let Ok(berlin) = TimeZone::get("Europe/Berlin") {
            assert_eq!(shown_once(&berlin, at), None, "its clock is set back once a year");
        }
    }
}
