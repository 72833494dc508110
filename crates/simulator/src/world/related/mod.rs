//! Following navigations.

mod account;
mod household;
mod terms;
mod unit;

use super::World;
use super::data::{Job, NOBODY, NOTHING};
use super::groups::is_of_groups;
use super::row::{AsOf, Related, RowId};
use super::rows::terminations;
use super::units::UnitKind;
use crate::schema::Set;
use crate::schema::employment::{emp_employment, emp_employment_termination};
use crate::schema::job::emp_job;
use crate::schema::person::{per_email, per_person, per_personal, per_phone};
use crate::schema::picklist::picklist_option;
use crate::schema::user::user;

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
                    Some(per_person::N::homeAddressNavDEFLT) => self.address_rows(row.top, as_of),
                    Some(per_person::N::nationalIdNav) => children(Set::PerNationalId, person.cards.len()),
                    _ => Vec::new(),
                }
            }
            Set::EmpEmployment => match emp_employment::N::ALL.get(navigation) {
                Some(emp_employment::N::empJobRelationshipNav) => self.relation_rows(row.top, row.child, as_of),
                Some(emp_employment::N::compInfoNav) => self.pay_rows(Set::EmpCompensation, row.top, row.child, as_of),
                _ => self.job_rows(row.top, row.child, as_of),
            },
            Set::EmpCompensation => vec![RowId { set: Set::EmpPayCompRecurring, ..row }],
            Set::ExternalUser => self.external_parts(row, navigation),
            Set::PickListV2 => self.values_of_list(row),
            Set::User => match user::N::ALL.get(navigation) {
                Some(user::N::directReports) => self.direct_reports(row.top),
                Some(user::N::incumbentOfPositionNav) => self.positions_of(row.top, as_of),
                // Written links stand before the relationships of Employee Central.
                Some(&navigation @ (user::N::matrixManager | user::N::matrixReports)) => {
                    let written = self.linked_users(row.top, navigation);
                    if written.is_empty() { self.matrix(row.top, navigation) } else { written }
                }
                Some(navigation) => self.linked_users(row.top, *navigation),
                None => Vec::new(),
            },
            Set::Picklist => match self.picks.lists.get(row.top as usize) {
                Some(list) => {
                    self.picks.options(list).map(|at| RowId::new(Set::PicklistOption, u32::from(at), 0, 0)).collect()
                }
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
                user::N::personKeyNav => {
                    let person = self.users.get(row.top as usize)?.person;
                    (person != NOBODY).then(|| RowId::new(Set::PersonKey, person, 0, 0))
                }
                user::N::manager => self.user_row(self.manager_today(row.top)),
                user::N::hr => self.user_row(self.users.get(row.top as usize)?.hr),
                user::N::secondManager => self.linked_users(row.top, user::N::secondManager).pop(),
                _ => None,
            },
            Set::PerPerson => match per_person::N::ALL.get(navigation)? {
                per_person::N::userAccountNav => self.account_row(row.top),
                per_person::N::countryOfBirthNav => self.territory_row(self.person(row)?.country),
                _ => {
                    let info = RowId::new(Set::PersonEmpTerminationInfo, row.top, 0, 0);
                    self.person(row).filter(|person| !person.employments.is_empty()).map(|_| info)
                }
            },
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
                emp_employment::N::empGlobalAssignmentNav => {
                    self.employment(row)?.abroad.as_ref()?;
                    Some(RowId { set: Set::EmpGlobalAssignment, ..row })
                }
                emp_employment::N::jobInfoNav
                | emp_employment::N::compInfoNav
                | emp_employment::N::empJobRelationshipNav => None,
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
            Set::PerAddressDEFLT | Set::PerNationalId | Set::FOCorporateAddressDEFLT => {
                self.household_to(row, navigation)
            }
            Set::PersonKey => self.account_row(row.top),
            Set::ExternalUser | Set::ExtEmailInfo | Set::ExtPhoneInfo | Set::ExtAddressInfo => {
                self.external_to(row, navigation)
            }
            Set::Photo => self.user_row(row.top),
            Set::EmpJobRelationships | Set::EmpGlobalAssignment | Set::EmpCompensation | Set::EmpPayCompRecurring => {
                self.terms_to(row, navigation, as_of)
            }
            Set::Position => self.position_to(row, navigation, as_of),
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
            N::eventReasonNav => self.unit_row(UnitKind::EventReason, self.reason_place(job.reason)?, as_of),
            N::payGradeNav => self.unit_row(UnitKind::PayGrade, job.pay_grade, as_of),
            N::positionNav => self.position_row(job.position, as_of),
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
