//! Changes to roles and rules.

use super::data::{Access, Rule};
use super::edit::{GroupRefused, bad};
use super::permission::permissions;
use crate::schema::Set;
use crate::world::{Done, World};

/// One row of an upsert of RBPRole. What is `None` was not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleEdit {
    /// `roleId`; roles are made in Admin Center only.
    pub id: Option<i64>,
    /// `roleName`
    pub name: Option<String>,
    /// `roleDesc`
    pub description: Option<String>,
    /// `userType`
    pub user_type: Option<String>,
    /// Ids of `permissions`, all of them.
    pub permissions: Option<Vec<i64>>,
}

/// One row of an upsert of RBPRule. What is `None` was not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleEdit {
    /// `ruleId`; none makes a rule.
    pub id: Option<i64>,
    /// `roleId` of `roles`.
    pub role: Option<i64>,
    /// Ids of `accessGroups`, all of them.
    pub access_groups: Option<Vec<i64>>,
    /// Ids of `targetGroups`, all of them.
    pub target_groups: Option<Vec<i64>>,
    /// `accessUserType`: `group`, `everyone`, `relation`.
    pub access: Option<String>,
    /// `includeSelf`
    pub include_self: Option<bool>,
    /// `excludeSelf`
    pub exclude_self: Option<bool>,
    /// `status` is 1.
    pub active: Option<bool>,
}

impl World {
    /// Changes a role; says its id.
    ///
    /// # Errors
    /// When there is no such role, or a value does not fit.
    pub fn upsert_role(&mut self, edit: &RoleEdit) -> Result<(i64, Done), GroupRefused> {
        let id = edit.id.ok_or(GroupRefused::Required(vec!["roleId"]))?;
        let at = self.role_place(id).ok_or(GroupRefused::NoRow(Set::RBPRole))?;
        if let Some(name) = &edit.name
            && (name.trim().is_empty() || name.chars().count() > 256)
        {
            return Err(bad("roleName", name));
        }
        if let Some(description) = &edit.description
            && description.chars().count() > 4000
        {
            return Err(bad("roleDesc", description));
        }
        let held = edit.permissions.as_ref().map(|ids| (permissions(ids), ids.len()));
        if held.as_ref().is_some_and(|(known, sent)| known.len() != *sent) {
            return Err(bad("permissions", ""));
        }
        let now = self.stamp();
        let Some(role) = self.groups.roles.get_mut(at) else { return Err(GroupRefused::NoRow(Set::RBPRole)) };
        if let Some(name) = &edit.name {
            role.name.clone_from(name);
        }
        if edit.description.is_some() {
            role.description.clone_from(&edit.description);
        }
        if edit.user_type.is_some() {
            role.user_type.clone_from(&edit.user_type);
        }
        if let Some((known, _)) = held {
            role.permissions = known;
        }
        (role.modified, role.modified_by) = (now, "API_USER".to_owned());
        Ok((id, Done::Updated))
    }

    /// Makes or changes a rule; says its id.
    ///
    /// # Errors
    /// When the rule, its role or one of its groups does not exist.
    pub fn upsert_rule(&mut self, edit: &RuleEdit) -> Result<(i64, Done), GroupRefused> {
        let known = match edit.id {
            Some(id) => Some(self.rule_place(id).ok_or(GroupRefused::NoRow(Set::RBPRule))?),
            None => None,
        };
        let role = match edit.role {
            Some(id) => Some(self.role_place(id).ok_or(GroupRefused::NoRow(Set::RBPRole))? as u32),
            None => None,
        };
        if known.is_none() && role.is_none() {
            return Err(GroupRefused::Required(vec!["roles"]));
        }
        let places = |ids: &Option<Vec<i64>>| -> Result<Option<Vec<u32>>, GroupRefused> {
            let Some(ids) = ids else { return Ok(None) };
            let place = |id: &i64| self.group_by_id(*id).map(|row| row.top).ok_or(GroupRefused::Unknown);
            ids.iter().map(place).collect::<Result<Vec<u32>, _>>().map(Some)
        };
        let (access_groups, target_groups) = (places(&edit.access_groups)?, places(&edit.target_groups)?);
        let access = match edit.access.as_deref() {
            None => None,
            Some("group") => Some(Access::Groups),
            Some("everyone") => Some(Access::Everyone),
            Some("relation") => Some(Access::Managers),
            Some(other) => return Err(bad("accessUserType", other)),
        };
        let old = known.and_then(|at| self.groups.rules.get(at));
        let id = old.map_or_else(|| self.groups.rules.last().map_or(1, |last| last.id + 1), |old| old.id);
        let rule = Rule {
            id,
            role: role.or(old.map(|old| old.role)).unwrap_or_default(),
            access: access.or(old.map(|old| old.access)).unwrap_or(Access::Groups),
            access_groups: access_groups.or_else(|| old.map(|old| old.access_groups.clone())).unwrap_or_default(),
            target_groups: target_groups.or_else(|| old.map(|old| old.target_groups.clone())).unwrap_or_default(),
            include_self: edit.include_self.or(old.map(|old| old.include_self)).unwrap_or(true),
            exclude_self: edit.exclude_self.or(old.map(|old| old.exclude_self)).unwrap_or(false),
            active: edit.active.or(old.map(|old| old.active)).unwrap_or(true),
            gone: false,
        };
        match known.and_then(|at| self.groups.rules.get_mut(at)) {
            Some(old) => {
                *old = rule;
                Ok((id, Done::Updated))
            }
            None => {
                self.groups.rules.push(rule);
                Ok((id, Done::Inserted))
            }
        }
    }

    /// Takes a role with its rules away, or one rule.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn delete_of_roles(&mut self, set: Set, id: i64) -> Result<(), GroupRefused> {
        let missing = GroupRefused::NoRow(set);
        if set == Set::RBPRole {
            let at = self.role_place(id).ok_or(missing)?;
            if let Some(role) = self.groups.roles.get_mut(at) {
                role.gone = true;
            }
            self.groups.rules.iter_mut().filter(|rule| rule.role as usize == at).for_each(|rule| rule.gone = true);
            return Ok(());
        }
        let at = self.rule_place(id).ok_or(missing)?;
        if let Some(rule) = self.groups.rules.get_mut(at) {
            rule.gone = true;
        }
        Ok(())
    }

    fn role_place(&self, id: i64) -> Option<usize> {
        let at = self.groups.roles.binary_search_by_key(&id, |role| role.id).ok()?;
        self.groups.roles.get(at).filter(|role| !role.gone).map(|_| at)
    }

    fn rule_place(&self, id: i64) -> Option<usize> {
        let at = self.groups.rules.binary_search_by_key(&id, |rule| rule.id).ok()?;
        self.groups.rules.get(at).filter(|rule| !rule.gone).map(|_| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::laws::{company, text, user};

    fn roles(world: &World, id: &str) -> Vec<String> {
        world.roles_of(user(world, id)).iter().map(|row| text(world, *row, "roleName").to_owned()).collect()
    }

    #[test]
    fn a_rule_gives_a_role_and_takes_it_away() {
        let mut world = company(1, 50);
        assert!(!roles(&world, "v4admin").contains(&"Manager".to_owned()));
        let rule = RuleEdit { role: Some(101), access_groups: Some(vec![1586]), ..RuleEdit::default() };
        let (id, done) = world.upsert_rule(&rule).unwrap();
        assert_eq!(done, Done::Inserted);
        assert!(roles(&world, "v4admin").contains(&"System Admin".to_owned()));
        let off = RuleEdit { id: Some(id), active: Some(false), ..RuleEdit::default() };
        assert_eq!(world.upsert_rule(&off), Ok((id, Done::Updated)));
        assert!(!roles(&world, "v4admin").contains(&"System Admin".to_owned()));
        world.delete_of_roles(Set::RBPRule, id).unwrap();
        assert_eq!(world.upsert_rule(&off), Err(GroupRefused::NoRow(Set::RBPRule)));
        assert_eq!(world.upsert_rule(&RuleEdit::default()), Err(GroupRefused::Required(vec!["roles"])));
        let lost = RuleEdit { role: Some(101), access_groups: Some(vec![9]), ..RuleEdit::default() };
        assert_eq!(world.upsert_rule(&lost), Err(GroupRefused::Unknown));
    }

    #[test]
    fn roles_are_changed_and_deleted_and_not_made() {
        let mut world = company(1, 50);
        let edit = RoleEdit {
            id: Some(102),
            name: Some("Machines".into()),
            permissions: Some(vec![3]),
            ..RoleEdit::default()
        };
        assert_eq!(world.upsert_role(&edit), Ok((102, Done::Updated)));
        assert!(roles(&world, "API_USER").contains(&"Machines".to_owned()));
        assert_eq!(world.upsert_role(&RoleEdit { id: None, ..edit }), Err(GroupRefused::Required(vec!["roleId"])));
        world.delete_of_roles(Set::RBPRole, 102).unwrap();
        assert!(!roles(&world, "API_USER").contains(&"Machines".to_owned()));
        assert_eq!(world.delete_of_roles(Set::RBPRole, 102), Err(GroupRefused::NoRow(Set::RBPRole)));
    }
}
