//! A CSV file as a target.

mod settings;
mod target;

pub use settings::{Files, Formulas, Settings};
pub use target::Csv;
