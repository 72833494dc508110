//! Error bodies. The texts are SAP's; what is between brackets in them was chosen here.

use joinery_odata::ServerError;
use joinery_odata::payload::ErrorShape;

fn read(body: &str) -> (String, Option<String>, String, ErrorShape) {
    let error = ServerError::read(body.as_bytes());
    (error.code, error.number, error.message, error.shape)
}

#[test]
fn every_shape_gives_code_number_and_text() {
    let odata = |code: &str, number: &str, text: &str| {
        (code.to_owned(), Some(number.to_owned()), text.to_owned(), ErrorShape::OData)
    };
    // KBA 2569829.
    assert_eq!(
        read(
            r#"{"error":{"code":"COE_BAD_PROPERTY_EXPRESSION","message":{"lang":"en-US","value":"[COE0003]Bad property expression: email; email is not filterable"}}}"#
        ),
        odata("COE_BAD_PROPERTY_EXPRESSION", "COE0003", "Bad property expression: email; email is not filterable")
    );
    // KBA 2524436: the number is the code.
    assert_eq!(
        read(
            r#"{"error":{"code":"LGN0022","message":{"lang":"en-US","value":"[LGN0022]The access token has expired."}}}"#
        ),
        odata("LGN0022", "LGN0022", "The access token has expired.")
    );
    // OData v4 and REST services of SAP: the message is plain text.
    assert_eq!(
        read(r#"{"error":{"code":"NotFound","message":"Record for entity TimeProfile does not exist.","details":[]}}"#),
        ("NotFound".into(), None, "Record for entity TimeProfile does not exist.".into(), ErrorShape::OData)
    );
    // KBA 2668018: /oauth/token.
    assert_eq!(
        read(
            r#"{"errorHttpCode":"401","errorMessage":"Unable to authenticate the client (Login failed - invalid user)"}"#
        ),
        (
            "401".into(),
            None,
            "Unable to authenticate the client (Login failed - invalid user)".into(),
            ErrorShape::OAuth
        )
    );
    // RFC 6749, 5.2.
    assert_eq!(
        read(r#"{"error":"invalid_grant","error_description":"Bad assertion"}"#),
        ("invalid_grant".into(), None, "Bad assertion".into(), ErrorShape::OAuth)
    );
    // OData v2, "Error Condition Responses", with the text of KBA 2161058.
    assert_eq!(
        read(
            "<?xml version='1.0'?>\n<error xmlns=\"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata\"><code>LGN0015</code><message lang=\"en-US\">[LGN0015]Authentication failed.</message></error>"
        ),
        ("LGN0015".into(), Some("LGN0015".into()), "Authentication failed.".into(), ErrorShape::Xml)
    );
}

#[test]
fn what_is_no_api_answer_is_recognised() {
    assert_eq!(
        read("<!DOCTYPE html><HTML><head><TITLE lang='en'> Maintenance </TITLE></head></HTML>"),
        (String::new(), None, "Maintenance".into(), ErrorShape::Html)
    );
    assert_eq!(read("<html><title>İ</title>").3, ErrorShape::Html);
    assert_eq!(read(" \n").3, ErrorShape::Empty);
    assert_eq!(read("upstream connect error").3, ErrorShape::Unknown);
    assert_eq!(read("{\"a\":1}").3, ErrorShape::Unknown);
    assert_eq!(ServerError::read(&[0xff; 100]).shape, ErrorShape::Unknown);
    assert_eq!(read(&format!("<error>{}", "<a>".repeat(100_000))).3, ErrorShape::Html);
}

#[test]
fn the_properties_that_are_wrong_are_named() {
    // Wording: SAP-docs/btp-cloud-identity-services, error messages.
    let text =
        "[COE0021]Invalid property names: User/fooNav, EmpJob/bar. Please check the property name in Admin Center.";
    let body =
        format!(r#"{{"error":{{"code":"COE_PROPERTY_NOT_FOUND","message":{{"lang":"en-US","value":"{text}"}}}}}}"#);
    assert_eq!(ServerError::read(body.as_bytes()).invalid_properties(), ["User/fooNav", "EmpJob/bar"]);
    let short = ServerError::new("COE_PROPERTY_NOT_FOUND", Some("COE0021"), "Invalid property names: User/foo.");
    assert_eq!(short.invalid_properties(), ["User/foo"]);
}

#[test]
fn what_is_written_is_what_is_read() {
    let error = ServerError::new("COE_GENERAL_FORBIDDEN", Some("COE0020"), "No <access> & \"more\"");
    let json = ServerError::read(error.to_json().to_string().as_bytes());
    assert_eq!((&json.code, &json.number, &json.message), (&error.code, &error.number, &error.message));
    let xml = ServerError::read(error.to_xml().as_bytes());
    assert_eq!((&xml.code, &xml.number, &xml.message), (&error.code, &error.number, &error.message));
    assert_eq!(xml.shape, ErrorShape::Xml);
}

#[test]
fn what_the_server_wrote_of_a_person_is_not_shown_by_itself() {
    let body = r#"{"error":{"code":"COE_GENERAL_FORBIDDEN","message":{"value":"[COE0020]User [jane] may not"}}}"#;
    let error = ServerError::read(body.as_bytes());
    assert_eq!(error.to_string(), "COE_GENERAL_FORBIDDEN (COE0020)");
    assert!(!format!("{error:?}").contains("jane"));
    assert!(error.message.contains("jane"));
}
