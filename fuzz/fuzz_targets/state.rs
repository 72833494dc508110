//! A saved company is loaded or refused, damaged or not; what was loaded can be saved and loaded again.
#![no_main]

use std::sync::LazyLock;

use joinery_simulator::world::{Seed, World};
use libfuzzer_sys::fuzz_target;

/// A whole file: what is random lies inside it.
static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let now = "2026-11-21T12:00:00Z".parse().expect("an instant");
    World::generate(&Seed::new(1, 10, now)).save()
});

fuzz_target!(|bytes: &[u8]| {
    let _ = World::load(bytes);
    // Three bytes say where, the fourth what stands there.
    let mut damaged = WHOLE.clone();
    for edit in bytes.chunks_exact(4) {
        let at = usize::from(edit[0]) | usize::from(edit[1]) << 8 | usize::from(edit[2]) << 16;
        let at = at % damaged.len();
        damaged[at] = edit[3];
    }
    if let Ok(world) = World::load(&damaged) {
        // Not as the same: a damaged text may be known by two names, one of which is forgotten.
        assert!(World::load(&world.save()).is_ok(), "what was saved can be loaded");
    }
});
