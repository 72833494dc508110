//! The token request (RFC 7522 section 2.1; RFC 6749 section 4.4) and its answer.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use joinery_model::Failure;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::session::Grant;
use crate::{Claims, Host, Ias, IasClient, Response, SettingError, Settings, SignIn, client_assertion};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";
/// What a token lasts when the tenant does not say: short enough to be right.
const UNTOLD_LIFE: Duration = Duration::from_mins(30);
/// No token is trusted longer, whatever the tenant says.
const LONGEST_LIFE: Duration = Duration::from_hours(24);

/// Where tokens come from: the setting, the host, and the path on it.
pub(crate) fn token_source(settings: &Settings) -> (&'static str, &Host, &'static str) {
    match &settings.sign_in {
        SignIn::Ias(ias) => ("token_server", &ias.token_server, "oauth2/token"),
        SignIn::SamlBearer(_) | SignIn::X509(_) | SignIn::Basic { .. } => ("api_server", &settings.host, "oauth/token"),
    }
}

/// The host that this setting names.
pub(crate) fn host_of<'a>(settings: &'a Settings, setting: &str) -> &'a Host {
    match &settings.sign_in {
        SignIn::Ias(ias) if setting == "token_server" => &ias.token_server,
        _ => &settings.host,
    }
}

/// The form's fields. `id` names the assertion; `at` is when it is written.
pub(crate) fn token_form(
    settings: &Settings,
    at: Timestamp,
    id: &str,
) -> Result<Vec<(&'static str, String)>, SettingError> {
    let saml = match &settings.sign_in {
        SignIn::SamlBearer(saml) => saml,
        SignIn::Ias(ias) => return ias_form(ias, at, id),
        SignIn::X509(_) | SignIn::Basic { .. } => {
            return Err(SettingError::new("sign_in", "is of a kind that asks for no token"));
        }
    };
    let claims = Claims {
        host: &settings.host,
        client_id: &saml.client_id,
        user: &saml.user,
        user_is: saml.user_is,
        style: saml.style,
        now: at,
        id,
    };
    let assertion = claims.signed(&saml.key, saml.certificate.as_ref())?;
    Ok(vec![
        ("company_id", settings.company_id.clone()),
        ("client_id", saml.client_id.clone()),
        ("grant_type", GRANT_TYPE.to_owned()),
        // Plain base64, not the URL alphabet that RFC 7522 names: tenants take only this.
        ("assertion", STANDARD.encode(assertion)),
    ])
}

/// The form of an application of SAP Cloud Identity Services.
fn ias_form(ias: &Ias, at: Timestamp, id: &str) -> Result<Vec<(&'static str, String)>, SettingError> {
    let mut form = vec![("grant_type", "client_credentials".to_owned()), ("client_id", ias.client_id.clone())];
    match &ias.client {
        IasClient::Secret(secret) => form.push(("client_secret", secret.expose_secret().to_owned())),
        IasClient::Assertion { key, .. } => {
            let audience = format!("{}/oauth2/token", ias.token_server);
            form.push(("client_assertion_type", client_assertion::TYPE.to_owned()));
            form.push(("client_assertion", client_assertion::signed(key, &ias.client_id, &audience, at, id)?));
        }
        // The handshake says it (RFC 8705 section 2.1).
        IasClient::Certificate(_) => {}
    }
    form.extend(ias.resource.iter().map(|resource| ("resource", resource.clone())));
    Ok(form)
}

/// The token in an answer of status 2xx.
pub(crate) fn granted(settings: &Settings, response: &Response) -> Result<Grant, Failure> {
    #[derive(Deserialize)]
    struct Body {
        access_token: SecretString,
        #[serde(default)]
        expires_in: Option<Lasts>,
    }
    /// Some gateways write numbers as text.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lasts {
        Number(u64),
        Text(String),
    }
    let Ok(body) = serde_json::from_slice::<Body>(&response.bytes) else {
        // The parser's own words could quote the token.
        let setting = token_source(settings).0;
        let what = match settings.sign_in {
            SignIn::Ias(_) => "a tenant of SAP Cloud Identity Services",
            _ => "an API server of SuccessFactors",
        };
        let message = format!(
            "connection.{}.{setting}: the token endpoint's answer is no token; {setting} is not {what}, or a proxy \
             answers in its place",
            settings.name
        );
        return Err(Failure::refused(message).because(response.trace()));
    };
    let told = match body.expires_in {
        Some(Lasts::Number(seconds)) => Some(seconds),
        Some(Lasts::Text(text)) => text.trim().parse().ok(),
        None => None,
    };
    Ok(Grant { token: body.access_token, life: told.map_or(UNTOLD_LIFE, Duration::from_secs).min(LONGEST_LIFE) })
}
