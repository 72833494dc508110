//! What every [`joinery_model::Target`] promises, tried on the real thing; for tests, so it panics on a broken promise.
//!
//! [`every`] takes a factory. Each call of it gives a new handle on the *same* place (the same table, file, server), so
//! the suite can ask another handle what the first one left. The place need not be empty: every case uses people of
//! its own, marked with [`Names::salt`].
//!
//! [`own_table`] tries a table of the operator's own, made before by [`OWN_TABLE`], on any database.

mod own_table;
mod suite;

pub use own_table::{OWN_TABLE, own_table};
pub use suite::{Names, change, differing, every};
