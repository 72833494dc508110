//! PATCH bodies: no panic, what only the server writes stays, and what comes out is what could have been posted.
#![no_main]

use std::sync::LazyLock;

use joinery_scim::{Registry, Resource, Rules, Tolerance, read_body, read_patch};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fn user() -> Resource {
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1", "userName": "a", "groups": [{"value": "g"}],
        "name": {"givenName": "G"}, "emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "b@x"}]});
    user.as_object().cloned().unwrap_or_default()
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::standard);

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = read_body(bytes) else { return };
    let registry = &*REGISTRY;
    let Some(shape) = registry.shape("User") else { return };
    for tolerance in [Tolerance::strict(), Tolerance::lenient()] {
        let mut tolerance = tolerance;
        let Ok(operations) = read_patch(&body, &mut tolerance) else { continue };
        let Ok(done) = shape.patch(&user(), &operations, Rules::default(), &mut tolerance) else { continue };
        assert_eq!((&done.resource["id"], &done.resource["groups"]), (&json!("1"), &json!([{"value": "g"}])));
        let posted = shape.check(&done.resource, Rules::default(), &mut Tolerance::strict());
        assert!(posted.is_ok(), "{posted:?}");
        assert_eq!(done.changes.is_empty(), shape.changes(&user(), &done.resource).is_empty());
    }
});
