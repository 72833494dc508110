//! Bulk requests, whatever becomes of their operations: no panic, every operation at most once, no reference left in what is done.
#![no_main]

use std::collections::BTreeSet;

use joinery_scim::{BulkLimits, BulkOutcome, BulkRequest, BulkRun, Method, PageLimits, Search, Tolerance, read_body};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = read_body(bytes) else { return };
    let limits = PageLimits { default: 100, most: 200, cursors: true };
    let _ = Search::of_body(&body, limits, &mut Tolerance::lenient());
    let limits = BulkLimits { operations: 50, bytes: 1 << 20 };
    let Ok(request) = BulkRequest::read(&body, limits, &mut Tolerance::lenient()) else { return };
    let count = request.operations.len();
    let mut run = BulkRun::new(request, "https://example.com");
    let mut seen = BTreeSet::new();
    while let Some(call) = run.step() {
        assert!(seen.insert(call.at) && call.at < count);
        assert_eq!(call.id.is_none(), call.method == Method::Post);
        let outcome = match call.at % 3 {
            0 => BulkOutcome { status: 400, ..BulkOutcome::default() },
            _ => BulkOutcome { status: 201, id: Some(format!("id{}", call.at)), ..BulkOutcome::default() },
        };
        run.done(call.at, outcome);
    }
    let response = run.response();
    assert!(response["Operations"].as_array().is_some_and(|done| done.len() <= count));
});
