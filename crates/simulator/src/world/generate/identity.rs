//! Names, addresses and numbers of one person.

use std::fmt::Write as _;

use super::cultures::{CULTURES, Culture, Spelled};
use super::dice::Dice;
use super::people::Maker;
use crate::world::Day;
use crate::world::data::{Audit, Author, Email, Gender, NOTHING, Name, Phone};
use crate::world::text::Text;

/// What somebody is called.
pub(super) struct Called {
    pub culture: usize,
    pub gender: Gender,
    pub given: Spelled,
    pub family: Spelled,
    /// `given.family12` in ASCII, unlike anybody else's.
    pub login: String,
}

impl Called {
    pub(super) fn culture(&self) -> &'static Culture {
        &CULTURES[self.culture]
    }
}

impl Maker<'_> {
    pub(super) fn call(person: u32, dice: &mut Dice) -> Called {
        let mut draw = dice.below(1000);
        let mut culture = 0;
        for (one, at) in CULTURES.iter().zip(0..) {
            culture = at;
            if draw < one.weight {
                break;
            }
            draw -= one.weight;
        }
        let gender = match dice.below(100) {
            0 => Gender::Undeclared,
            draw if draw < 50 => Gender::Female,
            _ => Gender::Male,
        };
        let pool = if gender == Gender::Female { CULTURES[culture].women } else { CULTURES[culture].men };
        let given = dice.pick(pool).copied().unwrap_or(("Kim", "Kim"));
        let family = dice.pick(CULTURES[culture].families).copied().unwrap_or(("Lee", "Lee"));
        let mut login = format!("{}.{}{person}", given.1, family.1).to_ascii_lowercase();
        // Apostrophes and plus signs occur in real log-in names, and want quoting in every URL.
        if person % 61 == 17 {
            login = login.replacen('.', ".o'", 1);
        } else if person % 61 == 34 {
            login.push_str("+hr");
        }
        Called { culture, gender, given, family, login }
    }

    pub(super) fn names(&mut self, called: &Called, start: Day, dice: &mut Dice) -> Vec<Name> {
        let culture = called.culture();
        let option = |list, code| self.world.picks.option(list, code).unwrap_or(NOTHING);
        let salutation = option(
            "salutation",
            match called.gender {
                Gender::Female => "MS",
                Gender::Male => "MR",
                Gender::Undeclared => "MX",
            },
        );
        let single = option("ecMaritalStatus", "S");
        let married = option("ecMaritalStatus", "M");
        let language = option("language", culture.language);
        let nationality = if dice.percent(8) {
            dice.pick(CULTURES).map_or(culture.country, |other| other.country)
        } else {
            culture.country
        };
        let texts = &mut self.world.texts;
        let nationality = texts.shared(nationality);
        let middle = if dice.percent(12) {
            texts.shared(["A.", "Ø.", "von", "José", "李"][dice.below(5) as usize])
        } else {
            Text::NONE
        };
        let preferred = if dice.percent(6) {
            texts.shared(["\"Bo\"", "Kit+", "Mäxchen", "D'Art"][dice.below(4) as usize])
        } else {
            Text::NONE
        };
        let full = |family: &str| {
            if culture.family_first {
                format!("{family} {}", called.given.0)
            } else {
                format!("{} {family}", called.given.0)
            }
        };
        let display = texts.add(&full(called.family.0));
        let current = Name {
            start,
            end: Day::FOREVER,
            first: texts.shared(called.given.0),
            last: texts.shared(called.family.0),
            middle,
            preferred,
            display,
            gender: called.gender,
            nationality,
            salutation,
            marital: if dice.percent(45) { married } else { single },
            language,
            audit: Audit::at(self.past(start, dice), Author::Import),
        };
        let known = self.today.0 - start.0;
        if known < 800 || !dice.percent(10) {
            return vec![current];
        }
        let since = start.plus(dice.between(300, known - 30));
        let before = dice.pick(culture.families).copied().unwrap_or(called.family).0;
        let texts = &mut self.world.texts;
        let (last, display) = (texts.shared(before), texts.add(&full(before)));
        let changed = Audit::at(self.past(since, dice), Author::Admin);
        let earlier = Name { end: since.plus(-1), last, display, marital: single, ..current.clone() };
        vec![earlier, Name { start: since, marital: married, audit: changed, ..current }]
    }

    pub(super) fn emails(&mut self, called: &Called, start: Day, dice: &mut Dice) -> Vec<Email> {
        let [personal, business, other] =
            ["P", "B", "O"].map(|code| self.world.picks.option("ecEmailType", code).unwrap_or(NOTHING));
        let audit = Audit::at(self.past(start, dice), Author::Import);
        let mut mail = |kind, domain: &str, primary| {
            self.line.clear();
            let _ = write!(self.line, "{}@{domain}", called.login);
            Email { kind, primary, address: self.world.texts.add(&self.line), audit }
        };
        let mut emails = vec![mail(business, "acme.example", true)];
        if dice.percent(40) {
            emails.insert(0, mail(personal, "home.example", false));
        }
        if dice.percent(4) {
            emails.push(mail(other, "club.example", false));
        }
        emails
    }

    pub(super) fn phones(&mut self, called: &Called, start: Day, dice: &mut Dice) -> Vec<Phone> {
        let [home, business, cell] =
            ["H", "B", "C"].map(|code| self.world.picks.option("ecPhoneType", code).unwrap_or(NOTHING));
        let audit = Audit::at(self.past(start, dice), Author::Import);
        let texts = &mut self.world.texts;
        let country = texts.shared(called.culture().dial);
        let mut phones = Vec::with_capacity(2);
        for (kind, share) in [(home, 15), (business, 80), (cell, 65)] {
            if !dice.percent(share) {
                continue;
            }
            let area = texts.shared(["30", "89", "211", "40", "617"][dice.below(5) as usize]);
            self.line.clear();
            let _ = write!(self.line, "555{:05}", dice.below(100_000));
            let number = texts.add(&self.line);
            let extension = if kind == business && dice.percent(30) {
                texts.shared(["0", "12", "440"][dice.below(3) as usize])
            } else {
                Text::NONE
            };
            let primary = kind == business;
            phones.push(Phone { kind, primary, country, area, number, extension, audit });
        }
        if let Some(first) = phones.first_mut().filter(|first| first.kind != business) {
            first.primary = true;
        }
        // Exactly one is primary.
        if phones.iter().filter(|phone| phone.primary).count() > 1
            && let Some(first) = phones.first_mut()
        {
            first.primary = false;
        }
        phones
    }
}
