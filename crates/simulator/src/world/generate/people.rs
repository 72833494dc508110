//! Making people, each from a stream of chance of their own.

use super::company::{FOUNDED, JOBS, Map};
use super::dice::Dice;
use super::identity::Called;
use super::plan::{Case, Plan};
use crate::world::data::{
    Assignment, Audit, Author, Employment, Job, Leaving, NOBODY, Person, Reason, User, close_gaps,
};
use crate::world::text::Text;
use crate::world::{Day, Stamp, World};

pub(super) struct Maker<'a> {
    pub world: &'a mut World,
    pub plan: &'a Plan,
    pub map: &'a Map,
    pub today: Day,
    pub titles: Vec<Text>,
    pub line: String,
    pub seed: u64,
    people: u32,
    /// Users beside each person's own: of an earlier employment, an assignment abroad, a second job.
    more: Vec<User>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(world: &'a mut World, seed: u64, plan: &'a Plan, map: &'a Map) -> Self {
        let titles = JOBS.iter().map(|(title, _)| world.texts.shared(title)).collect();
        let today = world.today();
        Self { world, plan, map, today, titles, line: String::new(), seed, people: 0, more: Vec::new() }
    }

    pub(super) fn run(mut self, people: u32) {
        self.people = people;
        self.world.people.reserve_exact(people as usize);
        self.world.users.reserve(people as usize);
        self.world.positions.all.reserve_exact(people as usize);
        self.world.positions.order.reserve_exact(people as usize);
        for person in 0..people {
            self.make(person);
        }
        self.world.users.append(&mut self.more);
    }

    /// An instant on a day, at least a day ago; for a day to come, one in the last weeks.
    pub(super) fn past(&self, day: Day, dice: &mut Dice) -> Stamp {
        let newest = self.world.stamp().0.saturating_sub(86_400);
        let wanted = if day < self.today { day } else { self.today.plus(-dice.between(2, 25)) };
        let second = (wanted.millis() / 1000).max(1) as u64 + u64::from(dice.below(86_400));
        Stamp((second.min(u64::from(newest))) as u32)
    }

    fn make(&mut self, place: u32) {
        let mut dice = Dice::of(self.seed, place);
        let dice = &mut dice;
        let case = self.plan.case[place as usize];
        let called = Self::call(place, dice);
        let start = self.start(place, case, dice);
        let external = self.external(place);
        let (addresses, cards) = self.household(place, called.culture, start);
        let mut person = Person {
            external: self.world.texts.add(&external),
            uuid: self.world.texts.add(&format!("{:016X}{:016X}", dice.roll(), dice.roll())),
            birth: self.today.plus(-dice.between(19 * 365, 63 * 365)).min(start.plus(-18 * 365)),
            birthplace: if dice.percent(70) {
                let city = dice.pick(called.culture().cities).map_or("", |city| city.0);
                self.world.texts.shared(city)
            } else {
                Text::NONE
            },
            country: self.world.texts.shared(called.culture().country),
            gone: false,
            audit: Audit::at(self.past(start, dice), Author::Import),
            names: self.names(&called, start, dice),
            emails: if case == Case::WithoutMail { Vec::new() } else { self.emails(&called, start, dice) },
            phones: self.phones(&called, start, dice),
            addresses,
            cards,
            employments: Vec::new(),
        };
        let post = self.post(place, called.culture, start, dice);
        let chair = self.chair(place, &post);
        debug_assert_eq!(chair, post.position);
        let mut jobs = self.way_to(&post, place, start, dice);
        let mut user = self.user(&external, &called.login, place);
        let mut leaving = None;
        match case {
            Case::LeavesYesterday => leaving = Some((self.today.plus(-1), Reason::Resignation)),
            Case::LeavesToday => leaving = Some((self.today, Reason::Resignation)),
            Case::LeavesTomorrow => leaving = Some((self.today.plus(1), Reason::Resignation)),
            Case::LeavesSoon => leaving = Some((self.today.plus(dice.between(2, 90)), Reason::Resignation)),
            Case::Left => {
                let reason = if dice.percent(70) { Reason::Resignation } else { Reason::Dismissal };
                leaving = Some((self.between(&jobs, 2, dice), reason));
            }
            Case::Retired => leaving = Some((self.between(&jobs, 2, dice), Reason::Retirement)),
            Case::NoShow => leaving = Some((start.plus(-1), Reason::NoShow)),
            Case::PaidLeave => self.away(&mut jobs, Reason::PaidLeave, dice),
            Case::UnpaidLeave => self.away(&mut jobs, Reason::UnpaidLeave, dice),
            Case::Suspended => self.away(&mut jobs, Reason::Suspension, dice),
            Case::Furlough => self.away(&mut jobs, Reason::Furlough, dice),
            Case::ReturnedFromLeave => {
                let away = self.between(&jobs, 40, dice);
                self.then(&mut jobs, away, Reason::UnpaidLeave, dice);
                let back = self.between(&jobs, 2, dice);
                self.then(&mut jobs, back, Reason::ReturnFromLeave, dice);
            }
            Case::MovesTomorrow => self.moves(&mut jobs, dice),
            Case::StartsLaterUnseen => user.late = true,
            Case::DisabledByHand => (user.status, user.derived) = (b'f', false),
            Case::WithoutEmployment => {
                user.gone = true;
                self.world.users.push(user);
                self.world.people.push(person);
                return;
            }
            _ => {}
        }
        let mut employment = self.employment(place, start, jobs, dice);
        if let Some((end, reason)) = leaving {
            self.leave(&mut employment, end, reason, dice);
        }
        self.others(&mut person, &mut user, &mut employment, case, &external, &called, dice);
        user.audit = self.user_audit(&employment, dice);
        person.employments.push(employment);
        user.hr = self.terms(place, &mut person.employments);
        self.sort(&mut person, &user, place);
        self.world.users.push(user);
        self.world.people.push(person);
    }

    /// Employments beside the main one.
    #[expect(clippy::too_many_arguments, reason = "parts of one person in the making")]
    fn others(
        &mut self,
        person: &mut Person,
        user: &mut User,
        main: &mut Employment,
        case: Case,
        external: &str,
        called: &Called,
        dice: &mut Dice,
    ) {
        let tenure = self.today.0 - main.start.0;
        match case {
            Case::Rehired => {
                // The earlier employment keeps the first user id; the new one has another.
                let end = main.start.plus(-dice.between(60, 900));
                let start = end.plus(-dice.between(200, 2000));
                let old = self.extra(external, &format!("{}.old", called.login), person, start, end, main, dice);
                user.id = self.world.texts.add(&format!("{external}-2"));
                main.first_start = start;
                if let Some(first) = main.jobs.first_mut() {
                    first.reason = Reason::Rehire;
                }
                let mut old = old;
                self.leave(&mut old, end, Reason::Resignation, dice);
                person.employments.push(old);
            }
            Case::OnAssignment | Case::BackFromAssignment => {
                let start = main.start.plus(tenure * 3 / 4);
                let back = case == Case::BackFromAssignment;
                let end = if back { start.plus(tenure / 8) } else { Day::FOREVER };
                let id = format!("{external}-GA");
                let mut abroad = self.extra(&id, &format!("{}.ga", called.login), person, start, end, main, dice);
                abroad.assignment = Assignment::Global;
                for job in &mut abroad.jobs {
                    job.reason = Reason::AssignmentStart;
                    job.position = NOBODY;
                    job.company = (job.company + 1) % self.map.locations.len() as u16;
                    let there = self.map.locations.get(usize::from(job.company)).and_then(|list| list.first());
                    job.location = there.copied().unwrap_or(job.location);
                }
                main.jobs.retain(|job| job.start < start);
                self.then(&mut main.jobs, start, Reason::AssignmentAway, dice);
                if back {
                    self.leave(&mut abroad, end, Reason::AssignmentEnd, dice);
                    self.then(&mut main.jobs, end.plus(1), Reason::AssignmentHome, dice);
                }
                close_gaps(&mut main.jobs);
                person.employments.push(abroad);
            }
            Case::TwoJobs => {
                let start = main.start.plus(tenure / 2);
                let id = format!("{external}-B");
                let mut second =
                    self.extra(&id, &format!("{}.2", called.login), person, start, Day::FOREVER, main, dice);
                for job in &mut second.jobs {
                    job.reason = Reason::ConcurrentHire;
                    job.position = NOBODY;
                    job.fte = 250;
                }
                person.employments.push(second);
            }
            _ => {}
        }
    }

    /// An employment with a user of its own, beside `main`.
    #[expect(clippy::too_many_arguments, reason = "parts of one employment in the making")]
    fn extra(
        &mut self,
        id: &str,
        login: &str,
        person: &Person,
        start: Day,
        end: Day,
        main: &Employment,
        dice: &mut Dice,
    ) -> Employment {
        let place = self.people + self.more.len() as u32;
        let job = main.jobs.first().cloned().into_iter().map(|job| Job {
            start,
            end: Day::FOREVER,
            sequence: 1,
            reason: Reason::Hire,
            audit: Audit::at(self.past(start, dice), Author::Import),
            ..job
        });
        let jobs = job.collect();
        let employment = Employment { end, ..self.employment(place, start, jobs, dice) };
        let mut user = self.user(id, login, self.world.people.len() as u32);
        user.audit = self.user_audit(&employment, dice);
        debug_assert!(!person.gone);
        self.more.push(user);
        employment
    }

    fn employment(&self, user: u32, start: Day, mut jobs: Vec<Job>, dice: &mut Dice) -> Employment {
        close_gaps(&mut jobs);
        let contingent = self.world.picks.option("EMPLOYEECLASS", "02");
        Employment {
            user,
            assignment: Assignment::Standard,
            start,
            end: Day::FOREVER,
            first_start: start,
            contingent: jobs.last().is_some_and(|job| Some(job.class) == contingent),
            leaving: None,
            audit: Audit::at(self.past(start, dice), Author::Import),
            jobs,
            relations: Vec::new(),
            pay: Vec::new(),
            abroad: None,
        }
    }

    /// Ends an employment after `end`.
    fn leave(&self, employment: &mut Employment, end: Day, reason: Reason, dice: &mut Dice) {
        employment.jobs.retain(|job| job.start <= end || job.start == employment.start);
        self.then(&mut employment.jobs, end.plus(1), reason, dice);
        close_gaps(&mut employment.jobs);
        employment.end = end;
        let at = self.past(end.plus(-dice.between(5, 40)).max(employment.start.plus(-20)), dice);
        employment.audit.touch(at.max(employment.audit.created), Author::Admin);
        let (rehire, regret) = (!dice.percent(10), dice.percent(30));
        employment.leaving =
            Some(Leaving { reason, rehire, regret, audit: Audit::at(employment.audit.modified, Author::Admin) });
    }

    fn away(&self, jobs: &mut Vec<Job>, reason: Reason, dice: &mut Dice) {
        let from = self.between(jobs, 1, dice);
        self.then(jobs, from, reason, dice);
    }

    /// A transfer that starts tomorrow.
    fn moves(&self, jobs: &mut Vec<Job>, dice: &mut Dice) {
        self.then(jobs, self.today.plus(1), Reason::Transfer, dice);
        if let Some(last) = jobs.last_mut() {
            let to = (last.department + 1) % self.map.departments;
            last.department = to;
            last.cost_center = to;
            last.division = Map::division(to);
            last.business_unit = Map::business_unit(last.division);
            last.manager = self.plan.heads.get(usize::from(to)).copied().unwrap_or(last.manager);
        }
    }

    /// A day after the last slice began and at least `ago` days before today.
    fn between(&self, jobs: &[Job], ago: i32, dice: &mut Dice) -> Day {
        let last = jobs.last().map_or(self.today, |job| job.start);
        let room = self.today.0 - ago - last.0;
        last.plus(dice.between(1, room.clamp(1, 900)))
    }

    fn start(&self, place: u32, case: Case, dice: &mut Dice) -> Day {
        let oldest = (self.today.0 - FOUNDED.0).max(1500);
        match case {
            Case::StartsTomorrow => self.today.plus(1),
            Case::StartsLater | Case::StartsLaterUnseen => self.today.plus(dice.between(2, 60)),
            Case::NoShow => self.today.plus(-dice.between(1, 40)),
            _ if self.plan.level[place as usize] > 0 => self.today.plus(-dice.between(700, oldest)),
            Case::Ordinary => self.today.plus(-dice.between(2, oldest.min(4000))),
            _ => self.today.plus(-dice.between(500, 4000)),
        }
    }

    fn external(&self, place: u32) -> String {
        let base = if self.people > 900_000 { 1_000_000 } else { 100_000 };
        let number = base + place;
        match place % 997 {
            500 => format!("D'{number}"),
            600 => format!("ext+{number}"),
            _ => number.to_string(),
        }
    }

    fn user(&mut self, id: &str, login: &str, person: u32) -> User {
        let texts = &mut self.world.texts;
        let (id, name) = (texts.add(id), texts.add(login));
        let audit = Audit::at(Stamp::NEVER, Author::Import);
        User {
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
        }
    }

    /// HRIS sync touches the user when the employment changes.
    fn user_audit(&self, employment: &Employment, dice: &mut Dice) -> Audit {
        let touched = employment.jobs.iter().filter(|job| job.start <= self.today).map(|job| job.audit.modified).max();
        let newest = self.world.stamp().0.saturating_sub(86_400);
        let at = touched.unwrap_or(employment.audit.created).0.saturating_add(dice.below(120)).min(newest);
        Audit { modified: Stamp(at), ..Audit::at(employment.audit.created, Author::Import) }
    }

    /// Employments stand in the order of their user ids.
    fn sort(&self, person: &mut Person, main: &User, place: u32) {
        let id = |user: u32| {
            let more = user.checked_sub(self.people).and_then(|at| self.more.get(at as usize));
            let found = if user == place { Some(main) } else { more };
            found.map_or("", |user| self.world.texts.read(user.id))
        };
        person.employments.sort_by(|one, other| id(one.user).cmp(id(other.user)));
    }
}
