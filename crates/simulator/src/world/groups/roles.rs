//! Roles: who has which, what they allow and over whom.

use super::data::{Access, Role, Rule};
use super::permission::{PERMISSIONS, permission_named};
use crate::schema::Set;
use crate::world::{RowId, World};

/// One permission as reports tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permitted {
    /// `permissionId`
    pub id: i64,
    /// `permissionType`
    pub kind: &'static str,
    /// `permissionStringValue`
    pub string: &'static str,
    /// `permissionLongValue`
    pub long: i64,
    /// In words.
    pub label: &'static str,
}

impl Permitted {
    fn of(place: u16) -> Option<Self> {
        let one = PERMISSIONS.get(usize::from(place))?;
        Some(Self { id: one.id, kind: one.kind, string: one.string, long: one.long, label: one.label })
    }

    /// Every permission there is.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..PERMISSIONS.len() as u16).filter_map(Self::of)
    }
}

impl World {
    /// The roles that a user has today, by id: a rule of the role gives it to a group that the user is in, to
    /// everybody, or to whoever somebody reports to.
    pub fn roles_of(&self, user: RowId) -> Vec<RowId> {
        let roles = self.groups.roles.iter().zip(0_u32..).filter(|(role, _)| !role.gone);
        let held = roles.filter(|(_, at)| self.rules_of(*at).any(|rule| self.gives(rule, user.top)));
        held.map(|(_, at)| RowId::new(Set::RBPRole, at, 0, 0)).collect()
    }

    fn rules_of(&self, role: u32) -> impl Iterator<Item = &Rule> {
        self.groups.rules.iter().filter(move |rule| rule.role == role && rule.active && !rule.gone)
    }

    fn gives(&self, rule: &Rule, user: u32) -> bool {
        match rule.access {
            Access::Groups => rule.access_groups.iter().any(|group| self.is_member(*group, user)),
            Access::Everyone => self.is_active(user),
            Access::Managers => self.is_active(user) && !self.direct_reports(user).is_empty(),
        }
    }

    /// What a role allows, by permission.
    pub fn permissions_of(&self, role: RowId) -> Vec<Permitted> {
        let held = self.groups.roles.get(role.top as usize).map_or(&[][..], |role: &Role| role.permissions.as_slice());
        held.iter().filter_map(|at| Permitted::of(*at)).collect()
    }

    /// Whether a user has a permission: over `target`, when one is given, whom a rule of the role must reach.
    pub fn may(&self, user: RowId, kind: &str, string: &str, target: Option<RowId>) -> bool {
        let Some(permission) = permission_named(kind, string) else { return false };
        let roles = self.groups.roles.iter().zip(0_u32..);
        let with_it = roles.filter(|(role, _)| !role.gone && role.permissions.contains(&permission));
        with_it.into_iter().any(|(_, at)| {
            self.rules_of(at).any(|rule| {
                self.gives(rule, user.top) && target.is_none_or(|target| self.reaches(rule, user.top, target.top))
            })
        })
    }

    fn reaches(&self, rule: &Rule, user: u32, target: u32) -> bool {
        if target == user {
            return !rule.exclude_self && (rule.include_self || self.reaches_others(rule, user, target));
        }
        self.reaches_others(rule, user, target)
    }

    fn reaches_others(&self, rule: &Rule, user: u32, target: u32) -> bool {
        match rule.access {
            Access::Managers => self.manager_today(target) == user,
            Access::Groups | Access::Everyone => {
                rule.target_groups.is_empty() || rule.target_groups.iter().any(|group| self.is_member(*group, target))
            }
        }
    }
}
