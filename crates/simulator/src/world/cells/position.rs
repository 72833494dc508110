//! Cells of positions.

use super::stamp;
use crate::schema::position::position;
use crate::world::data::NOBODY;
use crate::world::positions::{Position, PositionSlice};
use crate::world::units::UnitKind;
use crate::world::{Cell, RowId, World};

impl World {
    pub(in crate::world) fn position(&self, row: RowId) -> Option<(&Position, &PositionSlice)> {
        let position = self.positions.get(row.top)?;
        Some((position, position.slices.get(usize::from(row.child))?))
    }

    pub(super) fn position_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use position::P;
        let (position, slice) = self.position(row)?;
        let audit = &slice.audit;
        Some(match P::ALL.get(property)? {
            P::code => self.str(position.code),
            P::effectiveStartDate => Cell::Date(slice.start),
            P::effectiveEndDate => Cell::Date(slice.end),
            P::effectiveStatus => Cell::Str(if slice.active { "A" } else { "I" }),
            P::positionTitle
            | P::jobTitle
            | P::externalName_defaultValue
            | P::externalName_localized
            | P::externalName_en_US => self.str(slice.title),
            P::company => self.code(UnitKind::Company, slice.company),
            P::businessUnit => self.code(UnitKind::BusinessUnit, slice.business_unit),
            P::division => self.code(UnitKind::Division, slice.division),
            P::department => self.code(UnitKind::Department, slice.department),
            P::location => self.code(UnitKind::Location, slice.location),
            P::costCenter => self.code(UnitKind::CostCenter, slice.cost_center),
            P::jobCode => self.code(UnitKind::JobCode, slice.job_code),
            P::payGrade => self.code(UnitKind::PayGrade, slice.pay_grade),
            P::incumbent => match self.incumbent(row.top, self.today()) {
                NOBODY => return None,
                user => self.str(self.users.get(user as usize)?.id),
            },
            P::vacant => Cell::Bool(self.incumbent(row.top, self.today()) == NOBODY),
            P::multipleIncumbentsAllowed => Cell::Bool(false),
            P::positionControlled => Cell::Bool(true),
            P::r#type => Cell::Str("RP"),
            P::regularTemporary => Cell::Str("R"),
            P::targetFTE => Cell::Double(f64::from(slice.fte) / 1000.0),
            P::standardHours => Cell::Double(f64::from(slice.fte) / 25.0),
            P::transactionSequence => Cell::Int(1),
            P::mdfSystemRecordStatus => Cell::Str("N"),
            P::createdBy => Cell::Str(audit.author.name()),
            P::createdDateTime => stamp(audit.created),
            P::createdDate => self.local(audit.created),
            P::lastModifiedBy => Cell::Str(audit.editor.name()),
            P::lastModifiedDateTime | P::lastModifiedDateWithTZ => stamp(audit.modified),
            P::lastModifiedDate => self.local(audit.modified),
            _ => return None,
        })
    }
}
