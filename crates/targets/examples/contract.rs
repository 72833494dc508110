//! Runs the contract suite against a server that is already there, or measures how fast a table takes rows.
//!
//! ```text
//! cargo run -p joinery-targets --example contract -- sqlite people.db
//! cargo run -p joinery-targets --example contract -- postgres 'postgres://user:password@127.0.0.1:5432/db'
//! cargo run -p joinery-targets --example contract -- postgres 'postgres://…?sslmode=verify-full' ca.pem
//! cargo run -p joinery-targets --example contract -- own-table 'postgres://…'      (after making the table OWN_TABLE)
//! cargo run -p joinery-targets --example contract -- csv people.csv
//! cargo run -p joinery-targets --example contract -- scim http://127.0.0.1:8080/v2 TOKEN [put]
//! cargo run --release -p joinery-targets --example contract -- sqlite people.db 100000
//! cargo run --release -p joinery-targets --example contract -- postgres 'postgres://…' 100000
//! ```
//!
//! A SCIM server to try against: `pip install scim2-server`, then
//! `scim2-server --hostname 127.0.0.1 --port 8080 --bearer-token TOKEN`; it answers under `/v2` and keeps accounts in
//! memory. It filters (element filters too), patches (answering 204), keeps versions and takes 1,000 accounts a page.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use joinery_model::{Action, Clock, Key, Outcome, Record, RunId, Tally, Target, Value};
use joinery_scim::urn;
use joinery_targets::contract::{Names, change, every, own_table};
use joinery_targets::{csv, scim, sql};

#[tokio::main]
async fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [kind, at, rest @ ..] = given.as_slice() else {
        eprintln!("say: sqlite|postgres|csv PLACE [ROWS]");
        return;
    };
    let attributes: Vec<Arc<str>> = ["employee_id", "last_name", "title", "mail", "manager"].map(Arc::from).to_vec();
    let salt = format!("t{}", std::process::id());
    let names = Names {
        key: "employee_id".into(),
        text: "last_name".into(),
        other: "title".into(),
        more: vec!["mail".into()],
        reference: "manager".into(),
        salt,
    };
    let rows = rest.first().and_then(|rows| rows.parse().ok());
    let table = |database| sql::Settings::new(database, "people", "employee_id", attributes.clone());
    match kind.as_str() {
        "csv" => {
            let settings = csv::Settings::new(at.as_str(), "employee_id", attributes.clone());
            both(&names, rows, || csv::Csv::open(settings.clone()).expect("settings")).await;
        }
        "sqlite" => {
            let settings = table(sql::Database::Sqlite(at.into()));
            both(&names, rows, || sql::Sql::open(settings.clone()).expect("settings")).await;
        }
        "scim" => {
            let names = scim_names(names.salt);
            let token = rest.first().cloned().unwrap_or_default();
            let mut attributes: Vec<Arc<str>> = vec!["userName".into(), names.text.clone(), names.other.clone()];
            attributes.extend(names.more.iter().cloned().chain([names.reference.clone()]));
            let mut settings = scim::Settings::new(at.as_str(), scim::Auth::Bearer(token.into()), attributes);
            if rest.get(1).is_some_and(|how| how == "put") {
                settings.update = scim::Update::Put;
            }
            let http = http();
            every(&names, || async { scim::Scim::open(settings.clone(), http.clone(), Wall).expect("settings") }).await;
            for finding in scim::Scim::open(settings, http, Wall).expect("settings").test().await {
                println!("{:?} {}: {}", finding.kind, finding.subject, finding.message);
            }
            println!("the contract is kept");
        }
        _ => {
            // A third word that is no number is a file of certificates.
            let ca = rest.first().filter(|_| rows.is_none()).map(|file| std::fs::read(file).expect("certificates"));
            let database = sql::Database::Postgres { url: at.as_str().into(), ca, connections: 4 };
            if kind == "own-table" {
                own_table(database).await;
                return println!("a table of the operator's own is filled as it wants");
            }
            let settings = table(database);
            both(&names, rows, || sql::Sql::open(settings.clone()).expect("settings")).await;
        }
    }
}

fn scim_names(salt: String) -> Names {
    Names {
        key: "userName".into(),
        text: "name.familyName".into(),
        other: "nickName".into(),
        more: vec![r#"emails[type eq "work"].value"#.into(), format!("{}:department", urn::ENTERPRISE_USER).into()],
        reference: format!("{}:manager.value", urn::ENTERPRISE_USER).into(),
        salt,
    }
}

#[expect(clippy::disallowed_methods, reason = "this is a root of its own")]
fn http() -> reqwest::Client {
    reqwest::Client::new()
}

struct Wall;

impl Clock for Wall {
    #[expect(clippy::disallowed_methods, reason = "this is a root of its own")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

async fn both<T: Target>(names: &Names, rows: Option<usize>, make: impl Fn() -> T) {
    if let Some(rows) = rows {
        return speed(&make(), rows).await;
    }
    every(names, || async { make() }).await;
    println!("the contract is kept");
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the machine's clock")]
async fn speed<T: Target>(target: &T, rows: usize) {
    for round in ["create", "update"] {
        let start = std::time::Instant::now();
        for first in (0..rows).step_by(500) {
            let batch: Vec<_> = (first..rows.min(first + 500))
                .map(|number| {
                    let id = format!("{number:08}");
                    let attributes: BTreeMap<Arc<str>, Value> = [
                        ("employee_id", Value::text(id.as_str())),
                        ("last_name", Value::text(format!("Name {number} {round}"))),
                        ("title", Value::text("Engineer")),
                        ("mail", Value::text(format!("person{number}@example.org"))),
                    ]
                    .map(|(name, value)| (name.into(), value))
                    .into();
                    let record = Record { key: Key::new(id), active: true, attributes, references: BTreeMap::new() };
                    change(Action::Create, record, None)
                })
                .collect();
            let outcomes = target.apply(RunId(1), &batch).await.expect("apply works");
            assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done { .. })));
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("{round}: {rows} rows in {seconds:.2} s, {:.0} rows a second", rows as f64 / seconds);
    }
    let start = std::time::Instant::now();
    target.close(RunId(1), &Tally::default()).await.expect("close works");
    println!("close: {:.2} s", start.elapsed().as_secs_f64());
}
