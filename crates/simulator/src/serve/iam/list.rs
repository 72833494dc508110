//! Filtering and paging of SCIM resources.

use joinery_scim::{AttrPath, Filter, Resource};
use serde_json::{Value as Json, json};

use super::query::Options;
use super::refused::Refused;

/// A page: which of the resources, and how the answer names its place.
pub(super) struct Page {
    pub(super) from: usize,
    pub(super) to: usize,
    total: usize,
    start_index: Option<usize>,
    next_id: Option<String>,
}

impl Page {
    /// The part of `ids`, which stand in order, that is asked for.
    pub(super) fn of(ids: &[String], options: &Options) -> Self {
        let total = ids.len();
        let Some(start) = &options.start_id else {
            let from = (options.start_index - 1).min(total);
            let to = from.saturating_add(options.count).min(total);
            return Self { from, to, total, start_index: Some(options.start_index), next_id: None };
        };
        // The id need not exist any more: the walk goes on behind it.
        let from = match start.as_str() {
            "initial" => 0,
            "end" => total,
            id => ids.partition_point(|known| known.as_str() < id),
        };
        let to = from.saturating_add(options.count.max(1)).min(total);
        let next_id = Some(ids.get(to).cloned().unwrap_or_else(|| "end".to_owned()));
        Self { from, to, total, start_index: None, next_id }
    }

    /// The answer (RFC 7644, section 3.4.2).
    pub(super) fn answer(&self, resources: &[Json]) -> Json {
        let mut body = json!({
            "schemas": [joinery_scim::urn::LIST_RESPONSE],
            "totalResults": self.total,
            "itemsPerPage": resources.len(),
            "Resources": resources,
        });
        if let Some(start) = self.start_index {
            body["startIndex"] = start.into();
        }
        if let Some(next) = &self.next_id {
            body["nextId"] = next.as_str().into();
        }
        body
    }
}

/// Refuses a filter on what cannot be filtered, or with what is no operator here: `pr`, `not`, brackets.
pub(super) fn check(filter: &Filter, allowed: &[&str]) -> Result<(), Refused> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().try_for_each(|part| check(part, allowed)),
        Filter::Compare(path, ..) => {
            let name = path.to_string();
            if allowed.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                return Ok(());
            }
            Err(Refused::new(400, Some("invalidFilter"), format!("The attribute {name} cannot be filtered.")))
        }
        Filter::Not(_) | Filter::Present(_) | Filter::Element(..) => Err(Refused::new(
            400,
            Some("invalidFilter"),
            "Only the operators eq, ne, gt, ge, lt, le, co, sw, ew, and, or are supported.",
        )),
    }
}

/// Whether a resource meets the filter, if there is one.
pub(super) fn meets(filter: Option<&Filter>, resource: &Resource) -> bool {
    filter.is_none_or(|filter| filter.accepts(resource, &|_: &AttrPath| false))
}
