//! The public key that was registered for a client.

use std::fmt;

use aws_lc_rs::signature::{
    ParsedPublicKey, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
    UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Why what was registered is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither PEM nor base64.
    #[error("not PEM and not base64: paste the certificate's body or the whole PEM file")]
    Encoding,
    /// A private key was given.
    #[error("this is a private key: register the certificate or the public key that belongs to it")]
    Private,
    /// Neither a certificate nor a public key with RSA inside.
    #[error("neither an X.509 certificate nor a public key, or not RSA of 1024 to 8192 bits")]
    NotRsa,
}

/// An RSA public key.
#[derive(Clone)]
pub struct PublicKey(Vec<u8>);

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey")
    }
}

impl PublicKey {
    /// Reads a certificate or a public key: PEM with its marker lines, or its base64 body without them, as
    /// "Manage OAuth2 Client Applications" takes it.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        if text.contains("PRIVATE KEY-----") {
            return Err(KeyError::Private);
        }
        let body: String = text.lines().filter(|line| !line.trim_start().starts_with("-----")).collect();
        let body: String = body.split_ascii_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| KeyError::Encoding)?;
        Self::from_der(&der)
    }

    /// Reads DER: an X.509 certificate, a SubjectPublicKeyInfo, or a PKCS#1 RSAPublicKey.
    ///
    /// # Errors
    /// [`KeyError::NotRsa`].
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        [certified_key(der), Some(der)]
            .into_iter()
            .flatten()
            .find(|der| ParsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, *der).is_ok())
            .map(|der| Self(der.to_vec()))
            .ok_or(KeyError::NotRsa)
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256, as JWTs are signed (RFC 7518 section 3.3).
    pub(crate) fn verifies_sha256(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifies(&RSA_PKCS1_2048_8192_SHA256, message, signature)
    }

    pub(super) fn verifies(&self, algorithm: &'static RsaParameters, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(algorithm, &self.0).verify(message, signature).is_ok()
    }
}

/// The SubjectPublicKeyInfo of a certificate: the seventh part of its first part, or the sixth when the version is
/// left out (RFC 5280 section 4.1).
fn certified_key(der: &[u8]) -> Option<&[u8]> {
    let (_, certificate, _) = element(der, 0x30)?;
    let (_, mut rest, _) = element(certificate, 0x30)?;
    if let Some((_, _, after)) = element(rest, 0xA0) {
        rest = after;
    }
    for tag in [0x02, 0x30, 0x30, 0x30, 0x30] {
        rest = element(rest, tag)?.2;
    }
    element(rest, 0x30).map(|(whole, ..)| whole)
}

/// One DER element with this tag: whole, its content, and what follows.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let length = if first < 0x80 {
        usize::from(first)
    } else {
        let count = usize::from(first & 0x7F);
        if count == 0 || count > 4 {
            return None;
        }
        let (digits, after) = rest.split_at_checked(count)?;
        rest = after;
        digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit))
    };
    let (content, after) = rest.split_at_checked(length)?;
    (found == tag).then(|| (&der[..der.len() - after.len()], content, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = include_str!("../../fixtures/saml/client.crt.pem");
    const PUBLIC: &str = include_str!("../../fixtures/saml/client.pub.pem");

    #[test]
    fn a_certificate_its_body_and_its_key_are_the_same_key() {
        let body: String = CERTIFICATE.lines().filter(|line| !line.starts_with('-')).collect();
        let keys = [CERTIFICATE, PUBLIC, &body].map(|text| PublicKey::from_text(text).unwrap().0);
        assert_eq!(keys[0], keys[1]);
        assert_eq!(keys[0], keys[2]);
    }

    #[test]
    fn what_is_not_a_public_key_is_named() {
        let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert_eq!(PublicKey::from_text(private).unwrap_err(), KeyError::Private);
        assert_eq!(PublicKey::from_text("client secret?").unwrap_err(), KeyError::Encoding);
        assert_eq!(PublicKey::from_text("AAAA").unwrap_err(), KeyError::NotRsa);
        assert_eq!(PublicKey::from_der(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]).unwrap_err(), KeyError::NotRsa);
    }
}
