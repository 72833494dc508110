//! Writing e-mail addresses and phones.

use super::refused::WriteRefused;
use super::row::{Manner, Operation, RowWrite};
use super::rows::Written;
use crate::schema::Set;
use crate::schema::person::{per_email, per_phone};
use crate::schema::user::user::P as U;
use crate::world::data::{Audit, Author, Email, Phone};
use crate::world::text::Text;
use crate::world::{RowId, Value, World};

impl World {
    pub(super) fn write_email(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        use per_email::P;
        Self::demand(row, &[P::personIdExternal as usize, P::emailType as usize])?;
        let top = self.person_of_row(row.text(P::personIdExternal as usize))?;
        let kind = self.kind("ecEmailType", "emailType", row.text(P::emailType as usize))?;
        let emails = self.people.get(top as usize).map_or(&[][..], |person| person.emails.as_slice());
        let at = emails.iter().position(|email| email.kind == kind);
        let place = |at: usize| RowId::new(Set::PerEmail, top, at as u16, 0);
        if let Some(operation) = row.operation {
            may_go(operation, row.flag(P::isPrimary as usize))?;
            let at = at.ok_or(WriteRefused::Missing(Set::PerEmail))?;
            let key = self.key_of_row(place(at));
            if let Some(person) = self.people.get_mut(top as usize) {
                person.emails.remove(at);
            }
            self.sync_person(top, &[U::email]);
            return Ok(Self::taken_away(key));
        }
        let before = at.map(|at| self.shown(place(at)));
        let at = match at {
            Some(at) => at,
            None => {
                Self::demand(row, &[P::emailAddress as usize, P::isPrimary as usize])?;
                let audit = Audit::at(self.stamp(), Author::Api);
                let person = self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?;
                person.emails.push(Email { kind, primary: false, address: Text::NONE, audit });
                person.emails.len() - 1
            }
        };
        let primary = row.flag(P::isPrimary as usize);
        if primary == Some(true) && manner.primary_moves {
            self.only_primary_email(top, at);
        }
        let mut more = Vec::new();
        for (property, value) in &row.values {
            match (P::ALL.get(*property), value) {
                (Some(P::personIdExternal | P::emailType | P::isPrimary), _) => {}
                (Some(P::emailAddress), Value::Text(text)) if !text.is_empty() => {
                    let address = self.texts.add(text);
                    if let Some(email) = self.people.get_mut(top as usize).and_then(|one| one.emails.get_mut(at)) {
                        email.address = address;
                    }
                }
                (Some(P::emailAddress), _) => return Err(WriteRefused::Required(vec!["emailAddress".to_owned()])),
                _ => more.push((*property as u16, value.clone())),
            }
        }
        if let Some(email) = self.people.get_mut(top as usize).and_then(|one| one.emails.get_mut(at)) {
            email.primary = primary.unwrap_or(email.primary);
        }
        self.write_more(place(at), more);
        let result = self.written_row(place(at), before);
        if result.done != super::Done::Unchanged {
            self.sync_person(top, &[U::email]);
        }
        Ok(result)
    }

    pub(super) fn write_phone(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        use per_phone::P;
        Self::demand(row, &[P::personIdExternal as usize, P::phoneType as usize])?;
        let top = self.person_of_row(row.text(P::personIdExternal as usize))?;
        let kind = self.kind("ecPhoneType", "phoneType", row.text(P::phoneType as usize))?;
        let phones = self.people.get(top as usize).map_or(&[][..], |person| person.phones.as_slice());
        let at = phones.iter().position(|phone| phone.kind == kind);
        let place = |at: usize| RowId::new(Set::PerPhone, top, at as u16, 0);
        let synced = [U::businessPhone, U::cellPhone];
        if let Some(operation) = row.operation {
            may_go(operation, row.flag(P::isPrimary as usize))?;
            let at = at.ok_or(WriteRefused::Missing(Set::PerPhone))?;
            let key = self.key_of_row(place(at));
            if let Some(person) = self.people.get_mut(top as usize) {
                person.phones.remove(at);
            }
            self.sync_person(top, &synced);
            return Ok(Self::taken_away(key));
        }
        let before = at.map(|at| self.shown(place(at)));
        let at = match at {
            Some(at) => at,
            None => {
                Self::demand(row, &[P::phoneNumber as usize, P::isPrimary as usize])?;
                let (none, audit) = (Text::NONE, Audit::at(self.stamp(), Author::Api));
                let person = self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?;
                let phone =
                    Phone { kind, primary: false, country: none, area: none, number: none, extension: none, audit };
                person.phones.push(phone);
                person.phones.len() - 1
            }
        };
        let primary = row.flag(P::isPrimary as usize);
        if primary == Some(true) && manner.primary_moves {
            self.only_primary_phone(top, at);
        }
        let found = self.people.get(top as usize).and_then(|person| person.phones.get(at)).cloned();
        let mut phone = found.ok_or(WriteRefused::Missing(Set::PerPhone))?;
        phone.primary = primary.unwrap_or(phone.primary);
        let mut more = Vec::new();
        for (property, value) in &row.values {
            let stored = match value {
                Value::Text(text) if !text.is_empty() => self.texts.add(text),
                _ => Text::NONE,
            };
            match P::ALL.get(*property) {
                Some(P::personIdExternal | P::phoneType | P::isPrimary) => {}
                Some(P::phoneNumber) if stored.is_none() => {
                    return Err(WriteRefused::Required(vec!["phoneNumber".to_owned()]));
                }
                Some(P::phoneNumber) => phone.number = stored,
                Some(P::areaCode) => phone.area = stored,
                Some(P::countryCode) => phone.country = stored,
                Some(P::extension) => phone.extension = stored,
                _ => more.push((*property as u16, value.clone())),
            }
        }
        if let Some(place) = self.people.get_mut(top as usize).and_then(|person| person.phones.get_mut(at)) {
            *place = phone;
        }
        self.write_more(place(at), more);
        let result = self.written_row(place(at), before);
        if result.done != super::Done::Unchanged {
            self.sync_person(top, &synced);
        }
        Ok(result)
    }

    fn kind(&self, list: &str, property: &str, named: Option<&str>) -> Result<u16, WriteRefused> {
        let name = named.unwrap_or_default();
        self.picks.named(list, name).ok_or_else(|| WriteRefused::value(property, name))
    }

    /// The option of companies since 1H 2026: a new primary takes it from the old one.
    fn only_primary_email(&mut self, top: u32, at: usize) {
        let now = self.stamp();
        let Some(person) = self.people.get_mut(top as usize) else { return };
        for (_, other) in person.emails.iter_mut().enumerate().filter(|(one, email)| *one != at && email.primary) {
            other.primary = false;
            other.audit.touch(now, Author::Api);
        }
    }

    fn only_primary_phone(&mut self, top: u32, at: usize) {
        let now = self.stamp();
        let Some(person) = self.people.get_mut(top as usize) else { return };
        for (_, other) in person.phones.iter_mut().enumerate().filter(|(one, phone)| *one != at && phone.primary) {
            other.primary = false;
            other.audit.touch(now, Author::Api);
        }
    }
}

/// A record without dates can be deleted, and the request must say whether it is primary (KBA 3386831).
pub(super) fn may_go(operation: Operation, primary: Option<bool>) -> Result<(), WriteRefused> {
    if operation == Operation::Delimit {
        return Err(WriteRefused::rule("DELIMIT is not possible: the record has no dates. Use DELETE."));
    }
    primary.map(|_| ()).ok_or(WriteRefused::Flag)
}
