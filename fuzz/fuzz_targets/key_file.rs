//! Keys and certificates as they are pasted and sent: PEM, DER, one line of base64, PKCS#12. Read or refused; a refusal
//! never repeats what was in the file.
#![no_main]

use joinery_tenant::{Certificate, KeyFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = KeyFile::read(bytes, None);
    if let Ok(certificate) = Certificate::read(bytes) {
        let again = Certificate::read(certificate.der()).expect("what was read can be read again");
        assert_eq!(again.der(), certificate.der());
    }
});
