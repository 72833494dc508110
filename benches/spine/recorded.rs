//! Pages recorded once from the simulated tenant, then served from memory: the tenant costs nothing while we measure.
//!
//! While recording, a walk's first question is made wider on its way: more fields of the job and of the user beside
//! those that the mapping needs, and every slice since 1990, so that a person has the size that real tenants send (about
//! 6 KB, several job slices). Joinery, the floor and the peer are all served the same bytes.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, header};

/// How long a paced server takes for a page of 200 people: what 1.2 MB need on a line of 100 Mbit/s, were the tenant
/// itself to need no time at all. SAP publishes no figure for a page; the one it has for a neighbour, the Workforce
/// SCIM API, is 20 calls a second.
pub const PACE: Duration = Duration::from_millis(100);

/// Fields of the job that are recorded beside those that the mapping asks for.
const MORE_OF_JOB: [&str; 20] = [
    "businessUnit",
    "countryOfCompany",
    "createdBy",
    "createdDateTime",
    "employeeClass",
    "employmentType",
    "event",
    "eventReason",
    "fte",
    "isFulltimeEmployee",
    "lastModifiedBy",
    "lastModifiedDateTime",
    "payGrade",
    "position",
    "regularTemp",
    "standardHours",
    "timezone",
    "workingDaysPerWeek",
    "lastModifiedOn",
    "createdOn",
];

/// Fields of the user that are recorded beside those that the mapping asks for.
const MORE_OF_USER: [&str; 15] = [
    "country",
    "defaultLocale",
    "department",
    "division",
    "email",
    "empId",
    "firstName",
    "hireDate",
    "jobCode",
    "lastModifiedDateTime",
    "lastName",
    "location",
    "status",
    "timeZone",
    "title",
];

struct Tape {
    paced: AtomicBool,
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
            paced: AtomicBool::new(false),
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

    /// From now on each page of the walk takes [`PACE`], or no time.
    pub fn pace(&self, paced: bool) {
        self.tape.paced.store(paced, Ordering::Relaxed);
    }

    /// The first page of the walk over persons, as a client asks for it: the earliest of the days that were asked
    /// about (later ones are first days of people yet to start).
    pub fn first_page(&self) -> String {
        let answers = self.tape.answers.read().expect("unpoisoned");
        let days = answers.keys().filter_map(|key| key.strip_prefix("GET PerPerson?day="));
        let first = days.filter_map(|rest| rest.split_once("&filter=&")).map(|(day, _)| day).min().expect("a walk");
        format!("{}/odata/v2/PerPerson?asOfDate={first}", self.url)
    }

    /// What all recorded pages of persons hold.
    pub fn size(&self) -> Size {
        let answers = self.tape.answers.read().expect("unpoisoned");
        let mut size = Size::default();
        for (_, (_, _, body)) in answers.iter().filter(|(key, _)| key.starts_with("GET PerPerson?")) {
            size.bytes += body.len();
            size.pages += 1;
            size.slices += times_in(body, b"\"SFOData.EmpJob\"");
        }
        size
    }
}

/// What was recorded.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    /// Bytes of all pages.
    pub bytes: usize,
    /// Pages.
    pub pages: usize,
    /// Slices of job information on them.
    pub slices: usize,
}

/// How often `sought` stands in `bytes`.
fn times_in(bytes: &[u8], sought: &[u8]) -> usize {
    bytes.windows(sought.len()).filter(|window| *window == sought).count()
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

/// The same question for more fields and for every slice since 1990.
fn widened(query: &str) -> String {
    let mut parts: Vec<String> =
        query.split('&').filter(|part| !part.starts_with("asOfDate=")).map(str::to_owned).collect();
    if let Some(select) = parts.iter_mut().find(|part| part.starts_with("%24select=") || part.starts_with("$select=")) {
        let more = |path: &str, name: &&str| format!(",{path}/{name}");
        select.extend(MORE_OF_JOB.iter().map(|name| more("employmentNav/jobInfoNav", name)));
        select.extend(MORE_OF_USER.iter().map(|name| more("employmentNav/userNav", name)));
    }
    parts.extend(["fromDate=1990-01-01".to_owned(), "toDate=9999-12-31".to_owned()]);
    parts.join("&")
}

async fn answer(State(tape): State<Arc<Tape>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let (path, query) = (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default().to_owned());
    let key = key_of(parts.method.as_str(), &path, &query);
    let held = tape.answers.read().expect("unpoisoned").get(&key).cloned();
    let live = tape.live.read().expect("unpoisoned").clone();
    if held.is_some() && path.ends_with("/PerPerson") && tape.paced.load(Ordering::Relaxed) {
        tokio::time::sleep(PACE).await;
    }
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
