//! Listing rows.

use super::World;
use super::data::Person;
use super::groups::is_of_groups;
use super::row::{AsOf, RowId};
use super::units::{UnitKind, UnitSlice};
use crate::schema::Set;

type Rows<'a> = Box<dyn Iterator<Item = RowId> + 'a>;

impl World {
    /// The rows of a set that count at `as_of`, in a stable order: by person, user, code or picklist, then by key.
    /// Users are all there are, whatever their status.
    pub fn rows(&self, set: Set, as_of: AsOf) -> impl Iterator<Item = RowId> + '_ {
        let rows: Rows<'_> = match set {
            Set::User => Box::new(
                self.users_order.iter().filter(|at| self.user_exists(**at)).map(|at| RowId::new(Set::User, *at, 0, 0)),
            ),
            Set::Picklist => Box::new((0..self.picks.lists.len()).map(move |at| RowId::new(set, at as u32, 0, 0))),
            Set::PicklistOption => {
                Box::new((0..self.picks.choices.len()).map(move |at| RowId::new(set, at as u32, 0, 0)))
            }
            Set::PicklistLabel => Box::new(self.picks.choices.iter().enumerate().flat_map(move |(at, choice)| {
                (0..choice.labels.len()).map(move |label| RowId::new(set, at as u32, label as u16, 0))
            })),
            set if is_of_groups(set) => Box::new(self.group_rows(set).into_iter()),
            _ => match UnitKind::of(set) {
                Some(kind) => Box::new(
                    (0..self.units.of(kind).len()).flat_map(move |at| self.unit_slices(kind, at as u16, as_of)),
                ),
                None => Box::new(self.people_order.iter().flat_map(move |at| self.rows_of(*at, set, as_of))),
            },
        };
        rows
    }

    /// The rows of one person in a set of persons' rows.
    fn rows_of(&self, top: u32, set: Set, as_of: AsOf) -> Vec<RowId> {
        let Some(person) = self.people.get(top as usize).filter(|person| !person.gone) else {
            return Vec::new();
        };
        let children = |count: usize| (0..count).map(|child| RowId::new(set, top, child as u16, 0)).collect();
        match set {
            Set::PerPerson => vec![RowId::new(set, top, 0, 0)],
            Set::PersonEmpTerminationInfo => children(usize::from(!person.employments.is_empty())),
            Set::PerPersonal => self.name_rows(top, as_of),
            Set::PerEmail => children(person.emails.len()),
            Set::PerPhone => children(person.phones.len()),
            Set::EmpEmployment => children(person.employments.len()),
            Set::EmpEmploymentTermination => terminations(top, person),
            Set::EmpJob => (0..person.employments.len()).flat_map(|at| self.job_rows(top, at as u16, as_of)).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn name_rows(&self, top: u32, as_of: AsOf) -> Vec<RowId> {
        let Some(person) = self.people.get(top as usize) else { return Vec::new() };
        let row = |at| RowId::new(Set::PerPersonal, top, at as u16, 0);
        match as_of {
            AsOf::Day(day) => person.name_at(day).map(row).into_iter().collect(),
            AsOf::Range(..) => {
                let counts = person.names.iter().enumerate().filter(|(_, name)| as_of.takes(name.start, name.end));
                counts.map(|(at, _)| row(at)).collect()
            }
        }
    }

    pub(super) fn job_rows(&self, top: u32, child: u16, as_of: AsOf) -> Vec<RowId> {
        let found = self.people.get(top as usize).and_then(|person| person.employments.get(usize::from(child)));
        let Some(employment) = found else { return Vec::new() };
        employment.jobs_at(as_of).into_iter().map(|slice| RowId::new(Set::EmpJob, top, child, slice)).collect()
    }

    fn unit_slices(&self, kind: UnitKind, place: u16, as_of: AsOf) -> Vec<RowId> {
        let Some(unit) = self.units.get(kind, place) else { return Vec::new() };
        let row = |at| RowId::new(kind.set(), u32::from(place), at as u16, 0);
        match as_of {
            AsOf::Day(_) => unit.at(as_of).map(row).into_iter().collect(),
            AsOf::Range(..) => {
                let counts = unit.slices.iter().enumerate().filter(|(_, slice)| as_of.takes(slice.start, slice.end));
                counts.map(|(at, _)| row(at)).collect()
            }
        }
    }

    pub(super) fn unit_slice(&self, row: RowId) -> Option<&UnitSlice> {
        let unit = self.units.get(UnitKind::of(row.set)?, u16::try_from(row.top).ok()?)?;
        unit.slices.get(usize::from(row.child))
    }

    /// Every slice of what `row` is a slice of, itself included: a filter on `lastModifiedDateTime` looks at all of
    /// them and then answers with the one in force (KBA 2920680). A row that is no slice stands alone.
    pub fn slices(&self, row: RowId) -> Vec<RowId> {
        match row.set {
            Set::PerPersonal => self.name_rows(row.top, AsOf::ALL),
            Set::EmpJob => self.job_rows(row.top, row.child, AsOf::ALL),
            set => match UnitKind::of(set) {
                Some(kind) => self.unit_slices(kind, row.top as u16, AsOf::ALL),
                None => vec![row],
            },
        }
    }
}

/// Rows of the employments that ended or will end by a termination.
pub(super) fn terminations(top: u32, person: &Person) -> Vec<RowId> {
    let ending = person.employments.iter().enumerate().filter(|(_, one)| one.leaving.is_some());
    ending.map(|(at, _)| RowId::new(Set::EmpEmploymentTermination, top, at as u16, 0)).collect()
}
