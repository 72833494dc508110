//! Changes to groups: members of static ones, names and pools of dynamic ones.

use super::data::{Group, Membership};
use super::edit::{GroupEdit, GroupRefused, bad, membership};
use crate::world::{Done, World};

/// The longest `groupName`, by metadata.
const NAME: usize = 100;

/// What is done with users of a static group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaticAction {
    /// They become members.
    Add,
    /// They are members no more.
    Remove,
}

/// What becomes of a call of `updateStaticGroup` that names users who do not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StaticUnknown {
    /// They are passed over.
    #[default]
    Skipped,
    /// The call is refused and nobody is added or removed.
    Refused,
}

impl World {
    /// Adds users to a static group or removes them, by userId. Says how many the list gained or lost.
    ///
    /// # Errors
    /// When the group is none, is dynamic, or `unknown` refuses users that do not exist.
    pub fn update_static_group(
        &mut self,
        id: i64,
        action: StaticAction,
        users: &[&str],
        unknown: StaticUnknown,
    ) -> Result<u32, GroupRefused> {
        let at = self.group_place(id).ok_or(GroupRefused::Unknown)?;
        let group = self.groups.all.get(at).ok_or(GroupRefused::Unknown)?;
        if !group.is_static() {
            return Err(GroupRefused::NotStatic(id));
        }
        let mut places = Vec::new();
        let mut missing = Vec::new();
        for user in users {
            match self.user_by_id(user).filter(|place| self.user_exists(*place)) {
                Some(place) => places.push(place),
                None => missing.push(*user),
            }
        }
        if !missing.is_empty() && unknown == StaticUnknown::Refused {
            return Err(GroupRefused::Users(missing.join(",")));
        }
        let now = self.stamp();
        let group = self.groups.all.get_mut(at).ok_or(GroupRefused::Unknown)?;
        let Membership::Listed(members) = &mut group.membership else { return Err(GroupRefused::NotStatic(id)) };
        let mut changed = 0;
        for place in places {
            match (members.binary_search(&place), action) {
                (Err(at), StaticAction::Add) => {
                    members.insert(at, place);
                    changed += 1;
                }
                (Ok(at), StaticAction::Remove) => {
                    members.remove(at);
                    changed += 1;
                }
                _ => {}
            }
        }
        if changed > 0 {
            group.modified = now;
        }
        self.unsettle();
        Ok(changed)
    }

    /// Makes or changes a group; says which. Only dynamic groups are made here. Pools that are sent replace all there
    /// were of their kind.
    ///
    /// # Errors
    /// When the group, a name or a part of a pool is refused.
    pub fn upsert_group(&mut self, edit: &GroupEdit) -> Result<(i64, Done), GroupRefused> {
        let known = match edit.id {
            Some(id) => Some(self.group_place(id).ok_or(GroupRefused::Unknown)?),
            // The published payload (KBA 3341990) names its group by the ids of its pools alone.
            None if edit.name.is_none() => self.group_of_pools(edit),
            None => None,
        };
        let old = known.and_then(|at| self.groups.all.get(at));
        let pools_sent = edit.include.is_some() || edit.exclude.is_some();
        if let Some(old) = old {
            if old.is_of_the_system() {
                return Err(GroupRefused::System(old.id));
            }
            if old.is_static() && pools_sent {
                return Err(GroupRefused::Static(old.id));
            }
            if edit.is_static.is_some_and(|wanted| wanted != old.is_static()) {
                return Err(bad("staticGroup", &(!old.is_static()).to_string()));
            }
            if edit.kind.as_ref().is_some_and(|kind| *kind != old.kind) {
                return Err(bad("groupType", edit.kind.as_deref().unwrap_or_default()));
            }
        } else {
            let missing: Vec<&'static str> = [("groupName", edit.name.is_none()), ("groupType", edit.kind.is_none())]
                .into_iter()
                .filter_map(|(name, missing)| missing.then_some(name))
                .collect();
            if !missing.is_empty() {
                return Err(GroupRefused::Required(missing));
            }
            if edit.is_static == Some(true) {
                return Err(bad("staticGroup", "true"));
            }
        }
        let kind = old.map(|old| old.kind.clone()).or_else(|| edit.kind.clone()).unwrap_or_default();
        if kind.is_empty() || kind.chars().count() > 32 {
            return Err(bad("groupType", &kind));
        }
        if let Some(name) = &edit.name {
            let reserved = name.starts_with("$$") && name.ends_with("$$");
            if name.trim().is_empty() || name.chars().count() > NAME || reserved {
                return Err(bad("groupName", name));
            }
            let mut others = self.groups.all.iter().enumerate().filter(|(at, _)| Some(*at) != known);
            if others.any(|(_, group)| group.name == *name && group.kind == kind) {
                return Err(GroupRefused::Taken);
            }
        }
        let id = old.map_or_else(|| self.groups.all.last().map_or(1, |last| last.id + 1), |old| old.id);
        let membership = match (old.map(|old| &old.membership), pools_sent || edit.unsent_pools_go) {
            (Some(kept), false) | (Some(kept @ (Membership::Listed(_) | Membership::Everyone)), true) => kept.clone(),
            (Some(Membership::Pools { include, exclude }), true) => {
                let (gone, none) = (edit.unsent_pools_go, Vec::new());
                let include = if gone { &none } else { include };
                let exclude = if gone { &none } else { exclude };
                membership(id, edit, include, exclude)?
            }
            (None, _) => membership(id, edit, &[], &[])?,
        };
        let now = self.stamp();
        self.unsettle();
        if let Some(group) = known.and_then(|at| self.groups.all.get_mut(at)) {
            if let Some(name) = &edit.name {
                name.clone_into(&mut group.name);
            }
            if let Some(user_type) = &edit.user_type {
                group.user_type = Some(user_type.clone());
            }
            group.membership = membership;
            group.modified = now;
            return Ok((id, Done::Updated));
        }
        self.groups.all.push(Group {
            id,
            name: edit.name.clone().unwrap_or_default(),
            kind,
            user_type: edit.user_type.clone(),
            created_by: "API_USER".to_owned(),
            modified: now,
            membership,
        });
        Ok((id, Done::Inserted))
    }

    /// The group that the ids of the pools belong to.
    fn group_of_pools(&self, edit: &GroupEdit) -> Option<usize> {
        let mut pools = edit.include.iter().chain(&edit.exclude).flatten();
        let id = pools.find_map(|pool| pool.id.as_deref()?.split_once('_')?.0.parse().ok())?;
        self.group_place(id)
    }

    fn group_place(&self, id: i64) -> Option<usize> {
        self.groups.all.binary_search_by_key(&id, |group| group.id).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::edit::{FilterEdit, PoolEdit};
    use super::*;
    use crate::schema::Set;
    use crate::world::laws::{cell, company, follow, text, user};
    use crate::world::{AsOf, Cell, Move, RowId};

    fn by_department(code: &str) -> PoolEdit {
        PoolEdit { id: None, filters: vec![FilterEdit::one_of("std_department", [code.to_owned()])] }
    }

    fn group(world: &World, id: i64) -> RowId {
        world.group_by_id(id).unwrap()
    }

    fn ids<'a>(world: &'a World, rows: &[RowId]) -> Vec<&'a str> {
        rows.iter().map(|row| text(world, *row, "userId")).collect()
    }

    #[test]
    fn a_move_changes_the_members_at_once() {
        let mut world = company(1, 300);
        let edit = GroupEdit {
            name: Some("Second".into()),
            kind: Some("permission".into()),
            include: Some(vec![by_department("DEP00002")]),
            ..GroupEdit::default()
        };
        let (id, done) = world.upsert_group(&edit).unwrap();
        assert_eq!(done, Done::Inserted);
        world.settle();
        let before = world.group_members(group(&world, id), false);
        let outsider = world.rows(Set::User, AsOf::ALL).find(|row| {
            text(&world, *row, "status") == "t" && !before.contains(row) && !follow(&world, *row, "empInfo").is_empty()
        });
        let outsider = text(&world, outsider.unwrap(), "userId").to_owned();
        let to = Move { department: Some("DEP00002".into()), ..Move::default() };
        world.set_now(world.now());
        world.relocate(&outsider, world.today(), &to).unwrap();
        let after = world.group_members(group(&world, id), false);
        assert_eq!(after.len(), before.len() + 1);
        assert!(ids(&world, &after).contains(&outsider.as_str()));
        let row = group(&world, id);
        assert_eq!(cell(&world, row, "totalMemberCount"), Cell::Int(after.len() as i64));
        assert!(world.groups_of(user(&world, &outsider), Some("permission")).contains(&row));
        assert_eq!(cell(&world, row, "lastModifiedDate"), Cell::LocalStamp(world.now().as_millisecond()));
    }

    #[test]
    fn a_rename_keeps_the_pools_and_pools_that_are_sent_replace_theirs() {
        let mut world = company(1, 50);
        let two = Some(vec![by_department("DEP00001"), by_department("DEP00002")]);
        let edit = GroupEdit {
            name: Some("A".into()),
            kind: Some("permission".into()),
            include: two,
            exclude: Some(vec![by_department("DEP00003")]),
            ..GroupEdit::default()
        };
        let (id, _) = world.upsert_group(&edit).unwrap();
        let pools = |world: &World| -> Vec<String> {
            ["dgIncludePools", "dgExcludePools"]
                .iter()
                .flat_map(|name| follow(world, group(world, id), name))
                .map(|row| text(world, row, "peoplePoolId").to_owned())
                .collect()
        };
        assert_eq!(pools(&world), [1, 2, 3].map(|n| format!("{id}_{n}")));
        let rename = GroupEdit { id: Some(id), name: Some("B".into()), ..GroupEdit::default() };
        assert_eq!(world.upsert_group(&rename), Ok((id, Done::Updated)));
        assert_eq!(pools(&world).len(), 3);
        let fewer = GroupEdit { id: Some(id), include: Some(vec![by_department("DEP00004")]), ..GroupEdit::default() };
        world.upsert_group(&fewer).unwrap();
        assert_eq!(pools(&world), [format!("{id}_1"), format!("{id}_3")]);
        let bare = GroupEdit { unsent_pools_go: true, ..rename };
        world.upsert_group(&bare).unwrap();
        assert_eq!(pools(&world), Vec::<String>::new());
    }

    #[test]
    fn what_is_refused() {
        let mut world = company(1, 50);
        let refused = |world: &mut World, edit: GroupEdit| world.upsert_group(&edit).unwrap_err();
        assert_eq!(refused(&mut world, GroupEdit::default()), GroupRefused::Required(vec!["groupName", "groupType"]));
        assert_eq!(refused(&mut world, GroupEdit { id: Some(9), ..GroupEdit::default() }).http_code(), 404);
        assert_eq!(
            refused(&mut world, GroupEdit { id: Some(1586), ..GroupEdit::default() }),
            GroupRefused::System(1586)
        );
        let named = |name: &str| GroupEdit {
            name: Some(name.to_owned()),
            kind: Some("permission".to_owned()),
            ..GroupEdit::default()
        };
        assert!(matches!(refused(&mut world, named(&"x".repeat(101))), GroupRefused::Value { name: "groupName", .. }));
        world.upsert_group(&named("Once")).unwrap();
        assert_eq!(refused(&mut world, named("Once")), GroupRefused::Taken);
        let workflow = GroupEdit { kind: Some("ectworkflow".into()), ..named("Once") };
        assert!(world.upsert_group(&workflow).is_ok(), "names are unique within a type");
        let odd = PoolEdit { id: None, filters: vec![FilterEdit::one_of("std_nothing", [])] };
        let edit = GroupEdit { include: Some(vec![odd]), ..named("Odd") };
        assert!(matches!(refused(&mut world, edit), GroupRefused::Value { name: "name", .. }));
    }

    #[test]
    fn members_of_static_groups_are_added_and_removed() {
        let mut world = company(1, 50);
        let id =
            world.rows(Set::DynamicGroup, AsOf::ALL).find(|row| cell(&world, *row, "staticGroup") == Cell::Bool(true));
        let Cell::Int(id) = cell(&world, id.unwrap(), "groupID") else { panic!("an id") };
        let members = |world: &World| ids(world, &world.group_members(group(world, id), false)).join(",");
        let before = members(&world);
        let known: Vec<&str> = before.split(',').collect();
        world.update_static_group(id, StaticAction::Remove, &known, StaticUnknown::Skipped).unwrap();
        assert_eq!(members(&world), "");
        let add = ["100004", "100003", "100004", "nobody"];
        assert_eq!(world.update_static_group(id, StaticAction::Add, &add, StaticUnknown::Skipped), Ok(2));
        assert_eq!(members(&world), "100003,100004");
        let refused = world.update_static_group(id, StaticAction::Add, &add, StaticUnknown::Refused);
        assert_eq!(refused, Err(GroupRefused::Users("nobody".into())));
        assert_eq!(world.update_static_group(id, StaticAction::Remove, &add, StaticUnknown::Skipped), Ok(2));
        let dynamic = world.update_static_group(1586, StaticAction::Add, &add, StaticUnknown::Skipped);
        assert_eq!(dynamic, Err(GroupRefused::NotStatic(1586)));
    }
}
