//! Writing users.

use joinery_odata::UpsertResult;
use joinery_odata::payload::read_upsert_results;
use serde_json::{Value as Json, json};

use crate::support::{Asker, tenant};

async fn upsert(asker: &Asker, options: &str, body: &Json) -> (u16, Json) {
    let request = asker.client.post(asker.url(&format!("/odata/v2/upsert?$format=json{options}"))).json(body);
    let answer = request.basic_auth("API_USER@ACME", Some("secret")).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn results(answer: &Json) -> Vec<UpsertResult> {
    read_upsert_results(answer.to_string().as_bytes()).unwrap()
}

fn row(user: &str, more: &Json) -> Json {
    let mut row = json!({"__metadata": {"uri": format!("User('{user}')")}, "userId": user});
    row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    row
}

#[tokio::test]
async fn results_come_row_by_row_and_the_status_is_200() {
    let asker = tenant(100).await;
    let inactive = asker.rows("User?$filter=status%20eq%20'f'&$top=1").await[0]["userId"].as_str().unwrap().to_owned();
    let active = asker.rows("User?$top=1&$filter=status%20eq%20't'").await[0]["userId"].as_str().unwrap().to_owned();
    let body = json!([
        row(&active, &json!({"custom01": "x"})),
        row(&inactive, &json!({"title": "Engineer"})),
        row(
            "new1",
            &json!({"username": "new.one", "status": "t", "manager": {"__metadata": {"uri": format!("User('{active}')")}}})
        ),
        row("new2", &json!({"custom01": "no username"})),
        row("new3", &json!({"username": "new.three", "status": "t", "nonsense": 1})),
        row(
            "new4",
            &json!({"username": "new.four", "status": "t", "manager": {"__metadata": {"uri": "User('nobody')"}}})
        ),
        row("new5", &json!({"username": "new.one", "status": "t"})),
    ]);
    let (status, answer) = upsert(&asker, "", &body).await;
    assert_eq!(status, 200);
    let found = results(&answer);
    let codes: Vec<(bool, u16)> = found.iter().map(|one| (one.is_ok(), one.http_code)).collect();
    assert_eq!(codes, [(true, 204), (false, 500), (true, 201), (false, 500), (false, 400), (false, 400), (false, 500)]);
    assert_eq!(answer["d"][0]["key"], active);
    assert_eq!((&answer["d"][0]["editStatus"], &answer["d"][2]["editStatus"]), (&json!("UPDATED"), &json!("INSERTED")));
    assert_eq!(answer["d"][1]["message"], "Cannot upsert an inactive user..  with the index 1");
    assert!(answer["d"][6]["message"].as_str().unwrap().starts_with("DUPLICATE_USERNAME"));
    let user = asker.data("User('new1')?$expand=manager&$select=username,manager/userId").await;
    assert_eq!((&user["username"], &user["manager"]["userId"]), (&json!("new.one"), &json!(active)));
    assert_eq!(asker.data(&format!("User('{active}')")).await["custom01"], "x");

    let (_, answer) =
        upsert(&asker, "&processInactiveEmployees=true", &row(&inactive, &json!({"custom02": "y"}))).await;
    assert!(results(&answer)[0].is_ok(), "one row needs no array: {answer}");
}

#[tokio::test]
async fn what_is_no_upsert_is_refused_whole() {
    let asker = tenant(10).await;
    let many: Vec<Json> = (0..1001).map(|number| row(&format!("u{number}"), &json!({}))).collect();
    let (status, answer) = upsert(&asker, "", &json!(many)).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("BadRequestException")));
    assert_eq!(answer["error"]["message"]["value"], "Upsert content exceeds the limitation, the maximum size is 1000");
    assert_eq!(upsert(&asker, "", &json!([{"userId": "x"}])).await.0, 400);
    assert_eq!(upsert(&asker, "", &json!([{"__metadata": {"uri": "Nonsense('x')"}}])).await.0, 404);
    let get = asker.get("upsert").await;
    assert_eq!(
        (get.status().as_u16(), get.json::<Json>().await.unwrap()["error"]["code"].take()),
        (405, json!("MethodNotAllowedException"))
    );
}
