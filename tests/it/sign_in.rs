//! Signing in to the simulated tenant, as the tenant's own door judges it.

use std::time::Duration;

use jiff::SignedDuration;
use joinery_model::{Clock, FixedClock, Retry};
use joinery_simulator::schema::Set;
use joinery_simulator::world::{AsOf, Cell, Seed};
use joinery_simulator::{Fault, FaultKind, Running, Settings as Tenant, Simulator, TimeSource};
use joinery_tenant::{
    AssertionStyle, Host, KeySize, KeyWish, PlainHttp, Settings, Transport, Typed, TypedSignIn, UserIs, make_key,
};
use secrecy::ExposeSecret;

use crate::company::{CLIENT_ID, COMPANY_ID, client, first_instant, http};

const QUESTION: &str = "odata/v2/User?$top=1&$format=json";

/// A tenant that judges by a clock that only the test moves.
struct Door {
    tenant: Running,
    clock: FixedClock,
}

impl Door {
    async fn new() -> Self {
        let clock = FixedClock::at(first_instant());
        let time = clock.clone();
        let (client, _) = client();
        let seed = Seed::new(1, 50, first_instant());
        let mut settings = Tenant::new(COMPANY_ID, seed, TimeSource::new(move || time.now())).client(client);
        settings.basic_password = Some("open sesame".into());
        settings.strict_clock = true;
        Self { tenant: Simulator::start(settings).await.expect("the tenant starts"), clock }
    }

    /// userId, username and e-mail of somebody who may sign in.
    fn somebody(&self) -> [String; 3] {
        self.tenant.look(|world| {
            let text = |row, name| match Set::User.table().property(name).map(|at| world.cell(row, at)) {
                Some(Cell::Str(text)) => text.to_owned(),
                _ => String::new(),
            };
            let mut users = world
                .rows(Set::User, AsOf::ALL)
                .map(|row| (text(row, "status"), ["userId", "username", "email"].map(|name| text(row, name))));
            let found = users.find(|(status, names)| status == "t" && names.iter().all(|name| !name.is_empty()));
            found.expect("somebody active with e-mail").1
        })
    }

    fn typed(&self, user: &str) -> Typed {
        let (_, key) = client();
        Typed {
            name: "acme".into(),
            api_server: self.tenant.base_url().into(),
            plain_http: PlainHttp::LoopbackOnly,
            company_id: COMPANY_ID.into(),
            sign_in: TypedSignIn::SamlBearer {
                client_id: CLIENT_ID.into(),
                user: user.into(),
                user_is: UserIs::UserId,
                assertion: AssertionStyle::ApiKey,
                private_key: key.into_bytes().into(),
                private_key_password: None,
                certificate: None,
            },
            timeout: Duration::from_secs(20),
        }
    }

    fn transport(&self, typed: Typed) -> Transport {
        let settings = typed.check().unwrap_or_else(|wrong| panic!("{wrong:?}"));
        Transport::new(http(), settings, self.clock.clone(), 1)
    }

    async fn signed_in(&self) -> Transport {
        let transport = self.transport(self.typed(&self.somebody()[0]));
        transport.get(QUESTION).await.expect("an answer").ok().expect("the door is open");
        transport
    }
}

/// One thing made wrong.
type Change<'a> = Box<dyn Fn(&mut Typed) + 'a>;

fn saml(typed: &mut Typed, change: impl FnOnce(&mut String, &mut UserIs, &mut AssertionStyle)) {
    if let TypedSignIn::SamlBearer { client_id, user_is, assertion, .. } = &mut typed.sign_in {
        change(client_id, user_is, assertion);
    }
}

#[tokio::test]
async fn both_assertion_styles_open_the_door_for_every_way_to_name_the_user() {
    let door = Door::new().await;
    let names = door.somebody();
    for style in [AssertionStyle::ApiKey, AssertionStyle::Issuer] {
        for (is, name) in [UserIs::UserId, UserIs::Username, UserIs::Email].into_iter().zip(&names) {
            // An e-mail has an @ of its own; the company is what follows the last one.
            let mut typed = door.typed(&format!("{name}@{COMPANY_ID}"));
            saml(&mut typed, |_, user_is, assertion| (*user_is, *assertion) = (is, style));
            let answer = door.transport(typed).get(QUESTION).await.expect("an answer");
            assert!(answer.ok().is_ok(), "{style:?} {is:?}");
        }
    }
}

#[tokio::test]
async fn each_refusal_says_which_setting_is_wrong() {
    let door = Door::new().await;
    let user = door.somebody()[0].clone();
    let wish = KeyWish {
        name: "other".into(),
        size: KeySize::Bits2048,
        now: first_instant(),
        lasts: SignedDuration::from_hours(24 * 365),
    };
    let other = make_key(&wish).expect("a key");
    let wrong: [(&str, Change<'_>, &str); 4] = [
        (
            "key",
            Box::new(|typed| {
                if let TypedSignIn::SamlBearer { private_key, .. } = &mut typed.sign_in {
                    *private_key = other.private_key.expose_secret().as_bytes().to_vec().into();
                }
            }),
            "private_key",
        ),
        ("company", Box::new(|typed| typed.company_id = "ELSEWHERE".into()), "company_id"),
        ("client", Box::new(|typed| saml(typed, |client, _, _| *client = "nobody".into())), "client_id"),
        ("user", Box::new(|typed| saml(typed, |_, is, _| *is = UserIs::Email)), "user"),
    ];
    for (what, change, setting) in wrong {
        let mut typed = door.typed(&user);
        change(&mut typed);
        let transport = door.transport(typed);
        let failure = transport.get(QUESTION).await.expect_err(what);
        assert!(failure.message.contains(&format!("connection.acme.{setting}")), "{what}: {}", failure.message);
        assert_eq!(failure.retry(), Retry::No, "{what}");
        assert!(transport.counts().requests <= 3, "{what}: a refused sign-in is not tried again and again");
    }
}

#[tokio::test]
async fn an_expired_token_is_renewed_and_nobody_notices() {
    let door = Door::new().await;
    let transport = door.signed_in().await;
    door.tenant.expire_tokens();
    door.tenant.mark();
    transport.get(QUESTION).await.expect("an answer").ok().expect("it is renewed");
    let requests = door.tenant.requests_since_mark();
    assert_eq!(requests.by_resource["POST /oauth/token"].requests, 1, "{requests:?}");
    assert_eq!(requests.by_resource["GET User"].requests, 2, "{requests:?}");
}

#[tokio::test]
async fn what_passes_is_waited_for_and_what_does_not_is_told() {
    let door = Door::new().await;
    let transport = door.signed_in().await;
    for kind in [
        FaultKind::TooManyRequests { retry_after: 7 },
        FaultKind::MetadataBusy,
        FaultKind::Maintenance,
        FaultKind::GatewayTimeout,
        FaultKind::Drop,
        FaultKind::DropAfter { bytes: 3 },
    ] {
        let before = door.clock.now();
        door.tenant.arm(Fault::next(kind, 2).at("/odata/"));
        let answer = transport.get(QUESTION).await.unwrap_or_else(|failure| panic!("{kind:?}: {failure}"));
        answer.ok().unwrap_or_else(|failure| panic!("{kind:?}: {failure}"));
        let waited = door.clock.now().duration_since(before);
        assert!(waited > SignedDuration::ZERO, "{kind:?} is asked again without a pause");
        if let FaultKind::TooManyRequests { retry_after } = kind {
            assert!(waited >= SignedDuration::from_secs(2 * i64::from(retry_after)), "{waited:?}");
        }
        door.tenant.clear_faults();
    }
    door.tenant.arm(Fault::next(FaultKind::ServerFailure, 1).at("/odata/"));
    let answer = transport.get(QUESTION).await.expect("an answer");
    assert!(answer.ok().is_err(), "a failure that does not pass is told");
}

#[tokio::test]
async fn a_lost_place_says_that_the_walk_begins_again_and_a_foreign_host_in_next_is_not_followed() {
    let door = Door::new().await;
    let transport = door.signed_in().await;
    let first = transport
        .get("odata/v2/User?$select=userId&customPageSize=5&paging=snapshot&$format=json")
        .await
        .expect("an answer")
        .ok()
        .expect("a page");
    let page: serde_json::Value = serde_json::from_slice(&first.bytes).expect("JSON");
    let next = page["d"]["__next"].as_str().expect("a second page").to_owned();
    // Real tenants name another host there; the token stays where it belongs.
    let elsewhere = next.replace("http://127.0.0.1", "https://elsewhere.example");
    transport.get(&elsewhere).await.expect("an answer").ok().expect("asked of the tenant itself");
    door.tenant.expire_snapshots();
    let lost = transport.get(&next).await.expect("an answer").ok().expect_err("the place is lost");
    assert_eq!(lost.retry(), Retry::Restart, "{lost}");
    for (question, name) in [("User?$select=nonsense", "nonsense"), ("Nonsense?", "Nonsense")] {
        let answer = transport.get(&format!("odata/v2/{question}&$format=json")).await.expect("an answer");
        let failure = answer.ok().expect_err(question);
        assert!(failure.message.contains(name) && failure.retry() == Retry::No, "{question}: {failure}");
    }
}

#[tokio::test]
async fn a_clock_that_is_hours_off_is_corrected_by_the_tenants() {
    let door = Door::new().await;
    for hours in [-3, 3] {
        let wrong = FixedClock::at(first_instant() + SignedDuration::from_hours(hours));
        let settings = door.typed(&door.somebody()[0]).check().expect("settings");
        let transport = Transport::new(http(), settings, wrong, 4);
        let answer = transport.get(QUESTION).await.unwrap_or_else(|failure| panic!("{hours} hours: {failure}"));
        answer.ok().unwrap_or_else(|failure| panic!("{hours} hours: {failure}"));
    }
}

#[tokio::test]
async fn basic_still_works_where_the_tenant_has_it() {
    let door = Door::new().await;
    let host = Host::parse(door.tenant.base_url(), PlainHttp::LoopbackOnly).expect("a host");
    let user = door.somebody()[0].clone();
    let open = |password: &str| {
        let settings = Settings::basic("acme", host.clone(), COMPANY_ID, &user, password.to_owned().into());
        Transport::new(http(), settings, door.clock.clone(), 1)
    };
    open("open sesame").get(QUESTION).await.expect("an answer").ok().expect("the right password");
    let refused = match open("wrong").get(QUESTION).await {
        Ok(answer) => answer.ok().expect_err("a wrong password"),
        Err(failure) => failure,
    };
    assert!(refused.message.contains("password"), "{refused}");
    assert!(!refused.message.contains("wrong\""), "a password is told: {refused}");
}
