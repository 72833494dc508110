//! Joinery: keeps applications in step with SAP SuccessFactors.
//!
//! This package is the only place that reads the world: arguments, environment, files, the clock. Everything else is
//! given to the rooms under `crates/`.

#[doc(hidden)]
pub mod answer;
mod app;
pub mod cli;
mod clock;
pub mod config;
mod destination;
mod exit;
mod http;
mod metric;
mod progress;
mod shelf;
mod show;
mod telemetry;

pub use clock::SystemClock;
pub use exit::Exit;
