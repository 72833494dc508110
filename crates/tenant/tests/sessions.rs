//! Sessions of the tenant: begun once, brought along, healed once when the tenant refuses their token.

use jiff::Timestamp;
use joinery_model::FixedClock;
use joinery_simulator::world::Seed;
use joinery_simulator::{Fault, FaultKind, Running, Settings as Simulated, Simulator, TimeSource, When};
use joinery_tenant::{Host, Once, PlainHttp, Request, Settings, Transport};
use serde_json::json;

const NOW: &str = "2026-11-21T12:00:00Z";
const QUESTION: &str = "odata/v2/User?$top=1&$select=userId&$format=json";

async fn tenant() -> Running {
    let now: Timestamp = NOW.parse().unwrap();
    let mut settings = Simulated::new("ACME", Seed::new(7, 50, now), TimeSource::fixed(now));
    settings.basic_password = Some("secret".into());
    settings.switches.csrf_required = true;
    Simulator::start(settings).await.unwrap()
}

fn transport(running: &Running) -> Transport {
    #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let host = Host::parse(running.base_url(), PlainHttp::LoopbackOnly).unwrap();
    let settings = Settings::basic("acme", host, "ACME", "API_USER", "secret".into());
    Transport::new(client, settings, FixedClock::at(NOW.parse().unwrap()), 1)
}

fn write() -> Request {
    let row = json!({"__metadata": {"uri": "User('API_USER')"}, "custom01": "x"});
    Request::json(reqwest::Method::POST, "odata/v2/upsert?$format=json", &row)
}

/// The status of a write that is sent once at the most.
async fn written(transport: &Transport) -> u16 {
    match transport.send_once(&write()).await.unwrap() {
        Once::Answered(response) => response.status.as_u16(),
        Once::Unknown(failure) => panic!("{failure}"),
    }
}

#[tokio::test]
async fn one_session_serves_many_requests_and_its_token_lets_writes_in() {
    let running = tenant().await;
    let transport = transport(&running);
    for _ in 0..20 {
        transport.get(QUESTION).await.unwrap().ok().unwrap();
    }
    assert_eq!(written(&transport).await, 200);
    assert_eq!(running.sessions_begun(), 1);
    let requests = running.requests();
    assert_eq!(requests.total.requests, 21, "{requests:?}");
}

#[tokio::test]
async fn a_session_that_ended_is_begun_again_and_the_write_is_done_once() {
    let running = tenant().await;
    let transport = transport(&running);
    transport.get(QUESTION).await.unwrap().ok().unwrap();
    running.expire_sessions();
    running.mark();
    assert_eq!(written(&transport).await, 200);
    let requests = running.requests_since_mark();
    let of = |resource: &str| requests.by_resource.get(resource).map_or(0, |counts| counts.requests);
    assert_eq!((of("POST upsert"), requests.total.requests), (2, 3), "refused, a token fetched, done: {requests:?}");
    running.mark();
    assert_eq!(written(&transport).await, 200);
    assert_eq!(running.requests_since_mark().total.requests, 1);
}

#[tokio::test]
async fn a_token_that_is_refused_twice_is_told() {
    let running = tenant().await;
    let transport = transport(&running);
    running.arm(Fault::next(FaultKind::CsrfRefused, 1).when(When::Always).at("upsert"));
    assert_eq!(written(&transport).await, 403);
    assert_eq!(running.requests().by_resource["POST upsert"].requests, 2);
    let Once::Answered(response) = transport.send_once(&write()).await.unwrap() else { panic!("unknown") };
    let told = response.ok().unwrap_err().message;
    assert!(told.contains("session"), "{told}");
}

#[tokio::test]
async fn a_gateway_in_trouble_ends_the_session() {
    let running = tenant().await;
    let transport = transport(&running);
    transport.get(QUESTION).await.unwrap().ok().unwrap();
    running.arm(Fault::next(FaultKind::GatewayTimeout, 1));
    transport.get(QUESTION).await.unwrap().ok().unwrap();
    assert_eq!(running.sessions_begun(), 2);
}
