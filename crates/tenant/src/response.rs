//! What a tenant answered.

use bytes::Bytes;
use jiff::Timestamp;
use joinery_model::Failure;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap};
use serde::Deserialize;

/// An answer, whole. The transport has already signed in, waited and retried: what a 4xx says is for the caller.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Bytes,
    /// Whether the request went to a place in a walk (`$skiptoken`), which the tenant may have forgotten.
    pub(crate) at_place: bool,
    /// What was asked for, without its query: `odata/v2/User`.
    pub(crate) subject: String,
}

/// The error body of an API, as far as it can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantError {
    /// The symbolic name: `COE_PROPERTY_NOT_FOUND`. Empty when the body is no error of the API (a gateway's page).
    pub code: String,
    /// The number in brackets before the text: `COE0021`. Empty when there is none.
    pub number: String,
    /// The text. It may quote a person's data: do not log it, do not put it into a [`Failure`].
    pub text: String,
}

impl Response {
    /// The response when its status is 2xx, otherwise a failure that names the cause and says what to do.
    ///
    /// # Errors
    /// [`joinery_model::Retry::Restart`] when the place of a walk is lost, otherwise [`joinery_model::Retry::No`]
    /// (what may pass was already retried).
    pub fn ok(self) -> Result<Self, Failure> {
        if self.status.is_success() {
            return Ok(self);
        }
        let error = self.error();
        if self.at_place && matches!(self.status.as_u16(), 400 | 404 | 410 | 500) {
            return Err(Failure::restart(format!(
                "{}: the tenant no longer knows this page; the walk restarts",
                self.subject
            )));
        }
        Err(Failure::refused(format!("{}: refused with HTTP {} {}", self.subject, self.status.as_u16(), error.code)))
    }

    /// What the body says when the status is not 2xx.
    pub fn error(&self) -> TenantError {
        TenantError::read(&self.bytes)
    }

    /// The tenant's own time (the `Date` header).
    pub fn date(&self) -> Option<Timestamp> {
        let text = self.headers.get(DATE)?.to_str().ok()?;
        jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
    }
}

impl TenantError {
    /// Reads a JSON error body; anything else gives an empty one.
    pub fn read(body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Outer {
            error: Inner,
        }
        #[derive(Deserialize)]
        struct Inner {
            #[serde(default)]
            code: String,
            message: Message,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Message {
            Plain(String),
            Localised { value: String },
        }
        let Ok(Outer { error }) = serde_json::from_slice::<Outer>(body) else {
            return Self::default();
        };
        let (Message::Plain(text) | Message::Localised { value: text }) = error.message;
        let number = text
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
            .map_or_else(String::new, |(number, _)| number.to_owned());
        Self { code: error.code, number, text }
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({}, {}, {} bytes)", self.subject, self.status.as_u16(), self.bytes.len())
    }
}
