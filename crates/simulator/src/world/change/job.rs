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
        if before.reason.ends() && !reason.ends() {
            return Err(Refused::Left);
        }
        let audit = Audit { more: before.audit.more, ..Audit::at(now, Author::Admin) };
        let mut job = Job { start: from, sequence: 1, reason, audit, ..before.clone() };
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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::schema::Set;
    use crate::world::laws::{cell, company, follow, follow_at, person, text, user};
    use crate::world::{Cell, Hire, RowId};

    fn hired(world: &mut World) -> (RowId, String) {
        let day = world.today().plus(-100);
        let hire = Hire { department: Some("DEP00001".into()), ..Hire::new("Ada", "Byron", day) };
        let ids = world.hire(&hire).unwrap();
        let person = person(world, &ids.person_id);
        (follow(world, person, "employmentNav")[0], ids.user_id)
    }

    fn to(department: &str) -> Move {
        Move { department: Some(department.into()), ..Move::default() }
    }

    #[test]
    fn a_move_to_come_comes_into_force_and_stamps_nothing() {
        let mut world = company(1, 50);
        let (employment, id) = hired(&mut world);
        let department = |world: &World| {
            let job = follow(world, employment, "jobInfoNav")[0];
            (text(world, job, "department").to_owned(), text(world, user(world, &id), "department").to_owned())
        };
        world.relocate(&id, world.today().plus(1), &to("DEP00002")).unwrap();
        let stamp = format!("{:?}", cell(&world, user(&world, &id), "lastModified"));
        assert_eq!(department(&world).0, "DEP00001");
        world.advance(SignedDuration::from_hours(24));
        let (code, synced) = department(&world);
        assert_eq!(code, "DEP00002");
        assert!(synced.ends_with("(DEP00002)"), "{synced}");
        let job = follow(&world, employment, "jobInfoNav")[0];
        assert_eq!(cell(&world, job, "lastModifiedDateTime"), Cell::Stamp(world.now().as_millisecond() - 86_400_000));
        assert_eq!(format!("{:?}", cell(&world, user(&world, &id), "lastModified")), stamp);
    }

    #[test]
    fn of_several_changes_on_a_day_the_highest_number_counts() {
        let mut world = company(1, 50);
        let (employment, id) = hired(&mut world);
        let today = world.today();
        for department in ["DEP00002", "DEP00003", "DEP00004"] {
            world.relocate(&id, today, &to(department)).unwrap();
        }
        let slices = follow_at(&world, employment, "jobInfoNav", AsOf::Range(today, today));
        let numbers: Vec<Cell<'_>> = slices.iter().map(|row| cell(&world, *row, "seqNumber")).collect();
        assert_eq!(numbers, [Cell::Int(1), Cell::Int(2), Cell::Int(3)]);
        let job = follow(&world, employment, "jobInfoNav")[0];
        assert_eq!(text(&world, job, "department"), "DEP00004");
        let division = text(&world, follow(&world, job, "divisionNav")[0], "externalCode");
        assert_eq!(division, text(&world, job, "division"));
    }

    #[test]
    fn a_change_in_the_past_leaves_later_slices() {
        let mut world = company(1, 50);
        let (employment, id) = hired(&mut world);
        let today = world.today();
        world.relocate(&id, today.plus(-10), &to("DEP00002")).unwrap();
        world.relocate(&id, today.plus(-50), &to("DEP00003")).unwrap();
        let at = |ago: i32| {
            let job = follow_at(&world, employment, "jobInfoNav", AsOf::Day(today.plus(-ago)))[0];
            text(&world, job, "department")
        };
        assert_eq!(
            [at(60), at(50), at(11), at(10), at(0)],
            ["DEP00001", "DEP00003", "DEP00003", "DEP00002", "DEP00002"]
        );
        assert!(matches!(world.relocate(&id, today.plus(-101), &to("DEP00002")), Err(Refused::TooEarly { .. })));
    }

    #[test]
    fn a_new_manager_has_a_new_report() {
        let mut world = company(1, 50);
        let (employment, id) = hired(&mut world);
        let boss = Move { manager: Some("100003".into()), ..Move::default() };
        world.relocate(&id, world.today(), &boss).unwrap();
        let job = follow(&world, employment, "jobInfoNav")[0];
        assert_eq!(text(&world, job, "managerId"), "100003");
        assert_eq!(follow(&world, job, "managerUserNav"), [user(&world, "100003")]);
        assert!(follow(&world, user(&world, "100003"), "directReports").contains(&user(&world, &id)));
        assert_eq!(follow(&world, user(&world, &id), "manager"), [user(&world, "100003")]);
        let nobody = Move { manager: Some("NO_MANAGER".into()), ..Move::default() };
        world.relocate(&id, world.today(), &nobody).unwrap();
        assert!(follow(&world, user(&world, &id), "manager").is_empty());
        let missing = Move { manager: Some("nobody".into()), ..Move::default() };
        assert_eq!(world.relocate(&id, world.today(), &missing), Err(Refused::NoManager));
    }

    #[test]
    fn nobody_moves_who_has_left() {
        let mut world = company(1, 50);
        let (_, id) = hired(&mut world);
        let today = world.today();
        world.terminate(&id, today.plus(3), crate::world::Ending::Resignation).unwrap();
        assert_eq!(world.relocate(&id, today.plus(4), &to("DEP00002")), Err(Refused::Left));
        assert_eq!(world.relocate(&id, today.plus(3), &to("DEP00002")), Ok(()));
    }

    #[test]
    fn leave_and_return() {
        let mut world = company(1, 50);
        let (employment, id) = hired(&mut world);
        let code = |world: &World| {
            let job = follow(world, employment, "jobInfoNav")[0];
            text(world, follow(world, job, "emplStatusNav")[0], "externalCode").to_owned()
        };
        for (leave, expected) in
            [(Leave::Paid, "P"), (Leave::Unpaid, "U"), (Leave::Suspended, "S"), (Leave::Furlough, "F")]
        {
            world.away(&id, world.today(), leave).unwrap();
            assert_eq!(code(&world), expected);
        }
        world.back(&id, world.today()).unwrap();
        assert_eq!(code(&world), "A");
        assert_eq!(text(&world, user(&world, &id), "status"), "t");
    }

    #[test]
    fn below_a_range() {
        let world = company(1, 50);
        let job = world.rows(Set::EmpJob, AsOf::ALL).next().unwrap();
        let (start, _) = world.span(job).unwrap();
        let person = world.rows(Set::PerPerson, AsOf::ALL).next().unwrap();
        let day = AsOf::Day(Day(1));
        assert_eq!(world.below(job, AsOf::ALL, true), AsOf::Day(start));
        assert_eq!(world.below(person, AsOf::ALL, true), AsOf::ALL);
        assert_eq!(world.below(person, AsOf::ALL, false), AsOf::Day(world.today()));
        assert_eq!((world.below(job, day, true), world.below(person, day, false)), (day, day));
    }
}
