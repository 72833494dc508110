//! How a journal is opened.

use std::sync::Arc;
use std::time::Duration;

/// What a test makes of a step of the journal.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Go on.
    No,
    /// The process dies before the step is committed: the step and everything after it fails, unwritten.
    Before,
    /// The process dies after the step was committed and before anybody heard of it.
    After,
}

/// Asked before each write with its number (from 1) and its name.
#[doc(hidden)]
pub type StopHook = Arc<dyn Fn(u64, &'static str) -> Stop + Send + Sync>;

/// How a journal is opened. The defaults are what the product uses.
#[derive(Clone)]
pub struct Settings {
    /// How long a write waits for another process that has the file locked.
    pub patience: Duration,
    /// Most pages' worth of memory that all connections keep together, in KiB.
    pub cache_kib: u32,
    /// Connections for reading.
    pub readers: usize,
    /// Most requests that one commit takes together.
    pub group: usize,
    /// Largest size of the file in pages of 4 KiB; more is refused as a full disk is. For tests.
    #[doc(hidden)]
    pub max_pages: Option<u32>,
    /// Stops the journal at a step. For tests.
    #[doc(hidden)]
    pub stop: Option<StopHook>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(10),
            cache_kib: 16 * 1024,
            readers: 3,
            group: 64,
            max_pages: None,
            stop: None,
        }
    }
}
