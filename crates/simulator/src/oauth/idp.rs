//! `POST /oauth/idp`: the tenant signs an assertion with the private key that it is sent. SAP deprecates it, and new
//! tenants do not have it.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};

use super::token::{INVALID_CLIENT, SignInError, malformed};
use crate::saml::escaped;
use crate::settings::Settings;

/// How long before and after its making an assertion counts.
const COUNTS: SignedDuration = SignedDuration::from_mins(10);
const NO_KEY: SignInError = malformed("The parameter private_key is missing or is no RSA private key in one line.");

/// The assertion, signed and in base64.
pub(crate) fn sign(
    parameters: &[(String, String)],
    settings: &Settings,
    now: Timestamp,
) -> Result<String, SignInError> {
    let get = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let client = get("client_id").ok_or(malformed("The parameter client_id is missing."))?;
    let user = get("user_id").ok_or(malformed("The parameter user_id is missing."))?;
    let recipient = get("token_url").ok_or(malformed("The parameter token_url is missing."))?;
    if !settings.clients.iter().any(|one| one.client_id == client) {
        return Err(INVALID_CLIENT);
    }
    let packed: String = get("private_key").unwrap_or_default().split_ascii_whitespace().collect();
    let der = STANDARD.decode(packed).map_err(|_| NO_KEY)?;
    let key = RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der)).map_err(|_| NO_KEY)?;
    let flag = |name: &'static str| get(name).is_some_and(|value| value.eq_ignore_ascii_case("true")).then_some(name);
    let flags = ["use_email", "use_username"].into_iter().filter_map(flag);
    let xml = signed(&key, &Parts { client, user, recipient, flags: flags.collect(), now }).ok_or(NO_KEY)?;
    Ok(STANDARD.encode(xml))
}

struct Parts<'a> {
    client: &'a str,
    user: &'a str,
    recipient: &'a str,
    flags: Vec<&'static str>,
    now: Timestamp,
}

/// Written in canonical form from the start: no blanks between elements, attributes in order, namespaces where they are
/// first used.
fn signed(key: &RsaKeyPair, parts: &Parts<'_>) -> Option<String> {
    let (from, until) = (parts.now.saturating_sub(COUNTS).ok()?, parts.now.saturating_add(COUNTS).ok()?);
    let at = |instant: Timestamp| instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut attributes = String::new();
    for flag in &parts.flags {
        attributes.push_str(&format!(
            "<saml2:Attribute Name=\"{flag}\"><saml2:AttributeValue>true</saml2:AttributeValue></saml2:Attribute>"
        ));
    }
    if !attributes.is_empty() {
        attributes = format!("<saml2:AttributeStatement>{attributes}</saml2:AttributeStatement>");
    }
    let (now, from, until) = (at(parts.now), at(from), at(until));
    let (client, user, recipient) = (escaped(parts.client), escaped(parts.user), escaped(parts.recipient));
    let head = format!(
        "<saml2:Assertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" IssueInstant=\"{now}\" Version=\"2.0\">\
         <saml2:Issuer>{client}</saml2:Issuer>\
         <saml2:Subject><saml2:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified\">{user}\
         </saml2:NameID><saml2:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
         <saml2:SubjectConfirmationData NotOnOrAfter=\"{until}\" Recipient=\"{recipient}\">\
         </saml2:SubjectConfirmationData></saml2:SubjectConfirmation></saml2:Subject>\
         <saml2:Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\"><saml2:AudienceRestriction><saml2:Audience>\
         www.successfactors.com</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>{attributes}"
    );
    let tail = "</saml2:Assertion>";
    let sum = STANDARD.encode(digest(&SHA256, format!("{head}{tail}").as_bytes()));
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:CanonicalizationMethod \
         Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod><ds:SignatureMethod \
         Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod><ds:Reference URI=\"\">\
         <ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\">\
         </ds:Transform><ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>\
         </ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
         <ds:DigestValue>{sum}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    );
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), info.as_bytes(), &mut signature).ok()?;
    let signature = STANDARD.encode(signature);
    Some(format!(
        "{head}<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{info}<ds:SignatureValue>{signature}\
         </ds:SignatureValue></ds:Signature>{tail}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_is_signed_at_the_ends_of_time() {
        let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        for now in [Timestamp::MIN, Timestamp::MAX] {
            let parts = Parts { client: "c", user: "u", recipient: "r", flags: Vec::new(), now };
            assert!(signed(&pair, &parts).is_some_and(|text| text.contains("IssueInstant")));
        }
    }
}
