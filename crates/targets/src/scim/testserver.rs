//! A small SCIM server for tests, with the habits of servers in the field as switches.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use joinery_scim::{Filter, Path, Resource, get, put};
use serde_json::{Value as Json, json};

/// What the server does with a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filters {
    /// Answers it.
    Answered,
    /// Refuses filters on elements.
    Plain,
    /// Refuses every filter.
    Refused,
    /// Answers with everybody.
    Ignored,
}

#[derive(Debug)]
pub(super) struct Inside {
    pub users: BTreeMap<u64, Resource>,
    last: u64,
    /// Method, address and body of every request for users.
    pub asked: Vec<(String, String, Json)>,
    pub filters: Filters,
    pub described: bool,
    pub patch: bool,
    pub etag: bool,
    pub cursor: bool,
    pub keeps_external_id: bool,
    pub most: usize,
    pub token: String,
    pub tokens_given: u32,
    /// The next changing requests are done and then answered too late.
    pub lose: u32,
    /// The next requests for users get these answers instead.
    pub answers: VecDeque<(u16, Option<&'static str>, Json)>,
    /// Everything is answered with a gateway's 404.
    pub lost: bool,
}

#[derive(Clone, Debug)]
pub(super) struct TestServer {
    pub inside: Arc<Mutex<Inside>>,
    pub url: String,
}

impl TestServer {
    pub(super) async fn start() -> Self {
        let inside = Inside {
            users: BTreeMap::new(),
            last: 0,
            asked: Vec::new(),
            filters: Filters::Answered,
            described: true,
            patch: true,
            etag: true,
            cursor: false,
            keeps_external_id: true,
            most: 50,
            token: "sesame".to_owned(),
            tokens_given: 0,
            lose: 0,
            answers: VecDeque::new(),
            lost: false,
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
        let server = Self { inside: Arc::new(Mutex::new(inside)), url };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    pub(super) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    /// Methods and addresses asked since the last call.
    pub(super) fn asked(&self) -> Vec<String> {
        let users = format!("{}/Users", self.url.split_once("127.0.0.1").unwrap().1.split_once('/').unwrap().1);
        let asked = std::mem::take(&mut self.inside().asked);
        asked.iter().map(|(method, path, _)| format!("{method} {}", path.replace(&format!("/{users}"), ""))).collect()
    }
}

async fn answer(State(server): State<TestServer>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = head.uri.path().trim_start_matches("/scim/v2").to_owned();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let (answer, late) = {
        let mut inside = server.inside();
        let late =
            inside.lose > 0 && matches!(head.method.as_str(), "POST" | "PATCH" | "PUT" | "DELETE") && path != "/token";
        if late {
            inside.lose -= 1;
        }
        (inside.answer(head.method.as_str(), &path, &query, &head.headers, &body), late)
    };
    if late {
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    answer
}

type Answer = Response;

fn say(status: u16, body: &Json) -> Answer {
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, "application/scim+json")], body.to_string())
        .into_response()
}

fn error(status: u16, kind: &str, detail: &str) -> Answer {
    let schemas = [joinery_scim::urn::ERROR];
    say(status, &json!({"schemas": schemas, "status": status.to_string(), "scimType": kind, "detail": detail}))
}

impl Inside {
    fn answer(&mut self, method: &str, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> Answer {
        if path == "/token" {
            self.tokens_given += 1;
            self.token = format!("token{}", self.tokens_given);
            return say(200, &json!({"access_token": self.token, "token_type": "Bearer", "expires_in": 3600}));
        }
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if sent != Some(&format!("Bearer {}", self.token)) {
            return error(401, "", "no");
        }
        if self.lost {
            return (StatusCode::NOT_FOUND, "<html>no such host</html>").into_response();
        }
        let Some(id) = path.strip_prefix("/Users") else { return self.describe(path) };
        let body: Json = serde_json::from_slice(body).unwrap_or_default();
        self.asked.push((
            method.to_owned(),
            format!("/scim/v2{path}?{query}").trim_end_matches('?').to_owned(),
            body.clone(),
        ));
        if let Some((status, after, body)) = self.answers.pop_front() {
            let mut answer = say(status, &body);
            if let Some(after) = after {
                answer.headers_mut().insert(header::RETRY_AFTER, after.parse().unwrap());
            }
            return answer;
        }
        match (method, id.trim_start_matches('/').parse::<u64>().ok()) {
            ("GET", None) if id.is_empty() => self.list(query),
            ("POST", None) => self.create(&body),
            (_, Some(id)) if self.users.contains_key(&id) => self.one(method, id, headers, &body),
            _ => error(404, "", "not found"),
        }
    }

    fn describe(&self, path: &str) -> Answer {
        match path {
            "/ServiceProviderConfig" if self.described => say(
                200,
                &json!({"patch": {"supported": self.patch}, "filter": {"supported": true, "maxResults": self.most},
                    "etag": {"supported": self.etag}, "pagination": {"cursor": self.cursor}}),
            ),
            "/ResourceTypes" if self.described => {
                say(200, &json!([{"name": "User", "endpoint": "/Users", "schema": joinery_scim::urn::USER}]))
            }
            _ => (StatusCode::NOT_FOUND, "<html>nothing here</html>").into_response(),
        }
    }

    fn list(&self, query: &str) -> Answer {
        let parameters: BTreeMap<String, String> = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| {
                (name.to_owned(), percent_encoding::percent_decode_str(value).decode_utf8().unwrap().into_owned())
            })
            .collect();
        let mut found: Vec<&Resource> = self.users.values().collect();
        if let Some(text) = parameters.get("filter") {
            let filter: Filter = text.parse().unwrap();
            match self.filters {
                Filters::Plain if matches!(filter, Filter::Element(..)) => return error(400, "invalidFilter", text),
                Filters::Refused => return error(400, "invalidFilter", text),
                Filters::Ignored => {}
                _ => found.retain(|user| filter.accepts(user, &|_| false)),
            }
        }
        let number = |name: &str| parameters.get(name).and_then(|text| text.parse::<usize>().ok());
        let start = number("cursor").or(number("startIndex").map(|start| start.saturating_sub(1))).unwrap_or(0);
        let count = number("count").unwrap_or(self.most).min(self.most);
        let page: Vec<&&Resource> = found.iter().skip(start).take(count).collect();
        let mut body = json!({"totalResults": found.len(), "startIndex": start + 1, "itemsPerPage": page.len(), "Resources": page});
        if self.cursor && parameters.contains_key("cursor") && start + count < found.len() {
            body["nextCursor"] = (start + count).to_string().into();
        }
        say(200, &body)
    }

    fn create(&mut self, body: &Json) -> Answer {
        let mut user = body.as_object().unwrap().clone();
        if let Some(taken) = self.taken(&user, None) {
            return taken;
        }
        self.last += 1;
        if !self.keeps_external_id {
            user.remove("externalId");
        }
        self.keep(self.last, user, 201)
    }

    fn taken(&self, user: &Resource, but: Option<u64>) -> Option<Answer> {
        let name = user["userName"].as_str().unwrap().to_lowercase();
        let same = |(id, other): (&u64, &Resource)| {
            Some(*id) != but && other["userName"].as_str().unwrap().to_lowercase() == name
        };
        self.users
            .iter()
            .any(|(id, other)| same((id, other)))
            .then(|| error(409, "uniqueness", &format!("userName '{name}' is taken by {name}")))
    }

    fn keep(&mut self, id: u64, mut user: Resource, status: u16) -> Answer {
        let version = self.users.get(&id).map_or(1, |user| user["meta"]["version"].as_u64().unwrap_or(0) + 1);
        user.insert("id".to_owned(), id.to_string().into());
        user.insert("meta".to_owned(), json!({"resourceType": "User", "version": version}));
        self.users.insert(id, user.clone());
        self.shown(status, user, version)
    }

    fn shown(&self, status: u16, user: Resource, version: u64) -> Answer {
        let mut answer = say(status, &Json::Object(user));
        if self.etag {
            answer.headers_mut().insert(header::ETAG, format!("W/\"{version}\"").parse().unwrap());
        }
        answer
    }

    fn one(&mut self, method: &str, id: u64, headers: &HeaderMap, body: &Json) -> Answer {
        let mut user = self.users[&id].clone();
        let version = user["meta"]["version"].as_u64().unwrap_or(0);
        let wanted = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
        if self.etag && method != "GET" && wanted.is_some_and(|wanted| wanted != format!("W/\"{version}\"")) {
            return error(412, "", "changed");
        }
        match method {
            "GET" => self.shown(200, user, version),
            "DELETE" => {
                self.users.remove(&id);
                StatusCode::NO_CONTENT.into_response()
            }
            "PUT" => {
                let mut new = body.as_object().unwrap().clone();
                assert!(!new.contains_key("meta"), "meta is the server's own");
                if !self.keeps_external_id {
                    new.remove("externalId");
                }
                self.taken(&new, Some(id)).unwrap_or_else(|| self.keep(id, new, 200))
            }
            "PATCH" if self.patch => {
                for operation in body["Operations"].as_array().unwrap() {
                    if let Err(kind) = patch(&mut user, operation) {
                        return error(400, kind, "the path finds nothing");
                    }
                }
                self.taken(&user, Some(id)).unwrap_or_else(|| self.keep(id, user, 200))
            }
            _ => error(501, "", "not implemented"),
        }
    }
}

/// As strict as the RFC allows: a filter that finds nothing and a removal of nothing are errors.
fn patch(user: &mut Resource, operation: &Json) -> Result<(), &'static str> {
    let path: Path = operation["path"].as_str().unwrap().parse().map_err(|_| "invalidPath")?;
    let there = get(user, &path).is_some();
    let element = path.filter.as_ref().is_none_or(|_| get(user, &path.parent()).is_some());
    let value = operation["value"].clone();
    match (operation["op"].as_str().unwrap(), value) {
        ("remove", _) if !there => Err("noTarget"),
        ("remove", _) => {
            put(user, &path, None);
            Ok(())
        }
        ("add", Json::Array(mut added)) if path.filter.is_none() => {
            let mut all = get(user, &path).and_then(Json::as_array).cloned().unwrap_or_default();
            all.append(&mut added);
            put(user, &path, Some(all.into()));
            Ok(())
        }
        _ if !element => Err("noTarget"),
        (_, value) => {
            put(user, &path, Some(value));
            Ok(())
        }
    }
}
