//! Every login error that a tenant has, from a simulated one, and what the operator is told.

use std::time::Duration;

use jiff::Timestamp;
use joinery_model::{FixedClock, Retry};
use joinery_simulator::world::Seed;
use joinery_simulator::{Client, Running, Settings as Simulated, SignInRules, Simulator, TimeSource, Visibility};
use joinery_tenant::{AssertionStyle, PlainHttp, Transport, Typed, TypedSignIn, UserIs};
use secrecy::ExposeSecret;

const NOW: &str = "2026-11-21T12:00:00Z";
const QUESTION: &str = "odata/v2/User?$top=1&$select=userId&$format=json";

/// A tenant that takes passwords and assertions, changed by `with`, and one way in of each kind.
struct Door {
    tenant: Running,
    private_key: Vec<u8>,
}

impl Door {
    async fn new(with: impl FnOnce(&mut Simulated)) -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        let (client, key) = Client::generate("c").unwrap();
        let mut settings = Simulated::new("ACME", Seed::new(7, 20, now), TimeSource::fixed(now)).client(client);
        settings.basic_password = Some("s3cret".into());
        with(&mut settings);
        let private_key = key.private_pem.expose_secret().as_bytes().to_vec();
        Self { tenant: Simulator::start(settings).await.unwrap(), private_key }
    }

    fn transport(&self, company: &str, sign_in: TypedSignIn) -> Transport {
        let typed = Typed {
            name: "acme".into(),
            api_server: self.tenant.base_url().into(),
            plain_http: PlainHttp::LoopbackOnly,
            company_id: company.into(),
            sign_in,
            timeout: Duration::from_secs(20),
        };
        #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let settings = typed.check().unwrap_or_else(|wrong| panic!("{wrong:?}"));
        Transport::new(http, settings, FixedClock::at(NOW.parse().unwrap()), 1)
    }

    fn basic(&self, company: &str, password: &str) -> Transport {
        self.transport(company, TypedSignIn::Basic { user: "API_USER".into(), password: password.into() })
    }

    fn saml(&self) -> Transport {
        self.transport(
            "ACME",
            TypedSignIn::SamlBearer {
                client_id: "c".into(),
                user: "API_USER".into(),
                user_is: UserIs::UserId,
                assertion: AssertionStyle::ApiKey,
                private_key: self.private_key.clone().into(),
                private_key_password: None,
                certificate: None,
            },
        )
    }
}

/// The refusal names the setting, says what to do, and carries the number.
async fn refused(what: &str, transport: &Transport, [setting, said, number]: [&str; 3]) {
    let failure = transport.get(QUESTION).await.expect_err(what);
    let message = &failure.message;
    assert!(message.starts_with(&format!("connection.acme.{setting}: ")), "{what}: {message}");
    assert!(message.contains(said) && message.contains(number), "{what}: {message}");
    assert_eq!(failure.retry(), Retry::No, "{what}");
    assert!(!message.contains("s3cret") && !message.contains("API_USER"), "{what}: {message}");
}

#[tokio::test]
async fn passwords() {
    let door = Door::new(|settings| settings.lock_after = Some(3)).await;
    let rules = |rules| door.tenant.set_sign_in_rules("API_USER", rules);
    door.basic("ACME", "s3cret").get(QUESTION).await.unwrap().ok().unwrap();
    refused("wrong", &door.basic("ACME", "other"), ["password", "user or password is wrong", "LGN0015"]).await;
    refused("company", &door.basic("Acme", "s3cret"), ["company_id", "case-sensitive", "LGN0008"]).await;
    rules(SignInRules { addresses: ["192.0.2.7".parse().unwrap()].into(), ..SignInRules::default() });
    refused("address", &door.basic("ACME", "s3cret"), ["user", "IP Restriction Management", "LGN0015"]).await;
    rules(SignInRules { password_expired: true, ..SignInRules::default() });
    refused("expired", &door.basic("ACME", "s3cret"), ["password", "maximum password age -1", "LGN0018"]).await;
    rules(SignInRules::default());
    for _ in 0..3 {
        refused("wrong", &door.basic("ACME", "other"), ["password", "user or password is wrong", "LGN0015"]).await;
    }
    refused("locked", &door.basic("ACME", "s3cret"), ["user", "Reset User Account", "LGN0015"]).await;
    refused("locked, by token", &door.saml(), ["user", "Reset User Account", "HTTP 401"]).await;
}

#[tokio::test]
async fn what_the_company_has_switched_off() {
    let door = Door::new(|settings| settings.basic_password = None).await;
    refused("Basic", &door.basic("ACME", "s3cret"), ["sign_in", "use sign_in = \"saml_bearer\"", "LGN0010"]).await;
    let no_api = Visibility { no_api: true, ..Visibility::default() };
    door.tenant.set_visibility(no_api, 0);
    refused("permission", &door.saml(), ["user", "Manage Permission Roles", "LGN0002"]).await;
    let door = Door::new(|settings| settings.switches.odata_enabled = false).await;
    refused("OData", &door.saml(), ["company_id", "not enabled for this company", "LGN0009"]).await;
    let door = Door::new(|settings| settings.switches.api_host = false).await;
    for transport in [door.saml(), door.basic("ACME", "s3cret")] {
        refused("a login host", &transport, ["api_server", "no API server of SuccessFactors", "LGN0004"]).await;
    }
}

#[tokio::test]
async fn an_endpoint_that_is_none_is_told_as_the_wrong_host() {
    let door = Door::new(|_| {}).await;
    let failure = door.saml().get("odata/v3/User").await.expect_err("no such endpoint");
    assert!(failure.message.starts_with("connection.acme.api_server: "), "{}", failure.message);
    assert!(failure.message.contains("LGN0001"), "{}", failure.message);
}

#[tokio::test]
async fn a_token_that_is_over_is_renewed_whatever_its_number() {
    for (internal, status) in [(false, 403), (false, 401), (true, 403), (true, 401)] {
        let door = Door::new(|settings| {
            settings.switches.expired_tokens_are_internal = internal;
            settings.switches.expired_token_status = status;
        })
        .await;
        let transport = door.saml();
        transport.get(QUESTION).await.unwrap().ok().unwrap();
        door.tenant.expire_tokens();
        door.tenant.expire_sessions();
        transport.get(QUESTION).await.unwrap().ok().unwrap();
        assert_eq!(door.tenant.requests().by_resource["POST /oauth/token"].requests, 2, "{internal} {status}");
    }
}
