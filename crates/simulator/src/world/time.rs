//! Days and instants, small enough to store by the million.

use serde::{Deserialize, Serialize};

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const DAY_MILLIS: i64 = 86_400_000;

/// A calendar day: days since 1 January 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(pub i32);

impl Day {
    /// 31 December 9999: where an open slice ends.
    pub const FOREVER: Self = Self(2_932_896);
    /// 1 January 1900: where foundation objects begin that were always there.
    pub const ALWAYS: Self = Self(-25_567);

    /// Days after this one; negative for days before.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Midnight UTC of the day in milliseconds since 1970: what `/Date(…)/` carries.
    pub const fn millis(self) -> i64 {
        self.0 as i64 * DAY_MILLIS
    }

    /// The day that holds these milliseconds since 1970, read as UTC.
    pub const fn of_millis(millis: i64) -> Self {
        Self(millis.div_euclid(DAY_MILLIS) as i32)
    }

    /// As a date. Days outside the years that a [`Date`] can hold become the nearest that it can.
    pub fn date(self) -> Date {
        let bounded = self.millis().clamp(Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
        Timestamp::from_millisecond(bounded).map_or(Date::MAX, |instant| TimeZone::UTC.to_datetime(instant).date())
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        TimeZone::UTC
            .to_zoned(date.into())
            .map_or(Self::FOREVER, |zoned| Self::of_millis(zoned.timestamp().as_millisecond()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An instant in whole seconds since 1970; stored stamps have no finer grain, like those of real answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp(pub u32);

impl Stamp {
    /// No instant: what `v4admin` has instead of a last modification.
    pub const NEVER: Self = Self(0);

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0 as i64 * 1000
    }
}

impl From<Timestamp> for Stamp {
    fn from(instant: Timestamp) -> Self {
        Self(instant.as_second().clamp(0, i64::from(u32::MAX)) as u32)
    }
}

/// The tenant's clock: an instant that moves only when told, the zone whose calendar says what "today" is, and the
/// zone in which the server writes its local time stamps.
#[derive(Clone, Debug)]
pub struct Clock {
    now: Timestamp,
    tenant: TimeZone,
    server: TimeZone,
    today: Day,
}

impl Clock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp, tenant: TimeZone, server: TimeZone) -> Self {
        let today = tenant.to_datetime(now).date().into();
        Self { now, tenant, server, today }
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The date in the tenant's preferred time zone.
    pub fn today(&self) -> Day {
        self.today
    }

    /// The tenant's preferred time zone.
    pub fn tenant_zone(&self) -> &TimeZone {
        &self.tenant
    }

    /// The server's time zone.
    pub fn server_zone(&self) -> &TimeZone {
        &self.server
    }

    /// Sets the instant.
    pub fn set(&mut self, now: Timestamp) {
        *self = Self::new(now, self.tenant.clone(), self.server.clone());
    }

    /// Moves on; stands at the end of time when told to go beyond.
    pub fn advance(&mut self, by: SignedDuration) {
        self.set(self.now.saturating_add(by).unwrap_or(self.now));
    }

    /// The instant as the server's wall clock, in milliseconds as if that were UTC.
    pub fn wall_clock(&self, stamp: Stamp) -> i64 {
        let offset = Timestamp::from_second(i64::from(stamp.0)).map_or(0, |at| self.server.to_offset(at).seconds());
        stamp.millis() + i64::from(offset) * 1000
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_and_dates_agree() {
        assert_eq!(Day::FOREVER.date(), date(9999, 12, 31));
        assert_eq!(Day::ALWAYS.date(), date(1900, 1, 1));
        // SAP's own figure for an open slice: /Date(253402214400000)/.
        assert_eq!(Day::FOREVER.millis(), 253_402_214_400_000);
        assert_eq!(Day::from(date(2014, 1, 1)).millis(), 1_388_534_400_000);
        assert_eq!(Day::from(date(1969, 12, 31)), Day(-1));
        assert_eq!(Day::of_millis(-1), Day(-1));
    }

    // A real PerPerson: createdDateTime 1587072082000+0000 beside createdOn 1587079282000, a server at +02:00.
    #[test]
    fn the_server_writes_its_wall_clock() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let clock = Clock::new(Timestamp::UNIX_EPOCH, TimeZone::UTC, berlin);
        assert_eq!(clock.wall_clock(Stamp(1_587_072_082)), 1_587_079_282_000);
    }

    #[test]
    fn today_is_the_tenants() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let mut clock = Clock::new("2026-11-20T14:59:59Z".parse().unwrap(), tokyo, TimeZone::UTC);
        assert_eq!(clock.today(), date(2026, 11, 20).into());
        clock.advance(SignedDuration::from_secs(1));
        assert_eq!(clock.today(), date(2026, 11, 21).into());
    }
}
