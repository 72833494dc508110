//! Targets that are not ours: a real PostgreSQL, and `scim2-server` over HTTP.

mod people;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use joinery::SystemClock;
use joinery_engine::Ended;
use joinery_model::{Action, Finding, FindingKind, Outcome, Record, Retry, RunId, RunKind, Target, Value};
use joinery_simulator::world::{Ending, Hire, Move, Seed};
use joinery_targets::contract::{Names, change, every};
use joinery_targets::{scim, sql};

use crate::company::{Company, first_instant, http};
use crate::servers::{Encryption, Postgres, ScimServer, TOKEN};
use people::{Account, Accounts, PASSWORD, Person};

/// Of a SCIM account's department and manager (RFC 7643, section 4.3).
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn table(server: &Postgres, query: &str, ca: Option<Vec<u8>>) -> sql::Settings {
    let attributes = ["employee_id", "last_name", "title", "mail", "manager"].map(Arc::from).to_vec();
    let url = server.url(query).into();
    sql::Settings::new(sql::Database::Postgres { url, ca, connections: 4 }, "people", "employee_id", attributes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_keeps_the_contract() {
    let server = Postgres::start(Encryption::Off).await;
    let settings = table(&server, "sslmode=disable", None);
    let names = Names {
        key: "employee_id".into(),
        text: "last_name".into(),
        other: "title".into(),
        more: vec!["mail".into()],
        reference: "manager".into(),
        salt: "t1".into(),
    };
    every(&names, || async { sql::Sql::open(settings.clone()).expect("settings") }).await;
    let row = server.client().await.query_one("SELECT count(*), count(DISTINCT employee_id) FROM people", &[]).await;
    let row = row.expect("the table");
    let (rows, people): (i64, i64) = (row.get(0), row.get(1));
    assert!(rows > 20 && rows == people, "{rows} rows of {people} people");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scim2_server_keeps_the_contract() {
    let server = ScimServer::start().await;
    let names = Names {
        key: "userName".into(),
        text: "name.familyName".into(),
        other: "nickName".into(),
        more: vec![r#"emails[type eq "work"].value"#.into(), format!("{ENTERPRISE}:department").into()],
        reference: format!("{ENTERPRISE}:manager.value").into(),
        salt: "t1".into(),
    };
    let mut attributes = vec![names.key.clone(), names.text.clone(), names.other.clone()];
    attributes.extend(names.more.iter().cloned().chain([names.reference.clone()]));
    let settings = scim::Settings::new(server.url(), scim::Auth::Bearer(TOKEN.into()), attributes);
    let open = || async { scim::Scim::open(settings.clone(), http(), SystemClock).expect("settings") };
    every(&names, open).await;
    let findings = open().await.test().await;
    assert!(findings.iter().all(|finding| finding.kind == FindingKind::Good), "{findings:?}");
    let users = server.users().await;
    let mut unique: Vec<&str> = users.iter().filter_map(|user| user["userName"].as_str()).collect();
    unique.sort_unstable();
    unique.dedup();
    assert!(users.len() > 20 && users.len() == unique.len(), "{} accounts, {} names", users.len(), unique.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_is_reached_encrypted_and_only_under_the_right_certificate() {
    let server = Postgres::start(Encryption::Required).await;
    let ca = |path| Some(std::fs::read(path).expect("a certificate"));
    let test = async |settings| sql::Sql::open(settings).expect("settings").test().await;
    let trusted = test(table(&server, "sslmode=verify-full", ca(server.ca_file()))).await;
    assert_eq!(problems(&trusted), "", "{trusted:?}");
    let whoever = test(table(&server, "sslmode=require", None)).await;
    assert_eq!(problems(&whoever), "", "{whoever:?}");
    for (query, ca, words) in [
        ("sslmode=verify-full", ca(server.other_ca_file()), "look at ca_file"),
        ("sslmode=verify-full", None, "look at ca_file"),
        ("sslmode=disable", None, "set sslmode=verify-full"),
    ] {
        let refused = problems(&test(table(&server, query, ca)).await);
        assert!(refused.contains(words), "{query}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_encrypt_is_told_from_one_that_is_away() {
    let server = Postgres::start(Encryption::Off).await;
    for mode in ["require", "verify-full"] {
        let target = sql::Sql::open(table(&server, &format!("sslmode={mode}"), None)).expect("settings");
        let refused = problems(&target.test().await);
        assert!(refused.contains("does not encrypt") && refused.contains(&format!("sslmode={mode}")), "{refused:?}");
        let found = target.find(&[]).await.expect_err("no connection");
        assert_eq!(found.retry(), Retry::No, "waiting would not help");
    }
    let prefers = sql::Sql::open(table(&server, "", None)).expect("settings");
    assert_eq!(problems(&prefers.test().await), "");
    let mut elsewhere = table(&server, "sslmode=disable", None);
    let url = server.url("sslmode=disable").replace("postgres@", "nobody@");
    elsewhere.database = sql::Database::Postgres { url: url.into(), ca: None, connections: 1 };
    let refused = problems(&sql::Sql::open(elsewhere).expect("settings").test().await);
    assert!(refused.contains("user in url") && refused.contains("pg_hba.conf"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_side_by_side_make_the_table_once_and_lack_nothing() {
    let server = Postgres::start(Encryption::Off).await;
    let client = server.client().await;
    for round in 0..30 {
        client.batch_execute("DROP TABLE IF EXISTS people").await.expect("no table");
        if round % 2 == 1 {
            client.batch_execute("CREATE TABLE people (employee_id text PRIMARY KEY)").await.expect("a bare table");
        }
        let targets: Vec<sql::Sql> =
            (0..4).map(|_| sql::Sql::open(table(&server, "sslmode=disable", None)).expect("settings")).collect();
        let record = |who: usize| Record {
            key: format!("p{who}").as_str().into(),
            active: true,
            attributes: BTreeMap::from([("employee_id".into(), Value::text(format!("p{who}")))]),
            references: BTreeMap::new(),
        };
        let calls = targets
            .iter()
            .enumerate()
            .map(async |(who, target)| target.apply(RunId(1), &[change(Action::Create, record(who), None)]).await);
        for made in futures_util::future::join_all(calls).await {
            let made = made.expect("the table is there");
            assert!(matches!(made[0], Outcome::Done { .. }), "{made:?}");
        }
    }
}

/// Calls that run side by side: each looks for the row before any of them made it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_creations_with_one_key_in_parallel_calls_one_is_made_and_the_others_are_refused_by_name() {
    let server = Postgres::start(Encryption::Off).await;
    let settings = table(&server, "sslmode=disable", None);
    let target = sql::Sql::open(settings).expect("settings");
    // The table is made first: that two calls make it at once is another matter.
    let create = |person: &str, key: &str| {
        let text = |name: &str, value: &str| (Arc::from(name), Value::text(value));
        let attributes = BTreeMap::from([text("employee_id", key), text("last_name", person)]);
        let record = Record { key: person.into(), active: true, attributes, references: BTreeMap::new() };
        change(Action::Create, record, None)
    };
    target.apply(RunId(1), &[create("first", "first")]).await.expect("the table");
    let mut refused = 0;
    for round in 0..20 {
        let key = format!("key-{round}");
        // Others in the same batches arrive whatever becomes of the one.
        let batches = ["a", "b", "c", "d"].map(|who| {
            [create(&format!("{who}-{round}"), &key), create(&format!("{who}-other"), &format!("{who}-other-{round}"))]
        });
        let calls = batches.iter().map(|batch| target.apply(RunId(1), batch));
        let mut made = 0;
        for outcomes in futures_util::future::join_all(calls).await {
            let outcomes = outcomes.expect("the calls succeed");
            match &outcomes[0] {
                Outcome::Done { .. } => made += 1,
                Outcome::Refused(why) => {
                    assert!(why.contains("key column employee_id") && why.contains("correlate"), "{why}");
                    refused += 1;
                }
                again @ (Outcome::Again(..) | Outcome::NotTried(..)) => panic!("made or refused, not {again:?}"),
            }
            assert!(matches!(outcomes[1], Outcome::Done { .. }), "{:?}", outcomes[1]);
        }
        assert_eq!(made, 1, "round {round}");
    }
    assert_eq!(refused, 60);
}

fn problems(findings: &[Finding]) -> String {
    let problems = findings.iter().filter(|finding| finding.kind == FindingKind::Problem);
    problems.map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("\n")
}

/// A company whose tenant also answers the test itself, which signs in with a password.
async fn company() -> Company {
    Company::with(Seed::new(1, 300, first_instant()), |mut settings| {
        settings.basic_password = Some(PASSWORD.into());
        settings
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_flows_into_postgresql_and_stays_in_step() {
    let server = Postgres::start(Encryption::Required).await;
    let mut company = company().await;
    std::fs::write(company.path("url"), server.url("sslmode=verify-full")).expect("a file");
    company.configure(|config| {
        config.targets = format!(
            "[target.people]\ntype = \"sql\"\nurl = {{ file = \"url\" }}\nca_file = {:?}\ntable = \"people\"\n\
             key = \"employee_id\"\ncreate_table = true\ntypes = {{ hire_date = \"date\", end_date = \"date\" }}\n",
            server.ca_file()
        );
    });
    stays_in_step(&company, async || people::in_table(&server.client().await).await).await;
    let client = server.client().await;
    let row = client.query_one("SELECT count(*), count(DISTINCT employee_id), count(hire_date) FROM people", &[]).await;
    let row = row.expect("the table");
    let (rows, people, hired): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
    assert_eq!((rows, rows), (people, hired), "one row a person, each with a hire date");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_flows_into_a_scim_server_and_stays_in_step() {
    let server = ScimServer::start().await;
    let mut company = company().await;
    std::fs::write(company.path("token"), TOKEN).expect("a file");
    company.configure(|config| {
        config.targets =
            format!("[target.people]\ntype = \"scim\"\nurl = {:?}\ntoken = {{ file = \"token\" }}\n", server.url());
        config.sync.insert("mapping", "\"scim\"".to_owned());
        config.sync.insert("correlate", "[\"userName\"]".to_owned());
        config.rest = format!(
            r#"[mapping.scim]
userName = "employmentNav.userNav.username"
"name.givenName" = "personalInfoNav.firstName"
"name.familyName" = "personalInfoNav.lastName"
'emails[type eq "work"].value' = "emailNav.emailAddress"
title = "employmentNav.jobInfoNav.jobTitle"
"{ENTERPRISE}:department" = "employmentNav.jobInfoNav.departmentNav.name"
"{ENTERPRISE}:manager.value" = {{ person = "employmentNav.jobInfoNav.managerId" }}
"#
        );
    });
    stays_in_step(&company, async || people::in_scim(&server.users().await)).await;
}

/// The main job against a target that `held` reads without any code of ours: everybody, then a change, a leaver and a
/// hire, then nothing.
async fn stays_in_step(company: &Company, held: impl AsyncFn() -> Accounts) {
    let people = people::in_tenant(company).await;
    let mut known: BTreeSet<String> = working(&people).map(str::to_owned).collect();
    assert!(people.len() == 300 && known.len() > 250, "{} of {}", known.len(), people.len());
    deliver(company, RunKind::Full, known.len() as u64).await;
    let first = held().await;
    right(&people, &known, &first);
    let led = first.values().filter(|account| account.manager.is_some()).count();
    assert!(led * 10 > first.len() * 9, "{led} of {} accounts have a manager", first.len());

    let managers: BTreeSet<&str> = first.values().filter_map(|account| account.manager.as_deref()).collect();
    let mut plain = people.iter().filter(|(id, person)| {
        person.certain && known.contains(*id) && !managers.contains(id.as_str()) && first[*id].manager.is_some()
    });
    let (mover, leaver) = (plain.next().expect("a mover").0, plain.next().expect("a leaver").0);
    let other = first.values().find(|account| account.department != first[mover].department).expect("another");
    let department = people::department_code(company, &other.department).await;
    let today = company.today();
    let hired = company.change(|world| {
        world.rename_person(mover, "Zoë", "O'Hara-\"Nguyễn\"", today)?;
        let to = Move { department: Some(department), title: Some("Team Lead".to_owned()), ..Move::default() };
        world.relocate(mover, today, &to)?;
        world.terminate(leaver, today.plus(-1), Ending::Resignation)?;
        world.hire(&Hire::new("Łukasz", "山田", today))
    });
    deliver(company, RunKind::Delta, 3).await;
    known.insert(hired.person_id.clone());
    let (people, second) = (people::in_tenant(company).await, held().await);
    right(&people, &known, &second);
    assert_eq!((&*second[mover].title, &*second[mover].last), ("Team Lead", "O'Hara-\"Nguyễn\""));
    assert!(!second[leaver].active && second[&hired.person_id].active);
    let moved: BTreeSet<&str> =
        second.iter().filter(|(id, account)| first.get(*id) != Some(account)).map(|(id, _)| id.as_str()).collect();
    assert_eq!(
        moved,
        BTreeSet::from([mover.as_str(), leaver.as_str(), &hired.person_id]),
        "nobody else's account moves"
    );

    deliver(company, RunKind::Full, 0).await;
    assert_eq!(held().await, second);
}

fn working(people: &BTreeMap<String, Person>) -> impl Iterator<Item = &str> {
    people.iter().filter(|(_, person)| person.account.active).map(|(id, _)| id.as_str())
}

/// A run that ends well and balanced, and delivers to so many accounts.
async fn deliver(company: &Company, kind: RunKind, accounts: u64) {
    let report = company.run(kind).await;
    assert_eq!(report.ended, Ended::Complete, "{report:?}");
    let balance = report.balance.expect("a balance");
    assert!(balance.check().is_empty(), "{balance:?}");
    assert_eq!(balance.targets["people"].delivered, accounts, "{balance:?}");
}

/// The target has exactly one account for each known person, and it says what the tenant says.
fn right(people: &BTreeMap<String, Person>, known: &BTreeSet<String>, held: &Accounts) {
    let ids: BTreeSet<&String> = held.keys().collect();
    assert_eq!(ids, known.iter().collect(), "whoever ever worked has an account, and nobody else");
    let mut certain = 0;
    for (id, account) in held {
        let person = &people[id];
        let meant = &person.account;
        assert_eq!(account.active, meant.active, "{id}");
        if !meant.active {
            continue;
        }
        assert_eq!((&account.first, &account.last, &account.email), (&meant.first, &meant.last, &meant.email), "{id}");
        if person.certain {
            certain += 1;
            let manager = meant.manager.clone().filter(|manager| known.contains(manager));
            assert_eq!(account, &Account { manager, ..meant.clone() }, "{id}");
        }
    }
    assert!(certain * 10 > held.len() * 8, "{certain} of {} accounts were compared in all", held.len());
}
