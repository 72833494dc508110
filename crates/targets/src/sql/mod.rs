//! A table in SQLite or PostgreSQL as a target.

mod catalogue;
mod convert;
mod postgres;
mod settings;
pub(crate) mod sqlite;
mod statement;
mod table;
mod target;
#[cfg(test)]
mod tests;
mod tls;
mod verdict;

pub use settings::{ColumnType, Database, Settings};
pub use target::Sql;
