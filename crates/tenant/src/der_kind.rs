//! What a DER file is, by its outermost shape: enough to say which file was taken for which.

/// The kinds of file that people keep beside a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DerKind {
    /// RFC 5958 `PrivateKeyInfo`: INTEGER, then SEQUENCE.
    Pkcs8,
    /// RFC 8017 `RSAPrivateKey`: INTEGER, then INTEGER, nine of them.
    Pkcs1,
    /// RFC 5958 `EncryptedPrivateKeyInfo`: a SEQUENCE that starts with an object identifier, then OCTET STRING.
    EncryptedPkcs8,
    /// RFC 7292 `PFX`: INTEGER 3, then SEQUENCE.
    Pkcs12,
    /// RFC 5280 `Certificate` (or a request for one, RFC 2986): SEQUENCE, SEQUENCE, BIT STRING.
    Certificate,
    /// RFC 5280 `SubjectPublicKeyInfo` (SEQUENCE, BIT STRING) or RFC 8017 `RSAPublicKey` (two INTEGERs).
    PublicKey,
    /// RFC 5915 `ECPrivateKey`: INTEGER, then OCTET STRING.
    EllipticCurve,
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// The kind of `der`, or `None` when it is none of them.
pub(crate) fn der_kind(der: &[u8]) -> Option<DerKind> {
    let (SEQUENCE, inside, _) = element(der)? else { return None };
    let (first, first_inside, rest) = element(inside)?;
    let (second, _, rest) = element(rest)?;
    let third = element(rest).map(|(tag, _, _)| tag);
    match (first, second, third) {
        (INTEGER, INTEGER, Some(INTEGER)) => Some(DerKind::Pkcs1),
        (INTEGER, INTEGER, None) | (SEQUENCE, BIT_STRING, _) => Some(DerKind::PublicKey),
        (INTEGER, SEQUENCE, _) if first_inside == [3] => Some(DerKind::Pkcs12),
        (INTEGER, SEQUENCE, _) => Some(DerKind::Pkcs8),
        (INTEGER, OCTET_STRING, _) => Some(DerKind::EllipticCurve),
        (SEQUENCE, OCTET_STRING, _) if first_inside.first() == Some(&OBJECT_ID) => Some(DerKind::EncryptedPkcs8),
        (SEQUENCE, SEQUENCE, Some(BIT_STRING)) => Some(DerKind::Certificate),
        _ => None,
    }
}

/// Tag, contents and what follows. BER's indefinite length, which PKCS#12 files may use, runs to the end.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = match short {
        0x80 => (rest.len(), rest),
        0..0x80 => (usize::from(short), rest),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
            if digits.len() > 4 {
                return None;
            }
            (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest)
        }
    };
    let (inside, rest) = rest.split_at_checked(length)?;
    Some((tag, inside, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kinds_by_shape() {
        for (der, kind) in [
            (&[0x30, 6, 2, 1, 0, 0x30, 1, 0][..], Some(DerKind::Pkcs8)),
            (&[0x30, 6, 2, 1, 3, 0x30, 1, 0], Some(DerKind::Pkcs12)),
            (&[0x30, 0x80, 2, 1, 3, 0x30, 0x80, 0, 0], Some(DerKind::Pkcs12)),
            (&[0x30, 9, 2, 1, 0, 2, 1, 5, 2, 1, 3], Some(DerKind::Pkcs1)),
            (&[0x30, 6, 2, 1, 5, 2, 1, 3], Some(DerKind::PublicKey)),
            (&[0x30, 0x81, 6, 0x30, 1, 6, 3, 1, 0], Some(DerKind::PublicKey)),
            (&[0x30, 7, 0x30, 2, 6, 0, 4, 1, 0], Some(DerKind::EncryptedPkcs8)),
            (&[0x30, 7, 0x30, 0, 0x30, 0, 3, 1, 0], Some(DerKind::Certificate)),
            (&[0x30, 6, 2, 1, 1, 4, 1, 0], Some(DerKind::EllipticCurve)),
            (&[0x31, 0], None),
            (&[0x30, 0x88, 1], None),
            (&[], None),
        ] {
            assert_eq!(der_kind(der), kind, "{der:?}");
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = der_kind(&bytes);
        }
    }
}
