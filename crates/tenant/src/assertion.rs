//! The SAML 2.0 assertion that is exchanged for a token (RFC 7522), signed (XML Signature 1.1).
//!
//! Only one document shape is ever written, so it is written in exclusive canonical form at once: the bytes hashed are
//! the bytes sent, and no canonicalizer is needed. What makes it canonical: namespace declarations first and attributes
//! in order, no blanks between elements, no self-closing tags, the escapes of Canonical XML 1.0 section 2.3, and the
//! signature's namespace repeated on `SignedInfo`, so that it stands alone. `tests/judges/saml_verify.py` lets two
//! verifiers that are not ours judge it.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};

use crate::certificate::Certificate;
use crate::key::SigningKey;
use crate::{Host, SettingError};

/// Which of the two shapes that tenants accept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AssertionStyle {
    /// The client id is an attribute, `api_key`; the recipient is the token endpoint. What SAP's guides show.
    #[default]
    ApiKey,
    /// The client id is the issuer; the recipient is the API root. What `/oauth/idp` made.
    Issuer,
}

/// What the subject's name is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserIs {
    /// The `userId` of the User entity.
    #[default]
    UserId,
    /// Its `username`.
    Username,
    /// Its e-mail address.
    Email,
}

/// What an assertion says.
#[derive(Clone, Debug)]
pub struct Claims<'a> {
    /// The API server.
    pub host: &'a Host,
    /// The API key of "Manage OAuth2 Client Applications".
    pub client_id: &'a str,
    /// Whom the token is for.
    pub user: &'a str,
    /// What `user` is.
    pub user_is: UserIs,
    /// The shape.
    pub style: AssertionStyle,
    /// When it is written.
    pub now: Timestamp,
    /// Unlike every other assertion's; letters, digits, `-` and `_`.
    pub id: &'a str,
}

/// Ten minutes to either side: what SAP's own tool allows, and more than clocks should differ.
const LEEWAY: SignedDuration = SignedDuration::from_mins(10);
/// What every tenant expects as audience.
const AUDIENCE: &str = "www.successfactors.com";

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const DIGEST_SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

impl Claims<'_> {
    /// The signed assertion. `certificate`, when given, goes into `KeyInfo`; the tenant finds the key by the client id.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn signed(&self, key: &SigningKey, certificate: Option<&Certificate>) -> Result<String, SettingError> {
        let (head, tail) = self.written();
        let digest = STANDARD.encode(digest(&SHA256, format!("{head}{tail}").as_bytes()));
        let info = format!(
            "<SignedInfo xmlns=\"{DSIG}\"><CanonicalizationMethod Algorithm=\"{EXCLUSIVE_C14N}\"></CanonicalizationMethod>\
             <SignatureMethod Algorithm=\"{RSA_SHA256}\"></SignatureMethod><Reference URI=\"#{id}\"><Transforms>\
             <Transform Algorithm=\"{ENVELOPED}\"></Transform><Transform Algorithm=\"{EXCLUSIVE_C14N}\"></Transform>\
             </Transforms><DigestMethod Algorithm=\"{DIGEST_SHA256}\"></DigestMethod>\
             <DigestValue>{digest}</DigestValue></Reference></SignedInfo>",
            id = attribute(self.id),
        );
        let signature = STANDARD.encode(key.sign(info.as_bytes())?);
        let key_info = certificate.map_or_else(String::new, |certificate| {
            format!("<KeyInfo><X509Data><X509Certificate>{}</X509Certificate></X509Data></KeyInfo>", certificate.body())
        });
        // Right after the issuer, as the schema orders, and with nothing around it: removing it, as the enveloped
        // transform does, leaves exactly what was hashed.
        Ok(format!(
            "{head}<Signature xmlns=\"{DSIG}\">{info}<SignatureValue>{signature}</SignatureValue>{key_info}\
             </Signature>{tail}"
        ))
    }

    /// The unsigned assertion, cut where the signature goes.
    fn written(&self) -> (String, String) {
        let issuer = match self.style {
            AssertionStyle::ApiKey => AUDIENCE,
            AssertionStyle::Issuer => self.client_id,
        };
        let recipient = match self.style {
            AssertionStyle::ApiKey => self.host.token(),
            AssertionStyle::Issuer => self.host.odata(),
        };
        let now = instant(self.now);
        let from = instant(self.now.checked_sub(LEEWAY).unwrap_or(self.now));
        let until = instant(self.now.checked_add(LEEWAY).unwrap_or(self.now));
        let id = attribute(self.id);
        let head = format!(
            "<Assertion xmlns=\"{SAML}\" ID=\"{id}\" IssueInstant=\"{now}\" Version=\"2.0\"><Issuer>{}</Issuer>",
            text(issuer)
        );
        let mut tail = format!(
            "<Subject><NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified\">{user}</NameID>\
             <SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><SubjectConfirmationData \
             NotOnOrAfter=\"{until}\" Recipient=\"{recipient}\"></SubjectConfirmationData></SubjectConfirmation>\
             </Subject><Conditions NotBefore=\"{from}\" NotOnOrAfter=\"{until}\"><AudienceRestriction>\
             <Audience>{AUDIENCE}</Audience></AudienceRestriction></Conditions><AuthnStatement \
             AuthnInstant=\"{now}\" SessionIndex=\"{id}\"><AuthnContext><AuthnContextClassRef>\
             urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</AuthnContextClassRef></AuthnContext>\
             </AuthnStatement>",
            user = text(self.user),
            recipient = attribute(&recipient),
        );
        let attributes = self.attributes();
        if !attributes.is_empty() {
            tail.push_str("<AttributeStatement>");
            for (name, value) in attributes {
                // No `xsi:type`: its `xs:` prefix would live in content, where exclusive canonicalization drops it.
                let _ = write!(
                    tail,
                    "<Attribute Name=\"{name}\"><AttributeValue>{}</AttributeValue></Attribute>",
                    text(value)
                );
            }
            tail.push_str("</AttributeStatement>");
        }
        tail.push_str("</Assertion>");
        (head, tail)
    }

    fn attributes(&self) -> Vec<(&'static str, &str)> {
        let mut attributes = Vec::new();
        if self.style == AssertionStyle::ApiKey {
            attributes.push(("api_key", self.client_id));
        }
        match self.user_is {
            UserIs::UserId => {}
            UserIs::Username => attributes.push(("use_username", "true")),
            UserIs::Email => attributes.push(("use_email", "true")),
        }
        attributes
    }
}

/// An instant in whole seconds, UTC, as SAML wants it (core, section 1.3.3).
fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Text content in canonical form. What XML 1.0 cannot hold is left out; settings refuse it before.
fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            c if is_xml(c) => out.push(c),
            _ => {}
        }
    }
    out
}

/// An attribute's value in canonical form.
fn attribute(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            c if is_xml(c) => out.push(c),
            _ => {}
        }
    }
    out
}

/// XML 1.0 production `Char`.
pub(crate) fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
