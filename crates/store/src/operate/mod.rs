//! What operators ask of the journal beside [`joinery_model::Journal`]: one file a matter.

mod backup;
mod figures;
mod forget;
mod history;
mod letters;
mod retention;

pub use figures::{Figures, Population};
pub use forget::Forgotten;
pub use history::Refusal;
pub use retention::Pruned;
