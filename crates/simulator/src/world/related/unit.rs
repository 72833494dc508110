//! Navigations of foundation objects.

use super::option_row;
use crate::schema::Set;
use crate::schema::catalogue::fo_event_reason;
use crate::schema::organization::{
    fo_business_unit, fo_company, fo_cost_center, fo_department, fo_division, fo_job_code, fo_location,
};
use crate::world::units::{UnitKind, UnitSlice};
use crate::world::{AsOf, RowId, World};

impl World {
    pub(super) fn unit_to(&self, row: RowId, navigation: usize, slice: &UnitSlice, as_of: AsOf) -> Option<RowId> {
        let status = || Some(RowId::new(Set::MDFEnumValue, u32::from(!slice.active), 0, 0));
        let country = || self.territory_row(slice.country);
        let parent = || self.unit_row(UnitKind::of(row.set)?, slice.parent, as_of);
        match row.set {
            Set::FOCompany => match fo_company::N::ALL.get(navigation)? {
                fo_company::N::countryNav | fo_company::N::countryOfRegistrationNav => country(),
                fo_company::N::statusNav => status(),
                fo_company::N::defaultLocationNav => self.unit_row(UnitKind::Location, slice.beside, as_of),
            },
            Set::FOBusinessUnit => match fo_business_unit::N::ALL.get(navigation)? {
                fo_business_unit::N::statusNav => status(),
                fo_business_unit::N::headOfUnitNav => self.user_row(slice.head),
            },
            Set::FODivision => match fo_division::N::ALL.get(navigation)? {
                fo_division::N::statusNav => status(),
                fo_division::N::headOfUnitNav => self.user_row(slice.head),
                fo_division::N::parentNav => parent(),
                fo_division::N::cust_toBusinessUnit => None,
            },
            Set::FODepartment => match fo_department::N::ALL.get(navigation)? {
                fo_department::N::statusNav => status(),
                fo_department::N::costCenterNav => self.unit_row(UnitKind::CostCenter, slice.beside, as_of),
                fo_department::N::headOfUnitNav => self.user_row(slice.head),
                fo_department::N::parentNav => parent(),
                fo_department::N::cust_toDivision => None,
            },
            Set::FOLocation => match fo_location::N::ALL.get(navigation)? {
                fo_location::N::addressNavDEFLT => {
                    let site = RowId::new(Set::FOCorporateAddressDEFLT, row.top, 0, 0);
                    self.site(row.top).map(|_| site)
                }
                fo_location::N::companyFlxNav => None,
            },
            Set::FOCostCenter => match fo_cost_center::N::ALL.get(navigation)? {
                fo_cost_center::N::statusNav => status(),
                fo_cost_center::N::costcenterManagerNav => self.user_row(slice.head),
                fo_cost_center::N::parentNav => parent(),
            },
            Set::FOJobCode => match fo_job_code::N::ALL.get(navigation)? {
                fo_job_code::N::statusNav => status(),
                fo_job_code::N::gradeNav => self.unit_row(UnitKind::PayGrade, slice.beside, as_of),
                fo_job_code::N::parentJobCodeNav => parent(),
            },
            Set::FOEventReason => {
                let reason = self.reason_of(row)? as usize;
                match fo_event_reason::N::ALL.get(navigation)? {
                    fo_event_reason::N::eventNav => option_row(self.picks.usual.event[reason]),
                    fo_event_reason::N::emplStatusNav => option_row(self.picks.usual.status[reason]),
                }
            }
            _ => None,
        }
    }
}
