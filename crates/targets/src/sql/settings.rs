//! What an operator can set for a table.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;

/// Where the table is.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file; it is made (mode 0600) when the first change is delivered.
    Sqlite(PathBuf),
    /// A server.
    Postgres {
        /// `postgres://user:password@host:5432/database?sslmode=verify-full`; `sslmode` is `disable`, `prefer`
        /// (default), `require`, `verify-ca` (treated as `verify-full`) or `verify-full`. As with libpq, `prefer` and
        /// `require` encrypt without looking at the server's certificate unless `ca` is given.
        url: SecretString,
        /// Certificates (PEM) that the server's certificate must descend from; without it, those that the machine
        /// trusts.
        ca: Option<Vec<u8>>,
        /// Connections at the most.
        connections: usize,
    },
}

/// What kind of values a created column holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Text.
    #[default]
    Text,
    /// True or false.
    Bool,
    /// Whole numbers of 64 bits.
    Int,
    /// Decimal numbers.
    Decimal,
    /// Calendar dates.
    Date,
    /// Instants.
    Instant,
}

/// A table and how to treat it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the table is.
    pub database: Database,
    /// The table's name; for PostgreSQL optionally with its schema, `hr.people`.
    pub table: Arc<str>,
    /// The column that tells people apart; its value is the account's id. An attribute of the mapping that goes to
    /// this column fills it, otherwise the person's key does.
    pub key: Arc<str>,
    /// The column that says whether the account is usable; without it nothing can be disabled.
    pub active: Option<Arc<str>>,
    /// What the active column holds for usable and not usable; without it true and false.
    pub active_values: Option<(Arc<str>, Arc<str>)>,
    /// May the table, and columns that it lacks, be made?
    pub create_table: bool,
    /// Attribute to column, where their names differ.
    pub columns: BTreeMap<Arc<str>, Arc<str>>,
    /// Column to type, for columns that we make; text otherwise.
    pub types: BTreeMap<Arc<str>, ColumnType>,
    /// Every attribute and reference that the mapping writes, in the mapping's order.
    pub attributes: Vec<Arc<str>>,
}

impl Settings {
    /// A table with every other setting at its default: column `active` of true and false, table made when missing.
    pub fn new(
        database: Database,
        table: impl Into<Arc<str>>,
        key: impl Into<Arc<str>>,
        attributes: Vec<Arc<str>>,
    ) -> Self {
        Self {
            database,
            table: table.into(),
            key: key.into(),
            active: Some("active".into()),
            active_values: None,
            create_table: true,
            columns: BTreeMap::new(),
            types: BTreeMap::new(),
            attributes,
        }
    }
}
