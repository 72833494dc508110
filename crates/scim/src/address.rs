//! Ids in addresses: whatever they are made of, they are one step of a path (RFC 3986, section 2).

use crate::Shape;

/// The id as one step of a path.
pub fn encode_id(id: &str) -> String {
    let mut step = String::with_capacity(id.len());
    for byte in id.bytes() {
        // A step of dots alone would mean another place.
        let plain = byte.is_ascii_alphanumeric()
            || b"-_~".contains(&byte)
            || (byte == b'.' && !id.trim_matches('.').is_empty());
        if plain {
            step.push(byte as char);
        } else {
            step.push_str(&format!("%{byte:02X}"));
        }
    }
    step
}

/// The id that a step of a path means; `None` when it is not percent-encoded as it should be, or no UTF-8.
pub fn decode_id(step: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(step.len());
    let mut rest = step.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push((high * 16 + low) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

impl Shape {
    /// The address of a resource: for `meta.location`, `Location` and `$ref`. `base` is the service's address without a slash at its end.
    pub fn location(&self, base: &str, id: &str) -> String {
        format!("{base}{}/{}", self.kind.endpoint, encode_id(id))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_is_one_step_whatever_it_is_made_of() {
        let registry = crate::Registry::standard();
        let user = registry.shape("User").unwrap();
        assert_eq!(user.location("https://x/v2", "a/b ü"), "https://x/v2/Users/a%2Fb%20%C3%BC");
        assert_eq!((encode_id(".."), encode_id("a.b")), ("%2E%2E".into(), "a.b".into()));
        assert_eq!((decode_id("%2"), decode_id("%zz"), decode_id("%ff")), (None, None, None));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_encoded_is_decoded(id in "\\PC{0,12}") {
            let step = encode_id(&id);
            prop_assert!(!step.contains(['/', '?', '#', ' ']));
            prop_assert_eq!(decode_id(&step), Some(id));
        }
    }
}
