//! The console page, and the part of the control API that it looks with.

use reqwest::Method;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{Assertion, asker, settings, tenant};

const FILES: [&str; 14] = [
    "style.css",
    "icon.svg",
    "main.js",
    "dom.js",
    "api.js",
    "parts.js",
    "people.js",
    "person.js",
    "orders.js",
    "groups.js",
    "faults.js",
    "clock.js",
    "visibility.js",
    "requests.js",
];

#[tokio::test]
async fn the_page_and_its_files_are_served_with_a_policy() {
    let asker = tenant(20).await;
    let files = FILES.iter().map(|name| format!("/console/{name}"));
    for path in ["/".to_owned(), "/console".to_owned(), "/console/".to_owned()].into_iter().chain(files) {
        let answer = asker.client.get(asker.url(&path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        let kind = header("content-type");
        let expected = match path.rsplit_once('.') {
            Some((_, "css")) => "text/css",
            Some((_, "js")) => "text/javascript",
            Some((_, "svg")) => "image/svg+xml",
            _ => "text/html",
        };
        assert!(kind.starts_with(expected), "{path}: {kind}");
    }
    for (method, path, status) in
        [(Method::GET, "/console/nothing.js", 404), (Method::POST, "/", 405), (Method::GET, "/elsewhere", 404)]
    {
        let answer = asker.client.request(method, asker.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
    // A client would tidy this path up before it sends it.
    let address = asker.url("").strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
    let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
    let asked = b"GET /console/../Cargo.toml HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    line.write_all(asked).await.unwrap();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 404 "), "{}", String::from_utf8_lossy(&answer));
    let counted = asker.running.requests().by_resource;
    assert!(counted.keys().eq(["GET (elsewhere)"]), "the page is no request of a client: {counted:?}");
}

/// What the policy forbids is not there, nothing is fetched from elsewhere, and text is never read as HTML.
#[tokio::test]
async fn nothing_stands_inline_and_nothing_comes_from_elsewhere() {
    let asker = tenant(10).await;
    let page = asker.client.get(asker.url("/")).send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("style=") && !page.contains(" on") && !page.contains("<script>"), "{page}");
    let mut texts = vec![page.clone()];
    let mut modules = vec!["main.js".to_owned()];
    while let Some(name) = modules.pop() {
        let answer = asker.client.get(asker.url(&format!("/console/{name}"))).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{name} is imported");
        let text = answer.text().await.unwrap();
        for line in text.lines().filter(|line| line.starts_with("import ")) {
            let from = line.split('"').nth(1).unwrap().strip_prefix("./").expect("a module beside it");
            assert!(FILES.contains(&from), "{from} is among the files that are looked at");
            modules.push(from.to_owned());
        }
        texts.push(text);
    }
    for text in &texts {
        for forbidden in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "https://", "//cdn"]
        {
            assert!(!text.contains(forbidden), "{forbidden}");
        }
    }
    assert!(
        page.contains("lang=\"en\"") && page.contains("<main") && page.contains("<nav") && page.contains("viewport")
    );
}

#[tokio::test]
async fn people_are_searched_and_paged() {
    let asker = tenant(300).await;
    let get = async |path: &str| asker.control("GET", path, &Json::Null).await;
    let (status, first) = get("people?size=7").await;
    assert_eq!((status, &first["total"], first["people"].as_array().unwrap().len()), (200, &json!(300), 7));
    let mut ids = Vec::new();
    for page in 1..=43 {
        let (_, found) = get(&format!("people?size=7&page={page}")).await;
        ids.extend(found["people"].as_array().unwrap().iter().map(|one| one["person_id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(ids.len(), 300);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 300, "everybody once");

    let hired = json!({"first_name": "<b>Zoë</b>", "last_name": "O'\"Hara & \u{5d9}\u{5d5}\u{5e1}\u{5e3}"});
    let (_, hired) = asker.control("POST", "people/hire", &hired).await;
    let id = hired["person_id"].as_str().unwrap();
    for search in ["%3Cb%3Ezo%C3%AB", "o'%22hara", "%D7%99%D7%95%D7%A1", id] {
        let (_, found) = get(&format!("people?search={search}")).await;
        let names: Vec<_> = found["people"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert!(names.contains(&json!("<b>Zoë</b> O'\"Hara & \u{5d9}\u{5d5}\u{5e1}\u{5e3}")), "{search}: {names:?}");
    }
    let answer = asker.client.get(asker.url(&format!("/control/people/{id}"))).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json;charset=utf-8", "never read as HTML");

    for standing in ["active", "away", "future", "left", "none"] {
        let (_, found) = get(&format!("people?standing={standing}&size=200")).await;
        let all = found["people"].as_array().unwrap();
        assert!(!all.is_empty() && all.iter().all(|one| one["standing"] == standing), "{standing}");
    }
    assert_eq!(get("people?standing=asleep").await.0, 400);
    assert_eq!(get("people/nobody").await.0, 404);
}

#[tokio::test]
async fn one_persons_whole_record() {
    let asker = tenant(300).await;
    let (_, hired) = asker
        .control("POST", "people/hire", &json!({"first_name": "Ada", "last_name": "King", "start": "2020-01-01"}))
        .await;
    let id = hired["person_id"].as_str().unwrap().to_owned();
    for (what, order) in [
        ("rename", json!({"who": id, "first_name": "Ada", "last_name": "Lovelace", "from": "2022-01-01"})),
        ("move", json!({"who": id, "title": "Head of Engines", "from": "2021-05-01"})),
        ("email", json!({"who": id, "address": "ada@example.com"})),
        ("phone", json!({"who": id, "number": "+44 20 1"})),
        ("terminate", json!({"who": id, "end": "2023-12-31"})),
        ("rehire", json!({"who": id, "from": "2025-01-01"})),
    ] {
        assert_eq!(asker.control("POST", &format!("people/{what}"), &order).await.0, 200, "{what}");
    }
    let (_, person) = asker.control("GET", &format!("people/{id}"), &Json::Null).await;
    assert_eq!(
        (&person["summary"]["name"], &person["summary"]["standing"]),
        (&json!("Ada Lovelace"), &json!("active"))
    );
    let names = person["names"].as_array().unwrap();
    assert_eq!(names.len(), 2);
    assert_eq!((&names[0]["in_force"], &names[1]["in_force"]), (&json!(false), &json!(true)));
    assert_eq!(person["emails"][0]["values"]["emailAddress"], "ada@example.com");
    assert_eq!(person["emails"][0]["words"]["emailType"], "Business");
    let employments = person["employments"].as_array().unwrap();
    assert_eq!(employments.len(), 2);
    assert_eq!(employments[0]["termination"][0]["values"]["endDate"], "2023-12-31");
    assert!(employments[0]["jobs"].as_array().unwrap().len() >= 3, "{}", employments[0]["jobs"]);
    assert!(employments[0]["jobs"][0]["words"]["department"].is_string(), "codes say what they mean");
    assert!(employments[1]["jobs"][0]["words"]["managerId"].is_string(), "a manager has a name");
    assert!(!employments[1]["groups"].as_array().unwrap().is_empty());
    assert!(employments[1]["user"][0]["values"].get("password").is_none());
    let by_user = employments[0]["user_id"].as_str().unwrap();
    assert_eq!(asker.control("GET", &format!("people/{by_user}"), &Json::Null).await.0, 200, "by userId too");
}

#[tokio::test]
async fn groups_are_shown_as_they_are_evaluated() {
    let asker = tenant(300).await;
    let (_, all) = asker.control("GET", "groups?size=200", &Json::Null).await;
    let groups = all["groups"].as_array().unwrap();
    assert_eq!(all["total"], json!(groups.len()));
    for membership in ["static", "dynamic", "everyone"] {
        let group = groups.iter().find(|group| group["membership"] == membership && group["members"] != 0).unwrap();
        let (status, shown) = asker.control("GET", &format!("groups/{}?size=200", group["id"]), &Json::Null).await;
        assert_eq!(status, 200);
        assert_eq!(shown["total"], group["members"]);
        assert_eq!(membership == "dynamic", shown["group"]["include"][0]["conditions"].is_array(), "{shown}");
    }
    assert_eq!(asker.control("GET", "groups/0", &Json::Null).await.0, 404);
    assert_eq!(asker.control("GET", "groups/x", &Json::Null).await.0, 404);
    let (_, units) = asker.control("GET", "units", &Json::Null).await;
    let departments = units["FODepartment"].as_array().unwrap();
    assert!(
        !departments.is_empty() && departments.iter().all(|one| one["code"].is_string() && one["name"].is_string())
    );
}

#[tokio::test]
async fn a_fault_is_disarmed_by_its_number() {
    let asker = tenant(20).await;
    for path in ["/User", "/PerPerson"] {
        asker.control("POST", "faults", &json!({"kind": "maintenance", "when": "always", "path": path})).await;
    }
    let (_, armed) = asker.control("GET", "faults", &Json::Null).await;
    let number = armed["faults"][0]["number"].as_u64().unwrap();
    let (status, left) = asker.control("DELETE", &format!("faults/{number}"), &Json::Null).await;
    assert_eq!((status, left["faults"].as_array().unwrap().len()), (200, 1));
    assert_eq!(left["faults"][0]["fault"]["path"], "/PerPerson");
    assert_eq!(asker.get("User?$top=1").await.status(), 200);
    assert_eq!(asker.control("DELETE", &format!("faults/{number}"), &Json::Null).await.0, 404);
}

#[tokio::test]
async fn what_was_asked_and_answered_is_kept_without_secrets() {
    let asker = asker(settings(60)).await;
    assert_eq!(asker.token(&Assertion::of("API_USER")).await.0, 200);
    asker.rows("User?$top=3&$filter=lastName%20ne%20'A%26B'").await;
    let new =
        json!({"__metadata": {"uri": "User('new1')"}, "username": "new1", "status": "t", "password": "Hunter2!x"});
    let upsert =
        asker.client.post(asker.url("/odata/v2/upsert?$format=json")).basic_auth("API_USER@ACME", Some("secret"));
    assert_eq!(upsert.json(&new).send().await.unwrap().status(), 200);
    assert_eq!(asker.get("Nonsense").await.status(), 404);
    asker.control("POST", "faults", &json!({"kind": "gateway_timeout"})).await;
    asker.get("PerPerson").await;

    let (_, log) = asker.control("GET", "requests/log", &Json::Null).await;
    let entries = log["entries"].as_array().unwrap();
    assert_eq!((entries.len(), &log["last"], &log["size"]), (5, &json!(5), &json!(500)));
    let statuses: Vec<_> = entries.iter().map(|entry| entry["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [504, 404, 200, 200, 200], "the newest first");
    assert_eq!(entries[0]["fault"], "gateway_timeout");
    let list = &entries[3];
    assert_eq!(
        (&list["rows"], &list["user"], &list["path"]),
        (&json!(3), &json!("API_USER"), &json!("/odata/v2/User"))
    );
    assert_eq!(list["query"][1], json!(["$filter", "lastName ne 'A&B'"]));

    for number in 1..=5 {
        let (_, whole) = asker.control("GET", &format!("requests/log/{number}"), &Json::Null).await;
        let text = whole.to_string();
        for secret in ["Hunter2", "PEFzc2VydGlvbi", "Basic "] {
            assert!(!text.contains(secret), "{number}: {text}");
        }
        assert_eq!(whole["number"], number);
    }
    let (_, token) = asker.control("GET", "requests/log/1", &Json::Null).await;
    let (asked, answered) = (token["asked"]["text"].as_str().unwrap(), token["answered"]["text"].as_str().unwrap());
    assert!(asked.contains("assertion=…") && asked.contains("company_id=ACME"), "{asked}");
    assert!(answered.contains(r#""access_token":"…""#), "{answered}");

    for (filter, count) in [
        ("status=failed", 2),
        ("status=4xx", 1),
        ("status=504", 1),
        ("resource=perperson", 1),
        ("resource=a%26b", 1),
        ("after=3", 2),
        ("limit=1", 1),
    ] {
        let (_, log) = asker.control("GET", &format!("requests/log?{filter}"), &Json::Null).await;
        assert_eq!(log["entries"].as_array().unwrap().len(), count, "{filter}");
    }
    assert_eq!(asker.control("GET", "requests/log?status=good", &Json::Null).await.0, 400);
    assert_eq!(asker.control("DELETE", "requests/log", &Json::Null).await.0, 200);
    assert_eq!(asker.control("GET", "requests/log/5", &Json::Null).await.0, 404);
    assert_eq!(asker.control("GET", "requests/log", &Json::Null).await.1["last"], 5, "numbers go on");
}

#[tokio::test]
async fn a_page_from_elsewhere_drives_nothing() {
    let asker = tenant(20).await;
    let url = asker.url("/control/people/hire");
    let body = r#"{"first_name":"A","last_name":"B"}"#;
    let json = "application/json";
    for (name, value, kind, status) in [
        ("origin", "https://evil.example.com", json, 403),
        ("sec-fetch-site", "cross-site", json, 403),
        ("host", "evil.example.com", json, 403),
        ("accept", "*/*", "text/plain", 415),
        ("accept", "*/*", "application/x-www-form-urlencoded", 415),
    ] {
        let request = asker.client.post(&url).header("content-type", kind).header(name, value).body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{name}: {value}");
        assert!(answer.json::<Json>().await.unwrap()["error"].is_string());
    }
    let log = asker.client.get(asker.url("/control/people")).header("host", "evil.example.com").send().await.unwrap();
    assert_eq!(log.status(), 403, "a name that leads here is not enough");
    assert_eq!(asker.running.look(joinery_simulator::world::World::headcount), 20);
    let own = asker.client.post(&url).header("content-type", json).header("origin", asker.url("")).body(body);
    assert_eq!(own.send().await.unwrap().status(), 200);
}
