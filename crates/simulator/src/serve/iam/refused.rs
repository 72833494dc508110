//! Errors as RFC 7644, section 3.12 has them.

use serde_json::json;

use super::SCIM;
use crate::serve::Refusal;
use crate::serve::asked::{Answer, Asked};

/// An error answer.
#[derive(Debug)]
pub(super) struct Refused {
    status: u16,
    scim_type: Option<&'static str>,
    detail: String,
}

impl Refused {
    pub(super) fn new(status: u16, scim_type: Option<&'static str>, detail: impl Into<String>) -> Self {
        Self { status, scim_type, detail: detail.into() }
    }

    pub(super) fn unknown(what: &str, id: &str) -> Self {
        Self::new(404, None, format!("{what} {id} does not exist."))
    }

    pub(super) fn value(detail: impl Into<String>) -> Self {
        Self::new(400, Some("invalidValue"), detail)
    }

    pub(super) fn answer(self) -> Answer {
        let mut body = json!({
            "schemas": [joinery_scim::urn::ERROR],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let Some(kind) = self.scim_type {
            body["scimType"] = kind.into();
        }
        Answer::new(self.status, SCIM, body.to_string())
    }
}

impl Refused {
    /// As the REST APIs word errors.
    pub(super) fn plain(self) -> Answer {
        let code = match self.status {
            404 => "NotFound",
            401 | 403 => "Forbidden",
            405 => "MethodNotAllowed",
            _ => "BadRequest",
        };
        Answer::json(self.status, &json!({"error": {"code": code, "message": self.detail, "details": []}}))
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.status, None, refusal.message)
    }
}

/// A refusal at the door, worded as SCIM words errors.
pub(crate) fn refuse(refusal: Refusal, _asked: &Asked) -> Answer {
    Refused::from(refusal).answer()
}
