//! The time that a delta run is about.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use joinery_odata::{Expr, Field, Literal};

/// Changes are committed after the time they are stamped with, and clocks differ.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// From the last watermark, less the overlap, to the day that is judged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Window {
    /// Changes from this instant on count.
    pub(crate) since: Timestamp,
    /// The last day that earlier runs have judged.
    pub(crate) judged: Date,
    /// The day that this run judges.
    pub(crate) today: Date,
}

impl Window {
    /// The window from a watermark to an instant, in the zone whose days count.
    pub(crate) fn new(watermark: Timestamp, as_of: Timestamp, zone: &TimeZone) -> Self {
        let since = watermark.saturating_sub(OVERLAP).unwrap_or(watermark);
        let day = |instant: Timestamp| zone.to_datetime(instant).date();
        Self { since, judged: day(since).min(day(as_of)), today: day(as_of) }
    }

    /// `property` was stamped in the window.
    pub(crate) fn changed(&self, property: Field) -> Expr {
        property.ge(Literal::DateTimeOffset(self.since))
    }

    /// `property`, a first day, comes to count in the window, `lead` days ahead of itself.
    pub(crate) fn begins(&self, property: Field, lead: u16) -> Option<Expr> {
        let after = self.judged.checked_add(i32::from(lead).days()).ok()?;
        let until = self.today.checked_add(i32::from(lead).days()).ok()?;
        (after < until)
            .then(|| Expr::from(property.clone()).gt(Literal::date(after)).and(property.le(Literal::date(until))))
    }

    /// `property`, a last day, ceases to count in the window, `late` days after itself: the day after it is in the
    /// window, or that many days later.
    pub(crate) fn ends(&self, property: Field, late: u16) -> Option<Expr> {
        let back = i32::from(late).days();
        let from = self.judged.checked_sub(back).ok()?;
        let before = self.today.checked_sub(back).ok()?;
        (from < before)
            .then(|| Expr::from(property.clone()).ge(Literal::date(from)).and(property.lt(Literal::date(before))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_in_the_declared_zone_and_is_asked_for_once() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::fixed(jiff::tz::offset(1)));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let window = Window::new(at("2026-11-20T22:00:00Z"), at("2026-11-20T23:30:00Z"), &berlin);
        assert_eq!(window.since, at("2026-11-20T21:55:00Z"));
        assert_eq!(
            window.begins(Field::new("startDate"), 0).unwrap().to_string(),
            "startDate gt datetime'2026-11-20T00:00:00' and startDate le datetime'2026-11-21T00:00:00'"
        );
        assert_eq!(
            window.ends(Field::new("endDate"), 0).unwrap().to_string(),
            "endDate ge datetime'2026-11-20T00:00:00' and endDate lt datetime'2026-11-21T00:00:00'"
        );
        assert_eq!(
            window.ends(Field::new("endDate"), 10).unwrap().to_string(),
            "endDate ge datetime'2026-11-10T00:00:00' and endDate lt datetime'2026-11-11T00:00:00'"
        );
        let later = Window::new(at("2026-11-21T08:00:00Z"), at("2026-11-21T09:00:00Z"), &berlin);
        assert_eq!((later.begins(Field::new("startDate"), 0), later.ends(Field::new("endDate"), 0)), (None, None));
    }
}
