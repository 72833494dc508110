//! Hires and rehires.

use super::refused::Refused;
use crate::world::data::{
    Assignment, Audit, Author, Email, Employment, Gender, Job, NOBODY, NOTHING, Name, Person, Reason, User,
};
use crate::world::positions::{Position, PositionSlice};
use crate::world::segments::Pay;
use crate::world::text::Text;
use crate::world::units::UnitKind;
use crate::world::{Day, World};

/// Somebody to hire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hire {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// First day, past or future.
    pub start: Day,
    /// personIdExternal, and userId of the employment; the next free number when left out.
    pub person_id: Option<String>,
    /// External code of the department; the first when left out.
    pub department: Option<String>,
    /// External code of the location; the first when left out.
    pub location: Option<String>,
    /// Manager's userId or `NO_MANAGER`; the head of the department when left out.
    pub manager: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// Business e-mail; made from the name when left out.
    pub email: Option<String>,
}

impl Hire {
    /// Somebody of that name from that day on, the rest as it comes.
    pub fn new(first_name: &str, last_name: &str, start: Day) -> Self {
        Self {
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            start,
            person_id: None,
            department: None,
            location: None,
            manager: None,
            title: None,
            email: None,
        }
    }
}

/// The ids of somebody hired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hired {
    /// personIdExternal.
    pub person_id: String,
    /// userId of the new employment.
    pub user_id: String,
}

impl World {
    /// Hires somebody: person, name, e-mail, employment, job slice and user, all stamped now. Before the first day
    /// the user is inactive and no job slice is in force.
    pub fn hire(&mut self, hire: &Hire) -> Result<Hired, Refused> {
        for (name, text) in [("first_name", &hire.first_name), ("last_name", &hire.last_name)] {
            if text.trim().is_empty() {
                return Err(Refused::Empty(name));
            }
        }
        let id = hire.person_id.clone().unwrap_or_else(|| self.fresh_id());
        if self.person_by_id(&id).is_some() || self.user_by_id(&id).is_some() {
            return Err(Refused::Taken);
        }
        let department =
            hire.department.as_deref().map_or(Ok(0), |code| self.unit_named(UnitKind::Department, code))?;
        let location = hire.location.as_deref().map_or(Ok(0), |code| self.unit_named(UnitKind::Location, code))?;
        let head = self.units.get(UnitKind::Department, department).and_then(|unit| unit.slices.last());
        let head = head.map_or(NOBODY, |slice| slice.head);
        let manager = hire.manager.as_deref().map_or(Ok(head), |id| self.manager_named(id))?;
        let company = self.units.get(UnitKind::Location, location).and_then(|unit| unit.slices.last());
        let company = company.map_or(0, |slice| slice.above);
        let now = Audit::at(self.stamp(), Author::Admin);
        let top = self.people.len() as u32;

        let login = self.login(&hire.first_name, &hire.last_name, top);
        let user = self.enrol_new(&id, &login, top, now);
        let (_, division, business_unit, cost_center) = self.around(department, hire.start);
        let title = self.texts.shared(hire.title.as_deref().unwrap_or("Specialist"));
        let job = Job {
            start: hire.start,
            end: Day::FOREVER,
            sequence: 1,
            reason: Reason::Hire,
            company,
            business_unit,
            division,
            department,
            location,
            cost_center,
            code: 0,
            fte: 1000,
            class: self.picks.option("EMPLOYEECLASS", "01").unwrap_or(NOTHING),
            kind: self.picks.option("employmentType", "FT").unwrap_or(NOTHING),
            pay_grade: self.grade_of(0),
            title,
            position: NOBODY,
            manager,
            audit: now,
        };
        let job = Job { position: self.open_position(top, &job), ..job };
        self.positions.seat(job.position, user);
        let employment = employment(user, hire.start, hire.start, job, now);
        let person = self.newcomer(hire, &id, &login, now, employment);
        self.people.push(person);
        let at = self.people_order.partition_point(|at| self.person_id(*at) < id.as_str());
        self.people_order.insert(at, top);
        self.note_report(manager, user);
        Ok(Hired { person_id: id.clone(), user_id: id })
    }

    /// A new position for a job, below the one of its manager, with the number of the person.
    fn open_position(&mut self, number: u32, job: &Job) -> u32 {
        let (mut code, mut turn) = (format!("POS{number:07}"), 2);
        while self.positions.place(&code, &self.texts).is_some() {
            code = format!("POS{number:07}-{turn}");
            turn += 1;
        }
        let above = self.employment_of(job.manager).and_then(|(_, _, employment)| employment.job_around(job.start));
        let slice = PositionSlice::of(job, above.map_or(NOBODY, |job| job.position));
        let position = Position { code: self.texts.add(&code), slices: vec![slice], holders: Vec::new() };
        self.positions.add(position, &self.texts)
    }

    /// The pay grade of a job code.
    pub(in crate::world) fn grade_of(&self, job_code: u16) -> u16 {
        let unit = self.units.get(UnitKind::JobCode, job_code);
        unit.and_then(|unit| unit.slices.last()).map_or(NOTHING, |slice| slice.beside)
    }

    fn newcomer(&mut self, hire: &Hire, id: &str, login: &str, now: Audit, employment: Employment) -> Person {
        let address = hire.email.clone().unwrap_or_else(|| format!("{login}@acme.example"));
        let kind = self.picks.option("ecEmailType", "B").unwrap_or(NOTHING);
        let texts = &mut self.texts;
        let name = Name {
            start: hire.start,
            end: Day::FOREVER,
            first: texts.add(&hire.first_name),
            last: texts.add(&hire.last_name),
            middle: Text::NONE,
            preferred: Text::NONE,
            display: texts.add(&format!("{} {}", hire.first_name, hire.last_name)),
            gender: Gender::Undeclared,
            nationality: texts.shared("DEU"),
            salutation: NOTHING,
            marital: NOTHING,
            language: self.picks.option("language", "en_US").unwrap_or(NOTHING),
            audit: now,
        };
        let uuid = format!("{:016X}{:016X}", u64::from(now.created.0).rotate_left(32), self.people.len());
        Person {
            external: texts.add(id),
            uuid: texts.add(&uuid),
            birth: hire.start.plus(-30 * 365),
            birthplace: Text::NONE,
            country: texts.shared("DEU"),
            gone: false,
            audit: now,
            names: vec![name],
            emails: vec![Email { kind, primary: true, address: texts.add(&address), audit: now }],
            phones: Vec::new(),
            addresses: Vec::new(),
            cards: Vec::new(),
            employments: vec![employment],
        }
    }

    /// Hires somebody again who left: a new employment and a new user for the same person; the old user stays
    /// inactive. They go back to what they did last.
    pub fn rehire(&mut self, who: &str, start: Day) -> Result<Hired, Refused> {
        let top = self.person_meant(who)?;
        let person = self.people.get(top as usize).ok_or(Refused::Unknown)?;
        let last = person.employments.iter().max_by_key(|one| one.start).ok_or(Refused::NoEmployment)?;
        if person.employments.iter().any(|one| one.end >= start) {
            return Err(Refused::StillEmployed);
        }
        let job = last.jobs.iter().rev().find(|job| !job.reason.ends()).ok_or(Refused::NoEmployment)?.clone();
        let first_start = last.first_start;
        let person_id = self.texts.read(person.external).to_owned();
        let mut turn = person.employments.len() + 1;
        let mut user_id = format!("{person_id}-{turn}");
        while self.user_by_id(&user_id).is_some() {
            turn += 1;
            user_id = format!("{person_id}-{turn}");
        }
        let old = self.users.get(last.user as usize).map_or("", |user| self.texts.read(user.name)).to_owned();
        let now = Audit::at(self.stamp(), Author::Admin);
        let user = self.enrol_new(&user_id, &format!("{old}.{turn}"), top, now);
        let manager = job.manager;
        let job = Job { start, end: Day::FOREVER, sequence: 1, reason: Reason::Rehire, audit: now, ..job };
        self.positions.seat(job.position, user);
        let made = employment(user, start, first_start, job, now);
        let place = self
            .people
            .get(top as usize)
            .map_or(0, |person| person.employments.partition_point(|one| self.user_id(one.user) < user_id.as_str()));
        self.people.get_mut(top as usize).ok_or(Refused::Unknown)?.employments.insert(place, made);
        self.note_report(manager, user);
        Ok(Hired { person_id, user_id })
    }

    fn enrol_new(&mut self, id: &str, login: &str, person: u32, audit: Audit) -> u32 {
        let (id, name) = (self.texts.add(id), self.texts.add(login));
        self.enrol(User {
            id,
            name,
            person,
            status: b't',
            derived: true,
            late: false,
            gone: false,
            manager: None,
            hr: NOBODY,
            written: NOBODY,
            audit,
        })
    }

    /// A log-in name in ASCII that nobody else has.
    fn login(&self, first: &str, last: &str, number: u32) -> String {
        let plain =
            |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let (first, last) = (plain(first), plain(last));
        let name = if first.is_empty() && last.is_empty() { "user".to_owned() } else { format!("{first}.{last}") };
        if self.user_named(&name).is_none() { name } else { format!("{name}{number}") }
    }
}

fn employment(user: u32, start: Day, first_start: Day, job: Job, audit: Audit) -> Employment {
    let pay = Pay {
        start,
        end: Day::FOREVER,
        reason: job.reason,
        grade: job.pay_grade,
        bonus: 0,
        car: false,
        salary: 3_000,
        audit,
        cents: 0,
    };
    Employment {
        user,
        assignment: Assignment::Standard,
        start,
        end: Day::FOREVER,
        first_start,
        contingent: false,
        leaving: None,
        audit,
        jobs: vec![job],
        relations: Vec::new(),
        pay: vec![pay],
        abroad: None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::world::laws::{cell, company, follow, follow_at, person, text, user};
    use crate::world::{AsOf, Cell, Ending};

    #[test]
    fn somebody_hired_for_tomorrow_is_here_tomorrow() {
        let mut world = company(1, 50);
        let start = world.today().plus(1);
        let hire = Hire { title: Some("Poet".into()), ..Hire::new("Zoë", "O'Neill", start) };
        let ids = world.hire(&hire).unwrap();
        let row = person(&world, &ids.person_id);
        let employment = follow(&world, row, "employmentNav")[0];
        assert!(follow(&world, row, "personalInfoNav").is_empty());
        assert!(follow(&world, employment, "jobInfoNav").is_empty());
        assert_eq!(follow_at(&world, employment, "jobInfoNav", AsOf::Day(start)).len(), 1);
        let mail = follow(&world, row, "emailNav")[0];
        assert_eq!(
            (text(&world, mail, "emailAddress"), text(&world, mail, "emailType")),
            ("zo.oneill@acme.example", "8448")
        );
        assert_eq!(text(&world, user(&world, &ids.user_id), "status"), "f");
        world.advance(SignedDuration::from_hours(24));
        let account = user(&world, &ids.user_id);
        assert_eq!((text(&world, account, "status"), text(&world, account, "title")), ("t", "Poet"));
        assert_eq!(text(&world, account, "defaultFullName"), "Zoë O'Neill");
        assert_eq!(
            cell(&world, account, "lastModifiedDateTime"),
            Cell::Stamp(world.now().as_millisecond() - 86_400_000)
        );
    }

    #[test]
    fn ids_are_not_given_twice() {
        let mut world = company(1, 50);
        let day = world.today();
        let (one, other) =
            (world.hire(&Hire::new("A", "B", day)).unwrap(), world.hire(&Hire::new("A", "B", day)).unwrap());
        assert_ne!(one, other);
        let names: Vec<&str> =
            [&one, &other].iter().map(|ids| text(&world, user(&world, &ids.user_id), "username")).collect();
        assert_ne!(names[0], names[1]);
        let taken = Hire { person_id: Some(one.person_id), ..Hire::new("A", "B", day) };
        assert_eq!(world.hire(&taken), Err(Refused::Taken));
        assert_eq!(world.hire(&Hire::new(" ", "B", day)), Err(Refused::Empty("first_name")));
    }

    #[test]
    fn a_rehire_is_the_same_person_with_another_user() {
        let mut world = company(1, 50);
        let today = world.today();
        let ids = world.hire(&Hire::new("Ada", "Byron", today.plus(-90))).unwrap();
        assert_eq!(world.rehire(&ids.person_id, today), Err(Refused::StillEmployed));
        world.terminate(&ids.user_id, today.plus(-30), Ending::Resignation).unwrap();
        let again = world.rehire(&ids.person_id, today).unwrap();
        assert_eq!(again.person_id, ids.person_id);
        let row = person(&world, &ids.person_id);
        let employments = follow(&world, row, "employmentNav");
        let status = |id: &str| text(&world, user(&world, id), "status");
        assert_eq!((employments.len(), status(&ids.user_id), status(&again.user_id)), (2, "f", "t"));
        let info = follow(&world, row, "personEmpTerminationInfoNav")[0];
        assert_eq!(cell(&world, info, "activeEmploymentsCount"), Cell::Int(1));
    }
}
