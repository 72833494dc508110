//! Navigations of relationships, assignments, pay and positions, and of users by them.

use super::option_row;
use crate::schema::Set;
use crate::schema::pay::emp_compensation;
use crate::schema::position::position;
use crate::schema::relations::{emp_global_assignment, emp_job_relationships};
use crate::schema::user::user;
use crate::world::data::Reason;
use crate::world::units::UnitKind;
use crate::world::{AsOf, RowId, World};

impl World {
    pub(super) fn terms_to(&self, row: RowId, navigation: usize, as_of: AsOf) -> Option<RowId> {
        let employment = self.employment(row)?;
        let own = Some(RowId::new(Set::EmpEmployment, row.top, row.child, 0));
        match row.set {
            Set::EmpJobRelationships => {
                let relation = employment.relations.get(usize::from(row.slice))?;
                match emp_job_relationships::N::ALL.get(navigation)? {
                    emp_job_relationships::N::employmentNav => own,
                    emp_job_relationships::N::relEmploymentNav => self.employment_row(relation.to),
                    emp_job_relationships::N::relUserNav => self.user_row(relation.to),
                    emp_job_relationships::N::relationshipTypeNav => option_row(relation.kind),
                }
            }
            Set::EmpGlobalAssignment => match emp_global_assignment::N::ALL.get(navigation)? {
                emp_global_assignment::N::assignmentTypeNav => option_row(employment.abroad.as_ref()?.kind),
                emp_global_assignment::N::companyNav => {
                    self.unit_row(UnitKind::Company, employment.jobs.first()?.company, as_of)
                }
                emp_global_assignment::N::employmentNav => own,
                emp_global_assignment::N::userNav => self.user_row(employment.user),
            },
            Set::EmpCompensation => {
                let pay = employment.pay.get(usize::from(row.slice))?;
                match emp_compensation::N::ALL.get(navigation)? {
                    emp_compensation::N::employmentNav => own,
                    emp_compensation::N::eventReasonNav => {
                        self.unit_row(UnitKind::EventReason, self.reason_place(pay.reason)?, as_of)
                    }
                    emp_compensation::N::payGradeNav => self.unit_row(UnitKind::PayGrade, pay.grade, as_of),
                    emp_compensation::N::userNav => self.user_row(employment.user),
                    emp_compensation::N::empPayCompRecurringNav => None,
                }
            }
            _ => Some(RowId { set: Set::EmpCompensation, ..row }),
        }
    }

    /// Place of an event reason's foundation object.
    pub(super) fn reason_place(&self, reason: Reason) -> Option<u16> {
        self.units.place(UnitKind::EventReason, reason.code(), &self.texts)
    }

    pub(super) fn position_to(&self, row: RowId, navigation: usize, as_of: AsOf) -> Option<RowId> {
        use position::N;
        let (_, slice) = self.position(row)?;
        match N::ALL.get(navigation)? {
            N::businessUnitNav => self.unit_row(UnitKind::BusinessUnit, slice.business_unit, as_of),
            N::companyNav => self.unit_row(UnitKind::Company, slice.company, as_of),
            N::costCenterNav => self.unit_row(UnitKind::CostCenter, slice.cost_center, as_of),
            N::departmentNav => self.unit_row(UnitKind::Department, slice.department, as_of),
            N::divisionNav => self.unit_row(UnitKind::Division, slice.division, as_of),
            N::jobCodeNav => self.unit_row(UnitKind::JobCode, slice.job_code, as_of),
            N::locationNav => self.unit_row(UnitKind::Location, slice.location, as_of),
            N::payGradeNav => self.unit_row(UnitKind::PayGrade, slice.pay_grade, as_of),
            N::effectiveStatusNav => Some(RowId::new(Set::MDFEnumValue, u32::from(!slice.active), 0, 0)),
            N::incumbentNav => self.user_row(self.incumbent(row.top, self.today())),
            N::parentPosition => self.position_row(slice.parent, as_of),
        }
    }

    pub(super) fn position_row(&self, place: u32, as_of: AsOf) -> Option<RowId> {
        let slice = self.positions.get(place)?.at(as_of)?;
        Some(RowId::new(Set::Position, place, slice as u16, 0))
    }

    /// The positions that a user sits on today.
    pub(super) fn positions_of(&self, user: u32, as_of: AsOf) -> Vec<RowId> {
        let Some((_, _, employment)) = self.employment_of(user) else { return Vec::new() };
        let Some(job) = employment.job_at(self.today()).and_then(|at| employment.jobs.get(at)) else {
            return Vec::new();
        };
        let sits = self.incumbents(job.position, self.today()).contains(&user);
        self.position_row(job.position, as_of).filter(|_| sits).into_iter().collect()
    }

    /// Users to whom a user has a relationship of that kind today.
    fn related_users(&self, user: u32, kind: &str) -> Vec<u32> {
        let (Some((_, _, employment)), Some(kind)) = (self.employment_of(user), self.picks.option("jobRelType", kind))
        else {
            return Vec::new();
        };
        let day = AsOf::Day(self.today());
        let now = employment.relations.iter().filter(|one| one.kind == kind && day.takes(one.start, one.end));
        now.map(|one| one.to).collect()
    }

    /// Matrix managers or reports, by the navigation that leads there.
    pub(super) fn matrix(&self, user: u32, navigation: user::N) -> Vec<RowId> {
        if navigation == user::N::matrixManager { self.matrix_managers(user) } else { self.matrix_reports(user) }
    }

    fn matrix_managers(&self, user: u32) -> Vec<RowId> {
        self.related_users(user, "matrix manager").into_iter().filter_map(|one| self.user_row(one)).collect()
    }

    fn matrix_reports(&self, manager: u32) -> Vec<RowId> {
        let ever = self.named_by.get(&manager).map_or(&[][..], Vec::as_slice);
        let now = ever.iter().filter(|user| self.related_users(**user, "matrix manager").contains(&manager));
        now.filter_map(|user| self.user_row(*user)).collect()
    }
}
