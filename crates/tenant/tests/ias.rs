//! Tokens of SAP Cloud Identity Services, from a simulated tenant that plays them too.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use joinery_model::{FixedClock, Retry};
use joinery_simulator::world::Seed;
use joinery_simulator::{
    Application, Authority, Client, ClientCertificate, ClientKey, MutualTls, Running, Settings as Simulated, Simulator,
    TimeSource,
};
use joinery_tenant::{Patience, PlainHttp, Transport, Typed, TypedIasClient, TypedSignIn};
use secrecy::ExposeSecret;

const NOW: &str = "2026-11-21T12:00:00Z";
const QUESTION: &str = "odata/v2/User?$top=1&$select=userId&$format=json";

struct Side {
    tenant: Running,
    key: ClientKey,
}

impl Side {
    async fn new() -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        let (client, key) = Client::generate("c").unwrap();
        let settings = Simulated::new("ACME", Seed::new(7, 20, now), TimeSource::fixed(now))
            .application(Application::new("app", "API_USER").secret("s3cret").signs_like(&client))
            .application(Application::new("bare", "API_USER").secret("s3cret").without_dependency());
        Self { tenant: Simulator::start(settings).await.unwrap(), key }
    }

    fn secret(secret: &str) -> TypedIasClient {
        TypedIasClient::Secret(secret.into())
    }

    fn assertion(&self) -> TypedIasClient {
        TypedIasClient::Assertion {
            private_key: self.key.private_pem.expose_secret().as_bytes().to_vec().into(),
            private_key_password: None,
            certificate: None,
        }
    }

    fn transport(&self, client_id: &str, client: TypedIasClient, resource: Option<&str>) -> Transport {
        let typed = Typed {
            name: "acme".into(),
            api_server: self.tenant.base_url().into(),
            plain_http: PlainHttp::LoopbackOnly,
            company_id: "ACME".into(),
            sign_in: TypedSignIn::Ias {
                token_server: self.tenant.base_url().into(),
                client_id: client_id.into(),
                resource: resource.map(str::to_owned),
                client,
            },
            timeout: Duration::from_secs(20),
        };
        #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let settings = typed.check().unwrap_or_else(|wrong| panic!("{wrong:?}"));
        Transport::new(http, settings, FixedClock::at(NOW.parse().unwrap()), 1)
    }
}

#[tokio::test]
async fn a_secret_and_an_assertion_open_the_door() {
    let side = Side::new().await;
    for (client, resource) in [
        (Side::secret("s3cret"), None),
        (side.assertion(), Some("urn:sap:identity:application:provider:name:SuccessFactors")),
    ] {
        side.tenant.mark();
        let transport = side.transport("app", client, resource);
        for _ in 0..3 {
            transport.get(QUESTION).await.unwrap().ok().unwrap();
        }
        let requests = side.tenant.requests_since_mark();
        assert_eq!(requests.by_resource["POST /oauth2/token"].requests, 1, "{requests:?}");
    }
}

#[tokio::test]
async fn a_token_lasts_an_hour_and_is_renewed() {
    let side = Side::new().await;
    let transport = side.transport("app", Side::secret("s3cret"), None);
    transport.get(QUESTION).await.unwrap().ok().unwrap();
    side.tenant.advance(SignedDuration::from_mins(61));
    side.tenant.mark();
    transport.get(QUESTION).await.unwrap().ok().unwrap();
    let requests = side.tenant.requests_since_mark();
    assert_eq!(requests.by_resource["POST /oauth2/token"].requests, 1, "{requests:?}");
}

#[tokio::test]
async fn each_refusal_names_the_setting() {
    let side = Side::new().await;
    for (client_id, client, resource, setting) in [
        ("app", Side::secret("other"), None, "client_secret"),
        ("nobody", side.assertion(), None, "private_key"),
        ("bare", side.assertion(), None, "private_key"),
        ("app", Side::secret("s3cret"), Some("urn:sap:identity:application:provider:name:Else"), "resource"),
        ("bare", Side::secret("s3cret"), None, "resource"),
    ] {
        let transport = side.transport(client_id, client, resource);
        let failure = transport.get(QUESTION).await.expect_err(setting);
        assert!(failure.message.starts_with(&format!("connection.acme.{setting}: ")), "{}", failure.message);
        assert_eq!(failure.retry(), Retry::No);
        assert!(!failure.message.contains("s3cret"), "{}", failure.message);
    }
}

/// Proves itself by a client certificate, which is the second of those that are shown.
async fn by_certificate(
    registered: &ClientCertificate,
    shown: &ClientCertificate,
    authority: &Arc<Authority>,
) -> (Running, Transport) {
    let now: Timestamp = NOW.parse().unwrap();
    let mut settings = Simulated::new("ACME", Seed::new(7, 20, now), TimeSource::fixed(now))
        .application(Application::new("app", "API_USER").certificate(registered));
    settings.mutual_tls = Some(MutualTls::new(Arc::clone(authority)));
    let tenant = Simulator::start(settings).await.unwrap();
    let typed = Typed {
        name: "acme".into(),
        api_server: tenant.base_url().into(),
        plain_http: PlainHttp::LoopbackOnly,
        company_id: "ACME".into(),
        sign_in: TypedSignIn::Ias {
            token_server: tenant.certificate_url().unwrap().into(),
            client_id: "app".into(),
            resource: None,
            client: TypedIasClient::Certificate {
                private_key: shown.private_pem.expose_secret().as_bytes().to_vec().into(),
                private_key_password: None,
                certificate: Some(shown.certificate_pem.clone().into_bytes()),
            },
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
    (tenant, Transport::new(http, settings, FixedClock::at(now), 1))
}

#[tokio::test]
async fn a_client_certificate_opens_the_door_and_another_one_is_told() {
    let now: Timestamp = NOW.parse().unwrap();
    let day = SignedDuration::from_hours(24);
    let authority = Arc::new(Authority::generate().unwrap());
    let issue = |days: i32| authority.issue("app", now - day * 2, now + day * days).unwrap();
    let (good, other, expired) = (issue(30), issue(30), issue(-1));
    let (tenant, transport) = by_certificate(&good, &good, &authority).await;
    transport.get(QUESTION).await.unwrap().ok().unwrap();
    assert_eq!(tenant.requests().by_resource["POST /oauth2/token"].requests, 1);
    for (shown, said) in [(&other, "Client Authentication, Certificates"), (&expired, "expired")] {
        let (_tenant, transport) = by_certificate(&good, shown, &authority).await;
        let failure = transport.get(QUESTION).await.expect_err(said);
        assert!(failure.message.starts_with("connection.acme.certificate: "), "{}", failure.message);
        assert!(failure.message.contains(said) && failure.retry() == Retry::No, "{}", failure.message);
    }
}
