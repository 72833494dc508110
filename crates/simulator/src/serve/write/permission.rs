//! Whether the API user may write.

use crate::schema::Set;
use crate::serve::View;
use crate::world::{KeyPart, RowWrite, Value, World, WriteRefused};

/// Refuses what the API user may not write: a set, a field, or a row of somebody whom it does not see.
pub(super) fn may_write(row: &RowWrite, view: &View, world: &World) -> Result<(), WriteRefused> {
    let table = row.set.table();
    if !view.may_write(row.set) {
        return Err(WriteRefused::Forbidden(table.name.to_owned()));
    }
    let sent = row.values.iter().filter_map(|(at, _)| table.properties.get(*at)).map(|one| one.name);
    let linked = row.links.iter().filter_map(|(at, _)| table.navigations.get(*at)).map(|one| one.name);
    if let Some(name) = sent.chain(linked).find(|name| !view.may_write_field(row.set, name)) {
        return Err(WriteRefused::Forbidden(format!("{}/{name}", table.name)));
    }
    let id = |name: &str| match row.values.iter().find(|(at, _)| table.property(name) == Some(*at)) {
        Some((_, Value::Text(id))) => Some(id.as_str()),
        _ => None,
    };
    let person = id("personIdExternal").and_then(|id| world.find(Set::PerPerson, &[KeyPart::Str(id)]));
    let user = id("userId").and_then(|id| world.find(Set::User, &[KeyPart::Str(id)]));
    if person.into_iter().chain(user).any(|row| !view.sees(world, row)) {
        return Err(WriteRefused::Forbidden(format!("this record of {}", table.name)));
    }
    Ok(())
}
