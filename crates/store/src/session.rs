//! One request's view of the writing connection, with the ids of names remembered across requests.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use joinery_model::{Fence, Ref, RunId};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row};

use crate::fault::Fault;

/// Most objects whose ids are remembered; beyond it, everything is forgotten and learnt again.
const MOST_OBJECTS: usize = 20_000;

/// Ids that were looked up before. They are forgotten when the request that made one is rolled back, when rows behind
/// them are removed, and when another process wrote.
#[derive(Default)]
pub(crate) struct Memo {
    names: HashMap<Arc<str>, i64>,
    targets: HashMap<(i64, Arc<str>), i64>,
    objects: HashMap<(i64, Ref), i64>,
}

impl Memo {
    /// Forgets everything.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// One request's view of the writing connection.
pub(crate) struct Session<'a> {
    /// The connection, inside a transaction and the request's savepoint.
    pub(crate) conn: &'a Connection,
    memo: &'a mut Memo,
    ready: RefCell<Ready<'a>>,
}

/// Statements of this request, told apart by where their text stands: a page runs the same few for each person, and
/// the connection's own memory of them compares whole texts.
type Ready<'a> = Vec<(&'static str, CachedStatement<'a>)>;

impl<'a> Session<'a> {
    pub(crate) fn new(conn: &'a Connection, memo: &'a mut Memo) -> Self {
        Self { conn, memo, ready: RefCell::default() }
    }

    /// A statement, prepared once a connection.
    pub(crate) fn prepare(&self, sql: &str) -> Result<CachedStatement<'a>, Fault> {
        Ok(self.conn.prepare_cached(sql)?)
    }

    fn ready<T>(
        &self,
        sql: &'static str,
        run: impl FnOnce(&mut CachedStatement<'a>) -> rusqlite::Result<T>,
    ) -> Result<T, Fault> {
        let mut ready = self.ready.borrow_mut();
        let known = ready.iter().position(|(known, _)| std::ptr::eq(*known, sql));
        let at = match known {
            Some(at) => at,
            None => {
                ready.push((sql, self.conn.prepare_cached(sql)?));
                ready.len() - 1
            }
        };
        Ok(run(&mut ready[at].1)?)
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) fn execute(&self, sql: &'static str, params: impl Params) -> Result<usize, Fault> {
        self.ready(sql, |statement| statement.execute(params))
    }

    /// The only row of a query, if there is one.
    pub(crate) fn row<T>(
        &self,
        sql: &'static str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Fault> {
        self.ready(sql, |statement| statement.query_row(params, read).optional())
    }

    /// The sync that the fence guards; a failure when a newer fence exists.
    pub(crate) fn fenced(&self, fence: &Fence) -> Result<i64, Fault> {
        fenced(self.conn, fence)
    }

    /// The sync that the fence guards and the state of its run.
    pub(crate) fn fenced_run(&self, fence: &Fence, run: RunId) -> Result<RunHead, Fault> {
        let sync = self.fenced(fence)?;
        let head = run_head(self.conn, run)?;
        if head.sync != sync {
            return Err(Fault::refused(format!("run {} is none of sync {}", run.0, fence.sync)));
        }
        Ok(head)
    }

    /// The id of a name, which is made if it is new.
    pub(crate) fn name(&mut self, text: &Arc<str>) -> Result<i64, Fault> {
        if let Some(id) = self.memo.names.get(text) {
            return Ok(*id);
        }
        let id = if let Some(id) = self.row("SELECT id FROM name WHERE text = ?1", [&**text], |row| row.get(0))? {
            id
        } else {
            self.execute("INSERT INTO name (text) VALUES (?1)", [&**text])?;
            self.conn.last_insert_rowid()
        };
        self.memo.names.insert(text.clone(), id);
        Ok(id)
    }

    /// The id of a sync's target, which is made if it is new.
    pub(crate) fn target(&mut self, sync: i64, name: &Arc<str>) -> Result<i64, Fault> {
        if let Some(id) = self.memo.targets.get(&(sync, name.clone())) {
            return Ok(*id);
        }
        let id = if let Some(id) = target_id(self.conn, sync, name)? {
            id
        } else {
            self.execute("INSERT INTO target (sync, name) VALUES (?1, ?2)", (sync, &**name))?;
            self.conn.last_insert_rowid()
        };
        self.memo.targets.insert((sync, name.clone()), id);
        Ok(id)
    }

    /// The id of an object that people lean on, which is made if it is new.
    pub(crate) fn object(&mut self, sync: i64, object: &Ref) -> Result<i64, Fault> {
        let known = (sync, object.clone());
        if let Some(id) = self.memo.objects.get(&known) {
            return Ok(*id);
        }
        let kind = self.name(&object.kind)?;
        let sql = "SELECT id FROM object WHERE sync = ?1 AND kind = ?2 AND ref = ?3";
        let id = if let Some(id) = self.row(sql, (sync, kind, &*object.id), |row| row.get(0))? {
            id
        } else {
            self.execute("INSERT INTO object (sync, kind, ref) VALUES (?1, ?2, ?3)", (sync, kind, &*object.id))?;
            self.conn.last_insert_rowid()
        };
        if self.memo.objects.len() >= MOST_OBJECTS {
            self.memo.objects.clear();
        }
        self.memo.objects.insert(known, id);
        Ok(id)
    }

    /// Removes objects that nobody leans on any more.
    pub(crate) fn sweep_objects(&mut self) -> Result<(), Fault> {
        self.execute(
            "DELETE FROM object WHERE NOT EXISTS (SELECT 1 FROM lean WHERE lean.object = object.id)
             AND NOT EXISTS (SELECT 1 FROM touched WHERE touched.object = object.id)
             AND id NOT IN (SELECT value FROM person p, json_each(p.left_behind) WHERE p.left_behind IS NOT NULL)",
            (),
        )?;
        self.memo.forget();
        Ok(())
    }

    /// The largest change number ever given. Larger ones are free while this transaction lasts.
    pub(crate) fn last_change(&self) -> Result<i64, Fault> {
        let sql = "SELECT max(coalesce((SELECT max(id) FROM change), 0), (SELECT change FROM floor))";
        Ok(self.prepare(sql)?.query_row((), |row| row.get(0))?)
    }

    /// Adds to what is counted of a run.
    pub(crate) fn count(&self, run: RunId, target: i64, what: &str, n: u64) -> Result<(), Fault> {
        if n > 0 {
            self.execute(
                "INSERT INTO counted (run, target, what, n) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (run, target, what) DO UPDATE SET n = n + excluded.n",
                (run.0, target, what, n as i64),
            )?;
        }
        Ok(())
    }
}

/// The sync that the fence guards; a failure when a newer fence exists.
pub(crate) fn fenced(conn: &Connection, fence: &Fence) -> Result<i64, Fault> {
    let found = row(conn, "SELECT id, token, holder FROM sync WHERE name = ?1", [&*fence.sync], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<String>>(2)?))
    })?;
    match found {
        Some((id, token, _)) if token == fence.token => Ok(id),
        Some((_, _, holder)) => Err(Fault::refused(format!(
            "sync {}: a newer runner ({}) took over; nothing of this step was written, and this runner must stop",
            fence.sync,
            holder.as_deref().unwrap_or("ended since")
        ))),
        None => Err(Fault::refused(format!("sync {}: the journal does not know it", fence.sync))),
    }
}

/// What most steps must know of a run.
#[derive(Clone, Debug)]
pub(crate) struct RunHead {
    pub(crate) sync: i64,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) plan_only: bool,
    pub(crate) until: i64,
}

/// A run's head; a failure when there is no such run.
pub(crate) fn run_head(conn: &Connection, run: RunId) -> Result<RunHead, Fault> {
    let sql = "SELECT sync, kind, state, plan_only, until FROM run WHERE id = ?1";
    row(conn, sql, [run.0], |row| {
        Ok(RunHead {
            sync: row.get(0)?,
            kind: row.get(1)?,
            state: row.get(2)?,
            plan_only: row.get(3)?,
            until: row.get(4)?,
        })
    })?
    .ok_or_else(|| Fault::refused(format!("the journal knows no run {}: `joinery runs` lists them", run.0)))
}

/// The id of a sync, if the journal knows it.
pub(crate) fn sync_id(conn: &Connection, name: &str) -> Result<Option<i64>, Fault> {
    row(conn, "SELECT id FROM sync WHERE name = ?1", [name], |row| row.get(0))
}

/// The id of a sync's target, if the journal knows it.
pub(crate) fn target_id(conn: &Connection, sync: i64, name: &str) -> Result<Option<i64>, Fault> {
    row(conn, "SELECT id FROM target WHERE sync = ?1 AND name = ?2", (sync, name), |row| row.get(0))
}

/// The only row of a query, if there is one.
pub(crate) fn row<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, Fault> {
    Ok(conn.prepare_cached(sql)?.query_row(params, read).optional()?)
}

/// All rows of a query.
pub(crate) fn rows<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Fault> {
    let mut statement = conn.prepare_cached(sql)?;
    let found = statement.query_map(params, read)?.collect::<Result<_, _>>()?;
    Ok(found)
}
