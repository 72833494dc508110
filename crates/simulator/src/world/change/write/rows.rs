//! Many rows: whose they are, what stands together, and taking back what was refused.

use super::refused::WriteRefused;
use super::row::{Done, Manner, Purge, RowDone, RowWrite};
use crate::schema::Set;
use crate::schema::employment::{emp_employment, emp_employment_termination};
use crate::schema::household::{per_address_deflt, per_national_id};
use crate::schema::job::emp_job;
use crate::schema::pay::{emp_compensation, emp_pay_comp_recurring};
use crate::schema::person::{per_email, per_person, per_personal, per_phone};
use crate::schema::relations::{emp_global_assignment, emp_job_relationships};
use crate::world::data::{Author, Person, User};
use crate::world::row::KeyPart;
use crate::world::units::UnitKind;
use crate::world::{RowId, Value, World};

/// A row's result.
pub(super) type Written = Result<RowDone, WriteRefused>;

/// A user's place, the user, and its written values.
type UserBefore = (u32, User, Vec<(u16, Value)>);

/// How things stood before the rows of one person were written.
struct Before {
    people: usize,
    person: Option<(u32, Person)>,
    users: Vec<UserBefore>,
}

impl World {
    /// Writes rows, each or none of each person. The results stand in the order of the rows.
    pub fn write(&mut self, rows: &[RowWrite], manner: &Manner) -> Vec<Written> {
        let mut results: Vec<Option<Written>> = rows.iter().map(|_| None).collect();
        let mut groups: Vec<(Set, String, Vec<usize>)> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let whose = if alone(row.set) { at.to_string() } else { self.whose(row) };
            match groups.iter_mut().find(|(set, who, _)| *set == row.set && *who == whose) {
                Some((.., group)) => group.push(at),
                None => groups.push((row.set, whose, vec![at])),
            }
        }
        for (set, _, group) in groups {
            let rows: Vec<&RowWrite> = group.iter().filter_map(|at| rows.get(*at)).collect();
            let done = if alone(set) {
                rows.iter().map(|row| self.write_alone(row, manner)).collect()
            } else {
                self.write_together(set, &rows, manner)
            };
            for (at, one) in group.into_iter().zip(done) {
                if let Some(result) = results.get_mut(at) {
                    *result = Some(one);
                }
            }
        }
        results.into_iter().map(|result| result.unwrap_or(Err(WriteRefused::Together))).collect()
    }

    /// Whose a row is: rows of one person are written together, also when they name it by different ids.
    fn whose(&self, row: &RowWrite) -> String {
        let (person, user) = names(row);
        let by_user = || Some(self.person_id(self.users.get(self.user_by_id(user?)? as usize)?.person).to_owned());
        let person = person.map(str::to_owned).or_else(|| by_user().filter(|id| !id.is_empty()));
        person.or_else(|| user.map(str::to_owned)).unwrap_or_default()
    }

    fn write_together(&mut self, set: Set, rows: &[&RowWrite], manner: &Manner) -> Vec<Written> {
        let before = self.before(rows);
        if manner.sync_waits {
            let employed: Vec<u32> = before.users.iter().map(|(place, ..)| *place).collect();
            self.hold_users(&employed.into_iter().filter(|one| self.employment_of(*one).is_some()).collect::<Vec<_>>());
            self.effects.sync_waits = true;
        }
        if manner.purge == Purge::Full
            && let Some((top, _)) = before.person
        {
            self.clear_for_full(set, top, rows);
        }
        let mut results: Vec<Written> = Vec::new();
        for row in rows {
            let written = self.typed(row, manner.verb).and_then(|row| self.write_one(&row, manner));
            results.push(written);
        }
        self.effects.sync_waits = false;
        if results.iter().all(Result::is_ok)
            && let Some(broken) = self.broken_primary(set, rows)
        {
            results = rows.iter().map(|_| Err(broken.clone())).collect();
        }
        if results.iter().any(Result::is_err) {
            self.put_back(before);
            for result in &mut results {
                if result.is_ok() {
                    *result = Err(WriteRefused::Together);
                }
            }
        }
        results
    }

    /// Deletes the row of that key.
    pub fn delete(&mut self, row: &RowWrite) -> Result<(), WriteRefused> {
        match row.set {
            Set::Photo => self.delete_photo(row),
            Set::Position => self.delete_position(row),
            Set::PickListV2 | Set::PickListValueV2 => self.delete_pick(row),
            set if UnitKind::of(set).is_some() => self.delete_unit(row),
            _ => Err(WriteRefused::Unsupported("delete")),
        }
    }

    fn write_alone(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        if row.set == Set::User {
            return self.write_user(row, manner);
        }
        let row = self.typed(row, manner.verb)?;
        match row.set {
            Set::UserAccount => self.write_account(&row),
            Set::ExternalUser => self.write_external(&row, manner),
            Set::Photo => self.write_photo(&row, manner),
            Set::Position => self.write_position(&row, manner),
            Set::PicklistOption => self.write_option(&row, manner),
            Set::PicklistLabel => self.write_label(&row, manner),
            Set::PickListV2 => self.write_list_v2(&row, manner),
            Set::PickListValueV2 => self.write_value_v2(&row, manner),
            Set::ExtPersonalInfo | Set::ExtEmailInfo | Set::ExtPhoneInfo | Set::ExtAddressInfo => self.write_part(&row),
            Set::FOCorporateAddressDEFLT => self.write_site(&row),
            _ => self.write_unit(&row, manner),
        }
    }

    fn write_one(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        match row.set {
            Set::PerAddressDEFLT => self.write_address(row),
            Set::PerNationalId => self.write_card(row),
            Set::EmpJobRelationships => self.write_relation(row),
            Set::EmpGlobalAssignment => self.write_abroad(row),
            Set::PerPerson => self.write_person(row),
            Set::PerPersonal => self.write_personal(row),
            Set::PerEmail => self.write_email(row, manner),
            Set::PerPhone => self.write_phone(row, manner),
            Set::EmpEmployment => self.write_employment(row),
            Set::EmpEmploymentTermination => self.write_termination(row),
            Set::EmpJob => self.write_job(row),
            Set::EmpCompensation => self.write_compensation(row),
            Set::EmpPayCompRecurring => self.write_component(row),
            _ => Err(WriteRefused::Unsupported("upsert")),
        }
    }

    fn before(&self, rows: &[&RowWrite]) -> Before {
        let top = rows.first().and_then(|row| self.person_by_id(&self.whose(row)));
        let person = top.and_then(|top| Some((top, self.people.get(top as usize)?.clone())));
        let of_person = person.iter().flat_map(|(_, person)| person.employments.iter().map(|one| one.user));
        let named = rows.iter().filter_map(|row| self.user_by_id(names(row).1?));
        let mut places: Vec<u32> = of_person.chain(named).collect();
        places.sort_unstable();
        places.dedup();
        let user = |place: u32| {
            let user = self.users.get(place as usize)?.clone();
            let written = self.written.get(user.written as usize).cloned().unwrap_or_default();
            Some((place, user, written))
        };
        Before { people: self.people.len(), person, users: places.into_iter().filter_map(user).collect() }
    }

    fn put_back(&mut self, before: Before) {
        self.people.truncate(before.people);
        self.people_order.retain(|place| (*place as usize) < before.people);
        if let Some((top, person)) = before.person
            && let Some(place) = self.people.get_mut(top as usize)
        {
            *place = person;
        }
        for (place, user, written) in before.users {
            if let Some(list) = self.written.get_mut(user.written as usize) {
                *list = written;
            }
            if let Some(place) = self.users.get_mut(place as usize) {
                *place = user;
            }
        }
    }

    /// `purgeType=full`: the payload is all there shall be.
    fn clear_for_full(&mut self, set: Set, top: u32, rows: &[&RowWrite]) {
        let users: Vec<u32> = rows.iter().filter_map(|row| self.user_by_id(names(row).1?)).collect();
        let Some(person) = self.people.get_mut(top as usize) else { return };
        match set {
            Set::PerPersonal => person.names.clear(),
            Set::PerEmail => person.emails.clear(),
            Set::PerPhone => person.phones.clear(),
            Set::PerAddressDEFLT => person.addresses.clear(),
            Set::PerNationalId => person.cards.clear(),
            Set::EmpJobRelationships => {
                for employment in person.employments.iter_mut().filter(|one| users.contains(&one.user)) {
                    employment.relations.clear();
                }
            }
            Set::EmpCompensation => {
                for employment in person.employments.iter_mut().filter(|one| users.contains(&one.user)) {
                    employment.pay.clear();
                }
            }
            Set::EmpJob => {
                for employment in person.employments.iter_mut().filter(|one| users.contains(&one.user)) {
                    employment.jobs.clear();
                    employment.end = crate::world::Day::FOREVER;
                    employment.leaving = None;
                }
            }
            _ => {}
        }
    }

    /// After all rows of a person: exactly one primary e-mail, and one primary phone.
    fn broken_primary(&self, set: Set, rows: &[&RowWrite]) -> Option<WriteRefused> {
        let person = self.people.get(self.person_by_id(names(rows.first()?).0?)? as usize)?;
        let (count, primary) = match set {
            Set::PerEmail => (person.emails.len(), person.emails.iter().filter(|one| one.primary).count()),
            Set::PerPhone => (person.phones.len(), person.phones.iter().filter(|one| one.primary).count()),
            _ => return None,
        };
        (primary != usize::from(count > 0)).then_some(WriteRefused::Primary(set))
    }

    /// The result of a row that is there now; `before` is what it showed, when it was there.
    pub(super) fn written_row(&mut self, row: RowId, before: Option<Vec<String>>) -> RowDone {
        let done = if before.is_some_and(|before| before == self.shown(row)) {
            Done::Unchanged
        } else {
            let now = self.stamp();
            if let Some(audit) = self.audit_mut(row) {
                audit.touch(now, Author::Api);
            }
            Done::Upserted
        };
        RowDone { done, row: Some(row), key: key_text(row.set, &self.key(row)) }
    }

    /// The result of a row that was taken away; its key was made before.
    pub(super) fn taken_away(key: String) -> RowDone {
        RowDone { done: Done::Upserted, row: None, key }
    }

    pub(super) fn key_of_row(&self, row: RowId) -> String {
        key_text(row.set, &self.key(row))
    }

    /// Fails naming the properties of `wanted` that were not sent.
    pub(super) fn demand(row: &RowWrite, wanted: &[usize]) -> Result<(), WriteRefused> {
        let properties = row.set.table().properties;
        let missing: Vec<String> = wanted
            .iter()
            .filter(|at| !row.has(**at))
            .filter_map(|at| properties.get(*at))
            .map(|property| property.name.to_owned())
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(WriteRefused::Required(missing)) }
    }

    /// HRIS sync of every user of a person.
    pub(super) fn sync_person(&mut self, top: u32, overwritten: &[crate::schema::user::user::P]) {
        let now = self.stamp();
        let Some(person) = self.people.get(top as usize) else { return };
        let users: Vec<u32> = person.employments.iter().map(|employment| employment.user).collect();
        for user in users {
            self.sync(user, now, overwritten);
        }
    }
}

/// Sets of which every row stands for itself.
fn alone(set: Set) -> bool {
    matches!(
        set,
        Set::User
            | Set::UserAccount
            | Set::ExternalUser
            | Set::ExtPersonalInfo
            | Set::ExtEmailInfo
            | Set::ExtPhoneInfo
            | Set::ExtAddressInfo
            | Set::Photo
            | Set::Position
            | Set::PicklistOption
            | Set::PicklistLabel
            | Set::PickListV2
            | Set::PickListValueV2
            | Set::FOCorporateAddressDEFLT
    ) || UnitKind::of(set).is_some()
}

/// personIdExternal and userId of a row, as far as its set has them.
fn names(row: &RowWrite) -> (Option<&str>, Option<&str>) {
    match row.set {
        Set::PerPerson => {
            (row.text(per_person::P::personIdExternal as usize), row.text(per_person::P::userId as usize))
        }
        Set::PerPersonal => (row.text(per_personal::P::personIdExternal as usize), None),
        Set::PerEmail => (row.text(per_email::P::personIdExternal as usize), None),
        Set::PerPhone => (row.text(per_phone::P::personIdExternal as usize), None),
        Set::EmpEmployment => {
            (row.text(emp_employment::P::personIdExternal as usize), row.text(emp_employment::P::userId as usize))
        }
        Set::EmpEmploymentTermination => {
            use emp_employment_termination::P;
            (row.text(P::personIdExternal as usize), row.text(P::userId as usize))
        }
        Set::EmpJob => (None, row.text(emp_job::P::userId as usize)),
        Set::PerAddressDEFLT => (row.text(per_address_deflt::P::personIdExternal as usize), None),
        Set::PerNationalId => (row.text(per_national_id::P::personIdExternal as usize), None),
        Set::EmpJobRelationships => (None, row.text(emp_job_relationships::P::userId as usize)),
        Set::EmpGlobalAssignment => (None, row.text(emp_global_assignment::P::userId as usize)),
        Set::EmpCompensation => (None, row.text(emp_compensation::P::userId as usize)),
        Set::EmpPayCompRecurring => (None, row.text(emp_pay_comp_recurring::P::userId as usize)),
        _ => (None, None),
    }
}

/// A key as results of Employee Central write it; users, and other platform entities with one key property, are
/// called by its value.
fn key_text(set: Set, key: &[KeyPart<'_>]) -> String {
    let table = set.table();
    if let (Set::User | Set::UserAccount | Set::ExternalUser, [KeyPart::Str(id)]) = (set, key) {
        return (*id).to_owned();
    }
    let one_number = matches!(
        set,
        Set::PicklistOption | Set::ExtPersonalInfo | Set::ExtEmailInfo | Set::ExtPhoneInfo | Set::ExtAddressInfo
    );
    if let (true, [KeyPart::Int(id)]) = (one_number, key) {
        return id.to_string();
    }
    let parts = table.keys.iter().zip(key).map(|(name, part)| {
        let value = match part {
            KeyPart::Str(text) => (*text).to_owned(),
            KeyPart::Int(number) => number.to_string(),
            KeyPart::Day(day) => format!("{day}T00:00:00.000Z"),
        };
        format!("{}/{name}={value}", table.name)
    });
    parts.collect::<Vec<_>>().join(",")
}
