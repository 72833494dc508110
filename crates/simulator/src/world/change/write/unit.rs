//! Writing foundation objects: companies, departments and their like, in slices.

use super::refused::WriteRefused;
use super::row::{Done, Manner, Purge, RowDone, RowWrite, Verb};
use super::rows::Written;
use super::site::of_address;
use crate::world::data::{Audit, Author, NOBODY, NOTHING};
use crate::world::text::Text;
use crate::world::units::{Unit, UnitKind, UnitSlice};
use crate::world::{AsOf, Day, RowId, Value, World};

/// A property by its name, where the tables of several sets share it.
fn text_of<'r>(row: &'r RowWrite, name: &str) -> Option<&'r str> {
    row.text(row.set.table().property(name)?)
}

fn sent(row: &RowWrite, name: &str) -> bool {
    row.set.table().property(name).is_some_and(|at| row.values.iter().any(|(one, _)| *one == at))
}

impl World {
    /// A slice of a foundation object: made or changed. A row that is refused leaves nothing behind.
    pub(super) fn write_unit(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        let kind = UnitKind::of(row.set).ok_or(WriteRefused::Unsupported("upsert"))?;
        let place = self.units.place(kind, text_of(row, "externalCode").unwrap_or_default(), &self.texts);
        let before = place.and_then(|place| self.units.get(kind, place)).cloned();
        let count = self.units.of(kind).len();
        let written = self.write_unit_slice(kind, row, manner);
        if written.is_err() {
            self.units.forget_behind(kind, count);
            let slot = place.and_then(|place| self.units.edit(kind).get_mut(usize::from(place)));
            if let (Some(slot), Some(before)) = (slot, before) {
                *slot = before;
            }
        }
        written
    }

    fn write_unit_slice(&mut self, kind: UnitKind, row: &RowWrite, manner: &Manner) -> Written {
        let table = row.set.table();
        let keys: Vec<usize> = ["externalCode", "startDate"].iter().filter_map(|name| table.property(name)).collect();
        Self::demand(row, &keys)?;
        let code = text_of(row, "externalCode").unwrap_or_default().to_owned();
        let start = table.property("startDate").and_then(|at| row.day(at)).unwrap_or(Day::ALWAYS);
        let place = self.units.place(kind, &code, &self.texts);
        let slices = place.and_then(|place| self.units.get(kind, place)).map_or(&[][..], |unit| unit.slices.as_slice());
        let same = slices.iter().position(|slice| slice.start == start);
        match (manner.verb, same) {
            (Verb::Insert, Some(_)) => return Err(WriteRefused::Exists(row.set)),
            (Verb::Replace | Verb::Merge, None) => return Err(WriteRefused::Missing(row.set)),
            _ => {}
        }
        let (place, at) = match (place, same) {
            (Some(place), Some(at)) => (place, at),
            (place, _) => self.new_slice(kind, place, &code, start, row)?,
        };
        let found = self.units.get(kind, place).and_then(|unit| unit.slices.get(at)).cloned();
        let mut slice = found.ok_or(WriteRefused::Missing(row.set))?;
        if manner.purge == Purge::Record || manner.verb == Verb::Replace {
            (slice.description, slice.head, slice.parent, slice.audit.more) = (Text::NONE, NOBODY, NOTHING, NOBODY);
        }
        self.edit_slice(kind, &code, &mut slice, row)?;
        slice.audit.touch(self.stamp(), Author::Api);
        if let Some(slot) = self.units.edit(kind).get_mut(usize::from(place)).and_then(|unit| unit.slices.get_mut(at)) {
            *slot = slice;
        }
        let own = ["externalCode", "startDate", "endDate", "name", "name_defaultValue", "description", "status"];
        let own = [&own[..], &["description_defaultValue", "headOfUnit", "parent", "costCenter"]].concat();
        let stored = |at: usize| table.properties.get(at).is_some_and(|one| own.contains(&one.name));
        if kind == UnitKind::Location {
            self.write_address_of(place, row)?;
        }
        let rest = row.values.iter().filter(|value| !stored(value.0) && !of_address(row, value));
        let more: Vec<(u16, Value)> = rest.map(|(at, value)| (*at as u16, value.clone())).collect();
        let written = RowId::new(row.set, u32::from(place), at as u16, 0);
        self.write_more(written, more);
        let done = if same.is_some() { Done::Updated } else { Done::Inserted };
        Ok(RowDone { done, row: Some(written), key: self.key_of_row(written) })
    }

    /// A slice that begins on that day: of an object that is there a copy of the one in force, else of a new object.
    fn new_slice(
        &mut self,
        kind: UnitKind,
        place: Option<u16>,
        code: &str,
        start: Day,
        row: &RowWrite,
    ) -> Result<(u16, usize), WriteRefused> {
        let audit = Audit::at(self.stamp(), Author::Api);
        let in_force = place.and_then(|place| self.units.get(kind, place)?.at(AsOf::Day(start)));
        if let (Some(place), Some(at)) = (place, in_force) {
            let unit = self.units.edit(kind).get_mut(usize::from(place)).ok_or(WriteRefused::Missing(row.set))?;
            let mut slice = unit.slices[at].clone();
            let more = slice.audit.more;
            (slice.start, slice.audit) = (start, Audit { more, ..audit });
            unit.slices[at].end = start.plus(-1);
            unit.slices.insert(at + 1, slice);
            return Ok((place, at + 1));
        }
        let table = row.set.table();
        let needed = ["name", "status"].iter().filter_map(|name| table.property(name));
        let needed: Vec<usize> =
            needed.filter(|at| table.properties.get(*at).is_some_and(|one| one.flags.required())).collect();
        Self::demand(row, &needed)?;
        let mut slice = UnitSlice::plain(Text::NONE, Text::NONE, audit);
        slice.start = start;
        let code = self.texts.add(code);
        let Some(place) = place else {
            let unit = Unit { code, slices: vec![slice] };
            let full = || WriteRefused::rule("The company holds no more objects of this kind.");
            return Ok((self.units.add(kind, unit).ok_or_else(full)?, 0));
        };
        // Before all others, or of an object of which no slice is left.
        let unit = self.units.edit(kind).get_mut(usize::from(place)).ok_or(WriteRefused::Missing(row.set))?;
        slice.end = unit.slices.first().map_or(Day::FOREVER, |first| first.start.plus(-1));
        unit.slices.insert(0, slice);
        Ok((place, 0))
    }

    fn edit_slice(
        &mut self,
        kind: UnitKind,
        code: &str,
        slice: &mut UnitSlice,
        row: &RowWrite,
    ) -> Result<(), WriteRefused> {
        if let Some(name) = text_of(row, "name").or_else(|| text_of(row, "name_defaultValue")) {
            slice.synced = self.texts.add(&format!("{name} ({code})"));
            slice.name = self.texts.add(name);
        }
        for property in ["description", "description_defaultValue"] {
            if sent(row, property) {
                slice.description = text_of(row, property).map_or(Text::NONE, |text| self.texts.add(text));
            }
        }
        match text_of(row, "status") {
            None => {}
            Some("A") => slice.active = true,
            Some("I") => slice.active = false,
            Some(other) => return Err(WriteRefused::value("status", other)),
        }
        if sent(row, "headOfUnit") {
            slice.head = match text_of(row, "headOfUnit") {
                None => NOBODY,
                Some(id) => self
                    .active_user(id)
                    .ok_or_else(|| WriteRefused::Link { role: "headOfUnit", user_id: id.to_owned() })?,
            };
        }
        if sent(row, "parent") {
            slice.parent = self.unit_of_row("parent", kind, text_of(row, "parent"))?;
        }
        if kind == UnitKind::Department && sent(row, "costCenter") {
            slice.beside = self.unit_of_row("costCenter", UnitKind::CostCenter, text_of(row, "costCenter"))?;
        }
        Ok(())
    }

    /// Deletes a slice: the one before takes its time. Who belongs to the object keeps its code.
    pub(super) fn delete_unit(&mut self, row: &RowWrite) -> Result<(), WriteRefused> {
        let missing = || WriteRefused::Missing(row.set);
        let kind = UnitKind::of(row.set).ok_or_else(missing)?;
        let code = text_of(row, "externalCode").unwrap_or_default();
        let start = row.set.table().property("startDate").and_then(|at| row.day(at)).ok_or_else(missing)?;
        let place = self.units.place(kind, code, &self.texts).ok_or_else(missing)?;
        let unit = self.units.edit(kind).get_mut(usize::from(place)).ok_or_else(missing)?;
        let at = unit.slices.iter().position(|slice| slice.start == start).ok_or_else(missing)?;
        let gone = unit.slices.remove(at);
        if let Some(before) = at.checked_sub(1).and_then(|before| unit.slices.get_mut(before)) {
            before.end = gone.end;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Set;
    use crate::world::laws::{cell, company, gap_free, text, user, well_formed};
    use crate::world::{Cell, KeyPart};

    fn row(code: &str, start: Day, more: &[(&str, &str)]) -> RowWrite {
        let mut row = RowWrite::new(Set::FODepartment);
        let table = Set::FODepartment.table();
        let at = |name: &str| table.property(name).unwrap();
        row.values = vec![(at("externalCode"), Value::Text(code.into())), (at("startDate"), Value::Date(start))];
        row.values.extend(more.iter().map(|(name, value)| (at(name), Value::Text((*value).into()))));
        row
    }

    fn write(world: &mut World, row: &RowWrite) -> Result<Done, WriteRefused> {
        world.write(std::slice::from_ref(row), &Manner::default()).remove(0).map(|done| done.done)
    }

    #[test]
    fn departments_are_made_renamed_and_taken_away() {
        let mut world = company(1, 50);
        let today = world.today();
        let made =
            row("NEW", today, &[("name", "New"), ("status", "A"), ("headOfUnit", "100003"), ("parent", "DEP00001")]);
        assert_eq!(write(&mut world, &made), Ok(Done::Inserted));
        let find = |world: &World, code: &str, start: Day| {
            world.find(Set::FODepartment, &[KeyPart::Str(code), KeyPart::Day(start)])
        };
        let new = find(&world, "NEW", today).unwrap();
        assert_eq!((text(&world, new, "name"), text(&world, new, "parent")), ("New", "DEP00001"));
        assert_eq!(write(&mut world, &row("NEW", today.plus(5), &[("name", "Newer")])), Ok(Done::Inserted));
        assert_eq!(cell(&world, new, "endDate"), Cell::Date(today.plus(4)));
        let taken: Vec<_> = [("status", "X"), ("headOfUnit", "nobody"), ("parent", "nothing")]
            .iter()
            .map(|odd| write(&mut world, &row("NEW", today, &[*odd])).is_err())
            .collect();
        assert_eq!(taken, [true, true, true]);
        assert_eq!(world.delete(&row("NEW", today.plus(5), &[])), Ok(()));
        assert_eq!(cell(&world, new, "endDate"), Cell::Date(Day::FOREVER));
        assert_eq!(world.delete(&row("NEW", today, &[])), Ok(()));
        assert_eq!(world.delete(&row("NEW", today, &[])), Err(WriteRefused::Missing(Set::FODepartment)));
        assert_eq!(find(&world, "NEW", today), None);
        // A rename shows in the users who belong there.
        let code = text(&world, user(&world, "100003"), "department")
            .rsplit_once('(')
            .unwrap()
            .1
            .trim_end_matches(')')
            .to_owned();
        assert!(write(&mut world, &row(&code, today, &[("name", "Other")])).is_ok());
        assert_eq!(text(&world, user(&world, "100003"), "department"), format!("Other ({code})"));
        gap_free(&world);
        well_formed(&world);
    }

    #[test]
    fn what_was_made_later_is_found_after_a_save() {
        let mut world = company(1, 20);
        let today = world.today();
        for code in ["MMM", "AAA"] {
            write(&mut world, &row(code, today, &[("name", code), ("status", "A")])).unwrap();
        }
        let back = World::load(&world.save()).unwrap();
        for code in ["AAA", "MMM", "DEP00001"] {
            assert!(back.units.place(UnitKind::Department, code, &back.texts).is_some(), "{code}");
        }
    }
}
