//! The token endpoint of SAP Cloud Identity Services.

use joinery_simulator::Application;
use serde_json::Value as Json;

use crate::support::{Asker, asker, settings};

async fn door() -> Asker {
    let settings = settings(10)
        .application(Application::new("app", "API_USER").secret("open"))
        .application(Application::new("bare", "API_USER").secret("open").without_dependency());
    asker(settings).await
}

async fn token(asker: &Asker, form: &[(&str, &str)], basic: Option<(&str, &str)>) -> (u16, Json) {
    let mut request = asker.client.post(asker.url("/oauth2/token")).form(form);
    if let Some((id, secret)) = basic {
        request = request.basic_auth(id, Some(secret));
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_secret_in_the_form_or_the_header_gets_a_short_lived_token() {
    let asker = door().await;
    let grant = ("grant_type", "client_credentials");
    let (status, form) = token(&asker, &[grant, ("client_id", "app"), ("client_secret", "open")], None).await;
    assert_eq!((status, form["expires_in"].as_i64()), (200, Some(3600)), "{form}");
    let (status, header) = token(&asker, &[grant], Some(("app", "open"))).await;
    assert_eq!(status, 200);
    assert_ne!(form["access_token"], header["access_token"], "each request gets a token of its own");
    let bearer = form["access_token"].as_str().unwrap();
    let answer = asker.client.get(asker.url("/odata/v2/User?$top=1&$format=json")).bearer_auth(bearer);
    assert_eq!(answer.send().await.unwrap().status(), 200);
    asker.running.expire_tokens();
    let answer = asker.client.get(asker.url("/odata/v2/User?$top=1&$format=json")).bearer_auth(bearer);
    assert_eq!(answer.send().await.unwrap().json::<Json>().await.unwrap()["error"]["code"], "LGN0022");
}

#[tokio::test]
async fn what_is_wrong_is_refused_as_oauth_says() {
    let asker = door().await;
    let grant = ("grant_type", "client_credentials");
    let (id, secret) = (("client_id", "app"), ("client_secret", "open"));
    let resource = ("resource", "urn:sap:identity:application:provider:name:Else");
    for (form, status, error) in [
        (vec![grant, id], 401, "invalid_client"),
        (vec![grant, id, ("client_secret", "shut")], 401, "invalid_client"),
        (vec![grant, ("client_id", "none"), secret], 401, "invalid_client"),
        (vec![grant, id, secret, ("client_assertion", "a.b.c")], 401, "invalid_client"),
        (vec![("grant_type", "password"), id, secret], 400, "unsupported_grant_type"),
        (vec![grant, id, secret, resource], 400, "invalid_target"),
    ] {
        let (got, body) = token(&asker, &form, None).await;
        assert_eq!((got, body["error"].as_str()), (status, Some(error)), "{form:?}");
    }
    let (_, body) = token(&asker, &[grant, ("client_id", "bare"), secret], None).await;
    let bearer = body["access_token"].as_str().unwrap();
    let answer = asker.client.get(asker.url("/odata/v2/User?$format=json")).bearer_auth(bearer).send().await.unwrap();
    assert_eq!(answer.json::<Json>().await.unwrap()["error"]["code"], "LGN0002", "a token without API permission");
}
