//! Answers of a capture, as HTTP sends them.

use axum::http::{HeaderName, HeaderValue};
use bytes::Bytes;
use joinery_odata::batch::{
    Limits, Part, Request, Response, boundary_of, free_boundary, read_requests, write_responses,
};
use percent_encoding::percent_decode_str;

use super::Replay;
use crate::capture::Exchange;
use crate::oauth::parameters;
use crate::serve::{Answer, Asked, Refusal};

/// Answers a request for `path` (from the root of the host, as it came), and says when it was not captured.
pub(crate) fn answer(replay: &Replay, asked: &Asked, base: &str) -> (Answer, Option<String>) {
    if asked.method == "POST" && asked.path.ends_with("$batch") {
        return batch(replay, asked, base);
    }
    match find(replay, &asked.method, &asked.full_path(), &asked.query) {
        Ok(exchange) => (as_answer(&exchange, base), None),
        Err(why) => (refusal(&why).answer(asked.wire()), Some(why)),
    }
}

/// The captured answer, or what to say about its absence.
fn find(replay: &Replay, method: &str, path: &str, query: &str) -> Result<std::sync::Arc<Exchange>, String> {
    let path = percent_decode_str(path).decode_utf8_lossy();
    replay.find(method, &path, &parameters(query)).map_err(|nearest| {
        let query = percent_decode_str(query).decode_utf8_lossy();
        let mark = if query.is_empty() { "" } else { "?" };
        let mut why = format!("This request was not captured: {method} {path}{mark}{query}");
        if nearest.is_empty() {
            why += "\nNothing like it was captured.";
        } else {
            why += "\nCaptured and most like it:";
            for line in nearest {
                why += &format!("\n  {line}");
            }
        }
        why
    })
}

fn refusal(why: &str) -> Refusal {
    Refusal::new(404, "NotCapturedException", why)
}

fn as_answer(exchange: &Exchange, base: &str) -> Answer {
    let mut answer = Answer::new(exchange.status, "", Bytes::from(exchange.body(base)));
    for (name, value) in &exchange.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name), HeaderValue::try_from(crate::capture::base_in(value, base)))
        {
            answer.headers.push((name, value));
        }
    }
    answer.rows = rows(exchange);
    answer
}

/// Rows of a list, for the log.
fn rows(exchange: &Exchange) -> u64 {
    let d = exchange.json.as_ref().and_then(|node| node.get("d"));
    match d.and_then(|d| d.get("results")) {
        Some(crate::disguise::Node::List(rows)) => rows.len() as u64,
        _ => 0,
    }
}

/// A batch: each request of it as if it had come alone.
fn batch(replay: &Replay, asked: &Asked, base: &str) -> (Answer, Option<String>) {
    let parts = asked
        .content_type
        .as_deref()
        .and_then(boundary_of)
        .and_then(|boundary| read_requests(boundary, &asked.body, Limits::default()).ok());
    let Some(parts) = parts else {
        return (Refusal::bad_request("The batch cannot be read.").answer(asked.wire()), None);
    };
    let mut missing = Vec::new();
    let mut single = |request: &Request| match of_part(replay, asked.root, request, base) {
        Ok(response) => response,
        Err((response, why)) => {
            missing.push(why);
            response
        }
    };
    let responses: Vec<Part<Response>> = parts
        .iter()
        .map(|part| match part {
            Part::Single(request) => Part::Single(single(request)),
            // One answer for a changeset that was not done.
            Part::Changeset(requests) => Part::Single(single(requests.first().unwrap_or(&Request::default()))),
        })
        .collect();
    let bodies = responses.iter().filter_map(|part| match part {
        Part::Single(response) => Some(response.body.as_slice()),
        Part::Changeset(_) => None,
    });
    let boundary = free_boundary("batchresponse", &bodies.collect::<Vec<_>>());
    let answer = Answer::new(202, "", Bytes::from(write_responses(&boundary, &responses)));
    let kind = HeaderValue::try_from(format!("multipart/mixed; boundary={boundary}"));
    let answer = answer.with("content-type", kind.unwrap_or(HeaderValue::from_static("multipart/mixed")));
    (answer, (!missing.is_empty()).then(|| missing.join("\n")))
}

fn of_part(replay: &Replay, root: &str, request: &Request, base: &str) -> Result<Response, (Response, String)> {
    let (path, query) = target(root, &request.target);
    let answer = match find(replay, &request.method, &path, &query) {
        Ok(exchange) => Ok(as_answer(&exchange, base)),
        Err(why) => Err((refusal(&why).answer(crate::serve::Wire::Json), why)),
    };
    let made = |answer: &Answer| Response {
        content_id: request.content_id.clone(),
        status: answer.status,
        headers: headers(answer),
        body: answer.pieces.concat(),
    };
    match answer {
        Ok(answer) => Ok(made(&answer)),
        Err((answer, why)) => Err((made(&answer), why)),
    }
}

fn headers(answer: &Answer) -> Vec<(String, String)> {
    let kind = (!answer.kind.is_empty()).then(|| ("Content-Type".to_owned(), answer.kind.to_owned()));
    let others =
        answer.headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    kind.into_iter().chain(others).collect()
}

/// Path from the root of the host and query of a target inside a batch: relative, from the root, or whole.
pub(crate) fn target(root: &str, target: &str) -> (String, String) {
    let rest = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default(),
        None => target,
    };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = if path.starts_with('/') { path.to_owned() } else { format!("{root}/{path}") };
    (path, query.to_owned())
}
