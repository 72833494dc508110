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
    /// What lies under it, for whoever looks deeper.
    pub cause: Option<String>,
}

impl Wrong {
    /// A failure with its code.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), cause: None }
    }

    /// The command line or the configuration is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A target or the tenant failed outside a run.
    pub fn failed(exit: Exit, failure: &Failure) -> Self {
        let message = failure.to_string();
        Self { exit, cause: causes(failure, &message), message }
    }

    /// Writes it down: on standard error, or as JSON on standard output.
    pub fn tell(&self, json: bool) {
        let Self { exit, message, cause } = self;
        if json {
            say!("{}", serde_json::json!({ "error": { "code": exit.code(), "message": message, "cause": cause } }));
            return;
        }
        crate::tell!("error: {message}");
        if let Some(cause) = cause {
            crate::tell!("cause: {cause}");
        }
    }

    /// The same in one line, for a log.
    pub fn line(&self) -> String {
        match &self.cause {
            Some(cause) => format!("{} ({cause})", self.message),
            None => self.message.clone(),
        }
    }
}

/// Layers that only say that there is a layer below.
const WRAPPERS: [&str; 4] = ["error sending request", "client error", "connection error", "error trying to connect"];

/// What lies under an error, outermost first. What only repeats what was said is passed over.
fn causes(error: &dyn std::error::Error, told: &str) -> Option<String> {
    let mut found: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(under) = cause {
        let said = under.to_string();
        let repeats = told.contains(&said) || found.iter().any(|one| one.contains(&said));
        if !repeats && !WRAPPERS.iter().any(|wrapper| said.starts_with(wrapper)) {
            // A layer that quotes the one below it says nothing of its own.
            found.retain(|one| !said.contains(one.as_str()));
            found.push(said);
        }
        cause = under.source();
    }
    (!found.is_empty()).then(|| found.join(": "))
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
            // These name the setting or the other runner themselves.
            EngineError::Source(failure) if failure.message.starts_with("connection.") => failure.to_string(),
            EngineError::Journal(failure) if exit == Exit::Busy => failure.to_string(),
            error => error.to_string(),
        };
        Self { exit, cause: causes(&error, &message), message }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Layer(&'static str, #[source] Option<Box<Layer>>);

    fn layers(said: &[&'static str]) -> Layer {
        let (first, rest) = said.split_first().expect("a layer");
        Layer(first, (!rest.is_empty()).then(|| Box::new(layers(rest))))
    }

    #[test]
    fn a_cause_says_each_thing_once() {
        let refused = layers(&["tenant away", "error sending request", "client error (Connect)", "Connection refused"]);
        assert_eq!(causes(&refused, "tenant away").as_deref(), Some("Connection refused"));
        let quoting = layers(&["top", "disk: full", "full"]);
        assert_eq!(causes(&quoting, "top").as_deref(), Some("disk: full"));
        assert_eq!(causes(&layers(&["top: below", "below"]), "top: below"), None);
    }

    #[test]
    fn a_tenant_that_refuses_is_told_in_one_sentence() {
        let wrong = Wrong::from(EngineError::Source(Failure::refused("connection.acme.user: is locked (LGN0015)")));
        assert_eq!((wrong.exit, wrong.message.as_str()), (Exit::Source, "connection.acme.user: is locked (LGN0015)"));
    }
}
