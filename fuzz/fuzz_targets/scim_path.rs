//! Attribute names and PATCH paths, projections and orders: no panic, and what is shown is a part that shows itself again.
#![no_main]

use std::sync::LazyLock;

use joinery_scim::{PageLimits, Path, Registry, Resource, Search, Tolerance};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fn user() -> Resource {
    let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1", "userName": "a", "password": "p",
        "name": {"givenName": "G", "familyName": "F"}, "emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "b@x"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "2"}, "department": "D"}});
    user.as_object().cloned().unwrap_or_default()
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::standard);

fuzz_target!(|text: &str| {
    let registry = &*REGISTRY;
    let Some(shape) = registry.shape("User") else { return };
    let names: Vec<String> = text.split(',').map(str::to_owned).collect();
    for (attributes, excluded) in [(&names[..], &[][..]), (&[][..], &names[..])] {
        if let Ok(projection) = shape.projection(attributes, excluded, &mut Tolerance::lenient()) {
            let shown = shape.project(&user(), &projection);
            assert!(shown.contains_key("id") && !shown.contains_key("password"));
            assert_eq!(shape.project(&shown, &projection), shown);
        }
    }
    if let Ok(by) = shape.sort_by(text, None, &mut Tolerance::lenient()) {
        assert_eq!(by.compare(&by.key(&user()), &by.key(&user())), std::cmp::Ordering::Equal);
    }
    if let Ok(path) = Path::read(text, &mut Tolerance::lenient()) {
        let printed = path.to_string();
        assert_eq!(printed.parse::<Path>().as_ref(), Ok(&path), "{printed}");
    }
    let limits = PageLimits { default: 100, most: 200, cursors: true };
    let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    if let Ok(search) = Search::of_query(pairs, limits) {
        assert!(search.paging.count() <= 200);
    }
});
