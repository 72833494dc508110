//! `joinery keys new`: a key pair and its self-signed certificate.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SerialNumber};
use secrecy::SecretString;

use crate::SettingError;
use crate::certificate::Certificate;

const LONGEST: SignedDuration = SignedDuration::from_hours(3650 * 24);

/// How large a key to make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeySize {
    /// 2048 bits.
    Bits2048,
    /// 3072 bits, good beyond 2030 (NIST SP 800-57 part 1, table 4).
    #[default]
    Bits3072,
    /// 4096 bits.
    Bits4096,
}

/// What to make.
#[derive(Clone, Debug)]
pub struct KeyWish {
    /// The certificate's common name: names the pair in the tenant's list, say `joinery ACME`.
    pub name: String,
    /// The key's size.
    pub size: KeySize,
    /// When it is made. The certificate counts from an hour before, for clocks that differ.
    pub now: Timestamp,
    /// How long the certificate lasts.
    pub lasts: SignedDuration,
}

/// A pair as made.
#[derive(Debug)]
pub struct MadeKey {
    /// The private key, PKCS#8 PEM: for a file that only we may read.
    pub private_key: SecretString,
    /// The certificate, PEM: for `certificate`, whose expiry is watched.
    pub certificate_pem: String,
    /// The certificate's body without BEGIN and END lines, on one line: for the field "X.509 Certificate" of "Manage
    /// OAuth2 Client Applications".
    pub certificate_body: String,
    /// The certificate.
    pub certificate: Certificate,
}

/// Makes a key and its certificate. Takes up to some seconds for 4096 bits.
///
/// # Errors
/// When the validity is out of range or the random source fails.
pub fn make_key(wish: &KeyWish) -> Result<MadeKey, SettingError> {
    let failed = |_| SettingError::new("key", "could not be made; try again");
    let pair = KeyPair::generate_rsa_for(
        &PKCS_RSA_SHA256,
        match wish.size {
            KeySize::Bits2048 => RsaKeySize::_2048,
            KeySize::Bits3072 => RsaKeySize::_3072,
            KeySize::Bits4096 => RsaKeySize::_4096,
        },
    )
    .map_err(failed)?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, wish.name.trim());
    let mut params = CertificateParams::default();
    params.distinguished_name = subject;
    let until = wish
        .now
        .checked_add(wish.lasts)
        .ok()
        .filter(|_| wish.lasts <= LONGEST)
        .ok_or_else(|| SettingError::new("days", "is too long; give at most 3650"))?;
    // rcgen speaks another crate's time; its epoch plus a duration says the same.
    let date_time = |at: Timestamp| {
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(at.as_second()).unwrap_or_default())
    };
    params.not_before = date_time(wish.now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(wish.now));
    params.not_after = date_time(until);
    params.serial_number = Some(SerialNumber::from(wish.now.as_millisecond().unsigned_abs()));
    let made = params.self_signed(&pair).map_err(failed)?;
    let certificate = Certificate::from_der(made.der())?;
    Ok(MadeKey {
        private_key: pair.serialize_pem().into(),
        certificate_pem: made.pem(),
        certificate_body: certificate.body(),
        certificate,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Expiry;
    use crate::key_file::KeyFile;
    use secrecy::ExposeSecret as _;

    fn wish(size: KeySize, days: i64) -> KeyWish {
        KeyWish {
            name: "joinery ACME".to_owned(),
            size,
            now: "2026-11-21T10:00:00Z".parse().expect("time"),
            lasts: SignedDuration::from_hours(24 * days),
        }
    }

    #[test]
    fn a_pair_fits_together_and_lasts_as_long_as_wished() {
        let made = make_key(&wish(KeySize::Bits2048, 730)).expect("pair");
        let key = KeyFile::read(made.private_key.expose_secret().as_bytes(), None).expect("key").key;
        assert_eq!(key.bits(), 2048);
        assert_eq!(made.certificate.check_key(&key), Ok(()));
        assert_eq!(made.certificate.not_after().to_string(), "2028-11-20T10:00:00Z");
        assert_eq!(made.certificate.not_before().to_string(), "2026-11-21T09:00:00Z");

        let read = Certificate::read(made.certificate_pem.as_bytes()).expect("PEM");
        assert_eq!(read, made.certificate);
        assert_eq!(Certificate::read(made.certificate_body.as_bytes()).expect("body"), read);
        assert!(!made.certificate_body.contains(['-', '\n', ' ']), "no markers, one line");

        let month = SignedDuration::from_hours(24 * 30);
        let at = |text: &str| read.expiry(text.parse().expect("time"), month);
        assert_eq!(at("2026-11-22T10:00:00Z"), Expiry::Good { days: 729 });
        assert_eq!(at("2028-11-10T10:00:00Z"), Expiry::Soon { days: 10 });
        assert_eq!(at("2028-11-20T10:00:00Z"), Expiry::Expired);
        assert!(matches!(at("2026-11-20T10:00:00Z"), Expiry::NotYet(_)));
    }

    #[test]
    fn a_pair_does_not_show_its_key() {
        let made = make_key(&wish(KeySize::Bits2048, 1)).expect("pair");
        let body: String = made.private_key.expose_secret().lines().skip(1).take(1).collect();
        assert!(!format!("{made:?}").contains(&body));
    }

    #[test]
    fn a_validity_beyond_ten_years_is_refused() {
        assert_eq!(make_key(&wish(KeySize::Bits2048, 4000)).expect_err("too long").setting, "days");
    }
}
