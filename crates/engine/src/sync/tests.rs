//! Configuration in, a compiled sync or every problem out; and what it says it needs is all that it reads.

use std::collections::BTreeMap;

use jiff::civil::date;
use joinery_model::{Path, Row, Standing, Value};
use proptest::prelude::*;

use super::Sync;
use crate::spec::{MappingSpec, SpecError, SyncSpec};

fn compile(sync: &str, mapping: &str) -> Result<Sync, Vec<SpecError>> {
    let spec: SyncSpec = toml::from_str(sync).unwrap();
    let mapping: MappingSpec = toml::from_str(mapping).unwrap();
    Sync::compile("people", &spec, &BTreeMap::from([("standard".to_owned(), mapping)]))
}

const SYNC: &str = "connection = 'acme'\ntargets = ['hr']\nmapping = 'standard'\n";

const MAPPING: &str = r#"
employee_id = "personIdExternal"
last_name = { path = "personalInfoNav.lastName", when_null = "keep" }
mail = "emailNav[emailType=B].emailAddress"
status = { path = "employmentNav.jobInfoNav.emplStatus", map = { A = "active", U = "leave" }, default = "inactive" }
title = { template = "{{{personalInfoNav.firstName}}} {personalInfoNav.lastName}" }
display = { cel = "p.personalInfoNav.lastName + ', ' + p.personalInfoNav.firstName" }
kinds = { cel = "Join(',', p.emailNav.map(e, e.emailType))" }
kind = { value = "employee" }
manager = { person = "employmentNav.jobInfoNav.managerId" }
"#;

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let sync = r#"
        connection = "acme"
        targets = ["hr", "hr"]
        mapping = "standard"
        correlate = ["nothing"]
        only = "p.company =="
        [employment]
        zone = "Mars/Base"
        [guard]
        create = "many"
        disable = "120%"
        [[rule]]
        name = "r"
        attribute = "last_name"
        matches = "("
        [[rule]]
        name = "r"
        attribute = "mail"
    "#;
    let mapping = r#"
        last_name = "a..b"
        mail = { path = "x", cel = "p.x" }
        title = { template = "no place" }
        display = { cel = "Nope(p.x)" }
        manager = { person = "m", default = "x" }
        kind = { value = 1, missing = "wait" }
    "#;
    let errors = compile(sync, mapping).unwrap_err();
    let places: Vec<&str> = errors.iter().map(|error| &*error.key_path).collect();
    for place in [
        "sync.people.targets",
        "mapping.standard.last_name",
        "mapping.standard.mail",
        "mapping.standard.title.template",
        "mapping.standard.display.cel",
        "mapping.standard.manager",
        "mapping.standard.kind.missing",
        "sync.people.only",
        "sync.people.employment.zone",
        "sync.people.guard.create",
        "sync.people.guard.disable",
        "sync.people.rule[0].matches",
        "sync.people.rule[1].name",
        "sync.people.rule[1]",
    ] {
        assert!(places.contains(&place), "{place} in {places:#?}");
    }
    assert_eq!(places.len(), 14, "{places:#?}");
    assert!(toml::from_str::<SyncSpec>(&format!("{SYNC}colour = 'red'")).is_err(), "unknown keys are errors");
}

#[test]
fn attributes_that_no_mapping_gives_are_named() {
    let more = "correlate = ['nothing']\n[guard.attribute]\nnowhere = 5\n[[rule]]\nname = 'r'\nattribute = 'gone'\nrequired = true\n";
    let errors = compile(&format!("{SYNC}{more}"), MAPPING).unwrap_err();
    let places: Vec<&str> = errors.iter().map(|error| &*error.key_path).collect();
    assert_eq!(
        places,
        ["sync.people.correlate[0]", "sync.people.rule[0].attribute", "sync.people.guard.attribute.nowhere"]
    );
}

#[test]
fn the_hash_changes_with_what_shapes_changes_and_with_nothing_else() {
    let hash = |sync: &str, mapping: &str| compile(sync, mapping).unwrap().config_hash().to_string();
    let plain = hash(SYNC, MAPPING);
    assert_eq!(plain, hash(&format!("{SYNC}every = '5m'\n[guard]\ncreate = 3\n"), MAPPING));
    assert_ne!(plain, hash(&format!("{SYNC}[guard]\ngone = 'delete'\n"), MAPPING));
    assert_ne!(plain, hash(&format!("{SYNC}[leaver]\ngrace_days = 1\n"), MAPPING));
    assert_ne!(plain, hash(SYNC, &MAPPING.replace("\"employee\"", "\"worker\"")));
}

fn object(members: Vec<(&str, Value)>) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn row(texts: &[Option<String>; 6]) -> Row {
    let text = |at: usize| texts[at].as_deref().map_or(Value::Null, Value::text);
    let email =
        |kind: &str, at| object(vec![("emailType", kind.into()), ("emailAddress", text(at)), ("other", "x".into())]);
    let job = object(vec![("emplStatus", text(2)), ("managerId", text(3)), ("department", "D".into())]);
    let data = object(vec![
        ("personIdExternal", "1".into()),
        ("personalInfoNav", object(vec![("firstName", text(0)), ("lastName", text(1)), ("middleName", "M".into())])),
        ("employmentNav", object(vec![("jobInfoNav", job), ("userId", "u".into())])),
        ("emailNav", Value::List(vec![email("P", 4), email("B", 5)])),
        ("dateOfBirth", Value::Date(date(1970, 1, 1))),
    ]);
    Row {
        key: "1".into(),
        aliases: Vec::new(),
        data,
        refs: Vec::new(),
        standing: Standing::active(),
        modified: None,
        unsaid: Vec::new(),
    }
}

/// The row cut to what is needed, as a source would give it. A path through a list keeps the whole element.
fn cut(value: &Value, needs: &[&[joinery_model::Segment]]) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let kept = members.iter().filter_map(|(name, inner)| {
        let below: Vec<&[_]> = needs.iter().filter(|path| *path[0].name == **name).map(|path| &path[1..]).collect();
        if below.is_empty() {
            return None;
        }
        Some((name.clone(), if below.iter().any(|path| path.is_empty()) { inner.clone() } else { cut(inner, &below) }))
    });
    Value::Object(kept.collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// No path outside the needs changes a result.
    #[test]
    fn what_is_not_needed_is_not_read(texts in proptest::array::uniform6(proptest::option::of("[A-Z]{0,3}"))) {
        let sync = compile(&format!("{SYNC}only = \"p.personalInfoNav.firstName != 'X'\""), MAPPING).unwrap();
        let whole = row(&texts);
        let needs: Vec<&[_]> = sync.needs().paths.iter().map(Path::segments).collect();
        let cut = Row { data: cut(&whole.data, &needs), ..whole.clone() };
        prop_assert_ne!(&cut.data, &whole.data);
        let today = date(2026, 11, 21);
        let mapping = &sync.0.mappings[0];
        let (ours, theirs) = (mapping.map(&cut, today).unwrap(), mapping.map(&whole, today).unwrap());
        prop_assert_eq!(ours.record(true), theirs.record(true));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// A path that the source does not say takes what reads it out of the record, whatever stands in the row; it gives
    /// nothing another value and makes nobody invalid.
    #[test]
    fn what_is_unsaid_changes_no_value(
        texts in proptest::array::uniform6(proptest::option::of("[A-Z]{0,3}")),
        unsaid in proptest::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let rules = "[[rule]]\nname = 'r'\nattribute = 'last_name'\nrequired = true\n\
                     [[rule]]\nname = 's'\nattribute = 'manager'\nrequired = true\n";
        let sync = compile(&format!("{SYNC}{rules}"), MAPPING).unwrap();
        let said = row(&texts);
        let paths: Vec<&Path> = sync.needs().paths.iter().collect();
        let unsaid: Vec<Path> = unsaid.iter().map(|at| (*at.get(&paths)).clone()).collect();
        let row = Row { unsaid, ..said.clone() };
        let today = date(2026, 11, 21);
        let mapping = &sync.0.mappings[0];
        let (less, all) = (mapping.map(&row, today).unwrap(), mapping.map(&said, today).unwrap());
        let without: Vec<&str> = mapping.unsaid(&row.unsaid).map(|name| &**name).collect();
        let mut expected = all.record(true);
        expected.attributes.retain(|name, _| !without.contains(&&**name));
        expected.references.retain(|name, _| !without.contains(&&**name));
        prop_assert_eq!(less.record(true), expected);
        let judged = |row: &Row| {
            crate::run::prepare(&sync.0, row.clone(), joinery_model::Tried::Read, today).records.pop().unwrap()
        };
        prop_assert!(judged(&said).is_err() || judged(&row).is_ok());
        if without.contains(&"last_name") && without.contains(&"manager") {
            prop_assert!(judged(&row).is_ok());
        }
    }
}

#[test]
fn a_mapping_makes_what_it_says() {
    let sync = compile(SYNC, MAPPING).unwrap();
    let some = |text: &str| Some(text.to_owned());
    let mut texts = [some("Ada"), some("King"), some("A"), some("u7"), some("p@x"), some("b@x")];
    let map = |texts: &_| sync.0.mappings[0].map(&row(texts), date(2026, 11, 21)).unwrap();
    let full = map(&texts);
    let plain = |made: &crate::mapping::Mapped, name: &str| made.attributes.get(name).map(Value::to_plain);
    for (name, value) in [
        ("last_name", "King"),
        ("mail", "b@x"),
        ("status", "active"),
        ("title", "{Ada} King"),
        ("display", "King, Ada"),
        ("kinds", "P,B"),
        ("kind", "employee"),
    ] {
        assert_eq!(plain(&full, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(&*full.references["manager"].as_ref().unwrap().alias, "u7");
    (texts[1], texts[2], texts[3], texts[5]) = (None, some("?"), some("NO_MANAGER"), None);
    let sparse = map(&texts);
    assert_eq!(plain(&sparse, "last_name"), None, "keep leaves it alone");
    assert_eq!(sparse.attributes["mail"], Value::Null, "clear clears it");
    assert_eq!(plain(&sparse, "status").as_deref(), Some("inactive"));
    assert_eq!(sparse.references["manager"], None);
}
