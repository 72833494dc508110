//! What is sent to a tenant.

use bytes::Bytes;
use joinery_model::Failure;
use reqwest::Method;
use reqwest::header::HeaderValue;

use crate::Response;

/// The media type of JSON.
pub const JSON: &str = "application/json";

/// A request to a tenant.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path below the API server, already percent-encoded (`odata/v2/User?…`), or the URL of a next page, whose
    /// host is replaced by the configured one.
    pub path: String,
    /// `Accept`
    pub accept: &'static str,
    /// `Content-Type` and body.
    pub body: Option<(String, Bytes)>,
    /// `If-None-Match`
    pub if_none_match: Option<HeaderValue>,
}

impl Request {
    /// A request for data.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), accept: JSON, body: None, if_none_match: None }
    }

    /// A request that brings JSON.
    pub fn json(method: Method, path: impl Into<String>, body: &serde_json::Value) -> Self {
        let bytes = Bytes::from(body.to_string());
        let body = Some((JSON.to_owned(), bytes));
        Self { method, path: path.into(), accept: JSON, body, if_none_match: None }
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The query and the body may name people.
        write!(f, "Request({} {})", self.method, self.path.split('?').next().unwrap_or_default())
    }
}

/// What became of a request that is sent at most once.
#[derive(Debug)]
pub enum Once {
    /// The tenant answered, whatever it says.
    Answered(Response),
    /// It may have arrived and been done, or not: the connection broke, or nobody answered in time. Read what it would
    /// have changed before doing anything else.
    Unknown(Failure),
}
