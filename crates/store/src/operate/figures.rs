//! Figures: how large, how many, where they stand; and whether the file is sound.

use std::collections::BTreeMap;

use joinery_model::Failure;
use rusqlite::Connection;

use crate::Store;
use crate::codes::standing_name;
use crate::fault::Fault;
use crate::session::{rows, sync_id};

/// How large the journal is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Bytes of the file's pages, without the log beside it.
    pub bytes: u64,
    /// Bytes among them that are free for new rows.
    pub free_bytes: u64,
    /// Runs in history.
    pub runs: u64,
    /// People, in all syncs.
    pub people: u64,
    /// Links to accounts.
    pub links: u64,
    /// Changes in history or on their way.
    pub changes: u64,
}

/// Whom a sync knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Population {
    /// People by standing (`active`, `on_leave`, `future`, `left`, `no_show`, `unknown`), those gone left out.
    pub standing: BTreeMap<String, u64>,
    /// People no longer in the source.
    pub gone: u64,
    /// Linked accounts by target.
    pub linked: BTreeMap<String, u64>,
}

impl Store {
    /// How large the journal is.
    pub async fn figures(&self) -> Result<Figures, Failure> {
        self.read(figures).await
    }

    /// Whom a sync knows; `None` when the journal does not know the sync.
    pub async fn population(&self, sync: &str) -> Result<Option<Population>, Failure> {
        let sync = sync.to_owned();
        self.read(move |conn| population(conn, &sync)).await
    }

    /// Looks the whole file through: what is wrong with it, in words; empty when it is sound. Reads everything.
    pub async fn integrity(&self) -> Result<Vec<String>, Failure> {
        self.read(check).await
    }
}

fn figures(conn: &Connection) -> Result<Figures, Fault> {
    let one = |sql: &str| conn.query_row(sql, (), |row| row.get::<_, i64>(0)).map(i64::cast_unsigned);
    let page = one("PRAGMA page_size")?;
    Ok(Figures {
        bytes: page * one("PRAGMA page_count")?,
        free_bytes: page * one("PRAGMA freelist_count")?,
        runs: one("SELECT count(*) FROM run")?,
        people: one("SELECT count(*) FROM person")?,
        links: one("SELECT count(*) FROM link")?,
        changes: one("SELECT count(*) FROM change")?,
    })
}

fn population(conn: &Connection, sync: &str) -> Result<Option<Population>, Fault> {
    let Some(sync) = sync_id(conn, sync)? else { return Ok(None) };
    let mut population = Population::default();
    let people = "SELECT verdict = 4, standing, count(*) FROM person NOT INDEXED WHERE sync = ?1 GROUP BY 1, 2";
    for (gone, standing, n) in
        rows(conn, people, [sync], |row| Ok((row.get::<_, bool>(0)?, row.get(1)?, row.get::<_, i64>(2)?)))?
    {
        let n = n.cast_unsigned();
        if gone {
            population.gone += n;
        } else {
            *population.standing.entry(standing_name(standing).to_owned()).or_default() += n;
        }
    }
    let linked = "SELECT t.name, (SELECT count(*) FROM link l WHERE l.target = t.id) FROM target t WHERE t.sync = ?1";
    for (target, n) in rows(conn, linked, [sync], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))? {
        population.linked.insert(target, n.cast_unsigned());
    }
    Ok(Some(population))
}

/// What must hold between tables, each with the words for when it does not.
const WHOLE: &[(&str, &str)] = &[
    (
        "links without a record",
        "SELECT count(*) FROM link l WHERE NOT EXISTS (SELECT 1 FROM body b WHERE b.id = l.body)",
    ),
    (
        "links without a person",
        "SELECT count(*) FROM link l WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.id = l.person)",
    ),
    (
        "changes without a person, a record or a run",
        "SELECT count(*) FROM change c WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.id = c.person)
           OR NOT EXISTS (SELECT 1 FROM body b WHERE b.id = c.id) OR NOT EXISTS (SELECT 1 FROM run r WHERE r.id = c.run)",
    ),
    (
        "records that belong to nothing",
        "SELECT count(*) FROM body b WHERE NOT EXISTS (SELECT 1 FROM change c WHERE c.id = b.id)
           AND b.id NOT IN (SELECT body FROM link)",
    ),
    (
        "ids that mean nobody",
        "SELECT count(*) FROM alias a WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.id = a.person)",
    ),
    (
        "people with two changes in flight for one target",
        "SELECT count(*) FROM (SELECT 1 FROM change WHERE state = 3 GROUP BY person, target HAVING count(*) > 1)",
    ),
];

pub(super) fn check(conn: &Connection) -> Result<Vec<String>, Fault> {
    let mut wrong: Vec<String> = rows(conn, "PRAGMA integrity_check(20)", (), |row| row.get(0))?;
    wrong.retain(|line| line != "ok");
    for (words, sql) in WHOLE {
        let n: i64 = conn.query_row(sql, (), |row| row.get(0))?;
        if n > 0 {
            wrong.push(format!("{n} {words}"));
        }
    }
    Ok(wrong)
}
