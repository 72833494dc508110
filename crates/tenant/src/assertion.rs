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
use serde::Deserialize;

use crate::certificate::Certificate;
use crate::key::SigningKey;
use crate::{Host, SettingError};

/// Which of the two shapes that tenants accept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionStyle {
    /// The client id is an attribute, `api_key`; the recipient is the token endpoint. What SAP's guides show.
    #[default]
    ApiKey,
    /// The client id is the issuer; the recipient is the API root. What `/oauth/idp` made.
    Issuer,
}

/// What the subject's name is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyFile, PlainHttp};
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use proptest::prelude::*;

    fn key() -> SigningKey {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys/pkcs8.pem");
        KeyFile::read(&std::fs::read(path).expect("file"), None).expect("key").key
    }

    fn claims(host: &Host) -> Claims<'_> {
        Claims {
            host,
            client_id: "MzQ5<key>&",
            user: "BJENSEN & søn >x",
            user_is: UserIs::UserId,
            style: AssertionStyle::ApiKey,
            now: "2026-11-21T10:00:00.9Z".parse().expect("time"),
            id: "_1-2",
        }
    }

    fn host() -> Host {
        Host::parse("api012.successfactors.eu", PlainHttp::LoopbackOnly).expect("host")
    }

    fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
        let (_, rest) = text.split_once(from).expect(from);
        rest.split_once(to).expect(to).0
    }

    #[test]
    fn both_styles_say_what_tenants_expect() {
        let host = host();
        let (head, tail) = claims(&host).written();
        let api_key = format!("{head}{tail}");
        assert_eq!(between(&api_key, "<Issuer>", "</Issuer>"), "www.successfactors.com");
        assert_eq!(between(&api_key, "Recipient=\"", "\""), "https://api012.successfactors.eu/oauth/token");
        assert!(api_key.contains(
            "<AttributeStatement><Attribute Name=\"api_key\"><AttributeValue>MzQ5&lt;key&gt;&amp;</AttributeValue>"
        ));
        assert_eq!(between(&api_key, "unspecified\">", "</NameID>"), "BJENSEN &amp; søn &gt;x");
        assert_eq!(between(&api_key, "<Audience>", "</Audience>"), "www.successfactors.com");
        assert!(
            api_key.contains("<Conditions NotBefore=\"2026-11-21T09:50:00Z\" NotOnOrAfter=\"2026-11-21T10:10:00Z\">")
        );

        let (head, tail) = Claims { style: AssertionStyle::Issuer, ..claims(&host) }.written();
        let issuer = format!("{head}{tail}");
        assert_eq!(between(&issuer, "<Issuer>", "</Issuer>"), "MzQ5&lt;key&gt;&amp;");
        assert_eq!(between(&issuer, "Recipient=\"", "\""), "https://api012.successfactors.eu/odata/v2");
        assert!(!issuer.contains("AttributeStatement"));
    }

    #[test]
    fn the_kind_of_name_is_an_attribute() {
        let host = host();
        for (user_is, style, attribute) in [
            (UserIs::Username, AssertionStyle::ApiKey, Some("use_username")),
            (UserIs::Email, AssertionStyle::Issuer, Some("use_email")),
            (UserIs::UserId, AssertionStyle::ApiKey, None),
        ] {
            let (_, tail) = Claims { user_is, style, ..claims(&host) }.written();
            let flags: Vec<_> = ["use_username", "use_email"]
                .into_iter()
                .filter(|name| tail.contains(&format!("<Attribute Name=\"{name}\"><AttributeValue>true<")))
                .collect();
            assert_eq!(flags.first().copied(), attribute);
            assert_eq!(flags.len(), usize::from(attribute.is_some()));
        }
    }

    /// What is hashed is the document without the signature; what is signed is `SignedInfo` as it stands. Whether that
    /// is also what others canonicalize it to, only others can say: `tests/judges/saml_verify.py`.
    #[test]
    fn digest_and_signature_are_over_the_bytes_sent() {
        let (host, key) = (host(), key());
        let signed = claims(&host).signed(&key, None).expect("signed");
        let signature = format!("<Signature{}</Signature>", between(&signed, "<Signature", "</Signature>"));
        let unsigned = signed.replace(&signature, "");
        let digest = STANDARD.encode(digest(&SHA256, unsigned.as_bytes()));
        assert_eq!(between(&signed, "<DigestValue>", "</DigestValue>"), digest);

        let info = format!("<SignedInfo{}</SignedInfo>", between(&signed, "<SignedInfo", "</SignedInfo>"));
        let value = STANDARD.decode(between(&signed, "<SignatureValue>", "</SignatureValue>")).expect("base64");
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key());
        public.verify(info.as_bytes(), &value).expect("signature");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever a user or a client is called, a parser that is not ours reads the same names back, and one subject.
        #[test]
        fn names_come_back_as_they_were(user in "\\PC{1,40}", client in "\\PC{1,40}", issuer in any::<bool>()) {
            prop_assume!(user.chars().chain(client.chars()).all(is_xml));
            let host = host();
            let style = if issuer { AssertionStyle::Issuer } else { AssertionStyle::ApiKey };
            let claims = Claims { user: &user, client_id: &client, style, ..claims(&host) };
            let signed = claims.signed(&key(), None).expect("signed");
            let document = roxmltree::Document::parse(&signed).expect("XML");
            let texts = |name: &str| -> Vec<_> {
                document.descendants().filter(|node| node.has_tag_name((SAML, name))).map(|node| node.text()).collect()
            };
            prop_assert_eq!(texts("NameID"), [Some(user.as_str())]);
            let named = if issuer { "Issuer" } else { "AttributeValue" };
            prop_assert_eq!(texts(named), [Some(client.as_str())]);
        }
    }

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(text("a\u{0}b\u{b}c\rd\u{ffff}"), "abc&#xD;d");
        assert_eq!(attribute("a\"b\tc\nd>"), "a&quot;b&#x9;c&#xA;d>");
    }
}
