//! Several reads in one request (`$batch`).

use std::collections::VecDeque;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use joinery_model::Failure;
use joinery_odata::batch::{self, Limits, free_boundary, read_responses, write_requests};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, StatusCode};

use crate::patience::trouble;
use crate::{Request, Response, Transport};

/// The service root that the parts of a batch are below.
const ROOT: &str = "odata/v2/";

/// The answer to one of several reads.
pub(crate) struct Part(Response);

impl Part {
    /// As if it had been asked alone.
    pub(crate) fn into_response(self) -> Response {
        self.0
    }
}

/// GETs several paths below `odata/v2`, at most `together` of them in one request; the answers stand in the order of
/// the paths. A part that met a trouble that may pass is asked again alone. A tenant that takes no `$batch` is asked one
/// by one, from then on.
///
/// # Errors
/// As [`Transport::get`]; when the answer to a batch cannot be read.
pub(crate) async fn get_together(
    transport: &Transport,
    paths: &[String],
    together: usize,
) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::with_capacity(paths.len());
    for paths in paths.chunks(together.max(1)) {
        let answered = if paths.len() > 1 && !transport.lacks_batch() { ask(transport, paths).await? } else { None };
        match answered {
            Some(answered) => parts.extend(answered),
            None => parts.extend(one_by_one(transport, paths).await?),
        }
    }
    Ok(parts)
}

async fn one_by_one(transport: &Transport, paths: &[String]) -> Result<Vec<Part>, Failure> {
    let at_once = transport.allowed_in_flight().max(1);
    let answers = stream::iter(paths).map(|path| async move { transport.get(path).await.map(Part) });
    answers.buffered(at_once).try_collect().await
}

/// One `$batch`; `None` when the tenant takes none.
async fn ask(transport: &Transport, paths: &[String]) -> Result<Option<Vec<Part>>, Failure> {
    let get = |path: &String| {
        let target = path.strip_prefix(ROOT).unwrap_or(path).to_owned();
        let headers = vec![("Accept".to_owned(), "application/json".to_owned())];
        batch::Part::Single(batch::Request { method: "GET".to_owned(), target, headers, ..batch::Request::default() })
    };
    let requests: Vec<_> = paths.iter().map(get).collect();
    let boundary = free_boundary("batch", &paths.iter().map(String::as_bytes).collect::<Vec<_>>());
    let body = Bytes::from(write_requests(&boundary, &requests));
    let kind = format!("multipart/mixed; boundary={boundary}");
    let request = Request {
        method: Method::POST,
        path: format!("{ROOT}$batch"),
        accept: "multipart/mixed",
        body: Some((kind, body)),
        if_none_match: None,
    };
    // Nothing but reads is in it, so it may be sent again.
    let response = transport.send(&request).await?;
    if matches!(response.status.as_u16(), 404 | 405 | 415 | 501) {
        transport.note_lack_of_batch();
        return Ok(None);
    }
    let response = response.ok()?;
    let mut answers = read(&response, paths.len())?;
    let mut parts = Vec::with_capacity(paths.len());
    for path in paths {
        let answer = answers.pop_front().ok_or_else(unreadable)?;
        let status = StatusCode::from_u16(answer.status).map_err(|_| unreadable())?;
        if trouble(status, &answer.body).is_some() {
            parts.push(Part(transport.get(path).await?));
            continue;
        }
        parts.push(Part(Response {
            status,
            headers: HeaderMap::new(),
            bytes: Bytes::from(answer.body),
            correlation_id: response.correlation_id.clone(),
            at_place: false,
            subject: path.split('?').next().unwrap_or_default().to_owned(),
        }));
    }
    Ok(Some(parts))
}

fn read(response: &Response, asked: usize) -> Result<VecDeque<batch::Response>, Failure> {
    let kind = response.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = batch::boundary_of(kind).ok_or_else(unreadable)?;
    let limits = Limits { messages: asked, ..Limits::default() };
    let parts = read_responses(boundary, &response.bytes, limits).map_err(|error| unreadable().because(error))?;
    let single = |part| match part {
        batch::Part::Single(answer) => Ok(answer),
        batch::Part::Changeset(_) => Err(unreadable()),
    };
    let answers: VecDeque<_> = parts.into_iter().map(single).collect::<Result<_, _>>()?;
    if answers.len() == asked { Ok(answers) } else { Err(unreadable()) }
}

fn unreadable() -> Failure {
    Failure::later("odata/v2/$batch: the tenant's answer cannot be read", None)
}
