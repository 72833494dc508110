//! Who is in which group.

use std::sync::{Arc, OnceLock};

use super::data::{Group, Membership};
use super::judge::Judge;
use crate::schema::Set;
use crate::world::{RowId, World};

/// The members of every group, by place.
pub(in crate::world) struct Index(Vec<Members>);

/// The members of one group.
#[derive(Clone, Default)]
struct Members {
    /// In the order of places.
    users: Vec<u32>,
    /// Those whose status is `t` or `T`.
    active: u32,
}

impl World {
    /// Says that the company changes no more until its clock is set again: who is in which group is worked out once,
    /// when somebody asks.
    pub fn settle(&mut self) {
        self.groups.index = Some(Arc::new(OnceLock::new()));
    }

    /// Says that the company may change from here on.
    pub(in crate::world) fn unsettle(&mut self) {
        self.groups.index = None;
    }

    fn with_members<T>(&self, group: u32, look: impl FnOnce(&Members) -> T) -> Option<T> {
        match &self.groups.index {
            Some(index) => {
                let Index(all) =
                    index.get_or_init(|| Index(self.groups.all.iter().map(|group| self.work_out(group)).collect()));
                all.get(group as usize).map(look)
            }
            None => self.groups.all.get(group as usize).map(|group| look(&self.work_out(group))),
        }
    }

    fn work_out(&self, group: &Group) -> Members {
        let mut users: Vec<u32> = match &group.membership {
            Membership::Listed(users) => users.iter().copied().filter(|user| self.user_exists(*user)).collect(),
            Membership::Everyone => self.users_order.iter().copied().filter(|user| self.user_exists(*user)).collect(),
            Membership::Pools { include, exclude } => {
                let judge = Judge::new(include, exclude);
                let there = self.users_order.iter().copied().filter(|user| self.user_exists(*user));
                there.filter(|user| judge.takes(self, *user)).collect()
            }
        };
        users.sort_unstable();
        let active = users.iter().filter(|user| self.is_active(**user)).count() as u32;
        Members { users, active }
    }

    /// Whether the user may sign in: status `t` or `T`.
    pub(super) fn is_active(&self, user: u32) -> bool {
        self.users.get(user as usize).is_some_and(|one| matches!(self.user_status(user, one), b't' | b'T'))
    }

    /// How many are in the group: the active ones, and all.
    pub(super) fn member_counts(&self, group: u32) -> (u32, u32) {
        self.with_members(group, |members| (members.active, members.users.len() as u32)).unwrap_or_default()
    }

    /// Whether the user is in the group today.
    pub(super) fn is_member(&self, group: u32, user: u32) -> bool {
        if self.groups.index.is_some() {
            return self.with_members(group, |members| members.users.binary_search(&user).is_ok()).unwrap_or(false);
        }
        let Some(group) = self.groups.all.get(group as usize) else { return false };
        self.user_exists(user)
            && match &group.membership {
                Membership::Listed(users) => users.binary_search(&user).is_ok(),
                Membership::Everyone => true,
                Membership::Pools { include, exclude } => Judge::new(include, exclude).takes(self, user),
            }
    }

    /// The members of a group today, by userId.
    pub fn group_members(&self, group: RowId, active_only: bool) -> Vec<RowId> {
        let mut users = self.with_members(group.top, |members| members.users.clone()).unwrap_or_default();
        users.retain(|user| !active_only || self.is_active(*user));
        users.sort_by(|one, other| self.user_id(*one).cmp(self.user_id(*other)));
        users.into_iter().map(|user| RowId::new(Set::User, user, 0, 0)).collect()
    }

    /// The groups that a user is in today, of one type or of all, by id.
    pub fn groups_of(&self, user: RowId, kind: Option<&str>) -> Vec<RowId> {
        let groups = self.groups.all.iter().zip(0_u32..);
        let meant = groups.filter(|(group, _)| kind.is_none_or(|kind| group.kind == kind));
        let in_it = meant.filter(|(_, at)| self.is_member(*at, user.top));
        in_it.map(|(_, at)| RowId::new(Set::DynamicGroup, at, 0, 0)).collect()
    }
}
