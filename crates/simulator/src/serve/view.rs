//! What the API user may see. It can change at any moment, also in the middle of a walk.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::population::{Hidden, HiddenPeople};
use crate::schema::Set;
use crate::world::{Cell, RowId, World};

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
    /// People of whom rows of one entity set are not visible: a permission with a target population of its own.
    pub hidden_rows: BTreeMap<String, HiddenPeople>,
    /// People of whom one property is not visible, as `PerEmail/emailAddress`: it reads as null.
    pub hidden_values: BTreeMap<String, HiddenPeople>,
    /// Entity sets that may be read and not written: 403 `[COE0020]`.
    pub read_only_sets: BTreeSet<String>,
    /// Properties and navigations that may be read and not written, as `User/custom01`.
    pub read_only_fields: BTreeSet<String>,
}

impl Visibility {
    /// Names in it that are no entity set, property or navigation.
    pub fn unknown_names(&self) -> Vec<String> {
        let sets = self
            .hidden_sets
            .iter()
            .chain(&self.empty_sets)
            .chain(&self.read_only_sets)
            .chain(self.hidden_rows.keys())
            .filter(|name| Set::named(name).is_none());
        let fields =
            self.hidden_fields.iter().chain(&self.read_only_fields).chain(self.hidden_values.keys()).filter(|path| {
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
    hidden_people: Hidden,
    hidden_rows: Vec<(Set, Hidden)>,
    hidden_values: Vec<(Set, usize, Hidden)>,
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
        let ready = |people: &HiddenPeople| Hidden::new(people, world);
        view.hidden_people = ready(&rules.hidden_people);
        view.hidden_rows =
            rules.hidden_rows.iter().filter_map(|(name, people)| Some((Set::named(name)?, ready(people)))).collect();
        let value = |(path, people): (&String, &HiddenPeople)| {
            let (set, field) = path.split_once('/')?;
            let set = Set::named(set)?;
            Some((set, set.table().property(field)?, ready(people)))
        };
        view.hidden_values = rules.hidden_values.iter().filter_map(value).collect();
        view.rules = rules;
        view
    }

    /// Whether who is seen depends on who works where.
    pub(crate) fn depends_on_departments(&self) -> bool {
        let rules = &self.rules;
        let mut all = rules.hidden_rows.values().chain(rules.hidden_values.values()).chain([&rules.hidden_people]);
        all.any(HiddenPeople::depends_on_jobs)
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
        if self.hidden_people.is_empty() && self.hidden_rows.is_empty() {
            return true;
        }
        world.person_of(row).is_none_or(|person| {
            let rows = self.hidden_rows.iter().find(|(set, _)| *set == row.set());
            !self.hidden_people.has(person) && !rows.is_some_and(|(_, hidden)| hidden.has(person))
        })
    }

    /// What the API user reads in a cell: nothing where the permission for the field does not reach the person. Keys
    /// are read with the row.
    pub(crate) fn cell<'w>(&self, world: &'w World, row: RowId, property: usize) -> Cell<'w> {
        let hidden = self.hidden_values.iter().find(|(set, at, _)| *set == row.set() && *at == property);
        if let Some((.., hidden)) = hidden
            && world.person_of(row).is_some_and(|person| hidden.has(person))
        {
            return Cell::Null;
        }
        world.cell(row, property)
    }

    /// The same where no plan has left out the fields that are hidden altogether: the services beside OData.
    pub(crate) fn shown<'w>(&self, world: &'w World, row: RowId, property: usize) -> Cell<'w> {
        let name = row.set().table().properties.get(property).map_or("", |property| property.name);
        if self.has_field(row.set(), name) { self.cell(world, row, property) } else { Cell::Null }
    }
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
    /// What `$metadata` was last built from, where it is cached.
    metadata: Option<Arc<View>>,
}

impl Views {
    pub(crate) fn current(&self) -> Arc<View> {
        Arc::clone(&self.lock().now)
    }

    /// The view that `$metadata` tells: the one in force, or with a cache the one when it was last built.
    pub(crate) fn of_metadata(&self, cached: bool) -> Arc<View> {
        let mut state = self.lock();
        let now = Arc::clone(&state.now);
        if cached { Arc::clone(state.metadata.get_or_insert(now)) } else { now }
    }

    /// `$metadata` is built anew when it is next asked for.
    pub(crate) fn refresh_metadata(&self) {
        self.lock().metadata = None;
    }

    /// Puts a view in force now, or after `pages` more pages of any list were answered.
    pub(crate) fn set(&self, view: View, after_pages: u64) {
        let mut state = self.lock();
        let view = Arc::new(view);
        if after_pages == 0 {
            (state.now, state.later) = (view, None);
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
