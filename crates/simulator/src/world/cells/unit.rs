//! Cells of foundation objects. Their tables share most of their properties.

use super::stamp;
use crate::schema::catalogue::fo_event_reason;
use crate::schema::organization::{
    fo_business_unit, fo_company, fo_cost_center, fo_department, fo_division, fo_job_code, fo_location,
};
use crate::schema::pay::fo_pay_grade;
use crate::world::data::Reason;
use crate::world::units::{UnitKind, UnitSlice};
use crate::world::{Cell, RowId, World};

impl World {
    fn unit_code(&self, row: RowId) -> Cell<'_> {
        UnitKind::of(row.set()).map_or(Cell::Null, |kind| self.code(kind, row.top as u16))
    }

    fn parent_code(&self, row: RowId, slice: &UnitSlice) -> Cell<'_> {
        UnitKind::of(row.set()).map_or(Cell::Null, |kind| self.code(kind, slice.parent))
    }

    /// What an event reason stands for; nothing for one that the simulator has no rule for.
    pub(in crate::world) fn reason_of(&self, row: RowId) -> Option<Reason> {
        let unit = self.units.get(UnitKind::EventReason, row.top as u16)?;
        Reason::coded(self.texts.read(unit.code))
    }

    fn head(&self, slice: &UnitSlice) -> Cell<'_> {
        self.users.get(slice.head as usize).map_or(Cell::Null, |user| self.str(user.id))
    }
}

/// Status of a foundation object: a code, not a picklist option.
fn status(slice: &UnitSlice) -> Cell<'static> {
    Cell::Str(if slice.active { "A" } else { "I" })
}

/// A reader for one kind: the shared properties, and the ones of its own.
macro_rules! unit_cells {
    ($name:ident, $module:ident, |$world:ident, $row:ident, $slice:ident| { $($own:pat => $cell:expr,)* }) => {
        impl World {
            pub(super) fn $name(&self, $row: RowId, property: usize) -> Option<Cell<'_>> {
                use $module::P;
                let $world = self;
                let $slice = self.unit_slice($row)?;
                let audit = &$slice.audit;
                Some(match P::ALL.get(property)? {
                    P::externalCode => $world.unit_code($row),
                    P::startDate => Cell::Date($slice.start),
                    P::endDate => Cell::Date($slice.end),
                    P::name => $world.str($slice.name),
                    P::description => $world.str($slice.description),
                    P::status => status($slice),
                    P::createdBy => Cell::Str(audit.author.name()),
                    P::createdDateTime => stamp(audit.created),
                    P::createdOn => $world.local(audit.created),
                    P::lastModifiedBy => Cell::Str(audit.editor.name()),
                    P::lastModifiedDateTime => stamp(audit.modified),
                    P::lastModifiedOn => $world.local(audit.modified),
                    $($own => $cell,)*
                    _ => return None,
                })
            }
        }
    };
}

unit_cells!(company_cell, fo_company, |world, row, slice| {
    P::name_defaultValue | P::name_localized | P::name_en_US => world.str(slice.name),
    P::description_defaultValue | P::description_localized | P::description_en_US => world.str(slice.description),
    P::country => world.str(slice.country),
    P::currency => world.str(slice.currency),
    P::defaultLocation => world.code(UnitKind::Location, slice.beside),
    P::standardHours => Cell::Double(40.0),
});

unit_cells!(business_unit_cell, fo_business_unit, |world, row, slice| {
    P::name_defaultValue | P::name_localized | P::name_en_US => world.str(slice.name),
    P::description_defaultValue | P::description_localized | P::description_en_US => world.str(slice.description),
    P::headOfUnit => world.head(slice),
});

unit_cells!(division_cell, fo_division, |world, row, slice| {
    P::name_defaultValue | P::name_localized | P::name_en_US => world.str(slice.name),
    P::description_defaultValue | P::description_localized | P::description_en_US => world.str(slice.description),
    P::headOfUnit => world.head(slice),
    P::parent => world.parent_code(row, slice),
});

unit_cells!(department_cell, fo_department, |world, row, slice| {
    P::name_defaultValue | P::name_localized | P::name_en_US => world.str(slice.name),
    P::description_defaultValue | P::description_localized | P::description_en_US => world.str(slice.description),
    P::headOfUnit => world.head(slice),
    P::parent => world.parent_code(row, slice),
    P::costCenter => world.code(UnitKind::CostCenter, slice.beside),
});

unit_cells!(location_cell, fo_location, |world, row, slice| {
    P::timezone => world.str(slice.zone),
    P::addressCity => world.str(slice.city),
    P::addressCountry => world.str(slice.country),
    P::standardHours => Cell::Double(40.0),
});

unit_cells!(cost_center_cell, fo_cost_center, |world, row, slice| {
    P::name_defaultValue | P::name_localized | P::name_en_US => world.str(slice.name),
    P::description_defaultValue | P::description_localized | P::description_en_US => world.str(slice.description),
    P::costcenterManager => world.head(slice),
    P::parent => world.parent_code(row, slice),
});

unit_cells!(job_code_cell, fo_job_code, |world, row, slice| {
    P::name_defaultValue | P::name_localized | P::name_en_US => world.str(slice.name),
    P::description_defaultValue | P::description_localized | P::description_en_US => world.str(slice.description),
    P::parentJobCode => world.parent_code(row, slice),
    P::grade => world.code(UnitKind::PayGrade, slice.beside),
    P::isFulltimeEmployee => Cell::Bool(true),
    P::standardHours => Cell::Double(40.0),
});

unit_cells!(pay_grade_cell, fo_pay_grade, |world, row, slice| {
    P::paygradeLevel => Cell::Int(i64::from(row.top) + 1),
});

unit_cells!(event_reason_cell, fo_event_reason, |world, row, slice| {
    P::event => world.option(world.picks.usual.event[world.reason_of(row)? as usize]),
    P::emplStatus => world.option(world.picks.usual.status[world.reason_of(row)? as usize]),
    P::includeInWorkExperience => Cell::Bool(true),
});
