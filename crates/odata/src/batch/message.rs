//! The nouns of a batch.

use std::fmt;

/// A part of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<T> {
    /// One request, or its response.
    Single(T),
    /// Writes that are done all or not at all, or their responses.
    Changeset(Vec<T>),
}

/// A request inside a batch.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `Content-ID`, by which later requests of the changeset name what this one made: `$1/manager`.
    pub content_id: Option<String>,
    /// The method, as it was written.
    pub method: String,
    /// The target: relative to the service root, from the root of the host, or absolute. May have a query string.
    pub target: String,
    /// Headers in their order, without `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A response inside a batch.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// `Content-ID` of the request.
    pub content_id: Option<String>,
    /// The status: 100 to 999.
    pub status: u16,
    /// Headers in their order, without `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most requests or responses, those inside changesets counted one by one.
    pub messages: usize,
    /// The most headers of one message, and of one part.
    pub headers: usize,
}

impl Default for Limits {
    /// 1,000 messages, 64 headers.
    fn default() -> Self {
        Self { messages: 1000, headers: 64 }
    }
}

fn header<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

impl Request {
    /// The value of a header; names are compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

impl Response {
    /// The value of a header; names are compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

// Targets and bodies name people: only their lengths are shown.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, length) = (&self.method, self.body.len());
        f.debug_struct("Request").field("method", method).field("body", &length).finish_non_exhaustive()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, length) = (&self.status, self.body.len());
        f.debug_struct("Response").field("status", status).field("body", &length).finish_non_exhaustive()
    }
}
