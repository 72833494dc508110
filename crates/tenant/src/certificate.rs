//! X.509 certificates: whose key they hold and until when.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::SettingError;
use crate::der_kind::{DerKind, der_kind};
use crate::key::SigningKey;
use crate::pem;

const SETTING: &str = "certificate";

/// The certificate that was pasted into "Manage OAuth2 Client Applications".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    not_before: Timestamp,
    not_after: Timestamp,
    /// RFC 8017 `RSAPublicKey`, DER.
    public_key: Vec<u8>,
}

/// How long a certificate still lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Long enough.
    Good {
        /// Whole days left.
        days: i64,
    },
    /// Time to make and register the next one.
    Soon {
        /// Whole days left.
        days: i64,
    },
    /// Over.
    Expired,
    /// Not valid before this instant.
    NotYet(Timestamp),
}

impl Certificate {
    /// Reads a certificate: PEM, DER, or its base64 body without markers, as the administration page takes it. Of a
    /// chain the first one counts.
    ///
    /// # Errors
    /// When it is something else; a private key is named as such.
    pub fn read(bytes: &[u8]) -> Result<Self, SettingError> {
        if der_kind(bytes) == Some(DerKind::Certificate) {
            return Self::from_der(bytes);
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|_| SettingError::new(SETTING, "is neither PEM, DER nor base64; give the .crt or .pem file"))?;
        let text = pem::straightened(text);
        let sections = pem::sections(&text);
        if let Some(section) = sections.iter().find(|section| section.label.ends_with("CERTIFICATE")) {
            let der = section.der.as_deref().ok_or_else(|| {
                SettingError::new(SETTING, "is damaged: what stands between its markers is no base64")
            })?;
            return Self::from_der(der);
        }
        if let Some(section) = sections.first() {
            return Err(SettingError::new(
                SETTING,
                format!("holds a {} where a CERTIFICATE is expected; exchange the files", section.label),
            ));
        }
        match pem::decoded(&text) {
            Some(der) => Self::from_der(&der),
            None => Err(SettingError::new(SETTING, "is neither PEM nor base64; give the .crt or .pem file")),
        }
    }

    /// The certificates after the first of a PEM file: what that one descends from.
    pub(crate) fn rest_of_chain(bytes: &[u8]) -> Vec<Self> {
        let Ok(text) = std::str::from_utf8(bytes) else { return Vec::new() };
        let text = pem::straightened(text);
        let sections = pem::sections(&text);
        let certificates = sections.iter().filter(|section| section.label.ends_with("CERTIFICATE")).skip(1);
        certificates.filter_map(|section| Self::from_der(section.der.as_deref()?).ok()).collect()
    }

    /// Reads a DER certificate.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, SettingError> {
        let (_, parsed) = X509Certificate::from_der(der)
            .map_err(|_| SettingError::new(SETTING, "is no readable X.509 certificate; give the .crt or .pem file"))?;
        let instant = |seconds: i64| {
            Timestamp::from_second(seconds).map_err(|_| SettingError::new(SETTING, "has a validity out of all range"))
        };
        Ok(Self {
            not_before: instant(parsed.validity().not_before.timestamp())?,
            not_after: instant(parsed.validity().not_after.timestamp())?,
            public_key: parsed.public_key().subject_public_key.data.to_vec(),
            der: der.to_vec(),
        })
    }

    /// The instant after which it no longer counts.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// The instant before which it does not count yet.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// How long it still lasts, seen from `now`; `Soon` within the last `notice`.
    pub fn expiry(&self, now: Timestamp, notice: SignedDuration) -> Expiry {
        let left = self.not_after.duration_since(now);
        let days = left.as_hours() / 24;
        if now < self.not_before {
            Expiry::NotYet(self.not_before)
        } else if left <= SignedDuration::ZERO {
            Expiry::Expired
        } else if left <= notice {
            Expiry::Soon { days }
        } else {
            Expiry::Good { days }
        }
    }

    /// Whether it is the certificate of `key`.
    ///
    /// # Errors
    /// Says that key and certificate do not belong together.
    pub fn check_key(&self, key: &SigningKey) -> Result<(), SettingError> {
        if self.public_key == key.public_key() {
            return Ok(());
        }
        Err(SettingError::new(
            SETTING,
            "does not belong to private_key: they are of two different pairs. The tenant would refuse the signature; \
             give the certificate that was made together with this key",
        ))
    }

    /// The body as "Manage OAuth2 Client Applications" takes it: base64 without the BEGIN and END lines, which the page
    /// would make part of the certificate (SAP note 3146449).
    pub fn body(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// The bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}
