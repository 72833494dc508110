//! Which employment counts, and what it means for access: the policy's data. Its judgement needs the source's words
//! and lives with the source.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// One rule of preference between a person's employments. Rules are tried in order; the first that tells two
/// employments apart decides. Ties that no rule breaks go to the smaller `userId`, so the choice is the same every time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prefer {
    /// The employment marked primary, where the tenant marks one.
    Primary,
    /// An active one before one on leave, before one yet to start, before one that ended.
    Active,
    /// The one that started last.
    LatestStart,
    /// The one that started first.
    EarliestStart,
    /// A standard employment (`ST`) before a global assignment (`GA`).
    Standard,
    /// A global assignment (`GA`) before a standard employment (`ST`).
    GlobalAssignment,
}

/// Which of a person's employments counts, and in whose time zone a day begins.
#[derive(Clone, Debug)]
pub struct EmploymentPolicy {
    /// Preferences, most important first.
    pub prefer: Vec<Prefer>,
    /// Assignment classes that are looked at (`ST`, `GA`); empty means all. An employment without a class is `ST`.
    pub classes: Vec<String>,
    /// Codes of `emplStatus` that mean *on leave* (default `U`, `P`, `S`, `F`).
    pub leave_codes: Vec<String>,
    /// The zone whose calendar says what "today" is for start and end dates.
    pub zone: TimeZone,
    /// Where the source shows no employments at all, everybody it lists counts as active. Without it such a source is
    /// refused: a lost permission would otherwise bring back whoever left.
    pub assume_active: bool,
}

impl Default for EmploymentPolicy {
    fn default() -> Self {
        Self {
            prefer: vec![Prefer::Primary, Prefer::Active, Prefer::LatestStart],
            classes: Vec::new(),
            leave_codes: ["U", "P", "S", "F"].map(str::to_owned).to_vec(),
            zone: TimeZone::UTC,
            assume_active: false,
        }
    }
}

/// Where a person stands on the day that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandingKind {
    /// Works here.
    Active,
    /// Employed, away: paid or unpaid leave, suspended, furloughed.
    OnLeave,
    /// Hired, starts later: `start` says when.
    Future,
    /// No active employment any more: `end` says the last day that counted, when known.
    Left,
    /// Was to start, never did.
    NoShow,
}

/// A person's standing with the dates behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Where they stand.
    pub kind: StandingKind,
    /// First day of the employment that counts.
    pub start: Option<Date>,
    /// Last day of the employment that counts, if it has one. The person still counts as active on that day.
    pub end: Option<Date>,
}

impl Standing {
    /// Active, with no dates known: what a user without Employee Central has.
    pub fn active() -> Self {
        Self { kind: StandingKind::Active, start: None, end: None }
    }
}
