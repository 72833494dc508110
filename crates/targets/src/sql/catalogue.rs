//! What PostgreSQL's catalogue says of a table.

use deadpool_postgres::Object;
use joinery_model::Failure;

use super::statement::quote_table;
use super::table::Described;
use super::verdict::failure;
use super::{ColumnType, Settings};

/// PostgreSQL's word for a kind of column that we make.
pub(super) fn type_name(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text => "text",
        ColumnType::Bool => "boolean",
        ColumnType::Int => "bigint",
        ColumnType::Decimal => "numeric",
        ColumnType::Date => "date",
        ColumnType::Instant => "timestamptz",
    }
}

fn kind_of(sql_type: &str) -> ColumnType {
    match sql_type {
        "boolean" => ColumnType::Bool,
        "smallint" | "integer" | "bigint" => ColumnType::Int,
        "numeric" | "real" | "double precision" => ColumnType::Decimal,
        "date" => ColumnType::Date,
        "timestamp with time zone" | "timestamp without time zone" => ColumnType::Instant,
        _ => ColumnType::Text,
    }
}

/// The table's columns and whether its key is unique; `None` when there is no such table.
pub(super) async fn describe(client: &Object, settings: &Settings) -> Result<Option<(Vec<Described>, bool)>, Failure> {
    let failed = |cause| failure("reading the catalogue of", cause);
    let table = quote_table(&settings.table);
    // A cast to a type with a length cuts silently; without one the assignment complains. -1 leaves the length off.
    let columns = "SELECT attname::text, format_type(atttypid, -1), \
                   CASE WHEN atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND atttypmod > 4 \
                   THEN atttypmod - 4 END \
                   FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped";
    let rows = client.query(columns, &[&table]).await.map_err(failed)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut described = Vec::new();
    for row in rows {
        let name: String = row.try_get(0).map_err(failed)?;
        let sql_type: String = row.try_get(1).map_err(failed)?;
        let longest: Option<i32> = row.try_get(2).map_err(failed)?;
        let longest = longest.and_then(|longest| usize::try_from(longest).ok());
        described.push(Described { name, kind: kind_of(&sql_type), sql_type, longest });
    }
    let unique = "SELECT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a \
                  ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
                  WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indpred IS NULL \
                  AND i.indnkeyatts = 1 AND a.attname = $2)";
    let row = client.query_one(unique, &[&table, &&*settings.key]).await.map_err(failed)?;
    Ok(Some((described, row.try_get(0).map_err(failed)?)))
}

/// The schema that the table's name begins with, quoted, if it is not there.
pub(super) async fn missing_schema(client: &Object, settings: &Settings) -> Result<Option<String>, Failure> {
    let failed = |cause| failure("reading the catalogue of", cause);
    let Some((schema, _)) = settings.table.split_once('.') else { return Ok(None) };
    let schema = quote_table(schema);
    let row = client.query_one("SELECT to_regnamespace($1) IS NOT NULL", &[&schema]).await.map_err(failed)?;
    Ok((!row.try_get::<_, bool>(0).map_err(failed)?).then_some(schema))
}

/// The rights on the table that the user lacks, as GRANT lists them; empty when none.
pub(super) async fn missing_rights(client: &Object, settings: &Settings) -> Result<String, Failure> {
    let failed = |cause| failure("reading the catalogue of", cause);
    let sql = "SELECT coalesce(string_agg(needed, ', '), '') \
               FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS needed \
               WHERE NOT has_table_privilege(to_regclass($1), needed)";
    let row = client.query_one(sql, &[&quote_table(&settings.table)]).await.map_err(failed)?;
    row.try_get(0).map_err(failed)
}
