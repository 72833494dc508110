//! `POST $batch`: requests in one request, changesets all or nothing.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use joinery_odata::batch::{
    Limits, Part, Request, Response, boundary_of, free_boundary, read_requests, write_responses,
};
use serde_json::Value as Json;

use super::Refusal;
use super::asked::{Answer, Asked, Shape};
use super::turn::Turn;

/// What differs from service to service.
pub(crate) struct Manner {
    pub(crate) answer: fn(&Turn<'_>, &Asked) -> Answer,
    pub(crate) refuse: fn(Refusal, &Asked) -> Answer,
    /// Of the whole answer.
    pub(crate) status: u16,
    /// Writes may stand outside changesets.
    pub(crate) writes_alone: bool,
}

/// Answers a batch: one part for each request, and one for a changeset that was taken back.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked, manner: &Manner) -> Result<Answer, Refusal> {
    if asked.method != "POST" {
        return Err(Refusal::no_method(&asked.method));
    }
    if turn.in_batch {
        return Err(Refusal::bad_request("A batch cannot stand inside a batch."));
    }
    let boundary = asked.content_type.as_deref().and_then(boundary_of).ok_or_else(|| {
        Refusal::bad_request("The content type of a batch must be multipart/mixed and name a boundary.")
    })?;
    let limits = Limits { messages: turn.settings().switches.batch_requests, ..Limits::default() };
    let parts = read_requests(boundary, &asked.body, limits)
        .map_err(|error| Refusal::bad_request(&format!("The batch cannot be read: {error}.")))?;
    let inside = turn.inside_batch();
    let mut rows = 0;
    let responses: Vec<Part<Response>> = parts
        .iter()
        .map(|part| match part {
            Part::Single(request) => Part::Single(single(&inside, asked.root, request, &mut rows, manner)),
            Part::Changeset(requests) => changeset(&inside, asked.root, requests, &mut rows, manner),
        })
        .collect();
    let bodies = responses.iter().flat_map(|part| match part {
        Part::Single(response) => std::slice::from_ref(response),
        Part::Changeset(responses) => responses.as_slice(),
    });
    let bodies: Vec<&[u8]> = bodies.map(|response| response.body.as_slice()).collect();
    let boundary = free_boundary("batchresponse", &bodies);
    let mut answer = Answer::new(manner.status, "", Bytes::from(write_responses(&boundary, &responses)));
    answer.rows = rows;
    let kind = HeaderValue::try_from(format!("multipart/mixed; boundary={boundary}"));
    Ok(answer.with("content-type", kind.unwrap_or(HeaderValue::from_static("multipart/mixed"))))
}

fn single(turn: &Turn<'_>, root: &'static str, request: &Request, rows: &mut u64, manner: &Manner) -> Response {
    let asked = asked(root, request, &BTreeMap::new());
    let allowed = asked.reads() || manner.writes_alone;
    let answer = if allowed {
        (manner.answer)(turn, &asked)
    } else {
        let why = "Inside a batch only GET can stand outside a changeset.";
        (manner.refuse)(Refusal::bad_request(why), &asked)
    };
    *rows += answer.rows;
    response(&answer, request)
}

fn changeset(
    turn: &Turn<'_>,
    root: &'static str,
    requests: &[Request],
    rows: &mut u64,
    manner: &Manner,
) -> Part<Response> {
    let done = turn.changeset(|turn| {
        let mut made = BTreeMap::new();
        let mut responses = Vec::new();
        for request in requests {
            let asked = asked(root, request, &made);
            if asked.reads() {
                let why = "A changeset takes no GET.";
                return Err(response(&(manner.refuse)(Refusal::bad_request(why), &asked), request));
            }
            let mut answer = (manner.answer)(turn, &asked);
            // The status of an upsert says nothing about its rows; a changeset is all or nothing.
            if let Some(message) = refused_row(&answer) {
                answer = (manner.refuse)(Refusal::new(400, "COE_GENERAL_BAD_REQUEST", message), &asked);
            }
            if answer.status >= 400 {
                return Err(response(&answer, request));
            }
            if let (Some(id), Some(address)) = (&request.content_id, address(&answer)) {
                made.insert(id.clone(), address);
            }
            responses.push(response(&answer, request));
        }
        Ok(responses)
    });
    match done {
        Ok(responses) => {
            *rows += responses.len() as u64;
            Part::Changeset(responses)
        }
        Err(failed) => Part::Single(failed),
    }
}

/// What a part asks, as if it had come alone. `made` are the addresses of what earlier parts made, by content id.
fn asked(root: &'static str, request: &Request, made: &BTreeMap<String, String>) -> Asked {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    let target = request.target.strip_prefix('/').unwrap_or(&request.target);
    let referred = target.strip_prefix('$').and_then(|rest| {
        let (id, below) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        Some(format!("{}{below}", made.get(id)?))
    });
    let target = referred.as_deref().unwrap_or(&request.target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut asked = Asked::new(&request.method, root, below(path, root), query, &headers);
    asked.body = Bytes::copy_from_slice(&request.body);
    asked
}

/// The path below the service root: a target is relative to it, or from the root of the host, or absolute.
fn below<'a>(path: &'a str, root: &str) -> &'a str {
    let path = match path.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
        }
        _ => path,
    };
    let inside = path.strip_prefix(root).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    inside.unwrap_or(path).trim_start_matches('/')
}

/// The message of the first row of an upsert that was refused.
fn refused_row(answer: &Answer) -> Option<String> {
    let Shape::Upsert(rows) = &answer.shape else { return None };
    let failed = rows.iter().find(|row| row.get("status").and_then(Json::as_str) != Some("OK"))?;
    Some(failed.get("message").and_then(Json::as_str).unwrap_or("A row was refused.").to_owned())
}

/// The address of what a write made.
fn address(answer: &Answer) -> Option<String> {
    let location = answer.headers.iter().find(|(name, _)| name == "location");
    location.and_then(|(_, value)| value.to_str().ok()).map(str::to_owned)
}

fn response(answer: &Answer, request: &Request) -> Response {
    let mut headers = Vec::new();
    if !answer.kind.is_empty() {
        headers.push(("Content-Type".to_owned(), answer.kind.to_owned()));
    }
    headers.push(("DataServiceVersion".to_owned(), "1.0".to_owned()));
    for (name, value) in &answer.headers {
        if let Ok(value) = value.to_str() {
            headers.push((name.to_string(), value.to_owned()));
        }
    }
    let body = answer.pieces.concat();
    Response { content_id: request.content_id.clone(), status: answer.status, headers, body }
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn a_target_is_found_below_the_root_however_it_is_written() {
        for target in
            ["User('a/b')", "/User('a/b')", "/odata/v2/User('a/b')", "https://api.example.com:443/odata/v2/User('a/b')"]
        {
            assert_eq!(below(target, "/odata/v2"), "User('a/b')", "{target}");
        }
        assert_eq!(below("/odata/v22/User", "/odata/v2"), "odata/v22/User");
    }
}
