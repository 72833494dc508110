//! How a command that could not do its work says so.

use std::fmt::Write;

use joinery_engine::{EngineError, Moved, Stale};
use joinery_model::{Failure, Retry, RunId};

use crate::Exit;
use crate::config::Problems;
use crate::say;

/// How many stale changes are named.
const SHOWN: usize = 20;

/// What went wrong, in words, and the exit code it means.
#[derive(Debug)]
pub struct Wrong {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong and what to do.
    pub message: String,
}

impl Wrong {
    /// A failure with its code.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// The command line or the configuration is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A target or the tenant failed outside a run.
    pub fn failed(exit: Exit, failure: &Failure) -> Self {
        Self::new(exit, with_causes(failure))
    }

    /// Writes it down: on standard error, or as JSON on standard output.
    pub fn tell(&self, json: bool) {
        if json {
            say!("{}", serde_json::json!({ "error": { "code": self.exit.code(), "message": self.message } }));
        } else {
            eprintln!("error: {}", self.message);
        }
    }
}

/// An error and what lies under it, in one line. Causes that only repeat what was said are passed over.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(under) = cause {
        let said = under.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = under.source();
    }
    text
}

impl From<Problems> for Wrong {
    fn from(problems: Problems) -> Self {
        Self::usage(problems.to_string())
    }
}

impl From<anyhow::Error> for Wrong {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Failed, format!("{error:#}"))
    }
}

impl From<std::io::Error> for Wrong {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Failed, error.to_string())
    }
}

impl From<EngineError> for Wrong {
    fn from(error: EngineError) -> Self {
        let exit = match &error {
            EngineError::Source(_) | EngineError::Restarts { .. } => Exit::Source,
            EngineError::Target { .. } => Exit::Target,
            EngineError::UnknownTarget { .. } | EngineError::Nothing(_) => Exit::Usage,
            EngineError::Stale { .. } => Exit::Stale,
            // The journal asks to come back later when somebody else holds the sync's lease.
            EngineError::Journal(failure) if matches!(failure.retry(), Retry::Later(_)) => Exit::Busy,
            _ => Exit::Failed,
        };
        let message = match &error {
            EngineError::Stale { run, stale } => stale_plan(*run, stale),
            EngineError::Journal(failure) if exit == Exit::Busy => with_causes(failure),
            error => with_causes(error),
        };
        Self::new(exit, message)
    }
}

/// A line for each change that moved, the first of them.
fn stale_plan(run: RunId, stale: &[Stale]) -> String {
    let mut text =
        format!("the plan of run {} is stale and was not applied; nothing was written. What moved since:", run.0);
    for one in stale.iter().take(SHOWN) {
        let side = match one.moved {
            Moved::Source => "in the tenant",
            Moved::Target => "in the target",
        };
        let _ = write!(text, "\n  {} {side} ({}: {})", one.person, one.target, one.what);
    }
    if stale.len() > SHOWN {
        let _ = write!(text, "\n  … and {} more", stale.len() - SHOWN);
    }
    text.push_str("\nPlan again with `joinery plan` and look at what changed.");
    text
}
