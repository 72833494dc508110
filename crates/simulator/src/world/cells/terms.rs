//! Cells of what comes with an employment: relationships, assignments abroad, pay.

use super::{cells, ended};
use crate::schema::pay::{emp_compensation, emp_pay_comp_recurring};
use crate::schema::relations::{emp_global_assignment, emp_job_relationships};
use crate::world::units::UnitKind;
use crate::world::{AsOf, Cell, RowId, World};

impl World {
    pub(super) fn relation_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        let relation = self.employment(row)?.relations.get(usize::from(row.slice))?;
        cells!(self, property, &relation.audit, emp_job_relationships, {
            P::userId => self.str(self.employee_id(row)?),
            P::relationshipType => self.option(relation.kind),
            P::relUserId => self.str(self.users.get(relation.to as usize)?.id),
            P::startDate => Cell::Date(relation.start),
            P::endDate => Cell::Date(relation.end),
        })
    }

    pub(super) fn abroad_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        let employment = self.employment(row)?;
        let abroad = employment.abroad.as_ref()?;
        cells!(self, property, &abroad.audit, emp_global_assignment, {
            P::userId => self.str(self.employee_id(row)?),
            P::assignmentClass => Cell::Str("GA"),
            P::assignmentType => self.option(abroad.kind),
            P::company => self.code(UnitKind::Company, employment.jobs.first()?.company),
            P::startDate => Cell::Date(employment.start),
            P::plannedEndDate => Cell::Date(abroad.planned_end),
            P::endDate | P::payrollEndDate => ended(employment.end),
        })
    }

    pub(super) fn pay_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        let pay = self.employment(row)?.pay.get(usize::from(row.slice))?;
        cells!(self, property, &pay.audit, emp_compensation, {
            P::userId => self.str(self.employee_id(row)?),
            P::startDate => Cell::Date(pay.start),
            P::endDate => Cell::Date(pay.end),
            P::seqNumber => Cell::Int(1),
            P::event => self.option(self.picks.usual.event[pay.reason as usize]),
            P::eventReason => Cell::Str(pay.reason.code()),
            P::payGrade => self.code(UnitKind::PayGrade, pay.grade),
            P::payGroup => Cell::Str("MONTHLY"),
            P::bonusTarget => Cell::Double(f64::from(pay.bonus) / 10.0),
            P::isEligibleForBenefits => Cell::Bool(true),
            P::isEligibleForCar => Cell::Bool(pay.car),
            P::isHighlyCompensatedEmployee | P::isInsider => Cell::Bool(false),
        })
    }

    pub(super) fn component_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        let employment = self.employment(row)?;
        let pay = employment.pay.get(usize::from(row.slice))?;
        cells!(self, property, &pay.audit, emp_pay_comp_recurring, {
            P::userId => self.str(self.employee_id(row)?),
            P::payComponent => Cell::Str("BASE"),
            P::seqNumber => Cell::Int(1),
            P::startDate => Cell::Date(pay.start),
            P::endDate => Cell::Date(pay.end),
            P::paycompvalue => Cell::Double(f64::from(pay.salary) + f64::from(pay.cents) / 100.0),
            P::frequency => Cell::Str("MON"),
            P::currencyCode => {
                let company = self.units.get(UnitKind::Company, employment.job_around(pay.start)?.company)?;
                let slice = company.at(AsOf::Day(pay.start)).unwrap_or(0);
                self.str(company.slices.get(slice)?.currency)
            },
        })
    }
}
