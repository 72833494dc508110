//! Batches and Atom: what is written is what is read, and nothing that is read panics.

use joinery_odata::atom::{Content, Document, Entry, Feed, Inline, Link, Value};
use joinery_odata::batch::{
    Limits, Part, Request, Response, free_boundary, read_requests, read_responses, write_requests, write_responses,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    vec(("[A-Z][a-z]{0,6}-X", "[!-~]([ -~]{0,8}[!-~])?"), 0..3)
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        "[ -~\r\n]{0,20}".prop_map(String::into_bytes),
        vec(any::<u8>(), 0..20),
        Just(b"\r\n--b_1--\r\n--changeset_0_b_1\r\n".to_vec()),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    (of("[0-9a-z]{1,3}"), "GET|POST|MERGE", "[!-~]([ -~é]{0,12}[!-~])?", headers(), body())
        .prop_map(|(content_id, method, target, headers, body)| Request { content_id, method, target, headers, body })
}

fn response() -> impl Strategy<Value = Response> {
    (of("[0-9a-z]{1,3}"), 100_u16..1000, headers(), body()).prop_map(|(content_id, status, headers, body)| Response {
        content_id,
        status,
        headers,
        body,
    })
}

fn parts<T: std::fmt::Debug + Clone + 'static>(
    one: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Vec<Part<T>>> {
    let one = one.boxed();
    let part = prop_oneof![one.clone().prop_map(Part::Single), vec(one, 0..3).prop_map(Part::Changeset)];
    vec(part, 0..4)
}

fn bodies<T>(parts: &[Part<T>], body: impl Fn(&T) -> &Vec<u8>) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for part in parts {
        match part {
            Part::Single(one) => found.push(body(one).clone()),
            Part::Changeset(all) => found.extend(all.iter().map(|one| body(one).clone())),
        }
    }
    found
}

/// What XML 1.0 can hold; the others become U+FFFD.
fn xml_text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,10}", "[<>&\"'\t\n\r é李]{0,6}"]
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-zA-Z0-9_]{0,6}"
}

fn value() -> impl Strategy<Value = Value> {
    let kind = of(prop_oneof![Just("Edm.Int64".to_owned()), Just("SFOData.X".to_owned())]);
    let leaf = (kind, prop_oneof![Just(Content::Null), xml_text().prop_map(Content::Text)])
        .prop_map(|(kind, content)| Value { kind, content });
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec((name(), inner.clone()), 1..3)
                .prop_map(|members| Value { kind: Some("SFOData.X".to_owned()), content: Content::Members(members) }),
            vec(inner, 0..3)
                .prop_map(|items| Value { kind: Some("Bag(X)".to_owned()), content: Content::Items(items) }),
        ]
    })
}

fn entry() -> impl Strategy<Value = Entry> {
    let flat = (xml_text(), xml_text(), vec((name(), value()), 0..3)).prop_map(|(id, kind, properties)| Entry {
        id,
        kind,
        updated: "2026-11-21T10:00:00Z".to_owned(),
        links: Vec::new(),
        properties,
    });
    flat.prop_recursive(2, 8, 3, |inner| {
        let link =
            (name(), xml_text(), any::<bool>(), vec(inner.clone(), 0..3)).prop_map(|(name, href, many, inside)| {
                let inline = match (many, inside.first()) {
                    (true, _) => Some(Inline::Feed(feed(inside, None, None))),
                    (false, Some(entry)) => Some(Inline::Entry(Box::new(entry.clone()))),
                    (false, None) => Some(Inline::Empty),
                };
                Link { name, href, many, inline }
            });
        (inner, vec(link, 0..3)).prop_map(|(entry, links)| Entry { links, ..entry })
    })
}

fn feed(entries: Vec<Entry>, count: Option<u64>, next: Option<String>) -> Feed {
    let updated = "2026-11-21T10:00:00Z".to_owned();
    Feed { id: "https://h/x".to_owned(), title: "x".to_owned(), updated, count, entries, next }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn batches_are_read_as_they_are_written(requests in parts(request()), responses in parts(response())) {
        let texts = bodies(&requests, |request| &request.body);
        let boundary = free_boundary("b", &texts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let written = write_requests(&boundary, &requests);
        prop_assert_eq!(read_requests(&boundary, &written, Limits::default()), Ok(requests));

        let texts = bodies(&responses, |response| &response.body);
        let boundary = free_boundary("b", &texts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let written = write_responses(&boundary, &responses);
        prop_assert_eq!(read_responses(&boundary, &written, Limits::default()), Ok(responses));
    }

    #[test]
    fn a_batch_cut_off_anywhere_is_refused(requests in parts(request()), at in any::<prop::sample::Index>()) {
        let texts = bodies(&requests, |request| &request.body);
        let boundary = free_boundary("b", &texts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let written = write_requests(&boundary, &requests);
        // The last six bytes are the end of the closing delimiter, of which CRLF may be missing.
        let cut = at.index(written.len() - 3);
        prop_assert!(read_requests(&boundary, &written[..cut], Limits::default()).is_err());
    }

    #[test]
    fn atom_is_read_as_it_is_written(entry in entry(), count in of(any::<u64>()), next in of(xml_text())) {
        let single = Document::Entry(entry.clone());
        prop_assert_eq!(Document::parse(single.to_xml("https://h/").as_bytes()), Ok(single));
        let list = Document::Feed(feed(vec![entry.clone(), entry], count, next));
        prop_assert_eq!(Document::parse(list.to_xml("https://h/").as_bytes()), Ok(list));
    }

    #[test]
    fn whatever_comes_is_judged(bytes in vec(any::<u8>(), 0..60), text in "(--b|\r\n|Content-Type: application/http|GET x HTTP/1.1|[ -~]){0,12}") {
        let _ = read_requests("b", &bytes, Limits::default());
        let _ = read_responses("b", text.as_bytes(), Limits::default());
        let _ = Document::parse(&bytes);
    }
}
