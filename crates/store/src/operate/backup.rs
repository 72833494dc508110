//! Copies of the journal, taken while it is in use, and put back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use joinery_model::Failure;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::integrity::check;
use crate::Store;
use crate::fault::Fault;
use crate::store::connect;
use crate::{file, schema};

/// Pages that are copied at a time.
const STRIDE: i32 = 512;
/// How long a locked journal is waited for, and how often: ten seconds.
const WAIT: Duration = Duration::from_millis(20);
const MOST_WAITS: u32 = 500;

impl Store {
    /// Copies the journal to a new file (mode 0600) while it is in use. The copy is one consistent state. It appears
    /// under its name only when it is whole; a file that is there already is not overwritten.
    pub async fn backup(&self, to: impl AsRef<Path>) -> Result<(), Failure> {
        let to = to.as_ref().to_owned();
        if self.path().is_none() {
            return Err(Failure::refused("a journal in memory has no backup: name a file in store.path"));
        }
        self.read(move |conn| {
            if to.exists() {
                return Err(Fault::refused(format!("{} is there already: name a file that is not", to.display())));
            }
            copy_to(conn, &to)
        })
        .await
    }

    /// Puts a backup back as the journal at `to`, after looking it through. A journal that is there is kept beside it as
    /// `NAME.before-restore`, or with a number behind that where there is one already; where it is kept is given back.
    /// No Joinery may have it open.
    ///
    /// # Errors
    /// When the backup is none, is damaged or of a newer schema, or when the journal is in use: nothing is replaced then.
    pub fn restore(from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<Option<PathBuf>, Failure> {
        let (from, to) = (from.as_ref(), to.as_ref());
        restore(from, to).map_err(|fault| fault.failure(&from.display().to_string()))
    }

    /// Folds the write-ahead log into the file and empties it.
    pub(crate) async fn fold(&self) -> Result<(), Failure> {
        let Some(path) = self.path().map(Path::to_owned) else { return Ok(()) };
        self.read(move |_| {
            let conn = connect(&path, 512)?;
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
            Ok(())
        })
        .await
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn moved(from: &Path, to: &Path) -> Result<(), Fault> {
    std::fs::rename(from, to).map_err(|cause| Fault::File {
        message: format!(
            "{} cannot be renamed to {}: check that the user who runs Joinery may write there",
            from.display(),
            to.display()
        ),
        cause,
    })
}

fn copy_to(conn: &Connection, to: &Path) -> Result<(), Fault> {
    let part = beside(to, ".part");
    let _ = std::fs::remove_file(&part);
    file::prepare(&part)?;
    let copied = copy(conn, &part).and_then(|()| moved(&part, to));
    if copied.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    copied
}

fn copy(conn: &Connection, to: &Path) -> Result<(), Fault> {
    let mut copy = connect(to, 512)?;
    {
        let backup = Backup::new(conn, &mut copy)?;
        let mut waits = 0;
        loop {
            match backup.step(STRIDE)? {
                StepResult::Done => break,
                StepResult::More => {}
                _ if waits < MOST_WAITS => {
                    waits += 1;
                    std::thread::sleep(WAIT);
                }
                _ => {
                    return Err(Fault::Busy(
                        "the journal stayed locked while it was copied: try again later".into(),
                        None,
                    ));
                }
            }
        }
    }
    // A copy of its own has no log beside it that could be forgotten when it is moved.
    copy.pragma_update(None, "journal_mode", "delete")?;
    Ok(())
}

fn restore(from: &Path, to: &Path) -> Result<Option<PathBuf>, Fault> {
    if !from.is_file() {
        return Err(Fault::refused(format!("{} is no file: name the backup to restore", from.display())));
    }
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let owner: i32 = match source.pragma_query_value(None, "application_id", |row| row.get(0)) {
        Ok(owner) => owner,
        Err(cause) if cause.sqlite_error_code() == Some(ErrorCode::NotADatabase) => 0,
        Err(cause) => return Err(cause.into()),
    };
    if owner != schema::APPLICATION_ID {
        return Err(Fault::refused(format!("{} is no backup that Joinery wrote; nothing was changed", from.display())));
    }
    let version = schema::version(&source)?;
    if version > schema::VERSION {
        return Err(Fault::refused(format!(
            "{} has schema {version}, this Joinery knows schema {}: restore it with the newer Joinery that wrote it",
            from.display(),
            schema::VERSION
        )));
    }
    // Before anything is replaced; an older schema is brought up to date when it is opened.
    let wrong = check(&source)?;
    if !wrong.is_empty() {
        return Err(Fault::refused(format!("{} is damaged: {}", from.display(), wrong.join("; "))));
    }
    let part = beside(to, ".part");
    let _ = std::fs::remove_file(&part);
    file::prepare(&part)?;
    copy(&source, &part)?;
    let mut kept = None;
    if to.exists() {
        unused(to)?;
        let free = free_beside(to);
        for suffix in ["-wal", "-shm", ""] {
            let old = beside(to, suffix);
            if old.exists() {
                moved(&old, &beside(&free, suffix))?;
            }
        }
        kept = Some(free);
    }
    moved(&part, to)?;
    Ok(kept)
}

/// `NAME.before-restore`, `NAME.before-restore-2`, …: the first that is free.
fn free_beside(journal: &Path) -> PathBuf {
    let first = beside(journal, ".before-restore");
    let numbered = (2_u32..).map(|number| beside(&first, &format!("-{number}")));
    std::iter::once(first.clone()).chain(numbered).find(|path| !path.exists()).unwrap_or(first)
}

/// Makes sure that nobody has the journal open, and folds its log in. One that is damaged is used by nobody.
fn unused(journal: &Path) -> Result<(), Fault> {
    let lock = || -> rusqlite::Result<()> {
        let old = Connection::open_with_flags(journal, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        old.busy_timeout(Duration::from_millis(200))?;
        // In this mode the first lock is taken on the whole file, and given only when no other connection is open.
        old.execute_batch("PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE; COMMIT;")?;
        old.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))
    };
    match lock() {
        Err(error)
            if matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) =>
        {
            Err(Fault::Busy(
                format!(
                    "the journal {} is in use: stop the Joinery that runs on it, then restore again; nothing was replaced",
                    journal.display()
                ),
                None,
            ))
        }
        _ => Ok(()),
    }
}
