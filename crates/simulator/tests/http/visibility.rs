//! What the API user may not see is not there.

use joinery_odata::Metadata;
use joinery_simulator::{HiddenPeople, Visibility};

use crate::support::{asker, settings, tenant};

fn names(names: &[&str]) -> std::collections::BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test]
async fn hidden_fields_are_in_no_answer_and_no_metadata() {
    let asker = tenant(20).await;
    asker.running.set_visibility(
        Visibility { hidden_fields: names(&["User/email", "PerPerson/phoneNav"]), ..Visibility::default() },
        0,
    );
    let row = asker.rows("User?$top=1").await.remove(0);
    assert!(row.get("email").is_none() && row.get("username").is_some());
    assert!(asker.rows("PerPerson?$top=1").await[0].get("phoneNav").is_none());
    let metadata = Metadata::parse(&asker.get("$metadata").await.bytes().await.unwrap()).unwrap();
    assert!(metadata.type_of_set("User").unwrap().property("email").is_none());
    for path in ["User?$select=email", "PerPerson?$expand=phoneNav"] {
        assert_eq!(asker.error(path).await.1, "COE_PROPERTY_NOT_FOUND", "{path}");
    }
    let mut silent = settings(20);
    silent.switches.hidden_fields_are_errors = false;
    let silent = self::asker(silent).await;
    silent.running.set_visibility(Visibility { hidden_fields: names(&["User/email"]), ..Visibility::default() }, 0);
    assert!(silent.rows("User?$select=userId,email&$top=1").await[0].get("email").is_none());
    assert_eq!(silent.error("User?$select=nonsense").await.0, 400);
}

#[tokio::test]
async fn hidden_and_empty_sets() {
    let asker = tenant(20).await;
    let rules =
        Visibility { hidden_sets: names(&["PerPhone"]), empty_sets: names(&["PerEmail"]), ..Visibility::default() };
    asker.running.set_visibility(rules, 0);
    assert_eq!(asker.error("PerPhone").await.1, "NotFoundException");
    assert_eq!(asker.error("PerPerson?$expand=phoneNav").await.1, "COE_PROPERTY_NOT_FOUND");
    assert!(asker.rows("PerEmail").await.is_empty());
    let rows = asker.rows("PerPerson?$expand=emailNav").await;
    assert!(rows.iter().all(|row| row["emailNav"]["results"].as_array().unwrap().is_empty()));
    assert!(rows[0].get("phoneNav").is_none());
}

#[tokio::test]
async fn forty_percent_vanish_in_mid_walk() {
    let asker = tenant(500).await;
    let path = "PerPerson?$select=personIdExternal&customPageSize=100";
    let rules = Visibility { hidden_people: HiddenPeople::Percent(40), ..Visibility::default() };
    asker.running.set_visibility(rules, 2);
    let (rows, _) = asker.walk(path).await;
    assert!((200..400).contains(&rows.len()), "{}", rows.len());
    let left = asker.walk(path).await.0;
    assert!((250..350).contains(&left.len()), "{}", left.len());
    // Whoever is hidden is hidden everywhere, also by key.
    let all = asker.running.look(joinery_simulator::world::World::headcount);
    assert_eq!(all, 500);
    let visible: Vec<&str> = left.iter().map(|row| row["personIdExternal"].as_str().unwrap()).collect();
    let gone = rows.iter().map(|row| row["personIdExternal"].as_str().unwrap()).find(|id| !visible.contains(id));
    let gone = gone.expect("the first pages held somebody who is hidden now").replace('\'', "''").replace('+', "%2B");
    assert_eq!(asker.get(&format!("PerPerson('{gone}')")).await.status(), 404);
    let employments = asker.walk("EmpEmployment?$select=personIdExternal").await.0;
    assert!(employments.iter().all(|row| visible.contains(&row["personIdExternal"].as_str().unwrap())));
}

#[tokio::test]
async fn a_department_is_hidden_with_whoever_works_there_now() {
    let asker = tenant(200).await;
    let code = asker.running.look(|world| world.largest_department().unwrap().to_owned());
    let jobs = format!("EmpJob/$count?$filter=department%20eq%20'{code}'");
    let there = asker.count(&jobs).await;
    assert!(there > 0);
    let hidden = HiddenPeople::Departments([code.clone()].into());
    asker.running.set_visibility(Visibility { hidden_people: hidden, ..Visibility::default() }, 0);
    assert_eq!(asker.count(&jobs).await, 0);
    let people = asker.count("PerPerson/$count").await;
    assert!(people < 200 && people >= 200 - there);
    let hire = |world: &mut joinery_simulator::world::World| {
        let mut hire = joinery_simulator::world::Hire::new("Ada", "Hidden", world.today());
        hire.department = Some(code.clone());
        world.hire(&hire).unwrap().person_id
    };
    let id = asker.running.change(hire);
    assert_eq!(asker.get(&format!("PerPerson('{id}')")).await.status(), 404, "a new one is hidden too");
}

#[tokio::test]
async fn a_hidden_value_is_hidden_from_every_service() {
    let asker = tenant(60).await;
    let rows =
        asker.rows("User?$select=userId,firstName,department,personKeyNav/perPersonUuid&$expand=personKeyNav").await;
    let hidden = HiddenPeople::Percent(50);
    let rules = Visibility {
        hidden_values: [("User/firstName".to_owned(), hidden)].into(),
        hidden_fields: names(&["User/lastName"]),
        ..Visibility::default()
    };
    asker.running.set_visibility(rules, 0);
    let read = asker.rows("User?$select=userId,firstName").await;
    let shown =
        |id: &serde_json::Value| read.iter().find(|row| row["userId"] == *id).map(|row| row["firstName"].clone());
    let members = asker.data("getUsersByDynamicGroup?groupId=1586L&activeOnly=true&$format=json").await;
    let members = members.as_array().expect("a list");
    assert!(
        members.iter().any(|row| row["firstName"].is_null()) && members.iter().any(|row| row["firstName"].is_string())
    );
    for member in members {
        assert_eq!(Some(member["firstName"].clone()), shown(&member["userId"]), "{member}");
        assert!(member["lastName"].is_null() && member["userId"].is_string(), "{member}");
    }
    let mut nameless = 0;
    for row in &rows {
        let Some(uuid) = row["personKeyNav"]["perPersonUuid"].as_str() else { continue };
        let filter =
            format!("urn:ietf:params:scim:schemas:extension:successfactors:2.0:User:perPersonUuid eq \"{uuid}\"");
        let found = asker.get(&asker.url(&format!("/rest/iam/scim/v2/Users?filter={filter}"))).await;
        let found: serde_json::Value = found.json().await.unwrap();
        let one = &found["Resources"][0];
        assert_eq!(one["name"]["givenName"].as_str(), shown(&row["userId"]).unwrap_or_default().as_str(), "{one}");
        assert!(one["name"]["familyName"].is_null() && one["userName"].is_string(), "{one}");
        nameless += u32::from(one["name"]["givenName"].is_null());
    }
    assert!(nameless > 5, "{nameless}");
}
