//! The world itself, and what a company is generated from.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::accounts::Account;
use super::change::Effects;
use super::data::{Person, User};
use super::groups::Groups;
use super::photos::Photos;
use super::picks::Picks;
use super::positions::Positions;
use super::segments::Address;
use super::text::{Text, Texts};
use super::units::Units;
use super::{AsOf, Clock, Day, RowId, Stamp, Value};

/// What a company is generated from. The same seed gives the same company, row for row.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Chooses among companies.
    pub seed: u64,
    /// How many people, 10 to 1,000,000; other numbers become the nearest of these.
    pub people: u32,
    /// The clock's first instant. Hires, leaves and terminations lie around its day.
    pub now: Timestamp,
    /// The tenant's preferred time zone: whose calendar says what today is.
    pub tenant_zone: TimeZone,
    /// The server's zone: in which `createdOn`, `lastModified` and their like are written.
    pub server_zone: TimeZone,
}

impl Seed {
    /// So many people, at that instant; tenant and server in UTC.
    pub fn new(seed: u64, people: u32, now: Timestamp) -> Self {
        Self { seed, people, now, tenant_zone: TimeZone::UTC, server_zone: TimeZone::UTC }
    }
}

/// The company at its clock.
#[derive(Clone)]
pub struct World {
    pub(super) clock: Clock,
    pub(super) texts: Texts,
    pub(super) picks: Picks,
    pub(super) units: Units,
    pub(super) positions: Positions,
    pub(super) people: Vec<Person>,
    /// Places of the people that are not purged, in the order of `personIdExternal`.
    pub(super) people_order: Vec<u32>,
    pub(super) users: Vec<User>,
    /// Places of the users that are not purged, in the order of `userId`.
    pub(super) users_order: Vec<u32>,
    /// For each user, the users that ever had it as manager: a superset of its reports.
    pub(super) reports: Vec<Vec<u32>>,
    /// For a user, the users that ever named it in a job relationship: a superset.
    pub(super) named_by: BTreeMap<u32, Vec<u32>>,
    /// Addresses of locations, by their places.
    pub(super) sites: Vec<Address>,
    /// Accounts of which more is known than the user says.
    pub(super) accounts: BTreeMap<u32, Account>,
    /// assignmentIdExternal of users, where it is not the userId.
    pub(super) assignment_ids: BTreeMap<u32, Text>,
    pub(super) photos: Photos,
    /// Written values of users, each list by property.
    pub(super) written: Vec<Vec<(u16, Value)>>,
    pub(super) groups: Groups,
    /// The next number that `generateNextPersonID` may give; 0 before the first.
    pub(super) person_ids: u64,
    /// Written values of other rows that have no field of their own; a row's `Audit::more` names its list.
    pub(super) more: Vec<Vec<(u16, Value)>>,
    /// What writing leaves behind beside the rows.
    pub(super) effects: Effects,
}

impl World {
    /// A company of nobody: clock and picklists only.
    pub(super) fn empty(clock: Clock) -> Self {
        Self {
            clock,
            texts: Texts::default(),
            picks: Picks::new(),
            units: Units::default(),
            positions: Positions::default(),
            people: Vec::new(),
            people_order: Vec::new(),
            users: Vec::new(),
            users_order: Vec::new(),
            reports: Vec::new(),
            named_by: BTreeMap::new(),
            sites: Vec::new(),
            accounts: BTreeMap::new(),
            assignment_ids: BTreeMap::new(),
            photos: Photos::new(),
            written: Vec::new(),
            groups: Groups::default(),
            person_ids: 0,
            more: Vec::new(),
            effects: Effects::default(),
        }
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The date in the tenant's preferred time zone.
    pub fn today(&self) -> Day {
        self.clock.today()
    }

    /// Sets the clock. Nothing is stamped; what is in force follows by itself.
    pub fn set_now(&mut self, now: Timestamp) {
        self.clock.set(now);
        self.unsettle();
    }

    /// Moves the clock on.
    pub fn advance(&mut self, by: SignedDuration) {
        self.clock.advance(by);
        self.unsettle();
    }

    /// How many people there are, leavers included, purged ones not.
    pub fn headcount(&self) -> usize {
        self.people_order.len()
    }

    /// The date that holds one level below `row`, which was itself asked for `as_of`: a day holds at every level; a
    /// range only above, unless `reaches_down` and the row is not effective-dated (KBA 2853045, 2148752: below an
    /// effective-dated row its own start date counts, below others today).
    pub fn below(&self, row: RowId, as_of: AsOf, reaches_down: bool) -> AsOf {
        match as_of {
            AsOf::Day(_) => as_of,
            AsOf::Range(..) if row.set().effective_dated() => {
                AsOf::Day(self.span(row).map_or(self.today(), |(start, _)| start))
            }
            AsOf::Range(..) if reaches_down => as_of,
            AsOf::Range(..) => AsOf::Day(self.today()),
        }
    }

    pub(super) fn stamp(&self) -> Stamp {
        self.now().into()
    }
}
