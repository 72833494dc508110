//! A token endpoint and an API that answer what a test tells them to.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Form, Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{any, post};
use joinery_model::FixedClock;
use joinery_tenant::{AssertionStyle, Host, KeyFile, PlainHttp, SamlBearer, Settings, SignIn, Transport, UserIs};

/// One answer to come.
#[derive(Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Answer {
    pub fn new(status: u16, body: &str) -> Self {
        Self { status, headers: Vec::new(), body: body.to_owned() }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// An error body as SAP writes it.
    pub fn error(status: u16, number: &str, text: &str) -> Self {
        let message = format!("[{number}]{text}");
        Self::new(
            status,
            &format!(r#"{{"error":{{"code":"{number}","message":{{"lang":"en-US","value":"{message}"}}}}}}"#),
        )
    }

    pub fn token(token: &str, seconds: u64) -> Self {
        Self::new(200, &format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{seconds}}}"#))
    }
}

/// What the tenant saw and what it will say.
#[derive(Default)]
pub struct Fake {
    /// Answers to come from the API; `200 {}` when there are none.
    pub api: Mutex<VecDeque<Answer>>,
    /// Answers to come from the token endpoint; `token-N` for a day when there are none.
    pub token: Mutex<VecDeque<Answer>>,
    /// Tokens that the API answers with LGN0022.
    pub expired: Mutex<Vec<String>>,
    /// Requests to the API: path with query, and headers.
    pub seen: Mutex<Vec<(String, HeaderMap)>>,
    /// The forms that the token endpoint got.
    pub forms: Mutex<Vec<Vec<(String, String)>>>,
    /// How long the API takes.
    pub takes: Mutex<Duration>,
    pub in_flight: AtomicUsize,
    pub most_in_flight: AtomicUsize,
}

impl Fake {
    pub fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.api.lock().expect("lock").extend(answers);
    }

    pub fn tokens(&self, answers: impl IntoIterator<Item = Answer>) {
        self.token.lock().expect("lock").extend(answers);
    }

    pub fn requests(&self) -> usize {
        self.seen.lock().expect("lock").len()
    }

    pub fn sign_ins(&self) -> usize {
        self.forms.lock().expect("lock").len()
    }

    pub fn header(&self, request: usize, name: &str) -> String {
        let seen = self.seen.lock().expect("lock");
        seen[request].1.get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default()
    }

    /// Serves on a free port until the test's runtime ends.
    pub async fn serve(self: &Arc<Self>) -> Host {
        let router = Router::new().route("/oauth/token", post(token)).fallback(any(api)).with_state(Arc::clone(self));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
        let address = listener.local_addr().expect("address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Host::parse(&format!("http://{address}/odata/v2/"), PlainHttp::LoopbackOnly).expect("host")
    }
}

async fn token(State(fake): State<Arc<Fake>>, Form(form): Form<Vec<(String, String)>>) -> Response<Body> {
    let number = {
        let mut forms = fake.forms.lock().expect("lock");
        forms.push(form);
        forms.len()
    };
    tokio::time::sleep(Duration::from_millis(10)).await;
    let told = fake.token.lock().expect("lock").pop_front();
    response(told.unwrap_or_else(|| Answer::token(&format!("token-{number}"), 86_400)))
}

async fn api(State(fake): State<Arc<Fake>>, request: Request) -> Response<Body> {
    let now = fake.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
    fake.most_in_flight.fetch_max(now, Ordering::SeqCst);
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let bearer = request.headers().get("authorization").and_then(|value| value.to_str().ok()).map(str::to_owned);
    fake.seen.lock().expect("lock").push((path, request.headers().clone()));
    let takes = *fake.takes.lock().expect("lock");
    if !takes.is_zero() {
        tokio::time::sleep(takes).await;
    }
    fake.in_flight.fetch_sub(1, Ordering::SeqCst);
    let token = bearer.unwrap_or_default().replace("Bearer ", "");
    if fake.expired.lock().expect("lock").contains(&token) {
        return response(Answer::error(403, "LGN0022", "The access token has expired."));
    }
    let told = fake.api.lock().expect("lock").pop_front();
    response(told.unwrap_or_else(|| Answer::new(200, "{}")))
}

fn response(answer: Answer) -> Response<Body> {
    let mut builder = Response::builder().status(StatusCode::from_u16(answer.status).expect("status"));
    for (name, value) in answer.headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(answer.body)).expect("response")
}

/// A clock that stands at the real hour, so that the server's `Date` agrees with it.
#[expect(clippy::disallowed_methods, reason = "a real server writes the real Date")]
pub fn clock() -> FixedClock {
    FixedClock::at(jiff::Timestamp::now())
}

#[expect(clippy::disallowed_methods, reason = "tests make their own client")]
pub fn client() -> reqwest::Client {
    let policy = reqwest::redirect::Policy::none();
    reqwest::Client::builder().no_proxy().redirect(policy).build().expect("client")
}

pub fn saml(host: Host) -> Settings {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys/pkcs8.pem");
    let key = KeyFile::read(&std::fs::read(path).expect("file"), None).expect("key").key;
    let sign_in = SignIn::SamlBearer(SamlBearer {
        client_id: "Zjk4".to_owned(),
        user: "API".to_owned(),
        user_is: UserIs::UserId,
        style: AssertionStyle::ApiKey,
        key,
        certificate: None,
    });
    Settings::new("acme", host, "ACME", sign_in)
}

/// A tenant, a clock at its hour and a transport to it by SAML bearer.
pub async fn opened() -> (Arc<Fake>, FixedClock, Transport) {
    opened_with(|settings| settings).await
}

pub async fn opened_with(change: impl FnOnce(Settings) -> Settings) -> (Arc<Fake>, FixedClock, Transport) {
    let fake = Arc::new(Fake::default());
    let host = fake.serve().await;
    let clock = clock();
    let transport = Transport::new(client(), change(saml(host)), clock.clone(), 7);
    (fake, clock, transport)
}
