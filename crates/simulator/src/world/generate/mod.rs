//! Making a believable company from a seed.

mod career;
mod company;
mod cultures;
mod dice;
mod household;
mod identity;
mod outsiders;
mod people;
mod places;
mod plan;
mod terms;

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
        world.name_shifts();
        world.group_up();
        world.seat_everybody();
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::schema::Set;
    use crate::world::laws::{cell, company, follow, follow_at, text};
    use crate::world::{AsOf, Cell, Day, RowId, World};

    fn persons(world: &World) -> impl Iterator<Item = RowId> {
        world.rows(Set::PerPerson, AsOf::ALL)
    }

    fn day(world: &World, row: RowId, property: &str) -> Option<Day> {
        match cell(world, row, property) {
            Cell::Date(day) => Some(day),
            _ => None,
        }
    }

    /// Codes of the employee status of everybody's job today, counted.
    fn statuses(world: &World) -> BTreeMap<&str, usize> {
        let mut count = BTreeMap::new();
        for job in world.rows(Set::EmpJob, AsOf::Day(world.today())) {
            let option = follow(world, job, "emplStatusNav")[0];
            *count.entry(text(world, option, "externalCode")).or_default() += 1;
        }
        count
    }

    #[test]
    fn every_case_is_among_2500_people() {
        let world = company(1, 2500);
        let today = world.today();
        let statuses = statuses(&world);
        assert!(
            ["A", "U", "P", "S", "F", "R", "T", "D", "O"].iter().all(|code| statuses.contains_key(code)),
            "{statuses:?}"
        );
        let ends: Vec<Day> =
            world.rows(Set::EmpEmployment, AsOf::ALL).filter_map(|row| day(&world, row, "endDate")).collect();
        for offset in [-1, 0, 1] {
            assert!(ends.contains(&today.plus(offset)), "nobody leaves {offset} days from today");
        }
        let starts: Vec<RowId> = world
            .rows(Set::EmpEmployment, AsOf::ALL)
            .filter(|row| day(&world, *row, "startDate").is_some_and(|start| start > today))
            .collect();
        assert!(starts.iter().any(|row| day(&world, *row, "startDate") == Some(today.plus(1))));
        assert!(starts.iter().all(|row| follow(&world, *row, "jobInfoNav").is_empty()));
        let users: Vec<usize> = starts.iter().map(|row| follow(&world, *row, "userNav").len()).collect();
        assert!(users.contains(&0) && users.contains(&1), "future hires with and without a user");

        let employments: Vec<Vec<RowId>> = persons(&world).map(|row| follow(&world, row, "employmentNav")).collect();
        let classes = |rows: &Vec<RowId>| -> Vec<&str> {
            let open = rows.iter().filter(|row| day(&world, **row, "endDate").is_none());
            open.map(|row| text(&world, *row, "assignmentClass")).collect()
        };
        assert!(employments.iter().any(|rows| classes(rows) == ["ST", "GA"]));
        assert!(employments.iter().any(|rows| classes(rows) == ["ST", "ST"]));
        assert!(employments.iter().any(|rows| rows.len() == 2 && classes(rows) == ["ST"]), "rehires");
        assert!(employments.iter().any(Vec::is_empty));
        assert!(persons(&world).any(|row| follow(&world, row, "emailNav").is_empty()));
        assert!(world.rows(Set::EmpJob, AsOf::ALL).any(|row| cell(&world, row, "seqNumber") == Cell::Int(2)));
        let tomorrow = AsOf::Day(today.plus(1));
        assert!(world.rows(Set::EmpJob, tomorrow).any(|row| {
            text(&world, row, "eventReason") == "TRANWDPT" && day(&world, row, "startDate") == Some(today.plus(1))
        }));
    }

    #[test]
    fn users_of_every_status_and_some_without_last_modification() {
        let world = company(1, 2500);
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        for row in world.rows(Set::User, AsOf::ALL) {
            *count.entry(text(&world, row, "status")).or_default() += 1;
        }
        assert_eq!(count.keys().copied().collect::<Vec<_>>(), ["F", "T", "d", "e", "f", "t"]);
        assert!(count["t"] > 2000 && count["f"] > 200, "{count:?}");
        let never =
            world.rows(Set::User, AsOf::ALL).filter(|row| cell(&world, *row, "lastModifiedDateTime") == Cell::Null);
        let never: Vec<&str> = never.map(|row| text(&world, row, "userId")).collect();
        assert!(never.contains(&"v4admin"), "{never:?}");
    }

    #[test]
    fn a_rehire_keeps_the_person_and_gets_a_new_user() {
        let world = company(1, 2500);
        let rehired =
            world.rows(Set::EmpJob, AsOf::ALL).find(|row| text(&world, *row, "eventReason") == "REHREH").unwrap();
        let employment = follow(&world, rehired, "employmentNav")[0];
        let person = follow(&world, employment, "personNav")[0];
        let status = |row: RowId| text(&world, follow(&world, row, "userNav")[0], "status");
        let both = follow(&world, person, "employmentNav");
        assert_eq!(both.len(), 2);
        let old = both.into_iter().find(|row| *row != employment).unwrap();
        assert_eq!((status(old), status(employment)), ("f", "t"));
        assert!(day(&world, old, "endDate") < day(&world, employment, "startDate"));
    }

    #[test]
    fn names_want_escaping_and_logins_are_ascii() {
        let world = company(1, 2500);
        let users: Vec<RowId> = world.rows(Set::User, AsOf::ALL).collect();
        let some = |property: &str, mark: char| users.iter().any(|row| text(&world, *row, property).contains(mark));
        assert!(
            ['\'', '"', '+', 'ß', 'Ł', 'Ж', '王', 'ク', 'ם', 'م']
                .iter()
                .filter(|mark| some("lastName", **mark) || some("firstName", **mark))
                .count()
                >= 6
        );
        assert!(some("username", '\'') && some("username", '+') && some("userId", '+') && some("userId", '\''));
        assert!(users.iter().all(|row| text(&world, *row, "username").is_ascii()));
        let mut names: Vec<&str> = users.iter().map(|row| text(&world, *row, "username")).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn one_department_holds_three_in_a_hundred() {
        let world = company(2, 20_000);
        let code = world.largest_department().unwrap().to_owned();
        let there =
            world.rows(Set::EmpJob, AsOf::Day(world.today())).filter(|row| text(&world, *row, "department") == code);
        assert!((450..900).contains(&there.count()));
    }

    #[test]
    fn histories_reach_back() {
        let world = company(3, 400);
        let some = persons(&world).filter(|row| {
            let employments = follow(&world, *row, "employmentNav");
            employments.iter().any(|one| follow_at(&world, *one, "jobInfoNav", AsOf::ALL).len() >= 3)
        });
        assert!(some.count() > 100);
        let some = persons(&world).filter(|row| follow_at(&world, *row, "personalInfoNav", AsOf::ALL).len() > 1);
        assert!(some.count() > 10);
    }
}
