//! One request on its way to the tenant and back.

use std::sync::{Arc, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header, request::Parts};
use bytes::Bytes;
use joinery_odata::batch::{Limits, Part, boundary_of, read_responses, write_responses};

use super::allowed::{Kind, judge};
use super::start::Shared;
use super::write;
use crate::control;
use crate::disguise::with_base;

/// The largest body that is passed, in bytes.
const LARGEST_BODY: usize = 256 * 1024 * 1024;

/// Headers of one connection: they are made anew on the other. Encoded bodies could not be read here.
const OF_THE_CONNECTION: [HeaderName; 9] = [
    header::HOST,
    header::CONNECTION,
    header::TRANSFER_ENCODING,
    header::CONTENT_LENGTH,
    header::TE,
    header::UPGRADE,
    header::PROXY_AUTHORIZATION,
    header::ACCEPT_ENCODING,
    header::STRICT_TRANSPORT_SECURITY,
];

/// Passes one request.
pub(super) async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    // Real data comes through here: no page of a browser may ask for it.
    if let Err((status, message)) = control::check(&axum::http::Method::GET, &parts.headers, false, &shared.base) {
        return plain(status, &message);
    }
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large");
    };
    let path = parts.uri.path().to_owned();
    let kind = text(&parts.headers, &header::CONTENT_TYPE);
    let overridden = ["x-http-method", "x-http-method-override"].iter().any(|name| parts.headers.contains_key(*name));
    let asked = match judge(parts.method.as_str(), &path, overridden, kind, &body) {
        Ok(asked) => asked,
        Err(why) => {
            shared.counts.lock().unwrap_or_else(PoisonError::into_inner).refused += 1;
            let body =
                serde_json::json!({"error": {"code": "RecorderException", "message": {"lang": "en-US", "value": why}}});
            return answered(StatusCode::FORBIDDEN, "application/json;charset=utf-8", body.to_string());
        }
    };
    write::note_who_signs_in(&shared, &parts.headers, asked == Kind::SignIn, &body);
    let answer = match forward(&shared, &parts, body.clone()).await {
        Ok(answer) => answer,
        Err(error) => {
            let error = error.without_url();
            tracing::warn!(%error, "the tenant cannot be reached");
            return plain(StatusCode::BAD_GATEWAY, "the recorder cannot reach the tenant");
        }
    };
    if asked != Kind::SignIn {
        let (shared, parts, body, answer) = (Arc::clone(&shared), parts.clone(), body.clone(), answer.clone());
        let wrote = tokio::task::spawn_blocking(move || write::write(&shared, asked, &parts, &body, &answer)).await;
        if wrote.is_err() {
            tracing::error!("a request could not be written down");
        }
    }
    returned(&shared, answer)
}

/// An answer of the tenant.
#[derive(Clone)]
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

async fn forward(shared: &Shared, parts: &Parts, body: Bytes) -> reqwest::Result<Answered> {
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let mut headers = parts.headers.clone();
    for name in OF_THE_CONNECTION {
        headers.remove(name);
    }
    let request = shared.client.request(parts.method.clone(), format!("{}{target}", shared.from));
    let answer = request.headers(headers).body(body).send().await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    Ok(Answered { status, headers, body: answer.bytes().await? })
}

/// The tenant's answer as the client gets it: as it is, its addresses leading back here.
fn returned(shared: &Shared, answer: Answered) -> Response<Body> {
    let kind = text(&answer.headers, &header::CONTENT_TYPE).to_owned();
    let body = match boundary_of(&kind) {
        Some(boundary) => batch_with_base(boundary, &answer.body, &shared.base).unwrap_or(answer.body),
        None => text_with_base(&answer.body, &shared.base).unwrap_or(answer.body),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    for name in OF_THE_CONNECTION {
        response.headers_mut().remove(name);
    }
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    if let Some(Ok(location)) = location.map(|location| HeaderValue::try_from(with_base(location, &shared.base))) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

fn text_with_base(body: &Bytes, base: &str) -> Option<Bytes> {
    std::str::from_utf8(body).ok().map(|text| Bytes::from(with_base(text, base)))
}

/// Parts of a batch say how long they are: each is changed by itself.
fn batch_with_base(boundary: &str, body: &Bytes, base: &str) -> Option<Bytes> {
    let mut parts = read_responses(boundary, body, Limits::default()).ok()?;
    for part in &mut parts {
        let responses = match part {
            Part::Single(response) => std::slice::from_mut(response),
            Part::Changeset(responses) => responses.as_mut_slice(),
        };
        for response in responses {
            if let Ok(text) = std::str::from_utf8(&response.body) {
                response.body = with_base(text, base).into_bytes();
            }
        }
    }
    Some(Bytes::from(write_responses(boundary, &parts)))
}

pub(super) fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn plain(status: StatusCode, message: &str) -> Response<Body> {
    answered(status, "text/plain;charset=utf-8", message.to_owned())
}

fn answered(status: StatusCode, kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
