//! Writing positions, in slices.

use super::refused::WriteRefused;
use super::row::{Done, Manner, Purge, RowDone, RowWrite, Verb};
use super::rows::Written;
use crate::schema::Set;
use crate::schema::position::position::{N, P};
use crate::world::data::{Audit, Author, NOBODY, NOTHING};
use crate::world::positions::{Position, PositionSlice};
use crate::world::text::Text;
use crate::world::units::UnitKind;
use crate::world::{AsOf, Day, RowId, Value, World};

impl World {
    pub(super) fn write_position(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        Self::demand(row, &[P::code as usize, P::effectiveStartDate as usize])?;
        let code = row.text(P::code as usize).unwrap_or_default();
        let start = row.day(P::effectiveStartDate as usize).unwrap_or(Day::ALWAYS);
        let place = self.positions.place(code, &self.texts);
        let found = place.and_then(|place| self.positions.get(place));
        let same = found.and_then(|position| position.slices.iter().position(|slice| slice.start == start));
        match (manner.verb, same) {
            (Verb::Insert, Some(_)) => return Err(WriteRefused::Exists(Set::Position)),
            (Verb::Replace | Verb::Merge, None) => return Err(WriteRefused::Missing(Set::Position)),
            _ => {}
        }
        let in_force = found.and_then(|position| position.at(AsOf::Day(start)));
        let mut slice = match same.or(in_force) {
            Some(at) => found.and_then(|position| position.slices.get(at)).cloned(),
            None => {
                Self::demand(row, &[P::effectiveStatus as usize])?;
                Some(blank(Audit::at(self.stamp(), Author::Api)))
            }
        }
        .ok_or(WriteRefused::Missing(Set::Position))?;
        if same.is_none() {
            let more = slice.audit.more;
            (slice.start, slice.audit) = (start, Audit { more, ..Audit::at(self.stamp(), Author::Api) });
        }
        if manner.purge == Purge::Record || manner.verb == Verb::Replace {
            slice.parent = NOBODY;
            slice.audit.more = NOBODY;
        }
        let more = self.edit_position(&mut slice, row)?;
        slice.audit.touch(self.stamp(), Author::Api);
        let (place, at) = self.keep_position(place, code, slice, same, in_force);
        let written = RowId::new(Set::Position, place, at as u16, 0);
        self.write_more(written, more);
        let done = if same.is_some() { Done::Updated } else { Done::Inserted };
        Ok(RowDone { done, row: Some(written), key: self.key_of_row(written) })
    }

    /// Puts the row's values into a slice; what has no field of its own is returned.
    fn edit_position(&mut self, slice: &mut PositionSlice, row: &RowWrite) -> Result<Vec<(u16, Value)>, WriteRefused> {
        let mut more = Vec::new();
        for (property, value) in &row.values {
            let text = match value {
                Value::Text(text) if !text.is_empty() => Some(text.as_str()),
                _ => None,
            };
            let unit = |name, kind| self.unit_of_row(name, kind, text);
            match P::ALL.get(*property) {
                Some(P::code | P::effectiveStartDate) => {}
                Some(P::effectiveStatus) => {
                    slice.active = match text {
                        Some("A") => true,
                        Some("I") => false,
                        other => return Err(WriteRefused::value("effectiveStatus", other.unwrap_or_default())),
                    };
                }
                Some(P::company) => slice.company = unit("company", UnitKind::Company)?,
                Some(P::businessUnit) => slice.business_unit = unit("businessUnit", UnitKind::BusinessUnit)?,
                Some(P::division) => slice.division = unit("division", UnitKind::Division)?,
                Some(P::department) => slice.department = unit("department", UnitKind::Department)?,
                Some(P::location) => slice.location = unit("location", UnitKind::Location)?,
                Some(P::costCenter) => slice.cost_center = unit("costCenter", UnitKind::CostCenter)?,
                Some(P::jobCode) => slice.job_code = unit("jobCode", UnitKind::JobCode)?,
                Some(P::payGrade) => slice.pay_grade = unit("payGrade", UnitKind::PayGrade)?,
                Some(P::positionTitle | P::jobTitle | P::externalName_defaultValue) => {
                    slice.title = text.map_or(Text::NONE, |text| self.texts.add(text));
                }
                _ => more.push((*property as u16, value.clone())),
            }
        }
        for (navigation, to) in &row.links {
            if N::ALL.get(*navigation) != Some(&N::parentPosition) {
                return Err(WriteRefused::Unsupported("this navigation can not be written"));
            }
            slice.parent = match to.first() {
                None => NOBODY,
                Some(code) => self
                    .positions
                    .place(code, &self.texts)
                    .ok_or_else(|| WriteRefused::value("parentPosition", code))?,
            };
        }
        Ok(more)
    }

    /// Puts a slice in its place: over the one of its day, behind the one that it cuts short, or before all.
    fn keep_position(
        &mut self,
        place: Option<u32>,
        code: &str,
        slice: PositionSlice,
        same: Option<usize>,
        in_force: Option<usize>,
    ) -> (u32, usize) {
        let Some(place) = place else {
            let code = self.texts.add(code);
            let made = Position { code, slices: vec![slice], holders: Vec::new() };
            return (self.positions.add(made, &self.texts), 0);
        };
        let Some(position) = self.positions.all.get_mut(place as usize) else { return (place, 0) };
        let slices = &mut position.slices;
        if let Some(at) = same {
            slices[at] = slice;
            return (place, at);
        }
        if let Some(at) = in_force {
            slices[at].end = slice.start.plus(-1);
            slices.insert(at + 1, slice);
            return (place, at + 1);
        }
        let end = slices.first().map_or(Day::FOREVER, |first| first.start.plus(-1));
        slices.insert(0, PositionSlice { end, ..slice });
        (place, 0)
    }

    /// Deletes a slice: the one before takes its time. Who sits there keeps the position's code.
    pub(super) fn delete_position(&mut self, row: &RowWrite) -> Result<(), WriteRefused> {
        let missing = || WriteRefused::Missing(Set::Position);
        let code = row.text(P::code as usize).unwrap_or_default();
        let start = row.day(P::effectiveStartDate as usize).ok_or_else(missing)?;
        let place = self.positions.place(code, &self.texts).ok_or_else(missing)?;
        let slices = &mut self.positions.all.get_mut(place as usize).ok_or_else(missing)?.slices;
        let at = slices.iter().position(|slice| slice.start == start).ok_or_else(missing)?;
        let gone = slices.remove(at);
        if let Some(before) = at.checked_sub(1).and_then(|before| slices.get_mut(before)) {
            before.end = gone.end;
        }
        Ok(())
    }
}

/// An active slice of a chair that stands nowhere yet.
fn blank(audit: Audit) -> PositionSlice {
    PositionSlice {
        start: Day::ALWAYS,
        end: Day::FOREVER,
        active: true,
        title: Text::NONE,
        parent: NOBODY,
        company: NOTHING,
        business_unit: NOTHING,
        division: NOTHING,
        department: NOTHING,
        location: NOTHING,
        cost_center: NOTHING,
        job_code: NOTHING,
        pay_grade: NOTHING,
        fte: 1000,
        audit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::laws::{cell, company, follow, gap_free, text, well_formed};
    use crate::world::{Cell, KeyPart};

    fn row(code: &str, start: Day, more: &[(P, &str)]) -> RowWrite {
        let mut row = RowWrite::new(Set::Position);
        row.values =
            vec![(P::code as usize, Value::Text(code.into())), (P::effectiveStartDate as usize, Value::Date(start))];
        row.values.extend(more.iter().map(|(property, value)| (*property as usize, Value::Text((*value).into()))));
        row
    }

    fn write(world: &mut World, row: &RowWrite) -> Result<Done, WriteRefused> {
        world.write(std::slice::from_ref(row), &Manner::default()).remove(0).map(|done| done.done)
    }

    #[test]
    fn a_chair_is_made_moved_and_taken_away() {
        let mut world = company(1, 50);
        let today = world.today();
        assert!(matches!(write(&mut world, &row("CHAIR", today, &[])), Err(WriteRefused::Required(_))));
        let made =
            row("CHAIR", today, &[(P::effectiveStatus, "A"), (P::positionTitle, "Poet"), (P::department, "DEP00001")]);
        assert_eq!(write(&mut world, &made), Ok(Done::Inserted));
        let first = world.find(Set::Position, &[KeyPart::Str("CHAIR"), KeyPart::Day(today)]).unwrap();
        assert_eq!((text(&world, first, "positionTitle"), text(&world, first, "department")), ("Poet", "DEP00001"));
        let mut below = row("STOOL", today, &[(P::effectiveStatus, "A")]);
        below.links = vec![(N::parentPosition as usize, vec!["CHAIR".into()])];
        assert_eq!(write(&mut world, &below), Ok(Done::Inserted));
        let stool = world.find(Set::Position, &[KeyPart::Str("STOOL"), KeyPart::Day(today)]).unwrap();
        assert_eq!(follow(&world, stool, "parentPosition"), [first]);
        assert_eq!(write(&mut world, &row("CHAIR", today.plus(9), &[(P::department, "DEP00002")])), Ok(Done::Inserted));
        assert_eq!(cell(&world, first, "effectiveEndDate"), Cell::Date(today.plus(8)));
        assert!(write(&mut world, &row("CHAIR", today, &[(P::department, "nowhere")])).is_err());
        gap_free(&world);
        well_formed(&world);
        assert_eq!(world.delete(&row("CHAIR", today.plus(9), &[])), Ok(()));
        assert_eq!(cell(&world, first, "effectiveEndDate"), Cell::Date(Day::FOREVER));
        assert_eq!(world.delete(&row("STOOL", today.plus(9), &[])), Err(WriteRefused::Missing(Set::Position)));
    }
}
