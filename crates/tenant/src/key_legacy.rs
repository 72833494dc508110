//! Keys encrypted the old way: PEM with `Proc-Type: 4,ENCRYPTED` (RFC 1421) and the key derivation of OpenSSL's
//! `EVP_BytesToKey` (one round of MD5).
//!
//! Weak by today's measure, but what `openssl genrsa -aes256` wrote for twenty years.

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey,
};
use cbc::cipher::{BlockModeDecrypt as _, KeyIvInit as _, block_padding::Pkcs7};
use md5::{Digest as _, Md5};
use secrecy::{ExposeSecret as _, SecretString};

use crate::SettingError;
use crate::der_kind::{DerKind, der_kind};
use crate::key_file::{unknown_encryption, wrong_password};

/// The RFC 8017 key inside `encrypted`; `info` is the value of `DEK-Info`: `AES-256-CBC,<iv in hex>`.
pub(crate) fn decrypt(info: &str, encrypted: &[u8], password: &SecretString) -> Result<Vec<u8>, SettingError> {
    let (name, iv) = info.split_once(',').ok_or_else(unknown_encryption)?;
    let iv = unhex(iv.trim()).filter(|iv| iv.len() >= 8).ok_or_else(unknown_encryption)?;
    let key = |length| bytes_to_key(password.expose_secret().as_bytes(), &iv[..8], length);
    let plain = match name.trim() {
        "AES-128-CBC" => aes(&AES_128, &key(16), &iv, encrypted),
        "AES-192-CBC" => aes(&AES_192, &key(24), &iv, encrypted),
        "AES-256-CBC" => aes(&AES_256, &key(32), &iv, encrypted),
        "DES-EDE3-CBC" => triple_des(&key(24), &iv, encrypted),
        _ => return Err(unknown_encryption()),
    };
    // A wrong password may by chance leave a valid padding; then the plain text is no key.
    plain.filter(|plain| der_kind(plain) == Some(DerKind::Pkcs1)).ok_or_else(wrong_password)
}

fn aes(algorithm: &'static Algorithm, key: &[u8], iv: &[u8], encrypted: &[u8]) -> Option<Vec<u8>> {
    let context = DecryptionContext::Iv128(<&[u8; 16]>::try_from(iv).ok()?.into());
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
    let mut buffer = encrypted.to_vec();
    key.decrypt(&mut buffer, context).ok().map(|plain| plain.to_vec())
}

fn triple_des(key: &[u8], iv: &[u8], encrypted: &[u8]) -> Option<Vec<u8>> {
    cbc::Decryptor::<des::TdesEde3>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<Pkcs7>(encrypted).ok()
}

/// `D(n) = MD5(D(n-1) ‖ password ‖ salt)`, strung together.
fn bytes_to_key(password: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
    let mut key = Vec::with_capacity(length + 16);
    let mut last = Vec::new();
    while key.len() < length {
        last = Md5::new().chain_update(&last).chain_update(password).chain_update(salt).finalize().to_vec();
        key.extend_from_slice(&last);
    }
    key.truncate(length);
    key
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    text.is_ascii().then_some(())?;
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
