//! The fixture: a simulated company with a client that may sign in, a folder with a `joinery.toml`, and two ways to run
//! a sync: the real binary, and an engine in this process.

mod answer;
mod config;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use joinery::SystemClock;
use joinery::config::{Configuration, MeantTarget};
use joinery_engine::{Engine, Patience, Report, Run, Stop, Sync};
use joinery_model::{Clock, RunKind};
use joinery_simulator::schema::Set;
use joinery_simulator::world::{AsOf, Cell, Day, KeyPart, Refused, Seed, World};
use joinery_simulator::{Client, Running, Settings, Simulator, TimeSource};
use joinery_store::Store;
use joinery_targets::Any;
use joinery_tenant::{ReadSettings, Reader, Transport};
use secrecy::ExposeSecret;
use tempfile::TempDir;

pub use answer::Answer;
pub use config::{Config, SQLITE};
pub use table::{Cells, Table};

/// The client that [`Company`] registers, and its key file in the folder.
pub const CLIENT_ID: &str = "it-client";
pub const COMPANY_ID: &str = "ACME";
const KEY_FILE: &str = "client.key.pem";

/// Exit codes, as `docs/reference/cli.md` lists them.
pub mod exit {
    pub const DONE: i32 = 0;
    pub const FAILED: i32 = 1;
    pub const USAGE: i32 = 2;
    pub const HELD: i32 = 3;
    pub const INCOMPLETE: i32 = 4;
    pub const SOURCE: i32 = 5;
    pub const TARGET: i32 = 6;
    pub const STALE: i32 = 7;
    pub const STOPPED: i32 = 130;
}

/// The engine as the binary puts it together.
pub type App = Engine<Reader, Any<SystemClock>, Store, SystemClock>;

/// A company, its tenant, and a folder to sync it from.
pub struct Company {
    /// The running tenant.
    pub tenant: Running,
    /// What `joinery.toml` holds; [`Company::configure`] changes it.
    pub config: Config,
    folder: TempDir,
}

/// The first instant of every company: noon, so that no test runs into midnight.
pub fn first_instant() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().expect("an instant")
}

/// One key pair for all tests: making one takes longer than most of them.
pub fn client() -> (Client, String) {
    static PAIR: OnceLock<(Client, String)> = OnceLock::new();
    PAIR.get_or_init(|| {
        let (client, key) = Client::generate(CLIENT_ID).expect("a key pair");
        (client, key.private_pem.expose_secret().to_owned())
    })
    .clone()
}

impl Company {
    /// A company of so many people, always the same one, that syncs into SQLite by the standard mapping.
    pub async fn of(people: u32) -> Self {
        Self::with(Seed::new(1, people, first_instant()), |settings| settings).await
    }

    /// A company of that seed, its tenant set up by `with`.
    pub async fn with(seed: Seed, with: impl FnOnce(Settings) -> Settings) -> Self {
        let (client, key) = client();
        let settings = Settings::new(COMPANY_ID, seed, TimeSource::new(|| SystemClock.now())).client(client);
        let tenant = Simulator::start(with(settings)).await.expect("the tenant starts");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(KEY_FILE), key).expect("the key is written");
        let company = Self { config: Config::new(tenant.base_url()), tenant, folder };
        company.write_config();
        company
    }

    /// Changes the configuration and writes it.
    pub fn configure(&mut self, change: impl FnOnce(&mut Config)) {
        change(&mut self.config);
        self.write_config();
    }

    fn write_config(&self) {
        std::fs::write(self.config_file(), self.config.text()).expect("the configuration is written");
    }

    /// The configuration's path.
    pub fn config_file(&self) -> PathBuf {
        self.path("joinery.toml")
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Changes the company; every change must be possible.
    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> Result<T, Refused>) -> T {
        self.tenant.change(change).expect("the company changes")
    }

    /// Today by the tenant's calendar.
    pub fn today(&self) -> Day {
        self.tenant.look(World::today)
    }

    /// Lets one day pass, and nothing else.
    pub fn one_day_passes(&self) {
        self.tenant.advance(SignedDuration::from_hours(24));
    }

    /// A cell of a user as text, by its userId.
    pub fn user(&self, user_id: &str, property: &str) -> Option<String> {
        self.tenant.look(|world| {
            let row = world.find(Set::User, &[KeyPart::Str(user_id)])?;
            let at = Set::User.table().property(property)?;
            match world.cell(row, at) {
                Cell::Str(text) => Some(text.to_owned()),
                _ => None,
            }
        })
    }

    /// People for whom something begins on that day: an employment, a slice of job information or of personal data; or
    /// whose employment ended the day before.
    pub fn due_on(&self, day: Day) -> BTreeSet<String> {
        self.tenant.look(|world| {
            let names: BTreeMap<u32, String> = world
                .rows(Set::PerPerson, AsOf::ALL)
                .filter_map(|row| match world.key(row).as_slice() {
                    [KeyPart::Str(id), ..] => Some((world.person_of(row)?, (*id).to_owned())),
                    _ => None,
                })
                .collect();
            let date = |row, set: Set, name: &str| match set.table().property(name).map(|at| world.cell(row, at)) {
                Some(Cell::Date(day)) => Some(day),
                _ => None,
            };
            let mut due = BTreeSet::new();
            for set in [Set::EmpEmployment, Set::EmpJob, Set::PerPersonal] {
                for row in world.rows(set, AsOf::ALL) {
                    let ended = set == Set::EmpEmployment && date(row, set, "endDate") == Some(day.plus(-1));
                    if ended || date(row, set, "startDate") == Some(day) {
                        due.extend(world.person_of(row).and_then(|person| names.get(&person).cloned()));
                    }
                }
            }
            due
        })
    }

    /// Accounts of people about whom nothing is special: active, not about to leave, nobody's manager, nothing dated
    /// for the days to come.
    pub fn plain_people(&self) -> Vec<String> {
        let table = self.table();
        let managers: BTreeSet<&String> = table.0.values().filter_map(|cells| cells.get("manager")).collect();
        let coming: BTreeSet<String> = (1..=40).flat_map(|days| self.due_on(self.today().plus(days))).collect();
        let plain = table.active().filter(|(id, cells)| {
            cells["status"] == "active"
                && cells["user_id"] == *id
                && cells["end_date"].is_empty()
                && !cells["department"].is_empty()
                && !cells["email"].is_empty()
                && !managers.contains(&(*id).to_owned())
                && !coming.contains(*id)
        });
        plain.map(|(id, _)| id.to_owned()).collect()
    }

    /// How many people the tenant has.
    pub fn persons(&self) -> usize {
        self.tenant.look(|world| world.rows(Set::PerPerson, AsOf::ALL).count())
    }

    /// Runs the binary with this configuration and waits for its end.
    pub async fn joinery(&self, arguments: &[&str]) -> Answer {
        self.joinery_with(arguments, &[]).await
    }

    /// The same with environment variables.
    pub async fn joinery_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Answer {
        let child = self.command(arguments).envs(environment.iter().copied()).spawn().expect("the binary starts");
        let limit = Duration::from_secs(120);
        let output = tokio::time::timeout(limit, child.wait_with_output()).await;
        let output = output.expect("the binary ends within two minutes").expect("the binary is waited for");
        Answer::new(arguments, output.status, &output.stdout, &output.stderr)
    }

    /// The binary with this configuration, ready to be started; it dies with its handle.
    pub fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_joinery"));
        command
            .arg("--config")
            .arg(self.config_file())
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("JOINERY_CONFIG")
            .env_remove("JOINERY_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// An engine in this process with a state of its own choice, and the sync it runs. What the tenant asks to wait for
    /// takes no time.
    pub fn engine_with(&self, store: Store) -> (App, Sync) {
        let configuration = Configuration::read(&self.config_file()).unwrap_or_else(|wrong| panic!("{wrong}"));
        let sync = configuration.sync(None).expect("one sync").sync.clone();
        let connection = configuration.open_connection(sync.connection()).unwrap_or_else(|wrong| panic!("{wrong}"));
        let settings = ReadSettings {
            page_size: connection.page_size.into(),
            lead_days: sync.lead_days(),
            leaver_days: sync.leaver_days(),
            server_zone: connection.zone.clone(),
        };
        let source = Reader::new(Transport::new(http(), connection.settings, Hasty::default(), 1), settings);
        let mut targets = BTreeMap::new();
        for name in sync.targets() {
            let meant = configuration.open_target(&sync, name).unwrap_or_else(|wrong| panic!("{wrong}"));
            let MeantTarget::Elsewhere { settings, .. } = meant else { panic!("{name} is a tenant: run the binary") };
            let target = Any::open(*settings, http(), SystemClock).expect("the target opens");
            targets.insert(Arc::clone(name), target);
        }
        let engine = Engine {
            source,
            targets,
            journal: store,
            clock: SystemClock,
            holder: "a test".into(),
            patience: Patience {
                schedule: vec![Duration::from_millis(20)],
                wait: Duration::from_millis(200),
                ..Patience::default()
            },
        };
        (engine, sync)
    }

    /// The same on the folder's state.
    pub fn engine(&self) -> (App, Sync) {
        self.engine_with(Store::open(self.path(&self.config.store)).expect("the state opens"))
    }

    /// One run in this process.
    pub async fn run(&self, kind: RunKind) -> Report {
        let (engine, sync) = self.engine();
        let run = Run { kind: Some(kind), ..Run::default() };
        engine.run(&sync, run, &|_| {}, &Stop::never()).await.unwrap_or_else(|wrong| panic!("{wrong}"))
    }

    /// Changes the SQLite target behind the sync's back; at least one row must change.
    pub fn write(&self, statement: &str) {
        let connection = rusqlite::Connection::open(self.path("people.db")).expect("the target opens");
        let rows = connection.execute(statement, []).expect("the statement works");
        assert!(rows > 0, "{statement} changed nothing");
    }

    /// Changes the SQLite target's make, for instance by a trigger.
    pub fn execute(&self, statement: &str) {
        let connection = rusqlite::Connection::open(self.path("people.db")).expect("the target opens");
        connection.execute_batch(statement).expect("the statement works");
    }

    /// The SQLite target as it stands.
    pub fn table(&self) -> Table {
        Table::read(&self.path("people.db"))
    }
}

/// The real time, and no patience: whoever sleeps wakes at once, so much later.
#[derive(Clone, Debug, Default)]
pub struct Hasty(Arc<AtomicU64>);

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        let slept = Duration::from_millis(self.0.load(Ordering::Relaxed));
        SystemClock.now().saturating_add(slept).expect("no test sleeps that long")
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        self.0.fetch_add(duration.as_millis() as u64, Ordering::Relaxed);
        tokio::task::yield_now()
    }
}

/// What comes of the future, which must not take longer than that.
pub async fn within<T>(seconds: u64, what: &str, future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(seconds);
    tokio::time::timeout(limit, future).await.unwrap_or_else(|_| panic!("{what}: not within {seconds} s"))
}

/// The same for something that a running process is to do: it must not end before.
pub async fn done_by<T>(child: &mut tokio::process::Child, what: &str, future: impl Future<Output = T>) -> T {
    tokio::select! {
        ended = child.wait() => panic!("{what}: the process ended instead: {ended:?}"),
        done = within(60, what, future) => done,
    }
}

/// A client for tests: no proxy, no redirects.
pub fn http() -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "tests talk to loopback only")]
    let builder = reqwest::Client::builder();
    builder.no_proxy().redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}
