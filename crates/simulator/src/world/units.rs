//! Foundation objects: companies, departments and their like, in slices.

use serde::{Deserialize, Serialize};

use super::data::{Audit, NOTHING};
use super::text::{Text, Texts};
use super::{AsOf, Day};
use crate::schema::Set;

/// What kind of foundation object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitKind {
    Company,
    BusinessUnit,
    Division,
    Department,
    Location,
    CostCenter,
    JobCode,
    PayGrade,
    EventReason,
}

impl UnitKind {
    /// All.
    pub(super) const ALL: [Self; 9] = [
        Self::Company,
        Self::BusinessUnit,
        Self::Division,
        Self::Department,
        Self::Location,
        Self::CostCenter,
        Self::JobCode,
        Self::PayGrade,
        Self::EventReason,
    ];

    pub(super) fn of(set: Set) -> Option<Self> {
        Some(match set {
            Set::FOCompany => Self::Company,
            Set::FOBusinessUnit => Self::BusinessUnit,
            Set::FODivision => Self::Division,
            Set::FODepartment => Self::Department,
            Set::FOLocation => Self::Location,
            Set::FOCostCenter => Self::CostCenter,
            Set::FOJobCode => Self::JobCode,
            Set::FOPayGrade => Self::PayGrade,
            Set::FOEventReason => Self::EventReason,
            _ => return None,
        })
    }

    pub(super) fn set(self) -> Set {
        match self {
            Self::Company => Set::FOCompany,
            Self::BusinessUnit => Set::FOBusinessUnit,
            Self::Division => Set::FODivision,
            Self::Department => Set::FODepartment,
            Self::Location => Set::FOLocation,
            Self::CostCenter => Set::FOCostCenter,
            Self::JobCode => Set::FOJobCode,
            Self::PayGrade => Set::FOPayGrade,
            Self::EventReason => Set::FOEventReason,
        }
    }
}

/// A foundation object.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Unit {
    pub code: Text,
    /// Gap-free, in order.
    pub slices: Vec<UnitSlice>,
}

/// One slice of it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct UnitSlice {
    pub start: Day,
    pub end: Day,
    pub active: bool,
    pub name: Text,
    /// "Name (code)": what HRIS sync writes into User.
    pub synced: Text,
    pub description: Text,
    /// User at the head, or nobody.
    pub head: u32,
    /// Parent of the same kind, or nothing.
    pub parent: u16,
    /// What it hangs on: a department's division, a division's business unit, a location's company; or nothing.
    pub above: u16,
    /// A department's cost centre, a company's default location, a job code's pay grade; or nothing.
    pub beside: u16,
    pub country: Text,
    pub city: Text,
    pub zone: Text,
    pub currency: Text,
    pub audit: Audit,
}

impl UnitSlice {
    /// An active slice for all time that hangs on nothing.
    pub(super) fn plain(name: Text, synced: Text, audit: Audit) -> Self {
        Self {
            start: Day::ALWAYS,
            end: Day::FOREVER,
            active: true,
            name,
            synced,
            description: Text::NONE,
            head: super::data::NOBODY,
            parent: NOTHING,
            above: NOTHING,
            beside: NOTHING,
            country: Text::NONE,
            city: Text::NONE,
            zone: Text::NONE,
            currency: Text::NONE,
            audit,
        }
    }
}

impl Unit {
    /// The slice that counts: in force on the day, or the last that the range meets.
    pub(super) fn at(&self, as_of: AsOf) -> Option<usize> {
        self.slices.iter().rposition(|slice| as_of.takes(slice.start, slice.end))
    }
}

/// All foundation objects: a list a kind, each in the order of its codes; those that were written later stand behind.
#[derive(Clone, Default)]
pub(super) struct Units {
    lists: [Vec<Unit>; 9],
    late: [usize; 9],
}

impl Units {
    pub(super) fn of(&self, kind: UnitKind) -> &[Unit] {
        &self.lists[kind as usize]
    }

    pub(super) fn edit(&mut self, kind: UnitKind) -> &mut Vec<Unit> {
        &mut self.lists[kind as usize]
    }

    pub(super) fn get(&self, kind: UnitKind, place: u16) -> Option<&Unit> {
        self.of(kind).get(usize::from(place))
    }

    pub(super) fn place(&self, kind: UnitKind, code: &str, texts: &Texts) -> Option<u16> {
        let list = self.of(kind);
        let (sorted, late) = list.split_at(list.len() - self.late[kind as usize]);
        let found = sorted.binary_search_by(|unit| texts.read(unit.code).cmp(code)).ok();
        let later = || late.iter().position(|unit| texts.read(unit.code) == code).map(|at| sorted.len() + at);
        u16::try_from(found.or_else(later)?).ok()
    }

    /// Says which stand behind the others, after the lists were filled: those that break the order of the codes.
    pub(super) fn find_late(&mut self, texts: &Texts) {
        for (list, late) in self.lists.iter().zip(&mut self.late) {
            let sorted =
                list.windows(2).take_while(|pair| texts.read(pair[0].code) <= texts.read(pair[1].code)).count();
            *late = list.len().saturating_sub(sorted + 1);
        }
    }

    /// Takes away the objects that were added behind the first `count`.
    pub(super) fn forget_behind(&mut self, kind: UnitKind, count: usize) {
        let added = self.of(kind).len().saturating_sub(count);
        self.edit(kind).truncate(count);
        self.late[kind as usize] = self.late[kind as usize].saturating_sub(added);
    }

    /// Adds an object behind the others, whose places stay; `None` when no more fit.
    pub(super) fn add(&mut self, kind: UnitKind, unit: Unit) -> Option<u16> {
        let place = u16::try_from(self.of(kind).len()).ok().filter(|place| *place < NOTHING)?;
        self.edit(kind).push(unit);
        self.late[kind as usize] += 1;
        Some(place)
    }
}
