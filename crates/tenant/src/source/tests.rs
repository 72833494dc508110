//! Walks against the tenant in memory.

use std::sync::atomic::{AtomicBool, Ordering};

use joinery_model::{Key, Place, Ref, Retry, Root, Scope, Seen, Source as _, StandingKind, Value, Watermark};

use super::Reader;
use super::fake::{Fake, ask, error, now, page, person};
use crate::read::ReadSettings;

const PATHS: [&str; 6] = [
    "personIdExternal",
    "personalInfoNav.lastName",
    "emailNav.emailAddress",
    "employmentNav.jobInfoNav.departmentNav.name",
    "employmentNav.jobInfoNav.managerId",
    "employmentNav.userNav.username",
];

fn reader(fake: &Fake) -> Reader<Fake> {
    Reader::new(fake.clone(), ReadSettings { page_size: 2, lead_days: 14, ..ReadSettings::default() })
}

fn rows(seen: &[Seen]) -> Vec<&joinery_model::Row> {
    seen.iter()
        .filter_map(|seen| match seen {
            Seen::Row(row) => Some(row),
            _ => None,
        })
        .collect()
}

fn at<'a>(row: &'a joinery_model::Row, path: &str) -> Vec<&'a Value> {
    path.parse::<joinery_model::Path>().unwrap().find(&row.data)
}

#[tokio::test]
async fn a_full_walk_follows_the_links_and_reads_one_page_ahead() {
    let fake = Fake::new(|asked| match asked.query.skip_token.as_deref() {
        None => page(
            &[person("1", "2020-01-01", None, "A"), person("1", "2020-01-01", None, "A")],
            Some("PerPerson?$skiptoken=a"),
        ),
        Some("a") => page(&[person("2", "2020-01-01", Some("2026-11-20"), "A")], Some("PerPerson?$skiptoken=b")),
        Some(_) => page(&[person("3", "2020-01-01", Some("2026-11-21"), "U")], None),
    });
    let reader = reader(&fake);
    let ask = ask(Root::Persons, Scope::Full, &PATHS);
    let first = reader.page(&ask, None).await.unwrap();
    tokio::task::yield_now().await;
    let asked = fake.take();
    assert_eq!(asked[1..], ["odata/v2/PerPerson?$skiptoken=a"], "under way before anybody asked");
    let query = &asked[0];
    assert!(query.contains("paging=snapshot") && query.contains("customPageSize=2"), "{query}");
    assert!(query.contains("asOfDate=2026-11-21"), "{query}");
    assert!(query.contains("employmentNav/jobInfoNav/departmentNav/name"), "{query}");
    assert_eq!(first.seen.len(), 1, "a repeated key is left out");
    // The metadata took two requests: the second for what the mappings lead to.
    assert_eq!(first.requests, 3);

    let row = rows(&first.seen)[0];
    assert_eq!(row.aliases, ["u1"]);
    assert_eq!(row.refs, [Ref::new("FODepartment", "D1"), Ref::new("User", "boss"), Ref::new("User", "u1")]);
    assert_eq!(at(row, "employmentNav.jobInfoNav.departmentNav.name"), [&Value::from("Sales")]);
    assert_eq!(at(row, "emailNav.emailAddress")[0], &Value::from("1@work"), "the primary one comes first");
    for unasked in
        ["personId", "employmentNav.startDate", "employmentNav.jobInfoNav.emplStatus", "personalInfoNav.startDate"]
    {
        assert!(at(row, unasked).is_empty(), "{unasked} is read for the judgement only");
    }

    let second = reader.page(&ask, first.next.as_ref()).await.unwrap();
    let third = reader.page(&ask, second.next.as_ref()).await.unwrap();
    assert_eq!((second.requests, third.requests, &third.next), (1, 1, &None));
    let kinds: Vec<_> =
        [&second, &third].iter().flat_map(|page| rows(&page.seen)).map(|row| row.standing.kind).collect();
    assert_eq!(kinds, [StandingKind::Left, StandingKind::OnLeave]);
    assert_eq!(fake.take(), ["odata/v2/PerPerson?$skiptoken=b"]);
}

#[tokio::test]
async fn a_lost_token_restarts_the_walk_and_another_process_goes_on() {
    let lost = std::sync::Arc::new(AtomicBool::new(false));
    let seen = lost.clone();
    let fake = Fake::new(move |asked| match asked.query.skip_token {
        None => page(&[person("1", "2020-01-01", None, "A")], Some("PerPerson?$skiptoken=a")),
        Some(_) if seen.load(Ordering::SeqCst) => error(400, "COE_GENERAL_BAD_REQUEST", "[COE0018]Invalid skiptoken"),
        Some(_) => page(&[person("2", "2020-01-01", None, "A")], None),
    });
    let ask = ask(Root::Persons, Scope::Full, &PATHS);
    let first = reader(&fake).page(&ask, None).await.unwrap();
    let other = reader(&fake).page(&ask, first.next.as_ref()).await.unwrap();
    assert_eq!(rows(&other.seen)[0].key, Key::from("2"));
    lost.store(true, Ordering::SeqCst);
    let failure = reader(&fake).page(&ask, first.next.as_ref()).await.unwrap_err();
    assert_eq!(failure.retry(), Retry::Restart);
    let failure = reader(&fake).page(&ask, Some(&Place("nonsense".into()))).await.unwrap_err();
    assert_eq!(failure.retry(), Retry::Restart);
}

#[tokio::test]
async fn a_refused_property_is_left_out_and_the_question_asked_again() {
    let fake = Fake::new(|asked| {
        if asked.query.select.iter().any(|path| path == "employmentNav/jobInfoNav/department") {
            return error(400, "COE_PROPERTY_NOT_FOUND", "[COE0021]Invalid property names: EmpJob/department. Check.");
        }
        page(&[person("1", "2020-01-01", None, "A")], None)
    });
    let reader = reader(&fake);
    let paths = ["employmentNav.jobInfoNav.department", "personalInfoNav.lastName", "personalInfoNav.shoeSize"];
    let ask = ask(Root::Persons, Scope::Full, &paths);
    let page = reader.page(&ask, None).await.unwrap();
    assert_eq!(page.requests, 3, "metadata, refused, mended");
    let row = rows(&page.seen)[0];
    assert!(at(row, "employmentNav.jobInfoNav.department").is_empty());
    assert_eq!(at(row, "personalInfoNav.lastName"), [&Value::from("L1")]);
    let left_out: Vec<String> = row.unsaid.iter().map(ToString::to_string).collect();
    assert_eq!(left_out, ["employmentNav.jobInfoNav.department", "personalInfoNav.shoeSize"]);
    reader.fetch(&ask, &[Key::from("1")]).await.unwrap();
    assert_eq!(fake.take().len(), 3, "what was refused once is not asked for again");
    reader.page(&ask, None).await.unwrap();
    assert_eq!(fake.take().len(), 2, "except by a full walk");
}

/// Today's answer has no job information of somebody who starts later.
fn jobless(id: &str, start: &str) -> String {
    let whole = person(id, start, None, "A");
    let from = whole.find("\"jobInfoNav\"").unwrap();
    format!("{}\"jobInfoNav\":{{\"results\":[]}}}}]}}}}", &whole[..from])
}

#[tokio::test]
async fn somebody_yet_to_start_is_asked_for_as_of_their_first_day() {
    let fake = Fake::new(|asked| {
        let day = asked.query.as_of.map(|day| day.to_string()).unwrap_or_default();
        match (asked.set.as_str(), asked.query.skip_token.is_some(), day.as_str()) {
            ("PerPerson", true, _) => page(&[jobless("4", "2026-12-01"), person("5", "2020-01-01", None, "A")], None),
            ("PerPerson", _, "2026-11-21") => {
                let people =
                    [jobless("1", "2026-12-01"), jobless("2", "2027-06-01"), person("3", "2020-01-01", None, "A")];
                page(&people, Some("PerPerson?$skiptoken=a"))
            }
            ("PerPerson", _, "2026-12-01") if asked.filter() == "personIdExternal in '1','4'" => {
                page(&["1", "4"].map(|id| person(id, "2026-12-01", None, "A")), None)
            }
            ("EmpEmployment", ..) => {
                let start = super::fake::day("2026-12-01");
                page(&["1", "4"].map(|id| format!("{{\"personIdExternal\":\"{id}\",\"startDate\":\"{start}\"}}")), None)
            }
            (set, _, day) => panic!("{set} as of {day} {}", asked.filter()),
        }
    });
    let ask = ask(Root::Persons, Scope::Full, &PATHS);
    let found = |page: &joinery_model::Page| {
        let department = |row| at(row, "employmentNav.jobInfoNav.departmentNav.name").len();
        let mut found: Vec<(String, StandingKind, usize)> =
            rows(&page.seen).into_iter().map(|row| (row.key.to_string(), row.standing.kind, department(row))).collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    };
    let one = |id: &str, kind, department| (id.to_owned(), kind, department);
    let reader_a = reader(&fake);
    let first = reader_a.page(&ask, None).await.unwrap();
    assert_eq!(found(&first), [one("2", StandingKind::Future, 0), one("3", StandingKind::Active, 1)]);
    let ends =
        [one("1", StandingKind::Future, 1), one("4", StandingKind::Future, 1), one("5", StandingKind::Active, 1)];
    let last = reader_a.page(&ask, first.next.as_ref()).await.unwrap();
    assert_eq!((found(&last), last.requests), (ends.to_vec(), 2));
    // Another process does not know whom the first one set aside, and asks the tenant.
    let resumed = reader(&fake).page(&ask, first.next.as_ref()).await.unwrap();
    assert_eq!(found(&resumed), ends);
}

#[tokio::test]
async fn a_delta_asks_every_segment_for_keys_and_reads_people_in_batches() {
    let fake = Fake::new(|asked| {
        let only = |key: &str, id: &str| page(&[format!("{{\"{key}\":\"{id}\"}}")], None);
        match (asked.set.as_str(), asked.query.from.is_some()) {
            ("PerPerson", false) if asked.filter().starts_with("personIdExternal in") => {
                let ids: Vec<_> = asked.filter().split('\'').skip(1).step_by(2).map(str::to_owned).collect();
                page(&ids.iter().map(|id| person(id, "2020-01-01", None, "A")).collect::<Vec<_>>(), None)
            }
            ("PerPerson" | "PerEmail", false) => only("personIdExternal", "1"),
            ("PerPersonal", true) => {
                page(&(100..250).map(|n| format!("{{\"personIdExternal\":\"{n}\"}}")).collect::<Vec<_>>(), None)
            }
            ("EmpEmployment", false) => only("personIdExternal", "2"),
            ("EmpJob", true) => {
                page(&["{\"userId\":\"u3\",\"employmentNav\":{\"personIdExternal\":\"3\"}}".into()], None)
            }
            ("FODepartment", true) => only("externalCode", "D1"),
            ("User", false) => only("userId", "boss"),
            (set, _) => panic!("{set} {}", asked.filter()),
        }
    });
    let reader = reader(&fake);
    let since = Scope::Since(Watermark("2026-11-20T12:00:00Z".parse().unwrap()));
    let ask = ask(Root::Persons, since, &PATHS);
    let first = reader.page(&ask, None).await.unwrap();
    let asked = fake.take();
    let question = |set: &str| asked.iter().find(|path| path.starts_with(&format!("odata/v2/{set}?"))).unwrap();
    let job = question("EmpJob");
    assert!(job.contains("fromDate=1900-01-01&toDate=9999-12-31"), "{job}");
    assert!(job.contains("lastModifiedDateTime%20ge%20datetimeoffset'2026-11-20T11:55:00Z'"), "{job}");
    assert!(job.contains("startDate%20gt%20datetime'2026-11-20T00:00:00'"), "{job}");
    let employment = question("EmpEmployment");
    assert!(employment.contains("endDate%20ge%20datetime'2026-11-20T00:00:00'"), "{employment}");
    assert!(employment.contains("startDate%20le%20datetime'2026-12-05T00:00:00'"), "the lead: {employment}");
    assert!(question("User").contains("status%20in%20't','f','T','F','e','d'"));

    let touched: Vec<_> = first.seen.iter().filter(|seen| matches!(seen, Seen::Touched(_))).cloned().collect();
    assert_eq!(touched, [Seen::Touched(Ref::new("FODepartment", "D1")), Seen::Touched(Ref::new("User", "boss"))]);
    let mut keys: Vec<_> = rows(&first.seen).iter().map(|row| row.key.clone()).collect();
    assert_eq!(keys.len(), 100);
    // Two for metadata, seven questions, one batch.
    assert_eq!(first.requests, 10);
    // Another process does not know the keys and gathers them again.
    let other = Reader::new(fake.clone(), ReadSettings::default());
    let second = other.page(&ask, first.next.as_ref()).await.unwrap();
    let again = reader.page(&ask, first.next.as_ref()).await.unwrap();
    assert_eq!((again.requests, second.requests), (1, 10));
    assert_eq!(rows(&again.seen), rows(&second.seen));
    keys.extend(rows(&again.seen).iter().map(|row| row.key.clone()));
    assert_eq!((keys.len(), again.next), (153, None));
}

#[tokio::test]
async fn an_hour_with_nothing_to_tell_asks_the_segments_only() {
    let fake = Fake::new(|_| page(&[], None));
    let since = Scope::Since(Watermark("2026-11-21T11:00:00Z".parse().unwrap()));
    let page = reader(&fake).page(&ask(Root::Persons, since, &PATHS), None).await.unwrap();
    assert_eq!((page.seen.len(), page.next.is_some(), fake.take().len()), (0, false, 7));
}

#[tokio::test]
async fn users_of_every_status_are_walked_and_a_changed_user_touches_their_team() {
    let user = |id: &str, status: &str| {
        format!(
            "{{\"userId\":\"{id}\",\"username\":\"n{id}\",\"status\":\"{status}\",\"manager\":{{\"userId\":\"boss\"}}}}"
        )
    };
    let fake = Fake::new(move |_| page(&[user("1", "t"), user("2", "f")], None));
    let since = Scope::Since(Watermark("2026-11-21T11:00:00Z".parse().unwrap()));
    let ask = ask(Root::Users, since, &["username", "manager.userId"]);
    let page = reader(&fake).page(&ask, None).await.unwrap();
    let asked = fake.take();
    assert!(
        asked[0].contains("status%20in%20't','f','T','F','e','d'%20and%20lastModifiedDateTime%20ge"),
        "{}",
        asked[0]
    );
    assert!(!asked[0].contains("asOfDate"));
    assert_eq!(
        rows(&page.seen).iter().map(|row| row.standing.kind).collect::<Vec<_>>(),
        [StandingKind::Active, StandingKind::Left]
    );
    assert_eq!(rows(&page.seen)[0].refs, [Ref::new("User", "boss")]);
    assert!(page.seen.contains(&Seen::Touched(Ref::new("User", "1"))));
}

#[tokio::test]
async fn fetch_leaves_out_who_is_not_there_and_now_is_the_tenants_time() {
    let fake = Fake::new(|_| page(&[person("1", "2020-01-01", None, "A")], None));
    let reader = reader(&fake);
    let ask = ask(Root::Persons, Scope::Full, &PATHS);
    let found = reader.fetch(&ask, &[Key::from("1"), Key::from("gone")]).await.unwrap();
    assert_eq!(rows(&found).len(), 1);
    assert_eq!(found.len(), 1);
    assert_eq!(reader.now().await.unwrap(), now());
}

#[tokio::test]
async fn fetch_tells_who_is_there_and_cannot_be_read_from_who_is_not_there() {
    let broken =
        r#"{"personIdExternal":"2","employmentNav":{"__deferred":{"uri":"x"}},"personEmpTerminationInfoNav":null}"#;
    let fake = Fake::new(move |_| page(&[person("1", "2020-01-01", None, "A"), broken.to_owned()], None));
    let ask = ask(Root::Persons, Scope::Full, &["personIdExternal"]);
    let found = reader(&fake).fetch(&ask, &[Key::from("1"), Key::from("2"), Key::from("3")]).await.unwrap();
    assert!(matches!(&found[0], Seen::Row(row) if row.key.as_str() == "1"));
    assert!(matches!(&found[1], Seen::Unreadable(Some(key), _) if key.as_str() == "2"));
    assert_eq!(found.len(), 2);
}

#[tokio::test]
async fn employments_that_are_hidden_make_nobody_a_leaver() {
    let hidden = |id: &str, rest: &str| format!("{{\"personIdExternal\":\"{id}\",{rest}}}");
    let fake = Fake::new(move |_| {
        page(
            &[
                hidden(
                    "1",
                    r#""employmentNav":{"results":[]},"personEmpTerminationInfoNav":{"activeEmploymentsCount":1}"#,
                ),
                hidden("2", r#""employmentNav":{"__deferred":{"uri":"x"}},"personEmpTerminationInfoNav":null"#),
                hidden("3", r#""employmentNav":{"results":[]},"personEmpTerminationInfoNav":null"#),
            ],
            None,
        )
    });
    let page = reader(&fake).page(&ask(Root::Persons, Scope::Full, &["personIdExternal"]), None).await.unwrap();
    assert!(matches!(&page.seen[0], Seen::Unreadable(Some(key), _) if key.as_str() == "1"));
    assert!(matches!(&page.seen[1], Seen::Unreadable(Some(key), _) if key.as_str() == "2"));
    assert!(matches!(&page.seen[2], Seen::Row(row) if row.standing.kind == StandingKind::Left));
}

#[tokio::test]
async fn whoever_a_listing_of_changes_names_and_nobody_gives_is_told() {
    let fake = Fake::new(|asked| match &*asked.set {
        "PerPerson" if asked.filter().contains("personIdExternal") => {
            page(&[person("1", "2020-01-01", None, "A")], None)
        }
        "PerPerson" => {
            page(&[r#"{"personIdExternal":"1"}"#.to_owned(), r#"{"personIdExternal":"2"}"#.to_owned()], None)
        }
        _ => page(&[], None),
    });
    let reader = Reader::new(fake, ReadSettings::default());
    let since = Scope::Since(Watermark("2026-11-20T12:00:00Z".parse().unwrap()));
    let page = reader.page(&ask(Root::Persons, since, &["personalInfoNav.lastName"]), None).await.unwrap();
    assert!(matches!(&page.seen[0], Seen::Row(row) if row.key.as_str() == "1"));
    assert_eq!(page.seen[1], Seen::Withheld("2".into()));
    assert_eq!(page.next, None);
}

/// SAP Note 2819037: what is expanded counts, wherever in the walk.
#[tokio::test]
async fn a_page_that_expands_too_far_is_asked_for_in_smaller_ones() {
    let fake = Fake::new(|asked| {
        let people = || [person("1", "2020-01-01", None, "A")];
        let too_far = || error(400, "X", "[COE0052]Expand limit of 300000 records was exceeded");
        match (asked.query.page_size, asked.query.skip_token.as_deref()) {
            (Some(50), None) => page(&people(), Some("PerPerson?customPageSize=50&$skiptoken=a")),
            (Some(200 | 100), None) | (Some(50), Some(_)) => too_far(),
            _ => page(&people(), None),
        }
    });
    let reader = Reader::new(fake.clone(), ReadSettings::default());
    let ask = ask(Root::Persons, Scope::Full, &PATHS);
    let first = reader.page(&ask, None).await.unwrap();
    let lost = reader.page(&ask, first.next.as_ref()).await.unwrap_err();
    assert_eq!(lost.retry(), Retry::Restart);
    assert_eq!(reader.page(&ask, None).await.unwrap().next, None);
    let sizes: Vec<_> = fake
        .take()
        .iter()
        .filter_map(|path| path.split("customPageSize=").nth(1)?.get(..2).map(str::to_owned))
        .collect();
    assert_eq!(sizes, ["20", "10", "50", "50", "25"]);
}
