//! `bulkId:qwerty` where an id should stand (RFC 7644, section 3.7.2).

use std::collections::HashMap;

use serde_json::Value as Json;

const WORD: &str = "bulkId:";

/// Every bulkId that a text refers to. A reference is the whole text, or a part of an address or a filter: it begins after a slash or
/// a quotation mark and ends at one.
pub(super) fn of_text(text: &str) -> Vec<&str> {
    places(text).map(|(start, end)| &text[start + WORD.len()..end]).collect()
}

fn places(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    let ends = ['"', '\'', '/', '?', '#'];
    text.match_indices(WORD).filter_map(move |(start, _)| {
        let begins = text[..start].chars().next_back().is_none_or(|before| matches!(before, '"' | '\'' | '/'));
        let inside = start + WORD.len();
        let end = text[inside..].find(ends).map_or(text.len(), |end| inside + end);
        (begins && end > inside).then_some((start, end))
    })
}

/// Every bulkId that a value refers to, however deep.
pub(super) fn of_value(value: &Json, found: &mut Vec<String>) {
    match value {
        Json::String(text) => found.extend(of_text(text).into_iter().map(str::to_owned)),
        Json::Array(items) => items.iter().for_each(|item| of_value(item, found)),
        Json::Object(members) => members.values().for_each(|value| of_value(value, found)),
        _ => {}
    }
}

/// The text with ids in the place of references.
pub(super) fn put_text(text: &str, ids: &HashMap<String, String>) -> String {
    let mut put = String::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in places(text) {
        if start >= done
            && let Some(id) = ids.get(&text[start + WORD.len()..end])
        {
            put.push_str(&text[done..start]);
            put.push_str(id);
            done = end;
        }
    }
    put.push_str(&text[done..]);
    put
}

/// The value with ids in the place of references.
pub(super) fn put_value(value: &mut Json, ids: &HashMap<String, String>) {
    match value {
        Json::String(text) if text.contains(WORD) => *text = put_text(text, ids),
        Json::Array(items) => items.iter_mut().for_each(|item| put_value(item, ids)),
        Json::Object(members) => members.values_mut().for_each(|value| put_value(value, ids)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_whole_in_addresses_and_in_filters() {
        assert_eq!(of_text("bulkId:qwerty"), ["qwerty"]);
        assert_eq!(of_text("/Users/bulkId:a"), ["a"]);
        assert_eq!(of_text(r#"members[value eq "bulkId:a" or value eq "bulkId:b"]"#), ["a", "b"]);
        assert!(of_text("see bulkId:a").is_empty() && of_text("bulkId:").is_empty() && of_text("").is_empty());
        let ids = HashMap::from([("a".to_owned(), "1".to_owned())]);
        assert_eq!(
            put_text(r#"[value eq "bulkId:a" or value eq "bulkId:b"]"#, &ids),
            r#"[value eq "1" or value eq "bulkId:b"]"#
        );
    }
}
