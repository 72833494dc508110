//! A client that proves who it is by a signed JWT (RFC 7523 sections 2.2 and 3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::json;

use crate::SettingError;
use crate::key::SigningKey;

/// `client_assertion_type` of such a client.
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds that it counts for.
const LIFE: i64 = 300;
/// Seconds before its making from which it counts, for clocks that differ.
const EARLIER: i64 = 60;

/// The assertion of `client_id` for the token endpoint at `audience`; `id` makes it differ from every other.
///
/// # Errors
/// When the key cannot sign.
pub(crate) fn signed(
    key: &SigningKey,
    client_id: &str,
    audience: &str,
    at: Timestamp,
    id: &str,
) -> Result<String, SettingError> {
    let header = json!({"alg": "RS256", "typ": "JWT"});
    let now = at.as_second();
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": id,
        "iat": now - EARLIER,
        "exp": now + LIFE,
    });
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let content = format!("{}.{}", part(&header), part(&claims));
    let signature = key.sign(content.as_bytes())?;
    Ok(format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyFile;
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    #[test]
    fn it_says_who_for_whom_and_until_when_and_is_signed() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys/pkcs8.pem");
        let key = KeyFile::read(&std::fs::read(path).expect("file"), None).expect("key").key;
        let at: Timestamp = "2026-11-21T10:00:00Z".parse().expect("time");
        let jwt = signed(&key, "app", "https://ias.example/oauth2/token", at, "_1").expect("signed");
        let (content, signature) = jwt.rsplit_once('.').expect("three parts");
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key())
            .verify(content.as_bytes(), &decode(signature))
            .expect("the signature fits");
        let claims = content.split('.').nth(1).expect("claims");
        let claims: serde_json::Value = serde_json::from_slice(&decode(claims)).expect("JSON");
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!("app"), &json!("app")));
        assert_eq!(claims["aud"], "https://ias.example/oauth2/token");
        assert_eq!(claims["exp"].as_i64().expect("exp"), at.as_second() + 300);
    }
}
