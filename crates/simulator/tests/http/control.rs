//! The strings of the puppet, over HTTP.

use serde_json::{Value as Json, json};

use crate::support::tenant;

#[tokio::test]
async fn a_hire_a_move_a_leaver() {
    let asker = tenant(50).await;
    let (status, hired) =
        asker.control("POST", "people/hire", &json!({"first_name": "Ada", "last_name": "O'Neil"})).await;
    assert_eq!(status, 200, "{hired}");
    let id = hired["person_id"].as_str().unwrap();
    let person =
        format!("PerPerson('{id}')?$expand=employmentNav/jobInfoNav,personalInfoNav,personEmpTerminationInfoNav");
    let found = asker.data(&person).await;
    assert_eq!(found["personalInfoNav"]["results"][0]["lastName"], "O'Neil");
    assert_eq!(found["personEmpTerminationInfoNav"]["activeEmploymentsCount"], 1);
    let since = "PerPerson?$filter=lastModifiedDateTime%20ge%20datetimeoffset'2026-11-21T12:00:00Z'";
    assert_eq!(asker.rows(since).await.len(), 1, "stamped with the simulated present");

    let moved = json!({"who": id, "title": "Head of Everything", "from": "2026-11-21"});
    assert_eq!(asker.control("POST", "people/move", &moved).await.0, 200);
    let title = |found: &Json| found["employmentNav"]["results"][0]["jobInfoNav"]["results"][0]["jobTitle"].clone();
    assert_eq!(title(&asker.data(&person).await), "Head of Everything");

    let leaving = json!({"who": id, "end": "2026-11-22", "ending": "dismissal"});
    assert_eq!(asker.control("POST", "people/terminate", &leaving).await.0, 200);
    assert_eq!(asker.data(&person).await["personEmpTerminationInfoNav"]["activeEmploymentsCount"], 1, "not yet");
    asker.running.mark();
    let (_, state) = asker.control("POST", "clock", &json!({"advance": "2d"})).await;
    assert_eq!((&state["today"], &state["now"]), (&json!("2026-11-23"), &json!("2026-11-23T12:00:00Z")));
    assert_eq!(asker.data(&person).await["personEmpTerminationInfoNav"]["activeEmploymentsCount"], 0);
    let user = hired["user_id"].as_str().unwrap();
    assert_eq!(asker.data(&format!("User('{user}')")).await["status"], "f");
    let (_, requests) = asker.control("GET", "requests", &Json::Null).await;
    assert_eq!(requests["since_mark"]["total"]["requests"], 2);
    assert_eq!(requests["since_mark"]["by_resource"]["GET PerPerson()"]["requests"], 1);

    let (_, state) = asker.control("POST", "reset", &json!({})).await;
    assert_eq!((&state["people"], &state["now"]), (&json!(50), &json!("2026-11-21T12:00:00Z")));
    assert_eq!(asker.get(&person).await.status(), 404);
}

#[tokio::test]
async fn every_order_is_understood() {
    let asker = tenant(60).await;
    let (_, hired) = asker
        .control("POST", "people/hire", &json!({"first_name": "A", "last_name": "B", "start": "2020-01-01"}))
        .await;
    let who = hired["person_id"].as_str().unwrap();
    for (what, order) in [
        ("rename", json!({"who": who, "first_name": "C", "last_name": "D"})),
        ("email", json!({"who": who, "address": "c.d@example.com"})),
        ("phone", json!({"who": who, "number": "+49 30 1"})),
        ("leave", json!({"who": who, "leave": "unpaid", "from": "2026-11-01"})),
        ("return", json!({"who": who, "from": "2026-11-20"})),
        ("terminate", json!({"who": who, "end": "2026-11-20"})),
        ("rehire", json!({"who": who})),
        ("no-show", json!({"who": who})),
        ("purge", json!({"who": who})),
    ] {
        let (status, body) = asker.control("POST", &format!("people/{what}"), &order).await;
        assert_eq!(status, 200, "{what}: {body}");
    }
    let code = asker.running.look(|world| world.largest_department().unwrap().to_owned());
    let order = json!({"set": "FODepartment", "code": code, "name": "Renamed"});
    assert_eq!(asker.control("POST", "units/rename", &order).await.0, 200);
    let rows = asker.rows(&format!("FODepartment?$filter=externalCode%20eq%20'{code}'&$select=name")).await;
    assert_eq!(rows[0]["name"], "Renamed");

    for (path, order) in [
        ("people/move", json!({"who": "nobody"})),
        ("people/fire", json!({"who": who})),
        ("people/rename", json!({"who": "nobody"})),
        ("people/hire", json!({"first_name": "A"})),
        ("clock", json!({"advance": "soon"})),
        ("clock", json!({})),
        ("visibility", json!({"hidden_fields": ["User/nonsense"]})),
        ("visibility", json!({"nonsense": 1})),
        ("units/rename", json!({"set": "Nonsense", "code": "x", "name": "y"})),
    ] {
        let (status, body) = asker.control("POST", path, &order).await;
        assert!(
            status == 400 && body["error"].as_str().is_some_and(|text| !text.is_empty()),
            "{path}: {status} {body}"
        );
    }
    assert_eq!(asker.control("POST", "nonsense", &json!({})).await.0, 404);
}

#[tokio::test]
async fn visibility_over_http() {
    let asker = tenant(60).await;
    let order = json!({"hidden_people": {"percent": 40}, "empty_sets": ["PerEmail"], "after_pages": 1});
    assert_eq!(asker.control("POST", "visibility", &order).await.0, 200);
    assert!(!asker.rows("PerEmail").await.is_empty(), "one more page");
    assert!(asker.rows("PerEmail").await.is_empty());
    let (_, now) = asker.control("GET", "visibility", &Json::Null).await;
    assert_eq!(now["hidden_people"]["percent"], 40);
}

#[tokio::test]
async fn a_tenant_stops_and_frees_its_port() {
    let asker = tenant(10).await;
    assert_eq!(asker.get("User?$top=1").await.status(), 200);
    let (client, url) = (asker.client.clone(), asker.url("/control/state"));
    asker.running.stop().await;
    assert!(client.get(&url).send().await.is_err());
    let dropped = tenant(10).await;
    let url = dropped.url("/control/state");
    drop(dropped.running);
    let gone = async {
        while client.get(&url).send().await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), gone).await.expect("a dropped tenant stops too");
}

#[tokio::test]
async fn the_clock_stays_where_a_company_can_live() {
    let asker = tenant(10).await;
    for far in ["-009999-01-02T00:00:00Z", "1899-12-31T23:59:59Z", "9000-01-01T00:00:01Z", "9999-12-30T00:00:00Z"] {
        let (status, answer) = asker.control("POST", "clock", &json!({"set": far})).await;
        assert_eq!(status, 400, "{far}: {answer}");
    }
    assert_eq!(asker.control("POST", "clock", &json!({"advance": "7000y"})).await.0, 400);
    for edge in ["1900-01-01T00:00:00Z", "9000-01-01T00:00:00Z"] {
        assert_eq!(asker.control("POST", "clock", &json!({"set": edge})).await.0, 200);
        assert_eq!(asker.control("GET", "people", &json!({})).await.0, 200, "{edge}");
    }
}

/// Whoever reads while the company is made anew sees it at its first instant.
#[tokio::test]
async fn a_reset_is_seen_whole() {
    let asker = tenant(10).await;
    let first = asker.running.now();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = std::collections::BTreeSet::new();
            for _ in 0..2_000 {
                seen.insert(asker.running.look(joinery_simulator::world::World::today));
            }
            seen
        });
        for _ in 0..20 {
            asker.running.set_clock(first + jiff::SignedDuration::from_hours(24 * 365));
            asker.running.reset();
        }
        assert!(reader.join().unwrap().len() <= 2);
    });
    assert_eq!(asker.running.now(), first);
    assert_eq!(asker.running.look(joinery_simulator::world::World::today).to_string(), "2026-11-21");
}
