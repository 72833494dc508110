//! Tokens: who gets one, and how long it is good.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use joinery_simulator::Visibility;
use serde_json::Value as Json;

use crate::support::{Asker, Assertion, CLIENT, asker, now, settings, tenant};

async fn validate(asker: &Asker, token: &str) -> (u16, Json) {
    let answer = asker.client.get(asker.url("/oauth/validate")).bearer_auth(token).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn both_assertion_styles_get_a_token_of_the_real_shape() {
    let asker = tenant(10).await;
    let (status, body) = asker.token(&Assertion::of("API_USER")).await;
    assert_eq!((status, body["token_type"].as_str(), body["expires_in"].as_i64()), (200, Some("Bearer"), Some(86_400)));
    let token: Json =
        serde_json::from_slice(&STANDARD.decode(body["access_token"].as_str().unwrap()).unwrap()).unwrap();
    assert_eq!(token["tokenContent"]["sfPrinciple"], "API_USER#DIV#ACME");
    assert_eq!(token["tokenContent"]["apiKey"], CLIENT);
    assert_eq!(token["tokenContent"]["expiresAt"], now().as_millisecond() + 86_400_000);

    let style_b = Assertion {
        issuer: CLIENT,
        recipient: "https://localhost/odata/v2",
        attributes: Vec::new(),
        ..Assertion::of("API_USER")
    };
    asker.running.advance(SignedDuration::from_secs(451));
    let (status, again) = asker.token(&style_b).await;
    assert_eq!((status, again["expires_in"].as_i64()), (200, Some(85_949)));
    assert_eq!(again["access_token"], body["access_token"], "the same token with less time left");
}

#[tokio::test]
async fn parameters_may_stand_in_the_query_string() {
    let asker = tenant(10).await;
    let assertion = Assertion::of("API_USER").sign();
    let query = [
        ("company_id", "ACME"),
        ("client_id", CLIENT),
        ("grant_type", "urn:ietf:params:oauth:grant-type:saml2-bearer"),
        ("assertion", assertion.as_str()),
    ];
    let answer = asker.client.post(asker.url("/oauth/token")).query(&query).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn what_is_wrong_with_an_assertion_is_refused() {
    let asker = tenant(200).await;
    let good = Assertion::of("API_USER");
    let hour = SignedDuration::from_hours(1);
    let inactive = asker.rows("User?$filter=status%20eq%20'f'&$top=1").await[0]["userId"].as_str().unwrap().to_owned();
    for (what, assertion) in [
        ("another company", Assertion { company: "acme", ..good.clone() }),
        ("an unknown user", Assertion::of("NOBODY")),
        ("an inactive user", Assertion::of(&inactive)),
        ("another audience", Assertion { audience: "www.example.com", ..good.clone() }),
        ("another recipient", Assertion { recipient: "https://localhost/elsewhere", ..good.clone() }),
        ("another api key", Assertion { attributes: vec![("api_key", "other")], ..good.clone() }),
        ("neither api key nor issuer", Assertion { attributes: Vec::new(), ..good.clone() }),
        ("an old one", Assertion { now: now() - hour, ..good.clone() }),
        ("one for later", Assertion { now: now() + hour, ..good.clone() }),
        ("a username without its flag", Assertion::of("nobody.at.all")),
    ] {
        let (status, body) = asker.token(&assertion).await;
        assert_eq!((status, body["errorHttpCode"].as_str()), (401, Some("401")), "{what}");
        assert!(body["errorMessage"].as_str().is_some_and(|text| !text.is_empty()), "{what}");
    }
    let (_, body) = asker.token(&Assertion::of("NOBODY")).await;
    assert_eq!(body["errorMessage"], "Unable to authenticate the client (Login failed - invalid user)");
}

#[tokio::test]
async fn a_tampered_assertion_is_refused_with_the_known_sentence() {
    let asker = tenant(10).await;
    let tampered = Assertion::of("v4admin").xml().replace("v4admin", "API_USER");
    let form = [
        ("company_id", "ACME"),
        ("client_id", CLIENT),
        ("grant_type", "urn:ietf:params:oauth:grant-type:saml2-bearer"),
        ("assertion", &STANDARD.encode(tampered)),
    ];
    let answer = asker.client.post(asker.url("/oauth/token")).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let body: Json = answer.json().await.unwrap();
    assert!(
        body["errorMessage"].as_str().unwrap().starts_with("Unable to verify the signature of the SAML assertion.")
    );
}

#[tokio::test]
async fn the_subject_may_be_a_username_or_an_address() {
    let asker = tenant(50).await;
    let user = asker.rows("User?$filter=status%20eq%20't'&$top=1&$select=userId,username,email").await.remove(0);
    let (id, username, email) = (&user["userId"], user["username"].as_str().unwrap(), user["email"].as_str().unwrap());
    let mut principals = Vec::new();
    for (name, flag) in [(username, "use_username"), (email, "use_email")] {
        let mut assertion = Assertion::of(name);
        assertion.attributes.push((flag, "true"));
        let (status, body) = asker.token(&assertion).await;
        assert_eq!(status, 200, "{flag}: {body}");
        let token = STANDARD.decode(body["access_token"].as_str().unwrap()).unwrap();
        let token: Json = serde_json::from_slice(&token).unwrap();
        principals.push(token["tokenContent"]["sfPrinciple"].as_str().unwrap().to_owned());
    }
    assert!(principals.iter().all(|principal| *principal == format!("{}#DIV#ACME", id.as_str().unwrap())));
}

#[tokio::test]
async fn a_token_is_good_for_a_day_and_then_says_so() {
    let asker = tenant(10).await;
    let (_, body) = asker.token(&Assertion::of("API_USER")).await;
    let token = body["access_token"].as_str().unwrap().to_owned();
    assert_eq!(validate(&asker, &token).await.0, 200);
    asker.running.advance(SignedDuration::from_hours(24));
    let (status, body) = validate(&asker, &token).await;
    assert_eq!((status, body["error"]["code"].as_str()), (403, Some("LGN0022")));
    // The client's clock is real: its assertion is still good though the tenant is a day ahead.
    let (status, body) = asker.token(&Assertion::of("API_USER")).await;
    assert_eq!(status, 200);
    assert_ne!(body["access_token"].as_str(), Some(token.as_str()));
    assert_eq!(validate(&asker, &token).await.1["error"]["code"], "LGN0022", "the old one stays expired");
    assert_eq!(validate(&asker, "bm90IGEgdG9rZW4=").await.1["error"]["code"], "LGN0005");
}

#[tokio::test]
async fn without_credentials_or_permission_the_door_is_shut() {
    let asker = asker({
        let mut settings = settings(10);
        settings.basic_password = None;
        settings
    })
    .await;
    let bare = asker.client.get(asker.url("/odata/v2/User?$format=json")).send().await.unwrap();
    assert_eq!(bare.status(), 401);
    assert_eq!(bare.json::<Json>().await.unwrap()["error"]["code"], "LGN0003");
    assert_eq!(asker.error("User").await.1, "LGN0010", "Basic is off by default");

    let xml = asker.client.get(asker.url("/odata/v2/User")).send().await.unwrap();
    assert_eq!(xml.headers()["content-type"], "application/xml;charset=utf-8");
    assert!(xml.text().await.unwrap().contains("<code>LGN0003</code>"));

    let (_, body) = asker.token(&Assertion::of("API_USER")).await;
    asker.running.set_visibility(Visibility { no_api: true, ..Visibility::default() }, 0);
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(validate(&asker, token).await.1["error"]["code"], "LGN0002");
}

#[tokio::test]
async fn a_wrong_password_is_not_a_wrong_token() {
    let asker = tenant(10).await;
    let url = asker.url("/odata/v2/User?$format=json");
    for (login, password) in [("API_USER@ACME", "other"), ("API_USER", "secret"), ("NOBODY@ACME", "secret")] {
        let answer = asker.client.get(&url).basic_auth(login, Some(password)).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.json::<Json>().await.unwrap()["error"]["code"], "LGN0015");
    }
}
