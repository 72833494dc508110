//! Upsert.

use joinery_odata::payload::{EditStatus, read_upsert_request, read_upsert_results, write_upsert_results};
use joinery_odata::{EntityAddress, KeyPredicate, PayloadError, UpsertRow};
use serde_json::json;

#[test]
fn rows_that_went_well_are_known_by_status_and_code() {
    let results = read_upsert_results(include_bytes!("../fixtures/upsert-ok.json")).unwrap();
    assert!(results.iter().all(joinery_odata::UpsertResult::is_ok));
    assert_eq!(results[0].edit_status, Some(EditStatus::Updated));
    assert_eq!((results[1].index, results[1].http_code, results[1].edit_status), (1, 200, Some(EditStatus::Upserted)));
}

#[test]
fn a_failed_row_says_why() {
    let results = read_upsert_results(include_bytes!("../fixtures/upsert-mixed.json")).unwrap();
    let ok: Vec<bool> = results.iter().map(joinery_odata::UpsertResult::is_ok).collect();
    assert_eq!(ok, [false, true, true]);
    assert_eq!(results[0].reason(), Some("Cannot upsert an inactive user.."));
    assert!(results[2].reason().unwrap().starts_with("[Warning!]"));
    assert_eq!(results[2].edit_status, Some(EditStatus::Other));
    let written = write_upsert_results(&results[..2]);
    assert_eq!(read_upsert_results(written.as_bytes()).unwrap(), results[..2]);
}

#[test]
fn rows_are_read_whatever_their_address() {
    let rows = read_upsert_request(include_bytes!("../fixtures/upsert-request.json")).unwrap();
    let user = EntityAddress::entity("User", KeyPredicate::Single("o'hara".into()));
    assert_eq!(rows[0].address, user);
    assert_eq!(rows[0].type_name.as_deref(), Some("SFOData.User"));
    assert_eq!(rows[0].properties["manager"]["__metadata"]["uri"], "User('u2')");
    assert_eq!((rows[1].address.key.as_ref(), rows[1].properties.len()), (None, 3));
    assert_eq!(rows[2].address.to_string(), "User('u3')");

    for body in [json!({"__metadata": {"uri": "User"}}), json!({"d": [{"__metadata": {"uri": "User"}}]})] {
        assert_eq!(
            read_upsert_request(body.to_string().as_bytes()),
            Ok(vec![UpsertRow::new(EntityAddress::set("User"))])
        );
    }
}

#[test]
fn what_is_sent_is_what_is_read() {
    let manager = EntityAddress::entity("User", KeyPredicate::Single("50% & more".into()));
    let row = UpsertRow::new(EntityAddress::set("User"))
        .with("status", "t")
        .with("title", json!(null))
        .link("manager", &manager);
    let body = json!([row.to_json()]).to_string();
    assert!(body.starts_with(r#"[{"__metadata":{"uri":"User"},"#), "{body}");
    assert_eq!(read_upsert_request(body.as_bytes()), Ok(vec![row]));
}

#[test]
fn what_is_no_row_is_refused() {
    for body in ["[1]", "{}", r#"{"__metadata":{}}"#, r#"{"__metadata":{"uri":"('x')"}}"#] {
        assert!(matches!(read_upsert_request(body.as_bytes()), Err(PayloadError::NotOData(_))), "{body}");
    }
    assert!(matches!(read_upsert_request(b"[{"), Err(PayloadError::Truncated { .. })));
    assert!(matches!(read_upsert_results(br#"{"d":[{"index":"x"}]}"#), Err(PayloadError::NotOData(_))));
}
