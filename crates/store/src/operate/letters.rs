//! Held changes and dead letters.

use joinery_model::{ChangeId, ChangeState, Failure, Stored};
use rusqlite::Connection;

use crate::Store;
use crate::codes;
use crate::fault::Fault;
use crate::journal::rows::{RawStored, STORED};
use crate::session::{Session, rows, sync_id};

impl Store {
    /// Held changes of a sync in the order of their numbers, after `after`.
    pub async fn held(&self, sync: &str, after: Option<ChangeId>, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.in_state(sync, ChangeState::Held, after, limit).await
    }

    /// Dead letters of a sync in the order of their numbers, after `after`.
    pub async fn dead(&self, sync: &str, after: Option<ChangeId>, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.in_state(sync, ChangeState::Dead, after, limit).await
    }

    async fn in_state(
        &self,
        sync: &str,
        state: ChangeState,
        after: Option<ChangeId>,
        limit: usize,
    ) -> Result<Vec<Stored>, Failure> {
        let sync = sync.to_owned();
        self.read(move |conn| in_state(conn, &sync, state, after.map_or(0, |id| id.0), limit)).await
    }

    /// Releases dead letters of a sync to be tried anew: those named, or all. The next run delivers them. One whose
    /// person's account received something newer since is superseded instead. Says how many were released.
    pub async fn replay(&self, sync: &str, letters: Option<&[ChangeId]>) -> Result<u64, Failure> {
        let (sync, letters) = (sync.to_owned(), letters.map(<[ChangeId]>::to_vec));
        self.write("replay", move |session| replay(session, &sync, letters.as_deref())).await
    }
}

fn in_state(conn: &Connection, sync: &str, state: ChangeState, after: i64, limit: usize) -> Result<Vec<Stored>, Fault> {
    let Some(sync) = sync_id(conn, sync)? else { return Ok(Vec::new()) };
    // The state as a literal, so that the small index of just these changes serves.
    let sql = format!(
        "{STORED} WHERE c.state = {} AND c.target IN (SELECT id FROM target WHERE sync = ?1) AND c.id > ?2
         ORDER BY c.id LIMIT ?3",
        codes::state(state)
    );
    rows(conn, &sql, (sync, after, limit as i64), RawStored::of)?.into_iter().map(RawStored::read).collect()
}

fn replay(session: &Session<'_>, sync: &str, letters: Option<&[ChangeId]>) -> Result<u64, Fault> {
    let Some(sync) = sync_id(session.conn, sync)? else {
        return Err(Fault::refused(format!("sync {sync}: the journal does not know it")));
    };
    let all;
    let letters = if let Some(letters) = letters {
        letters
    } else {
        let sql = "SELECT c.id FROM change c INDEXED BY change_dead
                   WHERE c.state = 4 AND c.target IN (SELECT id FROM target WHERE sync = ?1) ORDER BY c.id";
        all = rows(session.conn, sql, [sync], |row| row.get(0).map(ChangeId))?;
        &all
    };
    let mut released = 0;
    for ChangeId(id) in letters {
        let found = session.row(
            "SELECT c.state, EXISTS (SELECT 1 FROM link l WHERE l.target = c.target AND l.person = c.person
                                     AND l.body > c.id)
             FROM change c JOIN target t ON t.id = c.target WHERE c.id = ?1 AND t.sync = ?2",
            (id, sync),
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)),
        )?;
        match found {
            Some((4, false)) => {
                session.execute(
                    "UPDATE change SET state = 2, due = 0, attempts = 0, settled = NULL WHERE id = ?1",
                    [id],
                )?;
                released += 1;
            }
            Some((4, true)) => {
                session.execute(
                    "UPDATE change SET state = 6, reason = 'a newer change was delivered since' WHERE id = ?1",
                    [id],
                )?;
            }
            _ => {
                return Err(Fault::refused(format!(
                    "change {id} is no dead letter of this sync: nothing was released"
                )));
            }
        }
    }
    Ok(released)
}
