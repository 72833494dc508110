//! Entities of v2's JSON as v4's, and back.

use joinery_odata::v4::{from_v2, to_v2};
use joinery_odata::{Edm, EntityAddress};
use serde_json::{Map, Value as Json, json};

use crate::schema::{EntitySet, Set};

/// The content type of answers.
pub(super) const KIND: &str = "application/json;odata.metadata=minimal;charset=utf-8";

/// An entity of v2 as v4's: values in v4's forms, navigations that are not expanded left out.
pub(super) fn entity(set: Set, row: &Json) -> Json {
    let table = set.table();
    let mut out = Map::new();
    for (name, value) in row.as_object().into_iter().flatten().filter(|(name, _)| *name != "__metadata") {
        let target = table.navigation(name).map(|at| table.navigations[at].target);
        match (target, value) {
            (None, _) => {
                out.insert(name.clone(), property(table, name, value));
            }
            (Some(_), Json::Object(members)) if members.contains_key("__deferred") => {}
            (Some(target), Json::Object(members)) if members.contains_key("results") => {
                if let Some(count) = count(value) {
                    out.insert(format!("{name}@odata.count"), count);
                }
                out.insert(name.clone(), list(target, value));
            }
            (Some(target), Json::Object(_)) => {
                out.insert(name.clone(), entity(target, value));
            }
            (Some(_), _) => {
                out.insert(name.clone(), Json::Null);
            }
        }
    }
    Json::Object(out)
}

/// The rows of a list.
pub(super) fn list(set: Set, list: &Json) -> Json {
    let rows = list.get("results").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    rows.iter().map(|row| entity(set, row)).collect()
}

/// The count that v2 writes as text.
pub(super) fn count(list: &Json) -> Option<Json> {
    list.get("__count")?.as_str()?.parse::<u64>().ok().map(Json::from)
}

/// A property's value; of those that are of v2's `Edm.DateTime`, some are days and some are time stamps.
pub(super) fn property(table: &EntitySet, name: &str, value: &Json) -> Json {
    match table.property(name).map(|at| &table.properties[at]) {
        Some(property) => from_v2(edm(property.edm), !property.wall_clock, value),
        None => value.clone(),
    }
}

fn edm(edm: crate::schema::Edm) -> Edm {
    Edm::from_name(edm.name()).unwrap_or(Edm::String)
}

/// A row that was sent, as v2 sends it: `manager@odata.bind` is a link.
pub(super) fn row(set: Set, sent: &Map<String, Json>) -> Json {
    let table = set.table();
    let mut out = Map::new();
    for (name, value) in sent {
        if let Some(name) = name.strip_suffix("@odata.bind") {
            let link = |address: &Json| json!({ "__metadata": { "uri": address.as_str().map(below) } });
            let bound = match value {
                Json::Array(all) => json!({ "results": all.iter().map(link).collect::<Vec<_>>() }),
                Json::Null => Json::Null,
                one => link(one),
            };
            out.insert(name.to_owned(), bound);
            continue;
        }
        if name.contains("@odata.") || name.starts_with('@') {
            continue;
        }
        let target = table.navigation(name).map(|at| table.navigations[at].target);
        let known = table.property(name).map(|at| edm(table.properties[at].edm));
        let value = match (target, known, value) {
            (Some(target), _, Json::Object(inner)) => row(target, inner),
            (Some(target), _, Json::Array(all)) => {
                let rows = all.iter().map(|one| one.as_object().map_or(Json::Null, |inner| row(target, inner)));
                json!({ "results": rows.collect::<Vec<_>>() })
            }
            (None, Some(edm), _) => to_v2(edm, value),
            _ => value.clone(),
        };
        out.insert(name.clone(), value);
    }
    Json::Object(out)
}

/// The address of an entity as v2 writes it; as it is when it is none.
fn below(address: &str) -> String {
    let relative = address.split_once(super::ROOT).map_or(address, |(_, below)| below.trim_start_matches('/'));
    EntityAddress::parse_v4(relative).map_or_else(|_| address.to_owned(), |address| address.to_string())
}
