//! Listing rows.

use super::World;
use super::cells::catalogue::STATUSES;
use super::data::Person;
use super::groups::is_of_groups;
use super::row::{AsOf, RowId};
use super::territory::TERRITORIES;
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
            Set::Picklist => Box::new(
                (0..self.picks.lists.len())
                    .filter(|at| self.picks.there(*at).is_some())
                    .map(move |at| RowId::new(set, at as u32, 0, 0)),
            ),
            Set::PicklistOption => Box::new(
                (0..self.picks.choices.len())
                    .filter(|at| self.picks.choice(*at).is_some())
                    .map(move |at| RowId::new(set, at as u32, 0, 0)),
            ),
            Set::PicklistLabel => Box::new((0..self.picks.choices.len()).flat_map(move |at| {
                let labels = self.picks.choice(at).map_or(0, |choice| choice.labels.len());
                (0..labels).map(move |label| RowId::new(set, at as u32, label as u16, 0))
            })),
            set if is_of_groups(set) => Box::new(self.group_rows(set).into_iter()),
            Set::PickListV2 => Box::new(
                (0..self.picks.lists.len())
                    .filter(|at| self.picks.there(*at).is_some())
                    .map(move |at| RowId::new(set, at as u32, 0, 0)),
            ),
            Set::PickListValueV2 => Box::new(
                (0..self.picks.choices.len())
                    .filter(|at| self.picks.choice(*at).is_some())
                    .map(move |at| RowId::new(set, at as u32, 0, 0)),
            ),
            Set::Territory => Box::new((0..TERRITORIES.len()).map(move |at| RowId::new(set, at as u32, 0, 0))),
            Set::MDFEnumValue => Box::new((0..STATUSES.len()).map(move |at| RowId::new(set, at as u32, 0, 0))),
            Set::FOCorporateAddressDEFLT => {
                let there = |at: &usize| self.site(*at as u32).is_some();
                Box::new((0..self.sites.len()).filter(there).map(move |at| RowId::new(set, at as u32, 0, 0)))
            }
            Set::UserAccount => Box::new(
                self.users_order.iter().filter(|at| self.has_account(**at)).map(move |at| RowId::new(set, *at, 0, 0)),
            ),
            Set::ExternalUser | Set::ExtPersonalInfo | Set::ExtEmailInfo | Set::ExtPhoneInfo | Set::ExtAddressInfo => {
                let users = self.users_order.iter().filter(move |at| self.external_has(**at, set));
                Box::new(users.map(move |at| RowId::new(set, *at, 0, 0)))
            }
            Set::Photo => {
                Box::new(self.users_order.iter().filter(|at| self.user_exists(**at)).flat_map(move |at| {
                    self.photo_types(*at).into_iter().map(move |kind| RowId::new(set, *at, kind, 0))
                }))
            }
            Set::Background_SpecialAssign => Box::new(self.users_order.iter().flat_map(move |at| {
                (0..self.special_assignments(*at)).map(move |child| RowId::new(set, *at, child, 0))
            })),
            Set::Position => Box::new(self.positions.order.iter().flat_map(move |at| self.position_rows(*at, as_of))),
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
            Set::PerPerson | Set::PersonKey => vec![RowId::new(set, top, 0, 0)],
            Set::PersonEmpTerminationInfo => children(usize::from(!person.employments.is_empty())),
            Set::PerPersonal => self.name_rows(top, as_of),
            Set::PerEmail => children(person.emails.len()),
            Set::PerPhone => children(person.phones.len()),
            Set::PerAddressDEFLT => self.address_rows(top, as_of),
            Set::PerNationalId => children(person.cards.len()),
            Set::EmpEmployment => children(person.employments.len()),
            Set::EmpGlobalAssignment => {
                let abroad = person.employments.iter().enumerate().filter(|(_, one)| one.abroad.is_some());
                abroad.map(|(at, _)| RowId::new(set, top, at as u16, 0)).collect()
            }
            Set::EmpJobRelationships => {
                (0..person.employments.len()).flat_map(|at| self.relation_rows(top, at as u16, as_of)).collect()
            }
            Set::EmpCompensation | Set::EmpPayCompRecurring => {
                (0..person.employments.len()).flat_map(|at| self.pay_rows(set, top, at as u16, as_of)).collect()
            }
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

    /// Addresses that count, each kind by itself.
    pub(super) fn address_rows(&self, top: u32, as_of: AsOf) -> Vec<RowId> {
        let Some(person) = self.people.get(top as usize) else { return Vec::new() };
        let counts = person.addresses.iter().enumerate().filter(|(_, one)| as_of.takes(one.start, one.end));
        counts.map(|(at, _)| RowId::new(Set::PerAddressDEFLT, top, at as u16, 0)).collect()
    }

    /// Relationships that count, each kind by itself.
    pub(super) fn relation_rows(&self, top: u32, child: u16, as_of: AsOf) -> Vec<RowId> {
        let Some(employment) = self.employment(RowId::new(Set::EmpEmployment, top, child, 0)) else {
            return Vec::new();
        };
        let counts = employment.relations.iter().enumerate().filter(|(_, one)| as_of.takes(one.start, one.end));
        counts.map(|(at, _)| RowId::new(Set::EmpJobRelationships, top, child, at as u16)).collect()
    }

    /// Slices of pay that count, as rows of the set that is asked for.
    pub(super) fn pay_rows(&self, set: Set, top: u32, child: u16, as_of: AsOf) -> Vec<RowId> {
        let Some(employment) = self.employment(RowId::new(Set::EmpEmployment, top, child, 0)) else {
            return Vec::new();
        };
        let counts = employment.pay.iter().enumerate().filter(|(_, one)| as_of.takes(one.start, one.end));
        counts.map(|(at, _)| RowId::new(set, top, child, at as u16)).collect()
    }

    fn position_rows(&self, place: u32, as_of: AsOf) -> Vec<RowId> {
        let slices = self.positions.get(place).map_or(&[][..], |position| &position.slices);
        let counts = slices.iter().enumerate().filter(|(_, one)| as_of.takes(one.start, one.end));
        counts.map(|(at, _)| RowId::new(Set::Position, place, at as u16, 0)).collect()
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
            Set::PerAddressDEFLT => {
                let kind = |row: &RowId| {
                    let address = self.person(*row).and_then(|person| person.addresses.get(usize::from(row.child)));
                    address.map(|one| one.kind)
                };
                self.address_rows(row.top, AsOf::ALL).into_iter().filter(|one| kind(one) == kind(&row)).collect()
            }
            Set::EmpJobRelationships => {
                let kind = |row: &RowId| {
                    self.employment(*row).and_then(|one| one.relations.get(usize::from(row.slice))).map(|one| one.kind)
                };
                let all = self.relation_rows(row.top, row.child, AsOf::ALL);
                all.into_iter().filter(|one| kind(one) == kind(&row)).collect()
            }
            Set::EmpCompensation | Set::EmpPayCompRecurring => self.pay_rows(row.set, row.top, row.child, AsOf::ALL),
            Set::Position => self.position_rows(row.top, AsOf::ALL),
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
