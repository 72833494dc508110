//! Who works in which department under whom, and what is special about whom: decided before anybody is made.

use super::company::Map;
use super::dice::Dice;
use crate::world::data::NOBODY;

/// How many people report to one manager.
const SPAN: u32 = 8;

/// What is special about somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Ordinary,
    LeavesYesterday,
    LeavesToday,
    LeavesTomorrow,
    LeavesSoon,
    StartsTomorrow,
    StartsLater,
    /// As above, and the user does not exist before.
    StartsLaterUnseen,
    NoShow,
    Rehired,
    OnAssignment,
    BackFromAssignment,
    TwoJobs,
    Left,
    Retired,
    PaidLeave,
    UnpaidLeave,
    Suspended,
    Furlough,
    ReturnedFromLeave,
    WithoutMail,
    WithoutEmployment,
    MovesTomorrow,
    DisabledByHand,
}

/// Cases and how many of ten thousand people are one; at least one of each among 200 people or more.
const SHARES: &[(Case, u32)] = &[
    (Case::LeavesTomorrow, 8),
    (Case::StartsTomorrow, 8),
    (Case::LeavesYesterday, 8),
    (Case::LeavesToday, 4),
    (Case::MovesTomorrow, 8),
    (Case::Rehired, 300),
    (Case::OnAssignment, 120),
    (Case::TwoJobs, 150),
    (Case::StartsLater, 70),
    (Case::StartsLaterUnseen, 30),
    (Case::NoShow, 20),
    (Case::PaidLeave, 100),
    (Case::UnpaidLeave, 80),
    (Case::Suspended, 10),
    (Case::Furlough, 20),
    (Case::ReturnedFromLeave, 100),
    (Case::BackFromAssignment, 40),
    (Case::LeavesSoon, 50),
    (Case::Left, 800),
    (Case::Retired, 100),
    (Case::WithoutMail, 20),
    (Case::WithoutEmployment, 20),
    (Case::DisabledByHand, 10),
];

/// The decisions.
pub(super) struct Plan {
    /// Department of each person.
    pub department: Vec<u16>,
    /// Manager of each person, or [`NOBODY`] for the first.
    pub manager: Vec<u32>,
    /// How high each stands: 0 without reports, 1 a team, 2 a department, 3 a division, 4 the company.
    pub level: Vec<u8>,
    pub case: Vec<Case>,
    /// Heads of departments.
    pub heads: Vec<u32>,
}

impl Plan {
    pub(super) fn new(seed: u64, people: u32, map: &Map) -> Self {
        let mut dice = Dice::new(seed ^ 0x0009_1A2B);
        let count = people as usize;
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); usize::from(map.departments)];
        let mut department = Vec::with_capacity(count);
        for person in 0..people {
            // The first department is the large one; every other gets its first member before any gets many.
            let at = if person > 0 && person < u32::from(map.departments) {
                person as u16
            } else if person == 0 || dice.below(1000) < 30 {
                0
            } else {
                1 + dice.below(u32::from(map.departments) - 1) as u16
            };
            department.push(at);
            members[usize::from(at)].push(person);
        }
        let heads: Vec<u32> = members.iter().map(|list| list.first().copied().unwrap_or(0)).collect();
        let mut manager = vec![NOBODY; count];
        let mut level = vec![0_u8; count];
        for (list, at) in members.iter().zip(0_u16..) {
            let division_head = heads[usize::from(Map::division(at))];
            for (person, place) in list.iter().zip(0_u32..) {
                let above = match place {
                    0 if *person == 0 => NOBODY,
                    0 if *person == division_head => 0,
                    0 => division_head,
                    _ => list[((place - 1) / SPAN) as usize],
                };
                manager[*person as usize] = above;
                level[*person as usize] = match place {
                    0 if *person == 0 => 4,
                    0 if *person == division_head => 3,
                    0 => 2,
                    _ => u8::from((place * SPAN + 1) < list.len() as u32),
                };
            }
        }
        let mut plan = Self { department, manager, level, case: vec![Case::Ordinary; count], heads };
        plan.deal(&mut dice);
        plan
    }

    /// Deals the cases out among those without reports.
    fn deal(&mut self, dice: &mut Dice) {
        let people = self.case.len() as u32;
        let mut free: Vec<u32> = (0..people).filter(|person| self.level[*person as usize] == 0).collect();
        dice.shuffle(&mut free);
        let mut free = free.into_iter();
        for (case, share) in SHARES {
            let due = (u64::from(people) * u64::from(*share) / 10_000) as u32;
            let due = if people >= 200 { due.max(1) } else { due };
            for person in free.by_ref().take(due as usize) {
                self.case[person as usize] = *case;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_manager_up_to_the_first() {
        for people in [10, 11, 200, 2500] {
            let map = Map { departments: super::super::company::departments(people), locations: Vec::new() };
            let plan = Plan::new(3, people, &map);
            for person in 0..people {
                let (mut at, mut steps) = (person, 0);
                while plan.manager[at as usize] != NOBODY {
                    at = plan.manager[at as usize];
                    steps += 1;
                    assert!(steps < 20, "a cycle above {person}");
                }
                assert_eq!(at, 0);
            }
            assert!(plan.manager.iter().all(|manager| *manager == NOBODY || plan.level[*manager as usize] > 0));
        }
    }

    #[test]
    fn two_hundred_people_hold_every_case() {
        let map = Map { departments: super::super::company::departments(200), locations: Vec::new() };
        let plan = Plan::new(3, 200, &map);
        assert!(SHARES.iter().all(|(case, _)| plan.case.contains(case)));
    }
}
