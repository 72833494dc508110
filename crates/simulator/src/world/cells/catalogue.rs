//! Cells of what nobody changes: countries, enumerations, picklists as the metadata framework has them.

use super::{stamp, words};
use crate::schema::catalogue::{mdf_enum_value, territory};
use crate::schema::picklist_v2::{pick_list_v2, pick_list_value_v2};
use crate::world::territory::TERRITORIES;
use crate::world::{Cell, Day, RowId, Stamp, World};

/// The enumeration of the status of foundation objects: key, and its values with their words.
pub(in crate::world) const STATUS_ENUM: &str = "com.successfactors.genericobject.api.StatusEnum";
pub(in crate::world) const STATUSES: [(&str, &str); 2] = [("A", "Active"), ("I", "Inactive")];

/// When the picklists were imported: 5 January 2015.
const IMPORTED: Stamp = Stamp(1_420_412_400);

impl World {
    pub(super) fn territory_cell(row: RowId, property: usize) -> Option<Cell<'static>> {
        use territory::P;
        let (code, short, name) = TERRITORIES.get(row.top as usize)?;
        Some(Cell::Str(match P::ALL.get(property)? {
            P::territoryCode => code,
            P::territoryName => name,
            P::twoCharCountryCode => short,
        }))
    }

    pub(super) fn enum_cell(row: RowId, property: usize) -> Option<Cell<'static>> {
        use mdf_enum_value::P;
        let (value, words) = STATUSES.get(row.top as usize)?;
        Some(Cell::Str(match P::ALL.get(property)? {
            P::key => STATUS_ENUM,
            P::value => value,
            P::localized => words,
        }))
    }

    pub(super) fn list_v2_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use pick_list_v2::P;
        let list = self.picks.lists.get(row.top as usize)?;
        Some(match P::ALL.get(property)? {
            P::id | P::legacyPickListId => Cell::Str(&list.id),
            P::name => Cell::Str(list.name.as_deref().unwrap_or(&list.id)),
            P::effectiveStartDate => Cell::Date(Day::ALWAYS),
            P::effectiveEndDate => Cell::Date(Day::FOREVER),
            P::status => Cell::Str("A"),
            P::mdfSystemRecordStatus => Cell::Str("N"),
            P::displayOrder => Cell::Str("numeric"),
            P::createdBy | P::lastModifiedBy => Cell::Str("sfadmin"),
            P::createdDate | P::lastModifiedDate => self.local(IMPORTED),
            P::createdDateTime | P::lastModifiedDateTime | P::lastModifiedDateWithTZ => stamp(IMPORTED),
            _ => return None,
        })
    }

    pub(super) fn value_v2_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use pick_list_value_v2::P;
        let choice = self.picks.choices.get(row.top as usize)?;
        let list = self.picks.lists.get(usize::from(choice.picklist))?;
        let label = |locale| choice.labels.iter().find(|one| one.0 == locale).map_or("", |one| &*one.1);
        Some(match P::ALL.get(property)? {
            P::PickListV2_id => Cell::Str(&list.id),
            P::PickListV2_effectiveStartDate | P::mdfSystemEffectiveStartDate => Cell::Date(Day::ALWAYS),
            P::mdfSystemEffectiveEndDate => Cell::Date(Day::FOREVER),
            P::externalCode | P::nonUniqueExternalCode => Cell::Str(&choice.code),
            P::label_defaultValue | P::label_localized | P::label_en_US => words(label("en_US")),
            P::label_de_DE => words(label("de_DE")),
            P::label_fr_FR => words(label("fr_FR")),
            P::optionId => Cell::Int(i64::from(choice.id)),
            P::status => Cell::Str(if choice.inactive { "I" } else { "A" }),
            P::legacyStatus => Cell::Int(1),
            P::lValue | P::rValue | P::minVal | P::maxVal | P::optValue => Cell::Int(-1),
            P::mdfSystemRecordStatus => Cell::Str("N"),
            P::createdBy | P::lastModifiedBy => Cell::Str("sfadmin"),
            P::createdDate | P::lastModifiedDate => self.local(IMPORTED),
            P::createdDateTime | P::lastModifiedDateTime | P::lastModifiedDateWithTZ => stamp(IMPORTED),
            _ => return None,
        })
    }
}
