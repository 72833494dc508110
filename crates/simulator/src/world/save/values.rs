//! Written values and links, by name.

use serde::{Deserialize, Serialize};

use crate::schema::Set;
use crate::schema::user::user;
use crate::world::data::NOBODY;
use crate::world::{AsOf, Value, World};

/// Written values of one row, with the names of the set and its properties.
#[derive(Serialize, Deserialize, Default)]
pub(super) struct Named {
    set: String,
    values: Vec<(String, Value)>,
}

impl Named {
    pub(super) fn of(set: Set, list: &[(u16, Value)]) -> Self {
        let table = set.table();
        let name = |at: u16| table.properties.get(usize::from(at)).map(|property| property.name.to_owned());
        let values = list.iter().filter_map(|(at, value)| Some((name(*at)?, value.clone()))).collect();
        Self { set: table.name.to_owned(), values }
    }

    /// With the places of today's tables; a property that is not there any more is dropped.
    pub(super) fn into_values(self) -> Vec<(u16, Value)> {
        let Some(set) = Set::named(&self.set) else { return Vec::new() };
        let place = |name: &str| set.table().property(name).map(|at| at as u16);
        self.values.into_iter().filter_map(|(name, value)| Some((place(&name)?, value))).collect()
    }
}

/// A written link between users.
#[derive(Serialize, Deserialize)]
pub(super) struct NamedLink {
    from: u32,
    navigation: String,
    to: Vec<u32>,
}

impl NamedLink {
    pub(super) fn of(((from, navigation), to): (&(u32, u16), &Vec<u32>)) -> Self {
        let navigation = user::TABLE.navigations.get(usize::from(*navigation)).map_or("", |one| one.name);
        Self { from: *from, navigation: navigation.to_owned(), to: to.clone() }
    }

    pub(super) fn into_link(self) -> Option<((u32, u16), Vec<u32>)> {
        Some(((self.from, user::TABLE.navigation(&self.navigation)? as u16), self.to))
    }
}

impl World {
    /// The lists that rows' `Audit::more` names, each with the set of the row that names it.
    pub(super) fn more_by_name(&self) -> Vec<Named> {
        let mut lists: Vec<Named> = self.more.iter().map(|_| Named::default()).collect();
        if lists.is_empty() {
            return lists;
        }
        for set in Set::all() {
            for row in self.rows(set, AsOf::ALL) {
                let Some(place) = self.audit(row).map(|audit| audit.more).filter(|more| *more != NOBODY) else {
                    continue;
                };
                if let (Some(list), Some(values)) = (lists.get_mut(place as usize), self.more.get(place as usize)) {
                    *list = Named::of(set, values);
                }
            }
        }
        lists
    }
}
