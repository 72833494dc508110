//! The schema: made, brought up to date, or refused.

use rusqlite::{Connection, OptionalExtension};

use crate::fault::Fault;

/// "JOIN": says that a SQLite file is a journal of ours.
pub(crate) const APPLICATION_ID: i32 = 0x4A4F_494E;

/// Every step of the schema, in order; a step that was shipped is never edited.
const MIGRATIONS: &[(&str, &str)] = &[
    ("journal", include_str!("../migrations/0001_journal.sql")),
    ("one account, one person", include_str!("../migrations/0002_one_account_one_person.sql")),
    ("unsettled", include_str!("../migrations/0003_unsettled.sql")),
];

/// The schema that this program writes.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the schema up to date in one transaction. A file of another program or of a newer Joinery is refused.
pub(crate) fn migrate(conn: &Connection) -> Result<(), Fault> {
    let owner: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    if owner != APPLICATION_ID && (owner != 0 || tables != 0) {
        return Err(Fault::refused(
            "store.path names a SQLite file of another program: name another file, Joinery makes its own",
        ));
    }
    // Asked before anything is locked: a journal that is up to date is opened without a write.
    if tables != 0 && version(conn)? == VERSION {
        return Ok(());
    }
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let done = step_up(conn);
    conn.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done
}

fn step_up(conn: &Connection) -> Result<(), Fault> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;",
    )?;
    let present = version(conn)?;
    if present > VERSION {
        return Err(Fault::refused(format!(
            "the journal has schema {present}, this Joinery knows schema {VERSION}: run the newer Joinery that wrote it, or restore a backup made before the upgrade"
        )));
    }
    for (number, (name, sql)) in (1_i64..).zip(MIGRATIONS).filter(|(number, _)| *number > present) {
        conn.execute_batch(sql)?;
        conn.execute("INSERT INTO migration (version, name) VALUES (?1, ?2)", (number, name))?;
    }
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(())
}

/// The schema's version; 0 when there is none.
pub(crate) fn version(conn: &Connection) -> Result<i64, Fault> {
    let there = conn
        .query_row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration'", (), |_| Ok(()))
        .optional()?;
    Ok(match there {
        Some(()) => conn.query_row("SELECT coalesce(max(version), 0) FROM migration", (), |row| row.get(0))?,
        None => 0,
    })
}
