//! The table in SQLite.

use std::sync::Arc;

use joinery_model::{Action, Change, Correlation, FindingKind, Found, Key, Outcome, Record, RunId, Target, Value};

use super::{ColumnType, Database, Settings, Sql};
use crate::contract::{Names, OWN_TABLE, change, every, own_table};

fn names(salt: &str) -> Names {
    Names {
        key: "employee_id".into(),
        text: "last_name".into(),
        other: "title".into(),
        more: vec!["mail".into()],
        reference: "manager".into(),
        salt: salt.to_owned(),
    }
}

fn attributes() -> Vec<Arc<str>> {
    ["employee_id", "last_name", "title", "mail", "manager"].map(Arc::from).to_vec()
}

fn record(key: &str, members: &[(&str, Value)]) -> Record {
    Record {
        key: Key::from(key),
        active: true,
        attributes: members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(),
        references: std::collections::BTreeMap::new(),
    }
}

fn at(folder: &tempfile::TempDir) -> Database {
    Database::Sqlite(folder.path().join("people.db"))
}

#[tokio::test]
async fn sqlite_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(at(&folder), "people", "employee_id", attributes());
    every(&names("s"), || async { Sql::open(settings.clone()).unwrap() }).await;
}

#[tokio::test]
async fn the_file_is_for_its_owner_alone_and_testing_makes_none() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let target = Sql::open(Settings::new(at(&folder), "people", "employee_id", attributes())).unwrap();
    assert!(target.test().await.iter().all(|finding| finding.kind == FindingKind::Good));
    assert!(!folder.path().join("people.db").exists());
    let made = target.apply(RunId(1), &[change(Action::Create, record("1", &[]), None)]).await.unwrap();
    assert!(matches!(&made[0], Outcome::Done { target_id, .. } if &**target_id == "1"));
    let mode = folder.path().join("people.db").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_table_of_the_operators_own_is_filled_as_it_wants() {
    let folder = tempfile::tempdir().unwrap();
    let connection = rusqlite::Connection::open(folder.path().join("people.db")).unwrap();
    connection.execute_batch(OWN_TABLE).unwrap();
    own_table(at(&folder)).await;
    let row: (i64, String, String) = connection
        .query_row("SELECT id, hired, active_state FROM staff", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    assert_eq!(row, (1, "2026-11-21".into(), "A".into()));
}

#[tokio::test]
async fn a_changed_key_moves_the_row_and_a_shared_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let target = Sql::open(Settings::new(at(&folder), "people", "employee_id", attributes())).unwrap();
    let person = |key: &str, id: &str| record(key, &[("employee_id", id.into()), ("last_name", "X".into())]);
    let make = [change(Action::Create, person("1", "1"), None), change(Action::Create, person("2", "1"), None)];
    let outcomes = target.apply(RunId(1), &make).await.unwrap();
    assert!(matches!(&outcomes[1], Outcome::Refused(why) if why.contains("employee_id")));
    for _ in 0..2 {
        let moved =
            target.apply(RunId(1), &[change(Action::Update, person("1", "9"), Some("1".into()))]).await.unwrap();
        assert!(matches!(&moved[0], Outcome::Done { target_id, .. } if &**target_id == "9"));
        assert_eq!(target.list(None).await.unwrap().held.len(), 1);
    }
}

#[tokio::test]
async fn a_creation_takes_nobodys_row() {
    let folder = tempfile::tempdir().unwrap();
    let target = Sql::open(Settings::new(at(&folder), "people", "mail", attributes())).unwrap();
    let person = |key: &str| record(key, &[("employee_id", key.into()), ("mail", "a@example.org".into())]);
    let first = target.apply(RunId(1), &[change(Action::Create, person("1"), None)]).await.unwrap();
    assert!(matches!(&first[0], Outcome::Done { .. }));
    let second = target.apply(RunId(2), &[change(Action::Create, person("2"), None)]).await.unwrap();
    assert!(matches!(&second[0], Outcome::Refused(why) if why.contains("correlate") && !why.contains('@')));
    let held = target.list(None).await.unwrap().held;
    assert_eq!((held.len(), &held[0].attributes["employee_id"]), (1, &Value::from("1")));
    // Tried before, the row may be the one that the lost answer was about: when it says what was to be written.
    let again = |key: &str| Change { attempts: 1, ..change(Action::Create, person(key), None) };
    let second = target.apply(RunId(2), &[again("2")]).await.unwrap();
    assert!(matches!(&second[0], Outcome::Refused(why) if why.contains("correlate") && !why.contains('@')));
    let first = target.apply(RunId(2), &[again("1")]).await.unwrap();
    assert!(matches!(&first[0], Outcome::Done { .. }));
    assert_eq!(target.list(None).await.unwrap().held, held);
}

#[tokio::test]
async fn two_attributes_in_one_column_are_an_error_before_anything_is_opened() {
    let mut settings = Settings::new(Database::Sqlite("x".into()), "people", "id", vec!["a".into(), "b".into()]);
    settings.columns.insert("b".into(), "a".into());
    assert!(Sql::open(settings).is_err_and(|failure| failure.message.contains("filled twice")));
    let dotted = Settings::new(Database::Sqlite("x".into()), "main.people", "id", Vec::new());
    assert!(Sql::open(dotted).is_err_and(|failure| failure.message.contains("dot")));
}

#[tokio::test]
async fn kinds_survive_the_way_there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["flag", "number", "amount", "day", "moment"];
    let kinds = [ColumnType::Bool, ColumnType::Int, ColumnType::Decimal, ColumnType::Date, ColumnType::Instant];
    let mut settings = Settings::new(at(&folder), "people", "id", names.map(Arc::from).to_vec());
    settings.types = names.map(Arc::from).into_iter().zip(kinds).collect();
    let target = Sql::open(settings).unwrap();
    let values = [
        Value::Bool(false),
        Value::Int(-7),
        Value::Decimal("0.5".into()),
        Value::Date(jiff::civil::date(2026, 2, 28)),
        Value::Instant("2026-11-21T10:00:00.5Z".parse().unwrap()),
    ];
    let members: Vec<(&str, Value)> = names.into_iter().zip(values).collect();
    let person = record("1", &members);
    target.apply(RunId(1), &[change(Action::Create, person.clone(), None)]).await.unwrap();
    let held = target.list(None).await.unwrap().held.remove(0);
    assert_eq!(held.attributes, person.attributes);
}

#[tokio::test]
async fn a_table_that_lacks_a_column_is_read_before_it_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(at(&folder), "people", "employee_id", vec!["employee_id".into(), "mail".into()]);
    let person = record("1", &[("employee_id", "1".into()), ("mail", "a@example.org".into())]);
    let target = Sql::open(settings.clone()).unwrap();
    target.apply(RunId(1), &[change(Action::Create, person.clone(), None)]).await.unwrap();
    settings.attributes.push("title".into());
    let target = Sql::open(settings).unwrap();
    let ask = |attribute: &str, value: &str| Correlation {
        person: person.key.clone(),
        target_id: None,
        by: vec![(attribute.into(), value.into())],
    };
    let found = target.find(&[ask("mail", "a@example.org"), ask("title", "Dr")]).await.unwrap();
    assert!(matches!(&found[0], Found::One(held) if &*held.target_id == "1" && held.active == Some(true)));
    assert_eq!(found[1], Found::None);
    assert!(target.find(&[ask("nothing", "x")]).await.is_err_and(|failure| failure.message.contains("nothing")));
    let mut titled = person.clone();
    titled.attributes.insert("title".into(), "Dr".into());
    target.apply(RunId(2), &[change(Action::Update, titled, Some("1".into()))]).await.unwrap();
    assert!(matches!(&target.find(&[ask("title", "Dr")]).await.unwrap()[0], Found::One(_)));
}
