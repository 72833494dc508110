//! What PostgreSQL's errors mean: a row's fault, the table's, or another time. Its own texts quote values and are not
//! repeated.

use joinery_model::Failure;
use tokio_postgres::error::SqlState;

use super::Settings;
use super::tls::Mode;

/// A rule of the table or a value that its type does not take: some row's fault, not the call's.
pub(super) fn breaks_rule(cause: &tokio_postgres::Error) -> bool {
    cause.code().is_some_and(|code| matches!(code.code().get(..2), Some("21" | "22" | "23" | "44")))
}

/// Somebody else made the table or column in this moment. Of a table that is being made twice, the server's own
/// catalogue refuses the second row.
pub(super) fn is_there_already(cause: &tokio_postgres::Error) -> bool {
    // A table is a type as well, and either may be seen first.
    let there =
        [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT, SqlState::DUPLICATE_COLUMN];
    cause.code().is_some_and(|code| there.contains(code))
}

/// A row of that key is there, and nothing says that it is this person's.
pub(super) fn not_ours(settings: &Settings) -> String {
    format!(
        "a row with the same value in the key column {} is there already; if it is this person's, name the attribute \
         under `correlate` so that the row is adopted, else the key must tell people apart",
        settings.key
    )
}

/// Names only what the schema names: the server's own text quotes values.
pub(super) fn refusal(cause: &tokio_postgres::Error) -> String {
    let Some(about) = cause.as_db_error() else { return "the table refuses it".to_owned() };
    let code = about.code().code();
    match (about.constraint(), about.column()) {
        (Some(constraint), _) if *about.code() == SqlState::UNIQUE_VIOLATION => {
            format!("another row has the same value (unique constraint {constraint})")
        }
        (Some(constraint), _) => format!("the constraint {constraint} refuses it (SQLSTATE {code})"),
        (None, Some(column)) => format!("the column {column} refuses it (SQLSTATE {code})"),
        (None, None) => format!("a value does not fit its column's type (SQLSTATE {code})"),
    }
}

/// Why there is no connection, and which setting would give one.
pub(super) fn no_connection(mode: Mode, cause: tokio_postgres::Error) -> Failure {
    let unencrypted = std::error::Error::source(&cause).is_some_and(|inner| inner.to_string() == NO_TLS);
    if unencrypted {
        return Failure::refused(format!(
            "the PostgreSQL server does not encrypt, and sslmode={} in url asks for it: turn ssl on in the server, or, \
             on a network that you trust, set sslmode=disable",
            mode.name()
        ));
    }
    if cause.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION) {
        return Failure::refused(match mode {
            Mode::Disable => {
                "PostgreSQL does not let this connection in. It may take encrypted connections only, and sslmode=disable \
                 in url encrypts none: set sslmode=verify-full, and ca_file where a private authority signed its \
                 certificate. Else look at the user in url and at the server's pg_hba.conf"
            }
            _ => {
                "PostgreSQL does not let this connection in: look at the user in url, and at the rules for it and for \
                 this machine in the server's pg_hba.conf"
            }
        });
    }
    failure("connecting to", cause)
}

/// How tokio-postgres says that the server answered N to a request for encryption (message flow, section 54.2.12 of
/// PostgreSQL's manual).
const NO_TLS: &str = "server does not support TLS";

/// What PostgreSQL said, classified. Its own text stays in the cause's code: it may quote values.
pub(super) fn failure(doing: &str, cause: tokio_postgres::Error) -> Failure {
    let Some(code) = cause.code().cloned() else {
        return match tls_error(&cause) {
            Some(why) => Failure::refused(format!("PostgreSQL's TLS does not satisfy sslmode: {why}; look at ca_file")),
            None => {
                Failure::later(format!("PostgreSQL cannot be reached while {doing} the database"), None).because(cause)
            }
        };
    };
    let text = code.code();
    match text.get(..2) {
        Some("28") => Failure::refused("PostgreSQL refuses the user or password in url of the SQL target"),
        Some("3D") => Failure::refused("the database named in url of the SQL target is not there"),
        Some("3F") => {
            Failure::refused("the schema that `table` of the SQL target names is not there: run CREATE SCHEMA")
        }
        Some("42") if code == SqlState::INSUFFICIENT_PRIVILEGE => {
            Failure::refused(format!("no permission while {doing} the database; GRANT it to the user in url"))
        }
        Some("08" | "40" | "53" | "55" | "57") => {
            Failure::later(format!("PostgreSQL cannot go on while {doing} the database (SQLSTATE {text})"), None)
        }
        _ => Failure::refused(format!("PostgreSQL refuses while {doing} the database (SQLSTATE {text})")),
    }
}

/// What PostgreSQL said against writing. What it refuses within a transaction it takes back, so nothing was done; of a
/// connection or a server that went away nobody knows.
pub(super) fn unwritten(cause: tokio_postgres::Error) -> Failure {
    let code = cause.code().map(|code| code.code().to_owned());
    let undone = code.is_some_and(|code| !matches!(code.get(..2), Some("08" | "57")) && code != "40003");
    let failure = failure("writing", cause);
    if undone { failure.untried() } else { failure }
}

/// What TLS has against the server, if it was TLS.
fn tls_error(cause: &tokio_postgres::Error) -> Option<String> {
    let mut next = std::error::Error::source(cause);
    while let Some(inner) = next {
        // An input or output error hides the error it was made of from `source`.
        let hidden = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(tls) = hidden.and_then(|hidden| hidden.downcast_ref::<rustls::Error>()) {
            return Some(tls.to_string());
        }
        next = inner.source();
    }
    None
}
