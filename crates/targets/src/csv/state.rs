//! What the file holds, kept beside it: a small SQLite database that every apply commits to.
//!
//! The file itself is only written when a run is closed, in one swap. A crash before that loses nothing, because what
//! was delivered stands here; a crash in the middle is mended by closing again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use joinery_model::{Action, Change, Failure, Held, Value};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::layout::{Cells, cells};
use super::{Files, Settings};
use crate::sql::sqlite::{connect, failure, make_private};

/// Rows, changes that no file shows yet (`file` 0) or that a delta file shows, and delta files still to be written.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS row (
        key TEXT PRIMARY KEY NOT NULL, person TEXT NOT NULL, active INTEGER NOT NULL, cells TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS change (
        file INTEGER NOT NULL, key TEXT NOT NULL, action TEXT NOT NULL, active INTEGER NOT NULL, cells TEXT NOT NULL,
        PRIMARY KEY (file, key)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS unwritten (file INTEGER PRIMARY KEY);
";

/// A row of the state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub key: String,
    pub person: String,
    pub active: bool,
    pub cells: Cells,
}

/// What the target's thread owns.
pub(super) struct State {
    pub settings: Settings,
    open: Option<Connection>,
}

/// The state's file beside the CSV file.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

impl State {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, open: None }
    }

    /// The open state; `None` when there is none yet and `make` is false.
    pub(super) fn ready(&mut self, make: bool) -> Result<Option<&mut Connection>, Failure> {
        if self.open.is_none() {
            let path = beside(&self.settings.path, ".state");
            if !path.exists() {
                if !make {
                    return Ok(None);
                }
                make_private(&path)?;
            }
            let connection = connect(&path).map_err(failed("opening"))?;
            connection.execute_batch(TABLES).map_err(failed("opening"))?;
            self.open = Some(connection);
        }
        Ok(self.open.as_mut())
    }

    /// Delivers changes in one transaction that is on the disk when this returns.
    pub(super) fn apply(&mut self, changes: &[Change]) -> Result<Vec<Result<Arc<str>, String>>, Failure> {
        let settings = self.settings.clone();
        // Whatever fails before the commit leaves nothing behind.
        let unwritten = |cause| failure("writing", cause).untried();
        let Some(connection) = self.ready(true).map_err(Failure::untried)? else { return Ok(Vec::new()) };
        let transaction = connection.transaction().map_err(unwritten)?;
        let mut done = Vec::with_capacity(changes.len());
        for change in changes {
            done.push(deliver(&transaction, &settings, change).map_err(unwritten)?);
        }
        transaction.commit().map_err(failed("writing"))?;
        Ok(done)
    }

    /// Rows whose attribute is one of these texts.
    pub(super) fn matching(&mut self, attribute: &str, sought: &[String]) -> Result<Vec<Row>, Failure> {
        let Some(connection) = self.ready(false)? else { return Ok(Vec::new()) };
        let path = format!("json_extract(cells, '$.\"{}\"')", attribute.replace('\'', "''"));
        let index = format!("by_{attribute}").replace('"', "");
        let read = || -> rusqlite::Result<Vec<Row>> {
            connection.execute_batch(&format!("CREATE INDEX IF NOT EXISTS \"{index}\" ON row ({path})"))?;
            let sql = format!("SELECT key, person, active, cells FROM row WHERE {path} = ?1");
            let mut statement = connection.prepare_cached(&sql)?;
            let mut found = Vec::new();
            for text in sought {
                found.extend(statement.query_map([text], row)?.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            Ok(found)
        };
        read().map_err(failed("reading"))
    }

    /// The rows of these keys, in order.
    pub(super) fn keyed(&mut self, keys: &[String]) -> Result<Vec<Option<Row>>, Failure> {
        let Some(connection) = self.ready(false)? else { return Ok(vec![None; keys.len()]) };
        keys.iter().map(|key| one(connection, key).map_err(failed("reading"))).collect()
    }

    /// Rows after a key, in key order.
    pub(super) fn page(&mut self, after: &str, limit: usize) -> Result<Vec<Row>, Failure> {
        let Some(connection) = self.ready(false)? else { return Ok(Vec::new()) };
        let read = || -> rusqlite::Result<Vec<Row>> {
            let sql = "SELECT key, person, active, cells FROM row WHERE key > ?1 ORDER BY key LIMIT ?2";
            connection.prepare_cached(sql)?.query_map(params![after, limit as i64], row)?.collect()
        };
        read().map_err(failed("reading"))
    }
}

impl Row {
    /// The row as an account.
    pub(super) fn held(self, settings: &Settings) -> Held {
        let mut attributes: std::collections::BTreeMap<Arc<str>, Value> = self
            .cells
            .into_iter()
            .map(|(name, cell)| (Arc::from(name), cell.map_or(Value::Null, Value::text)))
            .filter(|(name, _)| settings.attributes.contains(name))
            .collect();
        if settings.attributes.contains(&settings.key) {
            attributes.insert(settings.key.clone(), Value::text(self.key.as_str()));
        }
        Held { target_id: self.key.into(), active: settings.active.as_ref().map(|_| self.active), attributes }
    }
}

fn failed(doing: &'static str) -> impl Fn(rusqlite::Error) -> Failure {
    move |cause| failure(doing, cause)
}

/// Reads a row of the columns key, person, active, cells.
fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let cells: String = row.get(3)?;
    Ok(Row { key: row.get(0)?, person: row.get(1)?, active: row.get(2)?, cells: parse(3, &cells)? })
}

/// Cells as they are stored.
pub(super) fn parse(column: usize, cells: &str) -> rusqlite::Result<Cells> {
    serde_json::from_str(cells).map_err(|cause| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(cause))
    })
}

fn one(connection: &Connection, key: &str) -> rusqlite::Result<Option<Row>> {
    let sql = "SELECT key, person, active, cells FROM row WHERE key = ?1";
    connection.prepare_cached(sql)?.query_row([key], row).optional()
}

fn deliver(
    transaction: &Transaction<'_>,
    settings: &Settings,
    change: &Change,
) -> rusqlite::Result<Result<Arc<str>, String>> {
    let said = cells(&change.after);
    let mapped = settings.attributes.contains(&settings.key);
    let key = match (mapped.then(|| said.get(&*settings.key)).flatten(), &change.target_id) {
        (Some(key), _) => key.clone().unwrap_or_default(),
        (None, Some(target_id)) => target_id.to_string(),
        (None, None) => change.person.to_string(),
    };
    let at = change.target_id.as_deref().unwrap_or(&key).to_owned();
    match change.action {
        Action::Adopt => return Ok(Ok(at.into())),
        Action::Delete => {
            if remove(transaction, &at)? || settings.files == Files::Delta {
                note(transaction, settings, &at, "delete", false, &said)?;
            }
            return Ok(Ok(at.into()));
        }
        _ if key.is_empty() => {
            return Ok(Err(format!(
                "the key column {} would be empty; map an attribute that everybody has",
                settings.key
            )));
        }
        _ => {}
    }
    let there = match one(transaction, &at)? {
        None if at != key => one(transaction, &key)?,
        there => there,
    };
    let (mut cells, created) = match there {
        None if change.action == Action::Disable => return Ok(Ok(at.into())),
        None => (Cells::new(), true),
        Some(row) if change.target_id.is_none() && row.person != change.person.as_str() => {
            return Ok(Err(format!(
                "another person has the same value for the key column {}; the key must tell people apart",
                settings.key
            )));
        }
        Some(row) => (row.cells, false),
    };
    if at != key && one(transaction, &at)?.is_some() {
        if one(transaction, &key)?.is_some() {
            return Ok(Err(format!("another row has the same value for the key column {}", settings.key)));
        }
        remove(transaction, &at)?;
        note(transaction, settings, &at, "delete", false, &cells)?;
    }
    cells.extend(said);
    let active = match change.action {
        Action::Disable => false,
        Action::Enable => true,
        _ => change.after.active,
    };
    let text = json(&cells)?;
    transaction
        .prepare_cached(
            "INSERT INTO row (key, person, active, cells) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key) DO UPDATE SET \
             person = excluded.person, active = excluded.active, cells = excluded.cells",
        )?
        .execute(params![key, change.person.as_str(), active, text])?;
    let action = match change.action {
        _ if created => "create",
        Action::BackFill => "update",
        action => action.name(),
    };
    note(transaction, settings, &key, action, active, &cells)?;
    Ok(Ok(key.into()))
}

fn remove(transaction: &Transaction<'_>, key: &str) -> rusqlite::Result<bool> {
    Ok(transaction.prepare_cached("DELETE FROM row WHERE key = ?1")?.execute([key])? > 0)
}

fn json(cells: &Cells) -> rusqlite::Result<String> {
    serde_json::to_string(cells).map_err(|cause| rusqlite::Error::ToSqlConversionFailure(Box::new(cause)))
}

/// Remembers a change for the next delta file. Who was created for that file stays created there.
fn note(
    transaction: &Transaction<'_>,
    settings: &Settings,
    key: &str,
    action: &str,
    active: bool,
    cells: &Cells,
) -> rusqlite::Result<()> {
    if settings.files != Files::Delta {
        return Ok(());
    }
    transaction
        .prepare_cached(&format!(
            "INSERT INTO change (file, key, action, active, cells) VALUES (0, ?1, ?2, ?3, ?4) {NEWER}"
        ))?
        .execute(params![key, action, active, json(cells)?])?;
    Ok(())
}

/// How a later change of the same row goes over an earlier one.
pub(super) const NEWER: &str = "ON CONFLICT (file, key) DO UPDATE SET \
    action = CASE WHEN action = 'create' AND excluded.action <> 'delete' THEN 'create' ELSE excluded.action END, \
    active = excluded.active, cells = excluded.cells";
