//! The table in PostgreSQL: whole batches as arrays, one statement a set of columns, one transaction an apply.
//!
//! Every value travels as text and is cast to the column's own type by the server, so any type with a text form works.
//! When a batch breaks a rule of the table, it is done again row by row behind savepoints, and only the rows that
//! break the rule are refused.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Transaction};
use joinery_model::{Failure, Finding, FindingKind};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;
use tokio_postgres::types::ToSql;

use super::catalogue::{describe, missing_rights, missing_schema, type_name};
use super::convert::Cell;
use super::sqlite::{Done, no_columns, no_index, no_table};
use super::statement::{add, create, names, on_conflict, quote, quote_table};
use super::table::{Shape, Step, finding};
use super::tls::{Mode, connector};
use super::verdict::{breaks_rule, failure, is_there_already, no_connection, not_ours, refusal, unwritten};
use super::{ColumnType, Settings};

/// The cells of a row by column number.
type Row<'a> = &'a [(usize, Cell)];

/// How long a connection may take to be made, or to become free.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody else's lock must not hold a run for ever.
const BOUNDS: &str = "SET LOCAL lock_timeout = '20s'; SET LOCAL statement_timeout = '120s'";

/// A PostgreSQL server.
pub(super) struct Postgres {
    pool: Pool,
    mode: Mode,
    settings: Settings,
    shape: OnceCell<Shape>,
}

impl Postgres {
    pub(super) fn new(
        url: &SecretString,
        ca: Option<&[u8]>,
        connections: usize,
        settings: &Settings,
    ) -> Result<Self, Failure> {
        let (url, mode) = split_mode(url.expose_secret())?;
        // The parser's own message may quote the address, password included.
        let mut config: tokio_postgres::Config = url.parse().map_err(|_: tokio_postgres::Error| {
            Failure::refused("url of the SQL target is not of the form postgres://user:password@host:5432/database")
        })?;
        config.ssl_mode(mode.ssl_mode()).connect_timeout(PATIENCE);
        if config.get_application_name().is_none() {
            config.application_name("joinery");
        }
        let manager = Manager::from_config(
            config,
            connector(mode, ca)?,
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let pool = Pool::builder(manager)
            .max_size(connections.max(1))
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .build()
            .map_err(|cause| Failure::refused("no pool of connections can be made").because(cause))?;
        Ok(Self { pool, mode, settings: settings.clone(), shape: OnceCell::new() })
    }

    async fn client(&self) -> Result<Object, Failure> {
        self.pool.get().await.map_err(|cause| match cause {
            PoolError::Backend(cause) => no_connection(self.mode, cause),
            other => Failure::later("PostgreSQL cannot be reached in time", None).because(other),
        })
    }

    pub(super) async fn shape(&self, make: bool) -> Result<Option<Shape>, Failure> {
        if let Some(shape) = self.shape.get() {
            return Ok(Some(shape.clone()));
        }
        let client = self.client().await?;
        if make && self.settings.create_table {
            self.make_table(&client).await?;
        }
        match self.look(&client).await? {
            Ok(shape) => Ok(Some(self.shape.get_or_init(|| async { shape }).await.clone())),
            Err(_) if !make && self.settings.create_table => {
                let described = describe(&client, &self.settings).await?;
                Ok(described.and_then(|(described, _)| self.settings.fit_for_reading(&described, false)))
            }
            Err(problem) => Err(Failure::refused(problem)),
        }
    }

    /// Several calls, and several processes, may be at it: `IF NOT EXISTS` looks before it locks, so the second may be
    /// told that what it makes is there.
    async fn make_table(&self, client: &Object) -> Result<(), Failure> {
        let make = async |sql: &str| match client.batch_execute(sql).await {
            Err(cause) if !is_there_already(&cause) => Err(failure("making the table in", cause)),
            _ => Ok(()),
        };
        if describe(client, &self.settings).await?.is_none() {
            make(&create(&self.settings, type_name)).await?;
        }
        if let Some((described, _)) = describe(client, &self.settings).await?
            && let Err(missing) = self.settings.fit(&described, false)
        {
            for column in missing {
                make(&add(&self.settings, &column, type_name)).await?;
            }
        }
        Ok(())
    }

    /// The table as it is, or what is wrong with it.
    async fn look(&self, client: &Object) -> Result<Result<Shape, String>, Failure> {
        Ok(match describe(client, &self.settings).await? {
            None => Err(no_table(&self.settings)),
            Some((described, unique)) => match self.settings.fit(&described, false) {
                Err(missing) => Err(no_columns(&self.settings, &missing)),
                Ok(_) if !unique => Err(no_index(&self.settings)),
                Ok(shape) => Ok(shape),
            },
        })
    }

    pub(super) async fn apply(&self, shape: &Shape, steps: Vec<Step>) -> Result<Done, Failure> {
        let mut client = self.client().await.map_err(Failure::untried)?;
        let all: Vec<usize> = (0..steps.len()).collect();
        match self.whole(&mut client, shape, &steps, &all).await {
            Ok(()) => Ok(vec![Ok(()); steps.len()]),
            Err(cause) if breaks_rule(&cause) => self.one_by_one(&mut client, shape, &steps).await,
            Err(cause) => Err(unwritten(cause)),
        }
    }

    async fn whole(
        &self,
        client: &mut Object,
        shape: &Shape,
        steps: &[Step],
        at: &[usize],
    ) -> Result<(), tokio_postgres::Error> {
        let transaction = client.transaction().await?;
        transaction.batch_execute(BOUNDS).await?;
        self.write(&transaction, shape, steps, at).await?;
        transaction.commit().await
    }

    async fn one_by_one(&self, client: &mut Object, shape: &Shape, steps: &[Step]) -> Result<Done, Failure> {
        let failed = unwritten;
        let mut transaction = client.transaction().await.map_err(failed)?;
        transaction.batch_execute(BOUNDS).await.map_err(failed)?;
        let mut done = Vec::with_capacity(steps.len());
        for at in 0..steps.len() {
            let savepoint = transaction.savepoint("row").await.map_err(failed)?;
            match self.write(&savepoint, shape, steps, &[at]).await {
                Ok(()) => {
                    savepoint.commit().await.map_err(failed)?;
                    done.push(Ok(()));
                }
                Err(cause) if breaks_rule(&cause) => {
                    savepoint.rollback().await.map_err(failed)?;
                    // Another call made the row since it was looked for.
                    let taken = match &steps[at] {
                        Step::Put { key, fresh: true, .. } => {
                            self.is_there(&transaction, shape, key).await.map_err(failed)?
                        }
                        _ => false,
                    };
                    done.push(Err(if taken { not_ours(&self.settings) } else { refusal(&cause) }));
                }
                Err(cause) => return Err(failed(cause)),
            }
        }
        transaction.commit().await.map_err(failed)?;
        Ok(done)
    }

    async fn is_there(
        &self,
        transaction: &Transaction<'_>,
        shape: &Shape,
        key: &str,
    ) -> Result<bool, tokio_postgres::Error> {
        let column = &shape.columns[0].described;
        let (table, name, kind) = (quote_table(&self.settings.table), quote(&column.name), &column.sql_type);
        let sql = format!("SELECT 1 FROM {table} WHERE {name} = $1::text::{kind}");
        let statement = transaction.prepare_cached(&sql).await?;
        Ok(transaction.query_opt(&statement, &[&key]).await?.is_some())
    }

    /// Writes these steps: deletions together, changes of the same columns together, changed keys one by one.
    async fn write(
        &self,
        transaction: &Transaction<'_>,
        shape: &Shape,
        steps: &[Step],
        at: &[usize],
    ) -> Result<(), tokio_postgres::Error> {
        let mut puts: BTreeMap<(bool, Vec<usize>), Vec<Row<'_>>> = BTreeMap::new();
        let mut alters: BTreeMap<Vec<usize>, Vec<(&str, Row<'_>)>> = BTreeMap::new();
        let mut known: BTreeMap<Vec<usize>, Vec<(&str, Row<'_>)>> = BTreeMap::new();
        let mut deletes: Vec<&str> = Vec::new();
        let given = |cells: &[(usize, Cell)]| cells.iter().map(|(at, _)| *at).collect::<Vec<usize>>();
        for step in at.iter().map(|at| &steps[*at]) {
            match step {
                Step::Keep { .. } | Step::Refuse(_) => {}
                Step::Delete { key } => deletes.push(key),
                Step::Alter { cells, .. } if cells.is_empty() => {}
                Step::Alter { key, cells } => alters.entry(given(cells)).or_default().push((key, cells)),
                Step::Put { old: None, fresh, cells, .. } => {
                    puts.entry((*fresh, given(cells))).or_default().push(cells);
                }
                Step::Put { old: Some(old), key, cells, .. } if old == key => {
                    known.entry(given(cells)).or_default().push((key, cells));
                }
                Step::Put { old: Some(old), cells, .. } => {
                    if self.alter(transaction, shape, &given(cells), &[(old, cells)]).await?.is_empty() {
                        self.put(transaction, shape, &given(cells), false, &[cells]).await?;
                    }
                }
            }
        }
        if !deletes.is_empty() {
            let key = &shape.columns[0].described;
            let (table, name) = (quote_table(&self.settings.table), quote(&key.name));
            let sql = format!("DELETE FROM {table} WHERE {name} = ANY($1::text[]::{}[])", key.sql_type);
            let statement = transaction.prepare_cached(&sql).await?;
            transaction.execute(&statement, &[&deletes]).await?;
        }
        for (given, rows) in alters {
            self.alter(transaction, shape, &given, &rows).await?;
        }
        // A row that is there is updated and not inserted over: an insertion must give every column that may not be
        // null, an update need not.
        for (given, rows) in known {
            let there = self.alter(transaction, shape, &given, &rows).await?;
            let missing = rows.into_iter().filter(|(key, _)| !there.contains(*key)).map(|(_, cells)| cells);
            puts.entry((false, given)).or_default().extend(missing);
        }
        for ((fresh, given), rows) in puts.into_iter().filter(|(_, rows)| !rows.is_empty()) {
            self.put(transaction, shape, &given, fresh, &rows).await?;
        }
        Ok(())
    }

    /// Makes rows; where they are not `fresh`, writes over those that are there.
    async fn put(
        &self,
        transaction: &Transaction<'_>,
        shape: &Shape,
        given: &[usize],
        fresh: bool,
        rows: &[Row<'_>],
    ) -> Result<u64, tokio_postgres::Error> {
        let sql = format!(
            "INSERT INTO {} ({}) SELECT {} FROM unnest({}) AS given({}) {}",
            quote_table(&self.settings.table),
            names(shape, given),
            numbered(given, |number, at| format!("given.c{number}::{}", shape.columns[at].described.sql_type)),
            numbered(given, |number, _| format!("${}::text[]", number + 1)),
            numbered(given, |number, _| format!("c{number}")),
            if fresh { String::new() } else { on_conflict(shape, given) },
        );
        let arrays = arrays(given.len(), rows.iter().copied());
        let values: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array as &(dyn ToSql + Sync)).collect();
        let statement = transaction.prepare_cached(&sql).await?;
        transaction.execute(&statement, &values).await
    }

    /// Writes over rows; gives the keys of those that were there.
    async fn alter(
        &self,
        transaction: &Transaction<'_>,
        shape: &Shape,
        given: &[usize],
        rows: &[(&str, Row<'_>)],
    ) -> Result<BTreeSet<String>, tokio_postgres::Error> {
        let key = &shape.columns[0].described;
        let sql = format!(
            "UPDATE {} AS held SET {} FROM unnest($1::text[], {}) AS given(k, {}) WHERE held.{} = given.k::{} RETURNING given.k",
            quote_table(&self.settings.table),
            numbered(given, |number, at| {
                let column = &shape.columns[at].described;
                format!("{} = given.c{number}::{}", quote(&column.name), column.sql_type)
            }),
            numbered(given, |number, _| format!("${}::text[]", number + 2)),
            numbered(given, |number, _| format!("c{number}")),
            quote(&key.name),
            key.sql_type,
        );
        let keys: Vec<&str> = rows.iter().map(|(key, _)| *key).collect();
        let arrays = arrays(given.len(), rows.iter().map(|(_, cells)| *cells));
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&keys];
        values.extend(arrays.iter().map(|array| array as &(dyn ToSql + Sync)));
        let statement = transaction.prepare_cached(&sql).await?;
        let rows = transaction.query(&statement, &values).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    /// Rows whose column `at` holds one of these cells.
    pub(super) async fn matching(
        &self,
        shape: &Shape,
        at: usize,
        sought: Vec<String>,
    ) -> Result<Vec<Vec<Cell>>, Failure> {
        let column = &shape.columns[at].described;
        let sql = format!(
            "SELECT {} FROM {} WHERE {} = ANY($1::text[]::{}[])",
            readable(shape),
            quote_table(&self.settings.table),
            quote(&column.name),
            column.sql_type
        );
        self.read(&sql, &[&sought]).await
    }

    /// Rows after a key, in key order.
    pub(super) async fn page(
        &self,
        shape: &Shape,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<Vec<Cell>>, Failure> {
        let key = &shape.columns[0].described;
        let name = quote(&key.name);
        let sql = format!(
            "SELECT {} FROM {} WHERE $1::text IS NULL OR {name} > $1::text::{} ORDER BY {name} LIMIT {limit}",
            readable(shape),
            quote_table(&self.settings.table),
            key.sql_type
        );
        self.read(&sql, &[&after]).await
    }

    async fn read(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Vec<Cell>>, Failure> {
        let client = self.client().await?;
        let failed = |cause| failure("reading", cause);
        let statement = client.prepare_cached(sql).await.map_err(failed)?;
        let rows = client.query(&statement, values).await.map_err(failed)?;
        let cells = |row: &tokio_postgres::Row| (0..row.len()).map(|at| row.try_get(at)).collect::<Result<_, _>>();
        rows.iter().map(cells).collect::<Result<_, _>>().map_err(failed)
    }

    pub(super) async fn test(&self) -> Vec<Finding> {
        let one = |kind, message: String| vec![finding(kind, "PostgreSQL", message)];
        let client = match self.client().await {
            Ok(client) => client,
            Err(failure) => return one(FindingKind::Problem, failure.message),
        };
        match self.look(&client).await {
            Err(failure) => one(FindingKind::Problem, failure.message),
            Ok(Ok(shape)) => match missing_rights(&client, &self.settings).await {
                Err(failure) => one(FindingKind::Problem, failure.message),
                Ok(missing) if !missing.is_empty() => one(
                    FindingKind::Problem,
                    format!("the user in url lacks rights; run GRANT {missing} ON {} TO it", self.settings.table),
                ),
                Ok(_) => one(FindingKind::Good, format!("table and {} columns are there", shape.columns.len())),
            },
            Ok(Err(problem)) if !self.settings.create_table => one(FindingKind::Problem, problem),
            Ok(Err(_)) => match missing_schema(&client, &self.settings).await {
                Err(failure) => one(FindingKind::Problem, failure.message),
                Ok(Some(schema)) => one(
                    FindingKind::Problem,
                    format!("the schema that `table` names is not there, and is not made: run CREATE SCHEMA {schema}"),
                ),
                Ok(None) => one(FindingKind::Good, "the table or its columns are made with the first change".into()),
            },
        }
    }
}

/// Takes `sslmode` out of the address, since the driver knows three of its words only.
fn split_mode(url: &str) -> Result<(String, Mode), Failure> {
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), Mode::Prefer)) };
    let (mut mode, mut rest) = (Mode::Prefer, Vec::new());
    for pair in query.split('&') {
        match pair.strip_prefix("sslmode=") {
            None => rest.push(pair),
            Some(name) => {
                mode = Mode::named(name).ok_or_else(|| {
                    Failure::refused("sslmode in url is none of disable, prefer, require, verify-ca, verify-full")
                })?;
            }
        }
    }
    let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    Ok((url, mode))
}

/// Every column as text. Instants go through JSON, which writes them as RFC 3339.
fn readable(shape: &Shape) -> String {
    let columns = shape.columns.iter().map(|column| {
        let name = quote(&column.described.name);
        match column.described.kind {
            ColumnType::Instant => format!("to_json({name})#>>'{{}}'"),
            _ => format!("{name}::text"),
        }
    });
    columns.collect::<Vec<_>>().join(", ")
}

fn numbered(given: &[usize], text: impl Fn(usize, usize) -> String) -> String {
    given.iter().enumerate().map(|(number, at)| text(number, *at)).collect::<Vec<_>>().join(", ")
}

/// Rows turned into one array a column.
fn arrays<'a>(width: usize, rows: impl Iterator<Item = Row<'a>>) -> Vec<Vec<Option<&'a str>>> {
    let mut arrays = vec![Vec::new(); width];
    for row in rows {
        for (array, (_, cell)) in arrays.iter_mut().zip(row) {
            array.push(cell.as_deref());
        }
    }
    arrays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sslmode_is_taken_out_of_the_address() {
        let (url, mode) = split_mode("postgres://u@h/d?sslmode=verify-full&application_name=x").unwrap();
        assert_eq!((url.as_str(), mode), ("postgres://u@h/d?application_name=x", Mode::VerifyFull));
        assert_eq!(split_mode("postgres://u@h/d").unwrap().1, Mode::Prefer);
        assert!(split_mode("postgres://u@h/d?sslmode=maybe").is_err());
    }

    #[test]
    fn an_address_that_is_none_is_not_quoted() {
        let settings = Settings::new(super::super::Database::Sqlite("x".into()), "people", "id", Vec::new());
        let failed = Postgres::new(&"postgres://u:hunter2@h:port/d".into(), None, 1, &settings);
        assert!(failed.is_err_and(|failure| !format!("{failure:?}").contains("hunter2")));
    }
}
