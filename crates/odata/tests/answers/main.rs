//! Answers as servers give them. The origin of each shape: `tests/fixtures/SOURCES.md`.

mod atom;
mod batches;
mod errors;
mod metadata;
mod payloads;
mod upserts;
