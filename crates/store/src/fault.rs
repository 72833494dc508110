//! What can go wrong in the journal, and its words for the operator.

use std::time::Duration;

use joinery_model::Failure;
use rusqlite::ErrorCode;

/// Why a piece of work on the journal failed. Crosses the seam as a [`Failure`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// SQLite said no.
    #[error("{0}")]
    Sql(#[from] rusqlite::Error),
    /// The work does not fit what is written down: words for the operator.
    #[error("{0}")]
    Refused(String),
    /// Somebody else is at it; may pass after so long.
    #[error("{0}")]
    Busy(String, Option<Duration>),
    /// A stored record is not what this program writes.
    #[error("the journal holds a record that cannot be read (line {line}, column {column}): restore it from a backup")]
    Record {
        /// Line of the stored text.
        line: usize,
        /// Column of the stored text.
        column: usize,
    },
    /// A file could not be made, opened or moved.
    #[error("{message}")]
    File {
        /// What was tried, on which path, and what to do.
        message: String,
        /// The system's answer.
        #[source]
        cause: std::io::Error,
    },
    /// A test stopped the journal at this step.
    #[error("the journal was stopped at step {0} by its test hook")]
    Stopped(u64),
}

// The error's own text may quote the record, which is personal data: only the position is kept.
impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Record { line: error.line(), column: error.column() }
    }
}

impl Fault {
    /// A refusal in these words.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::Refused(message.into())
    }

    /// The failure that crosses the seam; `at` names the journal's file.
    pub(crate) fn failure(&self, at: &str) -> Failure {
        match self {
            Self::Sql(error) => sql(error, at),
            Self::Busy(message, after) => Failure::later(message.clone(), *after),
            Self::File { message, cause } => Failure::refused(message.clone()).because(cause.to_string()),
            Self::Refused(_) | Self::Record { .. } | Self::Stopped(_) => Failure::refused(self.to_string()),
        }
    }
}

fn sql(error: &rusqlite::Error, at: &str) -> Failure {
    let failure = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Failure::refused(format!(
            "no room left for the journal {at}: nothing of this step was written; free space on its file system, then run again, and the run goes on where it was"
        )),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Failure::refused(format!(
            "the journal {at} cannot be written: nothing of this step was; give the user who runs Joinery write access to the file and its directory, or mount the file system for writing"
        )),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Failure::later(
            format!(
                "the journal {at} is locked by another process (a backup, a SQL shell with an open transaction, another Joinery): nothing of this step was written; end that process or wait for it"
            ),
            None,
        ),
        Some(ErrorCode::CannotOpen) => Failure::refused(format!(
            "the journal {at} cannot be opened: check that its directory exists and that the user who runs Joinery may write there"
        )),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Failure::refused(format!(
            "the journal {at} is damaged or no SQLite file: restore it from a backup (joinery restore)"
        )),
        Some(ErrorCode::SystemIoFailure) => Failure::refused(format!(
            "the disk under the journal {at} reported an error: nothing of this step was written; check the disk, then run again"
        )),
        _ => Failure::refused(format!("the journal {at} failed: {error}")),
    };
    failure.because(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use joinery_model::Retry;

    #[test]
    fn a_locked_file_may_pass_and_a_full_disk_says_what_to_do() {
        let of = |code| {
            Fault::from(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None)).failure("joinery.db")
        };
        assert_eq!(of(rusqlite::ffi::SQLITE_BUSY).retry(), Retry::Later(None));
        let full = of(rusqlite::ffi::SQLITE_FULL);
        assert_eq!(full.retry(), Retry::No);
        assert!(of(rusqlite::ffi::SQLITE_READONLY_DIRECTORY).message.contains("write access"));
        assert!(of(rusqlite::ffi::SQLITE_CORRUPT).message.contains("joinery restore"));
        assert!(full.message.contains("free space"), "{}", full.message);
    }

    #[test]
    fn an_unreadable_record_is_not_quoted() {
        let error = serde_json::from_str::<joinery_model::Record>(r#"{"key": ["O'Hara"]}"#).unwrap_err();
        assert!(!Fault::from(error).to_string().contains("Hara"));
    }
}
