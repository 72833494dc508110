//! Making a believable company from a seed.

mod career;
mod company;
mod cultures;
mod dice;
mod identity;
mod outsiders;
mod people;
mod plan;

pub(super) use company::short;

use self::people::Maker;
use self::plan::Plan;
use super::{Clock, Seed, World};

impl World {
    /// Makes the company: the same seed gives the same, row for row. Every row was last changed at least a day before
    /// the clock's first instant.
    ///
    /// From 200 people on it holds at least one of each: terminated yesterday, today, tomorrow and earlier; retired;
    /// hired for tomorrow and later, with and without a user before that day; no-show; rehire; global assignment, one
    /// going on and one ended; concurrent jobs; every kind of leave; a transfer that starts tomorrow; a person without
    /// e-mail, one without employment, one disabled by hand.
    pub fn generate(seed: &Seed) -> Self {
        let people = seed.people.clamp(10, 1_000_000);
        let clock = Clock::new(seed.now, seed.tenant_zone.clone(), seed.server_zone.clone());
        let mut world = Self::empty(clock);
        let map = world.found(seed.seed, people);
        let plan = Plan::new(seed.seed, people, &map);
        world.seat_heads(&plan.heads);
        Maker::new(&mut world, seed.seed, &plan, &map).run(people);
        world.outsiders(seed.seed, people);
        world.index();
        world
    }

    /// Puts the heads of the departments into their rows. A person's user has the person's number here.
    fn seat_heads(&mut self, heads: &[u32]) {
        use super::units::UnitKind::{CostCenter, Department};
        for kind in [Department, CostCenter] {
            for (unit, head) in self.units.edit(kind).iter_mut().zip(heads) {
                for slice in &mut unit.slices {
                    slice.head = *head;
                }
            }
        }
    }

    /// Sorts people and users by their ids and notes who reports to whom.
    fn index(&mut self) {
        let (texts, users, people) = (&self.texts, &self.users, &self.people);
        self.users_order = (0..users.len() as u32).filter(|at| !users[*at as usize].gone).collect();
        self.users_order
            .sort_by(|one, other| texts.read(users[*one as usize].id).cmp(texts.read(users[*other as usize].id)));
        self.people_order = (0..people.len() as u32).collect();
        let id = |at: &u32| texts.read(people[*at as usize].external);
        self.people_order.sort_by(|one, other| id(one).cmp(id(other)));
        self.reports = vec![Vec::new(); users.len()];
        for employment in people.iter().flat_map(|person| &person.employments) {
            for job in &employment.jobs {
                if let Some(reports) = self.reports.get_mut(job.manager as usize)
                    && reports.last() != Some(&employment.user)
                {
                    reports.push(employment.user);
                }
            }
        }
    }
}
