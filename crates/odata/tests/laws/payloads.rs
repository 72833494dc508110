//! Answers.

use joinery_odata::payload::{find_next, read_upsert_request, read_upsert_results};
use joinery_odata::{Page, Selection, ServerError, Tree, read_selected};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::arbitrary::text;

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        text().prop_map(Json::from),
    ]
}

fn object(values: impl Strategy<Value = Json> + 'static) -> impl Strategy<Value = Json> {
    vec(("[a-d]|é|\"", values), 0..4)
        .prop_map(|members| Json::Object(members.into_iter().collect::<Map<String, Json>>()))
}

/// An entity whose navigations are in one of the shapes servers write.
fn entity() -> impl Strategy<Value = Json> {
    let leaf = object(scalar());
    leaf.prop_recursive(3, 20, 3, |inner| {
        let navigation = prop_oneof![
            scalar(),
            vec(inner.clone(), 0..3).prop_map(Json::Array),
            vec(inner.clone(), 0..3).prop_map(|items| json!({"results": items})),
            inner,
            Just(json!({"__deferred": {"uri": "https://h/x"}})),
        ];
        object(navigation)
    })
}

/// What reading everything should give: lists as lists, deferred navigations left out.
fn expected(json: &Json) -> Option<Json> {
    match json {
        Json::Array(items) => Some(items.iter().filter_map(expected).collect()),
        Json::Object(members) => {
            if members.contains_key("__deferred") {
                return None;
            }
            if let Some(items @ Json::Array(_)) = members.get("results") {
                return expected(items);
            }
            let members = members.iter().filter_map(|(name, value)| Some((name.clone(), expected(value)?)));
            Some(Json::Object(members.collect()))
        }
        scalar => Some(scalar.clone()),
    }
}

fn as_json(tree: &Tree<'_>) -> Json {
    match tree {
        Tree::Null => Json::Null,
        Tree::Bool(value) => Json::from(*value),
        Tree::Int(number) => Json::from(*number),
        Tree::Double(number) => Json::from(*number),
        Tree::Text(text) => Json::from(&**text),
        Tree::List(items) => items.iter().map(as_json).collect(),
        Tree::Object(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.to_string(), as_json(value))).collect())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_page_gives_back_its_entities(
        entities in vec(entity(), 0..5),
        next in proptest::option::of(text()),
        count in proptest::option::of(any::<u64>()),
        count_first: bool,
        pretty: bool,
    ) {
        let mut d = String::new();
        let members = [
            count.map(|count| format!("\"__count\":\"{count}\"")),
            Some(format!("\"results\":{}", Json::from(entities.clone()))),
            next.as_ref().map(|next| format!("\"__next\":{}", Json::from(next.as_str()))),
        ];
        let mut members: Vec<String> = members.into_iter().flatten().collect();
        if !count_first {
            members.reverse();
        }
        d.push_str(&members.join(","));
        let mut answer = format!("{{\"d\":{{{d}}}}}");
        if pretty {
            answer = serde_json::to_string_pretty(&serde_json::from_str::<Json>(&answer).unwrap()).unwrap();
        }
        let page = Page::parse(answer.as_bytes()).unwrap();
        prop_assert_eq!(&page.next, &next);
        prop_assert_eq!(find_next(answer.as_bytes()), next);
        prop_assert_eq!(page.count, count);
        let read: Vec<Json> = page.entities.iter().map(|raw| serde_json::from_str(raw).unwrap()).collect();
        prop_assert_eq!(read, entities);
        // Cut anywhere, it is known to be cut.
        for end in (0..answer.len()).step_by(1 + answer.len() / 40) {
            prop_assert!(Page::parse(answer.as_bytes().get(..end).unwrap()).is_err());
        }
    }

    #[test]
    fn everything_reads_as_it_stands_but_in_one_shape(entity in entity()) {
        let raw = entity.to_string();
        let tree = read_selected(&raw, &Selection::everything()).unwrap();
        prop_assert_eq!(Some(as_json(&tree)), expected(&entity));
    }

    #[test]
    fn a_selection_gives_what_everything_gives_at_its_paths(entity in entity(), paths in vec("[a-d](/[a-d]){0,2}", 0..4)) {
        let raw = entity.to_string();
        let everything = read_selected(&raw, &Selection::everything()).unwrap();
        let selected = read_selected(&raw, &Selection::of(&paths)).unwrap();
        for path in &paths {
            prop_assert_eq!(selected.at(path), everything.at(path));
        }
        if let Tree::Object(members) = &selected {
            for (name, _) in members {
                prop_assert!(paths.iter().any(|path| path.split('/').next() == Some(&**name)));
            }
        }
    }

    #[test]
    fn what_others_read_is_read_the_same(text in r#"(\{|\}|\[|\]|"[a-c]":|,|"\\u00e9\\n"|"x"|-1|2\.5e1|null|true|é| ){0,16}"#) {
        if let Ok(json) = serde_json::from_str::<Json>(&text) {
            let tree = read_selected(&text, &Selection::everything()).unwrap();
            // Of a member that stands twice both are kept, and the first is found.
            let names = ["a", "b", "c"].map(|name| text.matches(&format!("\"{name}\":")).count());
            if names.iter().all(|count| *count < 2) {
                prop_assert_eq!(as_json(&tree), json);
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..64)) {
        let _ = (Page::parse(&bytes), find_next(&bytes), read_upsert_request(&bytes), read_upsert_results(&bytes));
        let _ = ServerError::read(&bytes);
    }

    #[test]
    fn no_near_miss_panics(text in r#"(\{|\}|\[|\]|"|\\|:|,|"d":|"results":|"__next":|"x"|1|null|é| |\{"d":\{|\}\}|"error":){0,24}"#) {
        let bytes = text.as_bytes();
        let _ = (Page::parse(bytes), find_next(bytes), read_upsert_request(bytes), read_upsert_results(bytes));
        let _ = (ServerError::read(bytes), read_selected(&text, &Selection::everything()));
    }
}
