//! Refusals by SAP Cloud Identity Services (RFC 6749 section 5.2, RFC 8707 section 2), in the words of its console.

use reqwest::StatusCode;

use crate::{Ias, IasClient};

/// The API server does not take the token.
pub(super) const NO_TRUST: &str = "the tenant does not take the token that SAP Cloud Identity Services issued; look whether \
     token_server is the one that this company trusts, and whether resource names the company's application";
/// The API server takes the token, and it grants nothing.
pub(super) const NO_API: &str = "the token carries no permission for the API; in the Cloud Identity console add the API \
     under Applications, your application, Dependencies, name that dependency in `resource`, and map the application to an \
     API user that may use OData";

/// The setting that a refused token request is about, and what to do. `code` is the answer's `error`.
pub(super) fn advice(ias: &Ias, status: StatusCode, code: &str) -> (&'static str, &'static str) {
    match (code, &ias.client) {
        ("invalid_client", IasClient::Secret(_)) => (
            "client_secret",
            "SAP Cloud Identity Services does not accept client_id and client_secret; compare them under Applications, \
             your application, Client Authentication; a secret may have expired there",
        ),
        ("invalid_client", IasClient::Assertion { .. }) => (
            "private_key",
            "SAP Cloud Identity Services does not accept the client's assertion; register the certificate of private_key \
             under Applications, your application, Client Authentication, JWT, and compare client_id",
        ),
        ("invalid_client", IasClient::Certificate(_)) => (
            "certificate",
            "SAP Cloud Identity Services does not accept the client certificate; register it under Applications, your \
             application, Client Authentication, Certificates, compare client_id, and look whether a proxy breaks TLS open",
        ),
        ("invalid_target" | "invalid_resource", _) => (
            "resource",
            "the application has no such dependency; copy its name from Applications, your application, Dependencies, as \
             urn:sap:identity:application:provider:name:<dependency>",
        ),
        ("unauthorized_client" | "access_denied" | "invalid_scope", _) => ("resource", NO_API),
        ("unsupported_grant_type", _) => (
            "client_id",
            "the application may not use client credentials; in the Cloud Identity console make it an OpenID Connect \
             application with that grant type",
        ),
        _ if matches!(status.as_u16(), 300..400 | 404 | 405) => (
            "token_server",
            "this host is no tenant of SAP Cloud Identity Services; give its name alone, like acme.accounts.ondemand.com",
        ),
        _ => (
            "sign_in",
            "SAP Cloud Identity Services refuses the client and does not say why; its troubleshooting log does (Monitoring)",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Host, PlainHttp};

    #[test]
    fn each_refusal_names_its_setting() {
        let host = Host::parse("acme.accounts.ondemand.com", PlainHttp::LoopbackOnly).expect("host");
        let client = IasClient::Secret("x".into());
        let ias = Ias { token_server: host, client_id: "app".to_owned(), resource: None, client };
        for (status, code, setting) in [
            (401, "invalid_client", "client_secret"),
            (400, "invalid_target", "resource"),
            (400, "unauthorized_client", "resource"),
            (400, "unsupported_grant_type", "client_id"),
            (404, "", "token_server"),
            (400, "something", "sign_in"),
        ] {
            let status = StatusCode::from_u16(status).expect("status");
            assert_eq!(advice(&ias, status, code).0, setting, "{code}");
        }
    }
}
