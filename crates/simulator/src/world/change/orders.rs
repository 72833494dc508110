//! Finding what a change is about, and keeping the lists in order.

use super::refused::Refused;
use crate::world::data::{Author, NOBODY, User};
use crate::world::units::UnitKind;
use crate::world::{Stamp, World};

impl World {
    pub(super) fn unit_named(&self, kind: UnitKind, code: &str) -> Result<u16, Refused> {
        let missing = || Refused::NoUnit { set: kind.set().table().name, code: code.to_owned() };
        self.units.place(kind, code, &self.texts).ok_or_else(missing)
    }

    /// The user meant as manager: `NO_MANAGER` is nobody.
    pub(super) fn manager_named(&self, id: &str) -> Result<u32, Refused> {
        if id == "NO_MANAGER" {
            return Ok(NOBODY);
        }
        self.user_by_id(id).ok_or(Refused::NoManager)
    }

    /// A person by personIdExternal, or by the userId of one of their employments.
    pub(super) fn person_meant(&self, who: &str) -> Result<u32, Refused> {
        let by_user = || self.users.get(self.user_by_id(who)? as usize).map(|user| user.person);
        self.person_by_id(who).or_else(by_user).filter(|top| *top != NOBODY).ok_or(Refused::Unknown)
    }

    /// The employment meant: by personIdExternal the person's main one today, else by userId that user's.
    pub(super) fn employment_meant(&self, who: &str) -> Result<(u32, usize), Refused> {
        if let Some(top) = self.person_by_id(who) {
            let person = self.people.get(top as usize).ok_or(Refused::Unknown)?;
            let main = person.main_employment(self.today()).ok_or(Refused::NoEmployment)?.user;
            let child = person.employments.iter().position(|one| one.user == main).ok_or(Refused::NoEmployment)?;
            return Ok((top, child));
        }
        let user = self.user_by_id(who).ok_or(Refused::Unknown)?;
        let (_, child, _) = self.employment_of(user).ok_or(Refused::NoEmployment)?;
        let top = self.users.get(user as usize).map(|user| user.person).ok_or(Refused::Unknown)?;
        Ok((top, usize::from(child)))
    }

    /// Gives a user a place among the users.
    pub(super) fn enrol(&mut self, user: User) -> u32 {
        let place = self.users.len() as u32;
        let id = self.texts.read(user.id).to_owned();
        self.users.push(user);
        self.reports.push(Vec::new());
        let at = self.users_order.partition_point(|at| self.user_id(*at) < id.as_str());
        self.users_order.insert(at, place);
        place
    }

    /// Notes that the user has, had or will have that manager.
    pub(super) fn note_report(&mut self, manager: u32, user: u32) {
        if let Some(reports) = self.reports.get_mut(manager as usize)
            && !reports.contains(&user)
        {
            reports.push(user);
        }
    }

    /// HRIS sync: the user follows the person again, and was changed now; unless syncs come on order.
    pub(super) fn sync(&mut self, user: u32, now: Stamp, overwritten: &[crate::schema::user::user::P]) {
        if self.effects.sync_waits {
            self.effects.unsynced.insert(user);
            return;
        }
        let Some(user) = self.users.get_mut(user as usize) else { return };
        user.audit.touch(now, Author::Import);
        if let Some(written) = self.written.get_mut(user.written as usize) {
            written.retain(|(property, _)| !overwritten.iter().any(|one| *one as u16 == *property));
        }
    }

    /// An id that no person and no user has, and that is not given again.
    pub fn next_person_id(&mut self) -> String {
        let mut number = self.person_ids.max(100_000 + self.people.len() as u64);
        let taken = |id: &str| self.person_by_id(id).is_some() || self.user_by_id(id).is_some();
        while taken(&number.to_string()) {
            number += 1;
        }
        self.person_ids = number + 1;
        number.to_string()
    }

    /// An id that no person and no user has.
    pub(super) fn fresh_id(&self) -> String {
        let base = if self.people.len() > 900_000 { 1_000_000 } else { 100_000 };
        let mut number = base + self.people.len();
        loop {
            let id = number.to_string();
            if self.person_by_id(&id).is_none() && self.user_by_id(&id).is_none() {
                return id;
            }
            number += 1;
        }
    }
}
