//! A small pool of connections for reading. Each read sees one committed state from its first row to its last.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::fault::Fault;
use crate::store::connect;

/// The pool.
pub(crate) struct Readers {
    path: PathBuf,
    cache_kib: u32,
    free: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Readers {
    pub(crate) fn new(path: PathBuf, size: usize, cache_kib: u32) -> Self {
        Self { path, cache_kib, free: Mutex::new(Vec::new()), permits: Semaphore::new(size.max(1)) }
    }

    /// Reads on a thread that may block.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let gone = || Fault::refused("the journal is closed");
        let _permit = self.permits.acquire().await.map_err(|_| gone())?;
        let pool = Arc::clone(self);
        tokio::task::spawn_blocking(move || pool.read_here(work)).await.map_err(|_| gone())?
    }

    fn read_here<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, Fault> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = if let Some(conn) = free {
            conn
        } else {
            let conn = connect(&self.path, self.cache_kib)?;
            conn.pragma_update(None, "query_only", true)?;
            conn
        };
        let done = {
            let all = conn.unchecked_transaction()?;
            let done = work(&all)?;
            all.commit()?;
            done
        };
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        Ok(done)
    }

    /// Closes the connections that are free.
    pub(crate) fn close(&self) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
