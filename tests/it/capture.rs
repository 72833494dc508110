//! A tenant is recorded while it is synced, and synced again from what was captured: the same structure, nobody's data.

use std::collections::BTreeMap;
use std::path::Path;

use joinery_simulator::schema::Set;
use joinery_simulator::world::{AsOf, Cell};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;

use crate::company::{Company, Table, exit, within};
use crate::servers::kill;

/// `joinery simulate` with these arguments, and the address that it tells.
async fn simulate(company: &Company, arguments: &[&str]) -> (Child, String) {
    let all = [&["--json", "simulate", "--listen", "127.0.0.1:0"], arguments].concat();
    let mut child = company.command(&all).spawn().expect("the binary starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let line = within(30, "the address", lines.next_line()).await.expect("a line");
    let line = line.unwrap_or_else(|| panic!("{arguments:?} told nothing"));
    let told: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    (child, told["url"].as_str().expect("an address").to_owned())
}

async fn ended(mut child: Child) {
    kill("INT", &child.id().expect("it runs").to_string());
    let status = within(20, "the end", child.wait()).await.expect("it is waited for");
    assert!(status.success(), "{status}");
}

/// What of a table must not change: who is active, who leads how many, who works where.
fn structure(table: &Table) -> (usize, Vec<usize>, BTreeMap<String, usize>) {
    let mut led: BTreeMap<&str, usize> = BTreeMap::new();
    let mut departments: BTreeMap<String, usize> = BTreeMap::new();
    for cells in table.0.values() {
        if !cells["manager"].is_empty() {
            *led.entry(&cells["manager"]).or_default() += 1;
        }
        *departments.entry(format!("{} {}", cells["department"], cells["active"])).or_default() += 1;
    }
    let mut spans: Vec<usize> = led.into_values().collect();
    spans.sort_unstable();
    (table.active().count(), spans, departments)
}

fn text_below(folder: &Path, out: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            text_below(&entry, out);
        } else {
            out.push_str(&std::fs::read_to_string(entry).expect("text"));
        }
    }
}

#[tokio::test]
async fn a_recorded_sync_is_replayed_with_the_same_structure_and_nobodys_data() {
    let mut company = Company::of(150).await;
    let from = company.tenant.base_url().to_owned();
    let (recorder, url) = simulate(&company, &["--record", "capture", "--from", &from, "--key", "capture.key"]).await;
    company.configure(|config| {
        config.connection.insert("api_server", format!("{url:?}"));
    });
    company.joinery(&["sync"]).await.expect(exit::DONE).says(&["150 came", "is complete"]);
    let real = company.table();
    ended(recorder).await;
    assert!(real.len() > 120, "{}", real.len());

    for file in ["state.db", "state.db-wal", "state.db-shm", "people.db", "people.db-wal", "people.db-shm"] {
        let _ = std::fs::remove_file(company.path(file));
    }
    let asked = company.tenant.requests().total.requests;
    let (replay, url) = simulate(&company, &["--replay", "capture", "--folder", "replayed"]).await;
    company.configure(|config| {
        config.connection.insert("api_server", format!("{url:?}"));
    });
    company.joinery(&["sync"]).await.expect(exit::DONE).says(&["150 came", "is complete"]);
    let made_up = company.table();
    ended(replay).await;
    assert_eq!(company.tenant.requests().total.requests, asked, "the tenant was not asked");

    assert_eq!(made_up.len(), real.len());
    assert_eq!(structure(&made_up), structure(&real));
    assert!(made_up.0.values().all(|cells| cells["manager"].is_empty() || made_up.0.contains_key(&cells["manager"])));
    let names = |table: &Table| table.0.values().map(|cells| cells["last_name"].clone()).collect::<Vec<_>>();
    assert_ne!(names(&made_up), names(&real));

    let mut captured = String::new();
    text_below(&company.path("capture"), &mut captured);
    let key = std::fs::read_to_string(company.path("capture.key")).expect("the key");
    let words: std::collections::HashSet<&str> = captured.split(|letter: char| !letter.is_alphanumeric()).collect();
    assert!(!captured.contains(key.trim()) && !captured.contains(&from));
    let of_people = [
        (Set::User, "userId"),
        (Set::PerPerson, "personIdExternal"),
        (Set::PerEmail, "emailAddress"),
        (Set::PerPhone, "phoneNumber"),
    ];
    company.tenant.look(|world| {
        for (set, property) in of_people {
            let at = set.table().property(property).expect("a property");
            for row in world.rows(set, AsOf::ALL).filter(|row| world.person_of(*row).is_some()) {
                if let Cell::Str(value) = world.cell(row, at) {
                    assert!(!words.contains(value), "a {property} is in the capture");
                    assert!(value.len() < 8 || !captured.contains(value), "a {property} is in the capture");
                }
            }
        }
    });
}
