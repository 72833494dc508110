//! The table in a SQLite file: one connection on a thread of its own, one transaction an apply.

use std::path::{Path, PathBuf};

use joinery_model::{Failure, Finding, FindingKind};
use rusqlite::types::{ToSqlOutput, Value as Bound, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, params_from_iter};

use super::convert::Cell;
use super::statement::{add, create, names, on_conflict, quote, quote_table};
use super::table::{Described, Shape, Step, finding};
use super::{ColumnType, Settings};
use crate::worker::Worker;

/// What the thread owns.
pub(super) struct State {
    path: PathBuf,
    settings: Settings,
    open: Option<Open>,
}

/// An open table.
struct Open {
    connection: Connection,
    shape: Shape,
    /// All wanted columns are there; else it is good for reading only.
    whole: bool,
}

/// A SQLite file.
pub(super) struct Sqlite {
    worker: Worker<State>,
}

/// Each step's end, or why it was refused.
pub(super) type Done = Vec<Result<(), String>>;

impl Sqlite {
    pub(super) fn new(path: &Path, settings: &Settings) -> Result<Self, Failure> {
        let state = State { path: path.to_owned(), settings: settings.clone(), open: None };
        Ok(Self { worker: Worker::start("target-sqlite", state)? })
    }

    /// The table as it is, made before where that is allowed. Reading calls ask with `make` false and get `None` for
    /// a table that is not there yet.
    pub(super) async fn shape(&self, make: bool) -> Result<Option<Shape>, Failure> {
        self.worker.call(move |state| Ok(state.ready(make)?.map(|open| open.shape.clone()))).await
    }

    pub(super) async fn apply(&self, steps: Vec<Step>) -> Result<Done, Failure> {
        self.worker
            .call(move |state| {
                let (connection, shape, table) = state.used(true).map_err(Failure::untried)?;
                apply(connection, shape, &table, &steps)
            })
            .await
    }

    /// Rows whose column `at` holds one of these cells.
    pub(super) async fn matching(&self, at: usize, sought: Vec<String>) -> Result<Vec<Vec<Cell>>, Failure> {
        self.worker
            .call(move |state| {
                let (connection, shape, table) = state.used(false)?;
                let column = &shape.columns[at].described;
                let sql = format!("SELECT {} FROM {table} WHERE {} = ?1", all(shape), quote(&column.name));
                let mut read = || -> rusqlite::Result<Vec<Vec<Cell>>> {
                    // One transaction: otherwise the file is locked and let go for each of them.
                    let all = connection.transaction()?;
                    let mut found = Vec::new();
                    {
                        let mut statement = all.prepare_cached(&sql)?;
                        for cell in &sought {
                            let mut rows = statement.query([bind(Some(cell), column.kind)])?;
                            while let Some(row) = rows.next()? {
                                found.push(cells(row, shape)?);
                            }
                        }
                    }
                    all.commit()?;
                    Ok(found)
                };
                read().map_err(|cause| failure("reading", cause))
            })
            .await
    }

    /// Rows after a key, in key order.
    pub(super) async fn page(&self, after: Option<String>, limit: usize) -> Result<Vec<Vec<Cell>>, Failure> {
        self.worker
            .call(move |state| {
                let (connection, shape, table) = state.used(false)?;
                let key = &shape.columns[0].described;
                let name = quote(&key.name);
                let test = if after.is_some() { format!("WHERE {name} > ?1") } else { String::new() };
                let sql = format!("SELECT {} FROM {table} {test} ORDER BY {name} LIMIT {limit}", all(shape));
                let read = || -> rusqlite::Result<Vec<Vec<Cell>>> {
                    let mut statement = connection.prepare_cached(&sql)?;
                    let after = after.as_deref().map(|after| bind(Some(after), key.kind));
                    let mut rows = statement.query(params_from_iter(after))?;
                    let mut page = Vec::new();
                    while let Some(row) = rows.next()? {
                        page.push(cells(row, shape)?);
                    }
                    Ok(page)
                };
                read().map_err(|cause| failure("reading", cause))
            })
            .await
    }

    pub(super) async fn test(&self) -> Vec<Finding> {
        let looked = self.worker.call(|state| Ok(state.look())).await;
        looked.unwrap_or_else(|failure| vec![finding(FindingKind::Problem, "SQLite", failure.message)])
    }
}

impl State {
    fn ready(&mut self, make: bool) -> Result<Option<&mut Open>, Failure> {
        if self.open.as_ref().is_none_or(|open| make && !open.whole) {
            self.open = self.opened(make)?;
        }
        Ok(self.open.as_mut())
    }

    fn opened(&self, make: bool) -> Result<Option<Open>, Failure> {
        let makes = self.settings.create_table;
        if !make && !self.path.exists() {
            return if makes { Ok(None) } else { Err(Failure::refused(no_table(&self.settings))) };
        }
        if make && makes {
            make_private(&self.path)?;
        }
        let connection = connect(&self.path).map_err(|cause| failure("opening", cause))?;
        if make && makes {
            make_table(&connection, &self.settings).map_err(|cause| failure("making the table in", cause))?;
        }
        let described = describe(&connection, &self.settings).map_err(|cause| failure("reading", cause))?;
        let Some((described, unique)) = described else {
            return if makes { Ok(None) } else { Err(Failure::refused(no_table(&self.settings))) };
        };
        match self.settings.fit(&described, true) {
            Ok(_) if !unique => Err(Failure::refused(no_index(&self.settings))),
            Ok(shape) => Ok(Some(Open { connection, shape, whole: true })),
            Err(_) if makes => {
                let shape = self.settings.fit_for_reading(&described, true);
                Ok(shape.map(|shape| Open { connection, shape, whole: false }))
            }
            Err(missing) => Err(Failure::refused(no_columns(&self.settings, &missing))),
        }
    }

    fn used(&mut self, make: bool) -> Result<(&mut Connection, &Shape, String), Failure> {
        let table = quote_table(&self.settings.table);
        match self.ready(make)? {
            Some(open) => Ok((&mut open.connection, &open.shape, table)),
            None => Err(Failure::refused("the SQLite table is not there")),
        }
    }

    /// Looks without writing anything.
    fn look(&self) -> Vec<Finding> {
        let subject = format!("SQLite {}", self.path.display());
        let one = |kind, message: String| vec![finding(kind, &subject, message)];
        if !self.path.exists() {
            let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
            return match folder.unwrap_or(Path::new(".")).metadata() {
                Ok(about) if !about.is_dir() || about.permissions().readonly() => {
                    one(FindingKind::Problem, "its folder cannot be written to".into())
                }
                Ok(_) if self.settings.create_table => one(FindingKind::Good, "is made with the first change".into()),
                Ok(_) => one(FindingKind::Problem, "is not there; make it, or set create_table = true".into()),
                Err(_) => one(FindingKind::Problem, "its folder is not there; make it".into()),
            };
        }
        let described = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .and_then(|connection| describe(&connection, &self.settings));
        match described {
            Err(cause) => one(FindingKind::Problem, failure("reading", cause).message),
            Ok(None) if self.settings.create_table => {
                one(FindingKind::Good, "the table is made with the first change".into())
            }
            Ok(None) => one(FindingKind::Problem, no_table(&self.settings)),
            Ok(Some((described, unique))) => match self.settings.fit(&described, true) {
                Err(missing) if self.settings.create_table => {
                    one(FindingKind::Good, format!("columns are added with the first change: {}", missing.join(", ")))
                }
                Err(missing) => one(FindingKind::Problem, no_columns(&self.settings, &missing)),
                Ok(_) if !unique => one(FindingKind::Problem, no_index(&self.settings)),
                Ok(shape) => one(FindingKind::Good, format!("table and {} columns are there", shape.columns.len())),
            },
        }
    }
}

pub(super) fn no_table(settings: &Settings) -> String {
    format!("the table {} is not there; make it, or set create_table = true", settings.table)
}

pub(super) fn no_columns(settings: &Settings, missing: &[std::sync::Arc<str>]) -> String {
    format!(
        "the table {} has no column {}; add it, name another under `columns`, or set create_table = true",
        settings.table,
        missing.join(", ")
    )
}

pub(super) fn no_index(settings: &Settings) -> String {
    let (table, key) = (quote_table(&settings.table), quote(&settings.key));
    format!("the key column {} is not unique; run CREATE UNIQUE INDEX ON {table} ({key})", settings.key)
}

/// The file holds HR data: only its owner may read it.
pub(crate) fn make_private(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    if path.exists() {
        return Ok(());
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(cause) => {
            let message = match cause.kind() {
                std::io::ErrorKind::NotFound => {
                    format!("{} cannot be made: its folder is not there; make it", path.display())
                }
                kind => format!("{} cannot be made: {kind}; look at its folder", path.display()),
            };
            Err(Failure::refused(message).because(cause))
        }
    }
}

/// A connection on which a commit is on the disk when it returns.
pub(crate) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn type_name(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "TEXT",
        ColumnType::Bool => "BOOLEAN",
        ColumnType::Int => "INTEGER",
        ColumnType::Decimal => "NUMERIC",
        ColumnType::Date => "DATE",
        ColumnType::Instant => "TIMESTAMP",
    }
}

/// SQLite's columns have no kind of their own, only a declared word; it is read the way people mean it.
fn kind_of(declared: &str) -> ColumnType {
    let declared = declared.to_ascii_uppercase();
    let has = |word: &str| declared.contains(word);
    match () {
        () if has("BOOL") => ColumnType::Bool,
        () if has("INT") => ColumnType::Int,
        () if has("TIMESTAMP") || has("DATETIME") => ColumnType::Instant,
        () if has("DATE") => ColumnType::Date,
        () if has("REAL") || has("FLOA") || has("DOUB") || has("NUMERIC") || has("DECIMAL") => ColumnType::Decimal,
        () => ColumnType::Text,
    }
}

/// The table's columns and whether its key is unique; `None` when there is no such table.
fn describe(connection: &Connection, settings: &Settings) -> rusqlite::Result<Option<(Vec<Described>, bool)>> {
    let table = &*settings.table;
    let mut columns = connection.prepare("SELECT name, type, pk FROM pragma_table_info(?1)")?;
    let mut primary: Vec<String> = Vec::new();
    let mut described = Vec::new();
    let mut rows = columns.query([table])?;
    while let Some(row) = rows.next()? {
        let (name, declared): (String, String) = (row.get(0)?, row.get(1)?);
        if row.get::<_, i64>(2)? > 0 {
            primary.push(name.clone());
        }
        described.push(Described { name, kind: kind_of(&declared), sql_type: declared, longest: None });
    }
    if described.is_empty() {
        return Ok(None);
    }
    let is_key = |names: &[String]| matches!(names, [name] if name.eq_ignore_ascii_case(&settings.key));
    let mut unique = is_key(&primary);
    let mut indexes =
        connection.prepare("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1 AND partial = 0")?;
    let mut names = indexes.query([table])?;
    while let Some(row) = names.next()? {
        let index: String = row.get(0)?;
        let mut info = connection.prepare("SELECT coalesce(name, '') FROM pragma_index_info(?1)")?;
        let of: Vec<String> = info.query_map([index], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        unique = unique || is_key(&of);
    }
    Ok(Some((described, unique)))
}

fn make_table(connection: &Connection, settings: &Settings) -> rusqlite::Result<()> {
    connection.execute_batch(&create(settings, type_name))?;
    if let Some((described, _)) = describe(connection, settings)?
        && let Err(missing) = settings.fit(&described, true)
    {
        for column in missing {
            connection.execute_batch(&add(settings, &column, type_name))?;
        }
    }
    Ok(())
}

fn all(shape: &Shape) -> String {
    names(shape, &(0..shape.columns.len()).collect::<Vec<_>>())
}

fn bind(cell: Option<&str>, kind: ColumnType) -> ToSqlOutput<'_> {
    let Some(text) = cell else { return ToSqlOutput::Owned(Bound::Null) };
    match kind {
        ColumnType::Bool => ToSqlOutput::Owned(Bound::Integer(i64::from(text == "true"))),
        ColumnType::Int => match text.parse() {
            Ok(number) => ToSqlOutput::Owned(Bound::Integer(number)),
            Err(_) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        },
        _ => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
    }
}

fn cells(row: &rusqlite::Row<'_>, shape: &Shape) -> rusqlite::Result<Vec<Cell>> {
    (0..shape.columns.len())
        .map(|at| {
            Ok(match row.get_ref(at)? {
                ValueRef::Null | ValueRef::Blob(_) => None,
                ValueRef::Integer(number) => Some(number.to_string()),
                ValueRef::Real(number) => Some(number.to_string()),
                ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
            })
        })
        .collect()
}

fn apply(connection: &mut Connection, shape: &Shape, table: &str, steps: &[Step]) -> Result<Done, Failure> {
    // Whatever fails before the commit leaves nothing behind.
    let unwritten = |cause| failure("writing", cause).untried();
    let begun = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate);
    let transaction = begun.map_err(unwritten)?;
    let mut done = Vec::with_capacity(steps.len());
    {
        let mut statements =
            Statements { connection: &transaction, shape, table, puts: Vec::new(), alters: Vec::new() };
        for step in steps {
            done.push(match statements.one(step) {
                Ok(()) => Ok(()),
                Err(cause) => Err(refusal(cause).map_err(unwritten)?),
            });
        }
    }
    transaction.commit().map_err(|cause| failure("writing", cause))?;
    Ok(done)
}

/// Statements that were used in this transaction, with the columns that each gives.
type Used<'a> = Vec<(Vec<usize>, CachedStatement<'a>)>;

/// The statements of one transaction: their text is written once for each set of columns, of which there are few.
struct Statements<'a> {
    connection: &'a Connection,
    shape: &'a Shape,
    table: &'a str,
    puts: Used<'a>,
    alters: Used<'a>,
}

impl Statements<'_> {
    fn one(&mut self, step: &Step) -> rusqlite::Result<()> {
        match step {
            Step::Keep { .. } | Step::Refuse(_) => Ok(()),
            Step::Delete { key: at } => {
                let key = &self.shape.columns[0].described;
                let sql = format!("DELETE FROM {} WHERE {} = ?1", self.table, quote(&key.name));
                self.connection.prepare_cached(&sql)?.execute([bind(Some(at), key.kind)]).map(drop)
            }
            Step::Alter { key: at, cells } => self.alter(at, cells).map(drop),
            Step::Put { old: Some(old), cells, .. } if self.alter(old, cells)? > 0 => Ok(()),
            Step::Put { cells, .. } => self.put(cells),
        }
    }

    fn put(&mut self, cells: &[(usize, Cell)]) -> rusqlite::Result<()> {
        let (shape, table) = (self.shape, self.table);
        let statement = used(&mut self.puts, self.connection, cells, |given| {
            let marks: Vec<String> = (1..=given.len()).map(|number| format!("?{number}")).collect();
            let (names, marks) = (names(shape, given), marks.join(", "));
            format!("INSERT INTO {table} ({names}) VALUES ({marks}) {}", on_conflict(shape, given))
        })?;
        statement.execute(params_from_iter(bound(shape, cells))).map(drop)
    }

    fn alter(&mut self, key: &str, cells: &[(usize, Cell)]) -> rusqlite::Result<usize> {
        let (shape, table) = (self.shape, self.table);
        let at = &shape.columns[0].described;
        if cells.is_empty() {
            return Ok(0);
        }
        let statement = used(&mut self.alters, self.connection, cells, |given| {
            let name = |at: &usize| quote(&shape.columns[*at].described.name);
            let sets: Vec<String> = (2..).zip(given).map(|(number, at)| format!("{} = ?{number}", name(at))).collect();
            format!("UPDATE {table} SET {} WHERE {} = ?1", sets.join(", "), quote(&at.name))
        })?;
        let values = std::iter::once(bind(Some(key), at.kind)).chain(bound(shape, cells));
        statement.execute(params_from_iter(values))
    }
}

/// The statement that gives the columns of these cells; made when it is the first of its kind.
fn used<'u, 'a>(
    used: &'u mut Used<'a>,
    connection: &'a Connection,
    cells: &[(usize, Cell)],
    text: impl FnOnce(&[usize]) -> String,
) -> rusqlite::Result<&'u mut CachedStatement<'a>> {
    let given = || cells.iter().map(|(at, _)| *at);
    let at = match used.iter().position(|(columns, _)| columns.iter().copied().eq(given())) {
        Some(at) => at,
        None => {
            let columns: Vec<usize> = given().collect();
            let statement = connection.prepare_cached(&text(&columns))?;
            used.push((columns, statement));
            used.len() - 1
        }
    };
    Ok(&mut used[at].1)
}

fn bound<'a>(shape: &'a Shape, cells: &'a [(usize, Cell)]) -> impl Iterator<Item = ToSqlOutput<'a>> {
    cells.iter().map(|(at, cell)| bind(cell.as_deref(), shape.columns[*at].described.kind))
}

/// A row that the table's own rules refuse; anything else fails the whole call. SQLite's text for a broken rule names
/// tables, columns and constraints and no values, a trigger's own text excepted.
fn refusal(cause: rusqlite::Error) -> rusqlite::Result<String> {
    match &cause {
        rusqlite::Error::SqliteFailure(about, text) if about.code == ErrorCode::ConstraintViolation => {
            let trigger = about.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_TRIGGER;
            Ok(match text {
                Some(text) if !trigger => format!("the table refuses it: {text}"),
                _ => "a trigger of the table refuses it".to_owned(),
            })
        }
        rusqlite::Error::SqliteFailure(about, _) if about.code == ErrorCode::TooBig => {
            Ok("a value is longer than SQLite can hold".to_owned())
        }
        _ => Err(cause),
    }
}

/// What SQLite said, classified.
pub(crate) fn failure(doing: &str, cause: rusqlite::Error) -> Failure {
    let failure = match cause.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            Failure::later(format!("the disk is full while {doing} the database; make room, nothing is lost"), None)
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Failure::later(format!("another program holds the database locked while {doing} it"), None)
        }
        Some(ErrorCode::SystemIoFailure) => {
            Failure::later(format!("the disk reports an error while {doing} the database"), None)
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            Failure::refused(format!("no permission while {doing} the database; look at the file's and folder's owner"))
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            Failure::refused(format!("the file is not a sound SQLite database (found while {doing} it)"))
        }
        _ => Failure::refused(format!("SQLite refuses while {doing} the database")),
    };
    failure.because(cause)
}
