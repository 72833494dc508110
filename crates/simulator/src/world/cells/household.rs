//! Cells of addresses and national ids.

use super::cells;
use crate::schema::catalogue::fo_corporate_address_deflt;
use crate::schema::household::{per_address_deflt, per_national_id};
use crate::world::segments::Address;
use crate::world::{Cell, RowId, World};

/// Added to the place of a location, so that the id of its address is nobody else's.
pub(in crate::world) const ADDRESS_IDS: u32 = 20_001;

impl World {
    /// In the USA a state is an option of a picklist, elsewhere it is written out as the province.
    fn state(&self, address: &Address) -> Cell<'_> {
        if self.texts.read(address.country) != "USA" {
            return Cell::Null;
        }
        self.picks.option("STATE_USA", self.texts.read(address.state)).map_or(Cell::Null, |place| self.option(place))
    }

    fn province(&self, address: &Address) -> Cell<'_> {
        if self.texts.read(address.country) == "USA" { Cell::Null } else { self.str(address.state) }
    }

    pub(super) fn address_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        let person = self.person(row)?;
        let address = person.addresses.get(usize::from(row.child))?;
        cells!(self, property, &address.audit, per_address_deflt, {
            P::personIdExternal => self.str(person.external),
            P::addressType => self.str(address.kind),
            P::startDate => Cell::Date(address.start),
            P::endDate => Cell::Date(address.end),
            P::address1 => self.str(address.street),
            P::address2 => self.str(address.more),
            P::zipCode => self.str(address.zip),
            P::city => self.str(address.city),
            P::state => self.state(address),
            P::province => self.province(address),
            P::country => self.str(address.country),
        })
    }

    pub(super) fn card_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        let person = self.person(row)?;
        let card = person.cards.get(usize::from(row.child))?;
        cells!(self, property, &card.audit, per_national_id, {
            P::personIdExternal => self.str(person.external),
            P::country => self.str(card.country),
            P::cardType => self.str(card.kind),
            P::nationalId => self.str(card.number),
            P::isPrimary => Cell::Bool(card.primary),
        })
    }

    pub(super) fn site_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        let address = self.site(row.top)?;
        cells!(self, property, &address.audit, fo_corporate_address_deflt, {
            P::addressId => Cell::Int(i64::from(row.top + ADDRESS_IDS)),
            P::startDate => Cell::Date(address.start),
            P::endDate => Cell::Date(address.end),
            P::address1 => self.str(address.street),
            P::address2 => self.str(address.more),
            P::zipCode => self.str(address.zip),
            P::city => self.str(address.city),
            P::state => self.state(address),
            P::province => self.province(address),
            P::country => self.str(address.country),
        })
    }
}
