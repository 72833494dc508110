//! Private keys as people have them: PEM in three kinds, one line of base64, DER, PKCS#12.

use p12_keystore::Pkcs12Archive;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Decode as _;
use secrecy::{ExposeSecret, SecretString};

use crate::certificate::Certificate;
use crate::der_kind::{DerKind, der_kind};
use crate::key::{SETTING, SigningKey};
use crate::pem::{self, Section};
use crate::{SettingError, key_legacy};

const PASSWORD: &str = "private_key_password";

/// What a key file holds.
#[derive(Clone, Debug)]
pub struct KeyFile {
    /// The key.
    pub key: SigningKey,
    /// Its certificate, when it lies beside the key (PKCS#12, a PEM bundle). One of another key is left out.
    pub certificate: Option<Certificate>,
    /// The other certificates beside that one, in the file's order: what it descends from. Empty without it.
    pub chain: Vec<Certificate>,
}

impl KeyFile {
    /// Reads a key: PEM (PKCS#1, PKCS#8, encrypted PKCS#8, the older `Proc-Type` encryption), DER of the same, one line
    /// of base64 without markers, or PKCS#12 (binary or base64).
    ///
    /// # Errors
    /// Says what was found in place of a key, and how to get one: a certificate, a public key, a client secret, a key
    /// of another algorithm, a wrong or missing password.
    pub fn read(bytes: &[u8], password: Option<&SecretString>) -> Result<Self, SettingError> {
        if der_kind(bytes).is_some() {
            return Self::from_der(bytes, password);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| {
            wrong("is in no known format; give PEM or PKCS#12 (a Java keystore: export it with keytool as PKCS12)")
        })?;
        let text = pem::straightened(text);
        if text.is_empty() {
            return Err(wrong("is empty"));
        }
        let sections = pem::sections(&text);
        if !sections.is_empty() {
            return Self::from_pem(&sections, password);
        }
        match pem::decoded(&text) {
            Some(der) if der_kind(&der).is_some() => Self::from_der(&der, password),
            _ if text.len() < 400 => Err(wrong(
                "is no private key: it looks like a password or a client secret. SuccessFactors knows no client secret; \
                 SAML bearer signs with a private key whose certificate is registered under Manage OAuth2 Client \
                 Applications. `joinery keys new` makes both",
            )),
            _ => Err(wrong("is damaged: neither PEM nor base64 of a private key")),
        }
    }

    fn from_pem(sections: &[Section], password: Option<&SecretString>) -> Result<Self, SettingError> {
        let Some(section) = sections.iter().find(|section| section.label.ends_with("PRIVATE KEY")) else {
            let first = &sections[0];
            return Err(match first.der.as_deref().and_then(der_kind) {
                // Some tools mark every base64 as a certificate; what it is decides.
                Some(DerKind::Pkcs8 | DerKind::Pkcs1 | DerKind::EncryptedPkcs8) => {
                    wrong(&format!("is marked {}; mark it PRIVATE KEY", first.label))
                }
                _ if first.label.ends_with("CERTIFICATE REQUEST") => {
                    wrong("holds a certificate request; give the private key that was made before it")
                }
                Some(kind) => not_a_key(kind),
                None => wrong(&format!("holds a {} where a PRIVATE KEY is expected", first.label)),
            });
        };
        if section.label.starts_with("OPENSSH") {
            return Err(wrong("is in OpenSSH's own format; convert a copy: ssh-keygen -p -m PEM -f copy.pem"));
        }
        let der =
            section.der.as_deref().ok_or_else(|| wrong("is damaged: what stands between its markers is no base64"))?;
        let key = match section.header("DEK-Info") {
            Some(info) => SigningKey::from_pkcs1(&key_legacy::decrypt(info, der, required(password)?)?)?,
            None => Self::from_der(der, password)?.key,
        };
        let certificates = sections.iter().filter(|section| section.label.ends_with("CERTIFICATE"));
        let beside = certificates.filter_map(|section| Certificate::from_der(section.der.as_deref()?).ok()).collect();
        Ok(Self::with(key, beside))
    }

    fn from_der(der: &[u8], password: Option<&SecretString>) -> Result<Self, SettingError> {
        let key = match der_kind(der) {
            Some(DerKind::Pkcs8) => SigningKey::from_pkcs8(der)?,
            Some(DerKind::Pkcs1) => SigningKey::from_pkcs1(der)?,
            Some(DerKind::EncryptedPkcs8) => decrypted(der, required(password)?)?,
            Some(DerKind::Pkcs12) => return Self::from_pkcs12(der, password),
            Some(kind) => return Err(not_a_key(kind)),
            None => return Err(wrong("is damaged: its base64 holds no key")),
        };
        Ok(Self::with(key, Vec::new()))
    }

    fn from_pkcs12(der: &[u8], password: Option<&SecretString>) -> Result<Self, SettingError> {
        let archive = Pkcs12Archive::from_pkcs12(der, password.map_or("", ExposeSecret::expose_secret))
            .map_err(|error| pkcs12_error(&error, password.is_some()))?;
        let key = match archive.keys.as_slice() {
            [bag] => SigningKey::from_pkcs8(bag.key.as_der())?,
            [] => return Err(wrong("is a PKCS#12 file without a private key; export it again with its key")),
            _ => return Err(wrong("is a PKCS#12 file with several private keys; export the one alone")),
        };
        let beside = archive.certs.iter().filter_map(|bag| Certificate::from_der(bag.cert.as_der()).ok()).collect();
        Ok(Self::with(key, beside))
    }

    /// A key with the certificates that lie beside it.
    fn with(key: SigningKey, mut beside: Vec<Certificate>) -> Self {
        let own = beside.iter().position(|certificate| certificate.check_key(&key).is_ok());
        let certificate = own.map(|own| beside.remove(own));
        // Another certificate of the same key (a renewed one) is none that this one descends from.
        beside.retain(|other| certificate.is_some() && other.check_key(&key).is_err());
        Self { key, certificate, chain: beside }
    }
}

fn pkcs12_error(error: &p12_keystore::error::Error, has_password: bool) -> SettingError {
    use p12_keystore::error::Error;
    match error {
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) if has_password => wrong_password(),
        Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_) => missing_password(),
        _ => wrong(
            "is a PKCS#12 file of a kind that cannot be read; convert it: openssl pkcs12 -in old.p12 -nodes -out key.pem",
        ),
    }
}

fn decrypted(der: &[u8], password: &SecretString) -> Result<SigningKey, SettingError> {
    let info = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|_| unknown_encryption())?;
    if !matches!(info.encryption_algorithm, pkcs8::pkcs5::EncryptionScheme::Pbes2(_)) {
        return Err(unknown_encryption());
    }
    let plain = info.decrypt(password.expose_secret()).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::UnsupportedAlgorithm { .. }) => unknown_encryption(),
        _ => wrong_password(),
    })?;
    // A wrong password may by chance leave a valid padding; then the plain text is no key.
    if der_kind(plain.as_bytes()) != Some(DerKind::Pkcs8) {
        return Err(wrong_password());
    }
    SigningKey::from_pkcs8(plain.as_bytes())
}

fn not_a_key(kind: DerKind) -> SettingError {
    wrong(match kind {
        DerKind::Certificate => {
            "is a certificate, not the private key. The certificate is what SuccessFactors gets (Manage OAuth2 Client \
             Applications); here belongs the private key that was made together with it. `joinery keys new` makes both"
        }
        DerKind::PublicKey => "is a public key; give the private key of the pair",
        DerKind::EllipticCurve => "is an elliptic-curve key; SuccessFactors takes RSA of 2048 bits or more",
        DerKind::Pkcs8 | DerKind::Pkcs1 | DerKind::EncryptedPkcs8 | DerKind::Pkcs12 => "is marked as something else",
    })
}

fn wrong(message: &str) -> SettingError {
    SettingError::new(SETTING, message)
}

fn required(password: Option<&SecretString>) -> Result<&SecretString, SettingError> {
    password.ok_or_else(missing_password)
}

fn missing_password() -> SettingError {
    SettingError::new(PASSWORD, "is not set, and private_key is encrypted; give its password")
}

pub(crate) fn wrong_password() -> SettingError {
    SettingError::new(PASSWORD, "does not open private_key; check the password (and blanks at its ends)")
}

pub(crate) fn unknown_encryption() -> SettingError {
    wrong(
        "is encrypted in a way that cannot be read; convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in old.pem -out \
         new.pem",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;
    use std::path::Path;

    /// The files are made by `tests/keys/make.sh` with OpenSSL 3.
    fn file(name: &str) -> Vec<u8> {
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name)).expect(name)
    }

    fn password() -> SecretString {
        "open sesame".into()
    }

    fn der(name: &str) -> Vec<u8> {
        pem::sections(&String::from_utf8(file(name)).expect("text")).remove(0).der.expect("base64")
    }

    fn refusal(bytes: &[u8], password: Option<&SecretString>) -> String {
        KeyFile::read(bytes, password).expect_err("no key").to_string()
    }

    #[test]
    fn every_form_gives_the_same_key() {
        let expected = KeyFile::read(&file("pkcs1.pem"), None).expect("PKCS#1").key.public_key().to_vec();
        let one_line = |der: Vec<u8>| STANDARD.encode(der).into_bytes();
        let forms: [(&str, Vec<u8>); 17] = [
            ("PKCS#8 PEM", file("pkcs8.pem")),
            ("PKCS#8 DER", der("pkcs8.pem")),
            ("PKCS#1 DER", der("pkcs1.pem")),
            ("PKCS#8 one line", one_line(der("pkcs8.pem"))),
            ("PKCS#1 one line", one_line(der("pkcs1.pem"))),
            ("PKCS#8 AES-256", file("pkcs8-aes256.pem")),
            ("PKCS#8 AES-256 one line", one_line(der("pkcs8-aes256.pem"))),
            ("PKCS#8 3DES, HMAC-SHA-1", file("pkcs8-des3-sha1.pem")),
            ("legacy AES-128", file("legacy-aes128.pem")),
            ("legacy AES-192", file("legacy-aes192.pem")),
            ("legacy AES-256", file("legacy-aes256.pem")),
            ("legacy 3DES", file("legacy-des3.pem")),
            ("PKCS#12", file("modern.p12")),
            ("PKCS#12, old algorithms", file("legacy.p12")),
            ("PKCS#12 one line", one_line(file("modern.p12"))),
            ("PKCS#12 without certificate", file("no-certificate.p12")),
            ("certificate before key", [file("certificate.pem"), file("pkcs8.pem")].concat()),
        ];
        for (form, bytes) in forms {
            let read = KeyFile::read(&bytes, Some(&password())).unwrap_or_else(|error| panic!("{form}: {error}"));
            assert_eq!(read.key.public_key(), expected, "{form}");
        }
    }

    #[test]
    fn the_certificate_beside_a_key_is_found() {
        for bytes in [file("modern.p12"), file("legacy.p12"), [file("pkcs8.pem"), file("certificate.pem")].concat()] {
            let read = KeyFile::read(&bytes, Some(&password())).expect("key");
            assert_eq!(read.certificate, Certificate::read(&file("certificate.pem")).ok());
        }
        let bundle = [file("pkcs8.pem"), file("authority.pem"), file("certificate.pem"), file("root.pem")].concat();
        let chain = ["authority.pem", "root.pem"].map(|name| Certificate::read(&file(name)).expect(name));
        for bytes in [bundle, file("chain.p12")] {
            let read = KeyFile::read(&bytes, Some(&password())).expect("key");
            assert_eq!(read.certificate, Certificate::read(&file("certificate.pem")).ok());
            assert_eq!(read.chain, chain, "what it descends from");
        }
        let strange = [file("other.pem"), file("certificate.pem")].concat();
        assert_eq!(KeyFile::read(&strange, None).expect("key").certificate, None);
    }

    #[test]
    fn what_is_no_key_is_explained() {
        let secret = b"8f2kd93kdls03kfd93kfla9";
        for (bytes, part) in [
            (file("certificate.pem"), "is a certificate, not the private key"),
            (der("certificate.pem"), "is a certificate, not the private key"),
            (STANDARD.encode(der("certificate.pem")).into_bytes(), "is a certificate, not the private key"),
            (file("public.pem"), "public key"),
            (file("request.pem"), "certificate request"),
            (secret.to_vec(), "client secret"),
            (STANDARD.encode(secret).into_bytes(), "client secret"),
            (file("elliptic-sec1.pem"), "RSA"),
            (file("elliptic-pkcs8.pem"), "RSA"),
            (file("small.pem"), "2048"),
            (b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----".to_vec(), "ssh-keygen"),
            (b"-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----".to_vec(), "damaged"),
            (b"".to_vec(), "empty"),
            (b"\xfe\xed\xfe\xed\0\0".to_vec(), "keytool"),
            (file("no-key.p12"), "without a private key"),
        ] {
            let error = refusal(&bytes, Some(&password()));
            assert!(error.starts_with("private_key ") && error.contains(part), "{part}: {error}");
            assert!(!error.contains("8f2kd93"), "quotes what it was given");
        }
    }

    #[test]
    fn a_missing_and_a_wrong_password_are_told_apart() {
        let wrong: SecretString = "sesame".into();
        for name in [
            "pkcs8-aes256.pem",
            "pkcs8-des3-sha1.pem",
            "legacy-aes256.pem",
            "legacy-des3.pem",
            "modern.p12",
            "legacy.p12",
        ] {
            let missing = refusal(&file(name), None);
            assert!(missing.starts_with("private_key_password is not set"), "{name}: {missing}");
            let bad = refusal(&file(name), Some(&wrong));
            assert!(bad.starts_with("private_key_password does not open"), "{name}: {bad}");
        }
        let error = refusal(&file("pkcs8-pbes1.pem"), Some(&password()));
        assert!(error.contains("openssl pkcs8 -topk8"), "{error}");
    }

    #[test]
    fn a_certificate_of_another_key_is_told() {
        let key = KeyFile::read(&file("other.pem"), None).expect("key").key;
        let certificate = Certificate::read(&file("certificate.pem")).expect("certificate");
        assert!(certificate.check_key(&key).expect_err("two pairs").to_string().contains("does not belong"));
        let error = Certificate::read(&file("pkcs8.pem")).expect_err("a key");
        assert!(error.to_string().contains("PRIVATE KEY where a CERTIFICATE"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        /// A damaged file is an error or still a key, never a panic; and the error is about the key.
        #[test]
        fn no_damage_panics(
            name in prop::sample::select(vec!["pkcs8.pem", "pkcs1.pem", "certificate.pem", "public.pem"]),
            at in any::<prop::sample::Index>(),
            with in any::<u8>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = der(name);
            let place = at.index(bytes.len());
            bytes[place] ^= with;
            let cut = bytes.len() - cut.index(8);
            for damaged in [&bytes[..], &bytes[..cut]] {
                if let Err(error) = KeyFile::read(damaged, None) {
                    prop_assert!(error.setting.starts_with("private_key"), "{}", error);
                }
                let _ = Certificate::read(damaged);
            }
        }
    }

    #[test]
    fn debug_shows_the_size_only() {
        let read = KeyFile::read(&file("pkcs8.pem"), None).expect("key");
        assert_eq!(format!("{:?}", read.key), "SigningKey(RSA, 2048 bits)");
    }
}
