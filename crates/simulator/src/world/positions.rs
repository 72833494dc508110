//! Positions: the chairs that jobs are done on.

use serde::{Deserialize, Serialize};

use super::data::{Audit, NOBODY};
use super::text::{Text, Texts};
use super::{AsOf, Day, World};

/// A chair. It stays where it is when whoever sits on it leaves.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Position {
    pub code: Text,
    /// Gap-free, in order.
    pub slices: Vec<PositionSlice>,
    /// Users who ever had it: a superset of the incumbents.
    pub holders: Vec<u32>,
}

/// One slice of it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct PositionSlice {
    pub start: Day,
    pub end: Day,
    pub active: bool,
    pub title: Text,
    /// Place of the position above, or [`NOBODY`].
    pub parent: u32,
    /// Places of foundation objects, as in a job slice.
    pub company: u16,
    pub business_unit: u16,
    pub division: u16,
    pub department: u16,
    pub location: u16,
    pub cost_center: u16,
    pub job_code: u16,
    pub pay_grade: u16,
    /// Hours of a full week in tenths of a percent.
    pub fte: u16,
    pub audit: Audit,
}

impl Position {
    /// The slice that counts: in force on the day, or the last that the range meets.
    pub(super) fn at(&self, as_of: AsOf) -> Option<usize> {
        self.slices.iter().rposition(|slice| as_of.takes(slice.start, slice.end))
    }
}

/// All positions, by the numbers that jobs name them by.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Positions {
    pub all: Vec<Position>,
    /// Their places in the order of their codes.
    pub order: Vec<u32>,
}

impl Positions {
    pub(super) fn get(&self, place: u32) -> Option<&Position> {
        self.all.get(place as usize)
    }

    pub(super) fn place(&self, code: &str, texts: &Texts) -> Option<u32> {
        let read = |at: &u32| self.get(*at).map_or("", |one| texts.read(one.code));
        let at = self.order.binary_search_by(|at| read(at).cmp(code)).ok()?;
        self.order.get(at).copied()
    }

    /// Adds a position with a code that none has yet, and gives its place.
    pub(super) fn add(&mut self, position: Position, texts: &Texts) -> u32 {
        let place = self.all.len() as u32;
        let code = texts.read(position.code);
        let at = self.order.partition_point(|at| self.get(*at).map_or("", |one| texts.read(one.code)) < code);
        self.order.insert(at, place);
        self.all.push(position);
        place
    }

    /// Notes that a user has a position.
    pub(super) fn seat(&mut self, place: u32, user: u32) {
        if let Some(position) = self.all.get_mut(place as usize)
            && !position.holders.contains(&user)
        {
            position.holders.push(user);
        }
    }
}

impl World {
    /// Users whose job has the position on a day, in the order in which they came.
    pub(super) fn incumbents(&self, place: u32, day: Day) -> Vec<u32> {
        let holders = self.positions.get(place).map_or(&[][..], |position| &position.holders);
        let sits = |user: &u32| {
            self.employment_of(*user).is_some_and(|(_, _, employment)| {
                employment.active(day)
                    && employment
                        .job_at(day)
                        .and_then(|at| employment.jobs.get(at))
                        .is_some_and(|job| job.position == place && !job.reason.ends())
            })
        };
        holders.iter().copied().filter(sits).collect()
    }

    /// The one who sits there on a day, or nobody.
    pub(super) fn incumbent(&self, place: u32, day: Day) -> u32 {
        self.incumbents(place, day).first().copied().unwrap_or(NOBODY)
    }
}
