//! Addresses of entities: no panic, and what is read prints as what reads back.
#![no_main]

use joinery_odata::EntityAddress;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(read) = EntityAddress::parse(text) {
        let printed = read.to_string();
        let again = EntityAddress::parse(&printed).expect("what is printed can be read");
        assert!(again == read || printed.contains("NaN") || printed.contains("INF"));
    }
});
