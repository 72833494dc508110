//! Logs and metrics.
//!
//! The log goes to standard error: what a command *answers* goes to standard output. Nothing at `info` or above names
//! a person, an address, a token or a body; `docs/LOGGING.md` is the law.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// How loud and in what shape.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSettings {
    /// One JSON object a line.
    pub json: bool,
    /// More detail: 1 is debug of our own code, 2 is everything.
    pub verbose: u8,
    /// Warnings and errors only.
    pub quiet: bool,
}

/// Starts logging. Call once.
pub fn start_logs(settings: LogSettings, filter: Option<&str>) {
    let default = match (settings.quiet, settings.verbose) {
        (true, _) => "warn",
        (_, 0) => "warn,joinery=info",
        (_, 1) => "info,joinery=debug",
        _ => "debug",
    };
    let filter = EnvFilter::try_new(filter.unwrap_or(default)).unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // What cannot be written cannot be complained of there either: that would be a panic.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start (tests that run several commands in a process) keeps the first: that is what is wanted.
    let _ = if settings.json { builder.json().try_init() } else { builder.with_target(false).try_init() };
}

/// Starts metrics and gives the handle that prints them in Prometheus' text format.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    Ok(PrometheusBuilder::new().install_recorder()?)
}
