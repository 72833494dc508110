//! The private key that signs assertions.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};

use secrecy::SecretString;

use crate::{SettingError, pem};

pub(crate) const SETTING: &str = "private_key";

/// An RSA key of 2048 to 8192 bits. Clones share it; `Debug` shows its size only.
#[derive(Clone)]
pub struct SigningKey(Arc<RsaKeyPair>);

impl SigningKey {
    /// From RFC 5958 `PrivateKeyInfo`.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, SettingError> {
        Self::checked(RsaKeyPair::from_pkcs8(der).ok())
    }

    /// From RFC 8017 `RSAPrivateKey`.
    pub(crate) fn from_pkcs1(der: &[u8]) -> Result<Self, SettingError> {
        Self::checked(RsaKeyPair::from_der(der).ok())
    }

    fn checked(pair: Option<RsaKeyPair>) -> Result<Self, SettingError> {
        let pair = pair.ok_or_else(|| {
            SettingError::new(
                SETTING,
                "is no usable RSA key: SuccessFactors takes RSA of 2048 bits or more, no elliptic curves; `joinery keys \
                 new` makes one",
            )
        })?;
        Ok(Self(Arc::new(pair)))
    }

    /// The size in bits.
    pub fn bits(&self) -> usize {
        self.0.public_modulus_len() * 8
    }

    /// PKCS#8, as PEM.
    pub(crate) fn pkcs8(&self) -> Result<SecretString, SettingError> {
        let der: Pkcs8V1Der<'_> =
            self.0.as_der().map_err(|_| SettingError::new(SETTING, "cannot be written as PKCS#8"))?;
        Ok(pem::written("PRIVATE KEY", der.as_ref()).into())
    }

    /// RFC 8017 `RSAPublicKey`, DER.
    pub fn public_key(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2) over `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SettingError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SettingError::new(SETTING, "could not sign; make a new pair with `joinery keys new`"))?;
        Ok(signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(RSA, {} bits)", self.bits())
    }
}
