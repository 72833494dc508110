//! A batch is read or refused; what was read is written and read again as the same.

#![no_main]

use joinery_odata::batch::{Limits, Part, free_boundary, read_requests, read_responses, write_requests};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = read_responses("b", bytes, Limits::default());
    let Ok(parts) = read_requests("b", bytes, Limits::default()) else { return };
    let bodies: Vec<&[u8]> = parts
        .iter()
        .flat_map(|part| match part {
            Part::Single(one) => std::slice::from_ref(one),
            Part::Changeset(all) => all.as_slice(),
        })
        .map(|request| request.body.as_slice())
        .collect();
    // Heads may hold the boundary too; a long one of another alphabet stands in none of them by chance.
    let boundary = free_boundary("joinery-fuzz-boundary", &bodies);
    if bytes.windows(13).any(|window| window == b"joinery-fuzz-") {
        return;
    }
    let written = write_requests(&boundary, &parts);
    assert_eq!(read_requests(&boundary, &written, Limits { messages: 2000, headers: 128 }), Ok(parts));
});
