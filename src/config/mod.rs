//! The configuration: as typed (file), then as meant (checked, secrets opened).
//!
//! [`Configuration::read`] finds every problem of shape, names and expressions without opening a secret or touching the
//! network. Secrets are opened when a connection or target is.

mod connection;
pub mod duration;
mod notify;
mod problem;
mod secret;
mod sign_in;
mod target;
mod typed;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use joinery_engine::Sync;
use joinery_engine::spec::MappingSpec;
use joinery_model::Finding;

pub use connection::MeantConnection;
pub use notify::MeantNotify;
pub use problem::{Problem, Problems, line_of, path_at};
pub use secret::SecretRef;
pub use target::MeantTarget;
pub use typed::{ApiVersion, ConnectionTable, SignInWord, TargetTable};

use crate::shelf::Folder;

/// The default configuration, every key with its reason; what stands in it uncommented is in force.
pub const DEFAULTS: &str = include_str!("../../joinery.default.toml");

/// A configuration that is right as far as can be told without secrets and network.
#[derive(Debug)]
pub struct Configuration {
    file: PathBuf,
    text: String,
    base: PathBuf,
    typed: typed::File,
    syncs: BTreeMap<String, Scheduled>,
    /// How long finished runs and delivered changes are kept.
    pub keep: Duration,
    /// How long a tenant's metadata is believed; zero keeps none.
    metadata: SignedDuration,
}

/// A compiled sync and when it is due.
#[derive(Clone, Debug)]
pub struct Scheduled {
    /// The sync.
    pub sync: Sync,
    /// How often a delta run is due when watching.
    pub every: Duration,
    /// How often a full run is due when watching.
    pub full_every: Duration,
}

impl Configuration {
    /// Reads and checks a file.
    pub fn read(file: &Path) -> Result<Self, Problems> {
        let alone = |message: String| Problems {
            file: file.to_owned(),
            list: vec![Problem { key: String::new(), line: None, message }],
        };
        let text = std::fs::read_to_string(file).map_err(|error| {
            alone(format!(
                "the configuration file cannot be read: {error}; name another with --config, or print a commented one \
                 with `joinery check --defaults`"
            ))
        })?;
        Self::parse(file, text)
    }

    /// Checks a configuration given as text; `file` gives messages their name and relative paths their base.
    pub fn parse(file: &Path, text: String) -> Result<Self, Problems> {
        let mut problems = Problems { file: file.to_owned(), list: Vec::new() };
        let mut typed: typed::File = match toml::from_str(&text) {
            Ok(typed) => typed,
            Err(error) => {
                let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
                problems.list.push(Problem { key: String::new(), line, message: error.message().to_owned() });
                return Err(problems);
            }
        };
        for (name, mapping) in shipped_mappings() {
            typed.mapping.entry(name).or_insert(mapping);
        }
        let base = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();

        let mut add = |key: String, message: String| problems.list.push(Problem { key, line: None, message });
        let keep = duration::parse(&typed.store.keep).unwrap_or_else(|message| {
            add("store.keep".to_owned(), message);
            Duration::ZERO
        });
        let metadata = duration::parse(&typed.store.metadata).unwrap_or_else(|message| {
            add("store.metadata".to_owned(), message);
            Duration::ZERO
        });
        let metadata = SignedDuration::try_from(metadata).unwrap_or(SignedDuration::MAX);
        for (name, table) in &typed.connection {
            for (key, message) in connection::check(table) {
                add(format!("connection.{name}.{key}"), message);
            }
        }
        for (name, table) in &typed.target {
            let TargetTable::Successfactors(table) = table else { continue };
            let key = format!("target.{name}.connection");
            match typed.connection.get(&table.connection) {
                None => add(key, format!("there is no [connection.{}]", table.connection)),
                Some(connection) if connection.read_only => add(
                    key,
                    format!("connection.{}.read_only is true, so nothing can be written back to it", table.connection),
                ),
                Some(connection) if connection.api_version == ApiVersion::V4 => add(
                    key,
                    format!(
                        "connection.{}.api_version is \"v4\", and write-back needs v2: e-mails, phones and accounts are \
                         written by upsert, which v4 does not have",
                        table.connection
                    ),
                ),
                Some(_) => {}
            }
        }
        for (name, table) in &typed.target {
            let path = match table {
                TargetTable::Sql(table) => table.path.as_ref(),
                TargetTable::Csv(table) => Some(&table.path),
                _ => None,
            };
            if path.is_some_and(|path| base.join(path) == base.join(&typed.store.path)) {
                let message = "this file holds Joinery's own state (store.path); give the target a file of its own";
                add(format!("target.{name}.path"), message.to_owned());
            }
        }
        let mut syncs = BTreeMap::new();
        for (name, spec) in &typed.sync {
            let known = |kind: &str, wanted: &str, names: Vec<&String>| {
                let names = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
                let names = if names.is_empty() { "none is defined".to_owned() } else { format!("defined: {names}") };
                format!("there is no [{kind}.{wanted}]; {names}")
            };
            if !typed.connection.contains_key(&spec.connection) {
                let message = known("connection", &spec.connection, typed.connection.keys().collect());
                add(format!("sync.{name}.connection"), message);
            }
            for target in &spec.targets {
                if !typed.target.contains_key(target) {
                    add(format!("sync.{name}.targets"), known("target", target, typed.target.keys().collect()));
                }
            }
            let mut interval = |key: &str, text: Option<&String>, default: u64| {
                text.map_or(Ok(Duration::from_secs(default)), |text| duration::parse(text)).unwrap_or_else(|message| {
                    add(format!("sync.{name}.{key}"), message);
                    Duration::ZERO
                })
            };
            let every = interval("every", spec.every.as_ref(), 300);
            let full_every = interval("full_every", spec.full_every.as_ref(), 86_400);
            match Sync::compile(name, spec, &typed.mapping) {
                Ok(sync) => {
                    let targets = sync.targets().filter_map(|name| Some((name, typed.target.get(&**name)?)));
                    for (name, table) in targets {
                        if let Some(message) = target::keyless(&sync, name, table) {
                            add(format!("target.{name}.key"), message);
                        }
                    }
                    let connection = typed.connection.get(&spec.connection);
                    if connection.is_some_and(|table| table.api_version == ApiVersion::V4) {
                        for (path, why) in joinery_tenant::not_over_v4(sync.needs()) {
                            let connection = &spec.connection;
                            let message = format!("{path}: OData v4 (connection.{connection}.api_version) {why}");
                            add(format!("sync.{name}.mapping"), message);
                        }
                    }
                    syncs.insert(name.clone(), Scheduled { sync, every, full_every });
                }
                Err(errors) => errors.into_iter().for_each(|error| add(error.key_path, error.message)),
            }
        }
        if let Some(notify) = &typed.notify {
            for (key, message) in notify::check(notify, &syncs) {
                add(format!("notify.{key}"), message);
            }
        }
        let configuration = Self { file: file.to_owned(), text, base, typed, syncs, keep, metadata };
        if problems.list.is_empty() { Ok(configuration) } else { Err(configuration.located(problems.list)) }
    }

    /// Where the state is kept.
    pub fn store_path(&self) -> PathBuf {
        self.base.join(&self.typed.store.path)
    }

    /// The sync of that name, or the only one.
    pub fn sync(&self, name: Option<&str>) -> Result<&Scheduled, String> {
        pick("sync", &self.syncs, name)
    }

    /// Every sync.
    pub fn syncs(&self) -> impl Iterator<Item = &Scheduled> {
        self.syncs.values()
    }

    /// The name of the connection of that name, or of the only one.
    pub fn connection_name(&self, name: Option<&str>) -> Result<&str, String> {
        let wanted = pick("connection", &self.typed.connection, name)?;
        let found = self.typed.connection.iter().find(|(_, table)| std::ptr::eq(*table, wanted));
        found.map(|(name, _)| name.as_str()).ok_or_else(|| "no connection".to_owned())
    }

    /// The connections that a sync uses: the one it reads, and those it writes back to.
    pub fn connections_of<'a>(&'a self, sync: &'a Sync) -> BTreeSet<&'a str> {
        let written = sync.targets().filter_map(|name| match self.typed.target.get(&**name) {
            Some(TargetTable::Successfactors(table)) => Some(table.connection.as_str()),
            _ => None,
        });
        written.chain([&**sync.connection()]).collect()
    }

    /// Does a target write back to this connection?
    pub fn is_written_to(&self, connection: &str) -> bool {
        let mut targets = self.typed.target.values();
        targets.any(|table| matches!(table, TargetTable::Successfactors(table) if table.connection == connection))
    }

    /// Warnings about what a sync writes back to tenants; no secret is opened.
    pub fn write_back_notices(&self, sync: &Sync) -> Vec<Finding> {
        let mut found = Vec::new();
        for name in sync.targets() {
            let Some(TargetTable::Successfactors(table)) = self.typed.target.get(&**name) else { continue };
            let Some(connection) = self.typed.connection.get(&table.connection) else { continue };
            let attributes: Vec<Arc<str>> = sync.attributes(name).into_iter().map(Arc::from).collect();
            let settings = target::write_settings(table, connection);
            found.extend(joinery_tenant::write_back_notices(name, &attributes, &settings));
        }
        found
    }

    /// Opens a connection's secrets.
    pub fn open_connection(&self, name: &str) -> Result<MeantConnection, Problems> {
        let Some(table) = self.typed.connection.get(name) else {
            return Err(self.located(vec![Problem {
                key: format!("connection.{name}"),
                line: None,
                message: "there is no such connection".to_owned(),
            }]));
        };
        let mut meant = connection::open(name, table, &self.base).map_err(|list| self.located(list))?;
        if !self.metadata.is_zero() {
            meant.shelf = Some((Folder::beside(&self.store_path()), self.metadata));
        }
        Ok(meant)
    }

    /// Opens a target's secrets, for the sync whose mapping fills it.
    pub fn open_target(&self, sync: &Sync, name: &str) -> Result<MeantTarget, Problems> {
        let Some(table) = self.typed.target.get(name) else {
            return Err(self.located(vec![Problem {
                key: format!("target.{name}"),
                line: None,
                message: "there is no such target".to_owned(),
            }]));
        };
        let attributes: Vec<Arc<str>> = sync.attributes(name).into_iter().map(Arc::from).collect();
        if let TargetTable::Successfactors(table) = table {
            let meant = Box::new(self.open_connection(&table.connection)?);
            let Some(typed) = self.typed.connection.get(&table.connection) else {
                return Err(self.located(Vec::new()));
            };
            let settings = target::write_settings(table, typed);
            let connection = table.connection.clone();
            return Ok(MeantTarget::Tenant { connection, meant, settings, attributes });
        }
        target::open(name, table, attributes, &self.base).map_err(|list| self.located(list))
    }

    /// Opens the webhook's secrets; `None` when none is configured.
    pub fn open_notify(&self) -> Result<Option<MeantNotify>, Problems> {
        let opened = self.typed.notify.as_ref().map(|table| notify::open(table, &self.base));
        opened.transpose().map_err(|list| self.located(list))
    }

    /// Problems with their lines in this file.
    pub fn located(&self, mut list: Vec<Problem>) -> Problems {
        for problem in &mut list {
            problem.line = problem.line.or_else(|| line_of(&self.text, &problem.key));
        }
        list.sort_by_key(|problem| problem.line);
        Problems { file: self.file.clone(), list }
    }
}

/// The mappings that `joinery.default.toml` ships.
fn shipped_mappings() -> BTreeMap<String, MappingSpec> {
    toml::from_str::<typed::File>(DEFAULTS).map(|file| file.mapping).unwrap_or_default()
}

fn pick<'a, T>(kind: &str, all: &'a BTreeMap<String, T>, name: Option<&str>) -> Result<&'a T, String> {
    let names = || all.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    match name {
        Some(name) => all.get(name).ok_or_else(|| format!("there is no {kind} named {name}; defined: {}", names())),
        None if all.is_empty() => Err(format!("no {kind} is defined; add a [{kind}.NAME] table")),
        None if all.len() == 1 => all.values().next().ok_or_else(String::new),
        None => Err(format!("there are several; name one of: {}", names())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The default file with its examples switched on.
    fn examples() -> String {
        DEFAULTS
            .lines()
            .map(|line| line.strip_prefix("#: ").or(line.strip_prefix("#:")).unwrap_or(line))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn the_default_file_parses_as_it_is_and_with_its_examples() {
        Configuration::parse(Path::new("joinery.toml"), DEFAULTS.to_owned()).unwrap();
        // The examples show alternatives of one key on one target; every table must still be right.
        let configuration = Configuration::parse(Path::new("joinery.toml"), examples()).unwrap();
        assert_eq!(configuration.syncs.len(), 1);
        assert_eq!(configuration.typed.target.len(), 4);
    }

    #[test]
    fn the_examples_are_right() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        let mut seen = 0;
        for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let configuration = Configuration::read(&file).unwrap_or_else(|problems| panic!("{problems}"));
            assert_eq!(configuration.syncs().count(), 1, "{}", file.display());
            seen += 1;
        }
        assert!(seen >= 3);
    }

    #[test]
    fn every_problem_is_told_with_its_line() {
        let text = "[store]\nkeep = \"soon\"\n[sync.a]\nconnection = \"x\"\ntargets = [\"y\"]\nmapping = \"standard\"\nevery = \"often\"\n";
        let problems = Configuration::parse(Path::new("joinery.toml"), text.to_owned()).unwrap_err();
        let lines: Vec<_> = problems.list.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [Some(2), Some(4), Some(5), Some(7)], "{problems}");
    }

    #[test]
    fn a_key_that_no_mapping_gives_is_named_with_its_line_and_what_to_do() {
        let text = |key: &str, more: &str| {
            format!(
                "[connection.a]\napi_server = \"h\"\ncompany_id = \"C\"\nsign_in = \"basic\"\nuser = \"u\"\n\
                 password = {{ env = \"P\" }}\n[target.t]\ntype = \"sql\"\npath = \"x.db\"\ntable = \"people\"\n\
                 key = \"{key}\"\n{more}\n[target.f]\ntype = \"csv\"\npath = \"x.csv\"\nkey = \"{key}\"\n[mapping.m]\n\
                 number = \"personIdExternal\"\n[sync.s]\nconnection = \"a\"\ntargets = [\"t\", \"f\"]\nmapping = \"m\"\n"
            )
        };
        let parse = |text: String| Configuration::parse(Path::new("joinery.toml"), text);
        parse(text("number", "")).unwrap();
        let problems = parse(text("id", "")).unwrap_err();
        let found: Vec<_> = problems.list.iter().map(|problem| (problem.key.as_str(), problem.line)).collect();
        assert_eq!(found, [("target.t.key", Some(11)), ("target.f.key", Some(16))], "{problems}");
        assert!(problems.to_string().contains("id = \"personIdExternal\""), "{problems}");
        // A file that is the state's.
        let problems = parse(text("number", "").replace("x.db", "joinery.db")).unwrap_err();
        let found: Vec<_> = problems.list.iter().map(|problem| (problem.key.as_str(), problem.line)).collect();
        assert_eq!(found, [("target.t.path", Some(9))], "{problems}");
        // A column of another name than its attribute.
        let problems = parse(text("id", "columns = { number = \"id\" }")).unwrap_err();
        assert_eq!(problems.list.len(), 1, "{problems}");
        assert_eq!(problems.list[0].key, "target.f.key");
    }

    #[test]
    fn what_cannot_be_had_over_v4_is_refused_with_the_reason() {
        let text = "[connection.a]\napi_server = \"a\"\ncompany_id = \"C\"\nsign_in = \"basic\"\nuser = \"U\"\npassword = { env = \"P\" }\n\
            api_version = \"v4\"\n[target.back]\ntype = \"successfactors\"\nconnection = \"a\"\n[mapping.m]\n\
            user_id = \"employmentNav.userId\"\ncustom01 = \"employmentNav.jobInfoNav.employeeClassNav.label\"\n\
            [sync.s]\nconnection = \"a\"\ntargets = [\"back\"]\nmapping = \"m\"\ncorrelate = [\"user_id\"]\n";
        let problems = Configuration::parse(Path::new("joinery.toml"), text.to_owned()).unwrap_err();
        for part in ["take no Basic", "write-back needs v2", "names no picklists in its metadata"] {
            assert!(problems.to_string().contains(part), "{part}: {problems}");
        }
        assert_eq!(problems.list.len(), 3, "{problems}");
        let text = "[connection.a]\napi_server = \"a\"\ncompany_id = \"C\"\nsign_in = \"ias\"\nclient_id = \"x\"\n\
            token_server = \"t\"\nclient_secret = { env = \"P\" }\nv4_root = \"odatav4/x\"\n";
        let problems = Configuration::parse(Path::new("joinery.toml"), text.to_owned()).unwrap_err();
        assert!(problems.to_string().contains("is for api_version = \"v4\""), "{problems}");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let text = "[store]\npath = \"x.db\"\npaht = \"y\"\n";
        let problems = Configuration::parse(Path::new("joinery.toml"), text.to_owned()).unwrap_err();
        assert_eq!(problems.list[0].line, Some(3), "{problems}");
        assert!(problems.to_string().contains("paht"), "{problems}");
    }
}
