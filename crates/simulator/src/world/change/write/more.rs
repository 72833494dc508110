//! Values that were written and have no field of their own: they stand before what follows from the rest.

use crate::schema::Set;
use crate::world::data::Audit;
use crate::world::units::UnitKind;
use crate::world::{Cell, RowId, Value, World};

impl World {
    /// The written value of a cell, when there is one.
    pub(in crate::world) fn written_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        // A company to which nothing was written pays nothing for the question.
        if self.more.is_empty() {
            return None;
        }
        let list = self.more.get(self.audit(row)?.more as usize)?;
        list.iter().find(|(at, _)| usize::from(*at) == property).map(|(_, value)| value.cell())
    }

    /// Who made and changed a row, for the sets that are written to.
    pub(in crate::world) fn audit(&self, row: RowId) -> Option<&Audit> {
        let child = usize::from(row.child);
        Some(match row.set {
            Set::PerPerson => &self.person(row)?.audit,
            Set::PerPersonal => &self.person(row)?.names.get(child)?.audit,
            Set::PerEmail => &self.person(row)?.emails.get(child)?.audit,
            Set::PerPhone => &self.person(row)?.phones.get(child)?.audit,
            Set::EmpEmployment => &self.employment(row)?.audit,
            Set::EmpEmploymentTermination => &self.employment(row)?.leaving.as_ref()?.audit,
            Set::EmpJob => &self.job(row)?.audit,
            Set::PerAddressDEFLT => &self.person(row)?.addresses.get(child)?.audit,
            Set::PerNationalId => &self.person(row)?.cards.get(child)?.audit,
            Set::EmpJobRelationships => &self.employment(row)?.relations.get(usize::from(row.slice))?.audit,
            Set::EmpGlobalAssignment => &self.employment(row)?.abroad.as_ref()?.audit,
            Set::EmpCompensation => &self.employment(row)?.pay.get(usize::from(row.slice))?.audit,
            Set::Position => &self.position(row)?.1.audit,
            set => {
                UnitKind::of(set)?;
                &self.unit_slice(row)?.audit
            }
        })
    }

    pub(super) fn audit_mut(&mut self, row: RowId) -> Option<&mut Audit> {
        let (top, child) = (row.top as usize, usize::from(row.child));
        if let Some(kind) = UnitKind::of(row.set) {
            return Some(&mut self.units.edit(kind).get_mut(top)?.slices.get_mut(child)?.audit);
        }
        if row.set == Set::Position {
            return Some(&mut self.positions.all.get_mut(top)?.slices.get_mut(child)?.audit);
        }
        let person = self.people.get_mut(top).filter(|person| !person.gone)?;
        Some(match row.set {
            Set::PerPerson => &mut person.audit,
            Set::PerPersonal => &mut person.names.get_mut(child)?.audit,
            Set::PerEmail => &mut person.emails.get_mut(child)?.audit,
            Set::PerPhone => &mut person.phones.get_mut(child)?.audit,
            Set::EmpEmployment => &mut person.employments.get_mut(child)?.audit,
            Set::EmpEmploymentTermination => &mut person.employments.get_mut(child)?.leaving.as_mut()?.audit,
            Set::PerAddressDEFLT => &mut person.addresses.get_mut(child)?.audit,
            Set::PerNationalId => &mut person.cards.get_mut(child)?.audit,
            Set::EmpJobRelationships => {
                &mut person.employments.get_mut(child)?.relations.get_mut(usize::from(row.slice))?.audit
            }
            Set::EmpGlobalAssignment => &mut person.employments.get_mut(child)?.abroad.as_mut()?.audit,
            Set::EmpCompensation => &mut person.employments.get_mut(child)?.pay.get_mut(usize::from(row.slice))?.audit,
            Set::EmpJob => &mut person.employments.get_mut(child)?.jobs.get_mut(usize::from(row.slice))?.audit,
            _ => return None,
        })
    }

    /// Adds written values to a row. The list is a new one each time, so that a row put back finds its old one.
    pub(super) fn write_more(&mut self, row: RowId, values: Vec<(u16, Value)>) {
        let Some(audit) = self.audit(row) else { return };
        if values.is_empty() {
            return;
        }
        let mut list = self.more.get(audit.more as usize).cloned().unwrap_or_default();
        for (property, value) in values {
            list.retain(|(at, _)| *at != property);
            list.push((property, value));
        }
        let place = self.more.len() as u32;
        self.more.push(list);
        if let Some(audit) = self.audit_mut(row) {
            audit.more = place;
        }
    }

    /// What of a row can be written, as it stands: two writes that leave it equal changed nothing.
    pub(super) fn shown(&self, row: RowId) -> Vec<String> {
        let properties = row.set.table().properties.iter().enumerate();
        let writable = properties.filter(|(_, property)| property.flags.upsertable());
        writable.map(|(at, _)| format!("{:?}", self.cell(row, at))).collect()
    }
}
