//! Client certificates, against a simulated tenant with an authority of its own.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use joinery_model::{FixedClock, Retry};
use joinery_simulator::world::Seed;
use joinery_simulator::{
    Authority, ClientCertificate, MutualTls, Running, Settings as Simulated, Simulator, TimeSource,
};
use joinery_tenant::{Once, Patience, PlainHttp, Request, Transport, Typed, TypedSignIn};
use secrecy::ExposeSecret;

const NOW: &str = "2026-11-21T12:00:00Z";
const QUESTION: &str = "odata/v2/User?$top=1&$select=userId&$format=json";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn issue(authority: &Authority, login: &str, days: i64) -> ClientCertificate {
    let day = SignedDuration::from_hours(24);
    authority.issue(login, now() - day * 2, now() + day * i32::try_from(days).unwrap()).unwrap()
}

async fn tenant(mutual: MutualTls) -> Running {
    let mut settings = Simulated::new("ACME", Seed::new(7, 20, now()), TimeSource::fixed(now()));
    settings.mutual_tls = Some(mutual);
    Simulator::start(settings).await.unwrap()
}

fn transport(api_server: &str, authority: &Authority, certificate: &ClientCertificate) -> Transport {
    let typed = Typed {
        name: "acme".into(),
        api_server: api_server.into(),
        plain_http: PlainHttp::LoopbackOnly,
        company_id: "ACME".into(),
        sign_in: TypedSignIn::X509 {
            private_key: certificate.private_pem.expose_secret().as_bytes().to_vec().into(),
            private_key_password: None,
            certificate: Some(certificate.certificate_pem.clone().into_bytes()),
        },
        timeout: Duration::from_secs(20),
    };
    let mut settings = typed.check().unwrap_or_else(|wrong| panic!("{wrong:?}"));
    settings.patience = Patience::brief();
    let identity = settings.tls_identity().unwrap().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap()])
        .identity(reqwest::Identity::from_pem(identity.expose_secret().as_bytes()).unwrap())
        .build()
        .unwrap();
    Transport::new(http, settings, FixedClock::at(now()), 1)
}

#[tokio::test]
async fn a_mapped_certificate_reads_and_writes_without_any_token() {
    let authority = Arc::new(Authority::generate().unwrap());
    let certificate = issue(&authority, "API_USER", 30);
    let tenant = tenant(MutualTls::new(Arc::clone(&authority)).map(&certificate, "API_USER")).await;
    let transport = transport(tenant.certificate_url().unwrap(), &authority, &certificate);
    transport.get(QUESTION).await.unwrap().ok().unwrap();
    let row = serde_json::json!({"__metadata": {"uri": "User('API_USER')"}, "custom01": "x"});
    let write = Request::json(reqwest::Method::POST, "odata/v2/upsert?$format=json", &row);
    let Once::Answered(answer) = transport.send_once(&write).await.unwrap() else { panic!("unknown") };
    answer.ok().unwrap();
    assert_eq!(tenant.requests().total.requests, 2, "no token was asked for");
}

#[tokio::test]
async fn the_certificates_expiry_is_watched() {
    let authority = Arc::new(Authority::generate().unwrap());
    for (days, said) in
        [(90, None), (10, Some("expires in 10 days; have its authority issue a new one")), (-1, Some("has expired"))]
    {
        let transport = transport("https://127.0.0.1:1", &authority, &issue(&authority, "API_USER", days));
        let settings = transport.settings();
        let end = settings.certificate().map(joinery_tenant::Certificate::not_after);
        assert_eq!(end, Some(now() + SignedDuration::from_hours(24 * days)), "the metric is told");
        let warnings = settings.warnings(now());
        assert_eq!(warnings.len(), usize::from(said.is_some()), "{warnings:?}");
        for warning in warnings {
            assert_eq!(warning.subject, "connection.acme.certificate");
            assert!(said.is_some_and(|said| warning.message.contains(said)), "{warning:?}");
        }
    }
}

#[tokio::test]
async fn each_certificate_that_does_not_count_is_told_apart() {
    let (authority, other) = (Arc::new(Authority::generate().unwrap()), Authority::generate().unwrap());
    let (mapped, unmapped, expired, foreign) = (
        issue(&authority, "API_USER", 30),
        issue(&authority, "API_USER", 30),
        issue(&authority, "API_USER", -1),
        issue(&other, "API_USER", 30),
    );
    let mutual = MutualTls::new(Arc::clone(&authority)).map(&mapped, "NOBODY").map(&expired, "API_USER");
    let tenant = tenant(mutual.map(&foreign, "API_USER")).await;
    let url = tenant.certificate_url().unwrap();
    for (what, certificate, said) in [
        ("no mapping", &unmapped, "X.509 Public Certificate Mapping"),
        ("a mapping to nobody", &mapped, "X.509 Public Certificate Mapping"),
        ("expired", &expired, "expired"),
        ("of another authority", &foreign, "authority"),
    ] {
        let failure = transport(url, &authority, certificate).get(QUESTION).await.expect_err(what);
        assert!(failure.message.starts_with("connection.acme.certificate: "), "{what}: {}", failure.message);
        assert!(failure.message.contains(said), "{what}: {}", failure.message);
        assert_eq!(failure.retry(), Retry::No, "{what}");
    }
    assert_eq!(tenant.requests().by_resource["GET User"].requests, 2, "the handshake ends the others");
    let plain = transport(tenant.base_url(), &authority, &mapped).get(QUESTION).await.expect_err("no handshake");
    assert!(plain.message.starts_with("connection.acme.api_server: "), "{}", plain.message);
}
