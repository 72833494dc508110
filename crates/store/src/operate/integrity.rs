//! Is the file sound?

use joinery_model::Failure;
use rusqlite::Connection;

use crate::Store;
use crate::fault::Fault;
use crate::session::rows;

impl Store {
    /// Looks the whole file through: what is wrong with it, in words; empty when it is sound. Reads everything.
    pub async fn integrity(&self) -> Result<Vec<String>, Failure> {
        self.read(check).await
    }
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
