//! What is written of a request and its answer.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use axum::http::{HeaderMap, header, request::Parts};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use joinery_odata::batch::{Limits, Part, Request, Response, boundary_of, read_requests, read_responses};
use percent_encoding::percent_decode_str;

use super::allowed::Kind;
use super::pass::{Answered, text};
use super::start::Shared;
use crate::capture::Exchange;
use crate::oauth::parameters;
use crate::replay::target;

/// Headers of answers that say how to read them, how long to wait, and what went wrong. No other is written.
const WRITTEN: [&str; 7] = [
    "content-type",
    "retry-after",
    "dataserviceversion",
    "odata-version",
    "successfactors-message",
    "x-sf-record-count-recursive",
    "x-csrf-token",
];

/// The company and whoever signs in are looked for in messages.
pub(super) fn note_who_signs_in(shared: &Shared, headers: &HeaderMap, signs_in: bool, body: &[u8]) {
    let basic = text(headers, &header::AUTHORIZATION).strip_prefix("Basic ").map(str::to_owned);
    let login = basic.and_then(|packed| String::from_utf8(STANDARD.decode(packed).ok()?).ok());
    if let Some((name, _)) = login.as_deref().and_then(|login| login.split_once(':')) {
        shared.disguise.remember(name);
    }
    if signs_in {
        let given = parameters(&String::from_utf8_lossy(body));
        for (_, value) in
            given.iter().filter(|(name, _)| matches!(name.as_str(), "company_id" | "user_id" | "client_id"))
        {
            shared.disguise.remember(value);
        }
    }
}

/// Writes a request and its answer; of a batch each request in it as if it had come alone.
pub(super) fn write(shared: &Shared, asked: Kind, parts: &Parts, body: &[u8], answer: &Answered) {
    let at = rfc2822::parse(text(&answer.headers, &header::DATE))
        .map_or_else(|_| shared.time.now(), |date| date.timestamp());
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    if asked == Kind::Batch && answer.status.is_success() {
        if let Some(exchanges) = of_batch(shared, parts, body, answer, at) {
            for exchange in &exchanges {
                add(shared, exchange, at);
            }
        }
        return;
    }
    if parts.method == axum::http::Method::HEAD {
        return;
    }
    let headers = headers_of(&answer.headers);
    add(
        shared,
        &exchange(shared, parts.method.as_str(), path, query, answer.status.as_u16(), headers, &answer.body, at),
        at,
    );
}

fn add(shared: &Shared, exchange: &Exchange, at: Timestamp) {
    let mut folder = shared.folder.lock().unwrap_or_else(PoisonError::into_inner);
    folder.begin_at(at);
    if let Err(error) = folder.add(exchange) {
        tracing::error!(%error, "a request is not captured");
        shared.counts.lock().unwrap_or_else(PoisonError::into_inner).failed.get_or_insert(error.to_string());
    }
}

#[expect(clippy::too_many_arguments, reason = "a request and its answer")]
fn exchange(
    shared: &Shared,
    method: &str,
    path: &str,
    query: &str,
    status: u16,
    headers: BTreeMap<String, String>,
    body: &[u8],
    at: Timestamp,
) -> Exchange {
    let path = percent_decode_str(path).decode_utf8_lossy();
    let mut headers = headers;
    if let Some(message) = headers.get_mut("successfactors-message") {
        *message = shared.disguise.message(message);
    }
    let kind = headers.get("content-type").cloned().unwrap_or_default();
    let made = shared.disguise.body(&path, &kind, body);
    let exchange = Exchange {
        method: method.to_owned(),
        path: shared.disguise.path(&path),
        query: shared.disguise.options(query, &crate::disguise::set_of(&path)),
        status,
        headers,
        at,
        json: None,
        text: None,
        left_out: None,
    };
    exchange.with(made)
}

fn headers_of(headers: &HeaderMap) -> BTreeMap<String, String> {
    kept(headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))))
}

fn kept<'h>(headers: impl Iterator<Item = (&'h str, &'h str)>) -> BTreeMap<String, String> {
    let written = headers.map(|(name, value)| (name.to_ascii_lowercase(), value));
    // Of the CSRF token only that one is required: the token itself is a secret.
    let written = written.filter(|(name, value)| {
        WRITTEN.contains(&name.as_str()) && (name != "x-csrf-token" || value.eq_ignore_ascii_case("required"))
    });
    written.map(|(name, value)| (name, value.to_owned())).collect()
}

fn of_batch(shared: &Shared, parts: &Parts, body: &[u8], answer: &Answered, at: Timestamp) -> Option<Vec<Exchange>> {
    let asked = boundary_of(text(&parts.headers, &header::CONTENT_TYPE))?;
    let answered = boundary_of(text(&answer.headers, &header::CONTENT_TYPE))?;
    let requests = read_requests(asked, body, Limits::default()).ok()?;
    let responses = read_responses(answered, &answer.body, Limits::default()).ok()?;
    let root = parts.uri.path().trim_end_matches('/').trim_end_matches("$batch").trim_end_matches('/');
    let singles = requests.iter().zip(&responses).filter_map(|pair| match pair {
        (Part::Single(request), Part::Single(response)) => Some((request, response)),
        _ => None,
    });
    Some(singles.map(|(request, response)| of_part(shared, root, request, response, at)).collect())
}

fn of_part(shared: &Shared, root: &str, request: &Request, response: &Response, at: Timestamp) -> Exchange {
    let (path, query) = target(root, &request.target);
    let headers = kept(response.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    exchange(shared, &request.method, &path, &query, response.status, headers, &response.body, at)
}
