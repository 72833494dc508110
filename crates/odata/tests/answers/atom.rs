//! Atom as others write it.

use joinery_odata::atom::{Content, Document, Inline, Value};

#[test]
fn a_feed_with_everything_in_it() {
    let Document::Feed(feed) = Document::parse(include_bytes!("../fixtures/feed.xml")).unwrap() else {
        panic!("a feed")
    };
    assert_eq!((feed.title.as_str(), feed.count), ("User", Some(2)));
    assert_eq!(feed.next.as_deref(), Some("https://api.example.com/odata/v2/User?$skiptoken=x%3D&$top=1"));
    let [maria] = feed.entries.as_slice() else { panic!("one entry") };
    assert_eq!(maria.id, "https://api.example.com/odata/v2/User('maria')");
    assert_eq!(maria.kind, "SFOData.User");
    let [manager, reports, hr] = maria.links.as_slice() else { panic!("three links") };
    assert_eq!((manager.name.as_str(), manager.inline.as_ref()), ("manager", Some(&Inline::Empty)));
    assert_eq!((hr.name.as_str(), hr.inline.as_ref()), ("hr", None));
    let Some(Inline::Feed(inside)) = &reports.inline else { panic!("a feed inside") };
    assert_eq!(inside.entries[0].properties, [("userId".to_owned(), Value::text(None, "o'hara"))]);
    let property = |name: &str| &maria.properties.iter().find(|(known, _)| known == name).unwrap().1;
    assert_eq!(*property("totalTeamSize"), Value::text(Some("Edm.Int64"), "1"));
    assert_eq!(*property("email"), Value::null(None));
    assert_eq!(*property("nickname"), Value::text(None, ""));
    let Content::Members(address) = &property("address").content else { panic!("a complex value") };
    assert_eq!(address[0], ("city".to_owned(), Value::text(None, "Köln & Bonn")));
    let written = Document::Feed(feed);
    assert_eq!(Document::parse(written.to_xml("https://api.example.com/odata/v2/").as_bytes()), Ok(written));
}

#[test]
fn a_row_that_is_sent() {
    let Document::Entry(row) = Document::parse(include_bytes!("../fixtures/upsert.xml")).unwrap() else {
        panic!("an entry")
    };
    assert_eq!((row.id.as_str(), row.kind.as_str()), ("User('maria')", ""));
    assert_eq!(row.properties.len(), 2);
    assert_eq!((row.links[0].name.as_str(), row.links[0].href.as_str()), ("manager", "User('boss')"));
}
