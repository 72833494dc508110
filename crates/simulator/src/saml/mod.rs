//! SAML 2.0 assertions as OAuth clients bring them: the signature verified, then the claims read.
//!
//! The key is the one that was registered for the client; a key or certificate inside the assertion is never looked
//! at. What is verified is what is read: the signature must cover the root element, and the claims are taken from
//! that same root along fixed paths, so that a second assertion, or one hidden inside the signature, says nothing.

mod algorithm;
mod c14n;
mod claims;
mod key;
mod verify;

pub use claims::Claims;
pub use key::{KeyError, PublicKey};
pub use verify::SamlError;

/// Namespace of SAML 2.0 assertions.
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// Namespace of XML signatures.
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// The largest assertion that is looked at, in bytes of XML.
const LARGEST: usize = 256 * 1024;
/// The deepest nesting of elements that is looked at.
const DEEPEST: usize = 64;

/// Verifies the signature of the assertion in `xml` with `key` and reads its claims.
///
/// # Errors
/// [`SamlError`] when it is not one signed SAML 2.0 assertion, the signature does not match, or a claim is missing
/// or malformed. The error never quotes the assertion.
pub fn open(xml: &[u8], key: &PublicKey) -> Result<Claims, SamlError> {
    if xml.len() > LARGEST {
        return Err(SamlError::Unreadable("larger than 256 KiB"));
    }
    let text = std::str::from_utf8(xml).map_err(|_| SamlError::Unreadable("not UTF-8"))?;
    let document = parse(text)?;
    verify::verify(&document, key)?;
    claims::read(document.root_element())
}

fn parse(text: &str) -> Result<roxmltree::Document<'_>, SamlError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A document type could define entities and default attributes: roxmltree refuses it unless told otherwise.
    let document = roxmltree::Document::parse(text).map_err(|_| SamlError::Unreadable("not well-formed XML"))?;
    if !c14n::within_depth(document.root(), DEEPEST) {
        return Err(SamlError::Unreadable("nested too deeply"));
    }
    // XML 1.0, section 2.6: no processing instruction is called so. roxmltree takes `<?xml=…?>` for one, which would
    // be a declaration once it is written.
    let reserved = |node: roxmltree::Node<'_, '_>| node.pi().is_some_and(|pi| pi.target.eq_ignore_ascii_case("xml"));
    if document.descendants().any(reserved) {
        return Err(SamlError::Unreadable("not well-formed XML"));
    }
    Ok(document)
}

/// Text of an element or an attribute, in canonical form.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The canonical form of a whole document by the algorithm of that URI (Canonical XML 1.0 or 1.1, Exclusive XML
/// Canonicalization 1.0, each with or without comments); `None` for another algorithm.
///
/// # Errors
/// [`SamlError::Unreadable`] when it is no well-formed XML or nested too deeply.
pub fn canonical(xml: &str, algorithm: &str) -> Result<Option<Vec<u8>>, SamlError> {
    let document = parse(xml)?;
    Ok(c14n::Method::named(algorithm).map(|method| method.apply(document.root(), None, true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! fixtures {
        ($($name:literal),* $(,)?) => {
            [$(($name, include_str!(concat!("../../fixtures/saml/", $name, ".xml")))),*]
        };
    }

    const SIGNED: [(&str, &str); 10] = fixtures![
        "xmlsec1-issuer-empty-inclusive-sha1",
        "xmlsec1-issuer-id-inclusive11-sha256",
        "xmlsec1-api_key-id-exclusive-sha256",
        "xmlsec1-api_key-id-prefixes-sha512",
        "xmlsec1-api_key-empty-inclusive-sha512",
        "signxml-issuer-empty-inclusive-sha1",
        "signxml-issuer-id-inclusive11-sha256",
        "signxml-api_key-id-exclusive-sha256",
        "signxml-api_key-id-prefixes-sha512",
        "signxml-api_key-empty-inclusive-sha512",
    ];

    fn key() -> PublicKey {
        PublicKey::from_text(include_str!("../../fixtures/saml/client.crt.pem")).unwrap()
    }

    /// One of them, without its XML declaration, so that it can be put into another document.
    fn with_id() -> &'static str {
        let xml = SIGNED[2].1;
        &xml[xml.find("<saml2:Assertion").unwrap()..]
    }

    /// Everything from the first `start` to the end of the first `end` after it.
    fn cut<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
        let from = text.find(start).unwrap();
        let to = from + text[from..].find(end).unwrap() + end.len();
        &text[from..to]
    }

    #[test]
    fn assertions_of_two_other_signers_are_accepted_and_read() {
        for (name, xml) in SIGNED {
            let claims = open(xml.as_bytes(), &key()).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(claims.name_id, "OBRIEN&SONS<é>", "{name}");
            assert_eq!(claims.audiences, ["www.successfactors.com"], "{name}");
            assert_eq!(claims.recipient.as_deref(), Some("https://localhost/oauth/token"), "{name}");
            assert_eq!(claims.not_on_or_after, "2026-11-21T12:10:00Z".parse().unwrap(), "{name}");
            let client = if name.contains("api_key") { claims.attribute("api_key") } else { Some(&*claims.issuer) };
            assert_eq!(client, Some("c2ltdWxhdG9y"), "{name}");
            assert_eq!(claims.flag("use_username"), name.contains("prefixes"), "{name}");
        }
    }

    #[test]
    fn a_changed_word_anywhere_is_refused() {
        let mut changed = 0;
        for (name, xml) in SIGNED {
            for (from, to, why) in [
                ("OBRIEN", "OTHER", SamlError::Digest),
                ("12:10:00.000Z", "13:10:00.000Z", SamlError::Digest),
                ("Version=\"2.0\"", "Version=\"2.0\" Extra=\"\"", SamlError::Digest),
                ("<saml2:Conditions", " <saml2:Conditions", SamlError::Digest),
                ("<saml2:Subject>", "<saml2:Subject><?x?>", SamlError::Digest),
                ("xmldsig-more#rsa-sha256", "xmldsig-more#rsa-sha512", SamlError::Signature),
                ("PrefixList=\"xs xsi\"", "PrefixList=\"xsi xs\"", SamlError::Signature),
            ] {
                let tampered = xml.replacen(from, to, 1);
                if tampered != xml {
                    assert_eq!(open(tampered.as_bytes(), &key()).unwrap_err(), why, "{name}: {from}");
                    changed += 1;
                }
            }
        }
        assert!(changed > 50, "{changed}");
    }

    #[test]
    fn a_right_digest_under_a_foreign_signature_is_refused() {
        let other = SIGNED[7].1;
        let ours = cut(with_id(), "<SignatureValue>", "</SignatureValue>");
        let theirs = cut(other, "<ds:SignatureValue>", "</ds:SignatureValue>").replace("ds:", "");
        let swapped = with_id().replace(ours, &theirs);
        assert_eq!(open(swapped.as_bytes(), &key()).unwrap_err(), SamlError::Signature);
    }

    /// The attacks of "On Breaking SAML: Be Whoever You Want to Be" (USENIX Security 2012): what is signed is kept,
    /// and a second assertion, or a second place for it, is offered to the reader.
    #[test]
    fn signature_wrapping_is_refused() {
        let signed = with_id();
        let signature = cut(signed, "<Signature", "</Signature>");
        let original = signed.replacen(signature, "", 1);
        let forged = original.replace("OBRIEN", "ADMIN");
        let into =
            |outer: &str, inner: &str| outer.replace("</saml2:Assertion>", &format!("{inner}</saml2:Assertion>"));
        let object = |inner: &str| signature.replace("</Signature>", &format!("<Object>{inner}</Object></Signature>"));
        let renamed = forged.replace("_6e1f2a7c0d", "_other");
        let attacks = [
            into(&renamed, signed),
            into(&renamed, &format!("{original}{signature}")),
            into(&forged, &format!("{original}{signature}")),
            into(&renamed, &object(&original)),
            into(&forged, &object(&original)),
            into(&renamed, &signature.replace("<KeyInfo>", &format!("<KeyInfo>{original}"))),
            into(&renamed, signature),
            format!("<r>{forged}{signed}</r>"),
        ];
        for (number, attack) in attacks.iter().enumerate() {
            let refused = open(attack.as_bytes(), &key());
            assert!(matches!(refused, Err(SamlError::Form(_) | SamlError::Digest)), "attack {number}: {refused:?}");
        }
    }

    /// A comment is no part of the signed form, so it must not be able to cut a name short (CVE-2017-11427 and kin).
    #[test]
    fn a_comment_in_a_name_does_not_shorten_it() {
        let commented = with_id().replace("OBRIEN&amp;", "OBRIEN<!-- -->&amp;");
        assert_ne!(commented, with_id());
        assert_eq!(open(commented.as_bytes(), &key()).unwrap().name_id, "OBRIEN&SONS<é>");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(512))]

        /// One byte changed, put in or taken out: refused, or nothing that is read has changed.
        #[test]
        fn no_edit_changes_what_is_read(which in 0..SIGNED.len(), at: proptest::sample::Index, byte: u8, edit in 0..3) {
            let key = key();
            let mut bytes = SIGNED[which].1.as_bytes().to_vec();
            let claims = open(&bytes, &key).unwrap();
            let at = at.index(bytes.len());
            match edit {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
            if let Ok(read) = open(&bytes, &key) {
                proptest::prop_assert!(read == claims);
            }
        }

        /// Whatever the text, the answer is an error and no panic.
        #[test]
        fn no_text_panics(text in "(<|>|/|\"| |a|é|xmlns|:|=|&#13;|<!--|-->|<saml2:Assertion|Signature){0,40}") {
            proptest::prop_assert!(open(text.as_bytes(), &key()).is_err());
        }
    }

    #[test]
    fn what_is_not_one_signed_assertion_is_refused() {
        let signed = with_id();
        let unsigned = signed.replacen(cut(signed, "<Signature", "</Signature>"), "", 1);
        let reference = cut(signed, "<Reference", "</Reference>");
        for (xml, what) in [
            (unsigned, "no signature"),
            (format!("<!DOCTYPE a [<!ENTITY x \"y\">]>{signed}"), "a document type"),
            (signed.replacen(reference, &format!("{reference}{reference}"), 1), "two references"),
            (signed.replacen(reference, "", 1), "no reference"),
            (signed.replace("#_6e1f2a7c0d", "#other"), "a reference to nothing"),
            (signed.replace("#_6e1f2a7c0d", "http://localhost/x"), "a reference outside"),
            (signed.replace("#enveloped-signature", "#enveloped"), "an unknown transform"),
            (signed.replace("#rsa-sha256", "#hmac-sha256"), "an unknown algorithm"),
            (signed.replacen("<saml2:Subject>", "<saml2:Subject ID=\"_6e1f2a7c0d\">", 1), "an ID given twice"),
            ("<a>".repeat(100) + &"</a>".repeat(100), "deep nesting"),
            (format!("<?xml=version=\"1.0\"?>{signed}"), "an instruction that is called xml"),
            (String::new(), "nothing"),
        ] {
            let refused = open(xml.as_bytes(), &key());
            assert!(matches!(refused, Err(SamlError::Form(_) | SamlError::Unreadable(_))), "{what}: {refused:?}");
        }
    }
}
