//! A CSV file as a target.

mod files;
mod layout;
mod settings;
mod state;
mod target;
#[cfg(test)]
mod tests;

pub use settings::{Files, Formulas, Settings};
pub use target::Csv;
