//! The company's foundation objects: who belongs where, before anybody is hired.

use super::cultures::CULTURES;
use super::dice::Dice;
use super::places::{PLACES, filled};
use crate::world::data::{Audit, Author, NOTHING, Reason};
use crate::world::segments::Address;
use crate::world::text::{Text, Texts};
use crate::world::units::{Unit, UnitKind, UnitSlice};
use crate::world::{Day, Stamp, World};

const BUSINESS_UNITS: [&str; 4] = ["Products", "Services", "Markets", "Corporate"];

/// Division, and the business unit it belongs to.
const DIVISIONS: [(&str, u16); 12] = [
    ("Engineering", 0),
    ("Research & Development", 0),
    ("Design", 0),
    ("Customer Care", 1),
    ("Consulting", 1),
    ("Operations", 1),
    ("Sales", 2),
    ("Marketing", 2),
    ("Supply Chain", 2),
    ("Finance", 3),
    ("People & Culture", 3),
    ("IT", 3),
];

const THEMES: [&str; 24] = [
    "Platform",
    "Nord",
    "Süd",
    "Americas",
    "APJ",
    "Quality",
    "R+D",
    "Planning",
    "Field",
    "Partners",
    "\"Lab 1\"",
    "Compliance",
    "Analytics",
    "Support",
    "Projects",
    "Île-de-France",
    "Mobile",
    "Cloud",
    "Tools",
    "Growth",
    "Kunden's Büro",
    "Training",
    "Logistics",
    "東京",
];

/// Job code: title, and how many reports it stands for: none, a team, or more.
pub(super) const JOBS: [(&str, u8); 20] = [
    ("Software Engineer", 0),
    ("Senior Software Engineer", 0),
    ("Product Designer", 0),
    ("Data Scientist", 0),
    ("Consultant", 0),
    ("Support Specialist", 0),
    ("Account Executive", 0),
    ("Sachbearbeiter/in", 0),
    ("Technician", 0),
    ("Accountant", 0),
    ("Recruiter", 0),
    ("Administrator", 0),
    ("Working Student", 0),
    ("Analyst", 0),
    ("Team Lead", 1),
    ("Engineering Manager", 1),
    ("Head of Department", 2),
    ("Director", 2),
    ("Vice President", 3),
    ("Chief Executive Officer", 4),
];

/// Pay grades, from the lowest.
const GRADES: [&str; 7] = ["Grade A", "Grade B", "Grade C", "Team Lead", "Management", "Executive", "Board"];

/// Where things are, by what they were made from.
pub(super) struct Map {
    pub departments: u16,
    /// Locations of each culture's cities.
    pub locations: Vec<Vec<u16>>,
}

/// How many departments a company of so many people has.
pub(super) fn departments(people: u32) -> u16 {
    (people / 60).clamp(6, 1500) as u16
}

impl World {
    /// Sets up companies, business units, divisions, departments, cost centres, locations and job codes.
    pub(super) fn found(&mut self, seed: u64, people: u32) -> Map {
        let mut dice = Dice::new(seed ^ 0x0000_0F0D);
        let mut elsewhere = Dice::new(seed ^ 0x0000_517E);
        let past = Stamp::from(self.now()).0.saturating_sub(400 * 86_400);
        let audit = Audit::at(Stamp(past), Author::Admin);
        let texts = &mut self.texts;

        let mut places: Vec<(String, usize, usize)> = Vec::new();
        for (culture, at) in CULTURES.iter().zip(0..) {
            places.extend(
                culture.cities.iter().zip(0..).map(|(city, n)| (format!("{}-{}", culture.country, city.1), at, n)),
            );
        }
        places.sort();
        let mut locations: Vec<Vec<u16>> = CULTURES.iter().map(|one| vec![0; one.cities.len()]).collect();
        for ((code, culture, city), place) in places.iter().zip(0..) {
            locations[*culture][*city] = place;
            let (name, _, zone) = CULTURES[*culture].cities[*city];
            self.sites.push(site(texts, *culture, *city, audit, &mut elsewhere));
            let slice = slice_of(texts, name, code, audit);
            let country = CULTURES[*culture].country;
            let [city, zone, country] = [name, zone, country].map(|text| texts.shared(text));
            let slice = UnitSlice { city, zone, country, above: *culture as u16, ..slice };
            add(&mut self.units, texts, UnitKind::Location, code, vec![slice]);
        }
        for (culture, at) in CULTURES.iter().zip(0_usize..) {
            let code = (1000 + 10 * at).to_string();
            let slice = slice_of(texts, &format!("Acme {}", culture.company), &code, audit);
            let [country, currency] = [culture.country, culture.currency].map(|text| texts.shared(text));
            let slice = UnitSlice { country, currency, beside: locations[at][0], ..slice };
            add(&mut self.units, texts, UnitKind::Company, &code, vec![slice]);
        }
        for (name, at) in BUSINESS_UNITS.iter().zip(1..) {
            let code = format!("BU{at:02}");
            let slice = slice_of(texts, name, &code, audit);
            add(&mut self.units, texts, UnitKind::BusinessUnit, &code, vec![slice]);
        }
        for ((name, unit), at) in DIVISIONS.iter().zip(1..) {
            let code = format!("DIV{at:02}");
            let slice = UnitSlice { above: *unit, ..slice_of(texts, name, &code, audit) };
            add(&mut self.units, texts, UnitKind::Division, &code, vec![slice]);
        }
        for (at, name) in GRADES.iter().enumerate() {
            let code = format!("GR{:02}", at + 1);
            let slice = slice_of(texts, name, &code, audit);
            add(&mut self.units, texts, UnitKind::PayGrade, &code, vec![slice]);
        }
        let mut reasons = Reason::ALL.map(|reason| (reason.code(), reason.words()));
        reasons.sort_unstable();
        for (code, name) in reasons {
            let slice = slice_of(texts, name, code, audit);
            add(&mut self.units, texts, UnitKind::EventReason, code, vec![slice]);
        }
        for ((title, level), at) in JOBS.iter().zip(1..) {
            let code = format!("JC{at:03}");
            // Grades by how high a job stands, seniors one above juniors.
            let grade =
                if *level == 0 { u16::from(title.starts_with("Senior")) + at % 2 } else { u16::from(*level) + 2 };
            let slice = UnitSlice { beside: grade, ..slice_of(texts, title, &code, audit) };
            add(&mut self.units, texts, UnitKind::JobCode, &code, vec![slice]);
        }
        let departments = departments(people);
        for at in 0..departments {
            self.found_department(at, audit, &mut dice);
        }
        Map { departments, locations }
    }

    fn found_department(&mut self, at: u16, audit: Audit, dice: &mut Dice) {
        let today = self.today();
        let texts = &mut self.texts;
        let division = at % DIVISIONS.len() as u16;
        let round = usize::from(at) / DIVISIONS.len();
        let turn = if round < THEMES.len() { String::new() } else { format!(" {}", round / THEMES.len() + 1) };
        let name = format!("{} {}{turn}", DIVISIONS[usize::from(division)].0, THEMES[round % THEMES.len()]);
        let number = at + 1;
        let code = format!("DEP{number:05}");
        let slice = slice_of(texts, &name, &code, audit);
        // The first department of a division is the parent of the others.
        let parent = if at < DIVISIONS.len() as u16 { NOTHING } else { division };
        let now = UnitSlice { above: division, beside: at, parent, ..slice };
        let mut slices = vec![now.clone()];
        if dice.percent(15) {
            let since = today.plus(-dice.between(30, 2000));
            let before = short(&format!("{name} (old)"));
            let before = UnitSlice { end: since.plus(-1), ..UnitSlice { name: texts.add(&before), ..now.clone() } };
            slices = vec![before, UnitSlice { start: since, ..now }];
        } else if at % 40 == 5 {
            let from = today.plus(dice.between(20, 60));
            let coming = short(&format!("New {name}"));
            let coming = slice_of(texts, &coming, &code, audit);
            let coming = UnitSlice { start: from, above: division, beside: at, parent, ..coming };
            slices = vec![UnitSlice { end: from.plus(-1), ..now }, coming];
        }
        add(&mut self.units, texts, UnitKind::Department, &code, slices);
        let code = format!("CC{number:05}");
        let slice = slice_of(texts, &name, &code, audit);
        add(&mut self.units, texts, UnitKind::CostCenter, &code, vec![slice]);
    }
}

/// Where a location stands.
fn site(texts: &mut Texts, culture: usize, city: usize, audit: Audit, dice: &mut Dice) -> Address {
    let (place, people) = (&PLACES[culture], &CULTURES[culture]);
    let mut some = |text: &str| if text.is_empty() { Text::NONE } else { texts.shared(text) };
    Address {
        start: Day::ALWAYS,
        end: Day::FOREVER,
        kind: Text::NONE,
        street: some(&place.street(dice)),
        more: Text::NONE,
        zip: some(&filled(place.zip, dice)),
        city: some(people.cities[city].0),
        state: some(place.states[city]),
        country: some(people.country),
        audit,
    }
}

/// At most the 32 characters that a foundation object's name may have.
pub(in crate::world) fn short(name: &str) -> String {
    name.chars().take(32).collect()
}

fn slice_of(texts: &mut Texts, name: &str, code: &str, audit: Audit) -> UnitSlice {
    let name = short(name);
    let synced = texts.add(&format!("{name} ({code})"));
    let stored = texts.add(&name);
    UnitSlice { description: stored, ..UnitSlice::plain(stored, synced, audit) }
}

fn add(units: &mut crate::world::units::Units, texts: &mut Texts, kind: UnitKind, code: &str, slices: Vec<UnitSlice>) {
    let code = texts.add(code);
    units.edit(kind).push(Unit { code, slices });
}

impl Map {
    /// The division of a department.
    pub(super) fn division(department: u16) -> u16 {
        department % DIVISIONS.len() as u16
    }

    /// The business unit of a division.
    pub(super) fn business_unit(division: u16) -> u16 {
        DIVISIONS.get(usize::from(division)).map_or(NOTHING, |one| one.1)
    }
}

/// The first day that anybody was hired.
pub(super) const FOUNDED: Day = Day(9131);
