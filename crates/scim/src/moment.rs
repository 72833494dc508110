//! Date-times as XML Schema writes them (RFC 7643, section 2.3.5).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// The instant of a date-time; one without a zone is read at the given offset. `None` when it is no date with a time.
pub(crate) fn instant(text: &str, unzoned: Offset) -> Option<Timestamp> {
    let separated = text.as_bytes().get(10).is_some_and(|letter| letter.eq_ignore_ascii_case(&b't'));
    if !separated || text.contains('[') || text.len() > 40 {
        return None;
    }
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    // A text with a zone that is no instant must not lose its zone by being read as one without.
    let has_zone = text[10..].contains(['Z', 'z', '+', '-']);
    let local: DateTime = text.parse().ok().filter(|_| !has_zone)?;
    TimeZone::fixed(unzoned).to_timestamp(local).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_count_and_dates_alone_are_none() {
        let at = |text: &str| instant(text, Offset::UTC);
        let same = at("2011-05-13T04:42:34Z").unwrap();
        for text in
            ["2011-05-13T06:42:34+02:00", "2011-05-13T04:42:34.000Z", "2011-05-13T04:42:34", "2011-05-13t04:42:34z"]
        {
            assert_eq!(at(text), Some(same), "{text}");
        }
        assert_eq!(instant("2011-05-13T06:42:34", Offset::constant(2)), Some(same));
        for text in [
            "2011-05-13",
            "04:42:34",
            "",
            "2011-05-13T",
            "2011-13-13T04:42:34Z",
            "äöüäöüäöüäö",
            "2011-05-13T04:42:34+99:99",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
    }
}
