//! Asking the world about a person or a unit by the id that people use.

use super::units::UnitKind;
use super::{AsOf, Placement, World};
use crate::schema::Set;

impl World {
    /// Where the person of that personIdExternal works today (worked last, will work first).
    pub fn placement_of(&self, person_id: &str) -> Option<Placement<'_>> {
        self.placement(self.person_by_id(person_id)?)
    }

    /// Today's name of a foundation object.
    pub fn unit_name(&self, set: Set, code: &str) -> Option<&str> {
        let kind = UnitKind::of(set)?;
        let unit = self.units.get(kind, self.units.place(kind, code, &self.texts)?)?;
        let slice = unit.slices.get(unit.at(AsOf::Day(self.today()))?)?;
        Some(self.texts.read(slice.name))
    }
}
