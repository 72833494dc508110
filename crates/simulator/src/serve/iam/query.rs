//! What a request for SCIM resources asks for, in the address or in the body of a search.

use joinery_scim::Filter;
use serde_json::Value as Json;

use super::refused::Refused;
use crate::oauth::parameters;

/// Resources of one answer, by default and at the most.
const PAGE: usize = 100;

/// What is asked.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) filter: Option<Filter>,
    /// From 1.
    pub(super) start_index: usize,
    pub(super) count: usize,
    /// `startId`: `initial`, or the id that the last answer named.
    pub(super) start_id: Option<String>,
    pub(super) attributes: Vec<String>,
    pub(super) excluded: Vec<String>,
    /// `attributes=members[startId=…&count=…]`
    pub(super) members: Option<Window>,
}

/// A part of a group's members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start_id: Option<String>,
    pub(super) count: Option<usize>,
}

impl Options {
    pub(super) fn of_query(query: &str) -> Result<Self, Refused> {
        let mut given = Vec::new();
        for pair in pairs(query) {
            // One pair at a time: an ampersand within brackets belongs to the value.
            let guarded = pair.replace('&', "%26");
            given.extend(parameters(&guarded));
        }
        let text =
            |name: &str| given.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let list = |name: &str| text(name).map(|value| names(value)).unwrap_or_default();
        let number =
            |name: &str| text(name).map(|value| value.trim().parse::<i64>().map_err(|_| bad(name))).transpose();
        Self::new(
            text("filter").map(String::as_str),
            (number("startIndex")?, number("count")?),
            text("startId").cloned(),
            list("attributes"),
            list("excludedAttributes"),
        )
    }

    /// Of the body of `.search` (RFC 7644, section 3.4.3).
    pub(super) fn of_body(body: &joinery_scim::Resource) -> Result<Self, Refused> {
        let list = |name: &str| -> Vec<String> {
            let items = body.get(name).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
            items.iter().filter_map(Json::as_str).map(str::to_owned).collect()
        };
        let number = |name: &str| body.get(name).and_then(Json::as_i64);
        Self::new(
            body.get("filter").and_then(Json::as_str),
            (number("startIndex"), number("count")),
            body.get("startId").and_then(Json::as_str).map(str::to_owned),
            list("attributes"),
            list("excludedAttributes"),
        )
    }

    fn new(
        filter: Option<&str>,
        (start_index, count): (Option<i64>, Option<i64>),
        start_id: Option<String>,
        attributes: Vec<String>,
        excluded: Vec<String>,
    ) -> Result<Self, Refused> {
        let filter = filter.filter(|text| !text.trim().is_empty()).map(str::parse).transpose();
        let filter = filter.map_err(|error| Refused::new(400, Some("invalidFilter"), format!("filter: {error}")))?;
        let mut members = None;
        let mut plain = Vec::new();
        for attribute in attributes {
            match window(&attribute) {
                Some(found) => {
                    members = Some(found);
                    plain.push("members".to_owned());
                }
                None => plain.push(attribute),
            }
        }
        Ok(Self {
            filter,
            // What is below 1 counts as 1, a negative count as 0 (RFC 7644, section 3.4.2.4).
            start_index: usize::try_from(start_index.unwrap_or(1).max(1)).unwrap_or(1),
            count: usize::try_from(count.unwrap_or(PAGE as i64).max(0)).unwrap_or(PAGE).min(PAGE),
            start_id,
            attributes: plain,
            excluded,
            members,
        })
    }

    /// The resource with what is wanted of it; `id` and `schemas` always.
    pub(super) fn project(&self, resource: &mut joinery_scim::Resource) {
        let named = |list: &[String], name: &str| {
            list.iter().any(|wanted| {
                let top = if wanted.starts_with("urn:") {
                    wanted.as_str()
                } else {
                    wanted.split(['.', '[']).next().unwrap_or_default()
                };
                top.eq_ignore_ascii_case(name) || (name.starts_with("urn:") && wanted.starts_with(name))
            })
        };
        if !self.attributes.is_empty() {
            resource
                .retain(|name, _| matches!(name.as_str(), "id" | "schemas" | "meta") || named(&self.attributes, name));
        }
        if !self.excluded.is_empty() {
            resource.retain(|name, _| matches!(name.as_str(), "id" | "schemas") || !named(&self.excluded, name));
        }
    }
}

fn bad(name: &str) -> Refused {
    Refused::value(format!("{name}: a whole number is expected."))
}

/// The pairs of a query string; what stands in brackets stays together, written as it is or percent-encoded.
fn pairs(query: &str) -> Vec<&str> {
    let (mut pairs, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    let bytes = query.as_bytes();
    for at in 0..bytes.len() {
        let encoded = |text: &[u8]| bytes.get(at..at + 3).is_some_and(|three| three.eq_ignore_ascii_case(text));
        if bytes[at] == b'[' || encoded(b"%5B") {
            depth += 1;
        } else if bytes[at] == b']' || encoded(b"%5D") {
            depth = depth.saturating_sub(1);
        } else if bytes[at] == b'&' && depth == 0 {
            pairs.push(&query[start..at]);
            start = at + 1;
        }
    }
    pairs.push(&query[start..]);
    pairs
}

/// A comma list, commas in brackets apart.
fn names(value: &str) -> Vec<String> {
    let (mut names, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, letter) in value.char_indices() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                names.push(value[start..at].trim().to_owned());
                start = at + 1;
            }
            _ => {}
        }
    }
    names.push(value[start..].trim().to_owned());
    names.retain(|name| !name.is_empty());
    names
}

/// `members[startId=initial&count=100]`
fn window(attribute: &str) -> Option<Window> {
    let inner = attribute.strip_prefix("members[")?.strip_suffix(']')?;
    let given = parameters(inner);
    let text = |name: &str| given.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    Some(Window { start_id: text("startId"), count: text("count").and_then(|count| count.parse().ok()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_a_window_of_their_own() {
        for query in [
            "attributes=displayName,members[startId=initial&count=50]&count=10",
            "attributes=displayName%2Cmembers%5BstartId%3Dinitial%26count%3D50%5D&count=10",
        ] {
            let options = Options::of_query(query).unwrap();
            assert_eq!(options.attributes, ["displayName", "members"], "{query}");
            assert_eq!(options.members, Some(Window { start_id: Some("initial".into()), count: Some(50) }), "{query}");
            assert_eq!(options.count, 10, "{query}");
        }
    }

    #[test]
    fn counts_have_bounds() {
        let of = |query: &str| Options::of_query(query).map(|options| (options.start_index, options.count)).ok();
        assert_eq!(of(""), Some((1, 100)));
        assert_eq!(of("startIndex=0&count=1000"), Some((1, 100)));
        assert_eq!(of("startIndex=-5&count=-1"), Some((1, 0)));
        assert_eq!(of("count=x"), None);
        assert!(Options::of_query("filter=userName%20eq").is_err());
    }
}
