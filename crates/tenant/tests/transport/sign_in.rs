use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use joinery_model::{Clock as _, FixedClock, Retry};
use joinery_tenant::{Settings, Transport};

use crate::fake::{Answer, Fake, client, opened, saml};

#[tokio::test]
async fn fifty_requests_sign_in_once_and_carry_what_sap_asks_for() {
    let (fake, _, transport) = opened().await;
    let workers: Vec<_> = (0..50)
        .map(|number| {
            let transport = transport.clone();
            tokio::spawn(async move { transport.get(&format!("odata/v2/User?$skip={number}")).await })
        })
        .collect();
    for worker in workers {
        worker.await.expect("worker").expect("answer").ok().expect("200");
    }
    assert_eq!((fake.sign_ins(), fake.requests()), (1, 50));
    assert_eq!(transport.counts().requests, 51);

    let mut correlation = HashSet::new();
    for request in 0..50 {
        assert_eq!(fake.header(request, "authorization"), "Bearer token-1");
        assert_eq!(fake.header(request, "successfactors-sourcetype"), "Application");
        assert_eq!(fake.header(request, "accept"), "application/json");
        assert!(correlation.insert(fake.header(request, "x-sf-correlation-id")), "a correlation id comes twice");
    }
    assert!(correlation.iter().all(|id| id.len() == 36), "{correlation:?}");

    let form = fake.forms.lock().expect("lock")[0].clone();
    let field = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).expect("field");
    assert_eq!(field("company_id"), "ACME");
    assert_eq!(field("client_id"), "Zjk4");
    assert_eq!(field("grant_type"), "urn:ietf:params:oauth:grant-type:saml2-bearer");
    let assertion = String::from_utf8(STANDARD.decode(field("assertion")).expect("base64")).expect("text");
    assert!(assertion.starts_with("<Assertion ") && assertion.contains(">API</NameID>"), "{assertion}");
}

#[tokio::test]
async fn a_token_is_renewed_before_it_runs_out() {
    let (fake, clock, transport) = opened().await;
    fake.tokens([Answer::token("short", 1000)]);
    transport.get("odata/v2/User").await.expect("answer");
    clock.advance(Duration::from_secs(899));
    transport.get("odata/v2/User").await.expect("answer");
    assert_eq!(fake.sign_ins(), 1);
    clock.advance(Duration::from_secs(2));
    transport.get("odata/v2/User").await.expect("answer");
    assert_eq!((fake.sign_ins(), fake.header(2, "authorization").as_str()), (2, "Bearer token-2"));
}

#[tokio::test]
async fn a_token_that_the_tenant_drops_is_renewed_once_for_all() {
    let (fake, _, transport) = opened().await;
    transport.get("odata/v2/User").await.expect("answer");
    fake.expired.lock().expect("lock").push("token-1".to_owned());
    let workers: Vec<_> = (0..10)
        .map(|_| {
            let transport = transport.clone();
            tokio::spawn(async move { transport.get("odata/v2/User").await })
        })
        .collect();
    for worker in workers {
        assert!(worker.await.expect("worker").expect("answer").status.is_success());
    }
    assert_eq!(fake.sign_ins(), 2);
}

#[tokio::test]
async fn a_tenant_that_refuses_its_own_tokens_is_not_asked_for_ever() {
    let (fake, _, transport) = opened().await;
    fake.expired.lock().expect("lock").extend((1..9).map(|number| format!("token-{number}")));
    let failure = transport.get("odata/v2/User").await.expect_err("refused");
    assert!(
        failure.message.starts_with("connection.acme.sign_in: ") && failure.message.contains("LGN0022"),
        "{failure}"
    );
    assert_eq!((fake.sign_ins(), fake.requests()), (3, 3));
}

#[tokio::test]
async fn a_refused_sign_in_says_what_to_do_and_reaches_no_entity() {
    let (fake, _, transport) = opened().await;
    fake.tokens([Answer::new(
        401,
        r#"{"errorHttpCode":"401","errorMessage":"Unable to verify the signature of the SAML assertion. Please ensure that the assertion has a signature and the key pairs match the client ID"}"#,
    )]);
    let failure = transport.get("odata/v2/User").await.expect_err("refused");
    assert!(failure.message.starts_with("connection.acme.private_key: "), "{failure}");
    assert_eq!(failure.retry(), Retry::No);
    assert_eq!((fake.sign_ins(), fake.requests()), (1, 0));
}

#[tokio::test]
async fn an_answer_that_is_no_token_is_not_quoted() {
    let (fake, _, transport) = opened().await;
    fake.tokens([Answer::new(200, r#"{"access_token":["s3cret"]}"#)]);
    let failure = transport.sign_in().await.expect_err("no token");
    assert!(failure.message.contains("api_server"), "{failure}");
    assert!(!format!("{failure:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_wrong_clock_is_set_right_by_the_tenants() {
    let fake = Arc::new(Fake::default());
    let host = fake.serve().await;
    let real = crate::fake::clock().now();
    let clock = FixedClock::at(real - SignedDuration::from_hours(5));
    let transport = Transport::new(client(), saml(host), clock, 7);
    fake.tokens([Answer::new(401, r#"{"errorHttpCode":"401","errorMessage":"Assertion is not yet valid"}"#)]);
    transport.sign_in().await.expect("signed in at the second attempt");

    let issued: Vec<jiff::Timestamp> = fake
        .forms
        .lock()
        .expect("lock")
        .iter()
        .map(|form| {
            let assertion = STANDARD.decode(&form.iter().find(|(name, _)| name == "assertion").expect("field").1);
            let text = String::from_utf8(assertion.expect("base64")).expect("text");
            let (_, rest) = text.split_once("IssueInstant=\"").expect("instant");
            rest.split_once('"').expect("quote").0.parse().expect("time")
        })
        .collect();
    assert_eq!(issued.len(), 2);
    assert!(issued[0].duration_since(real).abs() > SignedDuration::from_hours(4));
    assert!(issued[1].duration_since(real).abs() < SignedDuration::from_mins(1), "{issued:?}");
    let ahead = transport.clock_difference().expect("known");
    assert!((ahead - SignedDuration::from_hours(5)).abs() < SignedDuration::from_mins(1), "{ahead:?}");
}

#[tokio::test]
async fn basic_sends_user_company_and_password_and_asks_for_no_token() {
    let fake = Arc::new(Fake::default());
    let settings = Settings::basic("acme", fake.serve().await, "ACME", "api@hr.example", "p:w".into());
    let transport = Transport::new(client(), settings, crate::fake::clock(), 7);
    transport.get("odata/v2/User").await.expect("answer");
    let credentials = STANDARD.encode("api@hr.example@ACME:p:w");
    assert_eq!(fake.header(0, "authorization"), format!("Basic {credentials}"));
    assert_eq!(fake.sign_ins(), 0);

    fake.answers([Answer::error(401, "LGN0015", "Authentication failed. (status code = 4).")]);
    let failure = transport.get("odata/v2/User").await.expect_err("refused");
    assert!(failure.message.starts_with("connection.acme.password: "), "{failure}");
    assert!(!format!("{failure:?}{transport:?}").contains("p:w"));
}
