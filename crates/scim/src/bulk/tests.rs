use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::{ScimError, ScimType, Tolerance, urn};

const LIMITS: BulkLimits = BulkLimits { operations: 10, bytes: 1_048_576 };

fn read(body: &Json) -> Result<BulkRequest, ScimError> {
    BulkRequest::read(body.as_object().unwrap(), LIMITS, &mut Tolerance::strict())
}

fn request(operations: &Json) -> Json {
    json!({"schemas": [urn::BULK_REQUEST], "Operations": operations})
}

/// Does it all: what a POST makes has the id `id-` and its bulkId, and fails where its data say so.
fn run(body: &Json) -> (Vec<BulkCall>, Json) {
    let mut run = BulkRun::new(read(body).unwrap(), "https://example.com/v2");
    let mut calls = Vec::new();
    while let Some(call) = run.step() {
        let fails = call.data.as_ref().is_some_and(|data| data.contains_key("fail"));
        let outcome = if fails {
            BulkOutcome::of_error(&ScimError::new(ScimType::InvalidSyntax, "no"), None)
        } else if call.method == Method::Post {
            let id = format!("id-{}", calls.len());
            let location = Some(format!("https://example.com/v2/{}/{id}", call.endpoint));
            BulkOutcome { status: 201, id: Some(id), location, ..BulkOutcome::default() }
        } else {
            BulkOutcome { status: if call.method == Method::Delete { 204 } else { 200 }, ..BulkOutcome::default() }
        };
        run.done(call.at, outcome);
        calls.push(call);
    }
    (calls, run.response())
}

fn post(endpoint: &str, id: &str, data: &Json) -> Json {
    json!({"method": "POST", "path": endpoint, "bulkId": id, "data": data})
}

/// RFC 7644, section 3.7.2: Alice and her group; Bob and his manager. The group may also stand first.
#[test]
fn references_become_ids_and_what_is_referred_to_comes_first() {
    let alice = post("/Users", "qwerty", &json!({"schemas": [urn::USER], "userName": "Alice"}));
    let group = post(
        "/Groups",
        "ytrewq",
        &json!({"schemas": [urn::GROUP], "displayName": "Tour Guides", "members": [{"type": "User", "value": "bulkId:qwerty"}]}),
    );
    for operations in [json!([alice, group]), json!([group, alice])] {
        let (calls, response) = run(&request(&operations));
        assert_eq!(calls[0].endpoint, "Users");
        assert_eq!(calls[1].data.as_ref().unwrap()["members"][0]["value"], "id-0");
        let bulk_ids: Vec<_> =
            response["Operations"].as_array().unwrap().iter().map(|done| done["bulkId"].clone()).collect();
        assert_eq!(bulk_ids, [operations[0]["bulkId"].clone(), operations[1]["bulkId"].clone()]);
    }
    let bob = post(
        "/Users",
        "b",
        &json!({"userName": "Bob", (urn::ENTERPRISE_USER): {"employeeNumber": "11250", "manager": {"value": "bulkId:qwerty"}}}),
    );
    let (calls, response) = run(&request(&json!([alice, bob])));
    assert_eq!(calls[1].data.as_ref().unwrap()[urn::ENTERPRISE_USER]["manager"]["value"], "id-0");
    assert_eq!(
        response["Operations"][0],
        json!({"location": "https://example.com/v2/Users/id-0", "method": "POST", "bulkId": "qwerty", "status": "201"})
    );
}

/// RFC 7644, section 3.7.1: a circle is 409, and what waits for it too; the rest is done.
#[test]
fn a_circle_is_a_conflict() {
    let of = |id: &str, member: &str| {
        post(
            "/Groups",
            id,
            &json!({"displayName": id, "members": [{"type": "Group", "value": format!("bulkId:{member}")}]}),
        )
    };
    let rest = post("/Users", "u", &json!({"userName": "u"}));
    let (calls, response) = run(&request(&json!([
        of("qwerty", "ytrewq"),
        of("ytrewq", "qwerty"),
        of("c", "qwerty"),
        of("self", "self"),
        rest
    ])));
    assert_eq!(calls.len(), 1);
    let statuses: Vec<_> =
        response["Operations"].as_array().unwrap().iter().map(|done| done["status"].clone()).collect();
    assert_eq!(statuses, ["409", "409", "409", "409", "201"]);
    assert_eq!(response["Operations"][0]["response"]["schemas"], json!([urn::ERROR]));
    assert!(response["Operations"][0].get("location").is_none());
}

/// RFC 7644, section 3.7.3: four kinds of operations; the first error ends it where the client says so.
#[test]
fn errors_end_it_where_the_client_says_so() {
    let mut body = request(&json!([
        post("/Users", "qwerty", &json!({"userName": "Alice"})),
        {"method": "PUT", "path": "/Users/b7c14771-226c-4d05-8860-134711653041", "version": "W/\"3694e05e9dff591\"", "data": {"userName": "Bob"}},
        {"method": "PATCH", "path": "/Users/5d8d29d3-342c-4b5f-8683-a3cb6763ffcc", "data": {"Operations": [{"op": "remove", "path": "nickName"}]}},
        {"method": "DELETE", "path": "/Users/e9025315-6bea-44e1-899c-1e07454e468b", "version": "W/\"0ee8add0a938e1a\""},
    ]));
    let (calls, response) = run(&body);
    assert_eq!(
        (calls[1].id.as_deref(), calls[1].version.as_deref()),
        (Some("b7c14771-226c-4d05-8860-134711653041"), Some("W/\"3694e05e9dff591\""))
    );
    let statuses: Vec<_> =
        response["Operations"].as_array().unwrap().iter().map(|done| done["status"].clone()).collect();
    assert_eq!(statuses, ["201", "200", "200", "204"]);
    assert_eq!(
        response["Operations"][3]["location"],
        "https://example.com/v2/Users/e9025315-6bea-44e1-899c-1e07454e468b"
    );
    body["Operations"][0]["data"]["fail"] = true.into();
    assert_eq!(run(&body).1["Operations"].as_array().unwrap().len(), 4);
    body["failOnErrors"] = 1.into();
    let (calls, response) = run(&body);
    assert_eq!(calls.len(), 1);
    assert_eq!(response["Operations"].as_array().unwrap().len(), 1);
    assert_eq!(response["Operations"][0]["response"]["status"], "400");
    body["failOnErrors"] = 2.into();
    assert_eq!(run(&body).1["Operations"].as_array().unwrap().len(), 4);
}

#[test]
fn what_was_not_made_cannot_be_referred_to() {
    let (calls, response) = run(&request(&json!([
        post("/Users", "a", &json!({"fail": true})),
        {"method": "PATCH", "path": "/Groups/g", "data": {"Operations": [{"op": "add", "path": "members[value eq \"bulkId:a\"]", "value": {}}]}},
        {"method": "DELETE", "path": "/Users/bulkId:nobody"},
        {"method": "DELETE", "path": "/Users/bulkId:late"},
        post("/Users", "late", &json!({})),
    ])));
    let statuses: Vec<_> =
        response["Operations"].as_array().unwrap().iter().map(|done| done["status"].clone()).collect();
    assert_eq!(statuses, ["400", "409", "400", "204", "201"]);
    assert_eq!(response["Operations"][2]["response"]["scimType"], "invalidValue");
    assert_eq!(calls.last().unwrap().id.as_deref(), Some("id-1"));
}

#[test]
fn ids_are_decoded_and_their_addresses_are_not() {
    let (calls, response) = run(&request(&json!([{"method": "DELETE", "path": "/Users/a%2Fb%20c"}])));
    assert_eq!(calls[0].id.as_deref(), Some("a/b c"));
    assert_eq!(response["Operations"][0]["location"], "https://example.com/v2/Users/a%2Fb%20c");
}

#[test]
fn an_operation_that_is_none_is_an_error_of_its_own() {
    let (calls, response) = run(&request(&json!([
        1,
        {"method": "GET", "path": "/Users"},
        {"method": "POST", "path": "/Users", "data": {}},
        {"method": "POST", "path": "/Users/1", "bulkId": "a", "data": {}},
        {"method": "PUT", "path": "/Users", "data": {}},
        {"method": "DELETE", "path": "/Users/../Groups"},
        {"method": "DELETE", "path": "Users/1"},
        {"method": "PUT", "path": "/Users/1"},
        {"method": "delete", "path": "/Users/1"},
    ])));
    assert_eq!(calls.len(), 1);
    let done = response["Operations"].as_array().unwrap();
    assert!(
        done[..8].iter().all(|done| done["status"] == "400" && done["response"]["scimType"] == "invalidSyntax"),
        "{done:?}"
    );
    assert_eq!(done[8]["status"], "204");
}

/// RFC 7644, section 3.7.4.
#[test]
fn too_much_is_413_and_names_the_limit() {
    let many = request(&json!(vec![json!({"method": "DELETE", "path": "/Users/1"}); 11]));
    let error = read(&many).unwrap_err();
    assert_eq!((error.status, error.scim_type), (413, None));
    assert!(error.detail.contains("maxOperations (10)"));
    assert_eq!(
        LIMITS.check_size(4_294_967_296).unwrap_err().body(),
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "413",
            "detail": "The size of the bulk operation exceeds the maxPayloadSize (1048576)."})
    );
    assert!(LIMITS.check_size(1_048_576).is_ok());
    for body in [
        json!({"Operations": []}),
        json!({"schemas": [urn::BULK_REQUEST]}),
        json!({"schemas": [urn::BULK_REQUEST], "failOnErrors": -1, "Operations": []}),
        request(&json!([post("/Users", "a", &json!({})), post("/Users", "a", &json!({}))])),
    ] {
        assert_eq!(read(&body).unwrap_err().status, 400, "{body}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn everything_is_done_once_and_nothing_before_what_it_refers_to(links in prop::collection::vec(prop::collection::vec(0..8_usize, 0..3), 1..8)) {
        let operations: Vec<Json> = links.iter().enumerate().map(|(at, to)| {
            let members: Vec<Json> = to.iter().filter(|to| **to < links.len()).map(|to| json!({"value": format!("bulkId:{to}")})).collect();
            post("/Groups", &at.to_string(), &json!({"members": members}))
        }).collect();
        let (calls, response) = run(&request(&operations.into()));
        prop_assert_eq!(response["Operations"].as_array().unwrap().len(), links.len());
        let place = |at: usize| calls.iter().position(|call| call.at == at);
        for (at, to) in links.iter().enumerate() {
            if let Some(here) = place(at) {
                for to in to.iter().filter(|to| **to < links.len()) {
                    prop_assert!(place(*to).is_some_and(|there| there < here));
                }
            }
        }
        prop_assert!(calls.iter().all(|call| !serde_json::to_string(&call.data).unwrap().contains("bulkId:")));
    }
}
