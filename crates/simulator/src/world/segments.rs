//! Further segments of a person and of an employment, stored as [`super::data`] stores the rest.

use serde::{Deserialize, Serialize};

use super::Day;
use super::data::{Audit, Reason};
use super::text::Text;

/// A slice of somebody's address of one kind. Slices of a kind stand together, in order, without gaps.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Address {
    pub start: Day,
    pub end: Day,
    /// `home`, `mailing`.
    pub kind: Text,
    pub street: Text,
    /// Second line: a flat, a building.
    pub more: Text,
    pub zip: Text,
    pub city: Text,
    /// Code of the state or province, as the country writes it.
    pub state: Text,
    /// ISO 3166 alpha-3.
    pub country: Text,
    pub audit: Audit,
}

/// A national id.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Card {
    /// ISO 3166 alpha-3.
    pub country: Text,
    /// What the country calls it: `ssn`, `PESEL`.
    pub kind: Text,
    pub number: Text,
    pub primary: bool,
    pub audit: Audit,
}

/// A slice of a relationship to somebody who is not the manager. Slices of a kind stand together, in order.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Relation {
    /// Place of the picklist option.
    pub kind: u16,
    pub start: Day,
    pub end: Day,
    /// Place of the other one's user.
    pub to: u32,
    pub audit: Audit,
}

/// A slice of pay.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Pay {
    pub start: Day,
    pub end: Day,
    pub reason: Reason,
    /// Place of the pay grade, or nothing.
    pub grade: u16,
    /// Target bonus in tenths of a percent of the salary.
    pub bonus: u16,
    pub car: bool,
    /// Monthly, in whole units of the company's currency.
    pub salary: u32,
    pub audit: Audit,
    /// Hundredths beside the whole units.
    #[serde(default)]
    pub cents: u8,
}

/// What a global assignment says beside its employment.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Abroad {
    /// Place of the picklist option.
    pub kind: u16,
    pub planned_end: Day,
    pub audit: Audit,
}

impl Pay {
    /// Makes slices gap-free: each ends the day before the next begins, the last one never.
    pub(super) fn close_gaps(slices: &mut [Self]) {
        for at in 1..slices.len() {
            slices[at - 1].end = slices[at].start.plus(-1);
        }
        if let Some(last) = slices.last_mut() {
            last.end = Day::FOREVER;
        }
    }
}
