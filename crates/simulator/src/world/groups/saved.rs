//! Fields, operators and permissions in saved files: by name, since their places change when tables grow.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

use super::field::{FIELDS, OPERATORS, field_named, operator_named};
use super::permission::PERMISSIONS;

/// A field of groups.
pub(super) mod field {
    use super::*;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(in crate::world::groups) fn serialize<S: Serializer>(place: &u16, to: S) -> Result<S::Ok, S::Error> {
        FIELDS.get(usize::from(*place)).map_or("", |field| field.name).serialize(to)
    }

    pub(in crate::world::groups) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
        let name = String::deserialize(from)?;
        field_named(&name).ok_or_else(|| D::Error::custom(format!("no field of groups is called {name:?}")))
    }
}

/// An operator of groups.
pub(super) mod operator {
    use super::*;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(in crate::world::groups) fn serialize<S: Serializer>(place: &u16, to: S) -> Result<S::Ok, S::Error> {
        OPERATORS.get(usize::from(*place)).map_or("", |operator| operator.0).serialize(to)
    }

    pub(in crate::world::groups) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
        let token = String::deserialize(from)?;
        operator_named(&token).ok_or_else(|| D::Error::custom(format!("no operator of groups is called {token:?}")))
    }
}

/// Permissions of a role, by id. One that is not known any more is dropped.
pub(super) mod permissions {
    use super::*;

    pub(in crate::world::groups) fn serialize<S: Serializer>(places: &[u16], to: S) -> Result<S::Ok, S::Error> {
        let ids = places.iter().filter_map(|place| PERMISSIONS.get(usize::from(*place))).map(|one| one.id);
        ids.collect::<Vec<i64>>().serialize(to)
    }

    pub(in crate::world::groups) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u16>, D::Error> {
        let ids = Vec::<i64>::deserialize(from)?;
        let place = |id: &i64| PERMISSIONS.iter().position(|one| one.id == *id).map(|at| at as u16);
        Ok(ids.iter().filter_map(place).collect())
    }
}
