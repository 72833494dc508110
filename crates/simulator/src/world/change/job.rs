//! Changes to job information: moves and leaves.

use super::refused::Refused;
use crate::schema::user::user::P;
use crate::world::data::{Audit, Author, Job, NOBODY, Reason};
use crate::world::units::UnitKind;
use crate::world::{AsOf, Day, World};

/// What a move changes; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Move {
    /// External code of the department; division, business unit and cost centre follow it.
    pub department: Option<String>,
    /// External code of the location.
    pub location: Option<String>,
    /// External code of the company.
    pub company: Option<String>,
    /// The manager's userId, or `NO_MANAGER`. A cycle is not refused: real tenants hold some.
    pub manager: Option<String>,
    /// Job title.
    pub title: Option<String>,
}

/// Why somebody is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Status `P`.
    Paid,
    /// Status `U`.
    Unpaid,
    /// Status `S`.
    Suspended,
    /// Status `F`.
    Furlough,
}

impl World {
    /// Moves somebody from a day on: a new job slice. `who` is a personIdExternal (the main employment) or a userId.
    /// Slices that begin later stay as they are.
    pub fn relocate(&mut self, who: &str, from: Day, to: &Move) -> Result<(), Refused> {
        let (top, child) = self.employment_meant(who)?;
        let department =
            to.department.as_deref().map(|code| self.unit_named(UnitKind::Department, code)).transpose()?;
        let location = to.location.as_deref().map(|code| self.unit_named(UnitKind::Location, code)).transpose()?;
        let company = to.company.as_deref().map(|code| self.unit_named(UnitKind::Company, code)).transpose()?;
        let manager = to.manager.as_deref().map(|id| self.manager_named(id)).transpose()?;
        let title = to.title.as_deref().map(|title| self.texts.add(title));
        let placed = department.map(|department| self.around(department, from));
        let reason = match (department, title, manager) {
            (Some(_), ..) => Reason::Transfer,
            (_, Some(_), _) => Reason::Promotion,
            (_, _, Some(_)) => Reason::ManagerChange,
            _ => Reason::DataChange,
        };
        self.insert_job(top, child, from, reason, |job| {
            if let Some((department, division, business_unit, cost_center)) = placed {
                (job.department, job.division) = (department, division);
                (job.business_unit, job.cost_center) = (business_unit, cost_center);
            }
            job.location = location.unwrap_or(job.location);
            job.company = company.unwrap_or(job.company);
            job.manager = manager.unwrap_or(job.manager);
            job.title = title.unwrap_or(job.title);
        })
    }

    /// Puts somebody on leave from a day on.
    pub fn away(&mut self, who: &str, from: Day, leave: Leave) -> Result<(), Refused> {
        let (top, child) = self.employment_meant(who)?;
        let reason = match leave {
            Leave::Paid => Reason::PaidLeave,
            Leave::Unpaid => Reason::UnpaidLeave,
            Leave::Suspended => Reason::Suspension,
            Leave::Furlough => Reason::Furlough,
        };
        self.insert_job(top, child, from, reason, |_| {})
    }

    /// Brings somebody back from leave on a day.
    pub fn back(&mut self, who: &str, from: Day) -> Result<(), Refused> {
        let (top, child) = self.employment_meant(who)?;
        self.insert_job(top, child, from, Reason::ReturnFromLeave, |_| {})
    }

    /// A department with its division, business unit and cost centre on a day.
    pub(super) fn around(&self, department: u16, day: Day) -> (u16, u16, u16, u16) {
        use crate::world::data::NOTHING;
        let slice = |kind, place| {
            let unit = self.units.get(kind, place)?;
            unit.slices.get(unit.at(AsOf::Day(day)).unwrap_or(0))
        };
        let found = slice(UnitKind::Department, department);
        let division = found.map_or(NOTHING, |slice| slice.above);
        let business_unit = slice(UnitKind::Division, division).map_or(NOTHING, |slice| slice.above);
        (department, division, business_unit, found.map_or(NOTHING, |slice| slice.beside))
    }

    /// Splits the slice in force on `from`: the new one runs to where the old one ran, the old one to the day before
    /// (or keeps the same day with a lower sequence number).
    pub(super) fn insert_job(
        &mut self,
        top: u32,
        child: usize,
        from: Day,
        reason: Reason,
        edit: impl FnOnce(&mut Job),
    ) -> Result<(), Refused> {
        let (now, today) = (self.stamp(), self.today());
        let person = self.people.get_mut(top as usize).ok_or(Refused::Unknown)?;
        let employment = person.employments.get_mut(child).ok_or(Refused::NoEmployment)?;
        let at = employment.job_at(from).ok_or(Refused::TooEarly { start: employment.start })?;
        let before = &mut employment.jobs[at];
        let mut job = Job { start: from, sequence: 1, reason, audit: Audit::at(now, Author::Admin), ..before.clone() };
        if before.start == from {
            job.sequence = before.sequence + 1;
            before.end = from;
        } else {
            before.end = from.plus(-1);
        }
        edit(&mut job);
        let (manager, user, end) = (job.manager, employment.user, job.end);
        employment.jobs.insert(at + 1, job);
        if manager != NOBODY {
            self.note_report(manager, user);
        }
        if from <= today && today <= end {
            self.sync(user, now, &[P::department, P::division, P::location, P::jobCode, P::title, P::jobTitle]);
            if let Some(user) = self.users.get_mut(user as usize) {
                user.manager = None;
            }
        }
        Ok(())
    }
}
