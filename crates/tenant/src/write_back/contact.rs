//! Which rows make somebody's e-mails or phones what they shall be.

use std::collections::BTreeMap;

use joinery_model::Value;

use super::attribute::{ContactPart, ContactSet};
use crate::WriteRow;

/// One record as it is, or as it shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Its parts, empty ones left out.
    pub parts: BTreeMap<ContactPart, String>,
    /// Is it the primary one?
    pub primary: bool,
}

/// Somebody's e-mails or phones, by option id of the type.
pub type Contacts = BTreeMap<String, Contact>;

/// What shall change: parts by type (`None` empties), and which type is primary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Parts by option id.
    pub parts: BTreeMap<(String, ContactPart), Option<String>>,
    /// Option id of the primary one.
    pub primary: Option<String>,
}

/// The records as they shall be: exactly one of them primary, as long as there are any.
pub fn after(now: &Contacts, wish: &Wish) -> Contacts {
    let mut contacts = now.clone();
    for ((kind, part), value) in &wish.parts {
        match value {
            Some(value) => {
                contacts.entry(kind.clone()).or_default().parts.insert(*part, value.clone());
            }
            None => {
                if let Some(contact) = contacts.get_mut(kind) {
                    contact.parts.remove(part);
                }
            }
        }
    }
    // Without a number or address there is no record.
    contacts.retain(|_, contact| contact.parts.contains_key(&ContactPart::Main));
    let wished = wish.primary.as_ref().filter(|kind| contacts.contains_key(*kind)).cloned();
    let known = contacts.iter().find(|(_, contact)| contact.primary).map(|(kind, _)| kind.clone());
    let primary = wished.or(known).or_else(|| contacts.keys().next().cloned());
    for (kind, contact) in &mut contacts {
        contact.primary = Some(kind) == primary.as_ref();
    }
    contacts
}

/// The rows that lead there; none when nothing differs. They go in one request: the tenant counts primaries after all
/// of them.
pub fn rows(set: ContactSet, person: &str, now: &Contacts, then: &Contacts) -> Vec<WriteRow> {
    let row = |kind: &str, primary: bool| {
        WriteRow::new(set.name())
            .key(set.kind_property(), &Value::text(kind))
            .key("personIdExternal", &Value::text(person))
            .put("isPrimary", &Value::Bool(primary))
            .together_with(person)
    };
    let mut rows = Vec::new();
    for (kind, contact) in then {
        let before = now.get(kind);
        if before == Some(contact) {
            continue;
        }
        let mut changed = row(kind, contact.primary);
        for part in set.parts() {
            let (old, new) = (before.and_then(|before| before.parts.get(part)), contact.parts.get(part));
            if old != new {
                let value = new.map_or(Value::Null, |text| Value::text(text.as_str()));
                changed = changed.put(set.property(*part), &value);
            }
        }
        rows.push(changed);
    }
    for (kind, contact) in now.iter().filter(|(kind, _)| !then.contains_key(*kind)) {
        rows.push(row(kind, contact.primary).delete());
    }
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn contact(main: &str, primary: bool) -> Contact {
        Contact { parts: [(ContactPart::Main, main.to_owned())].into(), primary }
    }

    #[test]
    fn the_primary_one_changes_hands_in_one_request() {
        let now = Contacts::from([("1".into(), contact("a", true)), ("2".into(), contact("b", false))]);
        let wish =
            Wish { parts: [(("2".into(), ContactPart::Main), Some("c".into()))].into(), primary: Some("2".into()) };
        let then = after(&now, &wish);
        assert_eq!(then, Contacts::from([("1".into(), contact("a", false)), ("2".into(), contact("c", true))]));
        assert_eq!(rows(ContactSet::Email, "p", &now, &then).len(), 2);
        assert!(rows(ContactSet::Email, "p", &then, &after(&then, &wish)).is_empty(), "twice is once");
        let gone = Wish { parts: [(("2".into(), ContactPart::Main), None)].into(), primary: None };
        assert_eq!(after(&then, &gone), Contacts::from([("1".into(), contact("a", true))]));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn one_is_primary_whatever_is_wished(
            now in proptest::collection::btree_map("[1-3]", ("[a-c]", any::<bool>()), 0..4),
            parts in proptest::collection::btree_map("[1-4]", proptest::option::of("[a-c]"), 0..4),
            primary in proptest::option::of("[1-5]"),
        ) {
            let now: Contacts = now.into_iter().map(|(kind, (main, primary))| (kind, contact(&main, primary))).collect();
            let parts = parts.into_iter().map(|(kind, main)| ((kind, ContactPart::Main), main)).collect();
            let wish = Wish { parts, primary };
            let then = after(&now, &wish);
            prop_assert_eq!(then.values().filter(|one| one.primary).count(), usize::from(!then.is_empty()));
            prop_assert_eq!(after(&then, &wish), then);
        }
    }
}
