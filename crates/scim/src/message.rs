//! Messages (RFC 7644, sections 3.4.2 and 3.12): read tolerantly.

use serde_json::Value as Json;

use crate::place::{Resource, member};

/// A page of resources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListResponse {
    /// How many there are in all, if the server says.
    pub total: Option<u64>,
    /// Where the next page begins, for servers that page by cursor (RFC 9865).
    pub next_cursor: Option<String>,
    /// The resources.
    pub resources: Vec<Resource>,
}

impl ListResponse {
    /// Reads one; `None` when it is no list.
    pub fn read(body: Json) -> Option<Self> {
        let Json::Object(mut body) = body else { return None };
        let total = member(&body, "totalResults").and_then(number);
        let next_cursor = member(&body, "nextCursor").and_then(Json::as_str).map(str::to_owned);
        let name = body.keys().find(|name| name.eq_ignore_ascii_case("Resources")).cloned();
        let resources = match name.and_then(|name| body.remove(&name)) {
            Some(Json::Array(items)) => items,
            // An empty list may leave its resources out (section 3.4.2).
            None | Some(Json::Null) if total.is_some() => Vec::new(),
            _ => return None,
        };
        let resources = resources
            .into_iter()
            .map(|item| if let Json::Object(resource) = item { Some(resource) } else { None })
            .collect::<Option<_>>()?;
        Some(Self { total, next_cursor, resources })
    }
}

fn number(value: &Json) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The keyword of an error (RFC 7644, table 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

impl ScimType {
    /// The keyword's meaning, in any case of letters.
    pub fn named(name: &str) -> Option<Self> {
        const NAMES: [(&str, ScimType); 10] = [
            ("invalidFilter", ScimType::InvalidFilter),
            ("tooMany", ScimType::TooMany),
            ("uniqueness", ScimType::Uniqueness),
            ("mutability", ScimType::Mutability),
            ("invalidSyntax", ScimType::InvalidSyntax),
            ("invalidPath", ScimType::InvalidPath),
            ("noTarget", ScimType::NoTarget),
            ("invalidValue", ScimType::InvalidValue),
            ("invalidVers", ScimType::InvalidVers),
            ("sensitive", ScimType::Sensitive),
        ];
        NAMES.iter().find(|(is, _)| is.eq_ignore_ascii_case(name)).map(|(_, kind)| *kind)
    }
}

/// An error. Its detail is the server's text and may quote people's data.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_list_may_leave_its_resources_out_and_a_web_page_is_no_list() {
        let empty = ListResponse::read(json!({"totalResults": 0})).unwrap();
        assert!(empty.resources.is_empty());
        assert_eq!(ListResponse::read(json!({"error": "x"})), None);
        assert_eq!(ListResponse::read(json!({"totalResults": "1", "Resources": [1]})), None);
    }

    /// RFC 7644, section 3.12, figure 9.
    #[test]
    fn the_errors_of_the_rfc_are_read() {
        let read = ErrorMessage::read(&json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "scimType": "mutability", "detail": "Attribute 'id' is readOnly", "status": "400"}));
        assert_eq!(read.scim_type, Some(ScimType::Mutability));
        assert_eq!(ErrorMessage::read(&json!("oops")), ErrorMessage::default());
    }
}
