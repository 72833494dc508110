//! Writing persons and their names.

use super::refused::WriteRefused;
use super::row::{Operation, RowWrite};
use super::rows::Written;
use crate::schema::Set;
use crate::schema::person::{per_person, per_personal};
use crate::schema::user::user::P as U;
use crate::world::data::{Audit, Author, Gender, NOBODY, NOTHING, Name, Person};
use crate::world::text::Text;
use crate::world::{Day, RowId, Value, World};

impl World {
    pub(super) fn write_person(&mut self, row: &RowWrite) -> Written {
        use per_person::P;
        Self::demand(row, &[P::personIdExternal as usize])?;
        let id = row.text(P::personIdExternal as usize).unwrap_or_default();
        let known = self.person_by_id(id);
        if let Some(user) = row.text(P::userId as usize) {
            let place = self.user_by_id(user);
            let place = place.ok_or_else(|| WriteRefused::Order { set: "User", id: user.to_owned() })?;
            let owner = self.users.get(place as usize).map_or(NOBODY, |user| user.person);
            if owner != NOBODY && Some(owner) != known {
                return Err(WriteRefused::NoPerson);
            }
        }
        let before = known.map(|top| self.shown(RowId::new(Set::PerPerson, top, 0, 0)));
        let top = match known {
            Some(top) => top,
            None => {
                Self::demand(row, &[P::dateOfBirth as usize])?;
                self.enter_person(id)
            }
        };
        let place = RowId::new(Set::PerPerson, top, 0, 0);
        let mut more = Vec::new();
        for (at, value) in &row.values {
            match (P::ALL.get(*at), value) {
                (Some(P::personIdExternal), _) => {}
                (Some(P::dateOfBirth), Value::Date(day)) => {
                    if let Some(person) = self.people.get_mut(top as usize) {
                        person.birth = *day;
                    }
                }
                _ => more.push((*at as u16, value.clone())),
            }
        }
        self.write_more(place, more);
        Ok(self.written_row(place, before))
    }

    /// A person of whom nothing is known yet.
    fn enter_person(&mut self, id: &str) -> u32 {
        let top = self.people.len() as u32;
        let now = self.stamp();
        let uuid = format!("{:016X}{:016X}", u64::from(now.0).rotate_left(32), self.people.len());
        let person = Person {
            external: self.texts.add(id),
            uuid: self.texts.add(&uuid),
            birth: self.today(),
            birthplace: Text::NONE,
            country: Text::NONE,
            gone: false,
            audit: Audit::at(now, Author::Api),
            names: Vec::new(),
            emails: Vec::new(),
            phones: Vec::new(),
            addresses: Vec::new(),
            cards: Vec::new(),
            employments: Vec::new(),
        };
        self.people.push(person);
        let at = self.people_order.partition_point(|at| self.person_id(*at) < id);
        self.people_order.insert(at, top);
        top
    }

    pub(super) fn write_personal(&mut self, row: &RowWrite) -> Written {
        use per_personal::P;
        Self::demand(row, &[P::personIdExternal as usize, P::startDate as usize])?;
        let top = self.person_of_row(row.text(P::personIdExternal as usize))?;
        let start = row.day(P::startDate as usize).unwrap_or(Day::ALWAYS);
        let names = self.people.get(top as usize).map_or(&[][..], |person| person.names.as_slice());
        let same = names.iter().position(|name| name.start == start);
        if let Some(operation) = row.operation {
            return self.take_name(top, same, operation);
        }
        let before = same.map(|at| self.shown(RowId::new(Set::PerPersonal, top, at as u16, 0)));
        let at = match same {
            Some(at) => at,
            None => self.insert_name(top, start, row)?,
        };
        let place = RowId::new(Set::PerPersonal, top, at as u16, 0);
        let more = self.edit_name(top, at, row);
        self.write_more(place, more);
        let (today, end) = (self.today(), self.span(place).map_or(Day::FOREVER, |(_, end)| end));
        let result = self.written_row(place, before);
        // Before the first day it is the first slice that describes somebody.
        let counts = at == 0 && today < start || start <= today && today <= end;
        if counts && result.done != super::Done::Unchanged {
            let synced = [
                U::firstName,
                U::lastName,
                U::mi,
                U::nickname,
                U::defaultFullName,
                U::gender,
                U::nationality,
                U::salutation,
            ];
            self.sync_person(top, &synced);
        }
        Ok(result)
    }

    /// The person whose record is written: `can not get personId` when there is none.
    pub(super) fn person_of_row(&self, id: Option<&str>) -> Result<u32, WriteRefused> {
        id.and_then(|id| self.person_by_id(id)).ok_or(WriteRefused::NoPerson)
    }

    /// A new slice from that day on: a copy of the one in force, or the first of all.
    fn insert_name(&mut self, top: u32, start: Day, row: &RowWrite) -> Result<usize, WriteRefused> {
        use per_personal::P;
        let now = Audit::at(self.stamp(), Author::Api);
        let language = self.picks.option("language", "en_US").unwrap_or(NOTHING);
        let person = self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?;
        if let Some(at) = person.name_at(start) {
            let mut name = person.names[at].clone();
            let more = name.audit.more;
            (name.start, name.audit) = (start, Audit { more, ..now });
            person.names[at].end = start.plus(-1);
            person.names.insert(at + 1, name);
            return Ok(at + 1);
        }
        // The first slice, or one before it.
        Self::demand(row, &[P::firstName as usize, P::lastName as usize])?;
        let end = person.names.first().map_or(Day::FOREVER, |first| first.start.plus(-1));
        let (none, more) = (Text::NONE, NOBODY);
        let name = Name {
            start,
            end,
            first: none,
            last: none,
            middle: none,
            preferred: none,
            display: none,
            gender: Gender::Undeclared,
            nationality: none,
            salutation: NOTHING,
            marital: NOTHING,
            language,
            audit: Audit { more, ..now },
        };
        person.names.insert(0, name);
        Ok(0)
    }

    /// Puts the row's values into a slice; what has no field of its own is returned.
    fn edit_name(&mut self, top: u32, at: usize, row: &RowWrite) -> Vec<(u16, Value)> {
        use per_personal::P;
        let mut more = Vec::new();
        let Some(mut name) = self.people.get(top as usize).and_then(|person| person.names.get(at)).cloned() else {
            return more;
        };
        for (property, value) in &row.values {
            let text = match value {
                Value::Text(text) if !text.is_empty() => Some(text.as_str()),
                _ => None,
            };
            let stored = text.map_or(Text::NONE, |text| self.texts.add(text));
            match P::ALL.get(*property) {
                // Gap-free slices end where the next begins, whatever is sent.
                Some(P::personIdExternal | P::startDate | P::endDate) => {}
                Some(P::firstName) => name.first = stored,
                Some(P::lastName) => name.last = stored,
                Some(P::middleName) => name.middle = stored,
                Some(P::preferredName) => name.preferred = stored,
                Some(P::displayName) => name.display = stored,
                Some(P::nationality) => name.nationality = stored,
                Some(P::gender) if matches!(text, Some("F" | "M" | "U")) => {
                    name.gender = match text {
                        Some("F") => Gender::Female,
                        Some("M") => Gender::Male,
                        _ => Gender::Undeclared,
                    };
                }
                Some(P::salutation) => name.salutation = self.option_place("salutation", text),
                Some(P::maritalStatus) => name.marital = self.option_place("ecMaritalStatus", text),
                Some(P::nativePreferredLang) => name.language = self.option_place("language", text),
                _ => more.push((*property as u16, value.clone())),
            }
        }
        if !row.has(P::displayName as usize) && (row.has(P::firstName as usize) || row.has(P::lastName as usize)) {
            let display = format!("{} {}", self.texts.read(name.first), self.texts.read(name.last));
            name.display = self.texts.add(display.trim());
        }
        if let Some(place) = self.people.get_mut(top as usize).and_then(|person| person.names.get_mut(at)) {
            *place = name;
        }
        more
    }

    pub(super) fn option_place(&self, list: &str, named: Option<&str>) -> u16 {
        named.and_then(|name| self.picks.named(list, name)).unwrap_or(NOTHING)
    }

    fn take_name(&mut self, top: u32, at: Option<usize>, operation: Operation) -> Written {
        let at = at.ok_or(WriteRefused::Missing(Set::PerPersonal))?;
        if operation == Operation::Delimit {
            return Err(WriteRefused::rule("DELIMIT is not possible: personal information has no gaps."));
        }
        let key = self.key_of_row(RowId::new(Set::PerPersonal, top, at as u16, 0));
        let person = self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?;
        if person.names.len() == 1 {
            return Err(WriteRefused::rule("The only record of personal information can not be deleted."));
        }
        let gone = person.names.remove(at);
        // Of the first slice nobody takes the time: the history begins later then.
        if let Some(before) = at.checked_sub(1).and_then(|before| person.names.get_mut(before)) {
            before.end = gone.end;
        }
        self.sync_person(top, &[U::firstName, U::lastName, U::mi, U::nickname, U::defaultFullName]);
        Ok(Self::taken_away(key))
    }
}
