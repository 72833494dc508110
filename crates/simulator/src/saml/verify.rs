//! The enveloped signature of an assertion (XML Signature 1.1; SAML 2.0 Core section 5.4).

use aws_lc_rs::{constant_time, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node};

use super::c14n::Method;
use super::{DSIG, PublicKey, SAML, algorithm};

const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// Why an assertion is refused. Says nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamlError {
    /// It cannot be read at all.
    #[error("the assertion cannot be read: {0}")]
    Unreadable(&'static str),
    /// The signature is missing, of an unsupported form, or does not cover the root element alone.
    #[error("the signature of the assertion is not acceptable: {0}")]
    Form(&'static str),
    /// The content is not what was signed.
    #[error("the digest of the assertion does not match")]
    Digest,
    /// The signature was not made with the client's key.
    #[error("the signature of the assertion does not match the client's key")]
    Signature,
    /// The signature is right, but a claim is missing or malformed.
    #[error("the assertion has no usable {0}")]
    Claim(&'static str),
}

/// Verifies that the root element, an assertion, is what `key` signed.
pub(super) fn verify(document: &Document<'_>, key: &PublicKey) -> Result<(), SamlError> {
    let root = document.root_element();
    if !root.has_tag_name((SAML, "Assertion")) {
        return Err(SamlError::Form("the root element is not a SAML 2.0 assertion"));
    }
    if document.descendants().filter(|node| node.has_tag_name((SAML, "Assertion"))).count() != 1 {
        return Err(SamlError::Form("more than one assertion"));
    }
    let mut signatures = document.descendants().filter(|node| node.has_tag_name((DSIG, "Signature")));
    let signature = signatures.next().ok_or(SamlError::Form("no signature"))?;
    if signatures.next().is_some() || signature.parent() != Some(root) {
        return Err(SamlError::Form("the signature must be one, a child of the assertion"));
    }
    let parts: Vec<Node<'_, '_>> = signature.children().filter(Node::is_element).collect();
    let (signed_info, value) = match parts.as_slice() {
        [info, value] | [info, value, _] if dsig(*info, "SignedInfo") && dsig(*value, "SignatureValue") => {
            (*info, *value)
        }
        _ => return Err(SamlError::Form("SignedInfo, SignatureValue and at most KeyInfo are expected")),
    };
    if parts.get(2).is_some_and(|part| !dsig(*part, "KeyInfo")) {
        return Err(SamlError::Form("SignedInfo, SignatureValue and at most KeyInfo are expected"));
    }
    let parts: Vec<Node<'_, '_>> = signed_info.children().filter(Node::is_element).collect();
    let [method, signing, reference] = parts.as_slice() else {
        return Err(SamlError::Form("exactly one Reference is expected"));
    };
    if !dsig(*method, "CanonicalizationMethod") || !dsig(*signing, "SignatureMethod") || !dsig(*reference, "Reference")
    {
        return Err(SamlError::Form("SignedInfo has unexpected parts"));
    }

    check_reference(document, signature, *reference)?;

    let method = Method::of(*method).ok_or(SamlError::Form("unsupported canonicalisation"))?;
    let algorithm = signing.attribute("Algorithm").and_then(algorithm::signature);
    let algorithm = algorithm.ok_or(SamlError::Form("unsupported signature algorithm"))?;
    let bytes = decode(value).ok_or(SamlError::Form("SignatureValue is not base64"))?;
    if key.verifies(algorithm, &method.apply(signed_info, None, true), &bytes) {
        Ok(())
    } else {
        Err(SamlError::Signature)
    }
}

/// The reference must name the root element (or the whole document) and its digest must match.
fn check_reference(document: &Document<'_>, signature: Node<'_, '_>, reference: Node<'_, '_>) -> Result<(), SamlError> {
    let root = document.root_element();
    let apex = match reference.attribute("URI") {
        Some("") => document.root(),
        Some(uri) => {
            let id = uri.strip_prefix('#').ok_or(SamlError::Form("the Reference leads outside"))?;
            let named: Vec<Node<'_, '_>> = document.descendants().filter(|node| has_id(*node, id)).collect();
            if id.is_empty() || named != [root] {
                return Err(SamlError::Form("the Reference does not name the assertion, and only it"));
            }
            root
        }
        None => return Err(SamlError::Form("the Reference has no URI")),
    };
    let mut method = None;
    let mut enveloped = false;
    let mut algorithm = None;
    let mut value = None;
    for part in reference.children().filter(Node::is_element) {
        match part.tag_name().name() {
            "Transforms" if dsig(part, "Transforms") && algorithm.is_none() && !enveloped => {
                for transform in part.children().filter(Node::is_element) {
                    if !dsig(transform, "Transform") || method.is_some() {
                        return Err(SamlError::Form("unexpected transforms"));
                    }
                    if transform.attribute("Algorithm") == Some(ENVELOPED) && !enveloped {
                        enveloped = true;
                    } else {
                        // Canonicalisation comes last: what follows it would work on bytes, not on nodes.
                        method = Some(Method::of(transform).ok_or(SamlError::Form("unsupported transform"))?);
                    }
                }
            }
            "DigestMethod" if dsig(part, "DigestMethod") && algorithm.is_none() => {
                let named = part.attribute("Algorithm").and_then(algorithm::digest);
                algorithm = Some(named.ok_or(SamlError::Form("unsupported digest algorithm"))?);
            }
            "DigestValue" if dsig(part, "DigestValue") && value.is_none() => {
                value = Some(decode(part).ok_or(SamlError::Form("DigestValue is not base64"))?);
            }
            _ => return Err(SamlError::Form("the Reference has unexpected parts")),
        }
    }
    if !enveloped {
        return Err(SamlError::Form("the enveloped-signature transform is missing"));
    }
    let (Some(algorithm), Some(value)) = (algorithm, value) else {
        return Err(SamlError::Form("the Reference has no digest"));
    };
    let method = method.unwrap_or(Method::default_for_references());
    let found = digest::digest(algorithm, &method.apply(apex, Some(signature), false));
    constant_time::verify_slices_are_equal(found.as_ref(), &value).map_err(|_| SamlError::Digest)
}

fn dsig(node: Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name((DSIG, name))
}

/// Any spelling of an ID attribute counts, so that no second element can answer to the same name.
fn has_id(node: Node<'_, '_>, id: &str) -> bool {
    node.attributes().any(|a| a.name().eq_ignore_ascii_case("id") && a.value() == id)
}

fn decode(node: Node<'_, '_>) -> Option<Vec<u8>> {
    let text: String = super::claims::whole_text(node)?.split_ascii_whitespace().collect();
    STANDARD.decode(text).ok()
}
