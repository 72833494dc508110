//! How people leave: terminations, no-shows, purges.

use super::refused::Refused;
use crate::world::data::{Audit, Author, Leaving, NOBODY, Reason};
use crate::world::{Day, World};

/// Why somebody leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// They resigned: status `T`.
    Resignation,
    /// They were dismissed: status `T`.
    Dismissal,
    /// They retire: status `R`.
    Retirement,
}

impl World {
    /// Terminates an employment: `end` is the last day, past or future. Writes the termination, the end date of the
    /// employment and a terminating job slice from the day after, in place of any slice that would begin then or later
    /// and of an earlier termination. The user is inactive from the day after the end.
    pub fn terminate(&mut self, who: &str, end: Day, ending: Ending) -> Result<(), Refused> {
        let (top, child) = self.employment_meant(who)?;
        let reason = match ending {
            Ending::Resignation => Reason::Resignation,
            Ending::Dismissal => Reason::Dismissal,
            Ending::Retirement => Reason::Retirement,
        };
        let start = self.people.get(top as usize).and_then(|one| one.employments.get(child)).map(|one| one.start);
        match start {
            Some(start) if end < start => Err(Refused::TooEarly { start }),
            _ => self.end(top, child, end, reason),
        }
    }

    /// Reports that somebody never came: the employment ends the day before it begins.
    pub fn no_show(&mut self, who: &str) -> Result<(), Refused> {
        let (top, child) = self.employment_meant(who)?;
        let employment = self.people.get(top as usize).and_then(|person| person.employments.get(child));
        let end = employment.ok_or(Refused::NoEmployment)?.start.plus(-1);
        self.end(top, child, end, Reason::NoShow)
    }

    fn end(&mut self, top: u32, child: usize, end: Day, reason: Reason) -> Result<(), Refused> {
        let now = self.stamp();
        let person = self.people.get_mut(top as usize).ok_or(Refused::Unknown)?;
        let employment = person.employments.get_mut(child).ok_or(Refused::NoEmployment)?;
        let start = employment.start;
        let from = end.plus(1);
        employment.jobs.retain(|job| !job.reason.ends() && (job.start <= end || job.start == start));
        if let Some(last) = employment.jobs.last_mut() {
            last.end = Day::FOREVER;
        }
        employment.end = end;
        employment.audit.touch(now, Author::Admin);
        let (rehire, regret) = (reason != Reason::Dismissal, reason == Reason::Resignation);
        let created = employment.leaving.as_ref().map_or(now, |leaving| leaving.audit.created);
        let audit = Audit { created, ..Audit::at(now, Author::Admin) };
        employment.leaving = Some(Leaving { reason, rehire, regret, audit });
        let user = employment.user;
        self.insert_job(top, child, from, reason, |_| {})?;
        if let Some(user) = self.users.get_mut(user as usize)
            && user.status == b't'
        {
            user.derived = true;
        }
        Ok(())
    }

    /// Removes a person with every row and every user of theirs, as a data purge does. Who had them as manager keeps
    /// their userId in job information, and finds nobody behind it.
    pub fn purge(&mut self, who: &str) -> Result<(), Refused> {
        let top = self.person_meant(who)?;
        let person = self.people.get_mut(top as usize).ok_or(Refused::Unknown)?;
        person.gone = true;
        let users: Vec<u32> = person.employments.iter().map(|employment| employment.user).collect();
        self.people_order.retain(|place| *place != top);
        for place in users {
            if let Some(user) = self.users.get_mut(place as usize) {
                user.gone = true;
                user.written = NOBODY;
            }
            self.users_order.retain(|at| *at != place);
        }
        Ok(())
    }
}
