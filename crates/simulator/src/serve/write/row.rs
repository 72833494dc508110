//! One row of a payload, read by the table of its set.

use joinery_odata::{EntityAddress, UpsertRow};
use serde_json::Value as Json;

use super::value;
use crate::schema::{EntitySet, Set};
use crate::serve::View;
use crate::world::{Operation, RowWrite, Value, WriteRefused};

/// Reads a row of that set. Fields that the API user may not see are unknown to it.
pub(super) fn read(set: Set, row: &UpsertRow, view: &View) -> Result<RowWrite, WriteRefused> {
    let table = set.table();
    let mut write = RowWrite::new(set);
    key(table, &row.address, &mut write)?;
    for (name, sent) in &row.properties {
        let unknown = || WriteRefused::Unknown(format!("{}/{name}", table.name));
        if !view.has_field(set, name) {
            return Err(unknown());
        }
        if let Some(at) = table.property(name) {
            property(table, at, sent, &mut write)?;
        } else if let Some(at) = table.navigation(name) {
            // What was read and is sent back as it came.
            if sent.get("__deferred").is_some() {
                continue;
            }
            let target = table.navigations.get(at).map_or(set, |one| one.target);
            if set == Set::ExternalUser {
                nested(at, target, sent, view, &mut write)?;
            } else {
                write.links.push((at, link(name, sent)?));
            }
        } else {
            return Err(unknown());
        }
    }
    Ok(write)
}

fn property(table: &EntitySet, at: usize, sent: &Json, write: &mut RowWrite) -> Result<(), WriteRefused> {
    let Some(property) = table.properties.get(at) else { return Ok(()) };
    if property.name == "operation" && table.set != Set::User {
        write.operation = match sent.as_str() {
            None | Some("") => None,
            Some("DELETE") => Some(Operation::Delete),
            Some("DELIMIT") => Some(Operation::Delimit),
            Some(other) => return Err(invalid("operation", other)),
        };
        return Ok(());
    }
    let read = value::read(property, sent).ok_or_else(|| {
        // A password is not told, whatever it was.
        let shown = if property.name == "password" { String::new() } else { sent.to_string() };
        if property.name == "isPrimary" { WriteRefused::Flag } else { invalid(property.name, &shown) }
    })?;
    match write.values.iter().find(|(known, _)| *known == at) {
        // A key stands in the uri and among the properties: both mean one row.
        Some((_, known)) if *known == read => Ok(()),
        Some(_) if read == Value::Null => Ok(()),
        Some(_) => Err(WriteRefused::Rule(format!(
            "The value of key property {} is not the one in the uri. Key properties can not be changed.",
            property.name
        ))),
        None => {
            write.values.push((at, read));
            Ok(())
        }
    }
}

fn invalid(name: &str, value: &str) -> WriteRefused {
    WriteRefused::Value { name: name.to_owned(), value: value.chars().take(40).collect() }
}

/// The key that stands in the uri.
pub(super) fn key(table: &EntitySet, address: &EntityAddress, write: &mut RowWrite) -> Result<(), WriteRefused> {
    let Some(key) = &address.key else { return Ok(()) };
    let wrong = || WriteRefused::Rule(format!("The key of {} is not complete or not valid.", table.name));
    let literals = key.values(table.keys).ok_or_else(wrong)?;
    for (name, literal) in table.keys.iter().zip(literals) {
        let at = table.property(name).ok_or_else(wrong)?;
        let property = table.properties.get(at).ok_or_else(wrong)?;
        write.values.push((at, value::of_key(property, literal).ok_or_else(wrong)?));
    }
    Ok(())
}

/// Rows that stand behind a navigation: one, a list, or `results`.
fn nested(at: usize, target: Set, sent: &Json, view: &View, write: &mut RowWrite) -> Result<(), WriteRefused> {
    let list = match sent {
        Json::Null => return Ok(()),
        Json::Array(list) => list.iter().collect(),
        other => {
            other.get("results").and_then(Json::as_array).map_or_else(|| vec![other], |list| list.iter().collect())
        }
    };
    for one in list {
        let Json::Object(members) = one else { return Err(invalid(target.table().name, &one.to_string())) };
        let mut row = UpsertRow::new(EntityAddress::set(target.table().name));
        row.properties =
            members.iter().filter(|(name, _)| *name != "__metadata").map(|(a, b)| (a.clone(), b.clone())).collect();
        write.nested.push((at, read(target, &row, view)?));
    }
    Ok(())
}

/// What a link names: one entity, several, or none.
fn link(name: &str, sent: &Json) -> Result<Vec<String>, WriteRefused> {
    let wrong = || invalid(name, &sent.to_string());
    match sent {
        Json::Null => Ok(Vec::new()),
        Json::Array(many) => many.iter().map(|one| target(one).ok_or_else(wrong)).collect(),
        Json::Object(members) => match members.get("results").and_then(Json::as_array) {
            Some(many) => many.iter().map(|one| target(one).ok_or_else(wrong)).collect(),
            None => Ok(vec![target(sent).ok_or_else(wrong)?]),
        },
        _ => Err(wrong()),
    }
}

/// `{"__metadata":{"uri":"User('x')"}}`, or a row that holds its key.
fn target(sent: &Json) -> Option<String> {
    let address = sent.pointer("/__metadata/uri").and_then(Json::as_str).and_then(|uri| EntityAddress::parse(uri).ok());
    let set = address.as_ref().and_then(|address| Set::named(&address.set)).unwrap_or(Set::User);
    let table = set.table();
    let mut write = RowWrite::new(set);
    if let Some(address) = &address {
        key(table, address, &mut write).ok()?;
    }
    let name = table.keys.first()?;
    let at = table.property(name)?;
    let in_uri = write.values.iter().find(|(known, _)| *known == at).and_then(|(_, value)| value::words(value));
    in_uri.or_else(|| sent.get(name)?.as_str().map(str::to_owned))
}
