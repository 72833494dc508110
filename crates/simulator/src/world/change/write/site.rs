//! Writing the addresses of locations: through `FOLocation`, whose `address…` properties are written and never read.

use super::refused::WriteRefused;
use super::row::{Done, RowDone, RowWrite};
use super::rows::Written;
use crate::schema::Set;
use crate::schema::catalogue::fo_corporate_address_deflt;
use crate::schema::organization::fo_location::P;
use crate::world::cells::household::ADDRESS_IDS;
use crate::world::data::{Audit, Author};
use crate::world::segments::Address;
use crate::world::territory::territory;
use crate::world::text::Text;
use crate::world::{Day, RowId, Value, World};

/// The properties that go into the address and not into the location.
pub(super) const OF_ADDRESS: [P; 11] = [
    P::addressAddress1,
    P::addressAddress2,
    P::addressAddress3,
    P::addressAddress4,
    P::addressAddress5,
    P::addressCity,
    P::addressCountry,
    P::addressCounty,
    P::addressProvince,
    P::addressState,
    P::addressZipCode,
];

impl World {
    /// The address of a location, when it has one.
    pub(in crate::world) fn site(&self, place: u32) -> Option<&Address> {
        self.sites.get(place as usize).filter(|site| site.country != Text::NONE)
    }

    /// Takes the address that stands in the row of a location. A new one needs a country.
    pub(super) fn write_address_of(&mut self, place: u16, row: &RowWrite) -> Result<(), WriteRefused> {
        let sent: Vec<(P, Option<&str>)> = OF_ADDRESS
            .iter()
            .filter(|property| row.values.iter().any(|(at, _)| *at == **property as usize))
            .map(|property| (*property, row.text(*property as usize)))
            .collect();
        if sent.is_empty() {
            return Ok(());
        }
        let now = self.stamp();
        let mut site = match self.site(u32::from(place)) {
            Some(site) => site.clone(),
            None => {
                Self::demand(row, &[P::addressCountry as usize])?;
                blank(Audit::at(now, Author::Api))
            }
        };
        for (property, text) in sent {
            let stored = text.map_or(Text::NONE, |text| self.texts.add(text));
            match property {
                P::addressAddress1 => site.street = stored,
                P::addressAddress2 => site.more = stored,
                P::addressCity => site.city = stored,
                P::addressZipCode => site.zip = stored,
                P::addressState | P::addressProvince => site.state = self.state_code(text),
                P::addressCountry => {
                    let code = text.unwrap_or_default();
                    territory(code).ok_or_else(|| WriteRefused::value("addressCountry", code))?;
                    site.country = self.texts.shared(code);
                }
                _ if text.is_some() => {
                    return Err(WriteRefused::rule("An address of this company has two lines, and no county."));
                }
                _ => {}
            }
        }
        site.audit.touch(now, Author::Api);
        while self.sites.len() <= usize::from(place) {
            self.sites.push(blank(Audit::at(now, Author::Api)));
        }
        if let Some(slot) = self.sites.get_mut(usize::from(place)) {
            *slot = site;
        }
        Ok(())
    }

    /// The code of a state: a picklist value comes as the id of its option.
    fn state_code(&mut self, sent: Option<&str>) -> Text {
        let Some(sent) = sent else { return Text::NONE };
        let option = self.picks.named("STATE_USA", sent).and_then(|at| self.picks.choices.get(usize::from(at)));
        let code = option.map_or_else(|| sent.to_owned(), |choice| choice.code.to_string());
        self.texts.shared(&code)
    }

    /// `FOCorporateAddressDEFLT` can be upserted, and none of its properties can: an upsert finds the row and changes
    /// nothing.
    pub(super) fn write_site(&mut self, row: &RowWrite) -> Written {
        let id = row.int(fo_corporate_address_deflt::P::addressId as usize);
        let place = id.and_then(|id| u32::try_from(id).ok()?.checked_sub(ADDRESS_IDS));
        let place = place.filter(|place| self.site(*place).is_some());
        let place = place.ok_or(WriteRefused::Missing(Set::FOCorporateAddressDEFLT))?;
        let place = RowId::new(Set::FOCorporateAddressDEFLT, place, 0, 0);
        Ok(RowDone { done: Done::Unchanged, row: Some(place), key: self.key_of_row(place) })
    }
}

fn blank(audit: Audit) -> Address {
    let none = Text::NONE;
    Address {
        start: Day::ALWAYS,
        end: Day::FOREVER,
        kind: none,
        street: none,
        more: none,
        zip: none,
        city: none,
        state: none,
        country: none,
        audit,
    }
}

/// Whether a value of a location stands in its address.
pub(super) fn of_address(row: &RowWrite, value: &(usize, Value)) -> bool {
    row.set == Set::FOLocation && OF_ADDRESS.iter().any(|property| *property as usize == value.0)
}
