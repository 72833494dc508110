//! The demo's eyes: the target table, read as anybody would read it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use joinery_model::Clock;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::super::failure::Wrong;
use crate::{Exit, SystemClock};

/// How long a change may take to arrive; what comes later is a failure of the demo.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Key.
    pub id: String,
    /// First and last name.
    pub name: String,
    /// Department.
    pub department: String,
    /// Job title.
    pub title: String,
    /// Is the account usable?
    pub active: bool,
}

/// The table's file.
pub struct Table(PathBuf);

impl Table {
    /// The table in a SQLite file.
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    fn open(&self) -> Result<Connection, Wrong> {
        let connection = Connection::open_with_flags(&self.0, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(wrong)?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(wrong)?;
        Ok(connection)
    }

    /// People whose accounts are usable, by key, a few of them.
    pub fn active(&self, limit: u32) -> Result<Vec<Person>, Wrong> {
        let connection = self.open()?;
        let mut statement = connection
            .prepare(&format!("{COLUMNS} WHERE active AND department IS NOT NULL ORDER BY employee_id LIMIT ?1"))
            .map_err(wrong)?;
        let rows = statement.query_map([limit], person).map_err(wrong)?;
        rows.collect::<Result<_, _>>().map_err(wrong)
    }

    /// One person.
    pub fn person(&self, id: &str) -> Result<Option<Person>, Wrong> {
        let connection = self.open()?;
        connection.query_row(&format!("{COLUMNS} WHERE employee_id = ?1"), [id], person).optional().map_err(wrong)
    }

    /// The rows of these people, a line each under a heading.
    pub fn shown(&self, ids: &[String]) -> Result<Vec<String>, Wrong> {
        let heading = ["employee_id", "name", "department", "job_title", "active"].map(str::to_owned);
        let mut rows = vec![heading];
        for id in ids {
            let found = self.person(id)?;
            rows.extend(found.map(|Person { id, name, department, title, active }| {
                [id, name, department, title, if active { "yes" } else { "no" }.to_owned()]
            }));
        }
        let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
        let widths = [0, 1, 2, 3, 4].map(width);
        let line = |row: &[String; 5]| {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        Ok(rows.iter().map(line).collect())
    }

    /// How many rows have this department.
    pub fn in_department(&self, name: &str) -> Result<u64, Wrong> {
        let connection = self.open()?;
        connection
            .query_row("SELECT count(*) FROM people WHERE department = ?1", [name], |row| row.get::<_, i64>(0))
            .map(i64::cast_unsigned)
            .map_err(wrong)
    }

    /// Waits until `arrived` is true of the table.
    pub async fn until(&self, arrived: impl Fn(&Self) -> Result<bool, Wrong>) -> Result<(), Wrong> {
        let began = SystemClock.now();
        loop {
            if arrived(self)? {
                return Ok(());
            }
            if Duration::try_from(SystemClock.now().duration_since(began)).unwrap_or_default() > PATIENCE {
                let message = format!("the change did not arrive within {} s", PATIENCE.as_secs());
                return Err(Wrong::new(Exit::Failed, message));
            }
            SystemClock.sleep(LOOK_EVERY).await;
        }
    }
}

const COLUMNS: &str = "SELECT employee_id, coalesce(first_name, ''), coalesce(last_name, ''), \
                       coalesce(department, ''), coalesce(job_title, ''), active FROM people";

fn person(row: &rusqlite::Row<'_>) -> rusqlite::Result<Person> {
    let (first, last): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(Person {
        id: row.get(0)?,
        name: format!("{first} {last}").trim().to_owned(),
        department: row.get(3)?,
        title: row.get(4)?,
        active: row.get(5)?,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn wrong(error: rusqlite::Error) -> Wrong {
    Wrong::new(Exit::Failed, format!("the demo's table cannot be read: {error}"))
}
