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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::world::Cell;
    use crate::world::laws::{cell, company, text};

    #[test]
    fn a_rename_to_come_touches_nobody() {
        let mut world = company(1, 300);
        let code = world.largest_department().unwrap().to_owned();
        let tomorrow = world.today().plus(1);
        let people = |world: &World| -> Vec<(String, String)> {
            let users = world.rows(Set::User, AsOf::ALL);
            let there = users.filter(|row| text(world, *row, "department").ends_with(&format!("({code})")));
            there
                .map(|row| {
                    (text(world, row, "department").to_owned(), format!("{:?}", cell(world, row, "lastModified")))
                })
                .collect()
        };
        let before = people(&world);
        world.rename_unit(Set::FODepartment, &code, "Söftware & \"Tools\"", Some(tomorrow)).unwrap();
        assert_eq!(people(&world), before);
        world.advance(SignedDuration::from_hours(24));
        let after = people(&world);
        assert!(!after.is_empty());
        assert!(after.iter().all(|(name, _)| name == &format!("Söftware & \"Tools\" ({code})")));
        assert!(after.iter().all(|(_, stamp)| before.iter().any(|(_, was)| was == stamp)));
    }

    #[test]
    fn a_correction_changes_the_slice_in_force() {
        let mut world = company(1, 300);
        let slices = |world: &World| world.rows(Set::FODepartment, AsOf::ALL).count();
        let before = slices(&world);
        world.rename_unit(Set::FODepartment, "DEP00001", &"x".repeat(40), None).unwrap();
        assert_eq!(slices(&world), before);
        let row = world.rows(Set::FODepartment, AsOf::Day(world.today())).next().unwrap();
        assert_eq!(text(&world, row, "name"), "x".repeat(32));
        assert_eq!(cell(&world, row, "lastModifiedDateTime"), Cell::Stamp(world.now().as_millisecond()));
        assert!(world.rename_unit(Set::FODepartment, "DEP99999", "x", None).is_err());
        assert!(world.rename_unit(Set::User, "DEP00001", "x", None).is_err());
    }
}
