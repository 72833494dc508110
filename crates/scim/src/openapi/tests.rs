use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::*;
use crate::urn;

fn document() -> Json {
    let about = About {
        title: "SCIM".into(),
        version: "2.0".into(),
        server: "https://example.com/scim/{connection}/v2".into(),
        verbs: vec![Verbs::all("User"), Verbs { replace: true, patch: true, ..Verbs::read_only("Group") }],
        bulk: true,
        me: true,
        cursors: true,
    };
    Registry::standard().openapi(&about)
}

fn references<'a>(value: &'a Json, found: &mut BTreeSet<&'a str>) {
    match value {
        Json::Object(members) => {
            found.extend(members.get("$ref").and_then(Json::as_str));
            members.values().for_each(|value| references(value, found));
        }
        Json::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_has_a_name_of_its_own() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 20, "{found:?}");
    for reference in found {
        let place = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{reference}");
    }
    let mut names = BTreeSet::new();
    for operation in document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
    {
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{operation}");
    }
}

#[test]
fn what_cannot_be_done_is_not_in_it_and_attributes_are_as_the_registry_has_them() {
    let document = document();
    let paths = &document["paths"];
    assert!(paths["/Users"].get("post").is_some() && paths["/Users/{id}"].get("delete").is_some());
    assert!(paths["/Groups"].get("post").is_none() && paths["/Groups/{id}"].get("delete").is_none());
    assert!(paths["/Groups/{id}"].get("patch").is_some() && paths["/Groups/.search"].get("post").is_some());
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["User"]["required"], serde_json::json!(["userName"]));
    assert_eq!(schemas["User"]["properties"]["password"]["writeOnly"], true);
    assert_eq!(schemas["User"]["properties"]["groups"]["readOnly"], true);
    assert_eq!(schemas["User"]["properties"]["emails"]["items"]["properties"]["primary"]["type"], "boolean");
    assert!(schemas["UserResource"]["allOf"][1]["properties"].get(urn::ENTERPRISE_USER).is_some());
    assert_eq!(document["servers"][0]["variables"]["connection"]["default"], "connection");
    let less = Registry::standard().without("User", &["nickName"]).unwrap().openapi(&About::default());
    assert!(less["components"]["schemas"]["User"]["properties"].get("nickName").is_none());
    assert!(less["paths"].get("/Bulk").is_none() && less["paths"]["/Users"].get("post").is_none());
}
