//! Writing against a simulated tenant, over HTTP on loopback; and against a scripted one for what that never says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use joinery_model::{Case, Filter, FixedClock, Op, Path, Retry, Value};
use joinery_simulator::world::Seed;
use joinery_simulator::{Fault, FaultKind, Running, Settings as Simulated, Simulator, TimeSource, Visibility};
use joinery_tenant::{
    Host, PlainHttp, RowOutcome, Search, Settings, Transport, UpsertOptions, UserChange, Users, WhyRefused, WriteRow,
    WriteSettings, Writer,
};
use serde_json::json;

const NOW: &str = "2026-11-21T12:00:00Z";

async fn tenant() -> Running {
    let now: Timestamp = NOW.parse().unwrap();
    let mut settings = Simulated::new("ACME", Seed::new(7, 300, now), TimeSource::fixed(now));
    settings.basic_password = Some("secret".into());
    Simulator::start(settings).await.unwrap()
}

fn transport(base_url: &str) -> Transport {
    #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let host = Host::parse(base_url, PlainHttp::LoopbackOnly).unwrap();
    let settings = Settings::basic("acme", host, "ACME", "API_USER", "secret".into());
    Transport::new(client, settings, FixedClock::at(NOW.parse().unwrap()), 1)
}

fn users(running: &Running, settings: WriteSettings) -> Users {
    Users::new(transport(running.base_url()), settings, TimeZone::UTC)
}

fn silent() -> WriteSettings {
    WriteSettings { option_profile: Some("silent".into()), ..WriteSettings::default() }
}

fn text(value: &str) -> Value {
    Value::text(value)
}

fn refused(outcome: &RowOutcome) -> &WhyRefused {
    match outcome {
        RowOutcome::Refused(refusal) => &refusal.why,
        other => panic!("{other:?}"),
    }
}

async fn field(users: &Users, id: &str, path: &str) -> Value {
    let user = users.get(id, [path]).await.unwrap().unwrap();
    path.parse::<Path>().unwrap().find(&user.data).first().map_or(Value::Null, |value| (*value).clone())
}

#[tokio::test]
async fn a_users_life() {
    let running = tenant().await;
    let users = users(&running, silent());
    let ada =
        UserChange::default().put("username", text("ada")).put("firstName", text("Ada")).put("custom01", text("x"));
    let ada = UserChange { manager: Some(Some("100001".into())), ..ada };
    let made = users.create("Z9", &ada).await.unwrap().unwrap();
    assert!(matches!(made, RowOutcome::Written(written) if written.created == Some(true)));
    assert!(users.create("Z9", &ada).await.unwrap().is_none(), "there is one already");
    assert!(running.look(|world| world.mails().is_empty()), "the option profile says no");
    let read = users.get("Z9", ["username", "firstName", "manager.userId"]).await.unwrap().unwrap();
    assert_eq!((read.is_active(), read.data.get("firstName")), (Some(true), Some(&text("Ada"))));
    assert_eq!(field(&users, "Z9", "manager.userId").await, text("100001"));
    assert!(users.set_manager("Z9", None).await.unwrap().is_written());
    assert_eq!(field(&users, "Z9", "manager.userId").await, Value::Null);
    assert!(users.set_hr("Z9", Some("100002")).await.unwrap().is_written());
    assert_eq!(refused(&users.set_hr("Z9", Some("nobody")).await.unwrap()), &WhyRefused::NotThere);

    assert!(users.deactivate("Z9").await.unwrap().is_written());
    assert!(users.deactivate("Z9").await.unwrap().is_written(), "twice is once");
    assert_eq!(users.get("Z9", []).await.unwrap().unwrap().is_active(), Some(false));
    let change = UserChange::default().put("custom02", text("y"));
    assert_eq!(refused(&users.update("Z9", &change, false).await.unwrap()), &WhyRefused::Inactive);
    assert!(users.update("Z9", &change, true).await.unwrap().is_written());
    assert!(users.reactivate("Z9").await.unwrap().is_written());
    assert_eq!(users.get("Z9", []).await.unwrap().unwrap().is_active(), Some(true));

    assert_eq!(refused(&users.set_password("Z9", &"weak".into()).await.unwrap()), &WhyRefused::Password);
    assert!(users.set_password("Z9", &"Strong-enough-1".into()).await.unwrap().is_written());
    let other = UserChange::default().put("username", text("ada"));
    let outcome = users.create("Y8", &other).await.unwrap().unwrap();
    assert_eq!(refused(&outcome), &WhyRefused::UserNameTaken);
    let RowOutcome::Refused(refusal) = outcome else { unreachable!() };
    assert!(!refusal.message.contains("ada"), "{}", refusal.message);
    let external = users.update("exte0", &change, true).await.unwrap();
    assert_eq!(refused(&external), &WhyRefused::External);
    assert!(users.get("nobody", []).await.unwrap().is_none());
}

/// KBA 2749477: what a user has and a replacement does not name is cleared; a change leaves it alone.
#[tokio::test]
async fn a_replacement_clears_what_it_does_not_name() {
    let running = tenant().await;
    let users = users(&running, silent());
    let both = UserChange::default().put("custom01", text("a")).put("custom02", text("b"));
    assert!(users.update("100003", &both, true).await.unwrap().is_written());
    let name = field(&users, "100003", "username").await;
    let one = UserChange::default().put("custom01", text("c"));
    assert!(users.update("100003", &one, true).await.unwrap().is_written());
    assert_eq!(field(&users, "100003", "custom02").await, text("b"));
    let whole = one.put("username", name).put("status", text("t"));
    assert!(users.replace("100003", &whole).await.unwrap().is_written());
    assert_eq!(field(&users, "100003", "custom01").await, text("c"));
    assert_eq!(field(&users, "100003", "custom02").await, Value::Null);
}

#[tokio::test]
async fn searches_are_pushed_down_and_judged_here() {
    let running = tenant().await;
    let users = users(&running, silent());
    let inactive = Filter::Compare { path: "status".parse().unwrap(), op: Op::Eq, value: text("f"), case: Case::Exact };
    // `custom01` cannot stand in a filter of the tenant: this half is judged here.
    users.update("100003", &UserChange::default().put("custom01", text("mark")), true).await.unwrap();
    let marked =
        Filter::Compare { path: "custom01".parse().unwrap(), op: Op::Eq, value: text("MARK"), case: Case::Fold };
    let found = users.all(&Search::everybody(["username"]).filter(marked)).await.unwrap();
    assert_eq!(found.iter().map(|user| &*user.user_id).collect::<Vec<_>>(), ["100003"]);
    let off = users.all(&Search::everybody([]).filter(inactive)).await.unwrap();
    assert!(!off.is_empty() && off.iter().all(|user| user.is_active() == Some(false)));
    let mut search = Search::everybody(["userId"]);
    search.page_size = 100;
    let everybody = users.all(&search).await.unwrap();
    assert!(everybody.len() > 300 && everybody.iter().any(is_external));
}

fn is_external(user: &joinery_tenant::UserEntity) -> bool {
    user.is_external_suite()
}

#[tokio::test]
async fn read_only_connections_are_left_in_peace() {
    let running = tenant().await;
    let users = users(&running, WriteSettings { read_only: true, ..silent() });
    let change = UserChange::default().put("custom01", text("x"));
    let failures = [
        users.create("Z9", &change).await.map(drop),
        users.update("100003", &change, false).await.map(drop),
        users.replace("100003", &change).await.map(drop),
        users.deactivate("100003").await.map(drop),
        users.reactivate("100003").await.map(drop),
        users.set_password("100003", &"Strong-enough-1".into()).await.map(drop),
        users.set_manager("100003", None).await.map(drop),
        users.writer().upsert(&[WriteRow::user("x")], UpsertOptions::default()).await.map(drop),
    ];
    for failure in failures {
        let failure = failure.unwrap_err();
        assert_eq!(failure.retry(), Retry::No);
        assert!(failure.message.starts_with("connection.acme.read_only"), "{}", failure.message);
    }
    assert_eq!(running.requests().total.requests, 0);
}

#[tokio::test]
async fn many_rows_with_a_few_bad_ones() {
    let running = tenant().await;
    let writer = Writer::new(transport(running.base_url()), WriteSettings { batch: 40, ..silent() });
    let rows: Vec<WriteRow> = (0..100)
        .map(|at| {
            let row = WriteRow::user(&format!("N{at}")).put("status", &text("t"));
            if at % 33 == 5 { row } else { row.put("username", &text(&format!("n{at}"))) }
        })
        .collect();
    let outcomes = writer.upsert(&rows, UpsertOptions::default()).await.unwrap();
    for (at, outcome) in outcomes.iter().enumerate() {
        if at % 33 == 5 {
            assert_eq!(refused(outcome), &WhyRefused::Required(vec!["username".into()]));
        } else {
            assert!(outcome.is_written(), "{at} {outcome:?}");
        }
    }
    assert_eq!(running.requests().by_resource.get("POST upsert").map(|counts| counts.requests), Some(3));
    // A second time nothing is new, and the bad ones are as bad.
    let again = writer.upsert(&rows, UpsertOptions::default()).await.unwrap();
    assert!(again.iter().zip(&outcomes).all(|(a, b)| a.is_written() == b.is_written()));
}

#[tokio::test]
async fn a_broken_connection_is_survived_where_a_repetition_does_no_harm() {
    let running = tenant().await;
    let writer = Writer::new(transport(running.base_url()), silent());
    running.arm(Fault::next(FaultKind::DropAfter { bytes: 5 }, 1).at("/upsert"));
    let row = WriteRow::user("100003").put("custom01", &text("x"));
    assert!(writer.upsert_one(row.clone(), UpsertOptions::default()).await.unwrap().is_written());
    running.arm(Fault::next(FaultKind::DropAfter { bytes: 5 }, 1).at("/upsert"));
    let outcome = writer.upsert_one(row.once(), UpsertOptions::default()).await.unwrap();
    assert!(matches!(outcome, RowOutcome::Unknown(_)), "{outcome:?}");
    running.arm(Fault::next(FaultKind::Maintenance, 2).at("/upsert"));
    let row = WriteRow::user("100003").put("custom01", &text("y"));
    assert!(writer.upsert_one(row, UpsertOptions::default()).await.unwrap().is_written());
}

#[tokio::test]
async fn what_may_not_be_written_is_told_as_a_permission() {
    let running = tenant().await;
    let rules = Visibility { read_only_sets: ["User".to_owned()].into(), ..Visibility::default() };
    running.set_visibility(rules, 0);
    let users = users(&running, silent());
    assert_eq!(refused(&users.deactivate("100003").await.unwrap()), &WhyRefused::NotPermitted);
}

#[tokio::test]
async fn notices_name_what_will_not_last() {
    let running = tenant().await;
    let loud = users(&running, WriteSettings::default());
    let said: Vec<String> =
        loud.notices(["custom01", "department", "manager"], true).into_iter().map(|one| one.message).collect();
    assert_eq!(said.len(), 2);
    assert!(said[0].starts_with("department, manager: ") && said[1].contains("welcome mail"));
    assert!(users(&running, silent()).notices(["custom01"], true).is_empty());
}

#[tokio::test]
async fn photos_are_read_and_set_or_there_is_none() {
    let running = tenant().await;
    let users = users(&running, silent());
    let (mut with, mut without) = (None, None);
    for number in 100_000..100_040 {
        let id = number.to_string();
        match users.photo(&id).await.unwrap() {
            Some(photo) => {
                assert_eq!(photo.media_type.as_deref(), Some("image/png"));
                assert!(photo.bytes.starts_with(b"\x89PNG") && photo.width > Some(0) && photo.height > Some(0));
                with = Some((id, photo));
            }
            None => without = Some(id),
        }
    }
    // Seven in ten have one; whoever has none gets somebody else's.
    let ((_, photo), without) = (with.expect("a photo"), without.expect("nobody without"));
    assert!(users.set_photo(&without, &photo.bytes).await.unwrap().is_written());
    assert_eq!(users.photo(&without).await.unwrap().expect("a photo").bytes, photo.bytes);
    assert!(matches!(users.set_photo(&without, b"no image").await.unwrap(), RowOutcome::Refused(_)));
    assert!(users.photo("nobody").await.map_or(true, |photo| photo.is_none()));
}

/// A tenant that answers upserts as it is told, one answer a request, and keeps what it got.
#[derive(Clone, Default)]
struct Scripted {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    got: Arc<Mutex<Vec<usize>>>,
}

impl Scripted {
    async fn start(answers: Vec<(u16, serde_json::Value)>) -> (Self, String) {
        let answers = answers.into_iter().map(|(status, body)| (status, body.to_string())).collect::<VecDeque<_>>();
        let scripted = Self { answers: Arc::new(Mutex::new(answers)), got: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let answer = |State(scripted): State<Self>, body: Bytes| async move {
            let rows: Vec<serde_json::Value> = serde_json::from_slice(&body).unwrap();
            scripted.got.lock().unwrap().push(rows.len());
            let (status, body) = scripted.answers.lock().unwrap().pop_front().unwrap();
            (StatusCode::from_u16(status).unwrap(), body)
        };
        let router = Router::new().fallback(answer).with_state(scripted.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (scripted, address)
    }

    fn got(&self) -> Vec<usize> {
        self.got.lock().unwrap().clone()
    }
}

fn ok(index: u32) -> serde_json::Value {
    json!({"key": "k", "status": "OK", "editStatus": "UPDATED", "message": null, "index": index, "httpCode": 204})
}

fn bad(index: u32, code: u16, message: &str) -> serde_json::Value {
    json!({"key": null, "status": "ERROR", "editStatus": null, "message": format!("{message} with the index {index}"),
        "index": index, "httpCode": code})
}

fn three() -> Vec<WriteRow> {
    ["a", "b", "c"].map(|id| WriteRow::user(id).put("custom01", &text("x"))).to_vec()
}

#[tokio::test]
async fn only_rows_that_may_pass_are_sent_again() {
    let busy = "The request has timed out. OData metadata is being generated";
    let first = json!({"d": [bad(2, 500, busy), ok(0), bad(1, 500, "[COE0019]Invalid property value. Property name:x. Property value:y.")]});
    let (scripted, url) = Scripted::start(vec![(200, first), (200, json!({"d": [ok(0)]}))]).await;
    let writer = Writer::new(transport(&url), silent());
    let outcomes = writer.upsert(&three(), UpsertOptions::default()).await.unwrap();
    assert!(outcomes[0].is_written() && outcomes[2].is_written());
    assert_eq!(refused(&outcomes[1]), &WhyRefused::Value);
    assert_eq!(scripted.got(), [3, 1]);
}

#[tokio::test]
async fn rows_that_an_answer_passes_over_are_unknown_and_not_sent_again() {
    let (scripted, url) = Scripted::start(vec![(200, json!({"d": [ok(0), ok(2)]}))]).await;
    let writer = Writer::new(transport(&url), silent());
    let outcomes = writer.upsert(&three(), UpsertOptions::default()).await.unwrap();
    assert!(outcomes[0].is_written() && outcomes[2].is_written());
    assert!(matches!(outcomes[1], RowOutcome::Unknown(_)));
    assert_eq!(scripted.got(), [3]);
    let (_, url) = Scripted::start(vec![(200, json!("not OData"))]).await;
    let outcomes = Writer::new(transport(&url), silent()).upsert(&three(), UpsertOptions::default()).await.unwrap();
    assert!(outcomes.iter().all(|one| matches!(one, RowOutcome::Unknown(_))));
}

#[tokio::test]
async fn what_is_too_large_is_cut() {
    let limit = json!({"error": {"code": "BadRequestException", "message": {"value": "Upsert content exceeds the limitation, the maximum size is 1000"}}});
    let script = vec![
        (413, json!({})),
        (200, json!({"d": [ok(0)]})),
        (400, limit),
        (200, json!({"d": [ok(0)]})),
        (413, json!({})),
    ];
    let (scripted, url) = Scripted::start(script).await;
    let writer = Writer::new(transport(&url), silent());
    let outcomes = writer.upsert(&three(), UpsertOptions::default()).await.unwrap();
    assert_eq!(scripted.got(), [3, 1, 2, 1, 1]);
    assert!(outcomes[0].is_written() && outcomes[1].is_written());
    assert_eq!(refused(&outcomes[2]), &WhyRefused::Other);
}
