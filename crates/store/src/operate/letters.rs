//! Held changes and dead letters.

use joinery_model::{ChangeId, ChangeState, Failure, Stored};
use rusqlite::Connection;

use crate::Store;
use crate::codes;
use crate::fault::Fault;
use crate::journal::rows::{RawStored, STORED};
use crate::session::{rows, sync_id};

impl Store {
    /// Held changes of a sync in the order of their numbers, after `after`.
    pub async fn held(&self, sync: &str, after: Option<ChangeId>, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.in_state(sync, ChangeState::Held, after, limit).await
    }

    /// Dead letters of a sync in the order of their numbers, after `after`. They are tried again by planning anew for
    /// their people, which supersedes them.
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
