//! Following navigations.

use super::World;
use super::data::{Job, NOBODY, NOTHING};
use super::groups::is_of_groups;
use super::row::{AsOf, Related, RowId};
use super::rows::terminations;
use super::units::{UnitKind, UnitSlice};
use crate::schema::employment::{emp_employment, emp_employment_termination};
use crate::schema::job::emp_job;
use crate::schema::organization::{fo_company, fo_cost_center, fo_department, fo_division, fo_job_code, fo_location};
use crate::schema::person::{per_email, per_person, per_personal, per_phone};
use crate::schema::picklist::picklist_option;
use crate::schema::user::user;
use crate::schema::{Set, organization::fo_business_unit};

impl World {
    /// Where the navigation of that index in the row's table leads, with slices taken as of `as_of`. A navigation to
    /// one that finds several slices takes the last; users come whatever their status.
    pub fn related(&self, row: RowId, navigation: usize, as_of: AsOf) -> Related {
        let many = row.set.table().navigations.get(navigation).is_some_and(|one| one.many);
        if many {
            Related::Many(self.many(row, navigation, as_of))
        } else {
            Related::One(self.one(row, navigation, as_of))
        }
    }

    fn many(&self, row: RowId, navigation: usize, as_of: AsOf) -> Vec<RowId> {
        let children = |set, count: usize| (0..count).map(|at| RowId::new(set, row.top, at as u16, 0)).collect();
        match row.set {
            Set::PerPerson => {
                let Some(person) = self.person(row) else { return Vec::new() };
                match per_person::N::ALL.get(navigation) {
                    Some(per_person::N::emailNav) => children(Set::PerEmail, person.emails.len()),
                    Some(per_person::N::phoneNav) => children(Set::PerPhone, person.phones.len()),
                    Some(per_person::N::employmentNav) => children(Set::EmpEmployment, person.employments.len()),
                    Some(per_person::N::personalInfoNav) => self.name_rows(row.top, as_of),
                    _ => Vec::new(),
                }
            }
            Set::EmpEmployment => self.job_rows(row.top, row.child, as_of),
            Set::User => match user::N::ALL.get(navigation) {
                Some(user::N::directReports) => self.direct_reports(row.top),
                Some(navigation) => self.linked_users(row.top, *navigation),
                None => Vec::new(),
            },
            Set::Picklist => match self.picks.lists.get(row.top as usize) {
                Some(list) => (list.first..list.first + list.count)
                    .map(|at| RowId::new(Set::PicklistOption, u32::from(at), 0, 0))
                    .collect(),
                None => Vec::new(),
            },
            Set::PicklistOption => {
                match (picklist_option::N::ALL.get(navigation), self.picks.choices.get(row.top as usize)) {
                    (Some(picklist_option::N::picklistLabels), Some(choice)) => {
                        children(Set::PicklistLabel, choice.labels.len())
                    }
                    _ => Vec::new(),
                }
            }
            set if is_of_groups(set) => self.group_many(row, navigation),
            set => {
                let (Some(kind), Some(slice)) = (UnitKind::of(set), self.unit_slice(row)) else { return Vec::new() };
                let above = match kind {
                    UnitKind::Department => UnitKind::Division,
                    UnitKind::Division => UnitKind::BusinessUnit,
                    UnitKind::Location => UnitKind::Company,
                    _ => return Vec::new(),
                };
                self.unit_row(above, slice.above, as_of).into_iter().collect()
            }
        }
    }

    fn one(&self, row: RowId, navigation: usize, as_of: AsOf) -> Option<RowId> {
        let person = |row: RowId| Some(RowId::new(Set::PerPerson, row.top, 0, 0));
        match row.set {
            Set::User => match user::N::ALL.get(navigation)? {
                user::N::empInfo => self.employment_row(row.top),
                user::N::manager => self.user_row(self.manager_today(row.top)),
                user::N::hr => self.user_row(self.users.get(row.top as usize)?.hr),
                user::N::secondManager => self.linked_users(row.top, user::N::secondManager).pop(),
                _ => None,
            },
            Set::PerPerson => {
                let info = RowId::new(Set::PersonEmpTerminationInfo, row.top, 0, 0);
                self.person(row).filter(|person| !person.employments.is_empty()).map(|_| info)
            }
            Set::PerPersonal => {
                let name = self.person(row)?.names.get(usize::from(row.child))?;
                match per_personal::N::ALL.get(navigation)? {
                    per_personal::N::maritalStatusNav => option_row(name.marital),
                    per_personal::N::nativePreferredLangNav => option_row(name.language),
                    per_personal::N::salutationNav => option_row(name.salutation),
                    per_personal::N::personNav => person(row),
                }
            }
            Set::PerEmail => match per_email::N::ALL.get(navigation)? {
                per_email::N::emailTypeNav => option_row(self.person(row)?.emails.get(usize::from(row.child))?.kind),
                per_email::N::personNav => person(row),
            },
            Set::PerPhone => match per_phone::N::ALL.get(navigation)? {
                per_phone::N::phoneTypeNav => option_row(self.person(row)?.phones.get(usize::from(row.child))?.kind),
                per_phone::N::personNav => person(row),
            },
            Set::EmpEmployment => match emp_employment::N::ALL.get(navigation)? {
                emp_employment::N::userNav => self.user_row(self.employment(row)?.user),
                emp_employment::N::personNav => person(row),
                emp_employment::N::jobInfoNav => None,
            },
            Set::EmpEmploymentTermination => match emp_employment_termination::N::ALL.get(navigation)? {
                emp_employment_termination::N::employmentNav => Some(RowId { set: Set::EmpEmployment, ..row }),
                emp_employment_termination::N::jobInfoNav => {
                    let end = self.employment(row)?.end;
                    self.job_rows(row.top, row.child, AsOf::Day(end.plus(1))).pop()
                }
                emp_employment_termination::N::personNav => person(row),
                emp_employment_termination::N::userNav => self.user_row(self.employment(row)?.user),
            },
            Set::PersonEmpTerminationInfo => person(row),
            Set::EmpJob => self.job_to(row, *emp_job::N::ALL.get(navigation)?, as_of),
            Set::PicklistOption => match picklist_option::N::ALL.get(navigation)? {
                picklist_option::N::picklist => {
                    let list = self.picks.choices.get(row.top as usize)?.picklist;
                    Some(RowId::new(Set::Picklist, u32::from(list), 0, 0))
                }
                _ => None,
            },
            Set::PicklistLabel => Some(RowId::new(Set::PicklistOption, row.top, 0, 0)),
            Set::Picklist => None,
            set if is_of_groups(set) => self.group_one(row, navigation),
            _ => self.unit_to(row, navigation, self.unit_slice(row)?, as_of),
        }
    }

    fn job_to(&self, row: RowId, navigation: emp_job::N, as_of: AsOf) -> Option<RowId> {
        use emp_job::N;
        let job: &Job = self.job(row)?;
        let usual = &self.picks.usual;
        match navigation {
            N::businessUnitNav => self.unit_row(UnitKind::BusinessUnit, job.business_unit, as_of),
            N::companyNav => self.unit_row(UnitKind::Company, job.company, as_of),
            N::costCenterNav => self.unit_row(UnitKind::CostCenter, job.cost_center, as_of),
            N::departmentNav => self.unit_row(UnitKind::Department, job.department, as_of),
            N::divisionNav => self.unit_row(UnitKind::Division, job.division, as_of),
            N::jobCodeNav => self.unit_row(UnitKind::JobCode, job.code, as_of),
            N::locationNav => self.unit_row(UnitKind::Location, job.location, as_of),
            N::emplStatusNav => option_row(usual.status[job.reason as usize]),
            N::eventNav => option_row(usual.event[job.reason as usize]),
            N::employeeClassNav => option_row(job.class),
            N::employmentTypeNav => option_row(job.kind),
            N::regularTempNav => option_row(usual.regular),
            N::employmentNav => Some(RowId::new(Set::EmpEmployment, row.top, row.child, 0)),
            N::managerEmploymentNav => self.employment_row(job.manager),
            N::managerUserNav => self.user_row(job.manager),
            N::userNav => self.user_row(self.employment(row)?.user),
        }
    }

    fn unit_to(&self, row: RowId, navigation: usize, slice: &UnitSlice, as_of: AsOf) -> Option<RowId> {
        let parent = || self.unit_row(UnitKind::of(row.set)?, slice.parent, as_of);
        match row.set {
            Set::FOCompany => match fo_company::N::ALL.get(navigation)? {
                fo_company::N::defaultLocationNav => self.unit_row(UnitKind::Location, slice.beside, as_of),
            },
            Set::FOBusinessUnit => match fo_business_unit::N::ALL.get(navigation)? {
                fo_business_unit::N::headOfUnitNav => self.user_row(slice.head),
            },
            Set::FODivision => match fo_division::N::ALL.get(navigation)? {
                fo_division::N::headOfUnitNav => self.user_row(slice.head),
                fo_division::N::parentNav => parent(),
                fo_division::N::cust_toBusinessUnit => None,
            },
            Set::FODepartment => match fo_department::N::ALL.get(navigation)? {
                fo_department::N::costCenterNav => self.unit_row(UnitKind::CostCenter, slice.beside, as_of),
                fo_department::N::headOfUnitNav => self.user_row(slice.head),
                fo_department::N::parentNav => parent(),
                fo_department::N::cust_toDivision => None,
            },
            Set::FOLocation => match fo_location::N::ALL.get(navigation)? {
                fo_location::N::companyFlxNav => None,
            },
            Set::FOCostCenter => match fo_cost_center::N::ALL.get(navigation)? {
                fo_cost_center::N::costcenterManagerNav => self.user_row(slice.head),
                fo_cost_center::N::parentNav => parent(),
            },
            Set::FOJobCode => match fo_job_code::N::ALL.get(navigation)? {
                fo_job_code::N::parentJobCodeNav => parent(),
            },
            _ => None,
        }
    }

    /// The users whose manager this user is today.
    pub(super) fn direct_reports(&self, manager: u32) -> Vec<RowId> {
        let ever = self.reports.get(manager as usize).map_or(&[][..], Vec::as_slice);
        let now = ever.iter().filter(|user| self.user_exists(**user) && self.manager_today(**user) == manager);
        now.map(|user| RowId::new(Set::User, *user, 0, 0)).collect()
    }

    fn user_row(&self, place: u32) -> Option<RowId> {
        (place != NOBODY && self.user_exists(place)).then(|| RowId::new(Set::User, place, 0, 0))
    }

    fn employment_row(&self, user: u32) -> Option<RowId> {
        let (person, child, _) = self.employment_of(user)?;
        (!person.gone).then_some(())?;
        Some(RowId::new(Set::EmpEmployment, self.users.get(user as usize)?.person, child, 0))
    }

    pub(super) fn unit_row(&self, kind: UnitKind, place: u16, as_of: AsOf) -> Option<RowId> {
        let slice = self.units.get(kind, place)?.at(as_of)?;
        Some(RowId::new(kind.set(), u32::from(place), slice as u16, 0))
    }

    /// The termination rows of the person of a row.
    pub fn terminations_of(&self, row: RowId) -> Vec<RowId> {
        self.person(row).map_or_else(Vec::new, |person| terminations(row.top, person))
    }
}

fn option_row(place: u16) -> Option<RowId> {
    (place != NOTHING).then(|| RowId::new(Set::PicklistOption, u32::from(place), 0, 0))
}
