//! Cells of picklists, options and labels.

use super::words;
use crate::schema::picklist::{picklist, picklist_label, picklist_option};
use crate::world::{Cell, RowId, World};

impl World {
    pub(super) fn picklist_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        let list = self.picks.lists.get(row.top as usize)?;
        Some(match picklist::P::ALL.get(property)? {
            picklist::P::picklistId => Cell::Str(&list.id),
        })
    }

    pub(super) fn option_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use picklist_option::P;
        let choice = self.picks.choices.get(row.top as usize)?;
        Some(match P::ALL.get(property)? {
            P::id => Cell::Int(i64::from(choice.id)),
            P::externalCode | P::mdfExternalCode => Cell::Str(&choice.code),
            P::sortOrder => Cell::Int(i64::from(choice.order) + 1),
            P::optionValue => Cell::Double(-1.0),
            P::minValue | P::maxValue => Cell::Double(0.0),
            P::status => Cell::Str(if choice.inactive { "DELETED" } else { "ACTIVE" }),
            P::localeLabel => {
                words(choice.labels.iter().find(|label| label.0 == "en_US").map_or("", |label| &*label.1))
            }
        })
    }

    pub(super) fn label_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use picklist_label::P;
        let choice = self.picks.choices.get(row.top as usize)?;
        let (locale, label) = choice.labels.get(usize::from(row.child))?;
        Some(match P::ALL.get(property)? {
            P::optionId => Cell::Int(i64::from(choice.id)),
            P::id => Cell::Int(i64::from(choice.id) * 10 + i64::from(row.child)),
            P::locale => Cell::Str(locale),
            P::label => Cell::Str(label),
        })
    }
}
