//! Atom is read or refused; what was read is written and read again as the same.

#![no_main]

use joinery_odata::atom::Document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::parse(bytes) else { return };
    let written = document.to_xml("https://host/odata/v2/");
    let again = Document::parse(written.as_bytes()).expect("what was written is readable");
    // An empty `updated` is written as the beginning of time, and a second writing changes nothing.
    assert_eq!(again.to_xml("https://host/odata/v2/"), written);
});
