//! Errors as SCIM says them (RFC 7644, section 3.12; RFC 9865, section 2.1).

use serde_json::{Value as Json, json};

use crate::place::member;
use crate::{GrammarError, urn};

/// The keyword of an error (RFC 7644, table 9; RFC 9865, table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScimType {
    /// The filter is not understood.
    InvalidFilter,
    /// Too many results.
    TooMany,
    /// A value is taken already.
    Uniqueness,
    /// The attribute cannot be changed.
    Mutability,
    /// The request is not understood.
    InvalidSyntax,
    /// The path is not understood.
    InvalidPath,
    /// The path finds nothing.
    NoTarget,
    /// A value is missing or does not fit.
    InvalidValue,
    /// The protocol's version is not served.
    InvalidVers,
    /// Personal data may not stand in the address.
    Sensitive,
    /// The cursor is not one of ours, or not for this question.
    InvalidCursor,
    /// The cursor has grown too old.
    ExpiredCursor,
    /// The count is not the one that the walk began with.
    InvalidCount,
}

impl ScimType {
    const NAMES: [(&str, Self); 13] = [
        ("invalidFilter", Self::InvalidFilter),
        ("tooMany", Self::TooMany),
        ("uniqueness", Self::Uniqueness),
        ("mutability", Self::Mutability),
        ("invalidSyntax", Self::InvalidSyntax),
        ("invalidPath", Self::InvalidPath),
        ("noTarget", Self::NoTarget),
        ("invalidValue", Self::InvalidValue),
        ("invalidVers", Self::InvalidVers),
        ("sensitive", Self::Sensitive),
        ("invalidCursor", Self::InvalidCursor),
        ("expiredCursor", Self::ExpiredCursor),
        ("invalidCount", Self::InvalidCount),
    ];

    /// The keyword's meaning, in any case of letters.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(is, _)| is.eq_ignore_ascii_case(name)).map(|(_, kind)| *kind)
    }

    /// The keyword.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("invalidSyntax", |(name, _)| name)
    }
}

/// An error that somebody's server sent. Its detail is the server's text and may quote people's data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorMessage {
    /// The keyword, if it is one of the RFC's.
    pub scim_type: Option<ScimType>,
    /// The server's text.
    pub detail: Option<String>,
}

impl ErrorMessage {
    /// Reads whatever an error body says; servers differ, so nothing is required.
    pub fn read(body: &Json) -> Self {
        let Some(body) = body.as_object() else { return Self::default() };
        let text = |name: &str| member(body, name).and_then(Json::as_str).filter(|text| !text.is_empty());
        let detail = text("detail").or_else(|| text("message")).or_else(|| text("error_description"));
        Self { scim_type: text("scimType").and_then(ScimType::named), detail: detail.map(str::to_owned) }
    }
}

/// An error that our server answers with. Its detail names attributes and operations, and never quotes a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    /// The keyword.
    pub scim_type: Option<ScimType>,
    /// What is wrong and what to do.
    pub detail: String,
}

impl ScimError {
    /// An error of that status without a keyword.
    pub fn status(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// A bad request: 400, or 409 for a value that is taken (RFC 7644, section 3.3).
    pub fn new(scim_type: ScimType, detail: impl Into<String>) -> Self {
        let status = if scim_type == ScimType::Uniqueness { 409 } else { 400 };
        Self { status, scim_type: Some(scim_type), detail: detail.into() }
    }

    /// A filter that cannot be judged.
    pub(crate) fn filter(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidFilter, detail)
    }

    /// A value that does not fit.
    pub(crate) fn value(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidValue, detail)
    }

    /// A request that is not understood.
    pub(crate) fn syntax(detail: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidSyntax, detail)
    }

    /// A filter whose text is none.
    pub fn bad_filter(error: &GrammarError) -> Self {
        Self::filter(format!("The filter cannot be read: {error}."))
    }

    /// A path whose text is none.
    pub fn bad_path(error: &GrammarError) -> Self {
        Self::new(ScimType::InvalidPath, format!("The path cannot be read: {error}."))
    }

    /// The message. The status is text (section 3.12).
    pub fn body(&self) -> Json {
        let mut body = json!({"schemas": [urn::ERROR], "status": self.status.to_string(), "detail": self.detail});
        if let Some(kind) = self.scim_type {
            body["scimType"] = kind.name().into();
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7644, section 3.12, figure 9.
    #[test]
    fn the_errors_of_the_rfc_are_read_and_written() {
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "scimType": "mutability", "detail": "Attribute 'id' is readOnly", "status": "400"});
        assert_eq!(ErrorMessage::read(&body).scim_type, Some(ScimType::Mutability));
        assert_eq!(ErrorMessage::read(&json!("oops")), ErrorMessage::default());
        assert_eq!(ScimError::new(ScimType::Mutability, "Attribute 'id' is readOnly").body(), body);
        let gone = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404",
            "detail": "Resource 2819c223-7f76-453a-919d-413861904646 not found"});
        assert_eq!(ScimError::status(404, "Resource 2819c223-7f76-453a-919d-413861904646 not found").body(), gone);
        assert_eq!(ScimError::new(ScimType::Uniqueness, "taken").status, 409);
    }

    #[test]
    fn every_keyword_has_its_name() {
        for (name, kind) in ScimType::NAMES {
            assert_eq!((kind.name(), ScimType::named(&name.to_uppercase())), (name, Some(kind)));
        }
    }
}
