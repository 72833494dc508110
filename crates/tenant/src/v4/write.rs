//! Writing over v4: PATCH of one entity, POST of one that is not there.

use joinery_model::{Failure, Retry};
use joinery_odata::EntityAddress;
use joinery_odata::date::JsonDate;
use joinery_odata::v4::write_address;
use reqwest::Method;
use serde_json::{Map, Value as Json};

use super::refused;
use crate::write::{WriteRow, refusal};
use crate::{Once, Request, Response, RowOutcome, RowWritten, Transport, Unsent, UpsertOptions};

/// Writes rows one after the other. `parameters` are what the connection sends with every write of a user.
///
/// # Errors
/// Before anything is sent: what v4 cannot do. As [`Transport::get`] for the first row.
pub(crate) async fn write(
    transport: &Transport,
    root: &str,
    rows: &[WriteRow],
    options: UpsertOptions,
    parameters: impl Fn(&WriteRow) -> String,
) -> Result<Vec<RowOutcome>, Failure> {
    let settings = transport.settings();
    if options.unsent != Unsent::Stays {
        return Err(refused::failure(settings, refused::PURGE));
    }
    if rows.iter().any(|row| row.set().starts_with("Per") || row.set().starts_with("Emp")) {
        return Err(refused::failure(settings, refused::UPSERT));
    }
    let mut outcomes = Vec::with_capacity(rows.len());
    for row in rows {
        match one(transport, root, row, &parameters(row)).await {
            Ok(outcome) => outcomes.push(outcome),
            Err(failure) if outcomes.is_empty() => return Err(failure),
            Err(failure) => outcomes.push(match failure.retry() {
                Retry::Later(after) => RowOutcome::Again(after, failure.message),
                Retry::No | Retry::Restart => RowOutcome::Refused(refusal(0, &failure.message)),
            }),
        }
    }
    Ok(outcomes)
}

async fn one(transport: &Transport, root: &str, row: &WriteRow, parameters: &str) -> Result<RowOutcome, Failure> {
    let body = in_v4(&row.to_json());
    let address = row.address();
    let (set, key) = (&address.set, address.key.is_some());
    if key {
        let entity = write_address(&address).unwrap_or_else(|| set.clone());
        let request = Request::json(Method::PATCH, format!("{root}/{entity}{parameters}"), &body);
        let answer = transport.carried(&request).await?;
        let missing = answer.status.as_u16() == 404 && answer.error().number == "COE0028";
        if !missing {
            return Ok(outcome(&answer, false));
        }
    }
    let request = Request::json(Method::POST, format!("{root}/{set}{parameters}"), &body);
    Ok(match transport.send_once(&request).await? {
        Once::Answered(answer) => outcome(&answer, true),
        Once::Unknown(failure) => RowOutcome::Unknown(failure.message),
    })
}

fn outcome(answer: &Response, created: bool) -> RowOutcome {
    if answer.status.is_success() {
        return RowOutcome::Written(RowWritten { created: Some(created), unchanged: false });
    }
    // As v2 writes it: the number, then the text.
    let error = answer.error();
    let number = if error.number.is_empty() { String::new() } else { format!("[{}]", error.number) };
    RowOutcome::Refused(refusal(answer.status.as_u16(), &format!("{number}{}", error.text)))
}

/// A row of v2's JSON as v4 takes it: links are bound by their address, dates are ISO's.
fn in_v4(row: &Json) -> Json {
    let mut out = Map::new();
    for (name, value) in row.as_object().into_iter().flatten().filter(|(name, _)| *name != "__metadata") {
        match value {
            Json::Object(inner) => {
                let links = inner.get("results").and_then(Json::as_array);
                let bound = match links {
                    Some(links) => links.iter().map(bind).collect(),
                    None => bind(value),
                };
                out.insert(format!("{name}@odata.bind"), bound);
            }
            // Only what we wrote ourselves has this form: no value of a person does.
            Json::String(text) if text.starts_with("/Date(") => {
                out.insert(name.clone(), JsonDate::parse(text).map_or_else(|| value.clone(), iso));
            }
            value => {
                out.insert(name.clone(), value.clone());
            }
        }
    }
    Json::Object(out)
}

fn bind(link: &Json) -> Json {
    let uri = link.pointer("/__metadata/uri").and_then(Json::as_str).unwrap_or_default();
    EntityAddress::parse(uri).ok().and_then(|address| write_address(&address)).map_or(Json::Null, Json::String)
}

fn iso(date: JsonDate) -> Json {
    Json::String(match date {
        JsonDate::Instant(instant) => instant.to_string(),
        JsonDate::Civil(civil) if civil.time() == jiff::civil::Time::midnight() => civil.date().to_string(),
        JsonDate::Civil(civil) => format!("{civil}Z"),
    })
}

#[cfg(test)]
mod tests {
    use joinery_model::Value;

    use super::*;

    #[test]
    fn a_row_as_v4_takes_it() {
        let row = WriteRow::user("O'Neil")
            .put("custom01", &Value::Null)
            .put("hireDate", &Value::Date("2026-01-31".parse().unwrap()))
            .put("seen", &Value::Instant("2026-01-31T10:00:00Z".parse().unwrap()))
            .link("manager", "User", "m1");
        let expected = serde_json::json!({
            "userId": "O'Neil", "custom01": null, "hireDate": "2026-01-31", "seen": "2026-01-31T10:00:00Z",
            "manager@odata.bind": "User('m1')",
        });
        assert_eq!(in_v4(&row.to_json()), expected);
    }
}
