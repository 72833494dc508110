//! Lists and entities.

use jiff::civil::date;
use joinery_odata::payload::find_next;
use joinery_odata::{Edm, EntityAddress, Literal, Page, PayloadError, Selection, Tree, read_selected};

const PERSONS: &[u8] = include_bytes!("../fixtures/persons.json");

fn at<'t>(tree: &'t Tree<'_>, path: &str) -> &'t str {
    tree.at(path).and_then(Tree::as_text).unwrap()
}

#[test]
fn a_list_is_cut_into_entities() {
    let page = Page::parse(PERSONS).unwrap();
    assert_eq!((page.entities.len(), page.count, page.is_list), (2, Some(1542), true));
    let next = "https://api.example.com:443/odata/v2/PerPerson?$expand=emailNav\
                &$skiptoken=eyJzdGFydFJvdyI6MTAwMCwiZW5kUm93IjoyMDAwfQ==";
    assert_eq!(page.next.as_deref(), Some(next));
    assert_eq!(find_next(PERSONS).as_deref(), Some(next));
}

#[test]
fn a_person_is_read_as_far_as_wanted() {
    let page = Page::parse(PERSONS).unwrap();
    let selection = Selection::of([
        "personIdExternal",
        "personId",
        "emailNav/emailAddress",
        "employmentNav/startDate",
        "employmentNav/userNav/status",
        "employmentNav/jobInfoNav",
        "userAccountNav/username",
        "personEmpTerminationInfoNav/latestTerminationDate",
    ]);
    let person = read_selected(page.entities[0], &selection).unwrap();
    assert_eq!(at(&person, "personIdExternal"), "P-1");
    assert_eq!(Literal::from_json(Edm::Int64, person.get("personId").unwrap()), Ok(Literal::Int64(467)));
    assert!(person.get("dateOfBirth").is_none(), "not wanted");
    assert!(person.get("userAccountNav").is_none(), "deferred");
    assert_eq!(person.at("personEmpTerminationInfoNav/latestTerminationDate"), Some(&Tree::Null));
    assert_eq!(at(&person.get("emailNav").unwrap().items()[0], "emailAddress"), "zoë@example.com");
    let employment = &person.get("employmentNav").unwrap().items()[0];
    assert_eq!(employment.get("userNav"), Some(&Tree::Null), "expanded, without a target");
    let start = Literal::from_json(Edm::DateTime, employment.get("startDate").unwrap());
    assert_eq!(start, Ok(Literal::date(date(2017, 1, 1))));
    let job = &employment.get("jobInfoNav").unwrap().items()[0];
    let end = Literal::from_json(Edm::DateTime, job.get("endDate").unwrap());
    assert_eq!(end, Ok(Literal::date(date(9999, 12, 31))));
    assert_eq!(job.get("standardHours").and_then(Tree::as_text), Some("40.00"));

    let other = read_selected(page.entities[1], &selection).unwrap();
    assert_eq!(other.get("personEmpTerminationInfoNav"), Some(&Tree::Null));
    assert_eq!(other.get("emailNav").map(Tree::items), Some(&[][..]));
}

#[test]
fn the_address_of_an_entity_can_be_wanted_too() {
    let page = Page::parse(PERSONS).unwrap();
    let selection = Selection::of(["__metadata/uri", "employmentNav/jobInfoNav/__metadata/uri"]);
    let person = read_selected(page.entities[0], &selection).unwrap();
    assert_eq!(EntityAddress::parse(at(&person, "__metadata/uri")).unwrap().to_string(), "PerPerson('P-1')");
    let job = &person.get("employmentNav").unwrap().items()[0].get("jobInfoNav").unwrap().items()[0];
    assert_eq!(EntityAddress::parse(at(job, "__metadata/uri")).unwrap().set, "EmpJob");
}

#[test]
fn expansions_nest() {
    let page = Page::parse(include_bytes!("../fixtures/picklist.json")).unwrap();
    let picklist = read_selected(page.entities[0], &Selection::everything()).unwrap();
    let option = &picklist.get("picklistOptions").unwrap().items()[0];
    assert_eq!(at(&option.get("picklistLabels").unwrap().items()[0], "label"), "Band \"one\"");
    assert!(option.get("parentPicklistOption").is_none() && option.get("__metadata").is_none());
    for (name, value) in [("minValue", 0.0), ("maxValue", 2.5)] {
        assert_eq!(Literal::from_json(Edm::Double, option.get(name).unwrap()), Ok(Literal::Double(value)));
    }
}

#[test]
fn a_selected_list_has_raw_blanks_in_its_addresses() {
    let page = Page::parse(include_bytes!("../fixtures/divisions.json")).unwrap();
    let division = read_selected(page.entities[0], &Selection::of(["__metadata/uri", "startDate"])).unwrap();
    let key = EntityAddress::parse(at(&division, "__metadata/uri")).unwrap().key.unwrap();
    let values = key.values(&["externalCode", "startDate"]).unwrap();
    assert_eq!(values[0].as_text(), Some("OPS   "));
    assert_eq!(Literal::from_json(Edm::DateTime, division.get("startDate").unwrap()).as_ref(), Ok(values[1]));
}

#[test]
fn one_entity_no_entity_and_an_array() {
    let page = Page::parse(include_bytes!("../fixtures/user.json")).unwrap();
    assert_eq!((page.entities.len(), page.is_list, page.next), (1, false, None));
    let user = read_selected(page.entities[0], &Selection::everything()).unwrap();
    assert_eq!((at(&user, "userId"), at(&user, "totalTeamSize")), ("u1", "0"));

    let page = Page::parse(include_bytes!("../fixtures/function.json")).unwrap();
    assert_eq!((page.entities.len(), page.is_list), (2, true));
    assert_eq!(Page::parse(b"{\"d\":null}"), Ok(Page::default()));
    assert_eq!(Page::parse(b" { \"d\" : { \"results\" : [ ] } } ").unwrap().entities.len(), 0);
}

#[test]
fn an_expansion_that_was_cut_is_an_error_not_a_loss() {
    let raw = r#"{"emailNav":{"results":[{"a":1}],"__next":"https://h/next"}}"#;
    let error = read_selected(raw, &Selection::of(["emailNav/a"])).unwrap_err();
    assert_eq!(error, PayloadError::PartialExpansion { navigation: "emailNav".into() });
    assert!(read_selected(raw, &Selection::of(["b"])).is_ok(), "nobody wants it");
}

#[test]
fn a_cut_answer_is_told_from_a_wrong_one() {
    let cut = PERSONS.get(..PERSONS.len() / 2).unwrap();
    assert_eq!(Page::parse(cut), Err(PayloadError::Truncated { length: cut.len() }));
    assert_eq!(Page::parse("{\"d\":\"é".as_bytes().get(..7).unwrap()), Err(PayloadError::Truncated { length: 7 }));
    assert_eq!(Page::parse(b""), Err(PayloadError::Truncated { length: 0 }));
    assert_eq!(Page::parse(b"{\"d\":{\"a\":\xff}}"), Err(PayloadError::Encoding));
    assert!(matches!(Page::parse(b"<html>"), Err(PayloadError::Json { position: 0, .. })));
    assert!(matches!(Page::parse(b"{\"d\":{}} x"), Err(PayloadError::Json { position: 9, .. })));
    assert!(matches!(Page::parse(b"{\"error\":{}}"), Err(PayloadError::NotOData(_))));
    assert_eq!(
        read_selected("{\n\"a\": tru }", &Selection::everything()),
        Err(PayloadError::Json { position: 7, expected: "a value" })
    );
}

#[test]
fn escapes_are_undone() {
    let raw =
        r#"{"\u0061":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é","cut":"\ud83d","low":"\ude00x","pair":"\ud83d\u0041"}"#;
    let tree = read_selected(raw, &Selection::everything()).unwrap();
    assert_eq!(at(&tree, "a"), "\"\\/\u{8}\u{c}\n\r\té😀é");
    // A server that cuts text by UTF-16 units leaves half a pair; the person is still there.
    assert_eq!((at(&tree, "cut"), at(&tree, "low"), at(&tree, "pair")), ("\u{fffd}", "\u{fffd}x", "\u{fffd}A"));
    for bad in [r#""\x""#, r#""\u12""#, r#""\u+123""#, r#""\ué123""#] {
        assert!(matches!(read_selected(bad, &Selection::new()), Err(PayloadError::Json { position: 0, .. })), "{bad}");
    }
}

#[test]
fn numbers_are_read_as_they_are() {
    for (raw, tree) in [
        ("-12", Tree::Int(-12)),
        ("9223372036854775807", Tree::Int(i64::MAX)),
        ("1.50", Tree::Double(1.5)),
        ("-1E+2", Tree::Double(-100.0)),
        ("18446744073709551615", Tree::Double(u64::MAX as f64)),
    ] {
        assert_eq!(read_selected(raw, &Selection::new()), Ok(tree));
    }
    for bad in ["1e999", "inf", "+1", "NaN", "-", "1-2", "", "-inf"] {
        assert!(read_selected(bad, &Selection::new()).is_err(), "{bad}");
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = format!("{{\"d\":[{deep}]}}");
    let page = Page::parse(answer.as_bytes()).unwrap();
    assert!(matches!(read_selected(page.entities[0], &Selection::everything()), Err(PayloadError::Json { .. })));
    let unwanted = format!("{{\"a\":{deep}}}");
    assert_eq!(read_selected(&unwanted, &Selection::of(["b"])), Ok(Tree::Object(Vec::new())));
}

#[test]
fn the_next_page_is_found_only_where_it_belongs() {
    for (answer, next) in [
        (r#"{"d":{"results":[],"__next":"a\\\"b"}}"#, Some("a\\\"b")),
        (r#"{"d":{"results":[{"x":"\",\"__next\":\"no"}],"__next":"yes"}}"#, Some("yes")),
        (r#"{"d":{"results":[{"nav":{"results":[],"__next":"no"}}]}}"#, None),
        (r#"{"d":{"results":[],"__next":"yes","__count":"5"}}"#, Some("yes")),
        (r#"{"d":{"__count":"5","__next":"yes","results":[]}}"#, Some("yes")),
        (r#"{"d":{"results":[{"a":"\"__next\":\"no\""}]}}"#, None),
        (r#"{"d":{"results":[],"__next":null}}"#, None),
        (r#"{"d":[{"__next":"no"}]}"#, None),
    ] {
        assert_eq!(find_next(answer.as_bytes()).as_deref(), next, "{answer}");
        assert_eq!(Page::parse(answer.as_bytes()).unwrap().next.as_deref(), next, "{answer}");
    }
}
