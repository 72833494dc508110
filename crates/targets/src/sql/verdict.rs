//! What PostgreSQL's errors mean: a row's fault, the table's, or another time. Its own texts quote values and are not
//! repeated.

use joinery_model::Failure;
use tokio_postgres::error::SqlState;

/// A rule of the table or a value that its type does not take: some row's fault, not the call's.
pub(super) fn breaks_rule(cause: &tokio_postgres::Error) -> bool {
    cause.code().is_some_and(|code| matches!(code.code().get(..2), Some("21" | "22" | "23" | "44")))
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
        Some("42") if code == SqlState::INSUFFICIENT_PRIVILEGE => {
            Failure::refused(format!("no permission while {doing} the database; GRANT it to the user in url"))
        }
        Some("08" | "40" | "53" | "55" | "57") => {
            Failure::later(format!("PostgreSQL cannot go on while {doing} the database (SQLSTATE {text})"), None)
        }
        _ => Failure::refused(format!("PostgreSQL refuses while {doing} the database (SQLSTATE {text})")),
    }
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
