//! What rows are made of, through the reader and the tenant in memory.

use joinery_model::{Path, Root, Row, Scope, Seen, Source as _, StandingKind, Value};

use super::Reader;
use super::fake::{Fake, ask, day, page};
use crate::read::ReadSettings;

async fn row(json: String, paths: &[&str]) -> Row {
    let fake = Fake::new(move |_| page(std::slice::from_ref(&json), None));
    let reader = Reader::new(fake, ReadSettings::default());
    let mut page = reader.page(&ask(Root::Persons, Scope::Full, paths), None).await.unwrap();
    match page.seen.remove(0) {
        Seen::Row(row) => row,
        other => panic!("{other:?}"),
    }
}

fn texts(row: &Row, path: &str) -> Vec<String> {
    path.parse::<Path>().unwrap().find(&row.data).into_iter().map(Value::to_plain).collect()
}

fn slice(start: &str, end: &str, number: u8, department: &str, status: &str) -> String {
    format!(
        r#"{{"startDate":"{}","endDate":"{}","seqNumber":"{number}","department":"{department}","managerId":"NO_MANAGER",
        "emplStatusNav":{{"externalCode":"{status}"}},"departmentNav":null}}"#,
        day(start),
        day(end)
    )
}

fn employment(user: &str, start: &str, end: Option<&str>, slices: &[String]) -> String {
    let end = end.map_or_else(|| "null".to_owned(), |end| format!("\"{}\"", day(end)));
    format!(
        r#"{{"userId":"{user}","startDate":"{}","endDate":{end},"jobInfoNav":{{"results":[{}]}}}}"#,
        day(start),
        slices.join(",")
    )
}

fn person(rest: &str) -> String {
    format!(r#"{{"personIdExternal":"p1",{rest}}}"#)
}

const EVER: &str = "9999-12-31";

#[tokio::test]
async fn a_rehire_shows_the_employment_that_counts_and_lists_all() {
    let old = employment("u1", "2010-01-01", Some("2015-12-31"), &[slice("2016-01-01", EVER, 1, "OLD", "T")]);
    let new = employment(
        "u2",
        "2024-01-01",
        None,
        &[
            slice("2024-01-01", EVER, 1, "FIRST", "A"),
            slice("2024-01-01", EVER, 2, "SECOND", "A"),
            slice("2026-12-01", EVER, 1, "NEXT", "A"),
        ],
    );
    for order in [[&old, &new], [&new, &old]] {
        let json = person(&format!(r#""employmentNav":{{"results":[{},{}]}}"#, order[0], order[1]));
        let paths = [
            "employmentNav.userId",
            "employmentNav.jobInfoNav.department",
            "employments.userId",
            "employmentNav.jobInfoNav.departmentNav.name",
        ];
        let row = row(json, &paths).await;
        assert_eq!(row.standing.kind, StandingKind::Active);
        assert_eq!(texts(&row, "employmentNav.jobInfoNav.department"), ["SECOND"]);
        assert_eq!(texts(&row, "employments.userId"), ["u1", "u2"]);
        assert_eq!(texts(&row, "employments.jobInfoNav.department"), ["OLD", "SECOND"]);
        assert_eq!(row.aliases, ["u1", "u2"]);
        // The department's object is not there yet; its change will concern the person all the same.
        let refs: Vec<String> = row.refs.iter().map(ToString::to_string).collect();
        assert_eq!(refs, ["FODepartment(OLD)", "FODepartment(SECOND)"]);
    }
}

#[tokio::test]
async fn the_name_in_force_is_shown_and_nobody_manages_those_without_a_manager() {
    let name = |start: &str, end: &str, last: &str| {
        format!(r#"{{"startDate":"{}","endDate":"{}","lastName":"{last}"}}"#, day(start), day(end))
    };
    let names = [
        name("2026-11-22", EVER, "Tomorrow"),
        name("2020-01-01", "2026-11-20", "Yesterday"),
        name("2026-11-21", "2026-11-21", "Today"),
    ];
    let works = employment("u1", "2020-01-01", Some("2026-11-21"), &[slice("2020-01-01", EVER, 1, "D", "A")]);
    let json = person(&format!(
        r#""personalInfoNav":{{"results":[{}]}},"employmentNav":{{"results":[{works}]}}"#,
        names.join(",")
    ));
    let row = row(json, &["personalInfoNav.lastName", "employmentNav.jobInfoNav.managerId"]).await;
    assert_eq!(texts(&row, "personalInfoNav.lastName"), ["Today"]);
    assert_eq!((row.standing.kind, row.standing.end), (StandingKind::Active, Some(jiff::civil::date(2026, 11, 21))));
    assert_eq!(row.refs, []);
}

#[tokio::test]
async fn a_path_that_ends_at_a_navigation_reads_the_whole_of_it() {
    let works = employment("u1", "2020-01-01", None, &[slice("2020-01-01", EVER, 1, "D", "A")]);
    let row = row(person(&format!(r#""employmentNav":{{"results":[{works}]}}"#)), &["employmentNav"]).await;
    assert_eq!(texts(&row, "employmentNav.startDate"), ["2020-01-01"]);
    assert_eq!(texts(&row, "employmentNav.jobInfoNav.department"), ["D"], "an employment with its job");
    assert!(texts(&row, "employmentNav.userNav").is_empty(), "what else lies behind it is another path");
}

#[tokio::test]
async fn what_cannot_be_judged_is_told_and_not_guessed() {
    let broken = person(r#""employmentNav":{"results":[{"userId":"u1","startDate":"soon"}]}"#);
    let jobless = person(&format!(r#""employmentNav":{{"results":[{}]}}"#, employment("u1", "2020-01-01", None, &[])));
    let keyless = r#"{"personIdExternal":null,"employmentNav":{"results":[]}}"#.to_owned();
    for (json, says) in [
        (broken, "EmpEmployment.startDate is no date"),
        (jobless, "Job Information"),
        (keyless, "personIdExternal is empty"),
    ] {
        let fake = Fake::new(move |_| page(std::slice::from_ref(&json), None));
        let reader = Reader::new(fake, ReadSettings::default());
        let page = reader.page(&ask(Root::Persons, Scope::Full, &["employmentNav.userId"]), None).await.unwrap();
        assert!(matches!(&page.seen[0], Seen::Unreadable(_, why) if why.contains(says)), "{says}");
    }
}
