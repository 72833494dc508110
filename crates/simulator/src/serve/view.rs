//! What the API user may see. It can change at any moment, also in the middle of a walk.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::schema::Set;
use crate::schema::job::emp_job;
use crate::world::{AsOf, Cell, RowId, World};

/// What the API user may see. The default is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Visibility {
    /// The permission to call OData at all is missing: LGN0002.
    pub no_api: bool,
    /// Entity sets that are not there: not in metadata, 404 when listed, unknown as a navigation's target.
    pub hidden_sets: BTreeSet<String>,
    /// Entity sets that are there, but every row of them is invisible.
    pub empty_sets: BTreeSet<String>,
    /// Types of groups that the API user may not see, as `permission`: such groups are in no list, asking for one is
    /// refused (COE0020, KBA 2676936). With `permission` roles are refused too.
    pub no_group_types: BTreeSet<String>,
    /// Properties and navigations that are not there, as `User/email`.
    pub hidden_fields: BTreeSet<String>,
    /// People of whom no row is visible.
    pub hidden_people: HiddenPeople,
    /// Entity sets that may be read and not written: 403 `[COE0020]`.
    pub read_only_sets: BTreeSet<String>,
    /// Properties and navigations that may be read and not written, as `User/custom01`.
    pub read_only_fields: BTreeSet<String>,
}

/// People of whom the API user sees no row: no person, employment, job, user.
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
    /// Whoever is in none of these groups today (names): the groups are the target population of the API user's role.
    OutsideGroups(BTreeSet<String>),
}

impl Visibility {
    /// Names in it that are no entity set, property or navigation.
    pub fn unknown_names(&self) -> Vec<String> {
        let sets = self
            .hidden_sets
            .iter()
            .chain(&self.empty_sets)
            .chain(&self.read_only_sets)
            .filter(|name| Set::named(name).is_none());
        let fields = self.hidden_fields.iter().chain(&self.read_only_fields).filter(|path| {
            let known = path.split_once('/').and_then(|(set, field)| {
                let table = Set::named(set)?.table();
                table.property(field).or(table.navigation(field))
            });
            known.is_none()
        });
        sets.chain(fields).cloned().collect()
    }
}

/// A [`Visibility`] made ready for looking things up.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) rules: Visibility,
    hidden_sets: Vec<Set>,
    empty_sets: Vec<Set>,
    hidden_fields: HashSet<(Set, String)>,
    percent: u8,
    hidden_people: HashSet<u32>,
}

impl View {
    pub(crate) fn new(rules: Visibility, world: &World) -> Self {
        let sets = |names: &BTreeSet<String>| names.iter().filter_map(|name| Set::named(name)).collect();
        let fields = rules.hidden_fields.iter().filter_map(|path| {
            let (set, field) = path.split_once('/')?;
            Some((Set::named(set)?, field.to_owned()))
        });
        let mut view = Self {
            hidden_sets: sets(&rules.hidden_sets),
            empty_sets: sets(&rules.empty_sets),
            hidden_fields: fields.collect(),
            ..Self::default()
        };
        match &rules.hidden_people {
            HiddenPeople::Nobody => {}
            HiddenPeople::Percent(percent) => view.percent = *percent,
            HiddenPeople::Departments(codes) => view.hidden_people = people_of(world, codes),
            HiddenPeople::OutsideGroups(names) => view.hidden_people = people_outside(world, names),
        }
        view.rules = rules;
        view
    }

    /// Whether who is seen depends on who works where.
    pub(crate) fn depends_on_departments(&self) -> bool {
        matches!(self.rules.hidden_people, HiddenPeople::Departments(_) | HiddenPeople::OutsideGroups(_))
    }

    pub(crate) fn has_set(&self, set: Set) -> bool {
        !self.hidden_sets.contains(&set)
    }

    pub(crate) fn has_field(&self, set: Set, name: &str) -> bool {
        self.hidden_fields.is_empty() || !self.hidden_fields.contains(&(set, name.to_owned()))
    }

    /// Whether rows of the set may be written.
    pub(crate) fn may_write(&self, set: Set) -> bool {
        !self.rules.read_only_sets.contains(set.table().name)
    }

    pub(crate) fn may_write_field(&self, set: Set, name: &str) -> bool {
        let fields = &self.rules.read_only_fields;
        fields.is_empty() || !fields.contains(&format!("{}/{name}", set.table().name))
    }

    pub(crate) fn sees(&self, world: &World, row: RowId) -> bool {
        if self.empty_sets.contains(&row.set()) {
            return false;
        }
        let refused = &self.rules.no_group_types;
        if !refused.is_empty() && world.group_type(row).is_some_and(|kind| refused.contains(kind)) {
            return false;
        }
        if self.percent == 0 && self.hidden_people.is_empty() {
            return true;
        }
        world.person_of(row).is_none_or(|person| {
            // Knuth's multiplicative hash spreads neighbours, so that any page loses its share.
            let spread = person.wrapping_mul(2_654_435_761) >> 16;
            spread % 100 >= u32::from(self.percent) && !self.hidden_people.contains(&person)
        })
    }
}

/// Everybody but the members of groups of these names, whatever their type. A user is seen with its person.
fn people_outside(world: &World, names: &BTreeSet<String>) -> HashSet<u32> {
    let groups = names.iter().flat_map(|name| world.groups_named(name));
    let members: HashSet<u32> =
        groups.flat_map(|group| world.group_members(group, false)).filter_map(|user| world.person_of(user)).collect();
    let everybody = world.rows(Set::PerPerson, AsOf::ALL).filter_map(|row| world.person_of(row));
    everybody.filter(|person| !members.contains(person)).collect()
}

fn people_of(world: &World, codes: &BTreeSet<String>) -> HashSet<u32> {
    world
        .rows(Set::EmpJob, AsOf::Day(world.today()))
        .filter(|&row| match world.cell(row, emp_job::P::department as usize) {
            Cell::Str(code) => codes.contains(code),
            _ => false,
        })
        .filter_map(|row| world.person_of(row))
        .collect()
}

/// The view in force, and one that waits for its turn.
#[derive(Debug, Default)]
pub(crate) struct Views {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    now: Arc<View>,
    later: Option<(u64, Arc<View>)>,
}

impl Views {
    pub(crate) fn current(&self) -> Arc<View> {
        Arc::clone(&self.lock().now)
    }

    /// Puts a view in force now, or after `pages` more pages of any list were answered.
    pub(crate) fn set(&self, view: View, after_pages: u64) {
        let mut state = self.lock();
        let view = Arc::new(view);
        if after_pages == 0 {
            *state = State { now: view, later: None };
        } else {
            state.later = Some((after_pages, view));
        }
    }

    /// Puts a fresh reading of the same rules in the place of `old`, unless others are in force meanwhile.
    pub(crate) fn replace(&self, old: &Arc<View>, fresh: View) {
        let mut state = self.lock();
        if Arc::ptr_eq(&state.now, old) {
            state.now = Arc::new(fresh);
        }
    }

    /// A page of a list was answered.
    pub(crate) fn page_answered(&self) {
        let mut state = self.lock();
        if let Some((pages, view)) = state.later.take() {
            if pages <= 1 {
                state.now = view;
            } else {
                state.later = Some((pages - 1, view));
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
