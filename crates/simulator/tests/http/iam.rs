//! The SCIM API over HTTP.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::support::{Asker, tenant};

const ROOT: &str = "/rest/iam/scim/v2";
const SAP_USER: &str = "urn:ietf:params:scim:schemas:extension:sap:2.0:User";
const SUCCESSFACTORS: &str = "urn:ietf:params:scim:schemas:extension:successfactors:2.0:User";

async fn ask(asker: &Asker, method: &str, path: &str, body: Option<&Json>) -> (u16, Json) {
    let method: Method = method.parse().unwrap();
    let mut request = asker.client.request(method, asker.url(&format!("{ROOT}{path}")));
    request = request.basic_auth("API_USER@ACME", Some("secret"));
    if let Some(body) = body {
        request = request.header("content-type", "application/scim+json").body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    if status != 204 {
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/scim+json"));
    }
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

async fn get(asker: &Asker, path: &str) -> Json {
    let (status, body) = ask(asker, "GET", path, None).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

fn scim_type(body: &Json) -> &str {
    body["scimType"].as_str().unwrap_or_default()
}

fn patch(operations: &Json) -> Json {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

#[tokio::test]
async fn users_are_listed_by_index_and_by_id() {
    let asker = tenant(250).await;
    let first = get(&asker, "/Users").await;
    assert_eq!(first["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:ListResponse");
    assert_eq!((first["startIndex"].as_u64(), first["itemsPerPage"].as_u64()), (Some(1), Some(100)));
    let total = first["totalResults"].as_u64().unwrap();
    let mut ids: Vec<String> = Vec::new();
    for start in [1, 101, 201] {
        let page = get(&asker, &format!("/Users?startIndex={start}&count=1000")).await;
        ids.extend(page["Resources"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(ids.len() as u64, total);
    let mut walked = Vec::new();
    let mut next = "initial".to_owned();
    while next != "end" {
        let page = get(&asker, &format!("/Users?startId={next}&count=80&attributes=userName")).await;
        for one in page["Resources"].as_array().unwrap() {
            assert!(one.get("name").is_none() && one["userName"].is_string(), "{one}");
            walked.push(one["id"].as_str().unwrap().to_owned());
        }
        next = page["nextId"].as_str().unwrap().to_owned();
    }
    assert_eq!(walked, ids);
    let none = get(&asker, "/Users?startIndex=100000").await;
    assert_eq!((none["Resources"].as_array().unwrap().len(), none["totalResults"].as_u64()), (0, Some(total)));
}

#[tokio::test]
async fn a_user_says_who_it_is() {
    let asker = tenant(50).await;
    let person = asker.rows("PerPerson?$filter=personIdExternal%20eq%20'100004'").await.remove(0);
    let uuid = person["perPersonUuid"].as_str().unwrap();
    let filter = format!("{SUCCESSFACTORS}:perPersonUuid eq \"{uuid}\"");
    let found = get(&asker, &format!("/Users?filter={}", filter.replace(' ', "%20").replace('"', "%22"))).await;
    let user = &found["Resources"][0];
    assert_eq!(user["id"].as_str().unwrap().replace('-', "").to_uppercase(), uuid);
    let odata = asker.data("User('100004')").await;
    assert_eq!((&user["userName"], &user["externalId"]), (&odata["username"], &odata["userId"]));
    assert_eq!(user["name"]["familyName"], odata["lastName"]);
    assert_eq!((&user["userType"], &user["active"]), (&json!("EMPLOYEE"), &json!(true)));
    assert_eq!(user["meta"]["version"], "2.0.0");
    assert_eq!(user[SAP_USER]["userUuid"], user["id"]);
    assert_eq!(user[SUCCESSFACTORS]["personIdExternal"], "100004");
    let groups = user["groups"].as_array().unwrap();
    assert!(groups.iter().any(|group| group["display"] == "$$EVERYONE$$" && group["value"] == "1586"));
    let one = get(&asker, &format!("/Users/{}", user["id"].as_str().unwrap())).await;
    assert_eq!(one, *user);
    let lean = get(&asker, &format!("/Users/{}?excludedAttributes=groups,name", user["id"].as_str().unwrap())).await;
    assert!(lean.get("groups").is_none() && lean.get("name").is_none() && lean["userName"].is_string());
    let (status, missing) = ask(&asker, "GET", "/Users/00000000-0000-0000-0000-000000000000", None).await;
    assert_eq!((status, missing["status"].as_str()), (404, Some("404")));
}

#[tokio::test]
async fn filters_and_what_they_refuse() {
    let asker = tenant(250).await;
    let count = async |filter: &str| {
        let filter = filter.replace(' ', "%20").replace('"', "%22");
        get(&asker, &format!("/Users?filter={filter}&count=0")).await["totalResults"].as_u64().unwrap()
    };
    let all = get(&asker, "/Users?count=0").await["totalResults"].as_u64().unwrap();
    let (on, off) = (count("active eq true").await, count("active eq false").await);
    assert!(on > 0 && off > 0 && on + off == all);
    assert_eq!(
        count("active eq true and userType eq \"ONBOARDEE\"").await
            + count("active eq true and userType ne \"ONBOARDEE\"").await,
        on
    );
    assert!(count("userName sw \"a\" or userName ew \"e\"").await > 0);
    assert!(count("meta.lastModified gt \"2020-01-01T00:00:00.000Z\"").await > 200);
    assert_eq!(count("meta.lastModified gt \"2030-01-01T00:00:00.000Z\"").await, 0);
    for refused in ["title eq \"x\"", "userName pr", "not (active eq true)", "emails[type eq \"work\"]", "userName eq"]
    {
        let filter = refused.replace(' ', "%20").replace('"', "%22");
        let (status, body) = ask(&asker, "GET", &format!("/Users?filter={filter}"), None).await;
        assert_eq!((status, scim_type(&body)), (400, "invalidFilter"), "{refused}");
    }
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "active eq true", "count": 5, "attributes": ["userName"],
    });
    let (status, found) = ask(&asker, "POST", "/Users/.search", Some(&body)).await;
    assert_eq!((status, found["totalResults"].as_u64(), found["itemsPerPage"].as_u64()), (200, Some(on), Some(5)));
    assert!(found["Resources"][0].get("title").is_none());
}

#[tokio::test]
async fn users_are_made_changed_and_switched_off() {
    let asker = tenant(50).await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "new.one", "externalId": "new1", "name": {"givenName": "New", "familyName": "One"},
        "emails": [{"value": "new.one@acme.example", "primary": true}], "active": true,
    });
    let (status, made) = ask(&asker, "POST", "/Users", Some(&body)).await;
    assert_eq!((status, made["externalId"].as_str()), (201, Some("new1")), "{made}");
    let (status, twice) = ask(&asker, "POST", "/Users", Some(&body)).await;
    assert_eq!((status, scim_type(&twice)), (409, "uniqueness"));
    let mut other = body.clone();
    other["externalId"] = "new2".into();
    assert_eq!(ask(&asker, "POST", "/Users", Some(&other)).await.0, 409, "the user name is taken");
    assert_eq!(scim_type(&ask(&asker, "POST", "/Users", Some(&json!({"active": true}))).await.1), "invalidValue");

    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let operations = json!([
        {"op": "replace", "path": "title", "value": "Chief"},
        {"op": "Add", "path": "nickName", "value": "Neo"},
        {"op": "replace", "value": {"active": false}},
        {"op": "replace", "path": format!("{SUCCESSFACTORS}:customFields"), "value": [{"customField": "custom03", "value": "x"}]},
    ]);
    let (status, changed) = ask(&asker, "PATCH", &path, Some(&patch(&operations))).await;
    assert_eq!(
        (status, &changed["title"], &changed["nickName"], &changed["active"]),
        (200, &json!("Chief"), &json!("Neo"), &json!(false)),
        "{changed}"
    );
    let odata = asker.data("User('new1')").await;
    assert_eq!((&odata["status"], &odata["custom03"], &odata["title"]), (&json!("f"), &json!("x"), &json!("Chief")));
    let mut whole = body.clone();
    whole["name"]["familyName"] = "Two".into();
    let (status, replaced) = ask(&asker, "PUT", &path, Some(&whole)).await;
    assert_eq!((status, &replaced["name"]["familyName"], replaced.get("title")), (200, &json!("Two"), None));
    assert_eq!(replaced["active"], true);
    assert_eq!(ask(&asker, "DELETE", &path, None).await.0, 204);
    assert_eq!(get(&asker, &path).await["active"], false);
    let kind = patch(&json!([{"op": "replace", "path": "userType", "value": "ONBOARDEE"}]));
    assert_eq!(scim_type(&ask(&asker, "PATCH", &path, Some(&kind)).await.1), "mutability");
}

#[tokio::test]
async fn groups_and_the_walk_of_their_members() {
    let asker = tenant(300).await;
    let listed = get(&asker, "/Groups?excludedAttributes=members").await;
    let groups = listed["Resources"].as_array().unwrap();
    assert!(groups.len() > 20 && groups.iter().all(|group| group.get("members").is_none()));
    let sap = "urn:ietf:params:scim:schemas:extension:sap:2.0:Group";
    assert!(groups.iter().any(|group| group[sap]["supportedOperations"] == "readWrite"));
    assert!(groups.iter().all(|group| group["displayName"] != "HR approvers"), "permission groups only");
    let named = get(&asker, "/Groups?filter=displayName%20eq%20%22$$EVERYONE$$%22").await;
    assert_eq!(
        (named["totalResults"].as_u64(), named["Resources"][0]["members"].as_array().unwrap().len()),
        (Some(1), 100)
    );
    let mut walked = Vec::new();
    let mut next = "initial".to_owned();
    while next != "end" {
        let path = format!("/Groups/1586?attributes=members%5BstartId%3D{next}%26count%3D60%5D");
        let group = get(&asker, &path).await;
        assert!(group.get("displayName").is_none());
        walked.extend(group["members"].as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap().to_owned()));
        assert!(group["meta"]["members.cnt"].as_u64().unwrap() > 250);
        next = group["meta"]["members.nextId"].as_str().unwrap().to_owned();
    }
    let whole = get(&asker, "/Groups/1586").await;
    let all: Vec<&str> =
        whole["members"].as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap()).collect();
    assert_eq!(walked, all);
    assert_eq!(ask(&asker, "POST", "/Groups", Some(&json!({"displayName": "x"}))).await.0, 405);
    assert_eq!(ask(&asker, "DELETE", "/Groups/1586", None).await.0, 405);
    assert_eq!(ask(&asker, "GET", "/Groups/9", None).await.0, 404);
}

#[tokio::test]
async fn members_of_static_groups_only() {
    let asker = tenant(300).await;
    let found = get(&asker, "/Groups?filter=displayName%20eq%20%22Works%20council%22").await;
    let group = &found["Resources"][0];
    let path = format!("/Groups/{}", group["id"].as_str().unwrap());
    let before: Vec<Json> = group["members"].as_array().unwrap().clone();
    let active = get(&asker, "/Users?filter=active%20eq%20true&count=100").await;
    let employee = |one: &&Json| {
        one[SUCCESSFACTORS]["perPersonUuid"].is_string() && !before.iter().any(|member| member["value"] == one["id"])
    };
    let newcomer = active["Resources"].as_array().unwrap().iter().find(employee).unwrap()["id"].clone();
    let add = patch(&json!([{"op": "add", "path": "members", "value": [{"value": newcomer}]}]));
    let (status, changed) = ask(&asker, "PATCH", &path, Some(&add)).await;
    assert_eq!((status, changed["members"].as_array().unwrap().len()), (200, before.len() + 1), "{changed}");
    let path_of_one = format!("members[value eq {newcomer}]");
    let remove = patch(&json!([{"op": "remove", "path": path_of_one}]));
    assert_eq!(ask(&asker, "PATCH", &path, Some(&remove)).await.1["members"], json!(before));
    let put = json!({"displayName": "Works council", "members": [{"value": newcomer}]});
    assert_eq!(ask(&asker, "PUT", &path, Some(&put)).await.1["members"].as_array().unwrap().len(), 1);

    let rename = patch(&json!([{"op": "replace", "path": "displayName", "value": "x"}]));
    assert_eq!(scim_type(&ask(&asker, "PATCH", &path, Some(&rename)).await.1), "mutability");
    let (status, dynamic) = ask(&asker, "PATCH", "/Groups/3600", Some(&add)).await;
    assert_eq!((status, scim_type(&dynamic)), (400, "mutability"));
    let inactive = get(&asker, "/Users?filter=active%20eq%20false&count=1").await["Resources"][0]["id"].clone();
    let off = patch(&json!([{"op": "add", "path": "members", "value": [{"value": inactive}]}]));
    assert_eq!(scim_type(&ask(&asker, "PATCH", &path, Some(&off)).await.1), "invalidValue");
    let odd = patch(&json!([{"op": "shuffle", "path": "members", "value": []}]));
    assert_eq!(scim_type(&ask(&asker, "PATCH", &path, Some(&odd)).await.1), "invalidSyntax");
}

#[tokio::test]
async fn refusals_at_the_door_are_scim_errors_too() {
    let asker = tenant(20).await;
    let answer = asker.client.get(asker.url(&format!("{ROOT}/Users"))).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let body: Json = answer.json().await.unwrap();
    assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
    assert_eq!(ask(&asker, "GET", "/Nothing", None).await.0, 404);
    assert_eq!(ask(&asker, "PUT", "/Users", Some(&json!({}))).await.0, 405);
}
