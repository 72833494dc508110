//! The open journal: one writer, some readers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use joinery_model::Failure;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use crate::fault::Fault;
use crate::lease::Leases;
use crate::readers::Readers;
use crate::session::Session;
use crate::settings::Settings;
use crate::writer::{Job, Writer};
use crate::{file, schema};

/// Bytes a page of the file has. People come in no order, so most rows of an index go to a page of their own: a large
/// page would be written again and again for a few bytes.
const PAGE_SIZE: u32 = 4096;
/// Pages after which the write-ahead log is folded back into the file: 32 MB.
const CHECKPOINT: u32 = 8192;

/// The journal on SQLite. Cheap to clone; the file is closed when the last clone is dropped.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: Writer,
    /// `None` for a journal in memory, which only its one connection sees.
    readers: Option<Arc<Readers>>,
    path: Option<PathBuf>,
    leases: Arc<Leases>,
}

impl Drop for Inner {
    /// The writer's connection is closed last: only it may fold the log back into the file.
    fn drop(&mut self) {
        if let Some(readers) = &self.readers {
            readers.close();
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the journal at `path`, making it (mode 0600) when there is none and bringing its schema up to date.
    ///
    /// Fails with words for the operator when the directory is missing, the file is not a journal, damaged, locked or
    /// not writable, or was written by a newer Joinery.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Failure> {
        Self::open_with(path, Settings::default())
    }

    /// The same with settings of one's own.
    pub fn open_with(path: impl AsRef<Path>, settings: Settings) -> Result<Self, Failure> {
        let path = path.as_ref();
        Self::open_file(path, settings).map_err(|fault| fault.failure(&path.display().to_string()))
    }

    /// A journal that is gone when it is dropped. For trials and tests.
    pub fn in_memory() -> Result<Self, Failure> {
        Self::in_memory_with(Settings::default())
    }

    /// The same with settings of one's own.
    pub fn in_memory_with(settings: Settings) -> Result<Self, Failure> {
        let open = || -> Result<Self, Fault> {
            let conn = Connection::open_in_memory()?;
            keep_plans(&conn)?;
            schema::migrate(&conn)?;
            let writer = Writer::start(conn, settings)?;
            Ok(Self { inner: Arc::new(Inner { writer, readers: None, path: None, leases: Arc::default() }) })
        };
        open().map_err(|fault| fault.failure("in memory"))
    }

    fn open_file(path: &Path, settings: Settings) -> Result<Self, Fault> {
        file::prepare(path)?;
        // Half of the memory for the writer, the rest shared by the readers.
        let conn = connect(path, settings.cache_kib / 2)?;
        conn.busy_timeout(settings.patience)?;
        conn.pragma_update(None, "page_size", PAGE_SIZE)?;
        conn.pragma_update(None, "journal_mode", "wal")?;
        conn.pragma_update(None, "synchronous", "full")?;
        conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
        conn.pragma_update(None, "journal_size_limit", 2 * CHECKPOINT * PAGE_SIZE)?;
        // What is deleted or replaced is overwritten: who was forgotten must not stand in the file's free space.
        conn.pragma_update(None, "secure_delete", true)?;
        if let Some(most) = settings.max_pages {
            conn.pragma_update(None, "max_page_count", most)?;
        }
        schema::migrate(&conn)?;
        let share = settings.cache_kib / 2 / u32::try_from(settings.readers.max(1)).unwrap_or(1);
        let readers = Readers::new(path.to_owned(), settings.readers, share);
        let writer = Writer::start(conn, settings)?;
        let leases = Arc::new(Leases::beside(Some(path.to_owned())));
        let (readers, path) = (Some(Arc::new(readers)), Some(path.to_owned()));
        Ok(Self { inner: Arc::new(Inner { writer, readers, path, leases }) })
    }

    /// The file, unless the journal is in memory.
    pub fn path(&self) -> Option<&Path> {
        self.inner.path.as_deref()
    }

    /// The locks of the leases that are held through this journal.
    pub(crate) fn leases(&self) -> Arc<Leases> {
        Arc::clone(&self.inner.leases)
    }

    pub(crate) fn place(&self) -> String {
        self.path().map_or_else(|| "in memory".into(), |path| path.display().to_string())
    }

    /// Writes: done with others in one commit, answered after it.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        step: &'static str,
        work: impl FnOnce(&mut Session<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Failure> {
        self.submit(Some(step), work).await
    }

    /// Reads what is committed.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Failure> {
        match &self.inner.readers {
            Some(readers) => readers.read(work).await.map_err(|fault| fault.failure(&self.place())),
            None => self.submit(None, |session| work(session.conn)).await,
        }
    }

    async fn submit<T: Send + 'static>(
        &self,
        step: Option<&'static str>,
        work: impl FnOnce(&mut Session<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Failure> {
        let (answer, answered) = oneshot::channel::<Result<T, Failure>>();
        let answer = Arc::new(std::sync::Mutex::new(Some(answer)));
        let place: Arc<str> = self.place().into();
        let (refused, at) = (Arc::clone(&answer), Arc::clone(&place));
        let send = |answer: &std::sync::Mutex<Option<oneshot::Sender<_>>>, result| {
            let taken = answer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
            if let Some(taken) = taken {
                // Whoever asked may have gone away; what was written stays written.
                let _ = taken.send(result);
            }
        };
        let job = Job {
            step,
            work: Box::new(move |session| {
                let done = work(session).map_err(|fault| (code(&fault), fault.failure(&place)));
                let ended = done.as_ref().map(|_| ()).map_err(|(code, _)| *code);
                let reply = Box::new(move |lost: Option<&Fault>| {
                    let result = match (done, lost) {
                        (Err((_, failure)), _) => Err(failure),
                        (Ok(_), Some(fault)) => Err(fault.failure(&place)),
                        (Ok(value), None) => Ok(value),
                    };
                    send(&answer, result);
                });
                (ended, reply)
            }),
            refuse: Box::new(move |fault| send(&refused, Err(fault.failure(&at)))),
        };
        let closed =
            || Failure::refused("the journal is closed: its writing thread ended; see the log, then start again");
        if !self.inner.writer.submit(job) {
            return Err(closed());
        }
        answered.await.unwrap_or_else(|_| Err(closed()))
    }
}

/// SQLite's code, when SQLite was the reason.
fn code(fault: &Fault) -> Option<i32> {
    match fault {
        Fault::Sql(error) => error.sqlite_error().map(|error| error.extended_code),
        _ => None,
    }
}

/// Prepared statements stay as they were prepared. Without this SQLite looks at what is bound to a statement and, where
/// it could make another plan, prepares it anew for each person.
fn keep_plans(conn: &Connection) -> Result<(), Fault> {
    conn.set_prepared_statement_cache_capacity(128);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// A connection with the settings that readers and the writer share.
pub(crate) fn connect(path: &Path, cache_kib: u32) -> Result<Connection, Fault> {
    // No URI: a path is a path, whatever characters it has. The file is there already, so it is never made here.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(Duration::from_secs(10))?;
    keep_plans(&conn)?;
    conn.pragma_update(None, "cache_size", -i64::from(cache_kib.max(512)))?;
    conn.pragma_update(None, "temp_store", "memory")?;
    conn.pragma_update(None, "trusted_schema", false)?;
    Ok(conn)
}
