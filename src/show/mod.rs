//! Answers on standard output, as people read them.

mod balance;
mod finding;
mod plan;
mod reasons;
mod run;
mod screen;

pub use balance::balance;
pub use finding::findings;
pub use plan::{change, counts};
pub use reasons::reasons;
pub use run::{run, runs};
pub use screen::columns;
