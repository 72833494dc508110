//! Runs as history shows them, and whom they left out.

use std::fmt;
use std::sync::Arc;

use joinery_model::{Failure, Key, LeftOut, RunId, RunRow};
use rusqlite::{Connection, Params};
use serde::Serialize;

use crate::Store;
use crate::codes::{REFUSED_INVALID, REFUSED_LEFT_OUT};
use crate::fault::Fault;
use crate::journal::rows::{RUN, run_row};
use crate::session::{rows, run_head};

/// Why somebody got no record, or no change, in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// A condition left them out.
    LeftOut(LeftOut),
    /// A rule was broken, or the data could not be mapped.
    Invalid(LeftOut),
    /// Nobody can say which account of this target is theirs.
    Rejected(Arc<str>, LeftOut),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftOut(why) => write!(f, "left out by {}: {}", why.rule, why.message),
            Self::Invalid(why) => write!(f, "invalid by {}: {}", why.rule, why.message),
            Self::Rejected(target, why) => write!(f, "rejected in {target} by {}: {}", why.rule, why.message),
        }
    }
}

impl Store {
    /// The latest runs, newest first; of one sync, when it is named.
    pub async fn runs(&self, sync: Option<&str>, limit: usize) -> Result<Vec<RunRow>, Failure> {
        let sync = sync.map(str::to_owned);
        self.read(move |conn| {
            listed(conn, "WHERE ?1 IS NULL OR s.name = ?1 ORDER BY r.id DESC LIMIT ?2", (sync, limit as i64))
        })
        .await
    }

    /// One run; `None` when the journal does not know it.
    pub async fn run(&self, run: RunId) -> Result<Option<RunRow>, Failure> {
        self.read(move |conn| Ok(listed(conn, "WHERE r.id = ?1", [run.0])?.pop())).await
    }

    /// Counts requests to the source that no page of the run told of (signing in, looking at its metadata); gives all
    /// that the run has cost by now, in every process.
    pub async fn add_requests(&self, run: RunId, more: u64) -> Result<u64, Failure> {
        self.write("add_requests", move |session| {
            run_head(session.conn, run)?;
            session.execute(
                "UPDATE run SET requests = requests + ?2 WHERE id = ?1",
                (run.0, i64::try_from(more).unwrap_or(i64::MAX)),
            )?;
            let all = session.row("SELECT requests FROM run WHERE id = ?1", [run.0], |row| row.get::<_, i64>(0))?;
            Ok(all.unwrap_or_default().max(0).cast_unsigned())
        })
        .await
    }

    /// Whom a run left out, found invalid or rejected, and why: a page of `limit` after `after`, in key order. A person
    /// is never split over two pages, so a page may be a little longer.
    pub async fn refusals(
        &self,
        run: RunId,
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Refusal)>, Failure> {
        let after = after.map_or(String::new(), ToString::to_string);
        self.read(move |conn| refusals(conn, run, &after, limit)).await
    }
}

fn listed(conn: &Connection, which: &str, params: impl Params) -> Result<Vec<RunRow>, Fault> {
    rows(conn, &format!("{RUN} {which}"), params, run_row)?
        .into_iter()
        .map(|(row, balance)| {
            Ok(RunRow { balance: balance.map(|text| serde_json::from_str(&text)).transpose()?, ..row })
        })
        .collect()
}

fn refusals(conn: &Connection, run: RunId, after: &str, limit: usize) -> Result<Vec<(Key, Refusal)>, Fault> {
    run_head(conn, run)?;
    let sql = "SELECT p.key, f.kind, n.text, f.message, t.name
               FROM refusal f JOIN person p ON p.id = f.person JOIN name n ON n.id = f.rule
               LEFT JOIN target t ON t.id = f.target
               WHERE f.run = ?1 AND p.key IN (SELECT DISTINCT q.key FROM refusal g JOIN person q ON q.id = g.person
                                              WHERE g.run = ?1 AND q.key > ?2 ORDER BY q.key LIMIT ?3)
               ORDER BY p.key, f.target";
    rows(conn, sql, (run.0, after, limit as i64), |row| {
        let why = LeftOut { rule: row.get::<_, String>(2)?.into(), message: row.get(3)? };
        let refusal = match row.get::<_, i64>(1)? {
            REFUSED_LEFT_OUT => Refusal::LeftOut(why),
            REFUSED_INVALID => Refusal::Invalid(why),
            _ => Refusal::Rejected(row.get::<_, Option<String>>(4)?.unwrap_or_default().into(), why),
        };
        Ok((Key::new(row.get::<_, String>(0)?), refusal))
    })
}
