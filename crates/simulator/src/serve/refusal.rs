//! Errors as a tenant words them: a symbolic code, and a number in brackets at the start of the text.

use serde_json::json;

use super::asked::{Answer, JSON};
use crate::oauth::AccessError;
use crate::schema::Set;
use crate::settings::Settings;

/// How the client wants to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Json,
    Xml,
}

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// COE0021: names that do not exist, or that the API user may not see. SAP's wording.
    pub(crate) fn unknown_properties(names: &[String]) -> Self {
        let message = format!(
            "[COE0021]Invalid property names: {}. Please check the property name in Admin Center > OData API Data \
             Dictionary or entity metadata. Ensure there were no data model changes that removed this field, and \
             please execute a refresh metadata to ensure the cache is not corrupted.",
            names.join(",")
        );
        Self::new(400, "COE_PROPERTY_NOT_FOUND", message)
    }

    /// COE0003 (KBA 2569829).
    pub(crate) fn bad_expression(what: &str, why: &str) -> Self {
        Self::new(400, "COE_BAD_PROPERTY_EXPRESSION", format!("[COE0003]Bad property expression: {what}; {why}"))
    }

    /// COE0018.
    pub(crate) fn bad_request(why: &str) -> Self {
        Self::new(400, "COE_GENERAL_BAD_REQUEST", format!("[COE0018]{why}"))
    }

    /// COE0028: also for a row that the API user may not see.
    pub(crate) fn no_record(set: Set) -> Self {
        let name = set.table().name;
        let message =
            format!("[COE0028]Record for entity {name} with specific key does not exist. Please check the key value.");
        Self::new(404, "COE_RECORD_NOT_FOUND", message)
    }

    /// An entity set that does not exist or is not switched on.
    pub(crate) fn no_entity() -> Self {
        let message = "Requested entity is not found. Please check the entity in Admin Center > OData API Data \
                       Dictionary or contact your system administrator.";
        Self::new(404, "NotFoundException", message)
    }

    /// A method that the resource does not take.
    pub(crate) fn no_method(method: &str) -> Self {
        let message = format!("HTTP method '{method}' is not allowed for this resource.");
        Self::new(405, "MethodNotAllowedException", message)
    }

    /// COE0025.
    pub(crate) fn unsupported(feature: &str) -> Self {
        Self::new(400, "COE_UNSUPPORTED_FEATURE", format!("[COE0025]Unsupported feature: {feature}"))
    }

    /// COE0046 (KBA 3741424).
    pub(crate) fn too_deep(set: Set, depth: usize, limit: usize) -> Self {
        let name = set.table().name;
        let message = format!("[COE0046] Expand depth {depth} of {name} exceeds the limit {limit}.");
        Self::new(400, "COE_EXPAND_DEPTH_EXCEED_THRESHOLD", message)
    }

    /// COE0052 (KBA 2819037).
    pub(crate) fn too_much(limit: usize) -> Self {
        let message = format!("[COE0052]Expand limit of {limit} records was exceeded.");
        Self::new(400, "COE_GENERAL_BAD_REQUEST", message)
    }

    /// The login errors of KBA 2524436; the statuses that are seen today.
    pub(crate) fn access(error: &AccessError, settings: &Settings) -> Self {
        const WRONG: &str = "Authentication failed. You have entered an incorrect username or password";
        let (status, code, text) = match error {
            AccessError::Unpermitted => return Self::no_api_permission(),
            AccessError::Missing => (
                401,
                "LGN0003",
                "Authentication information is missing. Please use OAuth 2.0 to authenticate the user.".to_owned(),
            ),
            AccessError::NotHere => {
                (403, "LGN0004", "Authentication is denied: this host does not serve the API.".to_owned())
            }
            AccessError::Unmapped => (
                403,
                "LGN0004",
                "Authentication is denied: the certificate is not mapped to an active user.".to_owned(),
            ),
            AccessError::NoToken => (401, "LGN0005", "The format of the OAuth token is invalid.".to_owned()),
            AccessError::Company(given) => (
                403,
                "LGN0008",
                format!("Company [{given}] not found. Please check the company id, it is case-sensitive."),
            ),
            AccessError::NotEnabled => {
                (403, "LGN0009", format!("The OData API is not enabled for company {}.", settings.company_id))
            }
            AccessError::Unknown => (401, "LGN0007", "The access token is invalid.".to_owned()),
            AccessError::BasicOff => (
                403,
                "LGN0010",
                format!("Basic authentication for ODATA API is disabled for company {}", settings.company_id),
            ),
            AccessError::Wrong => (401, "LGN0015", format!("{WRONG} (status code = 4).")),
            AccessError::Address => (401, "LGN0015", format!("{WRONG} (status code = 8).")),
            AccessError::Locked => (401, "LGN0015", format!("{WRONG} (status code = 13).")),
            AccessError::PasswordExpired => (401, "LGN0018", "The password has expired (status code=19).".to_owned()),
            AccessError::Expired if settings.switches.expired_tokens_are_internal => {
                (settings.switches.expired_token_status, "LGN0006", "Token has been expired.".to_owned())
            }
            AccessError::Expired => {
                (settings.switches.expired_token_status, "LGN0022", "The access token has expired.".to_owned())
            }
        };
        Self::new(status, code, format!("[{code}]{text}"))
    }

    /// LGN0001: an endpoint that is none.
    pub(crate) fn no_endpoint() -> Self {
        Self::new(404, "LGN0001", "[LGN0001]The category is denied: there is no such endpoint.")
    }

    /// LGN0002: the API user has lost the permission to call OData at all.
    pub(crate) fn no_api_permission() -> Self {
        let message = "[LGN0002]The user does not have the permission to access the OData API.";
        Self::new(403, "LGN0002", message)
    }

    /// The answer in the form the client wants.
    pub(crate) fn answer(self, wire: Wire) -> Answer {
        match wire {
            Wire::Json => {
                let body = json!({"error": {"code": self.code, "message": {"lang": "en-US", "value": self.message}}});
                Answer::new(self.status, JSON, body.to_string())
            }
            Wire::Xml => {
                let body = format!(
                    "<?xml version=\"1.0\" encoding=\"utf-8\"?><error xmlns=\"http://schemas.microsoft.com/ado/2007/08/\
                     dataservices/metadata\"><code>{}</code><message lang=\"en-US\">{}</message></error>",
                    self.code,
                    escape(&self.message)
                );
                Answer::new(self.status, "application/xml;charset=utf-8", body)
            }
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
