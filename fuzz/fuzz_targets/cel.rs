//! Expressions: no panic, no value of a person in an error, and nothing beside the paths that were named is read.
#![no_main]

use std::sync::{Arc, LazyLock};

use jiff::civil::date;
use joinery_engine::Expr;
use joinery_model::{Path, Value};
use libfuzzer_sys::fuzz_target;

/// In every text of the person, and in no message.
const SECRET: &str = "Zq7x";

static PERSON: LazyLock<Value> = LazyLock::new(|| {
    let text = |text: &str| Value::text(format!("{SECRET}{text}"));
    let object = |members: Vec<(&str, Value)>| {
        Value::Object(members.into_iter().map(|(name, value)| (Arc::from(name), value)).collect())
    };
    let mail = |kind: &str| object(vec![("emailType", text(kind)), ("emailAddress", text("a@example.org"))]);
    object(vec![
        ("id", text("100")),
        ("n", Value::Int(-7)),
        ("d", Value::Decimal("1.50".into())),
        ("t", Value::Bool(true)),
        ("day", Value::Date(date(2026, 11, 21))),
        ("at", Value::Instant("2026-11-21T10:00:00.5Z".parse().expect("an instant"))),
        ("none", Value::Null),
        ("job", object(vec![("title", text("Zoë Müller-Łukasiewicz 山田太郎")), ("code", Value::Int(50_013_455))])),
        ("mails", Value::List(vec![mail("B"), mail("P"), Value::Null])),
    ])
});

/// The row with nothing in it but what stands under these paths.
fn only(row: &Value, paths: &[Vec<&str>]) -> Value {
    let Value::Object(members) = row else { return row.clone() };
    let kept = members.iter().filter_map(|(name, value)| {
        let below: Vec<Vec<&str>> =
            paths.iter().filter(|path| path.first() == Some(&&**name)).map(|path| path[1..].to_vec()).collect();
        match below.iter().any(Vec::is_empty) {
            _ if below.is_empty() => None,
            true => Some((name.clone(), value.clone())),
            false => Some((name.clone(), only(value, &below))),
        }
    });
    Value::Object(kept.collect())
}

fuzz_target!(|source: &str| {
    let Ok(expression) = Expr::compile(source) else { return };
    let today = date(2026, 11, 21);
    let answer = expression.eval(&PERSON, today);
    if let Err(error) = &answer {
        assert!(source.contains(SECRET) || !error.to_string().contains(SECRET), "{error}");
    }
    let paths: Vec<Vec<&str>> =
        expression.paths().iter().map(|path: &Path| path.segments().iter().map(|step| &*step.name).collect()).collect();
    assert_eq!(expression.eval(&only(&PERSON, &paths), today), answer, "only {paths:?} is read");
    let _ = expression.holds(&Value::Null, today);
});
