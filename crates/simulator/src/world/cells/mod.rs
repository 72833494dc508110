//! Reading a cell: a jump by set, then by property.

pub(super) mod account;
pub(super) mod background;
pub(super) mod catalogue;
mod employment;
pub(super) mod household;
mod job;
mod person;
mod picklist;
mod position;
mod terms;
mod unit;
mod user;

use super::data::NOTHING;
use super::text::Text;
use super::units::UnitKind;
use super::{Cell, Day, RowId, Stamp, World};
use crate::schema::Set;

/// A reader of cells: who wrote a row and when, as most tables have it, and the properties of its own.
macro_rules! cells {
    ($world:ident, $property:ident, $audit:expr, $module:ident, { $($own:pat => $cell:expr,)* }) => {{
        use $module::P;
        let audit = $audit;
        Some(match P::ALL.get($property)? {
            P::createdBy => Cell::Str(audit.author.name()),
            P::createdDateTime => crate::world::cells::stamp(audit.created),
            P::createdOn => $world.local(audit.created),
            P::lastModifiedBy => Cell::Str(audit.editor.name()),
            P::lastModifiedDateTime => crate::world::cells::stamp(audit.modified),
            P::lastModifiedOn => $world.local(audit.modified),
            $($own => $cell,)*
            _ => return None,
        })
    }};
}
use cells;

impl World {
    /// What the row holds at the property of that index in its table. Null for an index the table does not have and
    /// for a row that is gone.
    pub fn cell(&self, row: RowId, property: usize) -> Cell<'_> {
        if let Some(written) = self.written_cell(row, property) {
            return written;
        }
        let cell = match row.set {
            Set::User => self.user_cell(row, property),
            Set::PerPerson => self.person_cell(row, property),
            Set::PerPersonal => self.personal_cell(row, property),
            Set::PerEmail => self.email_cell(row, property),
            Set::PerPhone => self.phone_cell(row, property),
            Set::EmpEmployment => self.employment_cell(row, property),
            Set::EmpEmploymentTermination => self.termination_cell(row, property),
            Set::PersonEmpTerminationInfo => self.termination_info_cell(row, property),
            Set::EmpJob => self.job_cell(row, property),
            Set::FOCompany => self.company_cell(row, property),
            Set::FOBusinessUnit => self.business_unit_cell(row, property),
            Set::FODivision => self.division_cell(row, property),
            Set::FODepartment => self.department_cell(row, property),
            Set::FOLocation => self.location_cell(row, property),
            Set::FOCostCenter => self.cost_center_cell(row, property),
            Set::FOJobCode => self.job_code_cell(row, property),
            Set::Picklist => self.picklist_cell(row, property),
            Set::PicklistOption => self.option_cell(row, property),
            Set::PicklistLabel => self.label_cell(row, property),
            Set::DynamicGroup
            | Set::DGPeoplePool
            | Set::DGFilter
            | Set::DGField
            | Set::DGExpression
            | Set::DGFieldOperator
            | Set::DGFieldValue
            | Set::DynamicGroupDefinition
            | Set::RBPRole
            | Set::RBPRule
            | Set::RBPBasicPermission => self.group_cell(row, property),
            Set::PerAddressDEFLT => self.address_cell(row, property),
            Set::PerNationalId => self.card_cell(row, property),
            Set::PersonKey => self.person_key_cell(row, property),
            Set::UserAccount => self.account_cell(row, property),
            Set::EmpJobRelationships => self.relation_cell(row, property),
            Set::EmpGlobalAssignment => self.abroad_cell(row, property),
            Set::EmpCompensation => self.pay_cell(row, property),
            Set::EmpPayCompRecurring => self.component_cell(row, property),
            Set::FOPayGrade => self.pay_grade_cell(row, property),
            Set::FOEventReason => self.event_reason_cell(row, property),
            Set::FOCorporateAddressDEFLT => self.site_cell(row, property),
            Set::Position => self.position_cell(row, property),
            Set::Territory => Self::territory_cell(row, property),
            Set::MDFEnumValue => Self::enum_cell(row, property),
            Set::Photo => self.photo_cell(row, property),
            Set::ExternalUser | Set::ExtPersonalInfo | Set::ExtEmailInfo | Set::ExtPhoneInfo | Set::ExtAddressInfo => {
                self.external_cell(row, property)
            }
            Set::PickListV2 => self.list_v2_cell(row, property),
            Set::PickListValueV2 => self.value_v2_cell(row, property),
            Set::Background_SpecialAssign => self.background_cell(row, property),
        };
        cell.unwrap_or(Cell::Null)
    }

    fn str(&self, text: Text) -> Cell<'_> {
        self.texts.get(text).map_or(Cell::Null, Cell::Str)
    }

    fn local(&self, stamp: Stamp) -> Cell<'_> {
        if stamp == Stamp::NEVER { Cell::Null } else { Cell::LocalStamp(self.clock.wall_clock(stamp)) }
    }

    /// The id of a picklist option, as text.
    fn option(&self, place: u16) -> Cell<'_> {
        if place == NOTHING {
            return Cell::Null;
        }
        self.picks.choices.get(usize::from(place)).map_or(Cell::Null, |choice| Cell::Str(&choice.text))
    }

    /// The external code of a foundation object.
    fn code(&self, kind: UnitKind, place: u16) -> Cell<'_> {
        self.units.get(kind, place).map_or(Cell::Null, |unit| self.str(unit.code))
    }
}

fn stamp(stamp: Stamp) -> Cell<'static> {
    if stamp == Stamp::NEVER { Cell::Null } else { Cell::Stamp(stamp.millis()) }
}

/// The day, unless it is that of something open.
fn ended(day: Day) -> Cell<'static> {
    if day == Day::FOREVER { Cell::Null } else { Cell::Date(day) }
}

fn words(text: &str) -> Cell<'_> {
    if text.is_empty() { Cell::Null } else { Cell::Str(text) }
}
