//! Bad days.

use std::time::Duration;

use joinery_odata::ServerError;
use joinery_simulator::{Fault, FaultKind, When};
use serde_json::{Value as Json, json};

use crate::support::{Assertion, asker, settings, tenant};

#[tokio::test]
async fn statuses_and_bodies_of_a_bad_day() {
    let asker = tenant(10).await;
    asker.running.arm(Fault::next(FaultKind::TooManyRequests { retry_after: 7 }, 1));
    let answer = asker.get("User").await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"7".parse().unwrap()));

    asker.running.arm(Fault::next(FaultKind::MetadataBusy, 1));
    let (status, _, text) = asker.error("User").await;
    assert!(status == 500 && text.contains("metadata is being generated"));

    for (kind, expected) in
        [(FaultKind::Maintenance, 503), (FaultKind::BadGateway, 502), (FaultKind::GatewayTimeout, 504)]
    {
        asker.running.arm(Fault::next(kind, 1));
        let answer = asker.get("User").await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (expected, &"text/html".parse().unwrap())
        );
    }
    assert_eq!(asker.get("User").await.status(), 200, "and then all is well");
    assert_eq!(asker.running.requests().total.failed, 5);
}

#[tokio::test]
async fn only_the_path_that_is_meant() {
    let asker = tenant(10).await;
    asker.running.arm(Fault::next(FaultKind::ServerFailure, 9).at("/PerPerson").when(When::Every(2)));
    let mut statuses = Vec::new();
    for path in ["User", "PerPerson", "PerPerson", "User", "PerPerson", "PerPerson"] {
        statuses.push(asker.get(path).await.status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 500, 200, 200, 500]);
}

#[tokio::test]
async fn connections_break_before_and_in_the_middle_of_an_answer() {
    let asker = tenant(50).await;
    asker.running.arm(Fault::next(FaultKind::Drop, 1));
    // The client may itself try a request again that got no answer on a reused connection: a fresh one has none.
    assert!(asker.try_get("User").await.is_err());
    asker.running.arm(Fault::next(FaultKind::DropAfter { bytes: 1000 }, 1));
    let answer = asker.get("User").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.bytes().await.is_err(), "the announced length does not arrive");
    assert_eq!(asker.get("User").await.status(), 200);
}

#[tokio::test]
async fn tokens_and_places_expire_on_order() {
    let asker = tenant(50).await;
    let (_, body) = asker.token(&Assertion::of("API_USER")).await;
    let token = body["access_token"].as_str().unwrap().to_owned();
    let get = async || {
        let request = asker.client.get(asker.url("/odata/v2/User?$format=json&$top=1")).bearer_auth(&token);
        request.send().await.unwrap()
    };
    assert_eq!(get().await.status(), 200);
    asker.running.arm(Fault::next(FaultKind::TokenExpired, 1));
    let answer = get().await;
    assert_eq!(answer.status(), 403);
    assert_eq!(ServerError::read(&answer.bytes().await.unwrap()).number.as_deref(), Some("LGN0022"));
    assert_eq!(get().await.status(), 403, "for good: a new token is needed");

    let next = asker.data("PerPerson?customPageSize=10").await["__next"].as_str().unwrap().to_owned();
    asker.running.arm(Fault::next(FaultKind::SkipTokenExpired, 1));
    assert_eq!(asker.get("PerPerson?customPageSize=10").await.status(), 200);
    assert_eq!(asker.error(&next).await.0, 400);
    assert_eq!(asker.get(&next).await.status(), 200);
}

#[tokio::test]
async fn a_slow_answer_comes() {
    let asker = tenant(10).await;
    asker.running.arm(Fault::next(FaultKind::Slow { millis: 60 }, 1));
    let hurried = asker.client.get(asker.url("/odata/v2/User")).timeout(Duration::from_millis(10)).send().await;
    assert!(hurried.unwrap_err().is_timeout());
    assert_eq!(asker.get("User").await.status(), 200);
}

#[tokio::test]
async fn faults_are_armed_over_http() {
    let asker = tenant(10).await;
    let fault = json!({"kind": {"too_many_requests": {"retry_after": 1}}, "when": {"next": 2}, "path": "/User"});
    let (status, body) = asker.control("POST", "faults", &fault).await;
    assert_eq!((status, &body["faults"][0]["fault"]["path"]), (200, &json!("/User")));
    assert_eq!(asker.get("User").await.status(), 429);
    let (_, body) = asker.control("GET", "faults", &Json::Null).await;
    assert_eq!(body["faults"][0]["met"], 1);
    asker.control("DELETE", "faults", &Json::Null).await;
    assert_eq!(asker.get("User").await.status(), 200);
    let (status, body) = asker.control("POST", "faults", &json!({"kind": "nonsense"})).await;
    assert!(status == 400 && body["error"].as_str().unwrap().contains("nonsense"));
}

#[tokio::test]
async fn a_session_without_its_token_may_not_write() {
    let mut settings = settings(10);
    settings.switches.csrf_required = true;
    let asker = asker(settings).await;
    let first = asker.get("User?$top=1").await;
    let cookie = first.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let csrf = first.headers()["x-csrf-token"].clone();
    let post = async |cookie: Option<&str>, token: bool| {
        let mut request = asker.client.post(asker.url("/odata/v2/upsert?$format=json"));
        request = request.basic_auth("API_USER@ACME", Some("secret")).body("[]");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        if token {
            request = request.header("x-csrf-token", &csrf);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(post(None, false).await, 200, "credentials on every call need no session");
    assert_eq!(post(Some(&cookie), false).await, 403);
    assert_eq!(post(Some(&cookie), true).await, 200);
}
