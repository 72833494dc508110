//! Rows by key, and keys of rows.

use super::cells::account::PART_IDS;
use super::cells::background::BACKGROUND_IDS;
use super::cells::catalogue::{STATUS_ENUM, STATUSES};
use super::cells::household::ADDRESS_IDS;
use super::data::Employment;
use super::groups::is_of_groups;
use super::row::{KeyPart, RowId};
use super::segments::{Address, Card};
use super::territory::{TERRITORIES, territory};
use super::units::UnitKind;
use super::{Day, World};
use crate::schema::Set;

use KeyPart::{Day as Date, Int, Str};

impl World {
    /// The row of that key, whatever its date or status. The parts stand in the order of the table's `keys`.
    pub fn find(&self, set: Set, key: &[KeyPart<'_>]) -> Option<RowId> {
        let row = |top: u32, child: usize| Some(RowId::new(set, top, child as u16, 0));
        match (set, key) {
            (Set::User, [Str(id)]) => row(self.user_by_id(id).filter(|place| self.user_exists(*place))?, 0),
            (Set::PerPerson, [Str(id)]) => row(self.person_by_id(id)?, 0),
            (Set::PersonEmpTerminationInfo, [Str(id)]) => {
                let top = self.person_by_id(id)?;
                if self.people.get(top as usize)?.employments.is_empty() { None } else { row(top, 0) }
            }
            (Set::PerPersonal, [Str(id), Date(start)]) => {
                let top = self.person_by_id(id)?;
                row(top, self.people.get(top as usize)?.names.iter().position(|name| name.start == *start)?)
            }
            (Set::PerEmail, [Str(kind), Str(id)]) => {
                let top = self.person_by_id(id)?;
                let kind = self.picks.named("ecEmailType", kind)?;
                row(top, self.people.get(top as usize)?.emails.iter().position(|email| email.kind == kind)?)
            }
            (Set::PerPhone, [Str(id), Str(kind)]) => {
                let top = self.person_by_id(id)?;
                let kind = self.picks.named("ecPhoneType", kind)?;
                row(top, self.people.get(top as usize)?.phones.iter().position(|phone| phone.kind == kind)?)
            }
            (Set::EmpEmployment, [Str(id), Str(user)]) => {
                let (top, child) = self.employment_by_ids(id, user)?;
                row(top, usize::from(child))
            }
            (Set::EmpEmploymentTermination, [Date(end), Str(id), Str(user)]) => {
                let (top, child) = self.employment_by_ids(id, user)?;
                let employment = self.people.get(top as usize)?.employments.get(usize::from(child))?;
                if employment.leaving.is_some() && employment.end == *end { row(top, usize::from(child)) } else { None }
            }
            (Set::EmpJob, [Int(sequence), Date(start), Str(user)]) => self.job_by_key(*sequence, *start, user),
            (Set::Picklist, [Str(id)]) => row(self.picks.list(id)? as u32, 0),
            (Set::PicklistOption, [Int(id)]) => row(self.picks.by_id(*id)? as u32, 0),
            (Set::PicklistLabel, [Str(locale), Int(id)]) => {
                let option = self.picks.by_id(*id)?;
                row(option as u32, self.picks.choices.get(option)?.labels.iter().position(|label| label.0 == *locale)?)
            }
            (set, key) if is_of_groups(set) => self.group_find(set, key),
            (Set::PersonKey, [Str(id)]) => row(self.person_by_id(id)?, 0),
            (Set::PerAddressDEFLT, [Str(kind), Str(id), Date(start)]) => {
                let top = self.person_by_id(id)?;
                let meant = |one: &Address| one.start == *start && self.texts.read(one.kind) == *kind;
                row(top, self.people.get(top as usize)?.addresses.iter().position(meant)?)
            }
            (Set::PerNationalId, [Str(kind), Str(country), Str(id)]) => {
                let top = self.person_by_id(id)?;
                let meant = |one: &Card| self.texts.read(one.kind) == *kind && self.texts.read(one.country) == *country;
                row(top, self.people.get(top as usize)?.cards.iter().position(meant)?)
            }
            (Set::UserAccount, [Str(name)]) => row(self.account_named(name)?, 0),
            (Set::EmpGlobalAssignment, [Str(user)]) => {
                let place = self.user_by_id(user)?;
                let (_, child, employment) = self.employment_of(place)?;
                employment.abroad.as_ref()?;
                row(self.users.get(place as usize)?.person, usize::from(child))
            }
            (Set::EmpJobRelationships, [Str(kind), Date(start), Str(user)]) => {
                let kind = self.picks.named("jobRelType", kind)?;
                self.slice_of(set, user, |one| {
                    one.relations.iter().position(|one| one.kind == kind && one.start == *start)
                })
            }
            (Set::EmpCompensation, [Date(start), Str(user)]) => {
                self.slice_of(set, user, |one| one.pay.iter().position(|one| one.start == *start))
            }
            (Set::EmpPayCompRecurring, [Str("BASE"), Int(1), Date(start), Str(user)]) => {
                self.slice_of(set, user, |one| one.pay.iter().position(|one| one.start == *start))
            }
            (Set::FOCorporateAddressDEFLT, [Int(id)]) => {
                let place = u32::try_from(*id).ok()?.checked_sub(ADDRESS_IDS)?;
                self.site(place)?;
                row(place, 0)
            }
            (Set::Position, [Str(code), Date(start)]) => {
                let place = self.positions.place(code, &self.texts)?;
                row(place, self.positions.get(place)?.slices.iter().position(|one| one.start == *start)?)
            }
            (Set::Territory, [Str(code)]) => row(territory(code)? as u32, 0),
            (Set::MDFEnumValue, [Str(STATUS_ENUM), Str(value)]) => {
                row(STATUSES.iter().position(|one| one.0 == *value)? as u32, 0)
            }
            (Set::Photo, [Int(kind), Str(user)]) => {
                let place = self.user_by_id(user).filter(|place| self.user_exists(*place))?;
                let kind = u16::try_from(*kind).ok()?;
                self.photo(place, kind)?;
                row(place, usize::from(kind))
            }
            (Set::ExternalUser, [Str(user)]) => row(self.user_by_id(user).filter(|at| self.external_has(*at, set))?, 0),
            (Set::ExtPersonalInfo | Set::ExtEmailInfo | Set::ExtPhoneInfo | Set::ExtAddressInfo, [Int(id)]) => {
                let place = u32::try_from(*id).ok()?.checked_sub(PART_IDS)?;
                row(Some(place).filter(|at| self.external_has(*at, set))?, 0)
            }
            (Set::Background_SpecialAssign, [Int(id), Str(user)]) => {
                let id = u32::try_from(*id).ok()?.checked_sub(BACKGROUND_IDS)?;
                let (place, child) = (self.user_by_id(user)?, id % 2);
                let there = id / 2 == place && child < u32::from(self.special_assignments(place));
                if there { row(place, child as usize) } else { None }
            }
            (Set::PickListV2, [Date(Day::ALWAYS), Str(id)]) => row(self.picks.list(id)? as u32, 0),
            (Set::PickListValueV2, [Date(Day::ALWAYS), Str(list), Str(code)]) => {
                row(u32::from(self.picks.option(list, code)?), 0)
            }
            (_, [Str(code), Date(start)]) => {
                let kind = UnitKind::of(set)?;
                let place = self.units.place(kind, code, &self.texts)?;
                let slices = &self.units.get(kind, place)?.slices;
                row(u32::from(place), slices.iter().position(|slice| slice.start == *start)?)
            }
            _ => None,
        }
    }

    /// The key of a row, in the order of the table's `keys`; empty for a row that is gone.
    pub fn key(&self, row: RowId) -> Vec<KeyPart<'_>> {
        self.key_of(row).unwrap_or_default()
    }

    fn key_of(&self, row: RowId) -> Option<Vec<KeyPart<'_>>> {
        let read = |text| Str(self.texts.read(text));
        let option = |place: u16| self.picks.choices.get(usize::from(place)).map(|choice| Str(choice.text.as_str()));
        let child = usize::from(row.child);
        Some(match row.set {
            Set::User | Set::ExternalUser => vec![read(self.users.get(row.top as usize)?.id)],
            Set::PerPerson | Set::PersonKey | Set::PersonEmpTerminationInfo => vec![read(self.person(row)?.external)],
            Set::PerPersonal => {
                let person = self.person(row)?;
                vec![read(person.external), Date(person.names.get(child)?.start)]
            }
            Set::PerEmail => {
                let person = self.person(row)?;
                vec![option(person.emails.get(child)?.kind)?, read(person.external)]
            }
            Set::PerPhone => {
                let person = self.person(row)?;
                vec![read(person.external), option(person.phones.get(child)?.kind)?]
            }
            Set::EmpEmployment => vec![read(self.person(row)?.external), read(self.employee_id(row)?)],
            Set::EmpEmploymentTermination => {
                vec![Date(self.employment(row)?.end), read(self.person(row)?.external), read(self.employee_id(row)?)]
            }
            Set::EmpJob => {
                let job = self.job(row)?;
                vec![Int(i64::from(job.sequence)), Date(job.start), read(self.employee_id(row)?)]
            }
            Set::Picklist => vec![Str(&self.picks.lists.get(row.top as usize)?.id)],
            Set::PicklistOption => vec![Int(i64::from(self.picks.choices.get(row.top as usize)?.id))],
            Set::PicklistLabel => {
                let choice = self.picks.choices.get(row.top as usize)?;
                vec![Str(&choice.labels.get(child)?.0), Int(i64::from(choice.id))]
            }
            Set::PerAddressDEFLT => {
                let person = self.person(row)?;
                let address = person.addresses.get(child)?;
                vec![read(address.kind), read(person.external), Date(address.start)]
            }
            Set::PerNationalId => {
                let person = self.person(row)?;
                let card = person.cards.get(child)?;
                vec![read(card.kind), read(card.country), read(person.external)]
            }
            Set::UserAccount => vec![read(self.users.get(row.top as usize)?.name)],
            Set::EmpGlobalAssignment => vec![read(self.employee_id(row)?)],
            Set::EmpJobRelationships => {
                let relation = self.employment(row)?.relations.get(usize::from(row.slice))?;
                vec![option(relation.kind)?, Date(relation.start), read(self.employee_id(row)?)]
            }
            Set::EmpCompensation => {
                vec![Date(self.employment(row)?.pay.get(usize::from(row.slice))?.start), read(self.employee_id(row)?)]
            }
            Set::EmpPayCompRecurring => {
                let start = self.employment(row)?.pay.get(usize::from(row.slice))?.start;
                vec![Str("BASE"), Int(1), Date(start), read(self.employee_id(row)?)]
            }
            Set::FOCorporateAddressDEFLT => vec![Int(i64::from(row.top + ADDRESS_IDS))],
            Set::Position => {
                let (position, slice) = self.position(row)?;
                vec![read(position.code), Date(slice.start)]
            }
            Set::Territory => vec![Str(TERRITORIES.get(row.top as usize)?.0)],
            Set::MDFEnumValue => vec![Str(STATUS_ENUM), Str(STATUSES.get(row.top as usize)?.0)],
            Set::Photo => vec![Int(i64::from(row.child)), read(self.users.get(row.top as usize)?.id)],
            Set::ExtPersonalInfo | Set::ExtEmailInfo | Set::ExtPhoneInfo | Set::ExtAddressInfo => {
                vec![Int(i64::from(row.top + PART_IDS))]
            }
            Set::Background_SpecialAssign => {
                let id = i64::from(row.top) * 2 + i64::from(row.child) + i64::from(BACKGROUND_IDS);
                vec![Int(id), read(self.users.get(row.top as usize)?.id)]
            }
            Set::PickListV2 => vec![Date(Day::ALWAYS), Str(&self.picks.lists.get(row.top as usize)?.id)],
            Set::PickListValueV2 => {
                let choice = self.picks.choices.get(row.top as usize)?;
                let list = self.picks.lists.get(usize::from(choice.picklist))?;
                vec![Date(Day::ALWAYS), Str(&list.id), Str(&choice.code)]
            }
            set if is_of_groups(set) => return self.group_key(row),
            set => {
                let unit = self.units.get(UnitKind::of(set)?, row.top as u16)?;
                vec![read(unit.code), Date(unit.slices.get(child)?.start)]
            }
        })
    }

    pub(super) fn employee_id(&self, row: RowId) -> Option<super::text::Text> {
        self.users.get(self.employment(row)?.user as usize).map(|user| user.id)
    }

    /// Place of the user of that id.
    pub(super) fn user_by_id(&self, id: &str) -> Option<u32> {
        let at = self.users_order.binary_search_by(|at| self.user_id(*at).cmp(id)).ok()?;
        self.users_order.get(at).copied()
    }

    /// Place of the person of that id.
    pub(super) fn person_by_id(&self, id: &str) -> Option<u32> {
        let at = self.people_order.binary_search_by(|at| self.person_id(*at).cmp(id)).ok()?;
        self.people_order.get(at).copied()
    }

    pub(super) fn user_id(&self, place: u32) -> &str {
        self.users.get(place as usize).map_or("", |user| self.texts.read(user.id))
    }

    pub(super) fn person_id(&self, place: u32) -> &str {
        self.people.get(place as usize).map_or("", |person| self.texts.read(person.external))
    }

    fn employment_by_ids(&self, person: &str, user: &str) -> Option<(u32, u16)> {
        let top = self.person_by_id(person)?;
        let user = self.user_by_id(user)?;
        let at = self.people.get(top as usize)?.employments.iter().position(|one| one.user == user)?;
        Some((top, at as u16))
    }

    /// A row of a set of employments' slices, by the user and where the slice stands.
    fn slice_of(&self, set: Set, user: &str, at: impl Fn(&Employment) -> Option<usize>) -> Option<RowId> {
        let place = self.user_by_id(user)?;
        let top = self.users.get(place as usize)?.person;
        let (_, child, employment) = self.employment_of(place)?;
        Some(RowId::new(set, top, child, at(employment)? as u16))
    }

    fn job_by_key(&self, sequence: i64, start: Day, user: &str) -> Option<RowId> {
        let place = self.user_by_id(user)?;
        let top = self.users.get(place as usize)?.person;
        let (_, child, employment) = self.employment_of(place)?;
        let slice = employment.jobs.iter().position(|job| job.start == start && i64::from(job.sequence) == sequence)?;
        Some(RowId::new(Set::EmpJob, top, child, slice as u16))
    }
}
