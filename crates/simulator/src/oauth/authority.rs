//! A certificate authority of the simulated tenant's own: the server's certificate, and those of clients.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use secrecy::SecretString;

use super::ClientError;

/// SHA-256 of a certificate.
pub(crate) type Fingerprint = [u8; 32];

pub(crate) fn fingerprint(der: &[u8]) -> Fingerprint {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, der).as_ref());
    out
}

/// An authority that the simulated tenant trusts, and whose certificate its server shows.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
}

/// A certificate and its key, for a client.
#[derive(Debug)]
pub struct ClientCertificate {
    /// The certificate, PEM.
    pub certificate_pem: String,
    /// Its private key, PKCS#8 PEM.
    pub private_pem: SecretString,
    fingerprint: Fingerprint,
}

/// Signing in by client certificate, at a listener of its own: the `.cert.` host of a real tenant.
#[derive(Clone, Debug)]
pub struct MutualTls {
    pub(crate) authority: Arc<Authority>,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    pub(crate) mapping: BTreeMap<Fingerprint, String>,
}

impl ClientCertificate {
    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl MutualTls {
    /// At a free port of the loopback interface. No certificate is mapped yet.
    pub fn new(authority: Arc<Authority>) -> Self {
        Self { authority, listen: (Ipv4Addr::LOCALHOST, 0).into(), mapping: BTreeMap::new() }
    }

    /// Maps a certificate to a user, by login name ("X.509 Public Certificate Mapping").
    pub fn map(mut self, certificate: &ClientCertificate, login: impl Into<String>) -> Self {
        self.mapping.insert(certificate.fingerprint, login.into());
        self
    }
}

impl Authority {
    /// An authority made now.
    ///
    /// # Errors
    /// [`ClientError::Generate`].
    pub fn generate() -> Result<Self, ClientError> {
        let key = KeyPair::generate().map_err(failed)?;
        let mut params = named("joinery simulator test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // The server's clock is simulated and the client's is real: these count on every day that a test may play.
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(2100, 1, 1);
        let made = params.self_signed(&key).map_err(failed)?;
        Ok(Self { certificate: made.der().clone(), pem: made.pem(), issuer: Issuer::new(params, key) })
    }

    /// Its certificate, PEM: what clients must trust.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for a client, valid from the one instant until the other.
    ///
    /// # Errors
    /// [`ClientError::Generate`].
    pub fn issue(&self, login: &str, from: Timestamp, until: Timestamp) -> Result<ClientCertificate, ClientError> {
        // Clients of SuccessFactors have RSA keys.
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(failed)?;
        let mut params = named(login);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let date_time = |at: Timestamp| {
            rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(at.as_second()).unwrap_or_default())
        };
        (params.not_before, params.not_after) = (date_time(from), date_time(until));
        let made = params.signed_by(&key, &self.issuer).map_err(failed)?;
        Ok(ClientCertificate {
            fingerprint: fingerprint(made.der()),
            certificate_pem: made.pem(),
            private_pem: key.serialize_pem().into(),
        })
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    /// The server's certificate, for the loopback interface, and its key.
    pub(crate) fn server(&self) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), ClientError> {
        let key = KeyPair::generate().map_err(failed)?;
        let mut params = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()])
            .map_err(failed)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(2100, 1, 1);
        let made = params.signed_by(&key, &self.issuer).map_err(failed)?;
        Ok((made.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der()).into()))
    }
}

fn named(name: &str) -> CertificateParams {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    let mut params = CertificateParams::default();
    params.distinguished_name = subject;
    params
}

fn failed(_: rcgen::Error) -> ClientError {
    ClientError::Generate
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority")
    }
}
