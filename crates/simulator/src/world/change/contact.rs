//! Changes to names, e-mail and phones.

use super::refused::Refused;
use crate::schema::user::user::P;
use crate::world::data::{Audit, Author, Email, Phone};
use crate::world::text::Text;
use crate::world::{Day, World};

impl World {
    /// Gives somebody another name from a day on: a new slice of personal data, or the one that begins on that day
    /// corrected. An empty text keeps what is there.
    pub fn rename_person(&mut self, who: &str, first: &str, last: &str, from: Day) -> Result<(), Refused> {
        let top = self.person_meant(who)?;
        let (now, today) = (self.stamp(), self.today());
        let person = self.people.get_mut(top as usize).ok_or(Refused::Unknown)?;
        let start = person.names.first().map_or(today, |name| name.start);
        let at = person.name_at(from).ok_or(Refused::TooEarly { start })?;
        let mut name = person.names[at].clone();
        if !first.is_empty() {
            name.first = self.texts.add(first);
        }
        if !last.is_empty() {
            name.last = self.texts.add(last);
        }
        name.display = self.texts.add(&format!("{} {}", self.texts.read(name.first), self.texts.read(name.last)));
        let end = name.end;
        if name.start == from {
            name.audit.touch(now, Author::Admin);
            person.names[at] = name;
        } else {
            let more = name.audit.more;
            (name.start, name.audit) = (from, Audit { more, ..Audit::at(now, Author::Admin) });
            person.names[at].end = from.plus(-1);
            person.names.insert(at + 1, name);
        }
        if from <= today && today <= end {
            self.sync_all(top, &[P::firstName, P::lastName]);
        }
        Ok(())
    }

    /// Sets an e-mail address. `kind` is an option id or external code of `ecEmailType` (`8448` or `B`). The first
    /// address is primary whatever is asked; making one primary takes that from the other.
    pub fn set_email(&mut self, who: &str, kind: &str, address: &str, primary: bool) -> Result<(), Refused> {
        let top = self.person_meant(who)?;
        let missing = || Refused::NoOption { list: "ecEmailType", option: kind.to_owned() };
        let kind = self.picks.named("ecEmailType", kind).ok_or_else(missing)?;
        if address.is_empty() {
            return Err(Refused::Empty("address"));
        }
        let (now, address) = (self.stamp(), self.texts.add(address));
        let person = self.people.get_mut(top as usize).ok_or(Refused::Unknown)?;
        let primary = primary || person.emails.iter().all(|one| one.kind == kind || !one.primary);
        for other in person.emails.iter_mut().filter(|one| one.kind != kind && one.primary && primary) {
            other.primary = false;
            other.audit.touch(now, Author::Admin);
        }
        match person.emails.iter_mut().find(|one| one.kind == kind) {
            Some(email) => {
                (email.address, email.primary) = (address, primary);
                email.audit.touch(now, Author::Admin);
            }
            None => person.emails.push(Email { kind, primary, address, audit: Audit::at(now, Author::Admin) }),
        }
        self.sync_all(top, &[P::email]);
        Ok(())
    }

    /// Removes an e-mail address; the next one becomes primary when it was.
    pub fn remove_email(&mut self, who: &str, kind: &str) -> Result<(), Refused> {
        let top = self.person_meant(who)?;
        let missing = || Refused::NoOption { list: "ecEmailType", option: kind.to_owned() };
        let option = self.picks.named("ecEmailType", kind).ok_or_else(missing)?;
        let now = self.stamp();
        let person = self.people.get_mut(top as usize).ok_or(Refused::Unknown)?;
        let at = person.emails.iter().position(|one| one.kind == option).ok_or_else(missing)?;
        if person.emails.remove(at).primary
            && let Some(next) = person.emails.first_mut()
        {
            next.primary = true;
            next.audit.touch(now, Author::Admin);
        }
        self.sync_all(top, &[P::email]);
        Ok(())
    }

    /// Sets a phone number. `kind` is an option id or external code of `ecPhoneType` (`B`, `C`, `H`, `F`).
    pub fn set_phone(&mut self, who: &str, kind: &str, number: &str, primary: bool) -> Result<(), Refused> {
        let top = self.person_meant(who)?;
        let missing = || Refused::NoOption { list: "ecPhoneType", option: kind.to_owned() };
        let kind = self.picks.named("ecPhoneType", kind).ok_or_else(missing)?;
        if number.is_empty() {
            return Err(Refused::Empty("number"));
        }
        let (now, number) = (self.stamp(), self.texts.add(number));
        let person = self.people.get_mut(top as usize).ok_or(Refused::Unknown)?;
        let primary = primary || person.phones.iter().all(|one| one.kind == kind || !one.primary);
        for other in person.phones.iter_mut().filter(|one| one.kind != kind && one.primary && primary) {
            other.primary = false;
            other.audit.touch(now, Author::Admin);
        }
        if let Some(phone) = person.phones.iter_mut().find(|one| one.kind == kind) {
            (phone.number, phone.primary) = (number, primary);
            phone.audit.touch(now, Author::Admin);
        } else {
            let none = Text::NONE;
            let audit = Audit::at(now, Author::Admin);
            person.phones.push(Phone { kind, primary, country: none, area: none, number, extension: none, audit });
        }
        self.sync_all(top, &[P::businessPhone, P::cellPhone]);
        Ok(())
    }

    /// HRIS sync of every user of a person.
    fn sync_all(&mut self, top: u32, overwritten: &[P]) {
        let now = self.stamp();
        let Some(person) = self.people.get(top as usize) else { return };
        let users: Vec<u32> = person.employments.iter().map(|employment| employment.user).collect();
        for user in users {
            self.sync(user, now, overwritten);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::world::laws::{cell, company, follow, person, text, user};
    use crate::world::{Cell, Hire, Refused};

    #[test]
    fn one_address_is_primary_and_the_user_follows() {
        let mut world = company(1, 50);
        let id = world.hire(&Hire::new("Ada", "Byron", world.today())).unwrap().person_id;
        world.set_email(&id, "P", "ada+home@home.example", true).unwrap();
        let primary: Vec<_> = follow(&world, person(&world, &id), "emailNav")
            .iter()
            .map(|row| (text(&world, *row, "emailAddress"), cell(&world, *row, "isPrimary")))
            .collect();
        assert_eq!(
            primary,
            [("ada.byron@acme.example", Cell::Bool(false)), ("ada+home@home.example", Cell::Bool(true))]
        );
        assert_eq!(text(&world, user(&world, &id), "email"), "ada+home@home.example");
        world.remove_email(&id, "P").unwrap();
        assert_eq!(text(&world, user(&world, &id), "email"), "ada.byron@acme.example");
        let unknown = Refused::NoOption { list: "ecEmailType", option: "X".into() };
        assert_eq!(world.set_email(&id, "X", "a@b.example", true), Err(unknown));
    }

    #[test]
    fn a_name_changes_from_a_day_on() {
        let mut world = company(1, 50);
        let today = world.today();
        let id = world.hire(&Hire::new("Ada", "Byron", today.plus(-10))).unwrap().person_id;
        world.rename_person(&id, "", "Lovelace", today).unwrap();
        world.rename_person(&id, "", "King", today.plus(5)).unwrap();
        assert_eq!(text(&world, user(&world, &id), "defaultFullName"), "Ada Lovelace");
        world.set_now(world.now().saturating_add(jiff::SignedDuration::from_hours(120)).unwrap());
        assert_eq!(text(&world, user(&world, &id), "lastName"), "King");
    }
}
