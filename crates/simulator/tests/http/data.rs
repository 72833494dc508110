//! Entities, selection, expansion, filters, order, dates.

use joinery_odata::Metadata;
use joinery_simulator::schema::Set;
use serde_json::Value as Json;

use crate::support::{asker, settings, tenant};

const SEGMENTS: &str = "personalInfoNav,emailNav,phoneNav,employmentNav/jobInfoNav,employmentNav/userNav,\
                        personEmpTerminationInfoNav";

fn names(row: &Json) -> Vec<&str> {
    row.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_person_with_six_segments_has_the_shape_of_real_answers() {
    let asker = tenant(20).await;
    let answer = asker.get(&format!("PerPerson?$expand={SEGMENTS}&$top=5")).await;
    assert_eq!(answer.headers()["dataserviceversion"], "1.0");
    let body = answer.text().await.unwrap();
    assert!(body.starts_with("{\"d\":{\"results\":[{\"__metadata\":{\"uri\":\"http://127.0.0.1:"), "{}", &body[..80]);
    let json: Json = serde_json::from_str(&body).unwrap();
    let person = &json["d"]["results"][0];
    let id = person["personIdExternal"].as_str().unwrap();
    assert_eq!(person["__metadata"]["type"], "SFOData.PerPerson");
    assert!(person["__metadata"]["uri"].as_str().unwrap().ends_with(&format!("/odata/v2/PerPerson('{id}')")));
    assert!(person["personId"].is_string(), "64-bit numbers are strings");
    let start = person["personalInfoNav"]["results"][0]["startDate"].as_str().unwrap();
    assert!(start.starts_with("/Date(") && start.ends_with(")/"));
    let changed = person["lastModifiedDateTime"].as_str().unwrap();
    assert!(changed.ends_with("+0000)/"));
    assert_eq!(person["employmentNav"]["results"][0]["personIdExternal"], id);
    assert!(person["employmentNav"]["results"][0]["jobInfoNav"]["results"].is_array());
    assert_eq!(person["employmentNav"]["results"][0]["userNav"]["__metadata"]["type"], "SFOData.User");
    assert!(person["personEmpTerminationInfoNav"]["activeEmploymentsCount"].is_i64());
    let user = &person["employmentNav"]["results"][0]["userNav"];
    assert!(user["manager"]["__deferred"]["uri"].as_str().unwrap().ends_with("/manager"));
}

#[tokio::test]
async fn what_is_selected_is_all_there_is() {
    let asker = tenant(20).await;
    let rows = asker.rows("User?$select=userId,username,manager/userId&$expand=manager&$top=3").await;
    for row in &rows {
        let mut found = names(row);
        found.sort_unstable();
        assert_eq!(found, ["__metadata", "manager", "userId", "username"]);
        assert!(row["manager"].is_null() || names(&row["manager"]).len() == 2);
    }
    let rows = asker.rows("FODepartment?$select=externalCode,name&$top=1").await;
    assert_eq!(names(&rows[0]).len(), 3, "navigations that are not selected are left out");
    let wrong = asker.error("User?$select=userId,foo,manager/bar&$expand=manager,none").await;
    assert_eq!((wrong.0, &*wrong.1), (400, "COE_PROPERTY_NOT_FOUND"));
    assert!(wrong.2.starts_with("[COE0021]Invalid property names: User/foo,User/none,User/bar. "), "{}", wrong.2);
    let deep = asker.error(&format!("User?$expand={}", ["manager"; 11].join("/"))).await;
    assert_eq!(deep.1, "COE_EXPAND_DEPTH_EXCEED_THRESHOLD");
}

#[tokio::test]
async fn an_answer_that_grows_too_large_is_refused() {
    let mut settings = settings(100);
    settings.expand_limit = 150;
    let asker = asker(settings).await;
    assert_eq!(asker.rows("PerPerson").await.len(), 100);
    let refused = asker.error("PerPerson?$expand=employmentNav/jobInfoNav").await;
    assert_eq!((refused.0, &refused.2[..9]), (400, "[COE0052]"));
    assert!(!asker.rows("PerPerson?$expand=employmentNav/jobInfoNav&customPageSize=20").await.is_empty());
}

#[tokio::test]
async fn picklists_by_key_with_options_and_labels() {
    let asker = tenant(10).await;
    let list = asker.data("Picklist('ecEmailType')?$expand=picklistOptions/picklistLabels").await;
    let options = list["picklistOptions"]["results"].as_array().unwrap();
    let business = options.iter().find(|option| option["externalCode"] == "B").unwrap();
    assert!(business["id"].is_string());
    assert!(business["picklistLabels"]["results"].as_array().unwrap().iter().any(|label| label["label"] == "Business"));
    let id = business["id"].as_str().unwrap();
    assert_eq!(asker.data(&format!("PicklistOption({id}L)")).await["externalCode"], "B");
}

#[tokio::test]
async fn keys_paths_values_and_counts() {
    let asker = tenant(30).await;
    let job = asker.rows("EmpJob?$top=1&$select=userId,seqNumber,startDate,jobTitle").await.remove(0);
    let address = job["__metadata"]["uri"].as_str().unwrap();
    assert!(address.contains("/EmpJob(seqNumber=1L,startDate=datetime'"), "{address}");
    assert_eq!(asker.data(address).await["userId"], job["userId"]);
    let user = job["userId"].as_str().unwrap();
    assert!(asker.data(&format!("User('{user}')/firstName")).await["firstName"].is_string());
    let value = asker.get(&format!("User('{user}')/userId/$value")).await.text().await.unwrap();
    assert_eq!(value, user);
    assert_eq!(asker.data(&format!("User(userId='{user}')")).await["userId"], user);
    let reports = asker.rows("User('API_USER')/directReports").await;
    assert!(reports.is_empty());
    assert_eq!(asker.count("PerPerson/$count").await, 30);
    let counted = asker.data("PerPerson?$inlinecount=allpages&$top=2").await;
    assert_eq!((counted["__count"].as_str(), counted["results"].as_array().unwrap().len()), (Some("30"), 2));
    let missing = asker.error("User('nobody')").await;
    assert_eq!((missing.0, &*missing.1), (404, "COE_RECORD_NOT_FOUND"));
    assert!(missing.2.starts_with("[COE0028]Record for entity User"));
    assert_eq!(asker.error("Nonsense").await.1, "NotFoundException");
    assert_eq!(asker.error("User?$search=x").await.0, 400);
}

#[tokio::test]
async fn only_filterable_properties_can_be_filtered() {
    let asker = tenant(20).await;
    let refused = asker.error("User?$filter=email%20eq%20'x'").await;
    assert_eq!((refused.0, &*refused.1), (400, "COE_BAD_PROPERTY_EXPRESSION"));
    assert_eq!(refused.2, "[COE0003]Bad property expression: email; email is not filterable");
    assert_eq!(asker.error("User?$filter=foo%20eq%20'x'").await.1, "COE_PROPERTY_NOT_FOUND");
    assert_eq!(asker.error("User?$orderby=email").await.0, 400);
    assert_eq!(asker.error("User?$filter=userId%20eq").await.0, 400);

    let open = asker_with_email().await;
    assert!(open.rows("User?$filter=email%20eq%20'x'").await.is_empty());
    let metadata = open.get("User/$metadata").await.bytes().await.unwrap();
    let metadata = Metadata::parse(&metadata).unwrap();
    assert!(metadata.entity_type("User").unwrap().property("email").unwrap().sap.filterable);
}

async fn asker_with_email() -> crate::support::Asker {
    let mut settings = settings(20);
    settings.switches.email_filterable = true;
    asker(settings).await
}

/// The six points on the implicit status of users.
#[tokio::test]
async fn a_filter_that_does_not_mention_status_finds_active_users_only() {
    let asker = tenant(300).await;
    let status = |rows: &[Json]| {
        let mut found: Vec<String> = rows.iter().map(|row| row["status"].as_str().unwrap().to_owned()).collect();
        found.sort();
        found.dedup();
        found
    };
    let all = asker.walk("User?$select=userId,status").await.0;
    assert_eq!(status(&all), ["T", "t"], "1: no filter");
    let everybody = asker.walk("User?$select=userId,status&$filter=status%20in%20't','f','T','F','e','d'").await.0;
    assert_eq!(status(&everybody), ["F", "T", "d", "e", "f", "t"], "5: all asked for");
    let inactive = everybody.iter().find(|row| row["status"] == "f").unwrap()["userId"].as_str().unwrap();

    let or = format!("User?$select=userId,status&$filter=userId%20eq%20'{inactive}'%20or%20status%20eq%20't'");
    assert_eq!(status(&asker.walk(&or).await.0), ["f", "t"], "2: mentioned in one branch");
    let without = format!("User?$filter=userId%20eq%20'{inactive}'");
    assert!(asker.rows(&without).await.is_empty(), "2: not mentioned");
    let by_key = asker.data(&format!("User('{inactive}')?$filter=status%20eq%20't'")).await;
    assert_eq!(by_key["status"], "f", "3: a key gives any, and the filter is not looked at");
    let below = "EmpEmployment?$expand=userNav&$select=userNav/status";
    let below: Vec<Json> = asker.walk(below).await.0.into_iter().map(|mut row| row["userNav"].take()).collect();
    assert!(below.iter().any(|user| user["status"] == "f"), "4: from another entity all come");
    let words = asker.walk("User?$filter=status%20eq%20'inactive'").await.0;
    assert_eq!(status(&words), ["f"], "6: words are understood, letters come back");
    assert_eq!(words.len(), everybody.iter().filter(|row| row["status"] == "f").count());
}

#[tokio::test]
async fn below_the_key_of_a_user_only_active_users_come_unless_switched() {
    let mut all = settings(300);
    all.switches.active_users_below_user_key = false;
    let (active, all) = (tenant(300).await, asker(all).await);
    let left = "User?$filter=status%20eq%20'f'%20and%20manager%20ne%20null&$select=manager/userId&$expand=manager";
    let boss = active.rows(left).await[0]["manager"]["userId"].as_str().unwrap().to_owned();
    for path in [format!("User('{boss}')/directReports"), format!("User('{boss}')?$expand=directReports")] {
        let reports = async |asker: &crate::support::Asker| {
            let data = asker.data(&path).await;
            let list = data.get("results").or_else(|| data["directReports"].get("results"));
            let list = list.unwrap().as_array().unwrap();
            list.iter().map(|row| row["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let (active, all) = (reports(&active).await, reports(&all).await);
        assert!(active.iter().all(|status| status == "t") && active.len() < all.len(), "{path}: {active:?} {all:?}");
    }
}

#[tokio::test]
async fn filters_find_what_they_say() {
    let asker = tenant(200).await;
    let people = asker.walk("PerPerson?$select=personIdExternal").await.0;
    let ids: Vec<&str> = people.iter().map(|row| row["personIdExternal"].as_str().unwrap()).collect();
    let listed = format!("PerPerson?$filter=personIdExternal%20in%20'{}','{}','nobody'", ids[3], ids[5]);
    assert_eq!(asker.rows(&listed).await.len(), 2);

    let users = asker.walk("User?$select=userId,username,firstName,lastName,department").await.0;
    let first = users.iter().find(|row| row["username"].as_str().unwrap().contains('.')).unwrap();
    let username = first["username"].as_str().unwrap().replace('\'', "''").replace('+', "%2B");
    assert_eq!(asker.rows(&format!("User?$filter=username%20eq%20'{username}'")).await.len(), 1);
    let shouted = username.to_uppercase().replace("%2B", "+").replace('+', "%2B");
    assert!(asker.rows(&format!("User?$filter=username%20eq%20'{shouted}'")).await.is_empty(), "case-sensitive");
    let folded = format!("User?$filter=tolower(username)%20eq%20'{}'", username.to_lowercase().replace("%2b", "%2B"));
    assert_eq!(asker.rows(&folded).await.len(), 1);
    let prefix: String =
        first["lastName"].as_str().unwrap().chars().take(1).filter(char::is_ascii_alphabetic).collect();
    let like = asker.count(&format!("User/$count?$filter=lastName%20like%20'{prefix}%25'")).await;
    let starts = asker.count(&format!("User/$count?$filter=startswith(lastName,'{prefix}')")).await;
    assert_eq!(like, starts);
    assert!(like > 0);
    let neither = asker.count("User/$count?$filter=department%20ne%20'x'").await;
    let null = asker.count("User/$count?$filter=department%20eq%20null").await;
    assert_eq!(neither + null, users.len(), "null is neither equal nor unequal to a text");
}

/// The queries of Microsoft Entra's connector: navigations in filters, to-many meaning any.
#[tokio::test]
async fn filters_reach_through_navigations() {
    let asker = tenant(300).await;
    let counted =
        "PerPerson?$filter=personEmpTerminationInfoNav/activeEmploymentsCount%20ne%20null&$expand=employmentNav";
    let with_employment = asker.walk(counted).await.0;
    let all = asker.walk("PerPerson?$expand=employmentNav").await.0;
    let employed = all.iter().filter(|row| !row["employmentNav"]["results"].as_array().unwrap().is_empty()).count();
    assert_eq!(with_employment.len(), employed);
    assert!(employed < all.len(), "somebody has no employment");

    let left = "PerPerson?$filter=personEmpTerminationInfoNav/activeEmploymentsCount%20eq%200\
                &$expand=personEmpTerminationInfoNav";
    let left = asker.walk(left).await.0;
    assert!(!left.is_empty());
    assert!(left.iter().all(|row| row["personEmpTerminationInfoNav"]["latestTerminationDate"].is_string()));

    let since = "PerPerson/$count?$filter=employmentNav/jobInfoNav/lastModifiedDateTime%20ge%20";
    let some = asker.count(&format!("{since}datetimeoffset'2025-06-01T00:00:00Z'")).await;
    let none = asker.count(&format!("{since}datetimeoffset'2026-11-21T00:00:00Z'")).await;
    assert!(some > 0 && none == 0, "{some} {none}");
}

#[tokio::test]
async fn order_is_kept_and_null_comes_first() {
    let asker = tenant(60).await;
    let rows = asker.walk("User?$select=lastName,userId&$orderby=lastName%20desc,userId&customPageSize=7").await.0;
    let names: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row["lastName"].as_str().unwrap_or_default(), row["userId"].as_str().unwrap()))
        .collect();
    assert!(names.is_sorted_by(|a, b| a.0 > b.0 || (a.0 == b.0 && a.1 <= b.1)));
    let changed = asker
        .walk("User?$select=lastModifiedDateTime&$orderby=lastModifiedDateTime&$filter=status%20ne%20null")
        .await
        .0;
    assert!(changed[0]["lastModifiedDateTime"].is_null(), "users without a modification");
    assert!(changed.last().unwrap()["lastModifiedDateTime"].is_string());
}

#[tokio::test]
async fn dates_choose_slices() {
    let asker = tenant(200).await;
    let now = asker.walk("EmpJob?$select=userId,startDate").await.0;
    let whole = asker.walk("EmpJob?$select=userId,startDate&fromDate=1900-01-01&toDate=9999-12-31").await.0;
    assert!(whole.len() > now.len(), "{} {}", whole.len(), now.len());
    let early = asker.walk("EmpJob?$select=userId&asOfDate=1996-01-01").await.0;
    assert!(early.len() < now.len());
    assert_eq!(asker.error("EmpJob?asOfDate=2026-01-01&fromDate=2026-01-01").await.0, 400);
    assert_eq!(asker.error("EmpJob?fromDate=2026-02-01&toDate=2026-01-01").await.0, 400);

    // Below a root that is not effective-dated a range reaches down, unless the switch says otherwise.
    let below = "PerPerson?$expand=employmentNav/jobInfoNav&$select=employmentNav/jobInfoNav/startDate\
                 &fromDate=1900-01-01&toDate=9999-12-31";
    let slices = |rows: &[Json]| -> usize {
        rows.iter()
            .flat_map(|row| row["employmentNav"]["results"].as_array().unwrap())
            .map(|job| job["jobInfoNav"]["results"].as_array().unwrap().len())
            .sum()
    };
    assert_eq!(slices(&asker.walk(below).await.0), whole.len());
    let mut other = settings(200);
    other.switches.range_reaches_down = false;
    let other = crate::support::asker(other).await;
    assert_eq!(slices(&other.walk(below).await.0), now.len());
}

#[tokio::test]
async fn a_datetime_beside_an_instant_is_in_the_servers_zone() {
    let mut settings = settings(20);
    settings.seed.server_zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let asker = asker(settings).await;
    let row =
        asker.rows("PerPerson?$top=1&$select=personIdExternal,lastModifiedDateTime,lastModifiedOn").await.remove(0);
    let millis = |name: &str| -> i64 {
        let text = row[name].as_str().unwrap().trim_start_matches("/Date(").trim_end_matches(")/");
        text.trim_end_matches("+0000").parse().unwrap()
    };
    let (instant, wall) = (millis("lastModifiedDateTime"), millis("lastModifiedOn"));
    assert!([3_600_000, 7_200_000].contains(&(wall - instant)), "wall clock written as if UTC");
    let civil = jiff::Timestamp::from_millisecond(wall).unwrap().to_string();
    let id = row["personIdExternal"].as_str().unwrap().replace('\'', "''").replace('+', "%2B");
    let filter = |field: &str, literal: &str| {
        format!("PerPerson?$filter=personIdExternal%20eq%20'{id}'%20and%20{field}%20eq%20datetime'{literal}'")
    };
    let local = civil.trim_end_matches('Z');
    assert_eq!(asker.rows(&filter("lastModifiedDateTime", local)).await.len(), 1);
    let utc = jiff::Timestamp::from_millisecond(instant).unwrap().to_string();
    assert!(asker.rows(&filter("lastModifiedDateTime", utc.trim_end_matches('Z'))).await.is_empty());
}

#[tokio::test]
async fn metadata_whole_and_in_parts() {
    let asker = tenant(10).await;
    let read = async |path: &str| Metadata::parse(&asker.get(path).await.bytes().await.unwrap()).unwrap();
    let whole = read("$metadata").await;
    let names: Vec<&str> = Set::all().map(|set| set.table().name).collect();
    assert_eq!(whole.sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>(), names);
    let user = whole.type_of_set("User").unwrap();
    assert_eq!(user.keys, ["userId"]);
    assert!(!user.property("email").unwrap().sap.filterable && user.property("userId").unwrap().sap.filterable);
    assert!(whole.type_of_set("PerPerson").unwrap().navigation("employmentNav").unwrap().is_many());
    let part = read("User,PerPerson/$metadata").await;
    assert_eq!(part.sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>(), ["User", "PerPerson"]);
    assert_eq!(read("EmpJob/$metadata").await.sets.len(), 1);
    assert_eq!(asker.get("User,Nonsense/$metadata").await.status(), 404);
}

#[tokio::test]
async fn headers_say_who_time_and_session() {
    let asker = tenant(10).await;
    let answer = asker.get("User?$top=1").await;
    let headers = answer.headers();
    assert_eq!(headers["date"], "Sat, 21 Nov 2026 12:00:00 GMT", "the tenant's own time");
    assert!(headers["set-cookie"].to_str().unwrap().starts_with("JSESSIONID="));
    assert!(headers.contains_key("x-csrf-token"));
    assert_eq!(headers["successfactors-message"], "successfactors-sourcetype is missing in request headers");
    let request = asker.client.get(asker.url("/odata/v2/User?$top=1&$format=json"));
    let request = request.basic_auth("API_USER@ACME", Some("secret"));
    let answer = request.header("successfactors-sourcetype", "Application").header("x-sf-correlation-id", "c-1");
    let answer = answer.send().await.unwrap();
    assert!(!answer.headers().contains_key("successfactors-message"));
    assert_eq!(answer.headers()["x-sf-correlation-id"], "c-1");
}
