//! What comes with an employment beside the job: positions, pay, relationships, the terms of an assignment.

use super::company::Map;
use super::dice::Dice;
use super::people::Maker;
use crate::world::data::{Assignment, Audit, Author, Employment, Job, NOBODY, NOTHING, Reason};
use crate::world::positions::{Position, PositionSlice};
use crate::world::segments::{Abroad, Pay, Relation};
use crate::world::{Day, World};

const STREAM: u64 = 0x0054_4552_4D53;
/// The division whose heads look after everybody else: People & Culture.
const PEOPLE_DIVISION: u16 = 10;

impl Maker<'_> {
    /// The position of a person of that number: it has the same number.
    pub(super) fn chair(&mut self, person: u32, post: &Job) -> u32 {
        let code = self.world.texts.add(&format!("POS{person:07}"));
        let parent = self.plan.manager[person as usize];
        let level = self.plan.level[person as usize];
        let slice = PositionSlice::of(post, parent);
        // Some chairs were there long before.
        let mut dice = Dice::of(self.seed ^ STREAM, person);
        let start = if level > 0 { Day::ALWAYS } else { post.start.plus(-dice.between(0, 400)) };
        let audit = Audit::at(self.past(start.plus(1), &mut dice), Author::Admin);
        let mut slices = vec![PositionSlice { start, audit, ..slice }];
        let known = self.today.0 - post.start.0;
        if known > 900 && dice.percent(12) {
            // Renamed once; its holder's title was not.
            let since = post.start.plus(dice.between(300, known - 60));
            let changed = Audit::at(self.past(since, &mut dice), Author::Admin);
            let now = PositionSlice { start: since, audit: changed, ..slices[0].clone() };
            let title = self.world.texts.shared("Specialist");
            slices[0].end = since.plus(-1);
            slices[0].title = title;
            slices.push(now);
        }
        let position = Position { code, slices, holders: Vec::new() };
        self.world.positions.add(position, &self.world.texts)
    }

    /// Pay, relationships and terms of assignment of all employments of a person, and their HR representative.
    pub(super) fn terms(&mut self, person: u32, employments: &mut [Employment]) -> u32 {
        let mut dice = Dice::of(self.seed ^ STREAM ^ 0xFFFF, person);
        let dice = &mut dice;
        let hr = self.hr_of(person, dice);
        for employment in employments.iter_mut() {
            self.pay(employment, person, dice);
            self.relations(employment, person, hr, dice);
            employment.pay.shrink_to_fit();
            employment.relations.shrink_to_fit();
            if employment.assignment == Assignment::Global {
                let code = if dice.percent(70) { "LT" } else { "ST" };
                let kind = self.world.picks.option("global_assignment_type", code).unwrap_or(NOTHING);
                let planned = employment.start.plus(dice.between(300, 1100));
                let planned = if employment.end == Day::FOREVER { planned.max(self.today.plus(45)) } else { planned };
                employment.abroad = Some(Box::new(Abroad { kind, planned_end: planned, audit: employment.audit }));
            }
        }
        hr
    }

    fn hr_of(&self, person: u32, dice: &mut Dice) -> u32 {
        let heads: Vec<u32> = (0..self.map.departments)
            .filter(|at| Map::division(*at) == PEOPLE_DIVISION)
            .filter_map(|at| self.plan.heads.get(usize::from(at)).copied())
            .collect();
        // A small company has no such division: whoever heads its last department does it.
        let heads = if heads.is_empty() { self.plan.heads.last().copied().into_iter().collect() } else { heads };
        let heads: Vec<u32> = heads.into_iter().filter(|head| *head != person).collect();
        if dice.percent(88) { dice.pick(&heads).copied().unwrap_or(NOBODY) } else { NOBODY }
    }

    fn pay(&mut self, employment: &mut Employment, person: u32, dice: &mut Dice) {
        let Some(first) = employment.jobs.first() else { return };
        let level = u32::from(self.plan.level[person as usize]);
        let mut salary = 2_600 + 100 * dice.below(24) + level * level * 1_500;
        let slice = |start, reason, grade, salary, audit, dice: &mut Dice| Pay {
            start,
            end: Day::FOREVER,
            reason,
            grade,
            bonus: if level > 0 { 100 + 50 * level as u16 } else { 50 * dice.below(2) as u16 },
            car: level > 1,
            salary,
            audit,
            cents: 0,
        };
        let mut pay = vec![slice(employment.start, first.reason, first.pay_grade, salary, first.audit, dice)];
        for job in &employment.jobs {
            let raise = matches!(job.reason, Reason::Promotion | Reason::Transfer | Reason::DataChange);
            if raise && job.start > employment.start && pay.last().is_some_and(|last| last.start < job.start) {
                salary += 100 + salary / 20;
                pay.push(slice(job.start, job.reason, job.pay_grade, salary, job.audit, dice));
            }
        }
        Pay::close_gaps(&mut pay);
        employment.pay = pay;
    }

    fn relations(&self, employment: &mut Employment, person: u32, hr: u32, dice: &mut Dice) {
        let option = |code| self.world.picks.option("jobRelType", code).unwrap_or(NOTHING);
        let start = employment.start;
        if hr != NOBODY {
            let (end, to) = (Day::FOREVER, hr);
            employment.relations.push(Relation { kind: option("hr manager"), start, end, to, audit: employment.audit });
        }
        if !dice.percent(14) {
            return;
        }
        let mut someone = || dice.pick(&self.plan.heads).copied().filter(|head| *head != person);
        let (Some(one), other) = (someone(), someone()) else { return };
        let kind = option("matrix manager");
        let known = self.today.0 - start.0;
        let relation = |start, end, to, audit| Relation { kind, start, end, to, audit };
        match other.filter(|other| *other != one && known > 400) {
            Some(other) => {
                let since = start.plus(dice.between(100, known - 30));
                let changed = Audit::at(self.past(since, dice), Author::Admin);
                employment.relations.push(relation(start, since.plus(-1), one, employment.audit));
                employment.relations.push(relation(since, Day::FOREVER, other, changed));
            }
            None => employment.relations.push(relation(start, Day::FOREVER, one, employment.audit)),
        }
    }
}

impl PositionSlice {
    /// What the job says of the chair it is done on.
    pub(in crate::world) fn of(job: &Job, parent: u32) -> Self {
        Self {
            start: job.start,
            end: Day::FOREVER,
            active: true,
            title: job.title,
            parent,
            company: job.company,
            business_unit: job.business_unit,
            division: job.division,
            department: job.department,
            location: job.location,
            cost_center: job.cost_center,
            job_code: job.code,
            pay_grade: job.pay_grade,
            fte: job.fte,
            audit: job.audit,
        }
    }
}

impl World {
    /// Notes who ever sat where and who was named by whom.
    pub(in crate::world) fn seat_everybody(&mut self) {
        for employment in self.people.iter().flat_map(|person| &person.employments) {
            for job in &employment.jobs {
                self.positions.seat(job.position, employment.user);
            }
            for relation in &employment.relations {
                let named = self.named_by.entry(relation.to).or_default();
                if named.last() != Some(&employment.user) {
                    named.push(employment.user);
                }
            }
        }
    }
}
