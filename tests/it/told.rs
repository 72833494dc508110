//! What somebody must look at is told: by the webhook, on `/ready` and `/metrics`, in the log.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Uri;
use jiff::SignedDuration;
use joinery::SystemClock;
use joinery_model::Clock;
use joinery_simulator::Client;
use joinery_simulator::world::Seed;
use joinery_tenant::{KeySize, KeyWish, make_key};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;

use crate::company::{Company, exit, http};

const SECRET: [(&str, &str); 1] = [("HOOK", "a secret of some length")];

/// A webhook's receiver: which address each request named, and its note.
struct Receiver {
    address: String,
    got: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Receiver {
    async fn start() -> Self {
        let got: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let keep = Arc::clone(&got);
        let router = axum::Router::new().fallback(move |uri: Uri, body: Bytes| async move {
            let note = serde_json::from_slice(&body).expect("a note is JSON");
            keep.lock().expect("no panic").push((uri.to_string(), note));
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, got }
    }

    fn got(&self) -> Vec<(String, Value)> {
        self.got.lock().expect("no panic").clone()
    }

    /// What the notes are about, in the order in which they came.
    fn kinds(&self) -> Vec<String> {
        self.got().iter().map(|(_, note)| note["type"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// `[notify]` with more keys.
fn notify(url: &str, more: &str) -> String {
    format!("[notify]\nurl = {url:?}\nsecret = {{ env = \"HOOK\" }}\n{more}\n")
}

/// A watch that serves health and metrics.
struct Watch {
    _child: Child,
    url: String,
    said: Arc<Mutex<String>>,
}

impl Watch {
    async fn start(company: &Company) -> Self {
        let mut command = company.command(&["sync", "--watch", "--listen", "127.0.0.1:0"]);
        let mut child = command.envs(SECRET).spawn().expect("the binary starts");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
        let said: Arc<Mutex<String>> = Arc::default();
        let url = tokio::time::timeout(Duration::from_secs(30), async {
            loop {
                let line = lines.next_line().await.expect("text").expect("the watch lives");
                if let Some((_, address)) = line.split_once("address=") {
                    break format!("http://{}", address.trim());
                }
            }
        });
        let url = url.await.expect("it says where it listens");
        let keep = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                keep.lock().expect("no panic").push_str(&(line + "\n"));
            }
        });
        Self { _child: child, url, said }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let answer = http().get(format!("{}{path}", self.url)).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    /// A figure of the first line of `/metrics` that begins so.
    async fn figure(&self, begins: &str) -> Option<f64> {
        let (_, text) = self.get("/metrics").await;
        let line = text.lines().find(|line| line.starts_with(begins))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    fn said(&self) -> String {
        self.said.lock().expect("no panic").clone()
    }
}

/// Waits until something is so.
async fn until(what: &str, within: Duration, mut is: impl AsyncFnMut() -> bool) {
    let all = tokio::time::timeout(within, async {
        while !is().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    assert!(all.await.is_ok(), "{what}: not within {within:?}");
}

#[tokio::test]
async fn a_watch_that_fails_for_good_is_told_once_and_late_before_it_tries_again() {
    let receiver = Receiver::start().await;
    let mut company = Company::of(30).await;
    company.configure(|config| {
        config.connection.insert("company_id", "\"ELSEWHERE\"".into());
        config.sync.insert("every", "\"2s\"".into());
        config.rest = notify(&format!("http://{}/hook", receiver.address), "late_after = \"3s\"");
    });
    let watch = Watch::start(&company).await;
    until("the failure", Duration::from_secs(15), async || receiver.kinds() == ["failed"]).await;
    // What fails for good is tried again after half a minute: being late is told before.
    until("being late", Duration::from_secs(15), async || receiver.kinds() == ["failed", "late"]).await;
    let late = watch.figure("joinery_sync_late_seconds{sync=\"people\"}").await.expect("how late it is");
    assert!(late > 0.0, "{late}");
    let later = async || watch.figure("joinery_sync_late_seconds{sync=\"people\"}").await.is_some_and(|now| now > late);
    until("the figure grows while nothing runs", Duration::from_secs(12), later).await;
    let (status, ready) = watch.get("/ready").await;
    assert_eq!(status, 503, "{ready}");
    assert!(ready.contains("\"failing\":true"), "{ready}");
    assert_eq!(watch.get("/health").await.0, 200);
    assert_eq!(watch.figure("joinery_runs_total{sync=\"people\",ended=\"failed\"}").await, Some(1.0));
    assert_eq!(receiver.kinds(), ["failed", "late"], "told once each\n{}", watch.said());
}

#[tokio::test]
async fn a_watch_that_goes_well_is_ready_and_tells_nobody() {
    let receiver = Receiver::start().await;
    let mut company = Company::of(30).await;
    company.configure(|config| {
        config.sync.insert("every", "\"1s\"".into());
        config.rest = notify(&format!("http://{}/hook", receiver.address), "late_after = \"1m\"");
    });
    let watch = Watch::start(&company).await;
    until("ready", Duration::from_secs(60), async || watch.get("/ready").await.0 == 200).await;
    let finished = async || watch.figure("joinery_last_run_ended_seconds{sync=\"people\"}").await.is_some();
    until("the figures of a run", Duration::from_secs(5), finished).await;
    assert_eq!(watch.figure("joinery_changes_open{sync=\"people\",target=\"people\",state=\"dead\"}").await, Some(0.0));
    let late = async || watch.figure("joinery_sync_late_seconds{sync=\"people\"}").await == Some(0.0);
    until("it is not late", Duration::from_secs(10), late).await;
    assert_eq!(receiver.kinds(), [""; 0], "{}", watch.said());
}

#[tokio::test]
async fn a_run_with_dead_letters_is_told_by_the_proxy_where_there_is_one() {
    let proxy = Receiver::start().await;
    let mut company = Company::of(60).await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    company.execute("CREATE TRIGGER refuse BEFORE UPDATE ON people BEGIN SELECT RAISE(ABORT, 'not on my watch'); END");
    let who = company.plain_people()[0].clone();
    let today = company.today();
    company.change(|world| world.rename_person(&who, "", "Murray", today));
    company.configure(|config| {
        let way = format!("proxy = \"http://{}\"\ntimeout = \"5s\"", proxy.address);
        config.rest = notify("http://hooks.invalid/joinery", &way);
    });
    company.joinery_with(&["sync"], &SECRET).await.expect(exit::INCOMPLETE);
    let got = proxy.got();
    let [(address, note)] = got.as_slice() else { panic!("{got:?}") };
    assert_eq!(address, "http://hooks.invalid/joinery");
    assert_eq!((&note["type"], &note["count"], &note["run"]), (&"dead".into(), &1.into(), &2.into()), "{note}");
    assert!(!note.to_string().contains(&who), "{note}");
}

#[tokio::test]
async fn late_no_later_than_the_interval_is_refused() {
    let mut company = Company::of(10).await;
    company.configure(|config| {
        config.sync.insert("every", "\"2h\"".into());
        config.rest = notify("https://hooks.invalid/", "late_after = \"2h\"");
    });
    let refused = company.joinery_with(&["check"], &SECRET).await.expect(exit::USAGE);
    refused.says(&["notify.late_after", "sync.people.every", "line "]);
}

#[tokio::test]
async fn a_tenant_that_cannot_be_reached_is_given_up_within_seconds() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let mut company = Company::of(10).await;
    company.configure(|config| {
        config.connection.insert("api_server", format!("\"http://{closed}\""));
    });
    let began = SystemClock.now();
    let answer = company.joinery(&["sync"]).await.expect(exit::SOURCE);
    let took = SystemClock.now().duration_since(began);
    assert!(took < SignedDuration::from_secs(15), "{took:?}\n{answer}");
    answer.says(&["error: "]);
}

#[tokio::test]
async fn a_certificate_near_its_end_is_spoken_of_by_every_command_that_runs() {
    let now = SystemClock.now();
    let lasts = SignedDuration::from_hours(5 * 24 + 1);
    let wish = KeyWish { name: "joinery".into(), size: KeySize::Bits2048, now, lasts };
    let pair = make_key(&wish).expect("a key");
    let client = Client::new("ending", &pair.certificate_pem).expect("a client");
    let mut company = Company::with(Seed::new(1, 30, now), |settings| settings.client(client)).await;
    std::fs::write(company.path("ending.key.pem"), pair.private_key.expose_secret()).expect("the key is written");
    std::fs::write(company.path("ending.crt.pem"), &pair.certificate_pem).expect("the certificate is written");
    company.configure(|config| {
        config.connection.insert("client_id", "\"ending\"".into());
        config.connection.insert("private_key", "{ file = \"ending.key.pem\" }".into());
        config.connection.insert("certificate", "\"ending.crt.pem\"".into());
        config.sync.insert("every", "\"1s\"".into());
    });
    let words = ["connection.acme.certificate", "expires in 5 days"];
    for command in [["check"], ["plan"], ["sync"]] {
        company.joinery(&command).await.expect(exit::DONE).says(&words);
    }
    let json = company.joinery(&["--json", "check"]).await.expect(exit::DONE).json();
    assert_eq!(json["warnings"][0]["subject"], words[0], "{json}");
    let watch = Watch::start(&company).await;
    until("the warning", Duration::from_secs(10), async || watch.said().contains(words[1])).await;
    let ends = watch.figure("joinery_certificate_expires_seconds{connection=\"acme\"}").await;
    assert_eq!(ends, Some(pair.certificate.not_after().as_second() as f64));
}

#[tokio::test]
async fn basic_sign_in_is_warned_of_and_a_proper_one_is_not() {
    let with = |mut settings: joinery_simulator::Settings| {
        settings.basic_password = Some("open sesame".into());
        settings
    };
    let mut company = Company::with(Seed::new(1, 30, SystemClock.now()), with).await;
    for command in [["check"], ["sync"]] {
        let answer = company.joinery(&command).await.expect(exit::DONE);
        assert!(!format!("{answer}").contains("connection.acme"), "{answer}");
    }
    company.configure(|config| {
        config.connection.retain(|key, _| !["client_id", "private_key"].contains(key));
        config.connection.insert("sign_in", "\"basic\"".into());
        config.connection.insert("password", "{ env = \"PASSWORD\" }".into());
    });
    for command in [["check"], ["sync"]] {
        let answer = company.joinery_with(&command, &[("PASSWORD", "open sesame")]).await.expect(exit::DONE);
        answer.says(&["connection.acme.sign_in", "Basic sends the password"]);
    }
}
