//! The company whose runs are interrupted, its three kinds of targets, and what must stand in them at the end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use joinery_engine::{Ended, EngineError, Event, Report, Run, Stop};
use joinery_model::{Balance, RunKind, RunState};
use joinery_simulator::world::{Day, Ending, Hire, Move, World};
use joinery_store::Store;
use serde_json::Value as Json;

use super::accounts::{Accounts, Server};
use crate::company::{Company, Table};

const PEOPLE: u32 = 300;

const SCIM_MAPPING_OF_USERS: &str = r#"[mapping.scim]
userName = "username"
"name.givenName" = "firstName"
"name.familyName" = "lastName"
title = "title"
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department" = "department"
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value" = { person = "manager.userId" }
"#;

const SCIM_MAPPING: &str = r#"[mapping.scim]
userName = "employmentNav.userNav.username"
"name.givenName" = "personalInfoNav.firstName"
"name.familyName" = "personalInfoNav.lastName"
title = "employmentNav.jobInfoNav.jobTitle"
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department" = "employmentNav.jobInfoNav.departmentNav.name"
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value" = { person = "employmentNav.jobInfoNav.managerId" }
"#;

/// People of several pages, delivered to SQLite, to CSV files and to a SCIM server that answers every POST with a new
/// account.
pub struct Scene {
    pub company: Company,
    pub server: Server,
    /// How often a walk in this process began again, because the tenant had lost its place.
    pub restarts: AtomicU64,
}

/// Everything that a crash may leave: the journal, the targets' files, the server's accounts.
#[derive(Clone)]
pub struct Snapshot {
    files: BTreeMap<String, Vec<u8>>,
    accounts: Accounts,
}

/// What has arrived, as far as a repeated or interrupted run must not change it.
#[derive(Clone, PartialEq)]
pub struct Arrived {
    table: Table,
    files: BTreeMap<String, String>,
    accounts: BTreeMap<String, Vec<Json>>,
}

impl Scene {
    /// `parallel`: requests to the SCIM server at once; four times as many changes are claimed together.
    pub async fn new(parallel: usize) -> Self {
        let server = Server::start().await;
        let mut company = Company::of(PEOPLE).await;
        company.configure(|config| {
            config.connection.insert("page_size", "60".to_owned());
            config.targets.push_str("\n[target.file]\ntype = \"csv\"\npath = \"people.csv\"\nkey = \"employee_id\"\n");
            config.targets.push_str(
                "\n[target.news]\ntype = \"csv\"\npath = \"news.csv\"\nkey = \"employee_id\"\nfiles = \"delta\"\n",
            );
            config
                .targets
                .push_str(&format!("\n[target.app]\ntype = \"scim\"\nurl = {:?}\nparallel = {parallel}\n", server.url));
            config.sync.insert("targets", r#"["people", "file", "news", "app"]"#.to_owned());
            let mappings = r#"{ people = "standard", file = "standard", news = "standard", app = "scim" }"#;
            config.sync.insert("mapping", mappings.to_owned());
            // Nothing is looked for before it is made: whatever keeps accounts from being made twice is the delivery's.
            config.sync.insert("correlate", "[]".to_owned());
            SCIM_MAPPING.clone_into(&mut config.rest);
        });
        Self { company, server, restarts: AtomicU64::new(0) }
    }

    /// The same for a tenant without Employee Central.
    pub async fn of_users(parallel: usize) -> Self {
        let mut scene = Self::new(parallel).await;
        scene.company.configure(|config| {
            config.sync.insert("read", "\"users\"".to_owned());
            let mappings =
                r#"{ people = "standard_users", file = "standard_users", news = "standard_users", app = "scim" }"#;
            config.sync.insert("mapping", mappings.to_owned());
            SCIM_MAPPING_OF_USERS.clone_into(&mut config.rest);
        });
        scene
    }

    /// What no run depends on is neither kept nor put back: the tenant's metadata is read anew when it is not there.
    fn is_input(name: &str) -> bool {
        matches!(name, "joinery.toml" | "client.key.pem" | "state.db.metadata")
    }

    fn names(&self) -> Vec<String> {
        let folder = std::fs::read_dir(self.company.path("")).expect("the folder");
        let names = folder.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
        names.filter(|name| !Self::is_input(name)).collect()
    }

    /// Nothing runs now.
    pub fn snapshot(&self) -> Snapshot {
        let read = |name: String| {
            let bytes = std::fs::read(self.company.path(&name)).expect("a file");
            (name, bytes)
        };
        Snapshot { files: self.names().into_iter().map(read).collect(), accounts: self.server.accounts() }
    }

    pub fn restore(&self, snapshot: &Snapshot) {
        for name in self.names() {
            std::fs::remove_file(self.company.path(&name)).expect("a file is removed");
        }
        for (name, bytes) in &snapshot.files {
            std::fs::write(self.company.path(name), bytes).expect("a file is written");
        }
        self.server.set_accounts(snapshot.accounts.clone());
        self.server.answers();
    }

    /// One life of an engine on this journal; the journal is closed when it ends.
    pub async fn live(&self, store: Store, kind: RunKind) -> Result<Report, EngineError> {
        let (engine, sync) = self.company.engine_with(store);
        let events = |event| {
            if let Event::WalkRestarted { .. } = event {
                self.restarts.fetch_add(1, Ordering::Relaxed);
            }
        };
        engine.run(&sync, Run { kind: Some(kind), ..Run::default() }, &events, &Stop::never()).await
    }

    pub fn store(&self) -> Store {
        Store::open(self.company.path("state.db")).expect("the journal opens")
    }

    /// How many runs the journal knows.
    pub async fn runs(&self) -> usize {
        self.store().runs(None, 1000).await.expect("history").len()
    }

    /// What a run that nothing interrupts leaves, and its balance; afterwards everything is as before.
    pub async fn uninterrupted(&self, kind: RunKind) -> (Arrived, Balance) {
        let before = self.snapshot();
        let report = self.live(self.store(), kind).await.expect("the run ends");
        assert_eq!(report.ended, Ended::Complete, "{:?}", report.held);
        let arrived = self.arrived("not interrupted");
        self.restore(&before);
        (arrived, report.balance.expect("a balance"))
    }

    /// Looks at all that stands in the targets. Every person has exactly one account in each, and every file is what
    /// its manifest says.
    #[track_caller]
    pub fn arrived(&self, case: &str) -> Arrived {
        let accounts = self.server.by_person();
        for (person, accounts) in &accounts {
            assert_eq!(accounts.len(), 1, "{case}: accounts of {person}");
        }
        let mut files = BTreeMap::new();
        for name in self.names().into_iter().filter(|name| Path::new(name).extension().is_some_and(|end| end == "csv"))
        {
            let text = std::fs::read_to_string(self.company.path(&name)).expect("a file");
            let manifest = std::fs::read(self.company.path(&format!("{name}.manifest.json")));
            let manifest: Json = serde_json::from_slice(&manifest.expect("a manifest")).expect("JSON");
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
            let told = manifest["sha256"].as_str().expect("a digest");
            let told: Vec<u8> = (0..told.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&told[at..at + 2], 16).expect("hexadecimal"))
                .collect();
            assert_eq!(told, digest.as_ref(), "{case}: {name}");
            assert_eq!(manifest["rows"], text.lines().count() - 1, "{case}: {name}");
            assert_eq!(manifest["complete"], true, "{case}: {name}");
            files.insert(name, text);
        }
        Arrived { table: self.company.table(), files, accounts }
    }

    /// Everything arrived as in the uninterrupted run; every run of the journal is finished and balances, and the one
    /// that was interrupted counts people as that one did.
    pub async fn assert_as(&self, expected: &(Arrived, Balance), runs_before: usize, case: &str) {
        self.arrived(case).assert_eq(&expected.0, case);
        let left = |name: &String| name.contains(".part") || name.contains("-lease-");
        assert!(!self.names().iter().any(left), "{case}: something is left behind: {:?}", self.names());
        let store = self.store();
        assert_eq!(store.integrity().await.expect("a look"), Vec::<String>::new(), "{case}");
        let mut runs = store.runs(None, 1000).await.expect("history");
        runs.reverse();
        for run in &runs {
            assert_eq!(run.state, RunState::Finished, "{case}: run {}: {:?}", run.run.0, run.note);
            let balance = run.balance.as_ref().unwrap_or_else(|| panic!("{case}: run {} has none", run.run.0));
            assert_eq!(balance.check(), Vec::new(), "{case}: run {}", run.run.0);
        }
        let run = runs.get(runs_before).unwrap_or_else(|| panic!("{case}: the run is not in history"));
        let mut balance = run.balance.clone().unwrap_or_default();
        // A walk that begins again shows people again.
        (balance.people.rows, balance.people.duplicates) = (expected.1.people.rows, expected.1.people.duplicates);
        assert_eq!(balance, expected.1, "{case}");
    }

    /// A day in the company: two are hired, one as the manager of the other and of somebody who is there; one moves,
    /// one is renamed, one has left. `round` tells the days apart.
    pub fn a_day(&self, round: usize) {
        let today = self.company.today();
        let yesterday = Day::from(today.date().yesterday().expect("a day"));
        let hire = |world: &mut World, last: &str, manager: Option<&str>| {
            let hired = world.hire(&Hire {
                manager: manager.map(str::to_owned),
                ..Hire::new("Ada", &format!("{last} {round}"), today)
            });
            hired.expect("a hire").user_id
        };
        let table = self.company.table();
        let mut ids: Vec<&str> = table.active().map(|(id, _)| id).collect();
        ids.rotate_left(17 * (round + 1) % PEOPLE as usize / 2);
        let mut ids = ids.into_iter();
        self.company.tenant.change(|world| {
            let boss = hire(world, "Chief", None);
            hire(world, "Clerk", Some(&boss));
            // Some people cannot be moved or dismissed, such as those whose employment is about to begin.
            let mut some = |what: &str, change: &mut dyn FnMut(&mut World, &str) -> bool| {
                assert!(ids.any(|id| change(world, id)), "nobody can be {what}");
            };
            let to = |manager: Option<&str>, title: &str| Move {
                manager: manager.map(str::to_owned),
                title: Some(format!("{title} {round}")),
                ..Move::default()
            };
            some("given a manager", &mut |world, id| world.relocate(id, today, &to(Some(&boss), "Aide")).is_ok());
            some("moved", &mut |world, id| world.relocate(id, today, &to(None, "Keeper")).is_ok());
            some("renamed", &mut |world, id| world.rename_person(id, "Grace", &format!("Day {round}"), today).is_ok());
            some("dismissed", &mut |world, id| world.terminate(id, yesterday, Ending::Resignation).is_ok());
        });
    }
}

impl Arrived {
    #[track_caller]
    pub fn assert_eq(&self, expected: &Self, case: &str) {
        let changed = self.table.changed_since(&expected.table);
        assert!(changed.is_empty(), "{case}: the table differs: {changed:?}");
        for (name, text) in &expected.files {
            let found = self.files.get(name).unwrap_or_else(|| panic!("{case}: {name} is not there"));
            let differs = text.lines().zip(found.lines()).position(|(one, other)| one != other);
            assert!(text == found, "{case}: {name} differs at line {differs:?}");
        }
        assert_eq!(self.files.len(), expected.files.len(), "{case}: {:?}", self.files.keys());
        let people = |arrived: &Self| arrived.accounts.keys().cloned().collect::<Vec<_>>();
        assert_eq!(people(self), people(expected), "{case}: who has an account");
        for (person, accounts) in &expected.accounts {
            assert_eq!(&self.accounts[person], accounts, "{case}: the account of {person}");
        }
    }

    /// How many accounts stand in the SCIM server.
    pub fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// How many of them have a manager.
    pub fn managed(&self) -> usize {
        let managed = |accounts: &&Vec<Json>| accounts.iter().any(|one| one.to_string().contains("\"manager\""));
        self.accounts.values().filter(managed).count()
    }
}
