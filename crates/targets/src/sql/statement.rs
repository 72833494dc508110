//! SQL text. Names are always quoted; values are always bound.

use super::table::Shape;
use super::{ColumnType, Settings};

/// A name, safe in any statement.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table's name; `schema.table` is two names.
pub(super) fn quote_table(table: &str) -> String {
    table.split('.').map(quote).collect::<Vec<_>>().join(".")
}

/// A dialect's word for a kind of column.
pub(super) type TypeName = fn(ColumnType) -> &'static str;

/// Makes the table.
pub(super) fn create(settings: &Settings, name_of: TypeName) -> String {
    let columns: Vec<String> = settings
        .wanted()
        .iter()
        .map(|(column, _)| {
            let key = if *column == settings.key { " PRIMARY KEY NOT NULL" } else { "" };
            format!("{} {}{key}", quote(column), name_of(settings.made_as(column)))
        })
        .collect();
    format!("CREATE TABLE IF NOT EXISTS {} ({})", quote_table(&settings.table), columns.join(", "))
}

/// Adds a column that the table lacks.
pub(super) fn add(settings: &Settings, column: &str, name_of: TypeName) -> String {
    let kind = name_of(settings.made_as(column));
    format!("ALTER TABLE {} ADD COLUMN {} {kind}", quote_table(&settings.table), quote(column))
}

/// The part of an upsert that decides what happens to a row that is there: only what was given is written over.
pub(super) fn on_conflict(shape: &Shape, given: &[usize]) -> String {
    let key = quote(&shape.columns[0].described.name);
    let sets: Vec<String> = given
        .iter()
        .filter(|at| **at != 0)
        .map(|at| quote(&shape.columns[*at].described.name))
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    if sets.is_empty() {
        return format!("ON CONFLICT ({key}) DO NOTHING");
    }
    format!("ON CONFLICT ({key}) DO UPDATE SET {}", sets.join(", "))
}

/// The names of these columns, quoted, with commas.
pub(super) fn names(shape: &Shape, given: &[usize]) -> String {
    given.iter().map(|at| quote(&shape.columns[*at].described.name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_gets_out_of_its_quotes() {
        assert_eq!(quote("a\"; DROP TABLE x; --"), "\"a\"\"; DROP TABLE x; --\"");
        assert_eq!(quote_table("hr.people"), "\"hr\".\"people\"");
    }
}
