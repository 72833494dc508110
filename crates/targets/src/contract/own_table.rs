//! A table that the operator made, with types and rules of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::{Action, Change, FindingKind, Key, Outcome, Record, RunId, Target, Value};

use super::suite::change;
use crate::sql::{Database, Settings, Sql};

/// Makes the table that [`own_table`] wants, empty; both dialects take it.
pub const OWN_TABLE: &str = "CREATE TABLE staff (id INTEGER PRIMARY KEY, surname VARCHAR(20) NOT NULL, mail TEXT UNIQUE, \
                             hired DATE, active_state VARCHAR(1) NOT NULL, note TEXT)";

/// A table of the operator's own is filled as it wants: columns are mapped, what it lacks is named, what breaks its
/// rules is refused alone, by the rule's or column's name and without the value.
pub async fn own_table(database: Database) {
    let attributes: Vec<Arc<str>> = ["last_name", "mail", "hired", "grade"].map(Arc::from).to_vec();
    let mut settings = Settings::new(database, "staff", "id", attributes);
    settings.create_table = false;
    settings.active = Some("active_state".into());
    settings.active_values = Some(("A".into(), "I".into()));
    settings.columns.insert("last_name".into(), "surname".into());
    let findings = Sql::open(settings.clone()).expect("settings").test().await;
    assert!(findings[0].kind == FindingKind::Problem && findings[0].message.contains("grade"), "{findings:?}");
    settings.attributes.pop();
    let target = Sql::open(settings).expect("settings");
    assert_eq!(target.test().await[0].kind, FindingKind::Good);

    let hired = Value::Date(jiff::civil::date(2026, 11, 21));
    let person = |key: &str, mail: &str| {
        record(key, &[("last_name", "X".into()), ("mail", mail.into()), ("hired", hired.clone())])
    };
    let create = |record: Record| change(Action::Create, record, None);
    let changes: Vec<Change> = vec![
        create(person("1", "a@example.org")),
        create(person("2", "a@example.org")),
        create(record("3", &[("last_name", Value::Null)])),
        create(record("no number", &[("last_name", "X".into())])),
        create(record("4", &[("last_name", "X".into()), ("hired", "yesterday".into())])),
        change(Action::Disable, person("5", "b@example.org"), Some("5".into())),
        create(person("6", "c@example.org")),
    ];
    let outcomes = target.apply(RunId(1), &changes).await.expect("apply works");
    for (at, word) in [(1, "mail"), (2, "surname"), (3, "id"), (4, "hired")] {
        let Outcome::Refused(why) = &outcomes[at] else { panic!("{at} is refused, not {:?}", outcomes[at]) };
        assert!(why.contains(word), "{why} names {word}");
        for value in ["a@example.org", "no number", "yesterday"] {
            assert!(!why.contains(value), "{why} holds a value");
        }
    }
    for at in [0, 5, 6] {
        assert!(matches!(outcomes[at], Outcome::Done { .. }), "{at} is delivered, not {:?}", outcomes[at]);
    }
    let held = target.list(None).await.expect("list works").held;
    let ids: Vec<&str> = held.iter().map(|held| &*held.target_id).collect();
    assert_eq!(ids, ["1", "6"]);
    assert_eq!(held[0].attributes["hired"], hired);
    assert_eq!(held[0].active, Some(true));

    let gone = change(Action::Disable, person("6", "c@example.org"), Some("6".into()));
    target.apply(RunId(1), &[gone]).await.expect("apply works");
    let moved = change(Action::Update, record("1", &[("mail", Value::Null)]), Some("1".into()));
    target.apply(RunId(1), &[moved]).await.expect("apply works");
    let held = target.list(None).await.expect("list works").held;
    assert_eq!((held[1].active, held[0].attributes["mail"].is_null()), (Some(false), true));
    assert_eq!(held[0].attributes["last_name"], Value::from("X"));
}

fn record(key: &str, members: &[(&str, Value)]) -> Record {
    let attributes = members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    Record { key: Key::from(key), active: true, attributes, references: BTreeMap::new() }
}
