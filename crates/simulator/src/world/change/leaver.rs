//! How people leave: terminations, no-shows, purges.

use super::refused::Refused;
use crate::world::data::{Audit, Author, Leaving, NOBODY, Reason, close_gaps};
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
            _ => self.end(top, child, end, reason, Author::Admin),
        }
    }

    /// Reports that somebody never came: the employment ends the day before it begins.
    pub fn no_show(&mut self, who: &str) -> Result<(), Refused> {
        let (top, child) = self.employment_meant(who)?;
        let employment = self.people.get(top as usize).and_then(|person| person.employments.get(child));
        let end = employment.ok_or(Refused::NoEmployment)?.start.plus(-1);
        self.end(top, child, end, Reason::NoShow, Author::Admin)
    }

    /// Ends an employment: its last day, the termination, and the terminating job slice from the day after.
    pub(super) fn end(
        &mut self,
        top: u32,
        child: usize,
        end: Day,
        reason: Reason,
        author: Author,
    ) -> Result<(), Refused> {
        let now = self.stamp();
        let person = self.people.get_mut(top as usize).ok_or(Refused::Unknown)?;
        let employment = person.employments.get_mut(child).ok_or(Refused::NoEmployment)?;
        let start = employment.start;
        let from = end.plus(1);
        employment.jobs.retain(|job| !job.reason.ends() && (job.start <= end || job.start == start));
        close_gaps(&mut employment.jobs);
        employment.end = end;
        employment.audit.touch(now, author);
        let (rehire, regret) = (reason != Reason::Dismissal, reason == Reason::Resignation);
        let created = employment.leaving.as_ref().map_or(now, |leaving| leaving.audit.created);
        let audit = Audit { created, ..Audit::at(now, author) };
        employment.leaving = Some(Leaving { reason, rehire, regret, audit });
        let user = employment.user;
        self.insert_job(top, child, from, reason, |_| {})?;
        if let Some(user) = self.users.get_mut(user as usize)
            && user.status == b't'
            && !self.effects.sync_waits
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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::schema::Set;
    use crate::world::laws::{cell, company, follow, person, text, user};
    use crate::world::{AsOf, Cell, Hire, RowId, Seed};

    fn hired(world: &mut World, start: i32) -> (RowId, String) {
        let day = world.today().plus(start);
        let ids = world.hire(&Hire::new("Ada", "Byron", day)).unwrap();
        (person(world, &ids.person_id), ids.user_id)
    }

    fn info(world: &World, row: RowId) -> (Cell<'_>, Cell<'_>) {
        let info = follow(world, row, "personEmpTerminationInfoNav")[0];
        (cell(world, info, "activeEmploymentsCount"), cell(world, info, "latestTerminationDate"))
    }

    #[test]
    fn termination_comes_true_the_day_after_in_the_tenants_zone() {
        let mut seed = Seed::new(1, 50, "2026-11-20T20:00:00Z".parse().unwrap());
        seed.tenant_zone = TimeZone::get("Asia/Tokyo").unwrap();
        let mut world = World::generate(&seed);
        let (row, id) = hired(&mut world, -100);
        let end = world.today();
        assert_eq!(end.to_string(), "2026-11-21");
        world.terminate(&id, end, Ending::Resignation).unwrap();
        let status = |world: &World| text(world, user(world, &id), "status").to_owned();
        assert_eq!(info(&world, row), (Cell::Int(1), Cell::Null));
        assert_eq!(status(&world), "t");
        // Two minutes before midnight in Tokyo, then a minute after.
        world.set_now("2026-11-21T14:58:00Z".parse().unwrap());
        assert_eq!(info(&world, row), (Cell::Int(1), Cell::Null));
        let stamp = format!("{:?}", cell(&world, user(&world, &id), "lastModifiedDateTime"));
        world.advance(SignedDuration::from_mins(3));
        assert_eq!(info(&world, row), (Cell::Int(0), Cell::Date(end)));
        assert_eq!(status(&world), "f");
        assert_eq!(format!("{:?}", cell(&world, user(&world, &id), "lastModifiedDateTime")), stamp);
    }

    #[test]
    fn a_termination_writes_its_rows_and_a_second_one_replaces_it() {
        let mut world = company(1, 50);
        let (row, id) = hired(&mut world, -100);
        let today = world.today();
        for (end, ending, code) in [(5, Ending::Resignation, "T"), (-3, Ending::Retirement, "R")] {
            let end = today.plus(end);
            world.terminate(&id, end, ending).unwrap();
            let rows = world.terminations_of(row);
            assert_eq!(rows.len(), 1);
            assert_eq!(cell(&world, rows[0], "endDate"), Cell::Date(end));
            let job = follow(&world, rows[0], "jobInfoNav")[0];
            assert_eq!(cell(&world, job, "startDate"), Cell::Date(end.plus(1)));
            assert_eq!(text(&world, follow(&world, job, "emplStatusNav")[0], "externalCode"), code);
            let employment = follow(&world, row, "employmentNav")[0];
            assert_eq!(cell(&world, employment, "lastModifiedDateTime"), Cell::Stamp(world.now().as_millisecond()));
        }
        let start = today.plus(-100);
        assert_eq!(world.terminate(&id, start.plus(-1), Ending::Dismissal), Err(Refused::TooEarly { start }));
    }

    #[test]
    fn a_no_show_was_never_active() {
        let mut world = company(1, 50);
        let (row, id) = hired(&mut world, 3);
        world.advance(SignedDuration::from_hours(24 * 4));
        world.no_show(&id).unwrap();
        let employment = follow(&world, row, "employmentNav")[0];
        assert!(matches!((cell(&world, employment, "startDate"), cell(&world, employment, "endDate")),
            (Cell::Date(start), Cell::Date(end)) if end < start));
        let job = follow(&world, employment, "jobInfoNav")[0];
        assert_eq!(cell(&world, job, "seqNumber"), Cell::Int(2));
        assert_eq!(text(&world, follow(&world, job, "emplStatusNav")[0], "externalCode"), "O");
        assert_eq!(info(&world, row).0, Cell::Int(0));
    }

    #[test]
    fn nobody_is_left_of_the_purged() {
        let mut world = company(1, 50);
        let (row, id) = hired(&mut world, -10);
        let before = world.headcount();
        world.purge(&id).unwrap();
        assert_eq!(world.headcount(), before - 1);
        assert_eq!(world.find(Set::User, &[crate::world::KeyPart::Str(&id)]), None);
        assert!(world.rows(Set::PerEmail, AsOf::ALL).all(|mail| mail.top != row.top));
        assert_eq!(cell(&world, row, "personIdExternal"), Cell::Null);
        assert_eq!(world.purge(&id), Err(Refused::Unknown));
    }
}
