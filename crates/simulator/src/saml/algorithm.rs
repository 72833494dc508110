//! The algorithms that are accepted, by the URIs that name them.

use aws_lc_rs::digest::{self, Algorithm};
use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, RsaParameters,
};

/// A digest by its URI: SHA-1 and SHA-256/512 (XML Signature 1.1 sections 6.2.1 to 6.2.5).
pub(super) fn digest(uri: &str) -> Option<&'static Algorithm> {
    match uri {
        "http://www.w3.org/2000/09/xmldsig#sha1" => Some(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        "http://www.w3.org/2001/04/xmlenc#sha256" => Some(&digest::SHA256),
        "http://www.w3.org/2001/04/xmlenc#sha512" => Some(&digest::SHA512),
        _ => None,
    }
}

/// An RSA signature (PKCS#1 v1.5) by its URI (XML Signature 1.1 section 6.4.2).
pub(super) fn signature(uri: &str) -> Option<&'static RsaParameters> {
    match uri {
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1" => Some(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => Some(&RSA_PKCS1_2048_8192_SHA256),
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => Some(&RSA_PKCS1_2048_8192_SHA512),
        _ => None,
    }
}
