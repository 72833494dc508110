//! Changing the members of static permission groups: PUT and PATCH of a group.

use std::collections::BTreeSet;

use joinery_scim::{Filter, Path};
use serde_json::Value as Json;

use super::group::{group, members, whole};
use super::person::{Someone, everybody};
use super::query::Options;
use super::refused::Refused;
use super::{Answered, json, object};
use crate::schema::Set;
use crate::schema::groups::dynamic_group::P;
use crate::schema::user::user;
use crate::serve::asked::Asked;
use crate::serve::turn::Turn;
use crate::world::{Cell, RowId, StaticAction, StaticUnknown, World};

/// Members that one PATCH or PUT may bring.
const MOST: usize = 1000;

/// `PUT /Groups/{id}`: the members become those that are sent.
pub(super) fn replace(turn: &Turn<'_>, asked: &Asked, id: &str) -> Answered {
    let body = object(asked)?;
    change(turn, asked, id, |world, row, _| {
        let name = world.cell(row, P::groupName as usize);
        if let Some(sent) = body.get("displayName").and_then(Json::as_str)
            && name != Cell::Str(sent)
        {
            return Err(Refused::new(400, Some("mutability"), "Only the members of a group can be changed."));
        }
        values(body.get("members").unwrap_or(&Json::Null))
    })
}

/// `PATCH /Groups/{id}`
pub(super) fn patch(turn: &Turn<'_>, asked: &Asked, id: &str) -> Answered {
    let body = object(asked)?;
    let operations = body.get("Operations").and_then(Json::as_array).cloned();
    let operations = operations.ok_or_else(|| Refused::new(400, Some("invalidSyntax"), "Operations are missing."))?;
    change(turn, asked, id, |_, _, now| {
        let mut wanted = now;
        for operation in &operations {
            apply(operation, &mut wanted)?;
        }
        Ok(wanted)
    })
}

fn apply(operation: &Json, members: &mut BTreeSet<String>) -> Result<(), Refused> {
    let op = operation.get("op").and_then(Json::as_str).unwrap_or_default().to_ascii_lowercase();
    let value = operation.get("value").unwrap_or(&Json::Null);
    let Some(path) = operation.get("path").and_then(Json::as_str) else {
        // Without a path the value holds the attributes (RFC 7644, section 3.5.2.1).
        let inner = value.as_object().ok_or_else(|| Refused::new(400, Some("noTarget"), "A path is missing."))?;
        if inner.keys().any(|name| !name.eq_ignore_ascii_case("members")) {
            return Err(Refused::new(400, Some("mutability"), "Only the members of a group can be changed."));
        }
        let sent = values(inner.values().next().unwrap_or(&Json::Null))?;
        return take(&op, sent, members);
    };
    let path: Path = path.parse().map_err(|_| Refused::new(400, Some("invalidPath"), "The path cannot be read."))?;
    if !path.name.eq_ignore_ascii_case("members") || path.extension().is_some() {
        return Err(Refused::new(400, Some("mutability"), "Only the members of a group can be changed."));
    }
    match &path.filter {
        None if op == "remove" && value.is_null() => {
            members.clear();
            Ok(())
        }
        None => take(&op, values(value)?, members),
        Some(filter) if op == "remove" => {
            let named = named(filter).ok_or_else(|| {
                Refused::new(400, Some("invalidPath"), "Members are chosen by value: members[value eq \"…\"].")
            })?;
            members.retain(|id| !named.iter().any(|one| one.eq_ignore_ascii_case(id)));
            Ok(())
        }
        Some(_) => Err(Refused::new(400, Some("invalidPath"), "A member is added or removed as a whole.")),
    }
}

fn take(op: &str, sent: BTreeSet<String>, members: &mut BTreeSet<String>) -> Result<(), Refused> {
    match op {
        "add" => members.extend(sent),
        "replace" => *members = sent,
        "remove" => members.retain(|id| !sent.contains(id)),
        _ => return Err(Refused::new(400, Some("invalidSyntax"), "op is one of add, replace, remove.")),
    }
    Ok(())
}

/// The values that equalities on `value` name.
fn named(filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Or(parts) => parts.iter().map(named).collect::<Option<Vec<_>>>().map(|lists| lists.concat()),
        other => {
            let implied = other.implied();
            let value = implied.iter().find(|(name, _)| name.eq_ignore_ascii_case("value"))?.1.as_str()?;
            Some(vec![value.to_owned()])
        }
    }
}

/// The ids of a list of members, or of one.
fn values(sent: &Json) -> Result<BTreeSet<String>, Refused> {
    let one = |member: &Json| {
        let value = member.as_str().or_else(|| member.get("value")?.as_str());
        value.map(str::to_ascii_lowercase).ok_or_else(|| Refused::value("A member has no value."))
    };
    let list = match sent {
        Json::Null => BTreeSet::new(),
        Json::Array(items) => items.iter().map(one).collect::<Result<_, _>>()?,
        single => BTreeSet::from([one(single)?]),
    };
    if list.len() > MOST { Err(Refused::new(413, Some("tooMany"), "Too many members at once.")) } else { Ok(list) }
}

/// The ids of a group's members.
pub(super) fn ids(turn: &Turn<'_>, world: &World, row: RowId) -> BTreeSet<String> {
    members(turn, world, row).into_iter().map(|(id, _)| id).collect()
}

/// Makes the members those that `wish` names, and answers with the group.
fn change(
    turn: &Turn<'_>,
    asked: &Asked,
    id: &str,
    wish: impl FnOnce(&World, RowId, BTreeSet<String>) -> Result<BTreeSet<String>, Refused>,
) -> Answered {
    become_members(turn, id, wish)?;
    turn.read(|world| {
        let row = group(turn, world, id)?;
        Ok(json(200, &Json::Object(whole(turn, world, row, asked, &Options::of_query("")?, MOST))))
    })
}

/// Makes the members of a static group those that `wish` names.
pub(super) fn become_members(
    turn: &Turn<'_>,
    id: &str,
    wish: impl FnOnce(&World, RowId, BTreeSet<String>) -> Result<BTreeSet<String>, Refused>,
) -> Result<(), Refused> {
    let (number, add, remove) = turn.read(|world| {
        let row = group(turn, world, id)?;
        if !turn.view().may_write(Set::DynamicGroup) {
            return Err(Refused::new(403, None, "The user may not change groups."));
        }
        if world.cell(row, P::staticGroup as usize) != Cell::Bool(true) {
            return Err(Refused::new(400, Some("mutability"), "Only the members of static groups can be changed."));
        }
        let now = members(turn, world, row);
        let ids: BTreeSet<String> = now.iter().map(|(id, _)| id.clone()).collect();
        let wanted = wish(world, row, ids.clone())?;
        let fresh: Vec<&String> = wanted.difference(&ids).collect();
        let people = if fresh.is_empty() { Vec::new() } else { everybody(world, &turn.view()) };
        let add = fresh.into_iter().map(|id| employee(&people, world, id)).collect::<Result<Vec<String>, _>>()?;
        let gone = now.iter().filter(|(id, _)| !wanted.contains(id));
        let remove: Vec<String> = gone.filter_map(|(_, user)| user_id(world, *user)).collect();
        let number: i64 = id.parse().map_err(|_| Refused::unknown("Group", id))?;
        Ok((number, add, remove))
    })?;
    turn.change(|world| {
        for (action, users) in [(StaticAction::Add, &add), (StaticAction::Remove, &remove)] {
            let users: Vec<&str> = users.iter().map(String::as_str).collect();
            world
                .update_static_group(number, action, &users, StaticUnknown::Skipped)
                .map_err(|refused| Refused::value(refused.to_string()))?;
        }
        Ok(())
    })
}

/// The userId of somebody who may become a member: an active employee.
fn employee(people: &[Someone], world: &World, id: &str) -> Result<String, Refused> {
    let found = people.binary_search_by(|one| one.id.as_str().cmp(id)).ok().and_then(|at| people.get(at));
    let found = found.ok_or_else(|| Refused::value(format!("User {id} does not exist.")))?;
    let active = matches!(world.cell(found.user, user::P::status as usize), Cell::Str("t" | "T"));
    if !active || found.person.is_none() {
        return Err(Refused::value(format!("User {id} is no active employee and cannot be a member.")));
    }
    user_id(world, found.user).ok_or_else(|| Refused::unknown("User", id))
}

fn user_id(world: &World, user: RowId) -> Option<String> {
    match world.cell(user, user::P::userId as usize) {
        Cell::Str(id) => Some(id.to_owned()),
        _ => None,
    }
}
