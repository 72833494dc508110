//! `[target.*]` → what a target is opened with.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use joinery_engine::Sync;
use joinery_targets::{Settings, csv, scim, sql};
use joinery_tenant::WriteSettings;

use super::connection::MeantConnection;
use super::duration;
use super::problem::Problem;
use super::typed::{ConnectionTable, CsvTable, ScimTable, SqlTable, SuccessfactorsTable, TargetTable};
use crate::http::Reach;

/// A target as meant, and how its HTTP client reaches it.
pub enum MeantTarget {
    /// An application, a table, a file.
    Elsewhere {
        /// Its settings.
        settings: Box<Settings>,
        /// The client's way out.
        reach: Reach,
    },
    /// A tenant that is written back to.
    Tenant {
        /// The connection's name.
        connection: String,
        /// The connection.
        meant: Box<MeantConnection>,
        /// How it is written to.
        settings: WriteSettings,
        /// The attributes of the target's mapping.
        attributes: Vec<Arc<str>>,
    },
}

impl MeantTarget {
    fn elsewhere(settings: Settings, reach: Reach) -> Self {
        Self::Elsewhere { settings: Box::new(settings), reach }
    }
}

/// How a tenant is written back to. What is wrong with its connection is said by the connection.
pub fn write_settings(table: &SuccessfactorsTable, connection: &ConnectionTable) -> WriteSettings {
    let defaults = WriteSettings::default();
    WriteSettings {
        read_only: connection.read_only,
        batch: table.batch.unwrap_or(defaults.batch).clamp(1, 1000),
        option_profile: table.option_profile.clone(),
        ..defaults
    }
}

/// What is wrong with the key of a target that keeps its accounts by one, when the sync's mapping does not fill it.
pub fn keyless(sync: &Sync, name: &str, table: &TargetTable) -> Option<String> {
    let attributes = sync.attributes(name);
    let (key, place, filled) = match table {
        TargetTable::Sql(table) => {
            let column =
                |attribute: &&str| table.columns.get(*attribute).map_or(*attribute, String::as_str) == table.key;
            (&table.key, "column", attributes.iter().any(column))
        }
        TargetTable::Csv(table) => (&table.key, "header", attributes.contains(&table.key.as_str())),
        TargetTable::Scim(_) | TargetTable::Successfactors(_) => return None,
    };
    (!filled).then(|| {
        format!(
            "nothing that sync.{} maps goes under the {place} {key}, which is to tell people apart: add an attribute that \
             everybody has to its mapping, such as {key} = \"personIdExternal\", or name another {place}",
            sync.name()
        )
    })
}

/// Opens secrets and checks spellings. `attributes` are those of the target's mapping, in its order. Every problem is
/// reported, with its key.
pub fn open(
    name: &str,
    table: &TargetTable,
    attributes: Vec<Arc<str>>,
    base: &Path,
) -> Result<MeantTarget, Vec<Problem>> {
    let mut problems = Problems { name, list: Vec::new() };
    let meant = match table {
        TargetTable::Sql(table) => sql(table, attributes, base, &mut problems),
        TargetTable::Scim(table) => scim(table, attributes, base, &mut problems),
        TargetTable::Csv(table) => csv(table, attributes, base, &mut problems),
        // Opened with its connection, by whoever knows both.
        TargetTable::Successfactors(_) => None,
    };
    match meant {
        Some(meant) if problems.list.is_empty() => Ok(meant),
        _ => Err(problems.list),
    }
}

struct Problems<'a> {
    name: &'a str,
    list: Vec<Problem>,
}

impl Problems<'_> {
    fn add(&mut self, key: &str, message: impl Into<String>) {
        let key = format!("target.{}.{key}", self.name);
        self.list.push(Problem { key, line: None, message: message.into() });
    }

    fn keep<T>(&mut self, key: &str, result: Result<T, String>) -> Option<T> {
        result.map_err(|message| self.add(key, message)).ok()
    }
}

fn names(values: &[String]) -> Vec<Arc<str>> {
    values.iter().map(|value| Arc::from(value.as_str())).collect()
}

fn active(column: &str) -> Option<Arc<str>> {
    (!column.is_empty()).then(|| Arc::from(column))
}

fn pair([usable, unusable]: &[String; 2]) -> (Arc<str>, Arc<str>) {
    (Arc::from(usable.as_str()), Arc::from(unusable.as_str()))
}

fn sql(table: &SqlTable, attributes: Vec<Arc<str>>, base: &Path, problems: &mut Problems<'_>) -> Option<MeantTarget> {
    let ca = table.ca_file.as_ref().and_then(|file| {
        let path = base.join(file);
        problems.keep("ca_file", std::fs::read(&path).map_err(|e| format!("{} cannot be read: {e}", path.display())))
    });
    let database = match (&table.path, &table.url) {
        (Some(path), None) => sql::Database::Sqlite(base.join(path)),
        (None, Some(url)) => sql::Database::Postgres {
            url: problems.keep("url", url.open(base))?,
            ca,
            connections: table.connections.unwrap_or(4),
        },
        (Some(_), Some(_)) => {
            problems.add("url", "`path` is for SQLite and `url` for PostgreSQL; give one of them");
            return None;
        }
        (None, None) => {
            problems.add("path", "give `path` (a SQLite file) or `url` (PostgreSQL)");
            return None;
        }
    };
    let mut settings = sql::Settings::new(database, table.table.as_str(), table.key.as_str(), attributes);
    settings.active = active(&table.active);
    settings.active_values = table.active_values.as_ref().map(pair);
    settings.create_table = table.create_table;
    settings.columns = table.columns.iter().map(|(a, c)| (a.as_str().into(), c.as_str().into())).collect();
    settings.types = table.types.iter().map(|(column, kind)| (column.as_str().into(), *kind)).collect();
    Some(MeantTarget::elsewhere(Settings::Sql(settings), Reach::default()))
}

fn scim(table: &ScimTable, attributes: Vec<Arc<str>>, base: &Path, problems: &mut Problems<'_>) -> Option<MeantTarget> {
    let auth = match (&table.token, &table.user, &table.oauth) {
        (Some(token), None, None) => scim::Auth::Bearer(problems.keep("token", token.open(base))?),
        (None, Some(user), None) => {
            let Some(password) = &table.password else {
                problems.add("password", "`user` signs in with HTTP Basic and needs `password`");
                return None;
            };
            scim::Auth::Basic { user: user.clone(), password: problems.keep("password", password.open(base))? }
        }
        (None, None, Some(oauth)) => scim::Auth::ClientCredentials {
            token_url: oauth.token_url.clone(),
            client_id: oauth.client_id.clone(),
            client_secret: problems.keep("oauth.client_secret", oauth.client_secret.open(base))?,
            scope: oauth.scope.clone(),
            send: oauth.send,
        },
        (None, None, None) => scim::Auth::None,
        _ => {
            problems.add("token", "give one way to sign in: `token`, `user` with `password`, or `oauth`");
            return None;
        }
    };
    let timeout = match &table.timeout {
        Some(text) => problems.keep("timeout", duration::parse(text))?,
        None => Duration::from_secs(60),
    };
    let mut settings = scim::Settings::new(table.url.as_str(), auth, attributes);
    if let Some(match_by) = &table.match_by {
        settings.match_by = names(match_by);
    }
    settings.update = table.update;
    settings.deactivate = table.deactivate;
    settings.delete = table.delete;
    settings.parallel = table.parallel.unwrap_or(settings.parallel).max(1);
    settings.rate = table.rate;
    settings.timeout = timeout;
    settings.page_size = table.page_size.unwrap_or(settings.page_size).max(1);
    let reach = Reach {
        proxy: table.proxy.clone(),
        ca_file: table.ca_file.as_ref().map(|file| base.join(file)),
        identity: None,
        timeout: Some(timeout),
    };
    Some(MeantTarget::elsewhere(Settings::Scim(settings), reach))
}

fn csv(table: &CsvTable, attributes: Vec<Arc<str>>, base: &Path, problems: &mut Problems<'_>) -> Option<MeantTarget> {
    let delimiter = match table.delimiter {
        None => b',',
        Some(delimiter) if delimiter.is_ascii() => delimiter as u8,
        Some(_) => {
            problems.add("delimiter", "the delimiter is one ASCII character, such as \";\" or \"\\t\"");
            return None;
        }
    };
    let mut settings = csv::Settings::new(base.join(&table.path), table.key.as_str(), attributes);
    settings.active = active(&table.active);
    if let Some(values) = &table.active_values {
        settings.active_values = pair(values);
    }
    settings.files = table.files;
    settings.delimiter = delimiter;
    settings.bom = table.bom;
    settings.crlf = table.crlf;
    settings.manifest = table.manifest;
    settings.formulas = table.formulas;
    Some(MeantTarget::elsewhere(Settings::Csv(settings), Reach::default()))
}
