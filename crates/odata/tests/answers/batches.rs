//! Batches as the specification's examples write them.

use joinery_odata::batch::{Limits, Part, Request, Response, read_requests, read_responses};

fn single<T>(part: &Part<T>) -> &T {
    match part {
        Part::Single(one) => one,
        Part::Changeset(_) => panic!("a single message is expected"),
    }
}

fn changes<T>(part: &Part<T>) -> &[T] {
    match part {
        Part::Single(_) => panic!("a changeset is expected"),
        Part::Changeset(all) => all,
    }
}

#[test]
fn requests() {
    let bytes = include_bytes!("../fixtures/batch-request.txt");
    let parts: Vec<Part<Request>> = read_requests("batch(4c1e-11a7)", bytes, Limits::default()).unwrap();
    assert_eq!(parts.len(), 3);
    let first = single(&parts[0]);
    assert_eq!((first.method.as_str(), first.target.as_str()), ("GET", "/odata/v2/User('maria')"));
    assert_eq!(first.header("HOST"), Some("api.example.com"));
    let [insert, link] = changes(&parts[1]) else { panic!("two changes") };
    assert_eq!((insert.content_id.as_deref(), insert.body.as_slice()), (Some("1"), b"{\"userId\":\"new\"}".as_slice()));
    assert_eq!((link.content_id.as_deref(), link.target.as_str()), (Some("2"), "$1/manager"));
    assert_eq!(link.body, b"{\"__metadata\":{\"uri\":\"User('maria')\"}}");
    assert_eq!(single(&parts[2]).target, "PerPerson?$filter=personIdExternal eq 'maria'");
}

#[test]
fn responses() {
    let bytes = include_bytes!("../fixtures/batch-response.txt");
    let parts: Vec<Part<Response>> = read_responses("batch(4c1e-11a8)", bytes, Limits::default()).unwrap();
    assert_eq!((single(&parts[0]).status, single(&parts[0]).body.as_slice()), (200, b"<entry/>".as_slice()));
    let [made, nothing] = changes(&parts[1]) else { panic!("two responses") };
    assert_eq!((made.status, made.content_id.as_deref()), (201, Some("1")));
    assert_eq!(made.header("location"), Some("https://api.example.com/odata/v2/User('new')"));
    assert_eq!((nothing.status, nothing.body.len()), (204, 0));
    assert_eq!(single(&parts[2]).status, 404);
}
