//! A SCIM server of the plainest kind: it makes an account for every POST, whoever it is for, and so shows every repeat.
//! And it can tell that it has committed a write which it will never answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};
use tokio::sync::oneshot;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Accounts by the server's own id.
pub type Accounts = BTreeMap<u64, Json>;

/// A running server; stops with the test's runtime.
#[derive(Clone)]
pub struct Server {
    inside: Arc<Mutex<Inside>>,
    pub url: String,
}

#[derive(Default)]
struct Inside {
    accounts: Accounts,
    silence: Option<Silence>,
}

/// Which write is committed and never answered.
struct Silence {
    method: &'static str,
    left: u64,
    committed: Option<oneshot::Sender<()>>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = Self { inside: Arc::default(), url };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn accounts(&self) -> Accounts {
        self.inside().accounts.clone()
    }

    pub fn set_accounts(&self, accounts: Accounts) {
        self.inside().accounts = accounts;
    }

    /// From now on the `nth` write of this method is committed and not answered, nor is any later one; the receiver
    /// hears of the first.
    pub fn silent_after(&self, method: &'static str, nth: u64) -> oneshot::Receiver<()> {
        let (committed, heard) = oneshot::channel();
        self.inside().silence = Some(Silence { method, left: nth, committed: Some(committed) });
        heard
    }

    /// Every write is answered again.
    pub fn answers(&self) {
        self.inside().silence = None;
    }

    /// How many accounts stand for each person, and what each holds: without the server's own ids, and with managers
    /// named by person.
    pub fn by_person(&self) -> BTreeMap<String, Vec<Json>> {
        let accounts = self.accounts();
        let person = |id: u64| accounts.get(&id).and_then(|account| account["externalId"].as_str());
        let mut people: BTreeMap<String, Vec<Json>> = BTreeMap::new();
        for (id, account) in &accounts {
            let mut shown = account.clone();
            shown.as_object_mut().expect("an object").remove("id");
            if let Some(manager) = shown.pointer_mut(&format!("/{ENTERPRISE}/manager/value")) {
                let named = manager.as_str().and_then(|id| person(id.parse().ok()?)).unwrap_or("nobody");
                *manager = named.into();
            }
            people.entry(person(*id).expect("an externalId").to_owned()).or_default().push(shown);
        }
        people
    }
}

async fn answer(State(server): State<Server>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    let body: Json = serde_json::from_slice(&body).unwrap_or_default();
    let (answer, silent) = {
        let mut inside = server.inside();
        let answer = inside.answer(head.method.as_str(), head.uri.path(), head.uri.query().unwrap_or_default(), &body);
        let silent = answer.0 < 300 && inside.falls_silent(head.method.as_str());
        (answer, silent)
    };
    if silent {
        // Whoever asked is about to die; the connection ends with them.
        std::future::pending::<()>().await;
    }
    let (status, body) = answer;
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, "application/scim+json")], body.to_string()).into_response()
}

impl Inside {
    fn falls_silent(&mut self, method: &str) -> bool {
        let Some(silence) = self.silence.as_mut().filter(|silence| silence.method == method) else { return false };
        silence.left = silence.left.saturating_sub(1);
        if silence.left > 0 {
            return false;
        }
        if let Some(committed) = silence.committed.take() {
            let _ = committed.send(());
        }
        true
    }

    fn answer(&mut self, method: &str, path: &str, query: &str, body: &Json) -> (u16, Json) {
        let id = path.strip_prefix("/Users/").and_then(|id| id.parse::<u64>().ok());
        match (method, path, id) {
            ("GET", "/ServiceProviderConfig", _) => {
                (200, json!({"patch": {"supported": true}, "filter": {"supported": true, "maxResults": 200}}))
            }
            ("GET", "/Users", _) => (200, self.list(query)),
            ("POST", "/Users", _) => {
                let id = self.accounts.keys().next_back().map_or(1, |last| last + 1);
                let mut account = body.clone();
                account["id"] = id.to_string().into();
                self.accounts.insert(id, account.clone());
                (201, account)
            }
            (_, _, Some(id)) => match (method, self.accounts.get_mut(&id)) {
                ("GET", Some(account)) => (200, account.clone()),
                ("PATCH", Some(account)) => {
                    body["Operations"].as_array().expect("operations").iter().for_each(|one| patch(account, one));
                    (200, account.clone())
                }
                (_, None) => (404, Json::Null),
                _ => (501, Json::Null),
            },
            _ => (404, Json::Null),
        }
    }

    /// Everybody, or who has one value: `attribute eq "value"`.
    fn list(&self, query: &str) -> Json {
        let query: BTreeMap<String, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), decoded(value)))
            .collect();
        let filter = query.get("filter").map(|text| {
            let (attribute, value) = text.split_once(" eq ").unwrap_or_else(|| panic!("no such filter here: {text}"));
            let value: Json = serde_json::from_str(value).expect("a JSON value");
            (attribute.to_owned(), value)
        });
        let fits = |account: &&Json| filter.as_ref().is_none_or(|(attribute, value)| account[attribute] == *value);
        let found: Vec<&Json> = self.accounts.values().filter(fits).collect();
        let number = |name: &str, or: usize| query.get(name).and_then(|text| text.parse().ok()).unwrap_or(or);
        let page: Vec<&&Json> = found.iter().skip(number("startIndex", 1) - 1).take(number("count", 200)).collect();
        json!({"totalResults": found.len(), "Resources": page})
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex: Vec<u8> = rest.by_ref().take(2).collect();
            let hex = std::str::from_utf8(&hex).expect("hexadecimal");
            bytes.push(u8::from_str_radix(hex, 16).expect("hexadecimal"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

fn patch(account: &mut Json, operation: &Json) {
    let path = operation["path"].as_str().expect("a path");
    let (mut place, rest) = match path.strip_prefix(ENTERPRISE) {
        Some(rest) => (&mut account[ENTERPRISE], rest.trim_start_matches(':')),
        None => (account, path),
    };
    let mut names: Vec<&str> = rest.split('.').filter(|name| !name.is_empty()).collect();
    let last = names.pop().expect("an attribute");
    for name in names {
        place = &mut place[name];
    }
    match operation["op"].as_str() {
        Some("remove") => drop(place.as_object_mut().map(|object| object.remove(last))),
        _ => place[last] = operation["value"].clone(),
    }
}
