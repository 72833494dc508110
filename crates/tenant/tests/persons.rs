//! Persons with any segments, against a simulated tenant over HTTP on loopback.

use std::collections::BTreeMap;

use jiff::Timestamp;
use joinery_model::{Case, EmploymentPolicy, Filter, FixedClock, Op, StandingKind, Value};
use joinery_simulator::world::{Hire, Seed};
use joinery_simulator::{Running, Settings as Simulated, Simulator, TimeSource};
use joinery_tenant::{
    Host, PersonAttributes, PersonChange, PersonEntity, Persons, PlainHttp, ReadSettings, RowOutcome, SegmentWritten,
    Settings, Transport, WriteSettings,
};
use serde_json::Value as Json;

const NOW: &str = "2026-11-21T12:00:00Z";

async fn tenant() -> Running {
    let now: Timestamp = NOW.parse().unwrap();
    let mut settings = Simulated::new("ACME", Seed::new(7, 300, now), TimeSource::fixed(now));
    settings.basic_password = Some("secret".into());
    Simulator::start(settings).await.unwrap()
}

fn transport(running: &Running) -> Transport {
    #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let host = Host::parse(running.base_url(), PlainHttp::LoopbackOnly).unwrap();
    let settings = Settings::basic("acme", host, "ACME", "API_USER", "secret".into());
    Transport::new(client, settings, FixedClock::at(NOW.parse().unwrap()), 1)
}

fn persons(running: &Running) -> Persons {
    let read = ReadSettings { page_size: 60, ..ReadSettings::default() };
    Persons::new(transport(running), read, WriteSettings::default(), EmploymentPolicy::default())
}

fn names(text: &str) -> PersonAttributes {
    text.parse().unwrap()
}

async fn person(persons: &Persons, id: &str, attributes: &str) -> PersonEntity {
    persons.get(id, &names(attributes)).await.unwrap().expect("somebody")
}

fn text(person: &PersonEntity, name: &str) -> String {
    person.attributes.get(name).unwrap_or_else(|| panic!("{name} is not said")).to_plain()
}

/// What the tenant says, first row.
async fn raw(running: &Running, path: &str) -> Json {
    let response = transport(running).get(&format!("odata/v2/{path}")).await.unwrap().ok().unwrap();
    let body: Json = serde_json::from_slice(&response.bytes).unwrap();
    body["d"]["results"].get(0).cloned().unwrap_or_else(|| body["d"].clone())
}

/// Somebody who started today, with an e-mail and two phones.
async fn somebody(running: &Running) -> String {
    running.change(|world| world.hire(&Hire::new("Ada", "Byron", world.today())).unwrap());
    let user = raw(running, "User?$filter=username%20eq%20'ada.byron'&$format=json").await;
    user["userId"].as_str().unwrap().to_owned()
}

fn written(outcome: &[SegmentWritten]) -> BTreeMap<String, bool> {
    outcome.iter().map(|one| (one.segment.to_string(), one.outcome.is_written())).collect()
}

#[tokio::test]
async fn nothing_named_is_the_four_usual_segments() {
    let running = tenant().await;
    let ada = person(&persons(&running), &somebody(&running).await, "").await;
    assert_eq!(ada.standing.kind, StandingKind::Active);
    assert_eq!(text(&ada, "PerPersonal_lastName"), "Byron");
    assert_eq!(text(&ada, "PerPerson_personIdExternal"), ada.id.to_string());
    assert_eq!(text(&ada, "EmpEmployment_userId"), ada.user_ids[0]);
    assert_eq!(text(&ada, "EmpJob_startDate"), "2026-11-21");
    assert_eq!(text(&ada, "EmpJob_endDate"), "9999-12-31");
    assert_eq!(ada.attributes.get("EmpEmployment_endDate"), Some(&Value::Null), "known to be open");
    assert!(!ada.attributes.keys().any(|name| name.starts_with("PerEmail") || name.contains("Nav")));
}

/// `EmpJob_All` brings every property that the tenant shows of the entity, with the values that it has by itself.
#[tokio::test]
async fn all_of_a_segment_is_what_the_entity_has() {
    let running = tenant().await;
    let id = somebody(&running).await;
    let job = person(&persons(&running), &id, "EmpJob_All").await;
    let raw = raw(&running, &format!("EmpJob?$filter=userId%20eq%20'{id}'&$format=json")).await;
    let raw = raw.as_object().unwrap();
    let own: Vec<&String> = raw.iter().filter(|(_, value)| !value.is_object()).map(|(name, _)| name).collect();
    assert!(own.len() > 35, "{}", own.len());
    for name in &own {
        let flat = job.attributes.get(&*format!("EmpJob_{name}")).unwrap_or_else(|| panic!("{name}"));
        if let Some(text) = raw[*name].as_str().filter(|text| !text.starts_with("/Date(")) {
            assert_eq!(flat.to_plain(), text, "{name}");
        }
    }
    assert_eq!(job.attributes.len(), own.len());
}

#[tokio::test]
async fn records_of_several_and_what_lies_behind_navigations() {
    let running = tenant().await;
    let id = somebody(&running).await;
    let persons = persons(&running);
    let wanted = "PerPhone_phoneNumber,PerPhone_secondaryPhoneNumber,PerEmail_emailAddress,\
        PerEmail_secondaryEmailAddress,EmpJob_locationNav_name,EmpJob_departmentNav,User_username,User_manager_userId,\
        FOCompany_externalCode,EmpJob_company,EmpJob_managerId,PerAddressDEFLT_city,Nobody_x,EmpJob_typo";
    let ada = person(&persons, &id, wanted).await;
    assert_eq!(text(&ada, "PerEmail_emailAddress"), "ada.byron@acme.example");
    assert_eq!(ada.attributes["PerEmail_secondaryEmailAddress"], Value::Null);
    assert_eq!(text(&ada, "User_username"), "ada.byron");
    assert_eq!(text(&ada, "FOCompany_externalCode"), text(&ada, "EmpJob_company"));
    assert!(ada.attributes.contains_key("EmpJob_departmentNav_externalCode"), "{:?}", ada.attributes.keys());
    assert!(!text(&ada, "EmpJob_locationNav_name").is_empty());
    assert!(!ada.attributes.keys().any(|name| name.contains("typo") || name.starts_with("Nobody")));

    // Of two phones each comes under its own name, whichever the tenant lists first.
    let raw = |kind: &str, number: &str, primary: bool| {
        serde_json::json!({"__metadata": {"uri": format!("PerPhone(personIdExternal='{id}',phoneType='{kind}')")},
            "phoneNumber": number, "isPrimary": primary})
    };
    for (first, second) in [("10605", "10606"), ("10606", "10605")] {
        let body = serde_json::json!([raw(first, "111", true), raw(second, "222", false)]);
        let request = joinery_tenant::Request::json(reqwest::Method::POST, "odata/v2/upsert?$format=json", &body);
        transport(&running).send(&request).await.unwrap().ok().unwrap();
        let ada = person(&persons, &id, "PerPhone_phoneNumber,PerPhone_secondaryPhoneNumber,PerPhone_phoneType").await;
        let got = (text(&ada, "PerPhone_phoneNumber"), text(&ada, "PerPhone_secondaryPhoneNumber"));
        assert_eq!(got, ("111".into(), "222".into()));
        assert_eq!(text(&ada, "PerPhone_phoneType"), first);
    }
}

#[tokio::test]
async fn searches_page_push_down_and_judge_here() {
    let running = tenant().await;
    let persons = persons(&running);
    let compare = |name: &str, op, value: &str| Filter::Compare {
        path: name.parse().unwrap(),
        op,
        value: value.into(),
        case: Case::Fold,
    };
    let everybody = persons.everybody(names("PerPersonal_lastName,EmpJob_jobTitle"));
    let all = persons.all(&everybody).await.unwrap();
    assert!(all.len() > 250, "{}", all.len());
    // A slice's values are judged here; what was only looked at is not given.
    let title = all.iter().map(|one| text(one, "EmpJob_jobTitle")).find(|title| !title.is_empty()).unwrap();
    let wanted = all.iter().filter(|one| text(one, "EmpJob_jobTitle") == title).count();
    let search = persons.everybody(names("PerPersonal_lastName"));
    let found = persons
        .all(&joinery_tenant::PersonSearch {
            filter: compare("EmpJob_jobTitle", Op::Eq, &title.to_uppercase()),
            ..search.clone()
        })
        .await
        .unwrap();
    assert_eq!(found.len(), wanted);
    assert!(found.iter().all(|one| one.attributes.keys().map(|name| &**name).eq(["PerPersonal_lastName"])));
    // A key is put to the tenant: one row comes, in one page.
    running.mark();
    let id = all[17].id.to_string();
    let one =
        joinery_tenant::PersonSearch { filter: compare("PerPerson_personIdExternal", Op::Eq, &id), ..search.clone() };
    let page = persons.search(&one, None).await.unwrap();
    assert_eq!((page.persons.len(), page.next), (1, None));
    assert_eq!(running.requests_since_mark().by_resource["GET PerPerson"].rows, 1);
    // Negations and unknown names are judged here, never put there.
    let none = joinery_tenant::PersonSearch {
        filter: Filter::And(vec![
            Filter::Not(Box::new(compare("PerPerson_personIdExternal", Op::Ne, &id))),
            compare("EmpJob_typo", Op::Eq, "x"),
        ]),
        ..search
    };
    assert!(persons.all(&none).await.unwrap().is_empty());
    assert!(persons.get("nobody", &names("")).await.unwrap().is_none());
}

#[tokio::test]
async fn attributes_are_described_for_a_schema() {
    let running = tenant().await;
    let described =
        persons(&running).describe(&names("EmpJob_All,EmpJob_locationNav_name,PerEmail_All")).await.unwrap();
    let of = |name: &str| described.iter().find(|one| &*one.name == name).unwrap_or_else(|| panic!("{name}"));
    assert!(of("EmpJob_jobTitle").writable && !of("EmpJob_emplStatus").writable);
    assert_eq!(of("EmpJob_employeeClass").picklist.as_deref(), Some("EMPLOYEECLASS"));
    assert_eq!(of("EmpJob_jobCode").label.as_deref(), Some("Job Classification"));
    assert!(!of("EmpJob_locationNav_name").writable, "belongs to the location");
    assert_eq!(of("PerEmail_isPrimary").kind, joinery_tenant::Kind::Bool);
}

#[tokio::test]
async fn writable_attributes_are_written_to_the_record_that_they_came_from() {
    let running = tenant().await;
    let id = somebody(&running).await;
    let persons = persons(&running);
    let change = PersonChange::default()
        .put("PerEmail_emailAddress", "ada@new.example")
        .put("PerPersonal_preferredName", "Lady Ada")
        .put("EmpJob_jobTitle", "Countess")
        .put("EmpJob_probationPeriodEndDate", "2027-01-31")
        .put("User_custom01", "C1");
    let done = persons.update(&id, &change).await.unwrap().unwrap();
    let all = ["EmpJob", "PerEmail", "PerPersonal", "User"].map(|name| (name.to_owned(), true));
    assert_eq!(written(&done), all.into(), "{done:?}");
    let read = "PerEmail_emailAddress,PerEmail_isPrimary,PerPersonal_preferredName,EmpJob_jobTitle,User_custom01,\
        EmpJob_probationPeriodEndDate,PerPersonal_lastName,EmpJob_startDate,EmpJob_seqNumber";
    let ada = person(&persons, &id, read).await;
    let values = read.split(',').map(|name| text(&ada, name.trim())).collect::<Vec<_>>();
    let expected = ["ada@new.example", "true", "Lady Ada", "Countess", "C1", "2027-01-31", "Byron", "2026-11-21", "1"];
    assert_eq!(values, expected);

    // A record that is not there needs its key; emptied, it is gone.
    let phone = PersonChange::default().put("PerPhone_secondaryPhoneNumber", "555");
    let failure = persons.update(&id, &phone).await.unwrap_err();
    assert!(failure.message.starts_with("PerPhone_secondaryPhoneType: "), "{}", failure.message);
    let mail = PersonChange::default()
        .put("PerEmail_secondaryEmailAddress", "ada@home.example")
        .put("PerEmail_secondaryEmailType", "8447");
    assert!(persons.update(&id, &mail).await.unwrap().unwrap()[0].outcome.is_written());
    let ada = person(&persons, &id, "PerEmail_emailAddress,PerEmail_secondaryEmailAddress").await;
    assert_eq!(text(&ada, "PerEmail_secondaryEmailAddress"), "ada@home.example");
    assert_eq!(text(&ada, "PerEmail_emailAddress"), "ada@new.example");
    let gone = PersonChange::default().put("PerEmail_secondaryEmailAddress", Value::Null);
    assert!(persons.update(&id, &gone).await.unwrap().unwrap()[0].outcome.is_written());
    let ada = person(&persons, &id, "PerEmail_secondaryEmailAddress").await;
    assert_eq!(ada.attributes["PerEmail_secondaryEmailAddress"], Value::Null);
    assert!(persons.update(&id, &gone).await.unwrap().unwrap().is_empty(), "nothing to do any more");
}

#[tokio::test]
async fn a_new_slice_begins_on_its_day_and_leaves_the_one_before() {
    let running = tenant().await;
    let id = somebody(&running).await;
    let persons = persons(&running);
    let next = PersonChange { from: Some("2026-12-01".parse().unwrap()), ..PersonChange::default() }
        .put("EmpJob_jobTitle", "Enchantress of Numbers");
    let refused = persons.update(&id, &next).await.unwrap().unwrap();
    assert!(matches!(refused[0].outcome, RowOutcome::Refused(_)), "a new slice wants its reason: {refused:?}");
    let next = next.put("EmpJob_eventReason", "DATACHG");
    let done = persons.update(&id, &next).await.unwrap().unwrap();
    assert!(done[0].outcome.is_written(), "{done:?}");
    let slices = format!(
        "EmpJob?$filter=userId%20eq%20'{id}'&fromDate=2026-01-01&toDate=9999-12-31&$orderby=startDate&$format=json"
    );
    let response = transport(&running).get(&format!("odata/v2/{slices}")).await.unwrap();
    let body: Json = serde_json::from_slice(&response.bytes).unwrap();
    let titles: Vec<&str> =
        body["d"]["results"].as_array().unwrap().iter().map(|one| one["jobTitle"].as_str().unwrap()).collect();
    assert_eq!(titles.len(), 2);
    assert_eq!(titles[1], "Enchantress of Numbers");
    assert_ne!(titles[0], titles[1]);
}

#[tokio::test]
async fn what_cannot_be_written_is_named_before_anything_is_sent() {
    let running = tenant().await;
    let id = somebody(&running).await;
    let persons = persons(&running);
    running.mark();
    for (name, part) in [
        ("EmpJob_emplStatus", "cannot be written"),
        ("EmpJob_locationNav_name", "another object"),
        ("EmpJob_typo", "no such attribute"),
        ("PerPersonal_All", "no such attribute"),
        ("PerPersonal_startDate", "cannot change"),
    ] {
        let change = PersonChange::default().put("User_custom01", "x").put(name, "2020-01-01");
        let failure = persons.update(&id, &change).await.unwrap_err();
        assert!(failure.message.starts_with(name) && failure.message.contains(part), "{}", failure.message);
    }
    let wrong = PersonChange::default().put("EmpJob_probationPeriodEndDate", "soon");
    let failure = persons.update(&id, &wrong).await.unwrap_err();
    assert!(failure.message.contains("no date") && !failure.message.contains("soon"), "{}", failure.message);
    assert!(persons.update("nobody", &PersonChange::default().put("User_custom01", "x")).await.unwrap().is_none());
    assert!(!running.requests_since_mark().by_resource.contains_key("POST upsert"));
    let settings = WriteSettings { read_only: true, ..WriteSettings::default() };
    let shut = Persons::new(transport(&running), ReadSettings::default(), settings, EmploymentPolicy::default());
    let failure = shut.update(&id, &PersonChange::default().put("User_custom01", "x")).await.unwrap_err();
    assert!(failure.message.starts_with("connection.acme.read_only"));
}
