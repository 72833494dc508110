//! Pages recorded once from the simulated tenant, then served from memory: the tenant costs nothing while we measure.
//!
//! While recording, a walk's first question is made wider on its way: without `$select`, and with every slice since
//! 1990, so that a person has the size that real tenants send (about 6 KB, several job slices).

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, header};

struct Tape {
    client: reqwest::Client,
    live: RwLock<Option<String>>,
    answers: RwLock<HashMap<String, (u16, String, Bytes)>>,
}

/// A server on loopback.
pub struct Recorded {
    tape: Arc<Tape>,
    /// Its address: `http://127.0.0.1:port`.
    pub url: String,
}

impl Recorded {
    /// Starts recording what the tenant at `live` answers.
    pub async fn start(live: &str) -> Self {
        let tape = Arc::new(Tape {
            client: reqwest::Client::new(),
            live: RwLock::new(Some(live.to_owned())),
            answers: RwLock::default(),
        });
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&tape));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { tape, url }
    }

    /// From now on only what was recorded is served.
    pub fn stop_recording(&self) {
        *self.tape.live.write().expect("unpoisoned") = None;
    }

    /// The first page of the walk over persons, as a client asks for it: the earliest of the days that were asked
    /// about (later ones are first days of people yet to start).
    pub fn first_page(&self) -> String {
        let answers = self.tape.answers.read().expect("unpoisoned");
        let days = answers.keys().filter_map(|key| key.strip_prefix("GET PerPerson?day="));
        let first = days.filter_map(|rest| rest.split_once("&filter=&")).map(|(day, _)| day).min().expect("a walk");
        format!("{}/odata/v2/PerPerson?asOfDate={first}", self.url)
    }

    /// Bytes of all recorded pages of persons, and their number.
    pub fn size(&self) -> (usize, usize) {
        let answers = self.tape.answers.read().expect("unpoisoned");
        let pages = answers.iter().filter(|(key, _)| key.starts_with("GET PerPerson?"));
        pages.fold((0, 0), |(bytes, count), (_, (_, _, body))| (bytes + body.len(), count + 1))
    }
}

/// What names an answer: method, entity and the place in the walk. Instants in a question change from run to run.
fn key_of(method: &str, path: &str, query: &str) -> String {
    let value = |name: &str| query.split('&').find_map(|part| part.strip_prefix(name)).unwrap_or_default().to_owned();
    let entity = path.trim_start_matches("/odata/v2/");
    let as_of = value("asOfDate=");
    let token = format!("{}{}", value("%24skiptoken="), value("$skiptoken="));
    if token.is_empty() {
        let filter = format!("{}{}", value("%24filter="), value("$filter="));
        return format!("{method} {entity}?day={as_of}&filter={filter}&");
    }
    format!("{method} {entity}?token={token}")
}

/// The same question without `$select`, for every slice since 1990.
fn widened(query: &str) -> String {
    let keep = |part: &&str| !["%24select=", "$select=", "asOfDate="].iter().any(|name| part.starts_with(name));
    let mut parts: Vec<&str> = query.split('&').filter(keep).collect();
    parts.extend(["fromDate=1990-01-01", "toDate=9999-12-31"]);
    parts.join("&")
}

async fn answer(State(tape): State<Arc<Tape>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let (path, query) = (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default().to_owned());
    let key = key_of(parts.method.as_str(), &path, &query);
    let held = tape.answers.read().expect("unpoisoned").get(&key).cloned();
    let live = tape.live.read().expect("unpoisoned").clone();
    let found = match (held, live) {
        (Some(found), _) => found,
        (None, None) => (404, "application/json".to_owned(), Bytes::from(format!("{{\"not recorded\": \"{path}\"}}"))),
        (None, Some(live)) => {
            let first = path.ends_with("/PerPerson") && !query.contains("skiptoken");
            let query = if first { widened(&query) } else { query };
            let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
            let mut forward = tape.client.request(parts.method.clone(), format!("{live}{path}?{query}")).body(body);
            for name in [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT] {
                if let Some(value) = parts.headers.get(&name) {
                    forward = forward.header(name, value);
                }
            }
            let answer = forward.send().await.expect("the simulated tenant answers");
            let status = answer.status().as_u16();
            let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            let kind = kind.unwrap_or("application/json").to_owned();
            let found = (status, kind, answer.bytes().await.expect("a whole answer"));
            if status == 200 {
                tape.answers.write().expect("unpoisoned").insert(key, found.clone());
            }
            found
        }
    };
    let (status, kind, bytes) = found;
    Response::builder()
        .status(StatusCode::from_u16(status).expect("a status"))
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(bytes))
        .expect("an answer")
}
