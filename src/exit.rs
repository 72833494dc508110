//! How a command ends: one number for each thing that a script must tell apart.

use std::process::ExitCode;

/// The exit codes, as documented in `docs/reference/cli.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All done, nothing waits.
    Done,
    /// Something failed that no other code names.
    Failed,
    /// The command line or the configuration is wrong; nothing was started.
    Usage,
    /// Changes are held until somebody approves them.
    Held,
    /// Delivered, but dead letters, rejected or invalid people remain.
    Incomplete,
    /// The tenant could not be reached, or sign-in failed.
    Source,
    /// A target could not be reached: changes wait for the next run.
    Target,
    /// The plan is stale: something moved since it was made; nothing was written.
    Stale,
    /// Somebody else is running this sync.
    Busy,
    /// Stopped by Ctrl-C; the next run goes on.
    Stopped,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Held => 3,
            Self::Incomplete => 4,
            Self::Source => 5,
            Self::Target => 6,
            Self::Stale => 7,
            Self::Busy => 8,
            Self::Stopped => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
