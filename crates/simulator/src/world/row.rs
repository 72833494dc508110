//! Naming rows, and the date they are asked for.

use super::Day;
use crate::schema::Set;

/// Names a row. Cheap to copy and to compare; good until the next change of the world (for a top-level row, a user or
/// a person, for ever: their numbers are not given twice).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId {
    pub(super) set: Set,
    /// Place of the person, user, foundation object, picklist or option.
    pub(super) top: u32,
    /// Place of the e-mail, phone, employment, name slice, foundation slice or label in it.
    pub(super) child: u16,
    /// Place of the job slice in the employment.
    pub(super) slice: u16,
}

impl RowId {
    pub(super) const fn new(set: Set, top: u32, child: u16, slice: u16) -> Self {
        Self { set, top, child, slice }
    }

    /// The set it belongs to.
    pub const fn set(self) -> Set {
        self.set
    }
}

/// Which slices of effective-dated rows count. Rows of other sets always do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// The slice in force on that day; without a date in the request that is today.
    Day(Day),
    /// Every slice that overlaps the range, both ends included.
    Range(Day, Day),
}

impl AsOf {
    /// Every slice there is.
    pub const ALL: Self = Self::Range(Day(i32::MIN), Day(i32::MAX));

    /// Whether a slice from `start` to `end` counts, sequence numbers apart.
    pub fn takes(self, start: Day, end: Day) -> bool {
        match self {
            Self::Day(day) => start <= day && day <= end,
            Self::Range(from, to) => start <= to && from <= end,
        }
    }
}

/// One part of a row's key, in the order of [`crate::schema::EntitySet::keys`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPart<'a> {
    /// A string.
    Str(&'a str),
    /// A number.
    Int(i64),
    /// A date.
    Day(Day),
}

/// Where a navigation leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Related {
    /// A navigation to one: a row or null.
    One(Option<RowId>),
    /// A navigation to many.
    Many(Vec<RowId>),
}
