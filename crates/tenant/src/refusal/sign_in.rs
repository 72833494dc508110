//! Refused sign-ins: which setting each is about, and what to do.
//!
//! Texts and codes: SAP notes 2161058, 2524436, 2668018, 3336550, 3336571, and the answers that integrations record.

use std::fmt::Write as _;

use joinery_model::Failure;
use reqwest::StatusCode;
use serde::Deserialize;

use super::ias;
use super::shown::word;
use crate::settings::SamlBearer;
use crate::{Response, Settings, SignIn, TenantError, UserIs};

/// What a refused sign-in is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Signature,
    NoSuchUser,
    Locked,
    Inactive,
    ClientUnknown,
    Company,
    Clock,
    Recipient,
    Address,
    Password,
    PasswordExpired,
    BasicOff,
    NotPermitted,
    NotEnabled,
    Missing,
    WrongHost,
    TokenRefused,
    TokenMangled,
}

/// By number, as `LGN0008`.
const BY_NUMBER: &[(&str, Cause)] = &[
    ("LGN0001", Cause::WrongHost),
    ("LGN0002", Cause::NotPermitted),
    ("LGN0003", Cause::Missing),
    ("LGN0004", Cause::WrongHost),
    ("LGN0005", Cause::TokenMangled),
    ("LGN0006", Cause::TokenRefused),
    ("LGN0007", Cause::TokenRefused),
    ("LGN0008", Cause::Company),
    ("LGN0009", Cause::NotEnabled),
    ("LGN0010", Cause::BasicOff),
    ("LGN0018", Cause::PasswordExpired),
    ("LGN0022", Cause::TokenRefused),
];

/// By what the text contains, in lower case; the first that fits counts.
const BY_TEXT: &[(&str, Cause)] = &[
    ("status code = 13", Cause::Locked),
    ("status code=13", Cause::Locked),
    ("status code = 19", Cause::PasswordExpired),
    ("status code=19", Cause::PasswordExpired),
    ("status code = 8", Cause::Address),
    ("status code=8", Cause::Address),
    ("account locked", Cause::Locked),
    ("locked", Cause::Locked),
    ("invalid user", Cause::NoSuchUser),
    ("user not found", Cause::NoSuchUser),
    ("inactive", Cause::Inactive),
    ("verify the signature", Cause::Signature),
    ("signature", Cause::Signature),
    ("company", Cause::Company),
    ("invalid client", Cause::ClientUnknown),
    ("client is not registered", Cause::ClientUnknown),
    ("invalid_client", Cause::ClientUnknown),
    ("client id", Cause::ClientUnknown),
    ("client_id", Cause::ClientUnknown),
    ("api key", Cause::ClientUnknown),
    ("api_key", Cause::ClientUnknown),
    ("not yet valid", Cause::Clock),
    ("not valid yet", Cause::Clock),
    ("notbefore", Cause::Clock),
    ("notonorafter", Cause::Clock),
    ("expired", Cause::Clock),
    ("recipient", Cause::Recipient),
    ("audience", Cause::Recipient),
    ("issuer", Cause::Recipient),
    ("ip address", Cause::Address),
    ("password", Cause::Password),
    ("authentication failed", Cause::Password),
];

/// The numbers that say that a token has run out or is unknown: sign in again.
pub(crate) fn is_stale_token(error: &TenantError) -> bool {
    ["LGN0006", "LGN0007", "LGN0022"].iter().any(|number| error.number == *number || error.code == *number)
}

/// Whether a write was refused because it lacks the token of its session, or brought one that is over.
pub(crate) fn is_csrf(response: &Response) -> bool {
    let required =
        response.headers.get("x-csrf-token").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"required"));
    response.status == StatusCode::FORBIDDEN && (required || response.error().text.to_lowercase().contains("csrf"))
}

/// The text of a refusal by `/oauth/token`, in whichever of its shapes.
fn oauth_error(body: &[u8]) -> TenantError {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Plain {
        error_message: String,
    }
    #[derive(Deserialize)]
    struct Standard {
        error: String,
        #[serde(default)]
        error_description: String,
    }
    if let Ok(Plain { error_message }) = serde_json::from_slice(body) {
        return TenantError::from_text(String::new(), error_message);
    }
    if let Ok(Standard { error, error_description }) = serde_json::from_slice(body) {
        let text = format!("{error} {error_description}");
        return TenantError::from_text(error, text);
    }
    TenantError::read(body)
}

/// The failure that a refused token request is. `skew` is how far this machine's clock is behind the tenant's, in
/// seconds, when that is known.
pub(crate) fn sign_in(settings: &Settings, response: &Response, skew: Option<i64>) -> Failure {
    let error = oauth_error(&response.bytes);
    if let SignIn::Ias(of) = &settings.sign_in {
        let (setting, advice) = ias::advice(of, response.status, &error.code);
        return told(settings, setting, advice, response.status, &error, skew).because(response.trace());
    }
    refused(settings, response.status, &error, skew).because(response.trace())
}

/// The failure that a resource request is when the sign-in does not count; `None` when it is about something else.
pub(crate) fn not_signed_in(settings: &Settings, response: &Response) -> Option<Failure> {
    let error = response.error();
    let about_us =
        response.status == StatusCode::UNAUTHORIZED || error.number.starts_with("LGN") || error.code.starts_with("LGN");
    about_us.then(|| refused(settings, response.status, &error, None).because(response.trace()))
}

fn refused(settings: &Settings, status: StatusCode, error: &TenantError, skew: Option<i64>) -> Failure {
    let lower = error.text.to_lowercase();
    let by_number =
        BY_NUMBER.iter().find(|(number, _)| error.number == *number || error.code == *number).map(|(_, cause)| *cause);
    let by_text = || BY_TEXT.iter().find(|(part, _)| lower.contains(part)).map(|(_, cause)| *cause);
    // What the number leaves open the text tells, in the tenant's language.
    let untold = || (error.number == "LGN0015" || error.code == "LGN0015").then_some(Cause::Password);
    let cause = by_number.or_else(by_text).or_else(untold).or(match status.as_u16() {
        300..400 | 404 | 405 => Some(Cause::WrongHost),
        _ => None,
    });
    let saml = match &settings.sign_in {
        SignIn::SamlBearer(saml) => Some(saml),
        SignIn::X509(_) => {
            let (setting, advice) = match (cause, error.number.as_str()) {
                (Some(Cause::Missing), _) => ("api_server", CERTIFICATE_UNSEEN),
                (_, "LGN0004") | (None, _) => ("certificate", CERTIFICATE_UNMAPPED),
                (cause, _) => advice(cause, None),
            };
            return told(settings, setting, advice, status, error, skew);
        }
        SignIn::Ias(_) => {
            let (setting, advice) = match cause {
                Some(Cause::TokenRefused | Cause::TokenMangled | Cause::Missing) | None => ("sign_in", ias::NO_TRUST),
                Some(Cause::NotPermitted) => ("resource", ias::NO_API),
                cause => advice(cause, None),
            };
            return told(settings, setting, advice, status, error, skew);
        }
        SignIn::Basic { .. } => None,
    };
    let (setting, advice) = advice(cause, saml);
    told(settings, setting, advice, status, error, skew)
}

const CERTIFICATE_UNSEEN: &str = "the tenant has not seen the client certificate; only the host with .cert. asks for it \
     (api012.cert.successfactors.eu), and a proxy that breaks TLS open hides it";
const CERTIFICATE_UNMAPPED: &str = "the tenant maps this client certificate to no active user; in Admin Center, Security \
     Center, X.509 Public Certificate Mapping, upload it with the API user's login name, which must be the certificate's \
     common name";

/// The failure, in one form for all.
fn told(
    settings: &Settings,
    setting: &str,
    advice: &str,
    status: StatusCode,
    error: &TenantError,
    skew: Option<i64>,
) -> Failure {
    let mut message = format!("connection.{}.{setting}: {advice} (HTTP {}", settings.name, status.as_u16());
    let code = if error.number.is_empty() { &error.code } else { &error.number };
    if !code.is_empty() {
        message.push(' ');
        message.push_str(&word(code));
    }
    message.push(')');
    if let Some(seconds) = skew.filter(|seconds| seconds.abs() > 60) {
        let side = if seconds > 0 { "behind" } else { "ahead of" };
        let _ = write!(message, "; this machine's clock is {} s {side} the tenant's", seconds.abs());
    }
    Failure::refused(message)
}

/// The setting that a cause is about, and what to do.
fn advice(cause: Option<Cause>, saml: Option<&SamlBearer>) -> (&'static str, &'static str) {
    match cause {
        Some(Cause::Signature) => (
            "private_key",
            "the tenant cannot verify the signature. The certificate registered for this client_id is not that of \
             private_key, or it was pasted with its BEGIN and END lines: in Manage OAuth2 Client Applications, paste the \
             certificate's body alone, and copy the API Key into client_id",
        ),
        Some(Cause::NoSuchUser) => match saml.map(|saml| saml.user_is) {
            Some(UserIs::UserId) => (
                "user",
                "the tenant knows no active user with this userId. If it is a username or an e-mail address, set \
                 user_is = \"username\" or \"email\"; and look whether the OAuth client is bound to other users",
            ),
            Some(UserIs::Username) => {
                ("user", "the tenant knows no active user with this username; check user and user_is")
            }
            Some(UserIs::Email) => {
                ("user", "the tenant knows no active user with this e-mail address, or several; check user and user_is")
            }
            None => ("user", "the tenant knows no such active user; check user"),
        },
        Some(Cause::Locked) => {
            ("user", "the API user's account is locked; unlock it in Admin Center, Reset User Account")
        }
        Some(Cause::Inactive) => ("user", "the API user is inactive; activate it, or use another"),
        Some(Cause::ClientUnknown) => (
            "client_id",
            "the tenant knows no such OAuth client, or it is disabled; copy the API Key from Manage OAuth2 Client \
             Applications of this company",
        ),
        Some(Cause::Company) => (
            "company_id",
            "this API server knows no such company. The company id is case-sensitive; and api_server must be that of the \
             company's own data centre",
        ),
        Some(Cause::Clock) => {
            ("sign_in", "the tenant finds the assertion out of date; set this machine's clock right (time service)")
        }
        Some(Cause::Recipient) => (
            "assertion",
            "the tenant does not accept this shape of assertion; try assertion = \"issuer\" in place of \"api_key\", or \
             the other way round, and check api_server",
        ),
        Some(Cause::Address) => (
            "user",
            "this machine's IP address is not on the user's list; add it in Admin Center, IP Restriction Management",
        ),
        Some(Cause::Password) if saml.is_none() => {
            ("password", "user or password is wrong; `user` is the username, without the company id")
        }
        Some(Cause::PasswordExpired) => (
            "password",
            "the API user's password has expired; set a new one, and exempt the user under Password & Login Policy \
             Settings (maximum password age -1)",
        ),
        Some(Cause::BasicOff) => {
            ("sign_in", "Basic is switched off for this company; use sign_in = \"saml_bearer\" (`joinery keys new`)")
        }
        Some(Cause::NotPermitted) => (
            "user",
            "the API user may not use OData; in Manage Permission Roles grant it the OData API access under Manage \
             Integration Tools",
        ),
        Some(Cause::NotEnabled) => ("company_id", "the OData API is not enabled for this company; SAP provisions it"),
        Some(Cause::Missing) => match saml {
            Some(_) => {
                ("proxy", "the tenant received no credentials: a proxy on the way drops the Authorization header")
            }
            None => {
                ("sign_in", "the tenant does not take a password; use sign_in = \"saml_bearer\" (`joinery keys new`)")
            }
        },
        Some(Cause::WrongHost) => (
            "api_server",
            "this host is no API server of SuccessFactors; look its name up for your data centre (api….)",
        ),
        Some(Cause::TokenRefused) => (
            "sign_in",
            "the tenant refuses a token that it has just issued; look in Manage OAuth2 Client Applications whether the \
             client still stands, and whether api_server is the one that issues for this company",
        ),
        Some(Cause::TokenMangled) => (
            "proxy",
            "the tenant cannot read the token that it issued itself: a proxy on the way cuts or changes the Authorization \
             header",
        ),
        Some(Cause::Password) | None => {
            ("sign_in", "the tenant refuses the sign-in and does not say why; check client_id, company_id and user")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Host, PlainHttp};
    use joinery_model::Retry;

    fn settings() -> Settings {
        let host = Host::parse("api012.successfactors.eu", PlainHttp::LoopbackOnly).expect("host");
        Settings::basic("acme", host, "ACME", "API", "pw".into())
    }

    fn response(status: u16, body: &str) -> Response {
        Response::for_test(status, body)
    }

    /// Texts: SAP notes 2668018, 3336550 and 3336571 for the first three, 2161058 and 2524436 for the rest.
    #[test]
    fn every_refusal_names_its_setting() {
        for (status, body, setting) in [
            (
                401,
                r#"{"errorHttpCode":"401","errorMessage":"Unable to authenticate the client (Login failed - invalid user)"}"#,
                "user",
            ),
            (
                401,
                r#"{"errorHttpCode":"401","errorMessage":"Unable to authenticate the client (Login failed - account locked)"}"#,
                "user",
            ),
            (
                401,
                r#"{"errorHttpCode":"401","errorMessage":"Unable to verify the signature of the SAML assertion. Please ensure that the assertion has a signature and the key pairs match the client ID"}"#,
                "private_key",
            ),
            (401, r#"{"error":"invalid_client","error_description":"unknown"}"#, "client_id"),
            (400, r#"{"errorHttpCode":"400","errorMessage":"Assertion has expired"}"#, "sign_in"),
            (404, "<html>Not Found</html>", "api_server"),
            (
                403,
                r#"{"error":{"code":"LGN0008","message":{"lang":"en-US","value":"[LGN0008]Company [Acme] not found, it is case-sensitive"}}}"#,
                "company_id",
            ),
            (401, "", "sign_in"),
        ] {
            let failure = sign_in(&settings(), &response(status, body), None);
            assert!(failure.message.starts_with(&format!("connection.acme.{setting}: ")), "{body}: {failure}");
            assert_eq!(failure.retry(), Retry::No);
        }
    }

    #[test]
    fn a_wrong_clock_is_spoken_of() {
        let failure = sign_in(&settings(), &response(401, r#"{"errorMessage":"assertion expired"}"#), Some(-900));
        assert!(failure.message.ends_with("clock is 900 s ahead of the tenant's"), "{failure}");
    }

    #[test]
    fn logon_errors_of_resources_are_told_apart_from_other_refusals() {
        for (status, body, setting) in [
            (
                401,
                r#"{"error":{"code":"LGN0015","message":{"lang":"en-US","value":"[LGN0015]Authentication failed. You have entered an incorrect username or password (status code = 4)."}}}"#,
                Some("password"),
            ),
            (
                401,
                r#"{"error":{"code":"LGN0015","message":{"value":"[LGN0015]Authentication failed. (status code = 13)."}}}"#,
                Some("user"),
            ),
            (
                403,
                r#"{"error":{"code":"LGN0010","message":{"value":"[LGN0010]Basic authentication for ODATA API is disabled for company ACME"}}}"#,
                Some("sign_in"),
            ),
            (403, r#"{"error":{"code":"LGN0002","message":{"value":"[LGN0002]x"}}}"#, Some("user")),
            (404, r#"{"error":{"code":"LGN0001","message":{"value":"[LGN0001]x"}}}"#, Some("api_server")),
            (401, r#"{"error":{"code":"LGN0005","message":{"value":"[LGN0005]x"}}}"#, Some("proxy")),
            (
                401,
                r#"{"error":{"code":"LGN0015","message":{"value":"[LGN0015]Anmeldung fehlgeschlagen."}}}"#,
                Some("password"),
            ),
            (403, r#"{"error":{"code":"COE_GENERAL_FORBIDDEN","message":{"value":"[COE0020]no"}}}"#, None),
            (404, "", None),
        ] {
            let failure = not_signed_in(&settings(), &response(status, body));
            match setting {
                Some(setting) => {
                    let message = failure.expect(body).message;
                    assert!(message.starts_with(&format!("connection.acme.{setting}: ")), "{message}");
                }
                None => assert!(failure.is_none(), "{body}"),
            }
        }
    }
}
