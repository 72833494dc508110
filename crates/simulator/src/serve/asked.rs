//! One request and one answer inside the service, whoever brought them: HTTP, or a part of a `$batch`.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use joinery_odata::{Format, Query};
use serde_json::Value as Json;

use super::Wire;
use super::function::Function;
use crate::log::Sample;
use crate::schema::Set;

/// What is asked, below a service root.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The method that is meant: `POST` with `X-HTTP-Method: MERGE` is `MERGE`.
    pub(crate) method: String,
    /// The service root that the path is below: `/odata/v2`.
    pub(crate) root: &'static str,
    /// The path below the root as it came, percent-encoded, without a leading slash: `User('x')/manager`.
    pub(crate) path: String,
    /// The query string as it came, without the `?`.
    pub(crate) query: String,
    /// `Accept`.
    pub(crate) accept: Option<String>,
    /// `Content-Type`.
    pub(crate) content_type: Option<String>,
    /// `Prefer: odata.maxpagesize=100`, of v4.
    pub(crate) page_size: Option<u32>,
    /// `If-None-Match`.
    pub(crate) if_none_match: Option<String>,
    pub(crate) body: Bytes,
}

impl Asked {
    /// A request with these headers.
    pub(crate) fn new(method: &str, root: &'static str, path: &str, query: &str, headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let lines = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let accept: Vec<&str> = lines.collect();
        let meant = headers.get("x-http-method").or_else(|| headers.get("x-http-method-override"));
        let meant = meant.and_then(|value| value.to_str().ok()).filter(|_| method == "POST");
        Self {
            method: meant.unwrap_or(method).trim().to_ascii_uppercase(),
            root,
            path: path.to_owned(),
            query: query.to_owned(),
            accept: (!accept.is_empty()).then(|| accept.join(",")),
            content_type: text(header::CONTENT_TYPE).map(str::to_owned),
            page_size: headers.get("prefer").and_then(|value| value.to_str().ok()).and_then(max_page_size),
            if_none_match: text(header::IF_NONE_MATCH).map(str::to_owned),
            body: Bytes::new(),
        }
    }

    /// How the answer is wanted: JSON when `$format` or `Accept` ask for it; otherwise XML, the tenant's default.
    pub(crate) fn wire(&self) -> Wire {
        match Query::parse(&self.query).ok().and_then(|query| query.format) {
            Some(Format::Json) => return Wire::Json,
            Some(_) => return Wire::Xml,
            // An option that cannot be read must not hide the one that says how to answer.
            None if self.query.contains("format=json") => return Wire::Json,
            None => {}
        }
        let json = |accept: &str| accept.to_ascii_lowercase().contains("application/json");
        if self.accept.as_deref().is_some_and(json) { Wire::Json } else { Wire::Xml }
    }

    /// True for `GET` and `HEAD`.
    pub(crate) fn reads(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// The path below the host, as addresses in answers repeat it.
    pub(crate) fn full_path(&self) -> String {
        format!("{}/{}", self.root, self.path)
    }
}

/// The page size of a `Prefer` header; 4.01 allows it without `odata.`.
fn max_page_size(prefer: &str) -> Option<u32> {
    prefer.split([',', ';']).find_map(|one| {
        let (name, size) = one.trim().split_once('=')?;
        let known = ["odata.maxpagesize", "maxpagesize"].iter().any(|known| name.trim().eq_ignore_ascii_case(known));
        size.trim().parse().ok().filter(|_| known)
    })
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Content-Type`; empty when there is no body.
    pub(crate) kind: &'static str,
    /// Headers beside the type and the length.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) pieces: Vec<Bytes>,
    /// Rows in it, for the statistics.
    pub(crate) rows: u64,
    pub(crate) shape: Shape,
}

/// What the data of an answer is, for those who write it in another form than JSON.
#[derive(Clone, Debug, Default)]
pub(crate) enum Shape {
    /// No data, or none that has another form: texts, documents, refusals.
    #[default]
    Plain,
    /// A list of entities or one entity.
    Data,
    /// One property, by its place in the table.
    Property(Set, usize),
    /// Addresses of entities.
    Links,
    /// The names of the entity sets.
    Services,
    /// The results of an upsert, row by row.
    Upsert(Vec<Json>),
    /// What a function import gives.
    Function(&'static Function),
}

/// The content type of JSON answers.
pub(crate) const JSON: &str = "application/json;charset=utf-8";

impl Answer {
    pub(crate) fn new(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, kind, headers: Vec::new(), pieces: vec![body.into()], rows: 0, shape: Shape::Plain }
    }

    /// Status and JSON.
    pub(crate) fn json(status: u16, body: &Json) -> Self {
        Self::new(status, JSON, body.to_string())
    }

    /// A status without a body: 204.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, kind: "", headers: Vec::new(), pieces: Vec::new(), rows: 0, shape: Shape::Plain }
    }

    /// With this header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((HeaderName::from_static(name), value.into()));
        self
    }

    /// With data of this shape.
    pub(crate) fn shaped(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// The length of the body in bytes.
    pub(crate) fn length(&self) -> usize {
        self.pieces.iter().map(Bytes::len).sum()
    }

    /// As HTTP sends it.
    pub(crate) fn into_response(self) -> Response<Body> {
        let length = self.length();
        let named = self.headers.iter().find(|(name, _)| *name == header::CONTENT_TYPE);
        let kind = named.and_then(|(_, value)| value.to_str().ok()).unwrap_or(self.kind);
        let sample = Sample::of(kind, &self.pieces);
        let body = match <[Bytes; 1]>::try_from(self.pieces) {
            Ok([whole]) => Body::from(whole),
            Err(pieces) if pieces.is_empty() => Body::empty(),
            Err(pieces) => {
                let pieces = pieces.into_iter().map(Ok::<_, std::convert::Infallible>);
                Body::from_stream(futures_util::stream::iter(pieces))
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if !self.kind.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response.extensions_mut().insert(Rows(self.rows));
        response.extensions_mut().insert(sample);
        response
    }
}

/// Rows in an answer, for the statistics.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rows(pub(crate) u64);

/// Something to know about an answer, for the log.
#[derive(Clone)]
pub(crate) struct Note(pub(crate) String);

/// `userId` of whoever asked, for the log.
#[derive(Clone)]
pub(crate) struct By(pub(crate) String);
