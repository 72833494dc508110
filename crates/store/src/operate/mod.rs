//! What operators ask of the journal beside [`joinery_model::Journal`]: one file a matter.

mod backup;
mod forget;
mod history;
mod integrity;
mod letters;
mod retention;

pub use forget::Forgotten;
pub use history::Refusal;
pub use retention::Pruned;
