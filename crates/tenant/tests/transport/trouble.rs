use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use joinery_model::{Clock as _, Retry};
use joinery_tenant::{Host, Once, Patience, PlainHttp, Request, Settings, Transport};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::fake::{Answer, Fake, client, opened, opened_with};

#[tokio::test]
async fn retry_after_is_waited_out_and_eases_the_pace() {
    let (fake, clock, transport) = opened().await;
    transport.sign_in().await.expect("token");
    let start = clock.now();
    fake.answers([Answer::new(429, "").with("retry-after", "120")]);
    transport.get("odata/v2/User").await.expect("answer").ok().expect("200");
    assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(120));
    assert_eq!((fake.requests(), transport.counts().retries, transport.counts().waited_ms), (2, 1, 120_000));
    // Halved to one, and one back for the request that went well.
    assert_eq!(transport.allowed_in_flight(), 2);
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let metadata =
        "The request has timed out. OData metadata is being generated for the same instance in another thread.";
    let troubles = [
        Answer::new(503, "<html>maintenance</html>"),
        Answer::new(502, ""),
        Answer::new(504, ""),
        Answer::error(500, "COE0019", metadata),
    ];
    for trouble in troubles {
        let (fake, _, transport) = opened().await;
        let status = trouble.status;
        fake.answers([trouble, Answer::new(200, "here")]);
        let response = transport.get("odata/v2/User").await.expect("answer");
        assert_eq!((&response.bytes[..], fake.requests()), (&b"here"[..], 2), "{status}");
    }
}

#[tokio::test]
async fn what_stays_the_same_is_not_tried_again() {
    for answer in [
        Answer::error(400, "COE0021", "Invalid property names: User/foo."),
        Answer::error(403, "COE0020", "no"),
        Answer::error(404, "COE0028", "no"),
        Answer::error(500, "COE0019", "Invalid property value"),
    ] {
        let (fake, _, transport) = opened().await;
        let status = answer.status;
        fake.answers([answer]);
        let response = transport.get("odata/v2/User").await.expect("an answer is not a failure");
        assert_eq!((response.status.as_u16(), fake.requests()), (status, 1));
        assert_eq!(response.ok().expect_err("refused").retry(), Retry::No);
    }
}

#[tokio::test]
async fn patience_ends() {
    let (fake, clock, transport) = opened().await;
    transport.sign_in().await.expect("token");
    let start = clock.now();
    fake.answers((0..20).map(|_| Answer::new(503, "")));
    let failure = transport.get("odata/v2/User").await.expect_err("down");
    assert_eq!(failure.retry(), Retry::Later(None));
    assert!(failure.message.contains("maintenance"), "{failure}");
    assert_eq!(fake.requests(), 5);
    assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(5 + 20 + 60 + 180));

    let (fake, _, transport) = opened().await;
    fake.answers([Answer::new(503, "").with("retry-after", "7200")]);
    let failure = transport.get("odata/v2/User").await.expect_err("down for long");
    assert_eq!((failure.retry(), fake.requests()), (Retry::Later(Some(Duration::from_hours(2))), 1));
}

#[tokio::test]
async fn brief_patience_ends_within_seconds() {
    for answer in [Answer::new(503, ""), Answer::new(429, "").with("retry-after", "300"), Answer::new(504, "")] {
        let (fake, clock, transport) =
            opened_with(|settings| Settings { patience: Patience::brief(), ..settings }).await;
        let start = clock.now();
        fake.answers(vec![answer; 9]);
        let failure = transport.get("odata/v2/User").await.expect_err("trouble");
        assert!(matches!(failure.retry(), Retry::Later(_)), "{failure}");
        assert!(clock.now().duration_since(start) <= SignedDuration::from_secs(10), "{failure}");
    }
}

#[tokio::test]
async fn a_token_endpoint_in_trouble_is_asked_again() {
    let (fake, _, transport) = opened().await;
    fake.tokens([Answer::new(503, ""), Answer::new(429, "").with("retry-after", "3")]);
    transport.get("odata/v2/User").await.expect("answer");
    assert_eq!((fake.sign_ins(), fake.requests()), (3, 1));
}

#[tokio::test]
async fn a_lost_place_restarts_the_walk() {
    let (fake, _, transport) = opened().await;
    fake.answers([Answer::error(400, "COE0018", "Invalid skip token")]);
    let next = "https://inner.example:443/odata/v2/User?$select=userId%2Cstatus&$skiptoken=eyJz%3D%3D";
    let response = transport.get(next).await.expect("answer");
    assert_eq!(fake.seen.lock().expect("lock")[0].0, "/odata/v2/User?$select=userId%2Cstatus&$skiptoken=eyJz%3D%3D");
    assert_eq!(response.ok().expect_err("lost").retry(), Retry::Restart);
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_made_again() {
    // Two connections close in the middle of an answer, the third gives one.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        for number in 0.. {
            let (mut stream, _) = listener.accept().await.expect("connection");
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let answer: &[u8] = match number {
                0 => b"",
                1 => b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
                _ => b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nwhole",
            };
            let _ = stream.write_all(answer).await;
        }
    });
    let host = Host::parse(&format!("http://{address}"), PlainHttp::LoopbackOnly).expect("host");
    let settings = Settings::basic("acme", host, "ACME", "API", "pw".into());
    let transport = Transport::new(client(), settings, crate::fake::clock(), 7);
    let response = transport.get("odata/v2/User").await.expect("answer");
    assert_eq!(&response.bytes[..], b"whole");
    assert!(transport.counts().retries >= 1, "{:?}", transport.counts());
}

#[tokio::test]
async fn an_unreachable_tenant_names_the_setting() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    drop(listener);
    let host = Host::parse(&format!("http://{address}"), PlainHttp::LoopbackOnly).expect("host");
    let settings = Settings::basic("acme", host, "ACME", "API", "pw".into());
    let clock = crate::fake::clock();
    let transport = Transport::new(client(), settings, clock.clone(), 7);
    let start = clock.now();
    let failure = transport.get("odata/v2/User?$filter=userId%20eq%20'anna'").await.expect_err("nobody there");
    let said = format!("connection.acme.api_server: {address} cannot be reached; check ");
    assert!(failure.message.starts_with(&said), "{failure}");
    assert_eq!(failure.retry(), Retry::Later(None));
    assert!(!format!("{failure:?}").contains("anna"), "the cause quotes the query");
    assert_eq!(transport.counts().requests, 2, "who never answered is tried twice");
    assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(2));
}

#[tokio::test]
async fn who_has_answered_before_is_waited_for() {
    // One answer, then nobody listens any more.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("connection");
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await;
    });
    let host = Host::parse(&format!("http://{address}"), PlainHttp::LoopbackOnly).expect("host");
    let clock = crate::fake::clock();
    let settings = Settings::basic("acme", host, "ACME", "API", "pw".into());
    let transport = Transport::new(client(), settings, clock.clone(), 7);
    transport.get("odata/v2/User").await.expect("answer");
    served.await.expect("served");
    let start = clock.now();
    let failure = transport.get("odata/v2/User").await.expect_err("away");
    assert_eq!(failure.retry(), Retry::Later(None));
    assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(1 + 5 + 20 + 60));
}

#[tokio::test]
async fn a_slow_answer_is_given_up_and_tried_again_later() {
    let (fake, clock, transport) =
        opened_with(|settings| Settings { timeout: Duration::from_millis(150), ..settings }).await;
    transport.sign_in().await.expect("token");
    *fake.takes.lock().expect("lock") = Duration::from_secs(5);
    let start = clock.now();
    let failure = transport.get("odata/v2/User").await.expect_err("too slow");
    assert!(failure.message.starts_with("connection.acme.timeout: "), "{failure}");
    assert_eq!(clock.now().duration_since(start), SignedDuration::from_secs(60 + 300), "SAP asks for five minutes");
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_taken() {
    let (fake, _, transport) = opened_with(|settings| Settings { largest_answer: 1 << 20, ..settings }).await;
    fake.answers([Answer::new(200, &"x".repeat((1 << 20) + 1))]);
    let failure = transport.get("odata/v2/User").await.expect_err("too large");
    assert!(failure.message.starts_with("connection.acme.page_size: "), "{failure}");
    assert_eq!((failure.retry(), fake.requests()), (Retry::No, 1));
}

#[tokio::test]
async fn redirects_are_not_followed_and_no_token_goes_elsewhere() {
    let (fake, _, transport) = opened().await;
    let elsewhere = Arc::new(Fake::default());
    let other = elsewhere.serve().await;
    fake.answers([Answer::new(302, "").with("location", &format!("{other}/odata/v2/User"))]);
    let response = transport.get("odata/v2/User").await.expect("answer");
    let failure = response.ok().expect_err("redirected");
    assert!(failure.message.contains("redirects"), "{failure}");
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn what_must_not_be_done_twice_is_sent_again_only_when_it_was_not_done() {
    let request = Request::get("odata/v2/updateStaticGroup?groupId=1L&action='add'&userIds='x'");
    for (answer, tries) in [(429, 2), (503, 2), (502, 1), (504, 1)] {
        let (fake, _, transport) = opened().await;
        fake.answers([Answer::new(answer, ""), Answer::new(200, "done")]);
        let known = matches!(transport.send_once(&request).await.expect("sent"), Once::Answered(_));
        assert_eq!((known, fake.requests()), (tries == 2, tries), "{answer}");
    }
    let (fake, _, transport) = opened().await;
    transport.sign_in().await.expect("token");
    fake.expired.lock().expect("lock").push("token-1".to_owned());
    assert!(matches!(transport.send_once(&request).await.expect("sent"), Once::Answered(_)), "a token has run out");
    assert_eq!(fake.requests(), 2);
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_leaves_it_unknown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    let served = tokio::spawn(async move {
        let mut met = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            met += 1;
            let mut bytes = [0; 1024];
            let _ = stream.read(&mut bytes).await;
            if met == 2 {
                break;
            }
        }
        met
    });
    let host = Host::parse(&format!("http://{address}"), PlainHttp::LoopbackOnly).expect("host");
    let settings = Settings::basic("acme", host, "ACME", "API", "secret".into());
    let transport = Transport::new(client(), settings, crate::fake::clock(), 7);
    let sent = transport.send_once(&Request::get("odata/v2/updateStaticGroup")).await.expect("sent");
    assert!(matches!(sent, Once::Unknown(_)));
    served.abort();
    let host = Host::parse("http://127.0.0.1:9", PlainHttp::LoopbackOnly).expect("host");
    let settings = Settings::basic("acme", host, "ACME", "API", "secret".into());
    let transport = Transport::new(client(), settings, crate::fake::clock(), 7);
    assert!(transport.send_once(&Request::get("odata/v2/updateStaticGroup")).await.is_err(), "nothing was sent");
}
