//! The tenant as a target, against a simulated one.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use joinery_model::{
    Action, AttributeDiff, Change, ChangeId, Correlation, FixedClock, Found, Held, Key, Outcome, Record, RunId,
    Situation, Target as _, Value,
};
use joinery_simulator::world::Seed;
use joinery_simulator::{Running, Settings as Simulated, Simulator, TimeSource};
use joinery_tenant::{Host, PlainHttp, Settings, Transport, WriteBack, WriteSettings};

const NOW: &str = "2026-11-21T12:00:00Z";
const NAMES: [&str; 8] =
    ["user_id", "person_id", "username", "custom01", "loginMethod", "email_B", "email_P", "email_primary"];

async fn tenant() -> Running {
    let now: Timestamp = NOW.parse().unwrap();
    let mut settings = Simulated::new("ACME", Seed::new(7, 300, now), TimeSource::fixed(now));
    settings.basic_password = Some("secret".into());
    Simulator::start(settings).await.unwrap()
}

fn transport(running: &Running) -> Transport {
    #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let host = Host::parse(running.base_url(), PlainHttp::LoopbackOnly).unwrap();
    let settings = Settings::basic("acme", host, "ACME", "API_USER", "secret".into());
    Transport::new(client, settings, FixedClock::at(NOW.parse().unwrap()), 1)
}

fn target(running: &Running, names: &[&str]) -> WriteBack {
    let names = names.iter().map(|name| Arc::from(*name));
    WriteBack::open(transport(running), WriteSettings::default(), names).unwrap()
}

fn wanted(by: &[(&str, &str)]) -> Correlation {
    let by = by.iter().map(|(name, value)| (Arc::from(*name), Value::text(*value))).collect();
    Correlation { person: Key::from("p"), target_id: None, by }
}

async fn held(target: &WriteBack, id: &str) -> Held {
    let mut found = target.find(&[wanted(&[("user_id", id)])]).await.unwrap();
    match found.remove(0) {
        Found::One(held) => held,
        other => panic!("{other:?}"),
    }
}

fn text(held: &Held, name: &str) -> String {
    held.attributes.get(name).and_then(Value::as_text).unwrap_or_default().to_owned()
}

/// A change of these attributes of somebody.
fn change(action: Action, id: &str, values: &[(&str, &str)]) -> Change {
    let value = |text: &str| if text.is_empty() { Value::Null } else { Value::text(text) };
    let mut attributes: BTreeMap<Arc<str>, Value> =
        values.iter().map(|(name, text)| (Arc::from(*name), value(text))).collect();
    let diff = attributes
        .iter()
        .map(|(name, after)| AttributeDiff { name: name.clone(), before: None, after: after.clone() })
        .collect();
    attributes.insert("person_id".into(), Value::text(id));
    attributes.insert("user_id".into(), Value::text(id));
    Change {
        id: ChangeId(1),
        person: Key::from(id),
        target: "acme".into(),
        action,
        situation: Situation::Differs,
        target_id: Some(id.into()),
        after: Record { key: Key::from(id), active: true, attributes, references: BTreeMap::new() },
        diff,
        attempts: 0,
    }
}

async fn apply(target: &WriteBack, changes: &[Change]) -> Vec<Outcome> {
    target.apply(RunId(1), changes).await.unwrap()
}

/// Somebody with one business e-mail, and no other.
async fn somebody(running: &Running, target: &WriteBack) -> String {
    running.change(|world| world.hire(&joinery_simulator::world::Hire::new("Ada", "Byron", world.today())).unwrap());
    let found = target.find(&[wanted(&[("username", "ada.byron")])]).await.unwrap();
    let [Found::One(held)] = &found[..] else { panic!("{found:?}") };
    held.target_id.to_string()
}

#[tokio::test]
async fn people_are_found_by_the_pairs_in_order() {
    let running = tenant().await;
    let target = target(&running, &NAMES);
    let id = somebody(&running, &target).await;
    let asked = [
        wanted(&[("user_id", "nobody"), ("username", "ada.byron")]),
        wanted(&[("person_id", &id)]),
        wanted(&[("custom01", "no filter of the tenant")]),
        Correlation { target_id: Some(id.as_str().into()), ..wanted(&[]) },
    ];
    let found = target.find(&asked).await.unwrap();
    assert!(matches!(
        (&found[0], &found[1], &found[2], &found[3]),
        (Found::One(_), Found::One(_), Found::None, Found::One(_))
    ));
    let held = held(&target, &id).await;
    assert_eq!((text(&held, "email_B"), text(&held, "email_primary")), ("ada.byron@acme.example".into(), "B".into()));
    assert_eq!((text(&held, "person_id"), text(&held, "username")), (id, "ada.byron".into()));
}

#[tokio::test]
async fn what_differs_is_written_and_twice_is_once() {
    let running = tenant().await;
    let target = target(&running, &NAMES);
    let id = somebody(&running, &target).await;
    let values = [
        ("username", "ada"),
        ("custom01", "x"),
        ("loginMethod", "SSO"),
        ("email_B", "ada@acme.example"),
        ("email_P", "ada@home.example"),
        ("email_primary", "P"),
    ];
    let changes = [change(Action::Update, &id, &values)];
    for _ in 0..2 {
        let outcomes = apply(&target, &changes).await;
        assert!(matches!(&outcomes[0], Outcome::Done { target_id, .. } if **target_id == *id), "{outcomes:?}");
        let held = held(&target, &id).await;
        for (name, value) in values {
            assert_eq!(text(&held, name), value, "{name}");
        }
    }
    // Emptied, the address goes, and the other one is primary.
    let gone = [change(Action::Update, &id, &[("email_P", "")])];
    assert!(matches!(apply(&target, &gone).await[0], Outcome::Done { .. }));
    let left = held(&target, &id).await;
    assert_eq!((text(&left, "email_P"), text(&left, "email_primary")), (String::new(), "B".into()));
    assert!(matches!(apply(&target, &gone).await[0], Outcome::Done { .. }));
}

#[tokio::test]
async fn phones_have_parts_and_one_is_primary() {
    let running = tenant().await;
    let names = [
        "user_id",
        "person_id",
        "username",
        "phone_B",
        "phone_B_extension",
        "phone_C",
        "phone_C_country",
        "phone_primary",
    ];
    let target = target(&running, &names);
    let id = somebody(&running, &target).await;
    let values = [
        ("phone_B", "030 1234"),
        ("phone_B_extension", "17"),
        ("phone_C", "0170 99"),
        ("phone_C_country", "49"),
        ("phone_primary", "C"),
    ];
    for (at, primary) in ["C", "B", "B"].into_iter().enumerate() {
        let mut values = values;
        values[4].1 = primary;
        let outcomes = apply(&target, &[change(Action::Update, &id, &values)]).await;
        assert!(matches!(outcomes[0], Outcome::Done { .. }), "{at} {outcomes:?}");
        let held = held(&target, &id).await;
        for (name, value) in values {
            assert_eq!(text(&held, name), value, "{at} {name}");
        }
    }
    let gone = [change(Action::Update, &id, &[("phone_B", "")])];
    assert!(matches!(apply(&target, &gone).await[0], Outcome::Done { .. }));
    let left = held(&target, &id).await;
    assert_eq!((text(&left, "phone_B"), text(&left, "phone_B_extension")), (String::new(), String::new()));
    assert_eq!(text(&left, "phone_primary"), "C", "the one that is left");
}

#[tokio::test]
async fn one_refusal_leaves_the_others() {
    let running = tenant().await;
    let target = target(&running, &NAMES);
    let id = somebody(&running, &target).await;
    let changes = [
        change(Action::Update, &id, &[("custom01", "y")]),
        change(Action::Update, "100003", &[("username", "ada.byron"), ("email_B", "z@acme.example")]),
        change(Action::Create, "new", &[("username", "new")]),
        change(Action::Disable, "100004", &[]),
        change(Action::Delete, "100004", &[]),
    ];
    let outcomes = apply(&target, &changes).await;
    assert!(matches!(&outcomes[0], Outcome::Done { .. }));
    assert!(matches!(&outcomes[1], Outcome::Refused(why) if why.contains("username") && !why.contains("ada")));
    assert!(matches!((&outcomes[2], &outcomes[4]), (Outcome::Refused(_), Outcome::Refused(_))));
    assert!(matches!(&outcomes[3], Outcome::Done { .. }));
    assert_ne!(text(&held(&target, "100003").await, "email_B"), "z@acme.example", "whoever is refused is left alone");
    assert!(running.look(|world| world.user_named("new").is_none()));
}

#[tokio::test]
async fn what_cannot_work_is_told_when_it_is_opened() {
    let running = tenant().await;
    let open = |settings: WriteSettings, names: &[&str]| {
        let names: Vec<Arc<str>> = names.iter().map(|name| Arc::from(*name)).collect();
        WriteBack::open(transport(&running), settings, names).unwrap_err().message
    };
    assert!(open(WriteSettings { read_only: true, ..WriteSettings::default() }, &["user_id"]).contains("read_only"));
    assert!(open(WriteSettings::default(), &["department"]).starts_with("department: cannot be written back"));
    assert!(open(WriteSettings::default(), &["user_id", "email_B"]).starts_with("person_id: "));
    assert_eq!(running.requests().total.requests, 0);
}
