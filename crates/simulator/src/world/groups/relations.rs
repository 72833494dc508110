//! Rows of groups, roles and what belongs to them: listing, finding, keys, and where navigations lead.

use super::field::{FIELDS, OPERATORS, field_named, operator_named};
use super::permission::PERMISSIONS;
use crate::schema::Set;
use crate::schema::groups::{dg_expression, dg_filter, dynamic_group, rbp_role, rbp_rule};
use crate::world::{KeyPart, RowId, World};

use KeyPart::{Int, Str};

/// Whether rows of the set are found here.
pub(in crate::world) fn is_of_groups(set: Set) -> bool {
    matches!(
        set,
        Set::DynamicGroup
            | Set::DGPeoplePool
            | Set::DGFilter
            | Set::DGField
            | Set::DGExpression
            | Set::DGFieldOperator
            | Set::DGFieldValue
            | Set::DynamicGroupDefinition
            | Set::RBPRole
            | Set::RBPRule
            | Set::RBPBasicPermission
    )
}

impl World {
    /// The rows of a set, by id; none of a set that cannot be listed.
    pub(in crate::world) fn group_rows(&self, set: Set) -> Vec<RowId> {
        let groups = &self.groups;
        let row = |at: usize| RowId::new(set, at as u32, 0, 0);
        match set {
            Set::DynamicGroup | Set::DynamicGroupDefinition => (0..groups.all.len()).map(row).collect(),
            Set::RBPRole => (0..groups.roles.len()).filter(|at| !groups.roles[*at].gone).map(row).collect(),
            Set::RBPRule => (0..groups.rules.len()).filter(|at| !groups.rules[*at].gone).map(row).collect(),
            Set::RBPBasicPermission => (0..PERMISSIONS.len()).map(row).collect(),
            _ => Vec::new(),
        }
    }

    /// The row of that key.
    pub(in crate::world) fn group_find(&self, set: Set, key: &[KeyPart<'_>]) -> Option<RowId> {
        let row = |at: usize| Some(RowId::new(set, at as u32, 0, 0));
        let groups = &self.groups;
        match (set, key) {
            (Set::DynamicGroup | Set::DynamicGroupDefinition, [Int(id)]) => {
                row(groups.all.binary_search_by_key(id, |group| group.id).ok()?)
            }
            (Set::RBPRole, [Int(id)]) => {
                let at = groups.roles.binary_search_by_key(id, |role| role.id).ok()?;
                if groups.roles[at].gone { None } else { row(at) }
            }
            (Set::RBPRule, [Int(id)]) => {
                let at = groups.rules.binary_search_by_key(id, |rule| rule.id).ok()?;
                if groups.rules[at].gone { None } else { row(at) }
            }
            (Set::RBPBasicPermission, [Int(id)]) => row(PERMISSIONS.iter().position(|one| one.id == *id)?),
            (Set::DGField, [Str(name)]) => row(usize::from(field_named(name)?)),
            (Set::DGFieldOperator, [Str(token)]) => row(usize::from(operator_named(token)?)),
            (Set::DGPeoplePool | Set::DGFilter | Set::DGExpression | Set::DGFieldValue, [Str(id)]) => {
                (0..groups.all.len() as u32).find_map(|group| {
                    self.parts(group, set).into_iter().find(
                        |part| matches!(self.group_cell(*part, 0), Some(crate::world::Cell::Str(is)) if is == *id),
                    )
                })
            }
            _ => None,
        }
    }

    /// The key of a row.
    pub(in crate::world) fn group_key(&self, row: RowId) -> Option<Vec<KeyPart<'_>>> {
        let property = row.set.table().property(row.set.table().keys.first()?)?;
        Some(vec![match self.group_cell(row, property)? {
            crate::world::Cell::Str(text) => Str(text),
            crate::world::Cell::Int(number) => Int(number),
            _ => return None,
        }])
    }

    /// Every pool, filter, expression or value of a group.
    fn parts(&self, group: u32, set: Set) -> Vec<RowId> {
        let row = |child: usize, slice: usize| RowId::new(set, group, child as u16, slice as u16);
        let Some(data) = self.groups.all.get(group as usize) else { return Vec::new() };
        match set {
            Set::DGPeoplePool => (0..data.pools().count()).map(|at| row(at, 0)).collect(),
            Set::DGFilter => data
                .pools()
                .enumerate()
                .flat_map(|(at, pool)| (0..pool.filters.len()).map(move |filter| row(at, filter)))
                .collect(),
            Set::DGExpression => (0..data.expressions().count()).map(|at| row(at, 0)).collect(),
            Set::DGFieldValue => data
                .expressions()
                .enumerate()
                .flat_map(|(at, expression)| (0..expression.values.len()).map(move |value| row(at, value)))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Where a navigation to many leads.
    pub(in crate::world) fn group_many(&self, row: RowId, navigation: usize) -> Vec<RowId> {
        let groups = &self.groups;
        let top = |set: Set, at: u32| RowId::new(set, at, 0, 0);
        match row.set {
            Set::DynamicGroup => {
                let Some(super::data::Membership::Pools { include, exclude }) =
                    self.group(row).map(|group| &group.membership)
                else {
                    return Vec::new();
                };
                let places = match dynamic_group::N::ALL.get(navigation) {
                    Some(dynamic_group::N::dgIncludePools) => 0..include.len(),
                    _ => include.len()..include.len() + exclude.len(),
                };
                places.map(|at| RowId::new(Set::DGPeoplePool, row.top, at as u16, 0)).collect()
            }
            Set::DGPeoplePool => {
                let count = self.pool(row).map_or(0, |pool| pool.filters.len());
                (0..count).map(|at| RowId::new(Set::DGFilter, row.top, row.child, at as u16)).collect()
            }
            Set::DGFilter => self.expressions_of(row),
            Set::DGExpression => {
                let expression = self.group(row).and_then(|group| group.expressions().nth(usize::from(row.child)));
                let count = expression.map_or(0, |expression| expression.values.len());
                (0..count).map(|at| RowId::new(Set::DGFieldValue, row.top, row.child, at as u16)).collect()
            }
            Set::DGField => {
                let operators = FIELDS.get(row.top as usize).map_or(&[][..], |field| field.kind.operators());
                operators.iter().map(|at| top(Set::DGFieldOperator, u32::from(*at))).collect()
            }
            Set::RBPRole => match rbp_role::N::ALL.get(navigation) {
                Some(rbp_role::N::permissions) => {
                    let held = groups.roles.get(row.top as usize).map_or(&[][..], |role| role.permissions.as_slice());
                    held.iter().map(|at| top(Set::RBPBasicPermission, u32::from(*at))).collect()
                }
                _ => {
                    let rules = groups.rules.iter().zip(0_u32..);
                    let of_it = rules.filter(|(rule, _)| rule.role == row.top && !rule.gone);
                    of_it.map(|(_, at)| top(Set::RBPRule, at)).collect()
                }
            },
            Set::RBPRule => {
                let Some(rule) = groups.rules.get(row.top as usize) else { return Vec::new() };
                let named = match rbp_rule::N::ALL.get(navigation) {
                    Some(rbp_rule::N::accessGroups) => &rule.access_groups,
                    _ => &rule.target_groups,
                };
                named.iter().map(|at| top(Set::DynamicGroup, *at)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn expressions_of(&self, filter: RowId) -> Vec<RowId> {
        let Some(group) = self.group(filter) else { return Vec::new() };
        let mut before = 0;
        for (pool, at) in group.pools().zip(0_u16..) {
            for (one, place) in pool.filters.iter().zip(0_u16..) {
                if (at, place) == (filter.child, filter.slice) {
                    let places = before..before + one.expressions.len();
                    return places.map(|at| RowId::new(Set::DGExpression, filter.top, at as u16, 0)).collect();
                }
                before += one.expressions.len();
            }
        }
        Vec::new()
    }

    /// Where a navigation to one leads.
    pub(in crate::world) fn group_one(&self, row: RowId, navigation: usize) -> Option<RowId> {
        match row.set {
            Set::DGFilter => match dg_filter::N::ALL.get(navigation)? {
                dg_filter::N::field => {
                    let filter = self.group(row)?.filter(row.child, row.slice)?;
                    Some(RowId::new(Set::DGField, u32::from(filter.field), 0, 0))
                }
                dg_filter::N::expressions => None,
            },
            Set::DGExpression => match dg_expression::N::ALL.get(navigation)? {
                dg_expression::N::operator => {
                    let expression = self.group(row)?.expressions().nth(usize::from(row.child))?;
                    let at = u32::from(expression.operator);
                    ((at as usize) < OPERATORS.len()).then(|| RowId::new(Set::DGFieldOperator, at, 0, 0))
                }
                dg_expression::N::values => None,
            },
            Set::DynamicGroupDefinition => Some(RowId { set: Set::DynamicGroup, ..row }),
            Set::RBPRule => {
                let rule = self.groups.rules.get(row.top as usize)?;
                let there = self.groups.roles.get(rule.role as usize).is_some_and(|role| !role.gone);
                there.then(|| RowId::new(Set::RBPRole, rule.role, 0, 0))
            }
            _ => None,
        }
    }

    /// The group of that id.
    pub fn group_by_id(&self, id: i64) -> Option<RowId> {
        self.group_find(Set::DynamicGroup, &[Int(id)])
    }

    /// The groups of that name, by id: names are unique within a type only.
    pub fn groups_named(&self, name: &str) -> Vec<RowId> {
        let named = self.groups.all.iter().zip(0_u32..).filter(|(group, _)| group.name == name);
        named.map(|(_, at)| RowId::new(Set::DynamicGroup, at, 0, 0)).collect()
    }

    /// Type of a group: `permission` and the like.
    pub fn group_type(&self, group: RowId) -> Option<&str> {
        matches!(group.set, Set::DynamicGroup | Set::DynamicGroupDefinition).then_some(())?;
        self.group(group).map(|group| group.kind.as_str())
    }
}
