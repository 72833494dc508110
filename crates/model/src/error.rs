//! Failures that cross a seam, and what to do about them.

use std::time::Duration;

/// What may be done about a failure. The one place that retries reads this; nothing else retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Never: the same call would fail again.
    No,
    /// The same call may succeed later; after at least this long, if the other side said how long.
    Later(Option<Duration>),
    /// The place of a walk is lost: start the walk again.
    Restart,
}

/// A failure of a source, a target or the journal.
///
/// `message` is for the operator: it names the field, entity or setting and says what to do. It never carries a
/// person's data, a token or a password.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What went wrong and what to do.
    pub message: String,
    /// What may be done.
    pub retry: Retry,
    /// Surely nothing was done of what was asked: nothing was sent, or it was all refused or taken back.
    pub untried: bool,
    /// The cause underneath, for the log.
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Failure {
    /// A failure that no repetition mends.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { message: message.into(), retry: Retry::No, untried: false, cause: None }
    }

    /// A failure that may pass.
    pub fn later(message: impl Into<String>, after: Option<Duration>) -> Self {
        Self { message: message.into(), retry: Retry::Later(after), untried: false, cause: None }
    }

    /// A walk whose place is lost.
    pub fn restart(message: impl Into<String>) -> Self {
        Self { message: message.into(), retry: Retry::Restart, untried: false, cause: None }
    }

    /// The same failure of a call that surely did nothing of what was asked.
    #[must_use]
    pub fn untried(self) -> Self {
        Self { untried: true, ..self }
    }

    /// The same failure with its cause attached.
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// What may be done.
    pub fn retry(&self) -> Retry {
        self.retry
    }
}
