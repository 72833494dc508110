//! The target against servers of many habits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use joinery_model::{
    Action, Correlation, FindingKind, FixedClock, Found, Key, Outcome, Record, Retry, RunId, Tally, Target, Value,
};
use joinery_scim::urn::ENTERPRISE_USER;
use serde_json::{Value as Json, json};

use super::testserver::{Filters, TestServer};
use super::{Auth, Deactivate, Scim, SecretPlace, Settings, Update};
use crate::contract::{Names, change, differing, every};

const MAIL: &str = r#"emails[type eq "work"].value"#;

fn attributes() -> Vec<Arc<str>> {
    let manager = format!("{ENTERPRISE_USER}:manager.value");
    let department = format!("{ENTERPRISE_USER}:department");
    ["userName", "name.familyName", "nickName", MAIL, &department, &manager].map(Arc::from).to_vec()
}

fn names(salt: &str) -> Names {
    Names {
        key: "userName".into(),
        text: "name.familyName".into(),
        other: "nickName".into(),
        more: vec![MAIL.into(), format!("{ENTERPRISE_USER}:department").into()],
        reference: format!("{ENTERPRISE_USER}:manager.value").into(),
        salt: salt.to_owned(),
    }
}

fn settings(server: &TestServer) -> Settings {
    let mut settings = Settings::new(&*server.url, Auth::Bearer("sesame".into()), attributes());
    settings.timeout = Duration::from_secs(1);
    settings
}

#[expect(clippy::disallowed_methods, reason = "a test is a root of its own")]
fn http() -> reqwest::Client {
    reqwest::Client::new()
}

fn noon() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn open(settings: Settings) -> Scim<FixedClock> {
    Scim::open(settings, http(), FixedClock::at(noon())).unwrap()
}

fn person(key: &str, user_name: &str) -> Record {
    let attributes: BTreeMap<Arc<str>, Value> =
        BTreeMap::from([("userName".into(), user_name.into()), ("name.familyName".into(), "Mustermann".into())]);
    Record { key: Key::from(key), active: true, attributes, references: BTreeMap::new() }
}

fn create(record: &Record, attempts: u32) -> joinery_model::Change {
    joinery_model::Change { attempts, ..change(Action::Create, record.clone(), None) }
}

async fn one(target: &Scim<FixedClock>, change: joinery_model::Change) -> Outcome {
    target.apply(RunId(1), &[change]).await.unwrap().remove(0)
}

fn id(outcome: &Outcome) -> Arc<str> {
    let Outcome::Done { target_id, .. } = outcome else { panic!("delivered, not {outcome:?}") };
    target_id.clone()
}

fn why(outcome: &Outcome) -> &str {
    let Outcome::Refused(why) = outcome else { panic!("refused, not {outcome:?}") };
    why
}

#[tokio::test]
async fn a_capable_server_keeps_the_contract() {
    let server = TestServer::start().await;
    every(&names("a"), || async { open(settings(&server)) }).await;
    assert!(server.inside().asked.iter().all(|(method, ..)| method != "PUT"));
}

#[tokio::test]
async fn a_server_that_only_puts_and_says_nothing_of_itself_keeps_the_contract() {
    let server = TestServer::start().await;
    {
        let mut inside = server.inside();
        (inside.described, inside.patch, inside.filters, inside.most) = (false, false, Filters::Refused, 3);
    }
    every(&names("b"), || async { open(settings(&server)) }).await;
}

#[tokio::test]
async fn a_server_that_answers_every_filter_with_everybody_keeps_the_contract() {
    let server = TestServer::start().await;
    server.inside().filters = Filters::Ignored;
    server.inside().cursor = true;
    every(&names("c"), || async { open(settings(&server)) }).await;
}

#[tokio::test]
async fn an_element_is_found_on_servers_with_and_without_element_filters() {
    for filters in [Filters::Answered, Filters::Plain, Filters::Refused, Filters::Ignored] {
        let server = TestServer::start().await;
        server.inside().filters = filters;
        let target = open(settings(&server));
        for (key, kind) in [("1", "work"), ("2", "home")] {
            let mut record = person(key, key);
            record.attributes.insert(MAIL.into(), format!("{key}@example.org").into());
            id(&one(&target, create(&record, 0)).await);
            server.inside().users.get_mut(&key.parse().unwrap()).unwrap()["emails"][0]["type"] = kind.into();
        }
        let ask =
            |text: &str| Correlation { person: "9".into(), target_id: None, by: vec![(MAIL.into(), text.into())] };
        let found = target.find(&[ask("1@EXAMPLE.org"), ask("2@example.org")]).await.unwrap();
        assert!(matches!(&found[0], Found::One(held) if &*held.target_id == "1"), "{filters:?}");
        assert_eq!(found[1], Found::None, "{filters:?}: another element holds it");
    }
}

#[tokio::test]
async fn the_smallest_patch_is_sent_and_none_when_nothing_differs() {
    let server = TestServer::start().await;
    let target = open(settings(&server));
    let mut before = person("1", "one");
    before.attributes.insert(MAIL.into(), "a@example.org".into());
    let account = id(&one(&target, create(&before, 0)).await);
    let posted = server.inside().asked.remove(0).2;
    assert_eq!(
        posted,
        json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "externalId": "1", "userName": "one",
            "name": {"familyName": "Mustermann"}, "active": true, "emails": [{"type": "work", "value": "a@example.org"}]})
    );
    let mut after = before.clone();
    after.attributes.insert(MAIL.into(), "b@example.org".into());
    let update = differing(change(Action::Update, after, Some(account)), &before);
    id(&one(&target, update.clone()).await);
    let asked = server.inside().asked.clone();
    assert_eq!(asked.len(), 2);
    assert_eq!(
        asked[1].2["Operations"],
        json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "b@example.org"}])
    );
    server.asked();
    id(&one(&target, update).await);
    assert_eq!(server.asked(), ["GET /1"]);
}

#[tokio::test]
async fn an_answer_that_was_lost_leaves_one_account_whether_or_not_external_ids_are_kept() {
    for keeps in [true, false] {
        let server = TestServer::start().await;
        server.inside().keeps_external_id = keeps;
        server.inside().lose = 1;
        let record = person("1", "one");
        let target = open(settings(&server));
        assert!(matches!(one(&target, create(&record, 0)).await, Outcome::Again(None, _)));
        assert_eq!(server.inside().users.len(), 1, "the server did it");
        // The process died with it, or not.
        for target in [open(settings(&server)), target] {
            assert_eq!(&*id(&one(&target, create(&record, 1)).await), "1");
            assert_eq!(server.inside().users.len(), 1);
        }
    }
}

#[tokio::test]
async fn what_surely_was_not_done_is_told_from_what_nobody_knows() {
    let server = TestServer::start().await;
    let target = open(settings(&server));
    let record = person("1", "one");
    id(&one(&target, create(&person("0", "zero"), 0)).await);
    // Refused as a whole, or not asked: nothing was done. A gateway's answer leaves it open.
    for (status, untried) in [(401, true), (403, true), (503, false), (502, false), (429, true)] {
        server.inside().answers.push_back((status, None, Json::Null));
        let failure = target.apply(RunId(1), &[create(&record, 0)]).await.unwrap_err();
        assert_eq!(failure.untried, untried, "{status}: {failure}");
    }
    // One of two was taken before the other was refused.
    let mut settings = settings(&server);
    settings.parallel = 1;
    let target = open(settings.clone());
    for status in [500, 401] {
        server.inside().answers.push_back((status, None, Json::Null));
    }
    let failure = target.apply(RunId(1), &[create(&record, 0), create(&person("2", "two"), 0)]).await.unwrap_err();
    assert!(!failure.untried, "{failure}");
    // A server that nobody listens for: known already, or not.
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    settings.url = format!("http://{}/scim/v2", nobody.local_addr().unwrap());
    drop(nobody);
    let failure = open(settings).apply(RunId(1), &[create(&record, 0)]).await.unwrap_err();
    assert!(failure.untried && failure.message.contains("cannot be reached"), "{failure}");
    assert_eq!(server.inside().users.len(), 1);
}

#[tokio::test]
async fn an_account_that_was_made_without_saying_which_was_tried() {
    let server = TestServer::start().await;
    let target = open(settings(&server));
    id(&one(&target, create(&person("0", "zero"), 0)).await);
    // Made, without a body; then the look for it is put off.
    server.inside().answers.extend([(201, None, Json::Null), (429, None, Json::Null)]);
    let failure = target.apply(RunId(1), &[create(&person("1", "one"), 0)]).await.unwrap_err();
    assert!(!failure.untried, "{failure}");
}

#[tokio::test]
async fn what_is_taken_is_named_and_what_is_ours_is_adopted() {
    let server = TestServer::start().await;
    let target = open(settings(&server));
    id(&one(&target, create(&person("1", "shared"), 0)).await);
    let outcome = one(&target, create(&person("2", "Shared"), 0)).await;
    assert!(why(&outcome).contains("userName") && !why(&outcome).to_lowercase().contains("shared"), "{outcome:?}");
    server.inside().keeps_external_id = false;
    let nobodys = id(&one(&target, create(&person("3", "unlinked"), 0)).await);
    let outcome = one(&target, create(&person("4", "unlinked"), 0)).await;
    assert!(why(&outcome).contains("userName"), "a first try takes over nobody's account: {outcome:?}");
    assert_eq!(&*nobodys, "2");
    let mut ours = person("1", "renamed");
    ours.attributes.insert("userName".into(), "shared".into());
    ours.attributes.insert("nickName".into(), "new".into());
    assert_eq!(&*id(&one(&target, create(&ours, 0)).await), "1", "it carries our externalId");
    assert_eq!(server.inside().users[&1]["nickName"], "new");
}

#[tokio::test]
async fn pauses_failures_and_refusals_are_told_apart() {
    let server = TestServer::start().await;
    let clock = FixedClock::at(noon());
    let mut settings = settings(&server);
    settings.parallel = 1;
    let target = Scim::open(settings.clone(), http(), clock.clone()).unwrap();
    let people: Vec<_> = (1..=3).map(|number| create(&person(&number.to_string(), &number.to_string()), 0)).collect();
    server.inside().answers.push_back((429, Some("7"), Json::Null));
    let failure = target.apply(RunId(1), &people).await.unwrap_err();
    assert_eq!(failure.retry(), Retry::Later(Some(Duration::from_secs(7))), "{failure}");
    assert_eq!(server.asked().len(), 1, "nothing is sent into a pause");
    clock.advance(Duration::from_secs(7));
    id(&one(&target, people[0].clone()).await);
    for status in [500, 504] {
        server.inside().answers.push_back((status, None, Json::Null));
        assert!(matches!(one(&target, people[1].clone()).await, Outcome::Again(None, _)), "{status}");
    }
    for status in [502, 503] {
        server.inside().answers.push_back((status, None, Json::Null));
        let failure = target.apply(RunId(1), &people[1..2]).await.unwrap_err();
        assert_eq!(failure.retry(), Retry::Later(None), "{failure}");
    }
    server.inside().answers.push_back((503, None, Json::Null));
    let outcomes = target.apply(RunId(1), &people[1..]).await.unwrap();
    assert!(
        matches!(outcomes[0], Outcome::Again(None, _)) && matches!(outcomes[1], Outcome::Done { .. }),
        "{outcomes:?}"
    );
    let refusal = json!({"status": "400", "scimType": "invalidValue", "detail": "nickName 'Bobby' of 1@example.org"});
    server.inside().answers.push_back((400, None, refusal));
    let outcome = one(&target, people[1].clone()).await;
    assert_eq!(why(&outcome), "the server refuses it (400, InvalidValue): nickName … of …");
    for (status, word) in [(403, "token"), (404, "url"), (302, "url")] {
        server.inside().answers.push_back((status, None, Json::Null));
        let failure = target.apply(RunId(1), &people[1..2]).await.unwrap_err();
        assert!(failure.message.contains(word) && failure.retry() == Retry::No, "{failure}");
    }
    server.inside().token = "changed".to_owned();
    let failure = target.apply(RunId(1), &people).await.unwrap_err();
    assert!(failure.message.contains("401") && failure.message.contains("token"), "{failure}");
    server.inside().token = "sesame".to_owned();
    assert!(
        target.apply(RunId(1), &people).await.unwrap().iter().all(|outcome| matches!(outcome, Outcome::Done { .. }))
    );
}

#[tokio::test]
async fn an_unreachable_server_may_come_back() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v2", listener.local_addr().unwrap());
    drop(listener);
    let target = open(Settings::new(url, Auth::None, attributes()));
    let failure = target.apply(RunId(1), &[create(&person("1", "one"), 0)]).await.unwrap_err();
    assert_eq!(failure.retry(), Retry::Later(None));
    assert!(failure.message.contains("reached"), "{failure}");
    assert_eq!(target.test().await[0].kind, FindingKind::Problem);
}

#[tokio::test]
async fn tokens_are_fetched_once_renewed_in_time_and_when_refused() {
    let server = TestServer::start().await;
    let clock = FixedClock::at(noon());
    let mut settings = settings(&server);
    settings.auth = Auth::ClientCredentials {
        token_url: format!("{}/token", server.url),
        client_id: "client".to_owned(),
        client_secret: "secret".into(),
        scope: Some("scim".to_owned()),
        send: SecretPlace::Body,
    };
    let target = Scim::open(settings, http(), clock.clone()).unwrap();
    let people: Vec<_> = (1..=8).map(|number| create(&person(&number.to_string(), &number.to_string()), 0)).collect();
    for (renewals, step) in [(1, Duration::ZERO), (2, Duration::from_secs(3571)), (2, Duration::from_mins(1))] {
        clock.advance(step);
        let outcomes = target.apply(RunId(1), &people).await.unwrap();
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done { .. })), "{outcomes:?}");
        assert_eq!(server.inside().tokens_given, renewals);
    }
    server.inside().token = "revoked".to_owned();
    id(&one(&target, people[0].clone()).await);
    assert_eq!(server.inside().tokens_given, 3);
}

#[tokio::test]
async fn a_change_in_between_is_not_written_over() {
    let server = TestServer::start().await;
    let mut settings = settings(&server);
    settings.update = Update::Put;
    let target = open(settings);
    let before = person("1", "one");
    let account = id(&one(&target, create(&before, 0)).await);
    let mut after = before.clone();
    after.attributes.insert("nickName".into(), "new".into());
    let update = differing(change(Action::Update, after, Some(account)), &before);
    let stale = json!({"id": "1", "userName": "one", "meta": {"version": "W/\"0\""}});
    server.inside().answers.push_back((200, None, stale));
    assert!(matches!(one(&target, update.clone()).await, Outcome::Again(None, _)));
    assert!(!server.inside().users[&1].contains_key("nickName"));
    id(&one(&target, update).await);
    assert_eq!(server.inside().users[&1]["nickName"], "new");
}

#[tokio::test]
async fn a_leaver_is_disabled_even_when_the_rest_is_refused() {
    let server = TestServer::start().await;
    let target = open(settings(&server));
    let before = person("1", "one");
    let account = id(&one(&target, create(&before, 0)).await);
    id(&one(&target, create(&person("2", "two"), 0)).await);
    let mut after = Record { active: false, ..before.clone() };
    after.attributes.insert("userName".into(), "two".into());
    let disable = differing(change(Action::Disable, after, Some(account)), &before);
    let outcome = one(&target, disable).await;
    assert!(why(&outcome).contains("is disabled"), "{outcome:?}");
    let user = server.inside().users[&1].clone();
    assert_eq!((&user["active"], &user["userName"]), (&false.into(), &"one".into()));
}

#[tokio::test]
async fn a_gateway_that_lost_the_server_does_not_make_leavers_done() {
    let server = TestServer::start().await;
    let target = open(settings(&server));
    let record = person("1", "one");
    let account = id(&one(&target, create(&record, 0)).await);
    server.inside().lost = true;
    for action in [Action::Disable, Action::Delete] {
        let leaves = [change(action, record.clone(), Some(account.clone()))];
        let failure = target.apply(RunId(1), &leaves).await.unwrap_err();
        assert!(failure.retry() == Retry::Later(None) && failure.message.contains("url"), "{failure}");
    }
    assert!(target.find(&[Correlation { person: "1".into(), target_id: Some(account), by: vec![] }]).await.is_err());
}

#[tokio::test]
async fn an_account_that_somebody_removed_is_made_again_from_all_that_is_known() {
    let server = TestServer::start().await;
    let target = open(settings(&server));
    let before = person("1", "one");
    let account = id(&one(&target, create(&before, 0)).await);
    server.inside().users.clear();
    let mut after = before.clone();
    after.attributes.insert("nickName".into(), "new".into());
    let update = differing(change(Action::Update, after, Some(account)), &before);
    assert_eq!(&*id(&one(&target, update).await), "2");
    assert_eq!(server.inside().users[&2]["name"]["familyName"], "Mustermann");
}

#[tokio::test]
async fn the_next_run_does_not_trust_the_index_of_the_last() {
    let server = TestServer::start().await;
    server.inside().filters = Filters::Refused;
    let target = open(settings(&server));
    let unasked = Correlation { person: "1".into(), target_id: None, by: Vec::new() };
    assert_eq!(target.find(&[unasked]).await.unwrap(), [Found::None]);
    let listed = |asked: Vec<String>| asked.iter().any(|asked| asked.contains("startIndex=1&count=50"));
    assert!(!listed(server.asked()), "nobody is listed for what nobody asked");
    let ask = Correlation { person: "1".into(), target_id: None, by: vec![("userName".into(), "one".into())] };
    assert_eq!(target.find(std::slice::from_ref(&ask)).await.unwrap(), [Found::None]);
    assert!(listed(server.asked()));
    id(&one(&open(settings(&server)), create(&person("x", "one"), 0)).await);
    target.close(RunId(1), &Tally::default()).await.unwrap();
    assert!(matches!(target.find(&[ask]).await.unwrap()[0], Found::One(_)));
}

#[tokio::test]
async fn attributes_that_cannot_be_written_are_named_before_anything_is_asked() {
    let server = TestServer::start().await;
    for (attribute, word) in [
        ("active", "standing"),
        ("id", "server's own"),
        ("emails.value", "type eq"),
        ("name.", "name."),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName", "same SCIM attribute"),
    ] {
        let mut settings = settings(&server);
        settings.attributes.push(attribute.into());
        let failed = Scim::open(settings, http(), FixedClock::at(noon())).err().unwrap();
        assert!(failed.message.contains(word), "{failed}");
    }
    let mut settings = settings(&server);
    settings.url = "app.example/scim".to_owned();
    assert!(Scim::open(settings, http(), FixedClock::at(noon())).is_err_and(|failure| failure.message.contains("url")));
}

#[tokio::test]
async fn testing_writes_nothing_and_tells_what_the_server_can() {
    let server = TestServer::start().await;
    let findings = open(settings(&server)).test().await;
    assert!(findings.iter().all(|finding| finding.kind == FindingKind::Good), "{findings:?}");
    assert!(server.asked().iter().all(|asked| asked.starts_with("GET")));
    let mut without = settings(&server);
    without.attributes.remove(0);
    without.deactivate = Deactivate::Never;
    let target = open(without);
    assert!(!target.can().disable);
    let findings = target.test().await;
    assert!(findings.iter().any(|finding| finding.kind == FindingKind::Problem && finding.subject == "userName"));
    let mut wrong = settings(&server);
    wrong.auth = Auth::Bearer("wrong".into());
    let findings = open(wrong).test().await;
    assert!(findings[0].kind == FindingKind::Problem && findings[0].message.contains("401"), "{findings:?}");
}

#[tokio::test]
async fn plain_http_beyond_this_machine_is_told() {
    let at = |url: &str| open(Settings::new(url, Auth::Bearer("sesame".into()), attributes())).tells_secrets_in_clear();
    assert!(at("http://app.example/scim/v2"));
    assert!(!at("https://app.example/scim/v2") && !at("http://127.0.0.1:8080/v2") && !at("http://[::1]/v2"));
}
