//! Lists of resources (RFC 7644, section 3.4.2; RFC 9865, section 2): read tolerantly, written strictly.

use serde_json::{Value as Json, json};

use crate::place::{Resource, member};
use crate::urn;

/// A page of resources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListResponse {
    /// How many there are in all, if the server says.
    pub total: Option<u64>,
    /// Where the next page begins, for servers that page by cursor (RFC 9865).
    pub next_cursor: Option<String>,
    /// The resources.
    pub resources: Vec<Resource>,
}

impl ListResponse {
    /// Reads one; `None` when it is no list.
    pub fn read(body: Json) -> Option<Self> {
        let Json::Object(mut body) = body else { return None };
        let total = member(&body, "totalResults").and_then(number);
        let next_cursor = member(&body, "nextCursor").and_then(Json::as_str).map(str::to_owned);
        let name = body.keys().find(|name| name.eq_ignore_ascii_case("Resources")).cloned();
        let resources = match name.and_then(|name| body.remove(&name)) {
            Some(Json::Array(items)) => items,
            // An empty list may leave its resources out (section 3.4.2).
            None | Some(Json::Null) if total.is_some() => Vec::new(),
            _ => return None,
        };
        let resources = resources
            .into_iter()
            .map(|item| if let Json::Object(resource) = item { Some(resource) } else { None })
            .collect::<Option<_>>()?;
        Some(Self { total, next_cursor, resources })
    }
}

/// Where a page stands, as its message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PagePlace {
    /// The index of its first resource, from 1.
    Index(usize),
    /// The cursors of the pages around it; no next one on the last page, no previous one on the first.
    Cursor {
        /// Of the page that follows.
        next: Option<String>,
        /// Of the page before.
        previous: Option<String>,
    },
}

/// A page of resources that are bytes already: they are joined, not written again. `total` may be left out when paging by
/// cursor (RFC 9865, section 2).
pub fn list_bytes<'a>(
    total: Option<usize>,
    place: &PagePlace,
    resources: impl ExactSizeIterator<Item = &'a [u8]> + Clone,
) -> Vec<u8> {
    let count = resources.len();
    let size: usize = resources.clone().map(|resource| resource.len() + 1).sum();
    let mut bytes = Vec::with_capacity(size + 320);
    bytes.extend_from_slice(format!("{{\"schemas\":[\"{}\"]", urn::LIST_RESPONSE).as_bytes());
    if let Some(total) = total {
        bytes.extend_from_slice(format!(",\"totalResults\":{total}").as_bytes());
    }
    bytes.extend_from_slice(format!(",\"itemsPerPage\":{count}").as_bytes());
    let mut text = |name: &str, value: &Json| bytes.extend_from_slice(format!(",\"{name}\":{value}").as_bytes());
    match place {
        PagePlace::Index(start) => text("startIndex", &(*start).into()),
        PagePlace::Cursor { next, previous } => {
            for (name, cursor) in [("nextCursor", next), ("previousCursor", previous)] {
                if let Some(cursor) = cursor {
                    text(name, &cursor.as_str().into());
                }
            }
        }
    }
    bytes.extend_from_slice(b",\"Resources\":[");
    for (at, resource) in resources.enumerate() {
        if at > 0 {
            bytes.push(b',');
        }
        bytes.extend_from_slice(resource);
    }
    bytes.extend_from_slice(b"]}");
    bytes
}

/// All there is, as a list of one page.
pub fn list_of(resources: &[Json]) -> Json {
    json!({
        "schemas": [urn::LIST_RESPONSE],
        "totalResults": resources.len(),
        "itemsPerPage": resources.len(),
        "startIndex": 1,
        "Resources": resources,
    })
}

fn number(value: &Json) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_may_leave_its_resources_out_and_a_web_page_is_no_list() {
        let empty = ListResponse::read(json!({"totalResults": 0})).unwrap();
        assert!(empty.resources.is_empty());
        assert_eq!(ListResponse::read(json!({"error": "x"})), None);
        assert_eq!(ListResponse::read(json!({"totalResults": "1", "Resources": [1]})), None);
    }

    /// RFC 7644, figure 3; RFC 9865, section 2.
    #[test]
    fn a_page_is_joined_of_bytes_and_reads_as_what_it_is() {
        let resources: [&[u8]; 2] = [br#"{"id":"1"}"#, br#"{"id":"2"}"#];
        let bytes = list_bytes(Some(100), &PagePlace::Index(11), resources.into_iter());
        let body: Json = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(
            body,
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 100,
                "itemsPerPage": 2, "startIndex": 11, "Resources": [{"id": "1"}, {"id": "2"}]})
        );
        let place = PagePlace::Cursor { next: Some("YkU3OF86Pz0rGv".into()), previous: Some("ze7L30kMiiLX6x".into()) };
        let body: Json = serde_json::from_slice(&list_bytes(None, &place, [].into_iter())).unwrap();
        assert_eq!(
            body,
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "itemsPerPage": 0,
                "nextCursor": "YkU3OF86Pz0rGv", "previousCursor": "ze7L30kMiiLX6x", "Resources": []})
        );
        assert_eq!(ListResponse::read(list_of(&[json!({"id": "1"})])).unwrap().total, Some(1));
    }
}
