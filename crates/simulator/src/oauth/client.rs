//! OAuth clients, as an administrator registers them.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use crate::saml::{KeyError, PublicKey};

/// Why a client cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// What was given as its certificate or public key is none.
    #[error("client {client_id}: {source}")]
    Key {
        /// The client.
        client_id: String,
        /// What is wrong with it.
        source: KeyError,
    },
    /// No key pair could be made.
    #[error("no key pair could be generated")]
    Generate,
}

/// A registered OAuth client ("Manage OAuth2 Client Applications").
#[derive(Clone, Debug)]
pub struct Client {
    /// The API key.
    pub client_id: String,
    /// The application's name.
    pub name: String,
    pub(crate) key: PublicKey,
    /// The userIds it may act for; empty means everybody.
    pub users: Vec<String>,
}

/// The private half of a generated key pair.
#[derive(Debug)]
pub struct ClientKey {
    /// PKCS#8, as PEM.
    pub private_pem: SecretString,
}

impl Client {
    /// A client whose assertions are signed with the key of this certificate or public key: PEM, or the base64 body.
    ///
    /// # Errors
    /// [`ClientError::Key`] when it is neither.
    pub fn new(client_id: impl Into<String>, certificate: &str) -> Result<Self, ClientError> {
        let client_id = client_id.into();
        match PublicKey::from_text(certificate) {
            Ok(key) => Ok(Self { name: client_id.clone(), client_id, key, users: Vec::new() }),
            Err(source) => Err(ClientError::Key { client_id, source }),
        }
    }

    /// A client with a key pair of 2048 bits made now; the private half is for whoever shall sign in.
    ///
    /// # Errors
    /// [`ClientError::Generate`].
    pub fn generate(client_id: impl Into<String>) -> Result<(Self, ClientKey), ClientError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| ClientError::Generate)?;
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| ClientError::Generate)?;
        let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| ClientError::Generate)?;
        let client_id = client_id.into();
        let key = PublicKey::from_der(public.as_ref()).map_err(|_| ClientError::Generate)?;
        let client = Self { name: client_id.clone(), client_id, key, users: Vec::new() };
        Ok((client, ClientKey { private_pem: pem(private.as_ref()).into() }))
    }
}

fn pem(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut out = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in body.as_bytes().chunks(64) {
        out.extend(line.iter().map(|&byte| char::from(byte)));
        out.push('\n');
    }
    out.push_str("-----END PRIVATE KEY-----\n");
    out
}
