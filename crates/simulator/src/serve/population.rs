//! Whom a permission reaches: the target population of a role, from the side of those it leaves out.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use crate::schema::Set;
use crate::schema::job::emp_job::P;
use crate::world::{AsOf, Cell, World};

/// People of whom the API user sees no row, no row of one set, or no value of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HiddenPeople {
    /// Everybody is visible.
    #[default]
    Nobody,
    /// About this many of a hundred, always the same ones; more hide when the share grows.
    Percent(u8),
    /// Whoever has a job in one of these departments today (codes).
    Departments(BTreeSet<String>),
    /// Whoever has a job in one of these companies today.
    Companies(BTreeSet<String>),
    /// Whoever has a job at one of these locations today.
    Locations(BTreeSet<String>),
    /// Everybody but those with a job in one of these companies, departments or locations today: a role whose target
    /// population these are.
    Outside(BTreeSet<String>),
    /// Whoever is in none of these groups today (names): the groups are the target population of the API user's role.
    OutsideGroups(BTreeSet<String>),
}

/// [`HiddenPeople`] made ready for looking people up.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    percent: u8,
    /// These, or with `others` everybody else.
    listed: HashSet<u32>,
    others: bool,
}

impl HiddenPeople {
    /// Whether who is seen depends on who works where.
    pub(super) fn depends_on_jobs(&self) -> bool {
        !matches!(self, Self::Nobody | Self::Percent(_))
    }
}

impl Hidden {
    pub(super) fn new(people: &HiddenPeople, world: &World) -> Self {
        let listed = |properties: &[P], codes| Self { listed: working(world, properties, codes), ..Self::default() };
        match people {
            HiddenPeople::Nobody => Self::default(),
            HiddenPeople::Percent(percent) => Self { percent: *percent, ..Self::default() },
            HiddenPeople::Departments(codes) => listed(&[P::department], codes),
            HiddenPeople::Companies(codes) => listed(&[P::company], codes),
            HiddenPeople::Locations(codes) => listed(&[P::location], codes),
            HiddenPeople::Outside(codes) => {
                Self { others: true, ..listed(&[P::company, P::department, P::location], codes) }
            }
            HiddenPeople::OutsideGroups(names) => {
                Self { others: true, listed: members(world, names), ..Self::default() }
            }
        }
    }

    /// Whether it hides nobody.
    pub(super) fn is_empty(&self) -> bool {
        self.percent == 0 && self.listed.is_empty() && !self.others
    }

    pub(super) fn has(&self, person: u32) -> bool {
        // Knuth's multiplicative hash spreads neighbours, so that any page loses its share.
        let spread = person.wrapping_mul(2_654_435_761) >> 16;
        spread % 100 < u32::from(self.percent) || self.listed.contains(&person) != self.others
    }
}

/// People with a job today that has one of the codes in one of the properties.
fn working(world: &World, properties: &[P], codes: &BTreeSet<String>) -> HashSet<u32> {
    let meant = |row| {
        properties.iter().any(|property| match world.cell(row, *property as usize) {
            Cell::Str(code) => codes.contains(code),
            _ => false,
        })
    };
    let jobs = world.rows(Set::EmpJob, AsOf::Day(world.today()));
    jobs.filter(|row| meant(*row)).filter_map(|row| world.person_of(row)).collect()
}

/// Members of groups of these names, whatever their type. A user is seen with its person.
fn members(world: &World, names: &BTreeSet<String>) -> HashSet<u32> {
    let groups = names.iter().flat_map(|name| world.groups_named(name));
    groups.flat_map(|group| world.group_members(group, false)).filter_map(|user| world.person_of(user)).collect()
}
