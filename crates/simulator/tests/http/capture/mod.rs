//! A tenant is recorded, and answers again from what was written.

mod company;
mod privacy;

use std::path::Path;

use joinery_simulator::{RecordError, Recorder, RecorderSettings, Recording, Simulator, StartError, TimeSource};
use reqwest::StatusCode;
use secrecy::SecretSlice;
use serde_json::{Value as Json, json};

use crate::support::{Asker, asker, now, settings};

/// With this key no made-up value of these tests is by chance a real one of somebody else.
const KEY: [u8; 32] = [42; 32];

fn client() -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "tests talk to loopback with a client of their own")]
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

fn recorder_of(from: &str, folder: &Path, key: [u8; 32]) -> RecorderSettings {
    RecorderSettings {
        listen: ([127, 0, 0, 1], 0).into(),
        from: from.to_owned(),
        folder: folder.to_owned(),
        key: SecretSlice::from(key.to_vec()),
        client: client(),
        time: TimeSource::fixed(now()),
    }
}

/// Somebody who asks a recorder or a replay as [`Asker`] asks a tenant.
struct Through {
    base: String,
    client: reqwest::Client,
}

impl Through {
    fn new(base: &str) -> Self {
        Self { base: base.to_owned(), client: client() }
    }

    async fn text(&self, path: &str, accept: &str) -> (StatusCode, String) {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let request = self.client.get(url).header("accept", accept).basic_auth("API_USER@ACME", Some("secret"));
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    async fn json(&self, path: &str) -> (u16, Json) {
        let (status, text) = self.text(path, "application/json").await;
        (status.as_u16(), serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}")))
    }

    /// Every row of a list, following `__next`, which must lead back here.
    async fn walk(&self, path: &str) -> Vec<Json> {
        let (mut rows, mut next) = (Vec::new(), Some(path.to_owned()));
        while let Some(path) = next {
            let (status, mut page) = self.json(&path).await;
            assert_eq!(status, 200, "{path}: {page}");
            rows.append(page["d"]["results"].as_array_mut().unwrap());
            next = page["d"]["__next"].as_str().map(str::to_owned);
            assert!(next.as_ref().is_none_or(|next| next.starts_with(&self.base)), "{next:?}");
        }
        rows
    }

    async fn batch(&self, targets: &[&str]) -> (u16, String) {
        let mut body = String::new();
        for target in targets {
            body += &format!(
                "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET {target} HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n"
            );
        }
        body += "--b--\r\n";
        let request =
            self.client.post(format!("{}/odata/v2/$batch", self.base)).basic_auth("API_USER@ACME", Some("secret"));
        let answer = request.header("content-type", "multipart/mixed; boundary=b").body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

struct Recorded {
    tenant: Asker,
    recording: Recording,
    folder: tempfile::TempDir,
}

async fn recording(people: u32) -> Recorded {
    let tenant = asker(settings(people)).await;
    let folder = tempfile::tempdir().unwrap();
    let recording = Recorder::start(recorder_of(tenant.running.base_url(), folder.path(), KEY)).await.unwrap();
    Recorded { tenant, recording, folder }
}

async fn replay(folder: &Path) -> Asker {
    let mut settings = settings(10);
    // Another company's, to see that whoever asks is let in.
    "OTHER".clone_into(&mut settings.company_id);
    settings.basic_password = None;
    settings.replay = Some(folder.to_owned());
    asker(settings).await
}

#[tokio::test]
async fn what_was_captured_is_answered_again() {
    let Recorded { tenant, recording, folder } = recording(120).await;
    let through = Through::new(recording.base_url());
    let list = "/odata/v2/PerPerson?$format=json&$select=personIdExternal,emailNav/emailAddress&$expand=emailNav&customPageSize=25&paging=snapshot";
    let live = through.walk(list).await;
    assert_eq!(live.len(), 120);
    let id = live[7]["personIdExternal"].as_str().unwrap();
    assert!(through.json(&format!("/odata/v2/PerPerson('{id}')?$format=json")).await.0 == 200);
    assert_eq!(through.json("/odata/v2/User?$format=json&$select=nonsense").await.0, 400);
    let (_, count) = through.text("/odata/v2/User/$count", "*/*").await;
    assert!(count.parse::<u32>().is_ok_and(|count| count > 100), "{count}");
    let (_, metadata) = through.text("/odata/v2/User,PerPerson/$metadata", "application/xml").await;
    assert!(metadata.contains("EntityType Name=\"PerPerson\""));
    let (_, feed) = through.text("/odata/v2/User?$top=3", "application/atom+xml").await;
    assert!(feed.contains(recording.base_url()) && !feed.contains(tenant.running.base_url()), "addresses lead back");
    let (status, batch) = through.batch(&["PerPerson?$top=2&$format=json", "Nonsense?$format=json"]).await;
    assert!(status == 202 && batch.contains("404"), "{batch}");
    let counted = recording.captured();
    recording.stop().await.unwrap();

    let replayed = replay(folder.path()).await;
    let again = Through::new(replayed.running.base_url());
    assert_eq!(replayed.running.now(), now(), "the clock starts where the capture began");
    // The order of options, blanks and encoding do not matter.
    let other = "/odata/v2/PerPerson?paging=snapshot&%24expand=emailNav&customPageSize=25&$select=emailNav%2FemailAddress,personIdExternal&$format=json";
    let rows = again.walk(other).await;
    assert_eq!(rows.len(), 120);
    let shapes =
        |rows: &[Json]| rows.iter().map(|row| row["emailNav"]["results"].as_array().map(Vec::len)).collect::<Vec<_>>();
    assert_eq!(shapes(&rows), shapes(&live), "as many addresses each");
    let made_up = rows[7]["personIdExternal"].as_str().unwrap();
    assert_ne!(made_up, id);
    let (status, one) = again.json(&format!("/odata/v2/PerPerson('{made_up}')?$format=json")).await;
    assert_eq!((status, &one["d"]["personIdExternal"]), (200, &json!(made_up)), "keys in addresses go along");
    let (status, error) = again.json("/odata/v2/User?$format=json&$select=nonsense").await;
    assert!(status == 400 && error["error"]["message"]["value"].as_str().unwrap().contains("[COE0021]"), "{error}");
    assert_eq!(again.text("/odata/v2/User/$count", "*/*").await.1, count);
    assert_eq!(
        again.text("/odata/v2/User,PerPerson/$metadata", "application/xml").await.1,
        metadata.replace(&through.base, &again.base)
    );
    let (_, feed) = again.text("/odata/v2/User?$top=3", "application/atom+xml").await;
    assert!(feed.contains("<entry") && feed.contains(&again.base), "{feed}");
    // Requests of a batch are answered whatever batch they stand in.
    let (status, batch) =
        again.batch(&["Nonsense?$format=json", "/odata/v2/PerPerson?$format=json&$top=2", "EmpJob"]).await;
    assert_eq!(
        (status, batch.matches("HTTP/1.1 200").count(), batch.matches("HTTP/1.1 404").count()),
        (202, 1, 2),
        "{batch}"
    );

    let (status, error) = again.json("/odata/v2/PerPerson?$format=json&$top=9").await;
    assert_eq!((status, &error["error"]["code"]), (404, &json!("NotCapturedException")));
    let message = error["error"]["message"]["value"].as_str().unwrap();
    assert!(message.contains("GET /odata/v2/PerPerson?$format=json&$top=9") && message.contains("$top=2"), "{message}");
    let (_, told) = replayed.control("GET", "replay", &Json::Null).await;
    assert_eq!((&told["captured"], told["misses"].as_array().unwrap().len()), (&json!(counted), 2));
    let (_, log) = replayed.control("GET", "requests/log?limit=1", &Json::Null).await;
    assert!(log["entries"][0]["note"].as_str().unwrap().contains("not captured"), "{log}");
    replayed.control("POST", "reset", &json!({})).await;
    assert_eq!(replayed.control("GET", "replay", &Json::Null).await.1["misses"], json!([]));
}

#[tokio::test]
async fn the_same_request_gets_its_answers_in_turn() {
    let Recorded { tenant, recording, folder } = recording(30).await;
    let through = Through::new(recording.base_url());
    let path = "/odata/v2/PerPerson?$format=json&$top=1&$select=personIdExternal";
    tenant.control("POST", "faults", &json!({"kind": {"too_many_requests": {"retry_after": 7}}})).await;
    let url = format!("{}{path}", through.base);
    let ask = async |url: &str| client().get(url).basic_auth("API_USER@ACME", Some("secret")).send().await.unwrap();
    assert_eq!(ask(&url).await.headers()["retry-after"], "7");
    assert_eq!(ask(&url).await.status(), 200);
    recording.stop().await.unwrap();
    let replayed = replay(folder.path()).await;
    let url = format!("{}{path}", replayed.running.base_url());
    let first = ask(&url).await;
    assert_eq!((first.status().as_u16(), first.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    assert_eq!(ask(&url).await.status(), 200);
    assert_eq!(ask(&url).await.status(), 200, "the last one stays");
}

#[tokio::test]
async fn what_would_change_something_does_not_leave() {
    let Recorded { tenant, recording, folder } = recording(30).await;
    let before = tenant.running.requests().total.requests;
    let ask = |method: &str, path: &str| {
        let request = client().request(method.parse().unwrap(), format!("{}/odata/v2/{path}", recording.base_url()));
        request.basic_auth("API_USER@ACME", Some("secret")).body("{}").send()
    };
    for (method, path) in [
        ("POST", "upsert"),
        ("PUT", "User('1')"),
        ("DELETE", "User('1')"),
        ("GET", "updateStaticGroup?groupId=1L"),
        ("POST", "$batch"),
    ] {
        let answer = ask(method, path).await.unwrap();
        assert_eq!(answer.status(), 403, "{method} {path}");
        assert!(answer.text().await.unwrap().contains("did not leave"));
    }
    assert_eq!(tenant.running.requests().total.requests, before);
    assert_eq!((recording.refused(), recording.captured()), (5, 0));
    let page =
        client().get(format!("{}/odata/v2/User", recording.base_url())).header("origin", "https://evil.example.com");
    assert_eq!(page.send().await.unwrap().status(), 403, "no page of a browser reads through it");
    recording.stop().await.unwrap();
    drop(folder);
}

#[tokio::test]
async fn a_capture_goes_on_with_its_key_only() {
    let Recorded { tenant, recording, folder } = recording(30).await;
    let path = "/odata/v2/User?$format=json&$top=2&$select=userId";
    Through::new(recording.base_url()).json(path).await;
    recording.stop().await.unwrap();
    let from = tenant.running.base_url();
    let other = Recorder::start(recorder_of(from, folder.path(), [7; 32])).await.err().unwrap();
    assert!(other.to_string().contains("another key"), "{other}");
    let again = Recorder::start(recorder_of(from, folder.path(), KEY)).await.unwrap();
    Through::new(again.base_url()).json(path).await;
    assert_eq!(again.captured(), 2);
    again.stop().await.unwrap();
    let files: Vec<String> = ["000001-GET-User.json", "000002-GET-User.json"]
        .iter()
        .map(|name| std::fs::read_to_string(folder.path().join("requests").join(name)).unwrap())
        .collect();
    let at = |text: &str| serde_json::from_str::<Json>(text).unwrap()["json"].clone();
    assert_eq!(at(&files[0]), at(&files[1]), "the same made-up values after a restart");
}

#[tokio::test]
async fn what_cannot_be_recorded_or_replayed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter.txt"), "mine").unwrap();
    let refused = async |settings: RecorderSettings| Recorder::start(settings).await.err().unwrap();
    assert!(matches!(refused(recorder_of("https://a.b", folder.path(), KEY)).await, RecordError::Capture(_)));
    assert!(matches!(refused(recorder_of("http://a.b", folder.path(), KEY)).await, RecordError::From(_)));
    let mut open = recorder_of("https://a.b", folder.path(), KEY);
    open.listen = ([0, 0, 0, 0], 0).into();
    assert!(matches!(refused(open).await, RecordError::NotLoopback(_)));
    let mut settings = settings(10);
    settings.replay = Some(folder.path().to_owned());
    assert!(matches!(Simulator::start(settings).await.err().unwrap(), StartError::Replay(_)));
}
