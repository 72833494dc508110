//! What a tenant answered.

use bytes::Bytes;
use jiff::Timestamp;
use joinery_model::Failure;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap};
use serde::Deserialize;

use crate::refusal;

/// An answer, whole. The transport has already signed in, waited and retried: what a 4xx says is for the caller.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Bytes,
    /// The correlation id that the request carried.
    pub correlation_id: String,
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

/// What SAP's support asks for: the correlation id. The message before it has the status.
#[derive(Debug, thiserror::Error)]
#[error("X-SF-Correlation-Id {correlation_id}")]
pub(crate) struct Trace {
    correlation_id: String,
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
        // The first page of the walk went well with the same query; what changed is the place. How tenants say that a
        // skiptoken has expired is not documented, so every refusal but one of permission counts.
        if self.at_place && matches!(self.status.as_u16(), 400 | 404 | 410 | 500) {
            let message = format!(
                "{}: the tenant no longer knows this page; the walk starts again (HTTP {})",
                self.subject,
                self.status.as_u16()
            );
            return Err(Failure::restart(message).because(self.trace()));
        }
        Err(refusal::answer(&self))
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

    pub(crate) fn trace(&self) -> Trace {
        Trace { correlation_id: self.correlation_id.clone() }
    }

    #[cfg(test)]
    pub(crate) fn for_test(status: u16, body: &str) -> Self {
        Self {
            status: StatusCode::from_u16(status).expect("status"),
            headers: HeaderMap::new(),
            bytes: Bytes::copy_from_slice(body.as_bytes()),
            correlation_id: "c".to_owned(),
            at_place: false,
            subject: "odata/v2/User".to_owned(),
        }
    }
}

impl TenantError {
    /// Reads an error body, JSON or XML; anything else gives an empty one.
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
            #[serde(default)]
            details: Vec<Detail>,
        }
        /// Where v4 says what v2 says beside the text.
        #[derive(Deserialize)]
        struct Detail {
            #[serde(default)]
            code: String,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Message {
            Plain(String),
            Localised { value: String },
        }
        match serde_json::from_slice::<Outer>(body) {
            Ok(Outer { error }) => {
                let (Message::Plain(text) | Message::Localised { value: text }) = error.message;
                let mut read = Self::from_text(error.code, text);
                if let Some(detail) = error.details.into_iter().find(|detail| !detail.code.is_empty()) {
                    let numbered = detail.code.bytes().any(|byte| byte.is_ascii_digit());
                    let place = if numbered { &mut read.number } else { &mut read.code };
                    *place = detail.code;
                }
                read
            }
            Err(_) => Self::read_xml(body).unwrap_or_default(),
        }
    }

    /// `<error><code>…</code><message>…</message></error>`: tenants answer so before they have looked at `Accept`. The
    /// two elements hold text only, so looking for their tags is enough.
    fn read_xml(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok().filter(|text| text.contains("<error"))?;
        let inside = |tag: &str| {
            let (_, rest) = text.split_once(&format!("<{tag}"))?;
            let (_, rest) = rest.split_once('>')?;
            rest.split_once(&format!("</{tag}>")).map(|(inside, _)| inside.to_owned())
        };
        Some(Self::from_text(inside("code").unwrap_or_default(), inside("message")?))
    }

    pub(crate) fn from_text(code: String, text: String) -> Self {
        let number = text
            .trim_start()
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
            .map_or_else(String::new, |(number, _)| number.to_owned());
        Self { code, number, text }
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({}, HTTP {}, {} bytes)", self.subject, self.status.as_u16(), self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use joinery_model::Retry;

    #[test]
    fn errors_in_every_shape() {
        let expected = ("LGN0003", "LGN0003");
        for body in [
            r#"{"error":{"code":"LGN0003","message":{"lang":"en-US","value":"[LGN0003]Missing"}}}"#,
            r#"{"error":{"code":"LGN0003","message":"[LGN0003]Missing","details":[]}}"#,
            "<?xml version=\"1.0\"?><error xmlns=\"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata\">\
             <code>LGN0003</code><message lang=\"en-US\">[LGN0003]Missing</message></error>",
        ] {
            let error = TenantError::read(body.as_bytes());
            assert_eq!((error.code.as_str(), error.number.as_str()), expected, "{body}");
        }
        let v4 =
            br#"{"error":{"code":"NotFound","message":"No such record","details":[{"code":"COE0028","message":"x"}]}}"#;
        let error = TenantError::read(v4);
        assert_eq!((error.code.as_str(), error.number.as_str()), ("NotFound", "COE0028"));
        for body in ["", "<html><body>Bad gateway</body></html>", "{}", "[]", "\u{0}"] {
            assert_eq!(TenantError::read(body.as_bytes()), TenantError::default(), "{body}");
        }
    }

    #[test]
    fn a_lost_place_restarts_and_nothing_else_does() {
        let at_place = |status, at_place| {
            let response = Response { at_place, ..Response::for_test(status, "{}") };
            response.ok().expect_err("refused").retry()
        };
        for status in [400, 404, 410, 500] {
            assert_eq!(at_place(status, true), Retry::Restart, "{status}");
            assert_eq!(at_place(status, false), Retry::No, "{status}");
        }
        assert_eq!(at_place(403, true), Retry::No, "a lost permission does not come back");
    }
}
