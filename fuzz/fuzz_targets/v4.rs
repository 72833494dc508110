//! Options, filters and keys of OData v4 are read or refused.

#![no_main]

use joinery_odata::v4::Options;
use joinery_odata::{EntityAddress, Expr};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Options::parse(text);
    let _ = EntityAddress::parse_v4(text);
    if let Ok(read) = Expr::parse_v4(text) {
        // The tree is v2's: what prints there reads back. As text, since NaN is like nothing, not even itself.
        let printed = read.to_string();
        assert_eq!(Expr::parse(&printed).map(|again| again.to_string()), Ok(printed));
    }
});
