//! Cells of employments and of how they end.

use super::{ended, stamp};
use crate::schema::employment::{emp_employment, emp_employment_termination, person_emp_termination_info};
use crate::world::data::Assignment;
use crate::world::{Cell, RowId, World};

impl World {
    pub(super) fn employment_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use emp_employment::P;
        let employment = self.employment(row)?;
        let audit = &employment.audit;
        let leaving = employment.leaving.as_ref();
        Some(match P::ALL.get(property)? {
            P::personIdExternal => self.str(self.person(row)?.external),
            P::userId => self.str(self.employee_id(row)?),
            P::assignmentIdExternal => match self.assignment_ids.get(&employment.user) {
                Some(id) => self.str(*id),
                None => self.str(self.employee_id(row)?),
            },
            P::assignmentClass => Cell::Str(match employment.assignment {
                Assignment::Standard => "ST",
                Assignment::Global => "GA",
            }),
            P::startDate | P::firstDateWorked | P::serviceDate => Cell::Date(employment.start),
            P::originalStartDate | P::seniorityDate | P::professionalServiceDate => Cell::Date(employment.first_start),
            P::endDate | P::lastDateWorked | P::payrollEndDate => ended(employment.end),
            P::isECRecord => Cell::Bool(true),
            P::eligibleForStock => Cell::Bool(employment.pay.last()?.car),
            P::initialStockGrant => Cell::Double(if employment.pay.last()?.car { 500.0 } else { 0.0 }),
            P::initialOptionGrant => Cell::Double(0.0),
            P::isContingentWorker => Cell::Bool(employment.contingent),
            P::employeeFirstEmployment => Cell::Bool(row.child == 0),
            P::okToRehire => Cell::Bool(leaving?.rehire),
            P::regretTermination => Cell::Bool(leaving?.regret),
            P::createdBy => Cell::Str(audit.author.name()),
            P::createdDateTime => stamp(audit.created),
            P::createdOn => self.local(audit.created),
            P::lastModifiedBy => Cell::Str(audit.editor.name()),
            P::lastModifiedDateTime => stamp(audit.modified),
            P::lastModifiedOn => self.local(audit.modified),
            _ => return None,
        })
    }

    pub(super) fn termination_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use emp_employment_termination::P;
        let employment = self.employment(row)?;
        let leaving = employment.leaving.as_ref()?;
        let audit = &leaving.audit;
        Some(match P::ALL.get(property)? {
            P::personIdExternal => self.str(self.person(row)?.external),
            P::userId => self.str(self.employee_id(row)?),
            P::endDate | P::lastDateWorked | P::payrollEndDate => Cell::Date(employment.end),
            P::eventReason => Cell::Str(leaving.reason.code()),
            P::okToRehire => Cell::Bool(leaving.rehire),
            P::regretTermination => Cell::Bool(leaving.regret),
            P::createdBy => Cell::Str(audit.author.name()),
            P::createdDateTime => stamp(audit.created),
            P::createdOn => self.local(audit.created),
            P::lastModifiedBy => Cell::Str(audit.editor.name()),
            P::lastModifiedDateTime => stamp(audit.modified),
            P::lastModifiedOn => self.local(audit.modified),
            _ => return None,
        })
    }

    // End date in the past: count 0 and the date. Today or later: it counts, no date. Today is the tenant's (KBA
    // 3678614).
    pub(super) fn termination_info_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use person_emp_termination_info::P;
        let person = self.person(row)?;
        let active = || person.employments.iter().filter(|one| one.end >= self.today());
        Some(match P::ALL.get(property)? {
            P::personIdExternal => self.str(person.external),
            P::activeEmploymentsCount => Cell::Int(active().count() as i64),
            P::latestTerminationDate => {
                if active().next().is_some() {
                    return None;
                }
                Cell::Date(person.employments.iter().map(|one| one.end).max()?)
            }
        })
    }
}
