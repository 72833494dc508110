//! Groups, roles and permissions over HTTP.

use joinery_simulator::Visibility;
use reqwest::StatusCode;
use serde_json::{Value as Json, json};

use crate::support::{Asker, asker, settings, tenant};

async fn group_named(asker: &Asker, name: &str) -> Json {
    let path = format!("DynamicGroup?$filter=groupName%20eq%20'{}'", name.replace(' ', "%20"));
    asker.rows(&path).await.remove(0)
}

fn names(beans: &Json, member: &str) -> Vec<String> {
    beans.as_array().unwrap().iter().map(|bean| bean[member].as_str().unwrap().to_owned()).collect()
}

async fn upsert(asker: &Asker, rows: &Json) -> Json {
    let request = asker.client.post(asker.url("/odata/v2/upsert?$format=json")).json(rows);
    let answer = request.basic_auth("API_USER@ACME", Some("secret")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json::<Json>().await.unwrap()["d"].take()
}

#[tokio::test]
async fn groups_are_listed_filtered_and_counted() {
    let asker = tenant(300).await;
    let all = asker.rows("DynamicGroup").await;
    assert!(all.iter().any(|group| group["groupName"] == "$$EVERYONE$$" && group["groupID"] == "1586"));
    let path = "DynamicGroup?$filter=groupType%20eq%20'permission'%20and%20staticGroup%20eq%20true&$orderby=groupName";
    let listed = asker.rows(path).await;
    assert!(listed.len() >= 4 && listed.iter().all(|group| group["staticGroup"] == true), "{listed:?}");
    let group = &listed[0];
    assert!(group["activeMembershipCount"].is_i64() && group["totalMemberCount"].is_i64());
    assert!(group["lastModifiedDate"].as_str().unwrap().starts_with("/Date("));
    assert!(group["dgIncludePools"]["__deferred"]["uri"].as_str().unwrap().ends_with("L)/dgIncludePools"));
    let refused = asker.error("DynamicGroup?$filter=totalMemberCount%20gt%205").await;
    assert_eq!((refused.0, refused.1.as_str()), (400, "COE_BAD_PROPERTY_EXPRESSION"));
    for set in ["DGPeoplePool", "DGFilter", "DGExpression", "DGFieldValue", "DGFieldOperator"] {
        assert_eq!(asker.error(set).await.0, 400, "{set}: results list not supported");
    }
    let definition = asker.data("DynamicGroupDefinition(3600L)?$expand=group").await;
    assert!(definition["includedPeoplePool1"].as_str().unwrap().starts_with("Username Equals "));
    assert_eq!(definition["group"]["groupName"], "Early adopters");
}

#[tokio::test]
async fn a_group_comes_with_its_pools() {
    let asker = tenant(300).await;
    let by_id = asker.data("getExpandedDynamicGroupById?groupId=3600L&$format=json").await;
    let pool = &by_id["dgIncludePools"]["results"][0];
    assert_eq!(pool["peoplePoolId"], "3600_1");
    let filter = &pool["filters"]["results"][0];
    assert_eq!(filter["field"]["name"], "std_username");
    let expression = &filter["expressions"]["results"][0];
    assert_eq!(expression["operator"]["token"], "eq");
    assert!(expression["values"]["results"][0]["fieldValue"].is_string());
    let by_name = "getExpandedDynamicGroupByName?groupName='Early%20adopters'";
    assert_eq!(asker.data(by_name).await, by_id);
    let typed = "getExpandedDynamicGroupByNameAndSubType?groupName='Early%20adopters'&groupType='permission'";
    assert_eq!(asker.data(typed).await, by_id);
    let expand = "DynamicGroup(3600L)?$expand=dgIncludePools/filters/expressions/values";
    let expanded = asker.data(expand).await;
    assert_eq!(expanded["dgIncludePools"]["results"][0]["peoplePoolId"], "3600_1");
    let below = asker.rows("DGPeoplePool('3600_1')/filters").await;
    assert_eq!(below[0]["filterId"], "3600_1_1");
    assert_eq!(asker.error("getExpandedDynamicGroupById?groupId=9L").await.0, 404);
    let other = "getExpandedDynamicGroupByNameAndSubType?groupName='Early%20adopters'&groupType='ectworkflow'";
    assert_eq!(asker.error(other).await.1, "COE_RECORD_NOT_FOUND");
}

#[tokio::test]
async fn members_and_groups_agree() {
    let asker = tenant(300).await;
    let group = group_named(&asker, "Fire wardens").await;
    let id = group["groupID"].as_str().unwrap();
    let members = asker.data(&format!("getUsersByDynamicGroup?groupId={id}L&activeOnly=false")).await;
    let ids = names(&members, "userId");
    assert_eq!(ids.len() as i64, group["totalMemberCount"].as_i64().unwrap());
    assert!(ids.is_sorted());
    assert_eq!(members[0]["personGUID"].as_str().unwrap().len(), 32);
    let active = asker.data(&format!("getUsersByDynamicGroup?groupId={id}L&activeOnly=true")).await;
    assert_eq!(active.as_array().unwrap().len() as i64, group["activeMembershipCount"].as_i64().unwrap());
    let of_user = format!("getDynamicGroupsByUser?userId='{}'&groupSubType='permission'", ids[0]);
    let groups = asker.data(&of_user).await;
    let known = names(&groups, "groupName");
    assert!(known.contains(&"$$EVERYONE$$".to_owned()) && known.contains(&"Fire wardens".to_owned()), "{known:?}");
    assert!(groups[0]["groupId"].is_string());
    assert_eq!(asker.error("getDynamicGroupsByUser?userId='nobody'&groupSubType='permission'").await.0, 404);
    assert_eq!(asker.error("getDynamicGroupsByUser?groupSubType='permission'").await.0, 400);
    assert_eq!(asker.error("getUsersByDynamicGroup?groupId='x'").await.0, 400);
}

#[tokio::test]
async fn static_groups_change_by_a_get() {
    let asker = tenant(300).await;
    let group = group_named(&asker, "Works council").await;
    let id = group["groupID"].as_str().unwrap();
    let members = async || names(&asker.data(&format!("getUsersByDynamicGroup?groupId={id}")).await, "userId");
    let before = members().await;
    let call =
        |action: &str, users: &str| format!("updateStaticGroup?groupId={id}L&action='{action}'&userIds='{users}'");
    let added = asker.data(&call("add", "100200,100201,nobody")).await;
    assert_eq!(added, json!({"updateStaticGroup": 2}));
    assert_eq!(members().await.len(), before.len() + 2);
    assert_eq!(asker.data(&call("ADD", "100200")).await["updateStaticGroup"], 0);
    assert_eq!(asker.data(&call("delete", "100200")).await["updateStaticGroup"], 1);
    assert_eq!(asker.data(&call("REMOVE", "100201")).await["updateStaticGroup"], 1);
    assert_eq!(members().await, before);
    assert_eq!(asker.error(&call("invite", "100200")).await.0, 400);
    let dynamic = asker.error("updateStaticGroup?groupId=3600L&action='add'&userIds='100200'").await;
    assert_eq!((dynamic.0, dynamic.2.as_str()), (400, "[COE0018]Group 3600 is not a static group."));

    let mut strict = settings(50);
    strict.switches.static_groups_refuse_unknown_users = true;
    let strict = self::asker(strict).await;
    assert_eq!(strict.error(&call("add", "100004,nobody")).await.0, 400);
}

#[tokio::test]
async fn a_rename_without_pools_keeps_them_and_pools_that_are_sent_replace() {
    let asker = tenant(300).await;
    let whole = async || asker.data("getExpandedDynamicGroupById?groupId=3600L").await;
    let before = whole().await;
    let rename = json!({"__metadata": {"uri": "DynamicGroup"}, "groupID": "3600", "groupName": "Pioneers", "groupType": "permission"});
    let done = upsert(&asker, &rename).await;
    assert_eq!(done[0]["status"], "OK", "{done}");
    assert_eq!(
        (&done[0]["key"], &done[0]["editStatus"], &done[0]["httpCode"]),
        (&json!("3600"), &json!("UPDATED"), &json!(204))
    );
    let after = whole().await;
    assert_eq!(after["groupName"], "Pioneers");
    assert_eq!(after["dgIncludePools"], before["dgIncludePools"]);
    let back = json!({"__metadata": {"uri": "DynamicGroup(3600L)"}, "groupName": "Early adopters", "dgIncludePools": before["dgIncludePools"]});
    assert_eq!(upsert(&asker, &back).await[0]["status"], "OK");
    assert_eq!(whole().await["dgIncludePools"], before["dgIncludePools"]);
    let emptied = json!({"__metadata": {"uri": "DynamicGroup(3600L)"}, "dgIncludePools": []});
    assert_eq!(upsert(&asker, &emptied).await[0]["status"], "OK");
    assert_eq!(whole().await["dgIncludePools"]["results"], json!([]));
    assert_eq!(whole().await["totalMemberCount"], 0);

    let mut lossy = settings(50);
    lossy.switches.unsent_pools_are_removed = true;
    let lossy = self::asker(lossy).await;
    assert_eq!(upsert(&lossy, &rename).await[0]["status"], "OK");
    let after = lossy.data("getExpandedDynamicGroupById?groupId=3600L").await;
    assert_eq!(after["dgIncludePools"]["results"], json!([]));
}

#[tokio::test]
async fn rows_that_are_refused_say_why() {
    let asker = tenant(50).await;
    let row = |body: Json| async {
        let mut body = body;
        body["__metadata"] = json!({"uri": "DynamicGroup"});
        upsert(&asker, &body).await[0].clone()
    };
    let made = row(json!({"groupName": "Made here", "groupType": "permission"})).await;
    assert_eq!((&made["editStatus"], &made["httpCode"]), (&json!("INSERTED"), &json!(201)));
    let cases = [
        (json!({"groupType": "permission"}), 400, "groupName are missing"),
        (json!({"groupID": "9", "groupName": "x"}), 404, "does not exist"),
        (json!({"groupID": "1586", "groupName": "All"}), 400, "system group"),
        (json!({"groupName": "Made here", "groupType": "permission"}), 400, "exists already"),
        (json!({"groupName": "x".repeat(101), "groupType": "permission"}), 400, "groupName"),
        (json!({"groupName": "s", "groupType": "permission", "staticGroup": true}), 400, "staticGroup"),
        (json!({"groupID": "3600", "colour": "red"}), 400, "DynamicGroup/colour"),
    ];
    for (body, code, words) in cases {
        let done = row(body.clone()).await;
        assert_eq!((done["status"].as_str(), done["httpCode"].as_u64()), (Some("ERROR"), Some(code)), "{body}: {done}");
        let message = done["message"].as_str().unwrap();
        assert!(message.contains(words) && message.ends_with(" with the index 0"), "{message}");
    }
}

#[tokio::test]
async fn roles_follow_from_groups_and_permissions_from_roles() {
    let asker = tenant(300).await;
    let roles = asker.data("getUserRolesByUserId?userId='API_USER'").await;
    assert_eq!(names(&roles, "roleName"), ["Integration User", "Employee Self-Service"]);
    assert!(roles[0]["roleId"].is_string() && roles[0]["__metadata"]["type"] == "SFOData.RBPRole");
    let listed =
        asker.rows("RBPRole?$expand=rules/accessGroups,permissions&$filter=roleName%20eq%20'Integration%20User'").await;
    let rule = &listed[0]["rules"]["results"][0];
    assert_eq!(rule["accessGroups"]["results"][0]["groupName"], "Integration users");
    assert_eq!(listed[0]["permissions"]["results"].as_array().unwrap().len(), 15);
    assert!(asker.rows("RBPRule").await.len() >= 9 && !asker.rows("RBPBasicPermission?$top=3").await.is_empty());

    let text = async |path: &str| {
        let d = asker.data(path).await;
        let name = path.split('?').next().unwrap();
        serde_json::from_str::<Json>(d[name].as_str().unwrap()).unwrap()
    };
    let report = text("getUserRolesReport?userIds='API_USER,sfadmin'").await;
    assert_eq!(report[1]["roles"][0]["roleName"], "System Admin");
    let items = async |path: &str| {
        let d = asker.data(path).await;
        let xml = d[path.split('?').next().unwrap()].as_str().unwrap().to_owned();
        let document = roxmltree::Document::parse(&xml).unwrap();
        let labels = document.descendants().filter(|node| node.has_tag_name("permission-item"));
        labels.map(|item| item.attribute("permission-string-value").unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(items("getUsersPermissions?userIds='API_USER'&locale='en_US'").await.len() >= 15);
    assert_eq!(items("getRolesPermissions?roleIds='103'&locale='en_US'").await.len(), 2);
    assert!(items("getPermissionMetadata?locale='en_US'").await.len() >= 20);
    let may = "checkUserPermission?accessUserId='API_USER'&permType='manage_integration_tools'&permStringValue='odata_api_access'";
    assert_eq!(asker.data(may).await, json!({"checkUserPermission": true}));
    let not = "checkUserPermission?accessUserId='100003'&permType='manage_integration_tools'&permStringValue='odata_api_access'";
    assert_eq!(asker.data(not).await, json!({"checkUserPermission": false}));
    let checks = "checkUserPermissions?payload=%5B%7B%22accessUserId%22:%22API_USER%22,%22permType%22:%22login%22,%22permStringValue%22:%22user_login%22%7D%5D";
    assert_eq!(asker.data(checks).await["checkUserPermissions"], "[true]");
    let post =
        asker.client.post(asker.url("/odata/v2/checkUserPermissions")).basic_auth("API_USER@ACME", Some("secret"));
    assert_eq!(post.send().await.unwrap().status(), 405, "KBA 3728375");
}

#[tokio::test]
async fn without_the_permission_groups_and_roles_are_refused() {
    let asker = tenant(50).await;
    let rules = Visibility { no_group_types: ["permission".to_owned()].into(), ..Visibility::default() };
    asker.running.set_visibility(rules, 0);
    let text = "[COE0020]User [API_USER] attempted to access dynamic group module [PERMISSION] without proper access privilege";
    for path in [
        "getDynamicGroupsByUser?userId='100003'&groupSubType='permission'",
        "getUsersByDynamicGroup?groupId=3600L",
        "getUserRolesByUserId?userId='100003'",
        "DynamicGroup?$filter=groupType%20eq%20'permission'",
        "DynamicGroup(3600L)",
        "RBPRole",
    ] {
        assert_eq!(asker.error(path).await, (403, "COE_GENERAL_FORBIDDEN".to_owned(), text.to_owned()), "{path}");
    }
    let rules = Visibility { no_group_types: ["ectworkflow".to_owned()].into(), ..Visibility::default() };
    asker.running.set_visibility(rules, 0);
    let listed = asker.rows("DynamicGroup").await;
    assert!(!listed.is_empty() && listed.iter().all(|group| group["groupType"] != "ectworkflow"));
}

#[tokio::test]
async fn a_move_shows_in_the_members_at_once() {
    let asker = tenant(300).await;
    let groups = asker.rows("DynamicGroup?$filter=startswith(groupName,'Team%20')").await;
    let id = groups[1]["groupID"].as_str().unwrap().to_owned();
    let members = async || names(&asker.data(&format!("getUsersByDynamicGroup?groupId={id}L")).await, "userId");
    let definition = asker.data(&format!("DynamicGroupDefinition({id}L)")).await;
    let code = definition["includedPeoplePool1"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
    let before = members().await;
    let newcomer = (100_100..100_300).map(|id: u32| id.to_string()).find(|id| !before.contains(id)).unwrap();
    let (status, answer) = asker.control("POST", "people/move", &json!({"who": newcomer, "department": code})).await;
    assert_eq!(status, 200, "{answer}");
    assert!(members().await.contains(&newcomer));
    let names = names(&asker.data(&format!("getDynamicGroupsByUser?userId='{newcomer}'")).await, "groupId");
    assert!(names.contains(&id));
}

#[tokio::test]
async fn the_other_function_imports() {
    let mut with_results = settings(20);
    with_results.switches.function_lists_in_results = true;
    let asker = asker(with_results).await;
    let roles = asker.rows("getUserRolesByUserId?userId='API_USER'").await;
    assert_eq!(roles[0]["roleName"], "Integration User");
    assert!(
        asker.data("getPasswordPolicy?locale='en_US'").await["getPasswordPolicy"]
            .as_str()
            .unwrap()
            .contains("characters")
    );
    assert!(asker.data("getUserNameFormat?locale='en_US'").await["getUserNameFormat"].is_string());
    assert_eq!(asker.data("isValidSession").await, json!({"isValidSession": true}));
    assert_eq!(asker.error("generateNextPersonID").await.0, 405);
    let next = async || {
        let post = asker.client.post(asker.url("/odata/v2/generateNextPersonID?$format=json"));
        let answer = post.basic_auth("API_USER@ACME", Some("secret")).send().await.unwrap();
        answer.json::<Json>().await.unwrap()["d"]["GenerateNextPersonIDResponse"]["personID"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (one, other) = (next().await, next().await);
    assert!(one != other && asker.get(&format!("PerPerson('{other}')")).await.status() == 404);
}

#[tokio::test]
async fn the_target_population_of_the_role_is_all_that_is_seen() {
    let asker = tenant(300).await;
    let wardens = group_named(&asker, "Fire wardens").await;
    let id = wardens["groupID"].as_str().unwrap();
    let members = names(&asker.data(&format!("getUsersByDynamicGroup?groupId={id}")).await, "userId");
    let body = json!({"hidden_people": {"outside_groups": ["Fire wardens"]}});
    assert_eq!(asker.control("POST", "visibility", &body).await.0, 200);
    let seen = names(&Json::from(asker.rows("PerPerson?$select=personIdExternal").await), "personIdExternal");
    assert_eq!(seen.len(), members.len());
    let outsider = (100_100..100_300).map(|id: u32| id.to_string()).find(|id| !seen.contains(id)).unwrap();
    assert_eq!(asker.get(&format!("User('{outsider}')")).await.status(), 404);
    // Who joins the group comes into sight.
    let call = format!("updateStaticGroup?groupId={id}L&action='add'&userIds='{outsider}'");
    assert_eq!(asker.data(&call).await["updateStaticGroup"], 1);
    assert_eq!(asker.get(&format!("User('{outsider}')")).await.status(), 200);
}
