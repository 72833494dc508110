//! Writing employments, and how they end.

use super::refused::WriteRefused;
use super::row::RowWrite;
use super::rows::Written;
use crate::schema::Set;
use crate::schema::employment::{emp_employment, emp_employment_termination};
use crate::schema::user::user::P as U;
use crate::world::data::{Assignment, Audit, Author, Employment, NOBODY, Reason};
use crate::world::{Day, RowId, Value, World};

impl World {
    pub(super) fn write_employment(&mut self, row: &RowWrite) -> Written {
        use emp_employment::P;
        Self::demand(row, &[P::personIdExternal as usize, P::userId as usize])?;
        let top = self.person_of_row(row.text(P::personIdExternal as usize))?;
        let user = self.user_of_row(row.text(P::userId as usize))?;
        let owner = self.users.get(user as usize).map_or(NOBODY, |user| user.person);
        if owner != NOBODY && owner != top {
            return Err(WriteRefused::NoPerson);
        }
        let employments = self.people.get(top as usize).map_or(&[][..], |person| person.employments.as_slice());
        let known = employments.iter().position(|one| one.user == user);
        let before = known.map(|at| self.shown(RowId::new(Set::EmpEmployment, top, at as u16, 0)));
        let at = match known {
            Some(at) => at,
            None => {
                Self::demand(row, &[P::startDate as usize])?;
                self.enter_employment(top, user, row.day(P::startDate as usize).unwrap_or(Day::ALWAYS))?
            }
        };
        let mut more = Vec::new();
        for (property, value) in &row.values {
            let found = self.people.get_mut(top as usize).and_then(|person| person.employments.get_mut(at));
            let employment = found.ok_or(WriteRefused::NoPerson)?;
            match (P::ALL.get(*property), value) {
                (Some(P::personIdExternal | P::userId), _) => {}
                (Some(P::startDate), Value::Date(start)) => new_start(employment, *start)?,
                (Some(P::originalStartDate), Value::Date(day)) => employment.first_start = *day,
                _ => more.push((*property as u16, value.clone())),
            }
        }
        let place = RowId::new(Set::EmpEmployment, top, at as u16, 0);
        self.write_more(place, more);
        let result = self.written_row(place, before);
        if result.done != super::Done::Unchanged {
            let now = self.stamp();
            self.sync(user, now, &[U::hireDate, U::origHireDate, U::empId]);
        }
        Ok(result)
    }

    fn user_of_row(&self, id: Option<&str>) -> Result<u32, WriteRefused> {
        let id = id.unwrap_or_default();
        self.user_by_id(id).ok_or_else(|| WriteRefused::Order { set: "User", id: id.to_owned() })
    }

    /// An employment without job information yet; that must follow.
    fn enter_employment(&mut self, top: u32, user: u32, start: Day) -> Result<usize, WriteRefused> {
        let audit = Audit::at(self.stamp(), Author::Api);
        let person = self.people.get(top as usize).ok_or(WriteRefused::NoPerson)?;
        let first = person.employments.iter().map(|one| one.first_start).min();
        let id = self.user_id(user).to_owned();
        let at = person.employments.partition_point(|one| self.user_id(one.user) < id.as_str());
        let employment = Employment {
            user,
            assignment: Assignment::Standard,
            start,
            end: Day::FOREVER,
            first_start: first.unwrap_or(start).min(start),
            contingent: false,
            leaving: None,
            audit,
            jobs: Vec::new(),
            relations: Vec::new(),
            pay: Vec::new(),
            abroad: None,
        };
        self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?.employments.insert(at, employment);
        if let Some(user) = self.users.get_mut(user as usize) {
            user.person = top;
        }
        Ok(at)
    }

    pub(super) fn write_termination(&mut self, row: &RowWrite) -> Written {
        use emp_employment_termination::P;
        Self::demand(row, &[P::endDate as usize, P::personIdExternal as usize, P::userId as usize])?;
        let top = self.person_of_row(row.text(P::personIdExternal as usize))?;
        let user = self.user_of_row(row.text(P::userId as usize))?;
        let person = self.people.get(top as usize).ok_or(WriteRefused::NoPerson)?;
        let no_employment = || WriteRefused::Order { set: "EmpEmployment", id: self.user_id(user).to_owned() };
        let at = person.employments.iter().position(|one| one.user == user).ok_or_else(no_employment)?;
        let employment = person.employments.get(at).ok_or(WriteRefused::NoPerson)?;
        if employment.jobs.is_empty() {
            return Err(WriteRefused::Order { set: "EmpJob", id: self.user_id(user).to_owned() });
        }
        let end = row.day(P::endDate as usize).unwrap_or(Day::FOREVER);
        let place = RowId::new(Set::EmpEmploymentTermination, top, at as u16, 0);
        let known = employment.leaving.as_ref().map(|_| employment.end);
        let before = match known {
            Some(known) if known == end => Some(self.shown(place)),
            Some(known) => {
                let told = format!("The employee is already terminated as of {known}.");
                return Err(WriteRefused::rule(told));
            }
            None if end < employment.start => {
                let told = format!("The termination date must not be before the hire date {}.", employment.start);
                return Err(WriteRefused::rule(told));
            }
            None => {
                Self::demand(row, &[P::eventReason as usize])?;
                let code = row.text(P::eventReason as usize).unwrap_or_default();
                let reason = Reason::named(code).filter(|reason| reason.ends() && *reason != Reason::NoShow);
                let reason = reason.ok_or_else(|| WriteRefused::value("eventReason", code))?;
                let ended = self.end(top, at, end, reason, Author::Api);
                ended.map_err(|refused| WriteRefused::rule(refused.to_string()))?;
                None
            }
        };
        let mut more = Vec::new();
        for (property, value) in &row.values {
            let employment = self.people.get_mut(top as usize).and_then(|person| person.employments.get_mut(at));
            let Some(leaving) = employment.and_then(|one| one.leaving.as_mut()) else { continue };
            match (P::ALL.get(*property), value) {
                (Some(P::personIdExternal | P::userId | P::endDate | P::eventReason), _) => {}
                (Some(P::okToRehire), Value::Bool(truth)) => leaving.rehire = *truth,
                (Some(P::regretTermination), Value::Bool(truth)) => leaving.regret = *truth,
                _ => more.push((*property as u16, value.clone())),
            }
        }
        self.write_more(place, more);
        Ok(self.written_row(place, before))
    }
}

/// The hire date moves only while nothing but the hire stands in job information, or after a rehire to its day.
fn new_start(employment: &mut Employment, start: Day) -> Result<(), WriteRefused> {
    if start == employment.start {
        return Ok(());
    }
    let rehired = employment.jobs.iter().any(|job| job.reason == Reason::Rehire && job.start == start);
    if !employment.jobs.is_empty() && !rehired {
        return Err(WriteRefused::rule(
            "The hire date can not be changed here. Please use Hire Date Correction, or rehire first.",
        ));
    }
    employment.start = start;
    Ok(())
}
