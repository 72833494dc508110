//! The steps of signing in before the first question, so that whoever looks sees which of them failed.

use joinery_model::{Failure, Finding, FindingKind};

use super::run::finding;
use crate::certificate::Expiry;
use crate::{SignIn, Transport};

/// The steps that went well: the certificate counts, a token was issued. What comes after them is [`joinery_model::Source::test`].
///
/// # Errors
/// When no token is issued: the step that failed, with the setting that it is about.
pub async fn sign_in_steps(transport: &Transport) -> Result<Vec<Finding>, (Vec<Finding>, Failure)> {
    let settings = transport.settings();
    let mut steps = Vec::new();
    if let Some(certificate) = settings.certificate()
        && let Expiry::Good { .. } | Expiry::Soon { .. } =
            certificate.expiry(transport.now(), jiff::SignedDuration::ZERO)
    {
        let message = format!("counts until {}", certificate.not_after());
        steps.push(finding(FindingKind::Good, "sign-in certificate", message));
    }
    let from = match &settings.sign_in {
        SignIn::SamlBearer(_) => &settings.host,
        SignIn::Ias(ias) => &ias.token_server,
        SignIn::X509(_) | SignIn::Basic { .. } => return Ok(steps),
    };
    match transport.sign_in().await {
        Ok(()) => steps.push(finding(FindingKind::Good, "sign-in token", format!("issued by {from}"))),
        Err(failure) => return Err((steps, failure)),
    }
    Ok(steps)
}
