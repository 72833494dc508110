//! Writing addresses and national ids.

use super::refused::WriteRefused;
use super::row::{Operation, RowWrite};
use super::rows::Written;
use crate::schema::Set;
use crate::schema::household::{per_address_deflt, per_national_id};
use crate::world::data::{Audit, Author};
use crate::world::segments::{Address, Card};
use crate::world::territory::territory;
use crate::world::text::Text;
use crate::world::{Day, RowId, Value, World};

impl World {
    pub(super) fn write_address(&mut self, row: &RowWrite) -> Written {
        use per_address_deflt::P;
        Self::demand(row, &[P::addressType as usize, P::personIdExternal as usize, P::startDate as usize])?;
        let top = self.person_of_row(row.text(P::personIdExternal as usize))?;
        let kind = row.text(P::addressType as usize).unwrap_or_default().to_owned();
        let start = row.day(P::startDate as usize).unwrap_or(Day::ALWAYS);
        let addresses = self.people.get(top as usize).map_or(&[][..], |person| person.addresses.as_slice());
        let of_kind = |one: &&Address| self.texts.read(one.kind) == kind;
        let same = addresses.iter().position(|one| one.start == start && of_kind(&one));
        let in_force = addresses.iter().position(|one| one.start <= start && start <= one.end && of_kind(&one));
        let place = |at: usize| RowId::new(Set::PerAddressDEFLT, top, at as u16, 0);
        match row.operation {
            Some(Operation::Delete) => {
                let at = same.ok_or(WriteRefused::Missing(Set::PerAddressDEFLT))?;
                let key = self.key_of_row(place(at));
                self.take_address(top, at, &kind);
                return Ok(Self::taken_away(key));
            }
            Some(Operation::Delimit) => {
                let at = in_force.ok_or(WriteRefused::Missing(Set::PerAddressDEFLT))?;
                let key = self.key_of_row(place(at));
                self.end_address(top, at, start, &kind);
                return Ok(Self::taken_away(key));
            }
            None => {}
        }
        let before = same.map(|at| self.shown(place(at)));
        let at = match same {
            Some(at) => at,
            None => self.insert_address(top, in_force, start, &kind, row)?,
        };
        let found = self.people.get(top as usize).and_then(|person| person.addresses.get(at)).cloned();
        let mut address = found.ok_or(WriteRefused::Missing(Set::PerAddressDEFLT))?;
        let mut more = Vec::new();
        for (property, value) in &row.values {
            let text = match value {
                Value::Text(text) if !text.is_empty() => Some(text.as_str()),
                _ => None,
            };
            let mut stored = || text.map_or(Text::NONE, |text| self.texts.add(text));
            match P::ALL.get(*property) {
                Some(P::personIdExternal | P::addressType | P::startDate | P::endDate) => {}
                Some(P::address1) => address.street = stored(),
                Some(P::address2) => address.more = stored(),
                Some(P::zipCode) => address.zip = stored(),
                Some(P::city) => address.city = stored(),
                Some(P::country) => {
                    let code = text.unwrap_or_default();
                    territory(code).ok_or_else(|| WriteRefused::value("country", code))?;
                    address.country = self.texts.shared(code);
                }
                _ => more.push((*property as u16, value.clone())),
            }
        }
        if let Some(slot) = self.people.get_mut(top as usize).and_then(|person| person.addresses.get_mut(at)) {
            *slot = address;
        }
        self.write_more(place(at), more);
        Ok(self.written_row(place(at), before))
    }

    /// A slice from that day on: a copy of the one in force, or the first of its kind.
    fn insert_address(
        &mut self,
        top: u32,
        in_force: Option<usize>,
        start: Day,
        kind: &str,
        row: &RowWrite,
    ) -> Result<usize, WriteRefused> {
        use per_address_deflt::P;
        let now = Audit::at(self.stamp(), Author::Api);
        let none = Text::NONE;
        if in_force.is_none() {
            Self::demand(row, &[P::country as usize])?;
        }
        let kind_text = self.texts.shared(kind);
        let texts = &self.texts;
        let person = self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?;
        if let Some(at) = in_force {
            let mut address = person.addresses[at].clone();
            let more = address.audit.more;
            (address.start, address.audit) = (start, Audit { more, ..now });
            person.addresses[at].end = start.plus(-1);
            person.addresses.insert(at + 1, address);
            return Ok(at + 1);
        }
        // Before the first of its kind, after one that was ended, or the first at all: slices of a kind stay together.
        let same = |one: &Address| texts.read(one.kind) == kind;
        let later = person.addresses.iter().position(|one| same(one) && one.start > start);
        let after = person.addresses.iter().rposition(same).map(|at| at + 1);
        let at = later.or(after).unwrap_or(person.addresses.len());
        let end = later.and_then(|at| person.addresses.get(at)).map_or(Day::FOREVER, |one| one.start.plus(-1));
        let address = Address {
            start,
            end,
            kind: kind_text,
            street: none,
            more: none,
            zip: none,
            city: none,
            state: none,
            country: none,
            audit: now,
        };
        person.addresses.insert(at, address);
        Ok(at)
    }

    /// The slice goes; the one before of its kind takes its time.
    fn take_address(&mut self, top: u32, at: usize, kind: &str) {
        let texts = &self.texts;
        let Some(person) = self.people.get_mut(top as usize) else { return };
        let gone = person.addresses.remove(at);
        if let Some(before) = at.checked_sub(1).and_then(|before| person.addresses.get_mut(before))
            && texts.read(before.kind) == kind
            && before.end.plus(1) == gone.start
        {
            before.end = gone.end;
        }
    }

    /// The slice ends the day before, and with it what came after.
    fn end_address(&mut self, top: u32, at: usize, from: Day, kind: &str) {
        let (texts, now) = (&self.texts, self.now().into());
        let Some(person) = self.people.get_mut(top as usize) else { return };
        person.addresses.retain(|one| texts.read(one.kind) != kind || one.start < from);
        if let Some(address) = person.addresses.get_mut(at)
            && texts.read(address.kind) == kind
            && address.end >= from
        {
            address.end = from.plus(-1);
            address.audit.touch(now, Author::Api);
        }
    }

    pub(super) fn write_card(&mut self, row: &RowWrite) -> Written {
        use per_national_id::P;
        Self::demand(row, &[P::cardType as usize, P::country as usize, P::personIdExternal as usize])?;
        let top = self.person_of_row(row.text(P::personIdExternal as usize))?;
        let kind = row.text(P::cardType as usize).unwrap_or_default().to_owned();
        let country = row.text(P::country as usize).unwrap_or_default().to_owned();
        territory(&country).ok_or_else(|| WriteRefused::value("country", &country))?;
        let cards = self.people.get(top as usize).map_or(&[][..], |person| person.cards.as_slice());
        let meant = |one: &Card| self.texts.read(one.kind) == kind && self.texts.read(one.country) == country;
        let known = cards.iter().position(meant);
        let place = |at: usize| RowId::new(Set::PerNationalId, top, at as u16, 0);
        if let Some(operation) = row.operation {
            super::contact::may_go(operation, row.flag(P::isPrimary as usize))?;
            let at = known.ok_or(WriteRefused::Missing(Set::PerNationalId))?;
            let key = self.key_of_row(place(at));
            if let Some(person) = self.people.get_mut(top as usize) {
                person.cards.remove(at);
            }
            return Ok(Self::taken_away(key));
        }
        let before = known.map(|at| self.shown(place(at)));
        let at = match known {
            Some(at) => at,
            None => {
                Self::demand(row, &[P::nationalId as usize, P::isPrimary as usize])?;
                let audit = Audit::at(self.stamp(), Author::Api);
                let (country, kind) = (self.texts.shared(&country), self.texts.shared(&kind));
                let person = self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?;
                person.cards.push(Card { country, kind, number: Text::NONE, primary: false, audit });
                person.cards.len() - 1
            }
        };
        let number = row.text(P::nationalId as usize).map(|number| self.texts.add(number));
        if let Some(card) = self.people.get_mut(top as usize).and_then(|person| person.cards.get_mut(at)) {
            card.number = number.unwrap_or(card.number);
            card.primary = row.flag(P::isPrimary as usize).unwrap_or(card.primary);
        }
        let own = [P::cardType, P::country, P::personIdExternal, P::nationalId, P::isPrimary];
        let rest = row.values.iter().filter(|(at, _)| !own.iter().any(|one| *one as usize == *at));
        let more = rest.map(|(at, value)| (*at as u16, value.clone())).collect();
        self.write_more(place(at), more);
        Ok(self.written_row(place(at), before))
    }
}
