//! A table in SQLite or PostgreSQL as a target.

mod settings;
mod target;

pub use settings::{ColumnType, Database, Settings};
pub use target::Sql;
