//! The world itself.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::text::Texts;
use super::{AsOf, Cell, Clock, Day, KeyPart, Related, RowId};
use crate::schema::Set;

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
}

impl World {
    /// Makes the company.
    pub fn generate(seed: &Seed) -> Self {
        let clock = Clock::new(seed.now, seed.tenant_zone.clone(), seed.server_zone.clone());
        Self { clock, texts: Texts::default() }
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
    }

    /// Moves the clock on.
    pub fn advance(&mut self, by: SignedDuration) {
        self.clock.advance(by);
    }

    /// The rows of a set that count at `as_of`, in a stable order (by person, user, code or picklist, then by key).
    pub fn rows(&self, _set: Set, _as_of: AsOf) -> impl Iterator<Item = RowId> + '_ {
        std::iter::empty()
    }

    /// The row of that key, whatever its date or status. The parts stand in the order of the table's `keys`.
    pub fn find(&self, _set: Set, _key: &[KeyPart<'_>]) -> Option<RowId> {
        None
    }

    /// The key of a row, in the order of the table's `keys`.
    pub fn key(&self, _row: RowId) -> Vec<KeyPart<'_>> {
        Vec::new()
    }

    /// What the row holds at the property of that index in its table.
    pub fn cell(&self, _row: RowId, _property: usize) -> Cell<'_> {
        Cell::Null
    }

    /// Where the navigation of that index in the row's table leads. A navigation to one that finds several slices
    /// takes the last.
    pub fn related(&self, _row: RowId, _navigation: usize, _as_of: AsOf) -> Related {
        Related::One(None)
    }

    /// The date that holds one level below `row`, which was itself asked for `as_of`: a day holds at every level; a
    /// range only above, unless `reaches_down` and the row is not effective-dated (KBA 2853045, 2148752: below an
    /// effective-dated row its own start date counts, below others today).
    pub fn below(&self, row: RowId, as_of: AsOf, reaches_down: bool) -> AsOf {
        match as_of {
            AsOf::Day(_) => as_of,
            AsOf::Range(..) if row.set().effective_dated() => AsOf::Day(self.start_of(row)),
            AsOf::Range(..) if reaches_down => as_of,
            AsOf::Range(..) => AsOf::Day(self.today()),
        }
    }

    /// Every slice of what `row` is a slice of, itself included: a filter on `lastModifiedDateTime` looks at all of
    /// them and then answers with the one in force (KBA 2920680).
    pub fn slices(&self, row: RowId) -> Vec<RowId> {
        vec![row]
    }

    /// The person a row belongs to, as a number that never changes; none for foundation objects, picklists and users
    /// without a person.
    pub fn person_of(&self, _row: RowId) -> Option<u32> {
        None
    }

    fn start_of(&self, _row: RowId) -> Day {
        self.today()
    }
}
