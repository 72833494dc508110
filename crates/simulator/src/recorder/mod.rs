//! The recorder: stands between a client and a real tenant, passes what is read, and writes it down with made-up values for
//! personal ones.
//!
//! It signs nobody in: the client's own request for a token is passed on, and neither it nor any token, cookie or password
//! is written. What would change something is refused before it leaves.

mod allowed;
mod pass;
mod start;
mod write;

pub use start::{RecordError, Recorder, RecorderSettings, Recording};
