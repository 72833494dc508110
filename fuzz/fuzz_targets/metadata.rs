//! Metadata and error bodies: no panic, and what is read prints as what reads back.
#![no_main]

use joinery_odata::{Metadata, ServerError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(read) = Metadata::parse(bytes) {
        Metadata::parse(read.to_xml().as_bytes()).expect("what is printed can be read");
    }
    let error = ServerError::read(bytes);
    let _ = (error.invalid_properties(), error.to_xml(), error.to_string());
});
