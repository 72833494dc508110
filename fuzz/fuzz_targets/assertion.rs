//! Assertions and canonical XML: no panic, nothing forged is read, and a canonical form is its own canonical form.
#![no_main]

use std::sync::LazyLock;

use joinery_simulator::saml::{PublicKey, canonical, open};
use libfuzzer_sys::fuzz_target;

const METHODS: [&str; 6] = [
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
];

static KEY: LazyLock<PublicKey> = LazyLock::new(|| {
    PublicKey::from_text(include_str!("../../crates/simulator/fixtures/saml/client.crt.pem")).expect("the key")
});

fuzz_target!(|bytes: &[u8]| {
    // Whoever changes a signed assertion cannot make it mean another person.
    if let Ok(claims) = open(bytes, &KEY) {
        assert_eq!(claims.name_id, "OBRIEN&SONS<é>");
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        for method in METHODS {
            if let Ok(Some(once)) = canonical(text, method) {
                let once = String::from_utf8(once).expect("UTF-8");
                let twice = canonical(&once, method).expect("a canonical form is well-formed").expect("the method");
                assert!(once.as_bytes() == twice, "{method}: {once:?}");
            }
        }
        let _ = PublicKey::from_text(text);
    }
});
