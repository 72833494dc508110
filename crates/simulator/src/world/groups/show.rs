//! A group as people look at it.

use super::data::{Membership, Pool};
use crate::world::{RowId, World};

/// A group as people look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupShown<'a> {
    /// `groupID`.
    pub id: i64,
    /// Name; unique within a type only.
    pub name: &'a str,
    /// Type: `permission` and others.
    pub kind: &'a str,
    /// `static`, `dynamic` or `everyone`.
    pub membership: &'static str,
    /// Belongs to the system.
    pub of_the_system: bool,
    /// Members today.
    pub members: u32,
    /// Those of them who may sign in.
    pub active: u32,
    /// Whoever meets one of these is in, …
    pub include: Vec<PoolShown<'a>>,
    /// … unless one of these is met.
    pub exclude: Vec<PoolShown<'a>>,
}

/// A pool: people who meet all of its conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolShown<'a> {
    /// `peoplePoolId`.
    pub id: &'a str,
    /// One condition a filter, in words.
    pub conditions: Vec<String>,
}

impl World {
    /// A group as people look at it, of a `DynamicGroup` row.
    pub fn group_shown(&self, row: RowId) -> Option<GroupShown<'_>> {
        let group = self.group(row)?;
        let (active, members) = self.member_counts(row.top);
        let shown = |pool| PoolShown::of(pool);
        let (membership, include, exclude) = match &group.membership {
            Membership::Everyone => ("everyone", Vec::new(), Vec::new()),
            Membership::Listed(_) => ("static", Vec::new(), Vec::new()),
            Membership::Pools { include, exclude } => {
                ("dynamic", include.iter().map(shown).collect(), exclude.iter().map(shown).collect())
            }
        };
        let of_the_system = group.is_of_the_system();
        let (id, name, kind) = (group.id, group.name.as_str(), group.kind.as_str());
        Some(GroupShown { id, name, kind, membership, of_the_system, members, active, include, exclude })
    }
}

impl<'a> PoolShown<'a> {
    fn of(pool: &'a Pool) -> Self {
        Self { id: &pool.id, conditions: pool.filters.iter().map(super::data::Filter::words).collect() }
    }
}

#[cfg(test)]
mod tests {
    use crate::schema::Set;
    use crate::world::{AsOf, Seed, World};

    #[test]
    fn every_kind_of_group_is_shown() {
        let mut world = World::generate(&Seed::new(3, 400, "2026-11-21T12:00:00Z".parse().unwrap()));
        world.settle();
        let rows: Vec<_> = world.rows(Set::DynamicGroup, AsOf::Day(world.today())).collect();
        let shown: Vec<_> = rows.iter().map(|row| world.group_shown(*row).unwrap()).collect();
        for membership in ["static", "dynamic", "everyone"] {
            let group = shown.iter().find(|group| group.membership == membership).unwrap();
            assert_eq!(membership == "dynamic", !group.include.is_empty(), "{membership}");
        }
        for (row, group) in rows.iter().zip(&shown) {
            assert_eq!(world.group_members(*row, false).len() as u32, group.members);
            assert!(group.active <= group.members);
        }
        assert!(shown.iter().flat_map(|group| &group.include).any(|pool| !pool.conditions.is_empty()));
    }
}
