//! The token request (RFC 7522 section 2.1) and its answer.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use joinery_model::Failure;
use secrecy::SecretString;
use serde::Deserialize;

use crate::session::Grant;
use crate::{Claims, Response, SettingError, Settings, SignIn};

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";
/// What a token lasts when the tenant does not say: short enough to be right.
const UNTOLD_LIFE: Duration = Duration::from_mins(30);
/// No token is trusted longer, whatever the tenant says.
const LONGEST_LIFE: Duration = Duration::from_hours(24);

/// The form's fields. `id` names the assertion; `at` is when it is written.
pub(crate) fn token_form(
    settings: &Settings,
    at: Timestamp,
    id: &str,
) -> Result<[(&'static str, String); 4], SettingError> {
    let SignIn::SamlBearer(saml) = &settings.sign_in else {
        return Err(SettingError::new("sign_in", "is not saml_bearer: no token is asked for"));
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
    Ok([
        ("company_id", settings.company_id.clone()),
        ("client_id", saml.client_id.clone()),
        ("grant_type", GRANT_TYPE.to_owned()),
        // Plain base64, not the URL alphabet that RFC 7522 names: tenants take only this.
        ("assertion", STANDARD.encode(assertion)),
    ])
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
        let message = format!(
            "connection.{}.api_server: the token endpoint's answer is no token; api_server is not an API server of \
             SuccessFactors, or a proxy answers in its place",
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
