//! Cells of job information.

use super::stamp;
use crate::schema::job::emp_job;
use crate::world::units::UnitKind;
use crate::world::{AsOf, Cell, RowId, World};

impl World {
    pub(super) fn job_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use emp_job::P;
        let employment = self.employment(row)?;
        let job = employment.jobs.get(usize::from(row.slice))?;
        let audit = &job.audit;
        let usual = &self.picks.usual;
        let slice = |kind, place| {
            let unit = self.units.get(kind, place)?;
            unit.slices.get(unit.at(AsOf::Day(job.start)).unwrap_or(0))
        };
        Some(match P::ALL.get(property)? {
            P::userId => self.str(self.users.get(employment.user as usize)?.id),
            P::seqNumber => Cell::Int(i64::from(job.sequence)),
            P::startDate => Cell::Date(job.start),
            P::endDate => Cell::Date(job.end),
            P::event => self.option(usual.event[job.reason as usize]),
            P::eventReason => Cell::Str(job.reason.code()),
            P::emplStatus => self.option(usual.status[job.reason as usize]),
            P::company => self.code(UnitKind::Company, job.company),
            P::businessUnit => self.code(UnitKind::BusinessUnit, job.business_unit),
            P::division => self.code(UnitKind::Division, job.division),
            P::department => self.code(UnitKind::Department, job.department),
            P::location => self.code(UnitKind::Location, job.location),
            P::costCenter => self.code(UnitKind::CostCenter, job.cost_center),
            P::jobCode => self.code(UnitKind::JobCode, job.code),
            P::jobTitle => self.str(job.title),
            P::position => self.str(self.positions.get(job.position)?.code),
            P::payGrade => self.code(UnitKind::PayGrade, job.pay_grade),
            P::managerId => match self.user_id(job.manager) {
                "" => Cell::Str("NO_MANAGER"),
                id => Cell::Str(id),
            },
            P::employeeClass => self.option(job.class),
            P::employmentType => self.option(job.kind),
            P::regularTemp => self.option(usual.regular),
            P::fte => Cell::Double(f64::from(job.fte) / 1000.0),
            P::standardHours => Cell::Double(f64::from(job.fte) / 25.0),
            P::workingDaysPerWeek => Cell::Double(5.0),
            P::isFulltimeEmployee => Cell::Bool(job.fte == 1000),
            P::timezone => self.str(slice(UnitKind::Location, job.location)?.zone),
            P::countryOfCompany => self.str(slice(UnitKind::Company, job.company)?.country),
            P::positionEntryDate => Cell::Date(employment.start),
            P::createdBy => Cell::Str(audit.author.name()),
            P::createdDateTime => stamp(audit.created),
            P::createdOn => self.local(audit.created),
            P::lastModifiedBy => Cell::Str(audit.editor.name()),
            P::lastModifiedDateTime => stamp(audit.modified),
            P::lastModifiedOn => self.local(audit.modified),
            _ => return None,
        })
    }
}
