//! The job slices of one employment.

use super::company::{JOBS, Map};
use super::dice::Dice;
use super::people::Maker;
use crate::world::Day;
use crate::world::data::{Audit, Author, Job, NOBODY, NOTHING, Reason};
use crate::world::text::Text;

impl Maker<'_> {
    /// What somebody does today.
    pub(super) fn post(&mut self, person: u32, culture: usize, start: Day, dice: &mut Dice) -> Job {
        let department = self.plan.department[person as usize];
        let division = Map::division(department);
        let level = self.plan.level[person as usize];
        let at_level: Vec<u16> =
            JOBS.iter().zip(0_u16..).filter(|((_, one), _)| *one == level).map(|(_, place)| place).collect();
        let job_code = dice.pick(&at_level).copied().unwrap_or(0);
        let location = self.map.locations.get(culture).and_then(|list| dice.pick(list)).copied().unwrap_or(NOTHING);
        let part_time = level == 0 && dice.percent(14);
        let class = if level == 0 {
            ["01", "01", "01", "01", "01", "01", "01", "02", "03", "04"][dice.below(10) as usize]
        } else {
            "01"
        };
        let option = |list, code| self.world.picks.option(list, code).unwrap_or(NOTHING);
        let (class, kind) =
            (option("EMPLOYEECLASS", class), option("employmentType", if part_time { "PT" } else { "FT" }));
        Job {
            start,
            end: Day::FOREVER,
            sequence: 1,
            reason: Reason::Hire,
            company: culture as u16,
            business_unit: Map::business_unit(division),
            division,
            department,
            location,
            cost_center: department,
            code: job_code,
            fte: if part_time { [500, 600, 750, 800][dice.below(4) as usize] } else { 1000 },
            class,
            kind,
            title: self.titles.get(usize::from(job_code)).copied().unwrap_or(Text::NONE),
            pay_grade: self.world.grade_of(job_code),
            position: person,
            manager: self.plan.manager[person as usize],
            audit: Audit::at(self.past(start, dice), Author::Import),
        }
    }

    /// The way there: slices from `start` to today, the last of which is `post`, so that nobody ever reports to
    /// somebody below.
    pub(super) fn way_to(&self, post: &Job, person: u32, start: Day, dice: &mut Dice) -> Vec<Job> {
        let tenure = self.today.0 - start.0;
        let steps = if tenure < 400 { 0 } else { dice.below(4).min(tenure as u32 / 250) as i32 };
        let leaf = self.plan.level[person as usize] == 0;
        let mut now = Job {
            start,
            reason: Reason::Hire,
            audit: Audit::at(self.past(start, dice), Author::Import),
            ..post.clone()
        };
        if steps == 0 {
            return vec![now];
        }
        if steps > 1 && leaf && dice.percent(50) {
            let before = dice.below(u32::from(self.map.departments)) as u16;
            self.place_in(&mut now, before);
            now.manager = self
                .plan
                .heads
                .get(usize::from(before))
                .copied()
                .filter(|head| *head != person)
                .unwrap_or(post.manager);
        } else if let Some(above) = self.plan.manager.get(post.manager as usize).filter(|above| **above != NOBODY) {
            now.manager = *above;
        }
        if leaf {
            now.code = 12;
            now.pay_grade = self.world.grade_of(12);
            now.title = self.titles.get(12).copied().unwrap_or(now.title);
        }
        let mut jobs = vec![now.clone()];
        for step in 1..=steps {
            let day = start.plus(tenure * step / (steps + 1) + dice.between(0, 60));
            let last = step == steps;
            now.start = day;
            now.audit = Audit::at(self.past(day, dice), Author::Admin);
            if now.department != post.department && (last || dice.percent(50)) {
                self.place_in(&mut now, post.department);
                now.manager = post.manager;
                now.reason = Reason::Transfer;
            } else if now.manager != post.manager && (last || dice.percent(50)) {
                now.manager = post.manager;
                now.reason = Reason::ManagerChange;
            } else {
                now.reason = Reason::DataChange;
            }
            jobs.push(now.clone());
            if last && now.code != post.code {
                // A second change on the same day: the higher sequence number counts.
                let promoted = Job {
                    sequence: 2,
                    reason: Reason::Promotion,
                    code: post.code,
                    pay_grade: post.pay_grade,
                    title: post.title,
                    ..now.clone()
                };
                jobs.push(promoted);
            }
        }
        jobs
    }

    fn place_in(&self, job: &mut Job, department: u16) {
        job.department = department;
        job.cost_center = department;
        job.division = Map::division(department);
        job.business_unit = Map::business_unit(job.division);
        debug_assert!(department < self.map.departments);
    }

    /// Another slice at the end.
    pub(super) fn then(&self, jobs: &mut Vec<Job>, start: Day, reason: Reason, dice: &mut Dice) {
        let Some(last) = jobs.last().cloned() else { return };
        let sequence = if last.start == start { last.sequence + 1 } else { 1 };
        let audit = Audit::at(self.past(start, dice), Author::Admin);
        jobs.push(Job { start, sequence, reason, audit, ..last });
    }
}
