//! Options and their labels.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use joinery_model::Value;

/// The label in the language that stands for all.
const LABEL: &str = "label";

/// What stands between that and a locale: `label_de_DE`.
const LABEL_OF: &str = "label_";

/// Locales whose label stands for all where the tenant marks none.
const USUAL: [&str; 2] = ["en_US", "en_GB"];

/// An option of a picklist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PicklistOption {
    /// The option's id, which properties of Employee Central hold. `None` where the metadata framework gave none.
    pub id: Option<Arc<str>>,
    /// Its external code.
    pub code: Arc<str>,
    /// May it still be chosen?
    pub active: bool,
    /// The label that stands for all languages, when the tenant marks one.
    pub default_label: Option<Arc<str>>,
    /// Labels by locale: `de_DE`.
    pub labels: BTreeMap<Arc<str>, Arc<str>>,
}

impl PicklistOption {
    /// The label in a locale (`de_DE`); where there is none that of the language, then the one that stands for all.
    pub fn label_in(&self, locale: &str) -> Option<&Arc<str>> {
        let language = locale.split('_').next().unwrap_or(locale);
        let speaks = |known: &str| known.split('_').next() == Some(language);
        let of_language = || self.labels.iter().find(|(known, _)| speaks(known)).map(|(_, label)| label);
        self.labels.get(locale).or_else(of_language).or_else(|| self.label())
    }

    /// The label that stands for all: the one that the tenant marks, else English, else the first by its locale.
    pub fn label(&self) -> Option<&Arc<str>> {
        let usual = || USUAL.iter().find_map(|locale| self.labels.get(*locale));
        self.default_label.as_ref().or_else(usual).or_else(|| self.labels.values().next())
    }

    /// A member as paths name it: `externalCode`, `id`, `label`, `label_de_DE`.
    pub(crate) fn member(&self, name: &str) -> Value {
        let text = |text: Option<&Arc<str>>| text.map_or(Value::Null, |text| Value::Text(text.clone()));
        match name {
            "externalCode" => Value::Text(self.code.clone()),
            "id" => text(self.id.as_ref()),
            LABEL => text(self.label()),
            _ => name.strip_prefix(LABEL_OF).map_or(Value::Null, |locale| text(self.label_in(locale))),
        }
    }
}

/// Is it a label that a path can name: `label`, `label_de_DE`?
pub(crate) fn is_label(name: &str) -> bool {
    let locale = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    name == LABEL || name.strip_prefix(LABEL_OF).is_some_and(locale)
}

/// The options of one picklist.
#[derive(Clone, Debug, Default)]
pub struct Picklist {
    options: Vec<PicklistOption>,
    by_id: HashMap<Arc<str>, usize>,
    by_code: HashMap<Arc<str>, usize>,
}

impl Picklist {
    /// A picklist of these options; of several with one code an active one counts.
    pub fn new(options: Vec<PicklistOption>) -> Self {
        let mut list = Self { options, ..Self::default() };
        for (at, option) in list.options.iter().enumerate() {
            if let Some(id) = &option.id {
                list.by_id.insert(id.clone(), at);
            }
            let known = list.by_code.entry(option.code.clone()).or_insert(at);
            if option.active && !list.options.get(*known).is_some_and(|known| known.active) {
                *known = at;
            }
        }
        list
    }

    /// Every option.
    pub fn options(&self) -> &[PicklistOption] {
        &self.options
    }

    /// The option that a property's value means: by its id, else by its external code.
    pub fn option(&self, held: &str) -> Option<&PicklistOption> {
        let at = self.by_id.get(held).or_else(|| self.by_code.get(held))?;
        self.options.get(*at)
    }
}

/// Picklists by name, as they were when a page was read; and which of them lacked an option that was looked for.
#[derive(Debug, Default)]
pub(crate) struct Book {
    lists: BTreeMap<Arc<str>, Arc<Picklist>>,
    lacking: Mutex<BTreeSet<Arc<str>>>,
}

impl Book {
    pub(super) fn new(lists: BTreeMap<Arc<str>, Arc<Picklist>>) -> Self {
        Self { lists, lacking: Mutex::default() }
    }

    /// The option; `None` when the picklist cannot be read or does not have it (any more, or yet).
    pub(crate) fn option(&self, picklist: &Arc<str>, held: &str) -> Option<&PicklistOption> {
        let list = self.lists.get(picklist)?;
        let found = list.option(held);
        if found.is_none() {
            self.lacking.lock().unwrap_or_else(PoisonError::into_inner).insert(picklist.clone());
        }
        found
    }

    /// How many options a picklist has; `None` when it cannot be read.
    pub(crate) fn count(&self, picklist: &str) -> Option<usize> {
        self.lists.get(picklist).map(|list| list.options.len())
    }

    /// The picklists that lacked an option.
    pub(crate) fn lacking(&self) -> BTreeSet<Arc<str>> {
        self.lacking.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(id: &str, code: &str, active: bool, labels: &[(&str, &str)]) -> PicklistOption {
        let labels = labels.iter().map(|(locale, label)| ((*locale).into(), (*label).into())).collect();
        PicklistOption { id: Some(id.into()), code: code.into(), active, default_label: None, labels }
    }

    #[test]
    fn a_value_means_an_option_by_its_id_or_its_code() {
        let list = Picklist::new(vec![
            option("6101", "01", true, &[]),
            option("6102", "02", false, &[]),
            option("6103", "02", true, &[]),
        ]);
        let id = |held| list.option(held).and_then(|option| option.id.clone()).map(|id| id.to_string());
        assert_eq!(id("6102").as_deref(), Some("6102"));
        assert_eq!(id("02").as_deref(), Some("6103"), "the active one");
        assert_eq!(id("03"), None);
    }

    #[test]
    fn labels_fall_back_from_the_locale_to_the_language_to_the_usual_one() {
        let one = option("1", "A", true, &[("de_DE", "Aktiv"), ("en_US", "Active"), ("fr_FR", "Actif")]);
        let member = |name: &str| one.member(name).to_plain();
        assert_eq!((member("label"), member("label_de_DE")), ("Active".into(), "Aktiv".into()));
        assert_eq!((member("label_de_AT"), member("label_ja_JP")), ("Aktiv".into(), "Active".into()));
        assert_eq!((member("externalCode"), member("id")), ("A".into(), "1".into()));
        let marked = PicklistOption { default_label: Some("In force".into()), ..one };
        assert_eq!(marked.member("label").to_plain(), "In force");
        assert!(is_label("label") && is_label("label_de_DE"));
        assert!(!is_label("label_") && !is_label("labels") && !is_label("label_de/DE"));
    }
}
