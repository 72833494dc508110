//! Navigations of addresses and national ids.

use super::option_row;
use crate::schema::Set;
use crate::schema::catalogue::fo_corporate_address_deflt;
use crate::schema::household::{per_address_deflt, per_national_id};
use crate::world::territory::territory;
use crate::world::text::Text;
use crate::world::{RowId, World};

impl World {
    pub(super) fn territory_row(&self, country: Text) -> Option<RowId> {
        Some(RowId::new(Set::Territory, territory(self.texts.get(country)?)? as u32, 0, 0))
    }

    pub(super) fn household_to(&self, row: RowId, navigation: usize) -> Option<RowId> {
        let person = || Some(RowId::new(Set::PerPerson, row.top, 0, 0));
        match row.set {
            Set::PerAddressDEFLT => match per_address_deflt::N::ALL.get(navigation)? {
                per_address_deflt::N::personNav => person(),
                per_address_deflt::N::countryNav => {
                    self.territory_row(self.person(row)?.addresses.get(usize::from(row.child))?.country)
                }
            },
            Set::PerNationalId => match per_national_id::N::ALL.get(navigation)? {
                per_national_id::N::personNav => person(),
                per_national_id::N::countryNav => {
                    self.territory_row(self.person(row)?.cards.get(usize::from(row.child))?.country)
                }
            },
            _ => {
                let site = self.site(row.top)?;
                match fo_corporate_address_deflt::N::ALL.get(navigation)? {
                    fo_corporate_address_deflt::N::countryNav => self.territory_row(site.country),
                    fo_corporate_address_deflt::N::stateNav => {
                        let abroad = self.texts.read(site.country) != "USA";
                        if abroad {
                            None
                        } else {
                            option_row(self.picks.option("STATE_USA", self.texts.get(site.state)?)?)
                        }
                    }
                }
            }
        }
    }
}
