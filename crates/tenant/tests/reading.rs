//! The reader against a simulated tenant, over HTTP on loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use joinery_model::{
    Ask, Case, Clock as _, EmploymentPolicy, Filter, Finding, FindingKind, FixedClock, Key, Needs, Op, Page, Ref,
    Retry, Root, Row, Scope, Seen, Source as _, StandingKind, Value, Watermark,
};
use joinery_simulator::schema::Set;
use joinery_simulator::world::{AsOf, Day, Ending, Hire, Move, Seed, World};
use joinery_simulator::{HiddenPeople, Running, Settings as Simulated, Simulator, TimeSource, Visibility};
use joinery_tenant::{Host, PlainHttp, ReadSettings, Reader, Settings, Transport};

const NEEDS: [&str; 20] = [
    "personIdExternal",
    "personalInfoNav.firstName",
    "personalInfoNav.lastName",
    "emailNav.emailAddress",
    "phoneNav.phoneNumber",
    "employmentNav.startDate",
    "employmentNav.endDate",
    "employmentNav.userNav.username",
    "employmentNav.jobInfoNav.department",
    "employmentNav.jobInfoNav.departmentNav.name",
    "employmentNav.jobInfoNav.divisionNav.name",
    "employmentNav.jobInfoNav.locationNav.name",
    "employmentNav.jobInfoNav.companyNav.name",
    "employmentNav.jobInfoNav.jobTitle",
    "employmentNav.jobInfoNav.managerId",
    "employmentNav.jobInfoNav.emplStatusNav.externalCode",
    "employmentNav.jobInfoNav.costCenterNav.name",
    "personEmpTerminationInfoNav.activeEmploymentsCount",
    "employmentNav.jobInfoNav.fte",
    "employmentNav.jobInfoNav.managerUserNav.lastName",
];

struct Tenant {
    running: Running,
    reader: Reader,
}

async fn tenant(people: u32, page_size: u32) -> Tenant {
    tenant_that(people, page_size, |_| {}).await
}

async fn tenant_that(people: u32, page_size: u32, is: impl FnOnce(&mut Simulated)) -> Tenant {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let mut settings = Simulated::new("ACME", Seed::new(7, people, now), TimeSource::fixed(now));
    settings.basic_password = Some("secret".into());
    is(&mut settings);
    let running = Simulator::start(settings).await.unwrap();
    let reader = reader(&running, page_size);
    Tenant { running, reader }
}

/// A reader that knows nothing of the tenant yet.
fn another(tenant: &Tenant) -> Reader {
    reader(&tenant.running, 50)
}

fn reader(running: &Running, page_size: u32) -> Reader {
    #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let host = Host::parse(running.base_url(), PlainHttp::LoopbackOnly).unwrap();
    let settings = Settings::basic("acme", host, "ACME", "API_USER", "secret".into());
    let clock = FixedClock::at(running.now());
    assert_eq!(clock.now(), running.now());
    let transport = Transport::new(client, settings, clock, 1);
    Reader::new(transport, ReadSettings { page_size, lead_days: 30, ..ReadSettings::default() })
}

fn ask(running: &Running, scope: Scope, needs: &[&str]) -> Ask {
    Ask {
        root: Root::Persons,
        needs: Needs { paths: needs.iter().map(|path| path.parse().unwrap()).collect() },
        scope,
        as_of: running.now(),
        policy: Arc::new(EmploymentPolicy::default()),
        filter: Filter::All,
    }
}

/// A whole walk: everything seen, and the requests.
async fn walk(reader: &Reader, ask: &Ask) -> (Vec<Seen>, u32) {
    let (mut seen, mut requests) = (Vec::new(), 0);
    let mut next = None;
    loop {
        let page: Page = reader.page(ask, next.as_ref()).await.unwrap();
        requests += page.requests;
        seen.extend(page.seen);
        next = page.next;
        if next.is_none() {
            return (seen, requests);
        }
    }
}

fn rows(seen: &[Seen]) -> BTreeMap<Key, Row> {
    seen.iter()
        .filter_map(|seen| match seen {
            Seen::Row(row) => Some((row.key.clone(), row.clone())),
            Seen::Unreadable(key, why) => panic!("{key:?} {why}"),
            _ => None,
        })
        .collect()
}

fn day(text: &str) -> Day {
    Day::from(text.parse::<jiff::civil::Date>().unwrap())
}

#[tokio::test]
async fn everybody_is_read_once_and_judged_as_the_tenant_counts_them() {
    let tenant = tenant(600, 97).await;
    let full = ask(&tenant.running, Scope::Full, &NEEDS);
    let (seen, requests) = walk(&tenant.reader, &full).await;
    let people = rows(&seen);
    let there: u32 = tenant.running.look(World::headcount).try_into().unwrap();
    assert_eq!(people.len(), seen.len(), "nobody twice");
    assert_eq!(people.len() as u32, there);
    assert!(requests < 60, "{requests}");
    let mut kinds = BTreeSet::new();
    for row in people.values() {
        kinds.insert(format!("{:?}", row.standing.kind));
        let found = |path: &str| path.parse::<joinery_model::Path>().unwrap().find(&row.data).first().copied().cloned();
        let count = found("personEmpTerminationInfoNav.activeEmploymentsCount");
        let counted = matches!(count, Some(Value::Int(count)) if count > 0);
        match row.standing.kind {
            StandingKind::Active | StandingKind::OnLeave => {
                assert!(counted, "{} {:?} {count:?}", row.key, row.standing);
                assert!(found("employmentNav.jobInfoNav.department").is_some(), "{}", row.key);
                assert!(found("personalInfoNav.lastName").is_some_and(|name| !name.is_null()), "{}", row.key);
            }
            StandingKind::Left | StandingKind::NoShow => assert!(!counted, "{} {:?}", row.key, row.standing),
            StandingKind::Future => {}
        }
        if row.standing.kind == StandingKind::Future
            && row.standing.start.unwrap() <= full_today(&full) + jiff::Span::new().days(30)
        {
            assert!(found("employmentNav.jobInfoNav.department").is_some_and(|d| !d.is_null()), "{}", row.key);
        }
    }
    assert_eq!(kinds.len(), 5, "{kinds:?}");
    // The same people by their keys.
    let some: Vec<Key> = people.keys().step_by(3).cloned().collect();
    let fetched = rows(&tenant.reader.fetch(&full, &some).await.unwrap());
    assert_eq!(fetched.len(), some.len());
    assert!(fetched.iter().all(|(key, row)| people[key] == *row));
    assert_eq!(tenant.reader.now().await.unwrap(), tenant.running.now());
    tenant.running.stop().await;
}

fn full_today(ask: &Ask) -> jiff::civil::Date {
    ask.policy.zone.to_datetime(ask.as_of).date()
}

/// The law of deltas: whatever differs between two full walks is shown by the delta between them, as a person or as
/// something they lean on that was touched. Gives what the delta showed, what it touched and its requests, and who only
/// leans.
async fn delta_shows_what_changed(
    tenant: &Tenant,
    before: &BTreeMap<Key, Row>,
    watermark: Watermark,
    full: &Ask,
) -> (BTreeMap<Key, Row>, BTreeSet<Ref>, u32, Vec<Key>) {
    let since = Ask { scope: Scope::Since(watermark), as_of: tenant.running.now(), ..full.clone() };
    let (seen, requests) = walk(&tenant.reader, &since).await;
    let delta = rows(&seen);
    let touched: BTreeSet<Ref> = seen
        .iter()
        .filter_map(|seen| match seen {
            Seen::Touched(one) => Some(one.clone()),
            _ => None,
        })
        .collect();
    let after = rows(&walk(&tenant.reader, &Ask { as_of: since.as_of, ..full.clone() }).await.0);
    let mut leaning = Vec::new();
    for (key, row) in &after {
        let old = before.get(key);
        if old.is_some_and(|old| old.data == row.data && old.standing.kind == row.standing.kind) {
            continue;
        }
        let leans = old.is_some_and(|old| old.refs.iter().any(|one| touched.contains(one)));
        assert!(delta.contains_key(key) || leans, "{key} changed and is not shown");
        if !delta.contains_key(key) {
            leaning.push(key.clone());
        }
    }
    tenant.running.mark();
    let fetched = rows(&tenant.reader.fetch(&since, &leaning).await.unwrap());
    assert!(fetched.iter().all(|(key, row)| after[key] == *row));
    assert!(tenant.running.requests_since_mark().total.requests as usize <= leaning.len() / 40 + 2);
    (delta, touched, requests, leaning)
}

#[tokio::test]
async fn a_day_passes_and_a_delta_shows_everybody_whose_data_changed() {
    let tenant = tenant(500, 200).await;
    let tomorrow = day("2026-11-22");
    let (department, hired, leaver, mover) = tenant.running.change(|world| {
        let department = world.largest_department().unwrap().to_owned();
        let mut hire = |name: &str, start: &str| world.hire(&Hire::new(name, "Test", day(start))).unwrap().person_id;
        let (hired, leaver, mover) =
            (hire("Hired", "2026-11-22"), hire("Leaver", "2020-01-01"), hire("Mover", "2020-01-01"));
        world.terminate(&leaver, day("2026-11-21"), Ending::Resignation).unwrap();
        world.relocate(&mover, tomorrow, &Move { title: Some("Chief".into()), ..Move::default() }).unwrap();
        world.rename_unit(Set::FODepartment, &department, "Renamed", Some(tomorrow)).unwrap();
        (department, hired, leaver, mover)
    });
    let full = ask(&tenant.running, Scope::Full, &NEEDS);
    let before = rows(&walk(&tenant.reader, &full).await.0);
    // Nothing is changed any more, but the hour in which all that was stamped is over.
    tenant.running.advance(SignedDuration::from_hours(2));
    let watermark = Watermark(tenant.running.now());
    tenant.running.advance(SignedDuration::from_hours(22));
    let (delta, touched, requests, leaning) = delta_shows_what_changed(&tenant, &before, watermark, &full).await;
    assert!(touched.contains(&Ref::new("FODepartment", department.as_str())), "{touched:?}");
    assert_eq!(delta[&Key::from(hired)].standing.kind, StandingKind::Active);
    assert_eq!(delta[&Key::from(leaver)].standing.kind, StandingKind::Left);
    assert!(delta.contains_key(&Key::from(mover)));
    assert!(requests < 30, "{requests}");
    assert!(leaning.len() > 10, "the department's people lean on it");
    tenant.running.stop().await;
}

/// Random changes, in zones whose day begins at other hours than the tenant's, over an hour or over some days.
#[tokio::test]
async fn whatever_happens_between_two_full_walks_the_delta_shows_it() {
    for (seed, zone, hours) in
        [(1, "UTC", 1), (2, "Asia/Tokyo", 5), (3, "America/Los_Angeles", 20), (4, "Europe/Berlin", 75)]
    {
        let tenant = tenant(250, 100).await;
        // What the tenant counts turns with its own day, not with the declared one.
        let needs: Vec<&str> = NEEDS.into_iter().filter(|path| !path.starts_with("personEmp")).collect();
        let zone = TimeZone::get(zone).unwrap();
        let policy = Arc::new(EmploymentPolicy { zone, ..EmploymentPolicy::default() });
        let full = Ask { policy, ..ask(&tenant.running, Scope::Full, &needs) };
        let before = rows(&walk(&tenant.reader, &full).await.0);
        let mut dice = seed * 2_654_435_761_u64;
        let mut roll = move |sides: usize| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) as usize % sides
        };
        let keys: Vec<&Key> = before.keys().collect();
        let mut done = 0;
        for _ in 0..40 {
            let who = keys[roll(keys.len())].as_str();
            let when = Day::from(full_today(&full)).plus(roll(7) as i32 - 3);
            let what = roll(8);
            let title = Move { title: Some(format!("Title {}", roll(99))), ..Move::default() };
            done += tenant.running.change(|world| {
                match what {
                    0 => world.rename_person(who, "New", "Name", when),
                    1 => world.set_email(who, "B", "new@example.com", true),
                    2 | 3 => world.relocate(who, when, &title),
                    4 => world.terminate(who, when, Ending::Dismissal),
                    5 => world.set_phone(who, "B", "+49 30 1", true),
                    6 => world.rename_unit(Set::FOLocation, "USA-CHI", "Elsewhere", None),
                    _ => world.hire(&Hire::new("New", "Hire", when)).map(|_| ()),
                }
                .map_or(0, |()| 1)
            });
        }
        assert!(done > 10, "{done} changes happened");
        tenant.running.advance(SignedDuration::from_hours(hours));
        let (_, _, requests, _) = delta_shows_what_changed(&tenant, &before, Watermark(full.as_of), &full).await;
        assert!(requests < 30, "{requests}");
        tenant.running.stop().await;
    }
}

#[tokio::test]
async fn a_lost_snapshot_restarts_the_walk() {
    let tenant = tenant(300, 50).await;
    let full = ask(&tenant.running, Scope::Full, &NEEDS);
    let first = tenant.reader.page(&full, None).await.unwrap();
    let second = tenant.reader.page(&full, first.next.as_ref()).await.unwrap();
    let third = tenant.reader.page(&full, second.next.as_ref()).await.unwrap();
    tenant.running.expire_snapshots();
    // The fourth page was under way already; the fifth is lost, in this reader as in another one.
    let mut next = third.next;
    let failure = loop {
        match tenant.reader.page(&full, next.as_ref()).await {
            Ok(page) => next = Some(page.next.expect("the walk is not at its end")),
            Err(failure) => break failure,
        }
    };
    assert_eq!(failure.retry(), Retry::Restart);
    assert_eq!(rows(&walk(&tenant.reader, &full).await.0).len(), tenant.running.look(World::headcount));
    tenant.running.stop().await;
}

fn bad(findings: &[Finding]) -> Vec<String> {
    let bad = findings.iter().filter(|finding| finding.kind != FindingKind::Good);
    bad.map(|finding| finding.subject.clone()).collect()
}

// The type of an address is a plain text: there is no code of it to miss.
#[tokio::test]
async fn segments_beside_the_usual_ones_are_found() {
    let tenant = tenant(60, 50).await;
    let relation = "employmentNav.empJobRelationshipNav[relationshipType=hr manager].relUserId";
    let needs = ["homeAddressNavDEFLT[addressType=home].city", "userAccountNav.accountStatus", relation];
    let findings = tenant.reader.test(&ask(&tenant.running, Scope::Full, &needs)).await;
    assert_eq!(bad(&findings), Vec::<String>::new(), "{findings:?}");
}

#[tokio::test]
async fn the_probe_names_exactly_what_is_missing() {
    let tenant = tenant(200, 50).await;
    let full = ask(&tenant.running, Scope::Full, &NEEDS);
    let findings = tenant.reader.test(&full).await;
    assert_eq!(bad(&findings), Vec::<String>::new(), "{findings:?}");
    let check = async |rules: Visibility, named: &str| {
        tenant.running.set_visibility(rules.clone(), 0);
        let findings = tenant.reader.test(&full).await;
        assert_eq!(bad(&findings), [named], "{rules:?} {findings:?}");
    };
    for set in [
        "PerPerson",
        "PerPersonal",
        "PerEmail",
        "PerPhone",
        "EmpEmployment",
        "EmpJob",
        "User",
        "FODepartment",
        "FOLocation",
    ] {
        let sets: BTreeSet<String> = [set.to_owned()].into();
        check(Visibility { hidden_sets: sets.clone(), ..Visibility::default() }, set).await;
        check(Visibility { empty_sets: sets, ..Visibility::default() }, set).await;
    }
    for field in [
        "PerPersonal/firstName",
        "PerEmail/emailAddress",
        "PerPhone/phoneNumber",
        "EmpEmployment/startDate",
        "EmpEmployment/endDate",
        "EmpJob/department",
        "EmpJob/jobTitle",
        "EmpJob/managerId",
        "EmpJob/emplStatus",
        "FODepartment/name",
        "User/username",
        "EmpJob/fte",
    ] {
        let rules = Visibility { hidden_fields: [field.to_owned()].into(), ..Visibility::default() };
        check(rules, &field.replace('/', ".")).await;
    }
    check(Visibility { no_api: true, ..Visibility::default() }, "sign-in").await;
    let users = Ask { root: Root::Users, ..ask(&tenant.running, Scope::Full, &USER_NEEDS) };
    tenant.running.set_visibility(Visibility::default(), 0);
    assert_eq!(bad(&tenant.reader.test(&users).await), Vec::<String>::new());
    let rules = Visibility { hidden_fields: ["User/department".to_owned()].into(), ..Visibility::default() };
    tenant.running.set_visibility(rules, 0);
    assert_eq!(bad(&tenant.reader.test(&users).await), ["User.department"]);
    let unknown = ask(&tenant.running, Scope::Full, &["personalInfoNav.shoeSize", "personIdExternal"]);
    assert_eq!(bad(&tenant.reader.test(&unknown).await), ["PerPersonal.shoeSize"]);
    tenant.running.stop().await;
}

#[tokio::test]
async fn a_segment_that_vanishes_stops_the_walk_and_names_the_permission() {
    let tenant = tenant(100, 50).await;
    let full = ask(&tenant.running, Scope::Full, &NEEDS);
    let hide = |set: &str| Visibility { hidden_sets: [set.to_owned()].into(), ..Visibility::default() };
    tenant.running.set_visibility(hide("FODepartment"), 0);
    let failure = tenant.reader.page(&full, None).await.unwrap_err();
    assert!(failure.message.contains("Employee Central Foundation OData API (read-only)"), "{failure}");
    // Known metadata, then the people's jobs become invisible: nobody is judged without them.
    tenant.running.set_visibility(Visibility::default(), 0);
    let other = &tenant.reader;
    other.page(&full, None).await.expect("what is granted is seen at once");
    let rules = Visibility { empty_sets: ["EmpJob".to_owned()].into(), ..Visibility::default() };
    tenant.running.set_visibility(rules, 0);
    let page = other.page(&full, None).await.unwrap();
    let readable = page.seen.iter().filter(|seen| {
        matches!(seen, Seen::Row(row) if matches!(row.standing.kind, StandingKind::Active | StandingKind::OnLeave))
    });
    assert_eq!(readable.count(), 0);
    let rules = Visibility { hidden_people: HiddenPeople::Percent(40), ..Visibility::default() };
    tenant.running.set_visibility(rules, 0);
    let fewer = other.page(&full, None).await.unwrap();
    assert!(fewer.seen.len() < 80);
    tenant.running.stop().await;
}

/// What a field's absence does, however the tenant shows it: silently in an answer while its metadata is believed to have
/// it, in fresh metadata, and as a refusal.
#[tokio::test]
async fn a_field_that_vanishes_is_unsaid_and_not_null() {
    for refused in [true, false] {
        a_field_vanishes(tenant_that(60, 50, |settings| settings.switches.hidden_fields_are_errors = refused).await)
            .await;
    }
}

async fn a_field_vanishes(tenant: Tenant) {
    let full = ask(&tenant.running, Scope::Full, &NEEDS);
    let unsaid = async |reader: &Reader| -> BTreeSet<String> {
        let all = rows(&walk(reader, &full).await.0);
        assert!(all.len() >= 60);
        let of = |row: &Row| row.unsaid.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let sets: BTreeSet<_> = all.values().filter(|row| row.standing.kind == StandingKind::Active).map(of).collect();
        assert_eq!(sets.len(), 1, "the same of everybody who works here");
        sets.into_iter().next().unwrap()
    };
    let hide = |fields: &[&str]| Visibility {
        hidden_fields: fields.iter().map(ToString::to_string).collect(),
        ..Visibility::default()
    };
    let title = || BTreeSet::from(["employmentNav.jobInfoNav.jobTitle".to_owned()]);
    assert_eq!(unsaid(&tenant.reader).await, BTreeSet::new());
    let some_key = rows(&walk(&tenant.reader, &full).await.0).into_keys().next().unwrap();
    tenant.running.set_visibility(hide(&["EmpJob/jobTitle"]), 0);
    assert_eq!(unsaid(&tenant.reader).await, title(), "left out of answers");
    let named = Ask { scope: Scope::Keys(vec![some_key]), ..full.clone() };
    assert!(rows(&walk(&tenant.reader, &named).await.0).values().all(|row| !row.unsaid.is_empty()));
    assert_eq!(unsaid(&another(&tenant)).await, title(), "not in the metadata");
    let delta =
        Ask { scope: Scope::Since(Watermark(full.as_of - SignedDuration::from_hours(24 * 400))), ..full.clone() };
    let changed = rows(&walk(&another(&tenant), &delta).await.0);
    assert!(!changed.is_empty() && changed.values().all(|row| !row.unsaid.is_empty()));
    tenant.running.set_visibility(hide(&["FODepartment/name", "User/lastName"]), 0);
    let expected = ["employmentNav.jobInfoNav.departmentNav.name"].map(str::to_owned);
    let seen = unsaid(&another(&tenant)).await;
    assert!(
        seen.contains(&expected[0]) && seen.contains("employmentNav.jobInfoNav.managerUserNav.lastName"),
        "{seen:?}"
    );
    tenant.running.set_visibility(Visibility::default(), 0);
    assert_eq!(unsaid(&tenant.reader).await, BTreeSet::new(), "back again");
    tenant.running.stop().await;
}

#[tokio::test]
async fn nobody_is_judged_without_what_says_who_left() {
    let tenant = tenant_that(60, 50, |settings| settings.switches.hidden_fields_are_errors = false).await;
    let full = ask(&tenant.running, Scope::Full, &["personIdExternal", "personalInfoNav.lastName"]);
    tenant.reader.page(&full, None).await.expect("all is granted");
    let hide = |fields: &[&str]| Visibility {
        hidden_fields: fields.iter().map(ToString::to_string).collect(),
        ..Visibility::default()
    };
    for (hidden, named) in [
        (&["EmpEmployment/startDate"][..], "EmpEmployment.startDate"),
        (&["EmpJob/emplStatus", "EmpJob/emplStatusNav"], "EmpJob.emplStatus"),
    ] {
        tenant.running.set_visibility(hide(hidden), 0);
        let failure = another(&tenant).page(&full, None).await.unwrap_err();
        assert!(failure.message.contains(named) && failure.message.contains("who works there"), "{failure}");
        // While the old metadata is believed, the answers say it.
        let page = tenant.reader.page(&full, None).await.unwrap();
        assert!(!page.seen.iter().any(|seen| matches!(seen, Seen::Row(_))), "{named}");
    }
    let rules = Visibility { hidden_sets: ["EmpEmployment".to_owned()].into(), ..Visibility::default() };
    tenant.running.set_visibility(rules, 0);
    let failure = another(&tenant).page(&full, None).await.unwrap_err();
    assert!(failure.message.contains("EmpEmployment"), "{failure}");
    // The status says it too.
    tenant.running.set_visibility(hide(&["EmpEmployment/endDate"]), 0);
    let page = another(&tenant).page(&full, None).await.unwrap();
    assert!(page.seen.iter().all(|seen| matches!(seen, Seen::Row(_))));
    tenant.running.stop().await;
}

const USER_NEEDS: [&str; 7] =
    ["userId", "username", "lastName", "department", "status", "lastModifiedDateTime", "manager.userId"];

#[tokio::test]
async fn users_of_every_status_are_read_and_pushing_down_loses_none_of_them() {
    let tenant = tenant(300, 100).await;
    let all = Ask { root: Root::Users, ..ask(&tenant.running, Scope::Full, &USER_NEEDS) };
    let everybody = rows(&walk(&tenant.reader, &all).await.0);
    let users = tenant.running.look(|world| world.rows(Set::User, AsOf::ALL).count());
    assert_eq!(everybody.len(), users);
    let left = everybody.values().filter(|row| row.standing.kind == StandingKind::Left).count();
    assert!(left > 10 && left < users / 2, "{left} of {users}");
    assert!(everybody.values().any(|row| row.refs.iter().any(|one| &*one.kind == "User")));

    let some = everybody.values().nth(17).unwrap();
    let value = |name: &str| some.data.get(name).unwrap().clone();
    let is = |name: &str, op, value: Value, case| Filter::Compare { path: name.parse().unwrap(), op, value, case };
    let upper = Value::text(value("username").to_plain().to_uppercase());
    let start = Value::text(value("lastName").to_plain().chars().take(1).collect::<String>());
    let filters = [
        is("username", Op::Eq, upper, Case::Fold),
        is("username", Op::Eq, value("username"), Case::Exact),
        is("lastName", Op::Sw, start.clone(), Case::Exact),
        is("lastName", Op::Co, "o'".into(), Case::Fold),
        is("lastName", Op::Gt, "M".into(), Case::Fold),
        is("lastName", Op::Ne, value("lastName"), Case::Exact),
        is("department", Op::Ne, value("department"), Case::Fold),
        is("lastModifiedDateTime", Op::Ge, value("lastModifiedDateTime"), Case::Exact),
        Filter::Present("department".parse().unwrap()),
        Filter::In { path: "status".parse().unwrap(), values: vec!["f".into(), "e".into()], case: Case::Exact },
        Filter::Not(Box::new(is("status", Op::Eq, "t".into(), Case::Exact))),
        is("manager.userId", Op::Eq, "NOBODY".into(), Case::Exact),
        Filter::Or(vec![is("status", Op::Eq, "f".into(), Case::Exact), is("lastName", Op::Sw, start, Case::Fold)]),
    ];
    let mut narrower = 0;
    for filter in filters {
        let found = rows(&walk(&tenant.reader, &Ask { filter: filter.clone(), ..all.clone() }).await.0);
        let accepted = everybody.values().filter(|row| filter.accepts(&row.data));
        for row in accepted {
            assert!(found.contains_key(&row.key), "{filter:?} loses {}", row.key);
        }
        narrower += usize::from(found.len() < everybody.len());
    }
    assert!(narrower >= 8, "{narrower}");
    tenant.running.stop().await;
}
