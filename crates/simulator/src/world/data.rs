//! How people are stored: compact, nested, each list in order.
//!
//! These are saved to files in the order of their fields: a new field goes to the end of its struct, with
//! `#[serde(default)]`, so that files of before can be loaded.

use serde::{Deserialize, Serialize};

use super::segments::{Abroad, Address, Card, Pay, Relation};
use super::text::Text;
use super::{Day, Stamp};

/// No user, person, unit or extra: the largest number.
pub(super) const NOBODY: u32 = u32::MAX;
/// No unit or picklist option.
pub(super) const NOTHING: u16 = u16::MAX;

/// Who made a row and who changed it last, and when.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Audit {
    pub created: Stamp,
    pub modified: Stamp,
    pub author: Author,
    pub editor: Author,
    /// Place of the values that were written and have no field of their own, or [`NOBODY`].
    pub more: u32,
}

impl Audit {
    pub(super) fn at(now: Stamp, author: Author) -> Self {
        Self { created: now, modified: now, author, editor: author, more: NOBODY }
    }

    pub(super) fn touch(&mut self, now: Stamp, editor: Author) {
        self.modified = now;
        self.editor = editor;
    }
}

/// Who writes rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Author {
    Import,
    Admin,
    Api,
}

impl Author {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Import => "hris_import",
            Self::Admin => "sfadmin",
            Self::Api => "API_USER",
        }
    }
}

/// A human being.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Person {
    pub external: Text,
    pub uuid: Text,
    pub birth: Day,
    pub birthplace: Text,
    /// ISO 3166 alpha-3.
    pub country: Text,
    /// Purged: no row of theirs is left.
    pub gone: bool,
    pub audit: Audit,
    pub names: Vec<Name>,
    pub emails: Vec<Email>,
    pub phones: Vec<Phone>,
    pub addresses: Vec<Address>,
    pub cards: Vec<Card>,
    /// In the order of their user ids.
    pub employments: Vec<Employment>,
}

/// A slice of somebody's personal data.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Name {
    pub start: Day,
    pub end: Day,
    pub first: Text,
    pub last: Text,
    pub middle: Text,
    pub preferred: Text,
    pub display: Text,
    pub gender: Gender,
    pub nationality: Text,
    /// Picklist options, as places.
    pub salutation: u16,
    pub marital: u16,
    pub language: u16,
    pub audit: Audit,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Gender {
    Female,
    Male,
    Undeclared,
}

impl Gender {
    pub(super) fn letter(self) -> &'static str {
        match self {
            Self::Female => "F",
            Self::Male => "M",
            Self::Undeclared => "U",
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Email {
    /// Place of the picklist option.
    pub kind: u16,
    pub primary: bool,
    pub address: Text,
    pub audit: Audit,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Phone {
    /// Place of the picklist option.
    pub kind: u16,
    pub primary: bool,
    pub country: Text,
    pub area: Text,
    pub number: Text,
    pub extension: Text,
    pub audit: Audit,
}

/// `ST` or `GA`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Assignment {
    Standard,
    Global,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Employment {
    pub user: u32,
    pub assignment: Assignment,
    pub start: Day,
    /// Last day; [`Day::FOREVER`] while open.
    pub end: Day,
    pub first_start: Day,
    pub contingent: bool,
    pub leaving: Option<Leaving>,
    pub audit: Audit,
    /// In the order of start and sequence number.
    pub jobs: Vec<Job>,
    pub relations: Vec<Relation>,
    pub pay: Vec<Pay>,
    /// Of a global assignment.
    pub abroad: Option<Box<Abroad>>,
}

/// What the termination says beside its date.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Leaving {
    pub reason: Reason,
    pub rehire: bool,
    pub regret: bool,
    pub audit: Audit,
}

/// A slice of job information.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Job {
    pub start: Day,
    pub end: Day,
    pub sequence: u16,
    pub reason: Reason,
    pub company: u16,
    pub business_unit: u16,
    pub division: u16,
    pub department: u16,
    pub location: u16,
    pub cost_center: u16,
    pub code: u16,
    /// Hours of a full week in tenths of a percent.
    pub fte: u16,
    /// Picklist options, as places.
    pub class: u16,
    pub kind: u16,
    /// Place of the pay grade, or nothing.
    pub pay_grade: u16,
    pub title: Text,
    /// Place of the position, or [`NOBODY`].
    pub position: u32,
    /// Place of the manager's user, or [`NOBODY`].
    pub manager: u32,
    pub audit: Audit,
}

/// Makes slices gap-free: each ends the day before the next begins, or on its own day when the next begins on it too.
pub(super) fn close_gaps(jobs: &mut [Job]) {
    for at in 1..jobs.len() {
        let next = jobs[at].start;
        let before = &mut jobs[at - 1];
        before.end = if before.start == next { next } else { next.plus(-1) };
    }
    if let Some(last) = jobs.last_mut() {
        last.end = Day::FOREVER;
    }
}

/// Event reasons, and what follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Reason {
    Hire,
    Rehire,
    Transfer,
    Promotion,
    DataChange,
    ManagerChange,
    PaidLeave,
    UnpaidLeave,
    Suspension,
    Furlough,
    ReturnFromLeave,
    AssignmentAway,
    AssignmentHome,
    AssignmentStart,
    ConcurrentHire,
    Resignation,
    Dismissal,
    Retirement,
    AssignmentEnd,
    NoShow,
}

impl Reason {
    /// All, each at its number.
    pub(super) const ALL: [Self; 20] = [
        Self::Hire,
        Self::Rehire,
        Self::Transfer,
        Self::Promotion,
        Self::DataChange,
        Self::ManagerChange,
        Self::PaidLeave,
        Self::UnpaidLeave,
        Self::Suspension,
        Self::Furlough,
        Self::ReturnFromLeave,
        Self::AssignmentAway,
        Self::AssignmentHome,
        Self::AssignmentStart,
        Self::ConcurrentHire,
        Self::Resignation,
        Self::Dismissal,
        Self::Retirement,
        Self::AssignmentEnd,
        Self::NoShow,
    ];

    /// The event reason of that external code.
    pub(super) fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// Whether an employment begins with it.
    pub(super) fn begins(self) -> bool {
        matches!(self, Self::Hire | Self::Rehire | Self::AssignmentStart | Self::ConcurrentHire)
    }

    /// External code of the event reason.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Hire => "HIRNEW",
            Self::Rehire => "REHREH",
            Self::Transfer => "TRANWDPT",
            Self::Promotion => "PROPROM",
            Self::DataChange => "DATACHG",
            Self::ManagerChange => "TRANSUPV",
            Self::PaidLeave => "LOAPAID",
            Self::UnpaidLeave => "LOAUNPD",
            Self::Suspension => "SUSPEND",
            Self::Furlough => "FURLOUGH",
            Self::ReturnFromLeave => "RETLOA",
            Self::AssignmentAway => "GAAWAY",
            Self::AssignmentHome => "GABACK",
            Self::AssignmentStart => "GASTART",
            Self::ConcurrentHire => "HIRCONC",
            Self::Resignation => "TERRESIG",
            Self::Dismissal => "TERINVOL",
            Self::Retirement => "TERRETIR",
            Self::AssignmentEnd => "GAEND",
            Self::NoShow => "TERNOSHW",
        }
    }

    /// What people call it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Hire => "New Hire",
            Self::Rehire => "Rehire",
            Self::Transfer => "Transfer to Department",
            Self::Promotion => "Promotion",
            Self::DataChange => "Data Change",
            Self::ManagerChange => "Change of Supervisor",
            Self::PaidLeave => "Paid Leave",
            Self::UnpaidLeave => "Unpaid Leave",
            Self::Suspension => "Suspension",
            Self::Furlough => "Furlough",
            Self::ReturnFromLeave => "Return from Leave",
            Self::AssignmentAway => "Away on Global Assignment",
            Self::AssignmentHome => "Back from Global Assignment",
            Self::AssignmentStart => "Start of Global Assignment",
            Self::ConcurrentHire => "Concurrent Employment",
            Self::Resignation => "Resignation",
            Self::Dismissal => "Dismissal",
            Self::Retirement => "Retirement",
            Self::AssignmentEnd => "End of Global Assignment",
            Self::NoShow => "Reported No Show",
        }
    }

    /// The reason with that external code.
    pub(super) fn coded(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// External code of the employee status that follows.
    pub(super) fn status(self) -> &'static str {
        match self {
            Self::Hire
            | Self::Rehire
            | Self::Transfer
            | Self::Promotion
            | Self::DataChange
            | Self::ManagerChange
            | Self::ReturnFromLeave
            | Self::AssignmentHome
            | Self::AssignmentStart
            | Self::ConcurrentHire => "A",
            Self::PaidLeave => "P",
            Self::UnpaidLeave => "U",
            Self::Suspension => "S",
            Self::Furlough => "F",
            Self::AssignmentAway => "D",
            Self::Resignation | Self::Dismissal | Self::AssignmentEnd => "T",
            Self::Retirement => "R",
            Self::NoShow => "O",
        }
    }

    /// External code of the event.
    pub(super) fn event(self) -> &'static str {
        match self {
            Self::Hire | Self::ConcurrentHire => "H",
            Self::Rehire => "R",
            Self::Transfer | Self::ManagerChange => "3",
            Self::Promotion => "8",
            Self::DataChange => "5",
            Self::PaidLeave | Self::UnpaidLeave | Self::Suspension | Self::Furlough => "10",
            Self::ReturnFromLeave => "17",
            Self::AssignmentAway => "AGA",
            Self::AssignmentHome => "BGA",
            Self::AssignmentStart => "GA",
            Self::AssignmentEnd => "EGA",
            Self::Resignation | Self::Dismissal | Self::Retirement => "26",
            Self::NoShow => "NS",
        }
    }

    /// Whether the slice says that the person no longer works here.
    pub(super) fn ends(self) -> bool {
        matches!(self, Self::Resignation | Self::Dismissal | Self::Retirement | Self::AssignmentEnd | Self::NoShow)
    }
}

/// The account on the platform.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct User {
    pub id: Text,
    pub name: Text,
    /// Place of the person, or [`NOBODY`].
    pub person: u32,
    /// One of `t T f F e d`. For a user with an employment and `derived`, `t` becomes `f` outside the employment.
    pub status: u8,
    /// The status follows the employment, until somebody writes it.
    pub derived: bool,
    /// Does not exist before the employment starts.
    pub late: bool,
    pub gone: bool,
    /// Manager that was written over the employment's; [`NOBODY`] when "none" was written.
    pub manager: Option<u32>,
    /// HR representative, or [`NOBODY`].
    pub hr: u32,
    /// Place of the written values that stand before those that follow from the person, or [`NOBODY`].
    pub written: u32,
    pub audit: Audit,
}
