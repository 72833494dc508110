//! Applications of SAP Cloud Identity Services that may use the tenant's APIs, and their token endpoint.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value as Json, json};

use super::token::Granted;
use super::{Client, ClientCertificate, Fingerprint, Shown, Tokens};
use crate::saml::PublicKey;
use crate::settings::Settings;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// What stands before the name of a dependency.
const RESOURCE: &str = "urn:sap:identity:application:provider:name:";

/// An application registered in SAP Cloud Identity Services, with its dependency on this tenant's APIs.
#[derive(Clone, Debug)]
pub struct Application {
    /// The client id.
    pub client_id: String,
    /// A secret, when it may prove itself by one.
    pub secret: Option<SecretString>,
    /// Whose key signs its assertions, when it may prove itself by one.
    key: Option<PublicKey>,
    /// A client certificate, when it may prove itself by one.
    certificate: Option<Fingerprint>,
    /// The name of its dependency on the tenant's APIs; without one its tokens carry no API permission.
    pub dependency: Option<String>,
    /// `userId` of the API user that it acts as.
    pub user_id: String,
}

impl Application {
    /// An application that acts as `user_id` and depends on the tenant's APIs by the name `SuccessFactors`. It cannot
    /// prove itself yet.
    pub fn new(client_id: impl Into<String>, user_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            secret: None,
            key: None,
            certificate: None,
            dependency: Some("SuccessFactors".to_owned()),
            user_id: user_id.into(),
        }
    }

    /// With a secret.
    pub fn secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// With assertions that the key of this OAuth client signs.
    pub fn signs_like(mut self, client: &Client) -> Self {
        self.key = Some(client.key.clone());
        self
    }

    /// With this client certificate (RFC 8705 section 2), to be shown at the listener of `Settings::mutual_tls`.
    pub fn certificate(mut self, certificate: &ClientCertificate) -> Self {
        self.certificate = Some(certificate.fingerprint());
        self
    }

    /// Without API permission.
    pub fn without_dependency(mut self) -> Self {
        self.dependency = None;
        self
    }
}

/// Why no token is given (RFC 6749 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientRefused {
    pub(crate) status: u16,
    pub(crate) error: &'static str,
    pub(crate) description: &'static str,
}

const fn refused(status: u16, error: &'static str, description: &'static str) -> ClientRefused {
    ClientRefused { status, error, description }
}

/// Judges a request to `/oauth2/token` and answers it.
pub(crate) fn grant_application(
    parameters: &[(String, String)],
    shown: Shown<'_>,
    settings: &Settings,
    tokens: &Tokens,
    (now, source_now): (Timestamp, Timestamp),
) -> Result<Granted, ClientRefused> {
    let get = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if get("grant_type") != Some("client_credentials") {
        return Err(refused(400, "unsupported_grant_type", "Only client_credentials is supported."));
    }
    let header = shown.authorization.and_then(basic);
    let id = header.as_ref().map(|(id, _)| id.as_str()).or(get("client_id")).unwrap_or_default();
    let unknown = refused(401, "invalid_client", "Client authentication failed.");
    let application = settings.applications.iter().find(|application| application.client_id == id).ok_or(unknown)?;
    let given = header.as_ref().map(|(_, secret)| secret.as_str()).or(get("client_secret"));
    let proven = match (given, get("client_assertion")) {
        (Some(given), None) => application
            .secret
            .as_ref()
            .is_some_and(|secret| verify_slices_are_equal(secret.expose_secret().as_bytes(), given.as_bytes()).is_ok()),
        (None, Some(assertion)) => {
            let within = |claims: &Json| {
                let good = |now: Timestamp| in_time(claims, now, settings.skew.as_secs());
                good(now) || (!settings.strict_clock && good(source_now))
            };
            get("client_assertion_type") == Some(JWT_BEARER)
                && application.key.as_ref().is_some_and(|key| {
                    claims(assertion, key).is_some_and(|claims| about(&claims, id) && within(&claims))
                })
        }
        (None, None) => application.certificate.is_some() && application.certificate == shown.certificate,
        // Two proofs at once (RFC 6749 section 2.3).
        (Some(_), Some(_)) => false,
    };
    if !proven {
        return Err(unknown);
    }
    if let Some(wanted) = get("resource")
        && application.dependency.as_deref() != wanted.strip_prefix(RESOURCE)
    {
        return Err(refused(400, "invalid_target", "The application has no such dependency."));
    }
    Ok(tokens.give_application(application, now, settings.application_token_lifetime))
}

/// Client and secret of a Basic header.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, value) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    text.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

/// The claims of a JWT that `key` signed (RFC 7515, `RS256`).
fn claims(jwt: &str, key: &PublicKey) -> Option<Json> {
    let (content, signature) = jwt.rsplit_once('.')?;
    let (header, claims) = content.split_once('.')?;
    let read = |part: &str| -> Option<Json> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
    let signed = read(header)?.get("alg").and_then(Json::as_str) == Some("RS256")
        && key.verifies_sha256(content.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?);
    read(claims).filter(|_| signed)
}

/// It speaks of the client, to a token endpoint (RFC 7523 section 3).
fn about(claims: &Json, id: &str) -> bool {
    let text = |name: &str| claims.get(name).and_then(Json::as_str);
    let endpoint = |audience: &Json| audience.as_str().is_some_and(|audience| audience.ends_with("/oauth2/token"));
    let audience = claims.get("aud").is_some_and(|audience| match audience {
        Json::Array(all) => all.iter().any(endpoint),
        one => endpoint(one),
    });
    text("iss") == Some(id) && text("sub") == Some(id) && audience
}

fn in_time(claims: &Json, now: Timestamp, skew: i64) -> bool {
    let seconds = |name: &str| claims.get(name).and_then(Json::as_i64);
    let now = now.as_second();
    seconds("exp").is_some_and(|end| now < end.saturating_add(skew))
        && seconds("nbf").is_none_or(|start| start <= now.saturating_add(skew))
}

/// A token in the shape of a JWT. The signature is filler: tokens are known by look-up.
pub(super) fn write_application_token(application: &Application, issued: Timestamp, expires: Timestamp) -> String {
    let mut filler = [0_u8; 64];
    let _ = aws_lc_rs::rand::fill(&mut filler);
    let apis: Vec<&str> = application.dependency.iter().map(String::as_str).collect();
    let claims = json!({
        "sub": application.client_id,
        "azp": application.client_id,
        "aud": application.client_id,
        "iat": issued.as_second(),
        "exp": expires.as_second(),
        "ias_apis": apis,
    });
    let part = |value: &Json| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(&json!({"alg": "RS256", "typ": "JWT"})), part(&claims), URL_SAFE_NO_PAD.encode(filler))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_at_the_ends_of_time_are_judged() {
        let judged = |exp: i64, nbf: i64| in_time(&json!({"exp": exp, "nbf": nbf}), Timestamp::UNIX_EPOCH, 60);
        assert!(judged(i64::MAX, i64::MIN));
        assert!(!judged(i64::MIN, 0));
        assert!(!judged(i64::MAX, i64::MAX));
    }
}
