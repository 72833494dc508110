//! Picklists, their options and labels.

use serde::{Deserialize, Serialize};

use std::borrow::Cow;

use super::data::{NOTHING, Reason};

/// A text of the tables below, or one that was written.
pub(super) type Word = Cow<'static, str>;

/// A picklist.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Picklist {
    pub id: Word,
    /// Place of its first option, and how many it has.
    pub first: u16,
    pub count: u16,
    /// Places of options that came later.
    #[serde(default)]
    pub more: Vec<u16>,
    /// It was deleted.
    #[serde(default)]
    pub gone: bool,
    /// What it is called, when that is not its id.
    #[serde(default)]
    pub name: Option<Word>,
}

/// An option.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Choice {
    pub id: u32,
    /// The id as text: what properties of Employee Central hold.
    pub text: String,
    pub code: Word,
    pub picklist: u16,
    pub order: u16,
    /// Locale and label, in the order of the locales.
    pub labels: Vec<(Word, Word)>,
    /// It may not be chosen any more.
    #[serde(default)]
    pub inactive: bool,
    /// It was deleted.
    #[serde(default)]
    pub gone: bool,
}

/// All picklists in the order of their names, their options in order of appearance.
#[derive(Clone)]
pub(super) struct Picks {
    pub lists: Vec<Picklist>,
    pub choices: Vec<Choice>,
    /// Options that many cells ask for, so that no cell looks for one by its name.
    pub usual: Usual,
}

/// Places of options.
#[derive(Clone)]
pub(super) struct Usual {
    /// Employee status by event reason.
    pub status: [u16; Reason::ALL.len()],
    /// Event by event reason.
    pub event: [u16; Reason::ALL.len()],
    pub regular: u16,
    pub business_mail: u16,
    pub business_phone: u16,
    pub cell_phone: u16,
    pub married: u16,
}

type Row = (&'static str, &'static str, &'static str);

/// Picklist, id of its first option, and its options: external code, English and German label.
const LISTS: &[(&str, u32, &[Row])] = &[
    (
        "EMPLOYEECLASS",
        6101,
        &[
            ("01", "Employee", "Mitarbeiter"),
            ("02", "Contractor", "Externe Kraft"),
            ("03", "Intern", "Praktikant"),
            ("04", "Apprentice", "Auszubildende"),
        ],
    ),
    (
        "STATE_USA",
        6601,
        &[
            ("CA", "California", "Kalifornien"),
            ("CO", "Colorado", ""),
            ("HI", "Hawaii", ""),
            ("IL", "Illinois", ""),
            ("NY", "New York", ""),
        ],
    ),
    ("ecEmailType", 8447, &[("P", "Personal", "Privat"), ("B", "Business", "Geschäftlich"), ("O", "Other", "Andere")]),
    (
        "ecMaritalStatus",
        7001,
        &[
            ("S", "Single", "Ledig"),
            ("M", "Married", "Verheiratet"),
            ("D", "Divorced", "Geschieden"),
            ("W", "Widowed", "Verwitwet"),
        ],
    ),
    (
        "ecPhoneType",
        10604,
        &[("H", "Home", "Privat"), ("B", "Business", "Geschäftlich"), ("C", "Cell", "Mobil"), ("F", "Fax", "Fax")],
    ),
    (
        "employee-status",
        6017,
        &[
            ("A", "Active", "Aktiv"),
            ("U", "Unpaid Leave", "Unbezahlte Abwesenheit"),
            ("P", "Paid Leave", "Bezahlte Abwesenheit"),
            ("S", "Suspended", "Suspendiert"),
            ("F", "Furlough", "Freigestellt"),
            ("R", "Retired", "Pensioniert"),
            ("T", "Terminated", "Ausgetreten"),
            ("D", "Dormant", "Ruhend"),
            ("O", "Discarded", "Verworfen"),
        ],
    ),
    (
        "employmentType",
        6151,
        &[("FT", "Full Time", "Vollzeit"), ("PT", "Part Time", "Teilzeit"), ("EX", "External", "Extern")],
    ),
    (
        "event",
        6201,
        &[
            ("H", "Hire", "Einstellung"),
            ("R", "Rehire", "Wiedereinstellung"),
            ("3", "Transfer", "Versetzung"),
            ("5", "Data Change", "Datenänderung"),
            ("8", "Promotion", "Beförderung"),
            ("10", "Leave of Absence", "Abwesenheit"),
            ("17", "Return to Work", "Rückkehr"),
            ("26", "Termination", "Austritt"),
            ("GA", "Start Global Assignment", "Beginn Auslandseinsatz"),
            ("EGA", "End Global Assignment", "Ende Auslandseinsatz"),
            ("AGA", "Away on Global Assignment", "Im Auslandseinsatz"),
            ("BGA", "Back from Global Assignment", "Zurück vom Auslandseinsatz"),
            ("NS", "Reported No Show", "Nicht angetreten"),
        ],
    ),
    (
        "global_assignment_type",
        6501,
        &[
            ("LT", "Long-Term Assignment", "Langfristiger Einsatz"),
            ("ST", "Short-Term Assignment", "Kurzfristiger Einsatz"),
        ],
    ),
    (
        "jobRelType",
        6401,
        &[
            ("hr manager", "HR Manager", "Personalbetreuung"),
            ("matrix manager", "Matrix Manager", "Matrixvorgesetzte"),
            ("second manager", "Second Manager", "Zweite Führungskraft"),
            ("custom manager", "Custom Manager", ""),
        ],
    ),
    (
        "language",
        7101,
        &[
            ("en_US", "English", "Englisch"),
            ("de_DE", "German", "Deutsch"),
            ("fr_FR", "French", "Französisch"),
            ("es_ES", "Spanish", "Spanisch"),
            ("pl_PL", "Polish", "Polnisch"),
            ("pt_BR", "Portuguese", "Portugiesisch"),
            ("ja_JP", "Japanese", "Japanisch"),
            ("zh_CN", "Chinese", "Chinesisch"),
            ("ar_SA", "Arabic", "Arabisch"),
            ("hi_IN", "Hindi", "Hindi"),
        ],
    ),
    ("regular-temp", 6301, &[("R", "Regular", "Unbefristet"), ("T", "Temporary", "Befristet")]),
    ("salutation", 7201, &[("MR", "Mr.", "Herr"), ("MS", "Ms.", "Frau"), ("MX", "Mx.", "")]),
];

impl Picks {
    pub(super) fn new() -> Self {
        let nothing = [NOTHING; Reason::ALL.len()];
        let usual = Usual {
            status: nothing,
            event: nothing,
            regular: NOTHING,
            business_mail: NOTHING,
            business_phone: NOTHING,
            cell_phone: NOTHING,
            married: NOTHING,
        };
        let mut picks = Self { lists: Vec::new(), choices: Vec::new(), usual };
        for (place, (id, first_id, rows)) in LISTS.iter().enumerate() {
            let first = picks.choices.len() as u16;
            for (order, (code, english, german)) in rows.iter().enumerate() {
                let id = first_id + order as u32;
                let mut labels: Vec<(Word, Word)> = vec![("en_US".into(), (*english).into())];
                if !german.is_empty() {
                    labels.insert(0, ("de_DE".into(), (*german).into()));
                }
                let (picklist, order) = (place as u16, order as u16);
                let (text, code) = (id.to_string(), (*code).into());
                picks.choices.push(Choice { id, text, code, picklist, order, labels, inactive: false, gone: false });
            }
            let (count, more) = (rows.len() as u16, Vec::new());
            picks.lists.push(Picklist { id: (*id).into(), first, count, more, gone: false, name: None });
        }
        picks.usual = picks.find_usual();
        picks
    }

    fn find_usual(&self) -> Usual {
        let option = |list, code| self.option(list, code).unwrap_or(NOTHING);
        Usual {
            status: Reason::ALL.map(|reason| option("employee-status", reason.status())),
            event: Reason::ALL.map(|reason| option("event", reason.event())),
            regular: option("regular-temp", "R"),
            business_mail: option("ecEmailType", "B"),
            business_phone: option("ecPhoneType", "B"),
            cell_phone: option("ecPhoneType", "C"),
            married: option("ecMaritalStatus", "M"),
        }
    }

    /// Puts saved lists in the place of these; lists that are newer than the save stay, behind them. Nothing when a
    /// list names options that are not there.
    pub(super) fn restore(&mut self, lists: Vec<Picklist>, choices: Vec<Choice>) -> Option<()> {
        let whole = |list: &Picklist| {
            usize::from(list.first) + usize::from(list.count) <= choices.len()
                && list.more.iter().all(|at| usize::from(*at) < choices.len())
        };
        if !lists.iter().all(whole) || choices.iter().any(|one| usize::from(one.picklist) >= lists.len()) {
            return None;
        }
        let newer = std::mem::replace(self, Self { lists, choices, usual: self.usual.clone() });
        for list in newer.lists {
            if self.lists.iter().any(|known| known.id == list.id) {
                continue;
            }
            let (first, picklist) = (self.choices.len() as u16, self.lists.len() as u16);
            let options = usize::from(list.first)..usize::from(list.first) + usize::from(list.count);
            let options = newer.choices.get(options)?;
            self.choices.extend(options.iter().map(|one| Choice { picklist, ..one.clone() }));
            self.lists.push(Picklist { first, ..list });
        }
        self.usual = self.find_usual();
        Some(())
    }

    /// Place of the picklist of that name.
    pub(super) fn list(&self, id: &str) -> Option<usize> {
        self.lists.iter().position(|list| list.id == id && !list.gone)
    }

    /// The picklist at that place, when it was not deleted.
    pub(super) fn there(&self, place: usize) -> Option<&Picklist> {
        self.lists.get(place).filter(|list| !list.gone)
    }

    /// The option at that place, when neither it nor its list was deleted.
    pub(super) fn choice(&self, place: usize) -> Option<&Choice> {
        let choice = self.choices.get(place).filter(|choice| !choice.gone)?;
        self.there(usize::from(choice.picklist)).map(|_| choice)
    }

    /// Places of the options of a list.
    pub(super) fn options<'p>(&'p self, list: &'p Picklist) -> impl Iterator<Item = u16> + 'p {
        let all = (list.first..list.first + list.count).chain(list.more.iter().copied());
        all.filter(|place| self.choices.get(usize::from(*place)).is_some_and(|choice| !choice.gone))
    }

    /// Place of an option by its picklist and external code.
    pub(super) fn option(&self, list: &str, code: &str) -> Option<u16> {
        let list = self.lists.get(self.list(list)?)?;
        self.options(list).find(|place| self.choices[usize::from(*place)].code == code)
    }

    /// Place of an option of the picklist by its id or its external code, as writes may name it.
    pub(super) fn named(&self, list: &str, name: &str) -> Option<u16> {
        let found = self.lists.get(self.list(list)?)?;
        self.options(found)
            .find(|place| self.choices[usize::from(*place)].text == name)
            .or_else(|| self.option(list, name))
    }

    /// Place of the option of that id.
    pub(super) fn by_id(&self, id: i64) -> Option<usize> {
        (0..self.choices.len()).find(|at| self.choice(*at).is_some_and(|choice| i64::from(choice.id) == id))
    }

    /// Puts an option behind the others of a list; its place. Nothing when there is no room.
    pub(super) fn add(&mut self, list: usize, code: String) -> Option<u16> {
        let place = u16::try_from(self.choices.len()).ok().filter(|place| *place != NOTHING)?;
        let id = self.choices.iter().map(|choice| choice.id).max().unwrap_or(0) + 1;
        let order = self.options(self.lists.get(list)?).count() as u16;
        let picklist = u16::try_from(list).ok()?;
        let (text, code, labels) = (id.to_string(), code.into(), Vec::new());
        self.choices.push(Choice { id, text, code, picklist, order, labels, inactive: false, gone: false });
        self.lists.get_mut(list)?.more.push(place);
        Some(place)
    }

    /// Puts an empty list behind the others; its place.
    pub(super) fn add_list(&mut self, id: String) -> usize {
        let (more, name) = (Vec::new(), None);
        self.lists.push(Picklist { id: id.into(), first: 0, count: 0, more, gone: false, name });
        self.lists.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_mail_has_the_id_of_the_documentation() {
        let picks = Picks::new();
        let business = picks.option("ecEmailType", "B").unwrap();
        assert_eq!(picks.choices[usize::from(business)].text, "8448");
        assert_eq!(picks.named("ecEmailType", "8448"), Some(business));
        assert_eq!(picks.named("ecEmailType", "B"), Some(business));
        assert_eq!(picks.named("ecPhoneType", "8448"), None);
    }

    #[test]
    fn every_reason_has_a_status_and_an_event() {
        let usual = Picks::new().usual;
        for (reason, at) in Reason::ALL.iter().zip(0..) {
            assert_eq!(*reason as usize, at);
            assert!(usual.status[at] != NOTHING && usual.event[at] != NOTHING, "{reason:?}");
        }
    }

    #[test]
    fn option_ids_are_unique_and_lists_are_in_order() {
        let picks = Picks::new();
        let mut ids: Vec<_> = picks.choices.iter().map(|choice| choice.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), picks.choices.len());
        assert!(picks.lists.iter().map(|list| &*list.id).is_sorted());
    }
}
