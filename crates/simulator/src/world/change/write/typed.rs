//! Whether a property may be written, and takes a value of that kind.

use super::refused::WriteRefused;
use super::row::{RowWrite, Verb};
use crate::schema::{Edm, Property};
use crate::world::{Value, World};

impl World {
    /// Checks the row's values against the table; picklist values become the ids of their options.
    pub(in crate::world::change) fn typed(&self, row: &RowWrite, verb: Verb) -> Result<RowWrite, WriteRefused> {
        let table = row.set.table();
        let mut checked = row.clone();
        for (at, value) in &mut checked.values {
            let Some(property) = table.properties.get(*at) else { continue };
            // A key names the row; whether it could be changed is another matter.
            if !table.keys.contains(&property.name) {
                writable(property, verb, table.name)?;
            }
            fits(property, value)?;
            if let (Some(list), Value::Text(text)) = (property.picklist, &*value)
                && !text.is_empty()
                && self.picks.list(list).is_some()
                && row.set != crate::schema::Set::User
            {
                let place = self.picks.named(list, text).ok_or_else(|| WriteRefused::value(property.name, text))?;
                if let Some(choice) = self.picks.choices.get(usize::from(place)) {
                    *value = Value::Text(choice.text.clone());
                }
            }
        }
        Ok(checked)
    }
}

fn writable(property: &Property, verb: Verb, set: &str) -> Result<(), WriteRefused> {
    let flags = property.flags;
    if !flags.in_data_model() {
        return Err(WriteRefused::Unknown(format!("{set}/{}", property.name)));
    }
    let may = match verb {
        Verb::Upsert => flags.upsertable(),
        Verb::Insert => flags.creatable(),
        Verb::Replace | Verb::Merge => flags.updatable(),
    };
    if may { Ok(()) } else { Err(WriteRefused::ReadOnly(property.name)) }
}

/// Whether the property takes a value of that kind and length.
fn fits(property: &Property, value: &Value) -> Result<(), WriteRefused> {
    match (property.edm, value) {
        (Edm::String, Value::Text(text)) => {
            let limit = property.max_length;
            if limit > 0 && text.chars().count() > limit as usize {
                return Err(WriteRefused::Length { name: property.name, limit });
            }
            Ok(())
        }
        (_, Value::Null) if property.flags.nullable() => Ok(()),
        (Edm::Boolean, Value::Bool(_))
        | (Edm::Int32 | Edm::Int64, Value::Int(_))
        | (Edm::Double | Edm::Single | Edm::Decimal, Value::Double(_) | Value::Int(_))
        | (Edm::Binary, Value::Bytes(_))
        | (Edm::DateTime, Value::Date(_))
        | (Edm::DateTimeOffset, Value::Stamp(_)) => Ok(()),
        (_, Value::Null) => Err(WriteRefused::value(property.name, "null")),
        _ => Err(WriteRefused::value(property.name, "")),
    }
}
