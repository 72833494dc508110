//! Bodies of POST and PUT: no panic; what is taken is taken again as it is; what is put twice changes nothing the second time.
#![no_main]

use std::sync::LazyLock;

use joinery_scim::{Absent, Attribute, ETag, Registry, Resource, Rules, Schema, Tolerance, read_body};
use libfuzzer_sys::fuzz_target;
use serde_json::Value as Json;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::standard);

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = read_body(bytes) else { return };
    let _ = (ETag::of(bytes), Schema::read(&body), Attribute::read(&Json::Object(body.clone())));
    let registry = &*REGISTRY;
    for shape in registry.shapes() {
        for (rules, tolerance) in [
            (Rules::default(), Tolerance::strict()),
            (Rules { canonical_only: true, ..Rules::default() }, Tolerance::lenient()),
        ] {
            let mut tolerance = tolerance;
            let Ok(asserted) = shape.check(&body, rules, &mut tolerance) else { continue };
            let again = shape.check(&asserted.resource, rules, &mut Tolerance::strict());
            assert_eq!(again.map(|again| again.resource).as_ref(), Ok(&asserted.resource));
            for absent in [Absent::Cleared, Absent::Kept] {
                let Ok(once) = shape.replace(&Resource::new(), &asserted, absent) else { continue };
                let twice = shape.replace(&once.resource, &asserted, absent);
                assert!(twice.is_ok_and(|twice| twice.changes.is_empty()));
            }
        }
    }
});
