//! Writing job information: hires, changes, leaves, terminations and rehires by their event reasons.

use super::effects::follows_employment;
use super::refused::WriteRefused;
use super::row::{Operation, RowWrite};
use super::rows::Written;
use crate::schema::Set;
use crate::schema::job::emp_job::P;
use crate::schema::user::user::P as U;
use crate::world::data::{Assignment, Audit, Author, Employment, Job, NOBODY, NOTHING, Reason, close_gaps};
use crate::world::text::Text;
use crate::world::units::UnitKind;
use crate::world::{Day, RowId, Value, World};

/// What HRIS sync takes from job information.
const SYNCED: [U; 10] = [
    U::department,
    U::division,
    U::location,
    U::jobCode,
    U::title,
    U::jobTitle,
    U::city,
    U::country,
    U::timeZone,
    U::localCurrencyCode,
];

impl World {
    pub(super) fn write_job(&mut self, row: &RowWrite) -> Written {
        Self::demand(row, &[P::startDate as usize, P::userId as usize])?;
        let id = row.text(P::userId as usize).unwrap_or_default();
        let missing = || WriteRefused::Order { set: "EmpEmployment", id: id.to_owned() };
        let user = self.user_by_id(id).ok_or_else(missing)?;
        let (_, child, employment) = self.employment_of(user).ok_or_else(missing)?;
        let top = self.users.get(user as usize).map(|user| user.person).ok_or_else(missing)?;
        let start = row.day(P::startDate as usize).unwrap_or(Day::ALWAYS);
        let sequence = row.int(P::seqNumber as usize).unwrap_or(1);
        let same = |job: &Job| job.start == start && i64::from(job.sequence) == sequence;
        let at = employment.jobs.iter().position(same);
        if let Some(operation) = row.operation {
            return self.take_job(top, child, at, operation);
        }
        let (slice, before) = match at {
            Some(at) => (at, Some(self.shown(RowId::new(Set::EmpJob, top, child, at as u16)))),
            None if employment.jobs.is_empty() => (self.first_job(top, child, start, row)?, None),
            None => (self.next_job(top, child, start, sequence, row)?, None),
        };
        let place = RowId::new(Set::EmpJob, top, child, slice as u16);
        self.edit_job(place, row, before.is_some())?;
        let result = self.written_row(place, before);
        if result.done != super::Done::Unchanged {
            self.sync_job(place, user);
        }
        Ok(result)
    }

    /// HRIS sync, when the slice counts today or makes the user an employee.
    fn sync_job(&mut self, place: RowId, user: u32) {
        let (now, today) = (self.stamp(), self.today());
        let Some(job) = self.job(place).cloned() else { return };
        if job.manager != NOBODY {
            self.note_report(job.manager, user);
        }
        self.positions.seat(job.position, user);
        let in_force = job.start <= today && today <= job.end;
        let begins = job.reason.begins();
        if self.effects.sync_waits {
            self.effects.unsynced.insert(user);
            return;
        }
        if in_force || begins {
            self.sync(user, now, &SYNCED);
        }
        if let Some(user) = self.users.get_mut(user as usize) {
            if in_force || begins {
                user.manager = None;
            }
            if begins {
                follows_employment(user);
            }
        }
    }

    fn reason(row: &RowWrite) -> Result<Reason, WriteRefused> {
        Self::demand(row, &[P::eventReason as usize])?;
        let code = row.text(P::eventReason as usize).unwrap_or_default();
        Reason::named(code).ok_or_else(|| WriteRefused::value("eventReason", code))
    }

    /// The slice that an employment begins with.
    fn first_job(&mut self, top: u32, child: u16, start: Day, row: &RowWrite) -> Result<usize, WriteRefused> {
        let reason = Self::reason(row)?;
        Self::demand(row, &[P::businessUnit as usize, P::company as usize, P::jobCode as usize])?;
        let person = self.people.get(top as usize).ok_or(WriteRefused::NoPerson)?;
        let employment = person.employments.get(usize::from(child)).ok_or(WriteRefused::NoPerson)?;
        if start != employment.start {
            let told = format!("The first job information must start on the hire date {}.", employment.start);
            return Err(WriteRefused::rule(told));
        }
        let others = || person.employments.iter().enumerate().filter(|(at, _)| *at != usize::from(child));
        let open = others().any(|(_, one)| one.end >= start && !one.jobs.is_empty());
        match reason {
            Reason::Hire if open => {
                return Err(WriteRefused::rule(
                    "The employee has an active employment. Please use an event reason for concurrent employment or \
                     global assignment.",
                ));
            }
            Reason::Rehire if others().next().is_none() => {
                return Err(WriteRefused::rule("There is no earlier employment to rehire from."));
            }
            Reason::Rehire if open => {
                return Err(WriteRefused::rule("The employee has an active employment. Please terminate it first."));
            }
            Reason::AssignmentStart | Reason::ConcurrentHire if !open => {
                return Err(WriteRefused::rule("There is no active employment to add this one to."));
            }
            reason if !reason.begins() => {
                let told = format!("Event reason {} can not start an employment.", reason.code());
                return Err(WriteRefused::rule(told));
            }
            _ => {}
        }
        let audit = Audit::at(self.stamp(), Author::Api);
        let employment = self.employment_at(top, child)?;
        if reason == Reason::AssignmentStart {
            employment.assignment = Assignment::Global;
        }
        employment.jobs.push(blank(start, reason, audit));
        Ok(0)
    }

    fn employment_at(&mut self, top: u32, child: u16) -> Result<&mut Employment, WriteRefused> {
        let person = self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?;
        person.employments.get_mut(usize::from(child)).ok_or(WriteRefused::NoPerson)
    }

    /// A slice after the first: a copy of the one in force on its day.
    fn next_job(
        &mut self,
        top: u32,
        child: u16,
        start: Day,
        sequence: i64,
        row: &RowWrite,
    ) -> Result<usize, WriteRefused> {
        let reason = Self::reason(row)?;
        let employment = self.employment_at(top, child)?;
        let early = || WriteRefused::rule(format!("The event date must not be before {}.", employment.start));
        let at = employment.job_at(start).ok_or_else(early)?;
        let before = &employment.jobs[at];
        let next = if before.start == start { i64::from(before.sequence) + 1 } else { 1 };
        if sequence != next {
            let told = format!("seqNumber {sequence} is not possible for this date: the next one is {next}.");
            return Err(WriteRefused::rule(told));
        }
        let left = before.reason.ends();
        match reason {
            Reason::Rehire if left && employment.end < start => {
                (employment.end, employment.leaving) = (Day::FOREVER, None);
            }
            Reason::Rehire => return Err(WriteRefused::rule("The employee is not terminated: no rehire is possible.")),
            _ if left => {
                let told = "The employment has ended by this date. Please rehire first.";
                return Err(WriteRefused::rule(told));
            }
            Reason::NoShow if start != employment.start => {
                return Err(WriteRefused::rule("A no-show is reported on the hire date."));
            }
            reason if reason.begins() => {
                let told = format!("Event reason {} starts an employment, and this one has started.", reason.code());
                return Err(WriteRefused::rule(told));
            }
            reason if reason.ends() => {
                if employment.leaving.is_some() {
                    return Err(WriteRefused::rule("The employee is already terminated."));
                }
                let child = usize::from(child);
                let ended = self.end(top, child, start.plus(-1), reason, Author::Api);
                ended.map_err(|refused| WriteRefused::rule(refused.to_string()))?;
                let jobs = &self.employment_at(top, child as u16)?.jobs;
                return Ok(jobs.len().saturating_sub(1));
            }
            _ => {}
        }
        let now = self.stamp();
        let employment = self.employment_at(top, child)?;
        let before = &mut employment.jobs[at];
        let audit = Audit { more: before.audit.more, ..Audit::at(now, Author::Api) };
        let sequence = u16::try_from(sequence).unwrap_or(1);
        let job = Job { start, sequence, reason, audit, ..before.clone() };
        before.end = if before.start == start { start } else { start.plus(-1) };
        employment.jobs.insert(at + 1, job);
        Ok(at + 1)
    }

    /// Puts the row's values into a slice.
    fn edit_job(&mut self, place: RowId, row: &RowWrite, known: bool) -> Result<(), WriteRefused> {
        let mut job = self.job(place).cloned().ok_or(WriteRefused::Missing(Set::EmpJob))?;
        let mut more = Vec::new();
        for (property, value) in &row.values {
            let text = match value {
                Value::Text(text) if !text.is_empty() => Some(text.as_str()),
                _ => None,
            };
            match (P::ALL.get(*property), value) {
                (Some(P::userId | P::startDate | P::seqNumber | P::endDate), _) => {}
                (Some(P::eventReason), _) => {
                    let reason = Self::reason(row)?;
                    if known && (reason.ends() != job.reason.ends() || reason.begins() != job.reason.begins()) {
                        let told = "The event of this record can not become another one. Please add a new record.";
                        return Err(WriteRefused::rule(told));
                    }
                    job.reason = reason;
                }
                (Some(P::company), _) => job.company = self.unit_of_row("company", UnitKind::Company, text)?,
                (Some(P::businessUnit), _) => {
                    job.business_unit = self.unit_of_row("businessUnit", UnitKind::BusinessUnit, text)?;
                }
                (Some(P::division), _) => job.division = self.unit_of_row("division", UnitKind::Division, text)?,
                (Some(P::department), _) => {
                    job.department = self.unit_of_row("department", UnitKind::Department, text)?;
                }
                (Some(P::location), _) => job.location = self.unit_of_row("location", UnitKind::Location, text)?,
                (Some(P::costCenter), _) => {
                    job.cost_center = self.unit_of_row("costCenter", UnitKind::CostCenter, text)?;
                }
                (Some(P::jobCode), _) => job.code = self.unit_of_row("jobCode", UnitKind::JobCode, text)?,
                (Some(P::jobTitle), _) => job.title = text.map_or(Text::NONE, |text| self.texts.add(text)),
                (Some(P::position), _) => job.position = self.chair_of_row(text)?,
                (Some(P::payGrade), _) => job.pay_grade = self.unit_of_row("payGrade", UnitKind::PayGrade, text)?,
                (Some(P::employeeClass), _) => job.class = self.option_place("EMPLOYEECLASS", text),
                (Some(P::employmentType), _) => job.kind = self.option_place("employmentType", text),
                (Some(P::fte), Value::Double(fte)) => job.fte = (fte * 1000.0).clamp(0.0, 60_000.0) as u16,
                (Some(P::fte), Value::Int(fte)) => job.fte = (fte * 1000).clamp(0, 60_000) as u16,
                (Some(P::managerId), _) => job.manager = self.boss(text)?,
                _ => more.push((*property as u16, value.clone())),
            }
        }
        let found = self.people.get_mut(place.top as usize).and_then(|person| {
            person.employments.get_mut(usize::from(place.child))?.jobs.get_mut(usize::from(place.slice))
        });
        if let Some(place) = found {
            *place = job;
        }
        self.write_more(place, more);
        Ok(())
    }

    pub(super) fn unit_of_row(&self, property: &str, kind: UnitKind, code: Option<&str>) -> Result<u16, WriteRefused> {
        let Some(code) = code else { return Ok(NOTHING) };
        self.units.place(kind, code, &self.texts).ok_or_else(|| WriteRefused::value(property, code))
    }

    fn chair_of_row(&self, code: Option<&str>) -> Result<u32, WriteRefused> {
        let Some(code) = code else { return Ok(NOBODY) };
        self.positions.place(code, &self.texts).ok_or_else(|| WriteRefused::value("position", code))
    }

    fn boss(&self, id: Option<&str>) -> Result<u32, WriteRefused> {
        match id {
            None | Some("NO_MANAGER") => Ok(NOBODY),
            Some(id) => {
                self.active_user(id).ok_or_else(|| WriteRefused::Link { role: "managerId", user_id: id.to_owned() })
            }
        }
    }

    /// Deletes a slice: the one before takes its time. Deleting the terminating slice takes the termination back.
    fn take_job(&mut self, top: u32, child: u16, at: Option<usize>, operation: Operation) -> Written {
        let at = at.ok_or(WriteRefused::Missing(Set::EmpJob))?;
        if operation == Operation::Delimit {
            return Err(WriteRefused::rule("DELIMIT is not possible: job information has no gaps."));
        }
        let key = self.key_of_row(RowId::new(Set::EmpJob, top, child, at as u16));
        let (now, today) = (self.stamp(), self.today());
        let employment = self.employment_at(top, child)?;
        if at == 0 {
            return Err(WriteRefused::rule("The record of the hire can not be deleted."));
        }
        let gone = employment.jobs.remove(at);
        close_gaps(&mut employment.jobs);
        if gone.reason.ends() {
            (employment.end, employment.leaving) = (Day::FOREVER, None);
            employment.audit.touch(now, Author::Api);
        }
        let user = employment.user;
        if gone.start <= today && today <= gone.end {
            self.sync(user, now, &SYNCED);
        }
        Ok(Self::taken_away(key))
    }
}

/// A slice that says nothing but when and why.
fn blank(start: Day, reason: Reason, audit: Audit) -> Job {
    Job {
        start,
        end: Day::FOREVER,
        sequence: 1,
        reason,
        company: NOTHING,
        business_unit: NOTHING,
        division: NOTHING,
        department: NOTHING,
        location: NOTHING,
        cost_center: NOTHING,
        code: NOTHING,
        fte: 1000,
        class: NOTHING,
        kind: NOTHING,
        title: Text::NONE,
        pay_grade: NOTHING,
        position: NOBODY,
        manager: NOBODY,
        audit,
    }
}
