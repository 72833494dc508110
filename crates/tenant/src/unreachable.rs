//! A tenant that cannot be reached, or not now: what to do about it.

use std::error::Error;
use std::time::Duration;

use joinery_model::Failure;

use crate::patience::Trouble;
use crate::transport::Failed;
use crate::{Settings, SignIn};

/// What a failed request is. The URL is taken out of the cause: its query may name people.
pub(crate) fn classify(settings: &Settings, setting: &str, error: reqwest::Error) -> Failed {
    let error = error.without_url();
    let said = chain(&error);
    let name = &settings.name;
    let host = crate::sign_in::host_of(settings, setting);
    let at = host.authority();
    // Refused, unroutable, unresolved, or not answering in time: nothing of ours has arrived.
    let unreached = if error.is_connect() { Trouble::NeverReached } else { Trouble::Unreachable };
    let (met, message) = if settings.client_certificate().is_some() && said.contains("received fatal alert") {
        // The handshake's last word (RFC 8446 section 6.2): expired, of an unknown authority, revoked, missing.
        let (whose, page) = match settings.sign_in {
            SignIn::Ias(_) => (
                "SAP Cloud Identity Services knows",
                "Applications, your application, Client Authentication, Certificates",
            ),
            _ => ("SuccessFactors knows", "Admin Center, Security Center, X.509 Public Certificate Mapping"),
        };
        let message = format!(
            "connection.{name}.certificate: {at} refuses the client certificate; look whether it has expired, and whether \
             {whose} its authority ({page})"
        );
        return Failed::ForGood(Failure::refused(message).because(error));
    } else if said.contains("certificate") || said.contains("unknownissuer") {
        let message = format!(
            "connection.{name}.ca_file: the certificate of {at} is not trusted. Behind an inspecting proxy, set ca_file to \
             the company's own authority; otherwise check {setting}"
        );
        return Failed::ForGood(Failure::refused(message).because(error));
    } else if said.contains("proxy") || said.contains("tunnel") {
        (unreached, format!("connection.{name}.proxy: the proxy does not let us through; check proxy"))
    } else if said.contains("dns") || said.contains("lookup") || said.contains("resolve") {
        let message = format!(
            "connection.{name}.{setting}: the name {} cannot be resolved; check its spelling, and set proxy if this \
             network has one",
            host.name()
        );
        (unreached, message)
    } else if error.is_builder() {
        let message = format!("connection.{name}: the request cannot be built");
        return Failed::ForGood(Failure::refused(message).because(error));
    } else if error.is_timeout() && !error.is_connect() {
        let message = format!(
            "connection.{name}.timeout: no whole answer within {} s; lower page_size, or raise timeout",
            settings.timeout.as_secs()
        );
        (Trouble::TooSlow, message)
    } else if error.is_connect() {
        let why = if error.is_timeout() { "does not answer" } else { "cannot be reached" };
        let message = format!("connection.{name}.{setting}: {at} {why}; check {setting}, proxy and the firewall");
        (unreached, message)
    } else {
        let message = format!(
            "connection.{name}: the connection to {at} broke off before the answer was whole; if it happens again, check \
             proxy and firewall"
        );
        (unreached, message)
    };
    Failed::Sent(met, Failure::later(message, None).because(error))
}

/// The failure when the tenant stays unavailable beyond our patience.
pub(crate) fn unavailable(settings: &Settings, met: Trouble, after: Option<Duration>) -> Failure {
    let name = &settings.name;
    let message = match met {
        Trouble::TooMany => format!(
            "connection.{name}: the tenant refuses more requests for now (HTTP 429); run less often or at other hours, or \
             lower the number of requests at once"
        ),
        Trouble::Unavailable => {
            format!("connection.{name}: the tenant is down for maintenance or restarting (HTTP 502 or 503); try later")
        }
        Trouble::TooSlow => {
            format!(
                "connection.{name}: the tenant's gateway gave up waiting (HTTP 504); lower page_size, or map fewer fields"
            )
        }
        Trouble::Preparing => {
            format!("connection.{name}: the tenant is rebuilding its metadata; try again in some minutes")
        }
        Trouble::NeverReached | Trouble::Unreachable => {
            format!("connection.{name}: the tenant cannot be reached; try later")
        }
    };
    Failure::later(message, after)
}

/// Everything an error and its causes say, in lower case: the layers below give no types to ask.
fn chain(error: &dyn Error) -> String {
    let mut said = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        said.push_str(&error.to_string().to_lowercase());
        said.push('\n');
        next = error.source();
    }
    said
}
