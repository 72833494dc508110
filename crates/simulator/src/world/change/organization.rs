//! Changes to foundation objects.

use super::refused::Refused;
use crate::schema::Set;
use crate::world::data::{Audit, Author};
use crate::world::generate::short;
use crate::world::units::{UnitKind, UnitSlice};
use crate::world::{AsOf, Day, World};

impl World {
    /// Renames a foundation object: from a day on by a new slice, or, without a day, by correcting the slice in
    /// force. Nobody who belongs to it is touched. Names are cut to the 32 characters that they may have.
    pub fn rename_unit(&mut self, set: Set, code: &str, name: &str, from: Option<Day>) -> Result<(), Refused> {
        let kind = UnitKind::of(set).ok_or(Refused::NotFoundation(set.table().name))?;
        if name.trim().is_empty() {
            return Err(Refused::Empty("name"));
        }
        let place = self.unit_named(kind, code)?;
        let name = short(name);
        let synced = self.texts.add(&format!("{name} ({code})"));
        let name = self.texts.add(&name);
        let (now, today) = (self.stamp(), self.today());
        let unit = self.units.edit(kind).get_mut(usize::from(place)).ok_or(Refused::Unknown)?;
        let start = unit.slices.first().map_or(today, |slice| slice.start);
        let at = unit.at(AsOf::Day(from.unwrap_or(today))).ok_or(Refused::TooEarly { start })?;
        let slice = &mut unit.slices[at];
        match from {
            Some(from) if from != slice.start => {
                let audit = Audit::at(now, Author::Admin);
                let renamed = UnitSlice { start: from, name, synced, description: name, audit, ..slice.clone() };
                slice.end = from.plus(-1);
                unit.slices.insert(at + 1, renamed);
            }
            _ => {
                (slice.name, slice.synced, slice.description) = (name, synced, name);
                slice.audit.touch(now, Author::Admin);
            }
        }
        Ok(())
    }

    /// External code of the department in which most people work today: the one whose rename touches the most.
    pub fn largest_department(&self) -> Option<&str> {
        let mut count = vec![0_u32; self.units.of(UnitKind::Department).len()];
        let today = self.today();
        for place in &self.people_order {
            let job = self.people.get(*place as usize).and_then(|one| one.main_employment(today)?.job_around(today));
            if let Some(at) = job.and_then(|job| count.get_mut(usize::from(job.department))) {
                *at += 1;
            }
        }
        let (place, _) = count.iter().enumerate().max_by_key(|(_, people)| **people)?;
        Some(self.texts.read(self.units.of(UnitKind::Department).get(place)?.code))
    }
}
