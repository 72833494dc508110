//! A small SCIM application of a test's own: creates, replaces, deletes, finds by `attribute eq "value"`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

type Users = BTreeMap<u64, Value>;

/// The application; it ends with its handle.
pub struct ScimApp {
    address: SocketAddr,
    users: Arc<Mutex<Users>>,
    server: JoinHandle<()>,
}

impl Drop for ScimApp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl ScimApp {
    /// An application on a free port.
    pub async fn start() -> Self {
        Self::at(([127, 0, 0, 1], 0).into()).await
    }

    /// An application at an address that was free a moment ago.
    pub async fn at(address: SocketAddr) -> Self {
        let listener = tokio::net::TcpListener::bind(address).await.expect("the address is free");
        let address = listener.local_addr().expect("an address");
        let users: Arc<Mutex<Users>> = Arc::default();
        let inside = Arc::clone(&users);
        let router = Router::new().fallback(move |method: Method, uri: Uri, body: Bytes| async move {
            answer(&mut inside.lock().expect("no panic"), &method, &uri, &body)
        });
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { address, users, server }
    }

    /// A target table for the configuration.
    pub fn target(address: SocketAddr) -> String {
        format!("[target.people]\ntype = \"scim\"\nurl = \"http://{address}/scim\"\nmatch = [\"userName\"]\n")
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn users(&self) -> MutexGuard<'_, Users> {
        self.users.lock().expect("no panic")
    }

    /// The account of that userName, and its id.
    #[track_caller]
    pub fn named(&self, name: &str) -> (u64, Value) {
        let users = self.users();
        let mut found = users.iter().filter(|(_, user)| user["userName"] == name);
        let one = found.next().map(|(id, user)| (*id, user.clone()));
        assert!(found.next().is_none(), "two accounts of {name}");
        one.unwrap_or_else(|| panic!("{name} has no account"))
    }
}

fn say(status: StatusCode, body: &Value) -> Response {
    (status, [("content-type", "application/scim+json")], body.to_string()).into_response()
}

fn answer(users: &mut Users, method: &Method, uri: &Uri, body: &[u8]) -> Response {
    let path = uri.path().trim_start_matches("/scim");
    if path == "/ServiceProviderConfig" {
        let body = json!({"patch": {"supported": false}, "filter": {"supported": true, "maxResults": 200}});
        return say(StatusCode::OK, &body);
    }
    let Some(id) = path.strip_prefix("/Users") else { return StatusCode::NOT_FOUND.into_response() };
    let id: Option<u64> = id.trim_start_matches('/').parse().ok();
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match (method.as_str(), id) {
        ("GET", None) => list(users, uri.query().unwrap_or_default()),
        ("GET", Some(id)) if users.contains_key(&id) => say(StatusCode::OK, &users[&id]),
        ("POST", None) => {
            if users.values().any(|user| user["userName"] == body["userName"]) {
                return say(StatusCode::CONFLICT, &json!({"scimType": "uniqueness", "status": "409"}));
            }
            let id = users.len() as u64 + 1;
            keep(users, id, body, StatusCode::CREATED)
        }
        ("PUT", Some(id)) if users.contains_key(&id) => keep(users, id, body, StatusCode::OK),
        _ => say(StatusCode::NOT_FOUND, &json!({"status": "404"})),
    }
}

fn keep(users: &mut Users, id: u64, mut user: Value, status: StatusCode) -> Response {
    user["id"] = id.to_string().into();
    users.insert(id, user.clone());
    say(status, &user)
}

fn list(users: &Users, query: &str) -> Response {
    let url = reqwest::Url::parse(&format!("http://localhost/?{query}")).expect("a query");
    let parameters: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let number = |name: &str| parameters.get(name).and_then(|text| text.parse::<usize>().ok());
    let wanted: Vec<(&str, &str)> = parameters
        .get("filter")
        .map(|filter| {
            filter.split(" or ").filter_map(|part| part.trim_matches(['(', ')']).split_once(" eq ")).collect()
        })
        .unwrap_or_default();
    let fits =
        |user: &&Value| wanted.is_empty() || wanted.iter().any(|(name, value)| user[*name] == value.trim_matches('"'));
    let found: Vec<&Value> = users.values().filter(fits).collect();
    let start = number("startIndex").unwrap_or(1).max(1);
    let page: Vec<&&Value> = found.iter().skip(start - 1).take(number("count").unwrap_or(200)).collect();
    let body = json!({"totalResults": found.len(), "startIndex": start, "itemsPerPage": page.len(), "Resources": page});
    say(StatusCode::OK, &body)
}
