//! Rows for people to read: values as text, codes with what they mean.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::world::{AsOf, Cell, Day, Related, RowId, World};

/// A row: `values` by property, `words` of the properties that are codes, and `in_force` of a slice.
pub(super) fn row(world: &World, row: RowId) -> Json {
    let table = row.set().table();
    let today = world.today();
    let (mut values, mut words) = (Map::new(), Map::new());
    for (at, property) in table.properties.iter().enumerate() {
        if !property.flags.visible() {
            continue;
        }
        let value = value(world.cell(row, at));
        if value.is_null() {
            continue;
        }
        values.insert(property.name.to_owned(), value);
        let plain = property.name.strip_suffix("Id").unwrap_or(property.name);
        let navigation =
            [format!("{}Nav", property.name), format!("{plain}UserNav")].iter().find_map(|name| table.navigation(name));
        if let Some(navigation) = navigation
            && let Related::One(Some(target)) = world.related(row, navigation, AsOf::Day(today))
            && let Some(word) = word(world, target)
        {
            words.insert(property.name.to_owned(), word.into());
        }
    }
    let in_force = world.span(row).map(|(start, end)| start <= today && today <= end);
    json!({"set": table.name, "values": values, "words": words, "in_force": in_force})
}

/// What people call a row that a code names.
fn word(world: &World, row: RowId) -> Option<String> {
    if let Some(person) = world.person_row(row).and_then(|person| world.summary(person)) {
        return Some(format!("{} {}", person.first_name, person.last_name));
    }
    let table = row.set().table();
    if let Some(labels) = table.navigation("picklistLabels")
        && let Related::Many(labels) = world.related(row, labels, AsOf::Day(world.today()))
    {
        let english = labels.iter().find(|label| text(world, **label, "locale").as_deref() == Some("en_US"));
        return text(world, *english.or(labels.first())?, "label");
    }
    let names = ["name", "displayName", "positionTitle", "territoryName", "externalName_defaultValue"];
    names.iter().find_map(|name| text(world, row, name))
}

/// A text property.
pub(super) fn text(world: &World, row: RowId, property: &str) -> Option<String> {
    match world.cell(row, row.set().table().property(property)?) {
        Cell::Str(text) if !text.is_empty() => Some(text.to_owned()),
        _ => None,
    }
}

fn value(cell: Cell<'_>) -> Json {
    let instant = |millis| Timestamp::from_millisecond(millis).map_or(Json::Null, |at| json!(at));
    match cell {
        Cell::Null => Json::Null,
        Cell::Str(text) => text.into(),
        Cell::Bool(truth) => truth.into(),
        Cell::Int(number) => number.into(),
        Cell::Double(number) => number.into(),
        Cell::Date(day) => date(day),
        Cell::LocalStamp(millis) | Cell::Stamp(millis) => instant(millis),
        Cell::Bytes(bytes) => json!(format!("{} bytes", bytes.len())),
    }
}

/// A day; null for the one on which what is open ends.
pub(super) fn date(day: Day) -> Json {
    if day == Day::FOREVER { Json::Null } else { day.to_string().into() }
}
