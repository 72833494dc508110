//! Other refusals: of an entity, a property, a page.

use joinery_model::Failure;

use super::shown::{masked, word};
use crate::Response;

/// The failure that any other refusal is.
pub(crate) fn answer(response: &Response) -> Failure {
    let error = response.error();
    let subject = &response.subject;
    let key = if error.number.is_empty() { error.code.as_str() } else { error.number.as_str() };
    let (advice, show) = match (key, response.status.as_u16()) {
        ("COE0003" | "COE_BAD_PROPERTY_EXPRESSION", _) => {
            ("the tenant cannot filter by a property that was asked for", true)
        }
        ("COE0021" | "COE_PROPERTY_NOT_FOUND", _) => (
            "the tenant knows no such property, or the API user may not read it: compare the OData API Data Dictionary in \
             Admin Center, refresh its metadata cache there, and check field permissions",
            true,
        ),
        _ if super::is_csrf(response) => (
            "the tenant refuses the token of the session that it has just begun (X-CSRF-Token); a proxy on the way may drop \
             cookies or headers",
            false,
        ),
        ("COE0020" | "COE_GENERAL_FORBIDDEN", _) | (_, 403) => (
            "the API user may not read this; grant the permission in Manage Permission Roles (`joinery doctor` names it)",
            false,
        ),
        ("COE_ENTITY_NOT_FOUND" | "NotFoundException", _) => (
            "the tenant does not offer this entity; look in Admin Center, OData API Data Dictionary, whether it is enabled",
            true,
        ),
        ("COE0028" | "COE_RECORD_NOT_FOUND", _) => ("no such record, or the API user may not see it", false),
        ("COE0046" | "COE_EXPAND_DEPTH_EXCEED_THRESHOLD", _) => {
            ("the mapping reaches through too many navigations", true)
        }
        ("COE0052", _) => ("a page expands to more than 300,000 records; lower page_size", false),
        ("NotCapturedException", _) => (
            "the capture that is replayed holds no answer to this; the simulator's console names the nearest ones",
            false,
        ),
        (_, 404) => ("not found; check api_server", false),
        (_, 300..400) => ("the host redirects elsewhere: api_server is not the API server", false),
        (_, 413 | 414) => ("the request is too long; map fewer fields", false),
        _ => ("the tenant refuses the request", false),
    };
    let mut message = format!("{subject}: {advice} (HTTP {}", response.status.as_u16());
    if !key.is_empty() {
        message.push(' ');
        message.push_str(&word(key));
    }
    if show {
        message.push_str(": ");
        message.push_str(&masked(&error.text));
    }
    message.push(')');
    Failure::refused(message).because(response.trace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response {
        Response::for_test(status, body)
    }

    #[test]
    fn answers_name_the_property_but_no_person() {
        let unknown = r#"{"error":{"code":"COE_PROPERTY_NOT_FOUND","message":{"lang":"en-US","value":"[COE0021]Invalid property names: User/foo. "}}}"#;
        let message = answer(&response(400, unknown)).message;
        assert!(message.starts_with("odata/v2/User: ") && message.contains("User/foo"), "{message}");
        let replayed =
            r#"{"error":{"code":"NotCapturedException","message":{"value":"PerPerson('7') was not captured"}}}"#;
        let message = answer(&response(404, replayed)).message;
        assert!(message.contains("capture") && !message.contains("api_server"), "{message}");
        let personal = r#"{"error":{"code":"COE_BAD_PROPERTY_EXPRESSION","message":{"value":"[COE0003]Bad expression: email eq 'anna@acme.example' or bob@acme.example or 1234567"}}}"#;
        let message = answer(&response(400, personal)).message;
        assert!(!message.contains("acme.example") && !message.contains("1234567"), "{message}");
        let value = r#"{"error":{"code":"COE_GENERAL_SERVER_FAILURE","message":{"value":"[COE0019]Invalid property value Anna"}}}"#;
        assert!(!answer(&response(500, value)).message.contains("Anna"));
    }
}
