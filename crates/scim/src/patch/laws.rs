//! What holds for every PATCH.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::place::Resource;
use crate::{Asked, PatchOp, Registry, Rules, Shape, Tolerance, urn};

fn user() -> Shape {
    Registry::standard().shape("User").unwrap().clone()
}

const PATHS: [&str; 15] = [
    "title",
    "active",
    "name",
    "name.givenName",
    "emails",
    "emails.type",
    r#"emails[type eq "work"]"#,
    r#"emails[type eq "work"].value"#,
    r#"emails[value eq "a" or primary eq true].primary"#,
    "groups",
    "schemas",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    "userName",
];

fn value() -> impl Strategy<Value = Json> {
    let text = prop::sample::select(&["a", "b", "work", "home", ""][..]);
    let element = (prop::option::of(text.clone()), prop::option::of(text.clone()), prop::option::of(any::<bool>()))
        .prop_map(|(value, kind, primary)| json!({"value": value, "type": kind, "primary": primary}));
    prop_oneof![
        text.clone().prop_map(Json::from),
        any::<bool>().prop_map(Json::from),
        Just(Json::Null),
        Just(json!([])),
        element.clone(),
        prop::collection::vec(element, 1..3).prop_map(Json::from),
        text.clone().prop_map(|text| json!({"givenName": text, "familyName": null})),
        text.clone().prop_map(|text| json!({"manager": {"value": text}, "department": text})),
        text.prop_map(|text| json!({"emails": [{"value": text}], "title": text, "active": true})),
    ]
}

fn operation() -> impl Strategy<Value = Asked> {
    let op = prop::sample::select(&[PatchOp::Add, PatchOp::Replace, PatchOp::Remove][..]);
    let path = prop::option::weighted(0.9, prop::sample::select(&PATHS[..]));
    (op, path, value()).prop_map(|(op, path, value)| Asked {
        op,
        path: path.map(str::to_owned),
        value: (op != PatchOp::Remove).then_some(value),
    })
}

fn start() -> Resource {
    let user = json!({"schemas": [urn::USER], "id": "1", "userName": "bj", "groups": [{"value": "g"}],
        "emails": [{"value": "a", "type": "work", "primary": true}, {"value": "b"}], "name": {"givenName": "B"}});
    user.as_object().cloned().unwrap()
}

fn hollow(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty() || items.iter().any(hollow),
        Json::Object(members) => members.is_empty() || members.values().any(hollow),
        _ => false,
    }
}

fn is_sound(user: &Resource) -> bool {
    let primaries = |value: &Json| {
        value.as_array().is_none_or(|items| items.iter().filter(|item| item["primary"] == true).count() <= 1)
    };
    user.values().all(|value| primaries(value) && !hollow(value))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn a_patch_done_twice_is_a_patch_done_once(operations in prop::collection::vec(operation(), 1..5), lenient in any::<bool>()) {
        let tolerance = || if lenient { Tolerance::lenient() } else { Tolerance::strict() };
        let shape = user();
        if let Ok(once) = shape.patch(&start(), &operations, Rules::default(), &mut tolerance()) {
            prop_assert!(is_sound(&once.resource), "{:?}", once.resource);
            prop_assert_eq!(once.changes.is_empty(), shape.changes(&start(), &once.resource).is_empty());
            // What only the server writes is as it was.
            prop_assert_eq!(&once.resource["id"], "1");
            prop_assert_eq!(&once.resource["groups"], &json!([{"value": "g"}]));
            // What is patched is what could have been posted.
            let checked = shape.check(&once.resource, Rules::default(), &mut Tolerance::strict());
            prop_assert!(checked.is_ok(), "{:?}: {:?}", checked, once.resource);
            // One operation alone says what its place is to be; said again it changes nothing. Only brackets may choose
            // something else the second time, when the operation changed what they ask for.
            let stable = |path: &str| !path.contains('[') || path == r#"emails[type eq "work"].value"#;
            if let [one] = operations.as_slice()
                && one.path.as_deref().is_none_or(stable)
            {
                let twice = shape.patch(&once.resource, &operations, Rules::default(), &mut tolerance());
                let twice = twice.unwrap_or_else(|error| panic!("{error}: {one:?} {:?}", once.resource));
                prop_assert!(twice.changes.is_empty(), "{:?} {:?} {:?}", one, once.resource, twice.changes);
            }
        }
    }

    #[test]
    fn any_path_is_answered(path in "[a-z\\[\\]. \"$:]{0,30}", value in value()) {
        let asked = Asked { op: PatchOp::Replace, path: Some(path), value: Some(value) };
        let _ = user().patch(&start(), &[asked], Rules::default(), &mut Tolerance::lenient());
    }
}
