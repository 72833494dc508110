//! Permission groups as SCIM resources.

use joinery_scim::{Resource, urn};
use serde_json::{Value as Json, json};

use super::list::{Page, check, meets};
use super::person::member_id;
use super::query::{Options, Window};
use super::refused::Refused;
use super::user::{instant, number, text};
use super::{Answered, json};
use crate::schema::Set;
use crate::schema::groups::dynamic_group::P;
use crate::schema::user::user;
use crate::serve::asked::Asked;
use crate::serve::groups::may_see_type;
use crate::serve::turn::Turn;
use crate::world::{AsOf, Cell, RowId, World};

pub(super) const SAP: &str = "urn:ietf:params:scim:schemas:extension:sap:2.0:Group";

/// What groups can be filtered on.
const FILTERABLE: [&str; 3] =
    ["displayName", "meta.lastModified", "urn:ietf:params:scim:schemas:extension:sap:2.0:Group:type"];

/// Members shown of each group in a list, and of one group.
const MOST_IN_LIST: usize = 100;
const MOST_OF_ONE: usize = 1000;

/// The permission groups that the API user sees, in the order of their ids as text.
fn groups(turn: &Turn<'_>, world: &World) -> Vec<(String, RowId)> {
    let view = turn.view();
    let all = world.rows(Set::DynamicGroup, AsOf::ALL);
    let seen = all.filter(|row| world.group_type(*row) == Some("permission") && view.sees(world, *row));
    let mut groups: Vec<(String, RowId)> = seen.map(|row| (number(world, row, P::groupID as usize), row)).collect();
    groups.sort_by(|one, other| one.0.cmp(&other.0));
    groups
}

/// The group of that id.
pub(super) fn group(turn: &Turn<'_>, world: &World, id: &str) -> Result<RowId, Refused> {
    may_see_type(turn, "permission")?;
    let found = id.parse().ok().and_then(|id| world.group_by_id(id));
    let found = found.filter(|row| world.group_type(*row) == Some("permission") && turn.view().sees(world, *row));
    found.ok_or_else(|| Refused::unknown("Group", id))
}

/// `GET /Groups`
pub(super) fn list(turn: &Turn<'_>, asked: &Asked) -> Answered {
    may_see_type(turn, "permission")?;
    let options = Options::of_query(&asked.query)?;
    if let Some(filter) = &options.filter {
        check(filter, &FILTERABLE)?;
    }
    turn.read(|world| {
        let mut found = groups(turn, world);
        found.retain(|(_, row)| meets(options.filter.as_ref(), &light(turn, world, *row, asked)));
        let ids: Vec<String> = found.iter().map(|(id, _)| id.clone()).collect();
        let page = Page::of(&ids, &options);
        let shown = found.get(page.from..page.to).unwrap_or_default();
        let resources =
            shown.iter().map(|(_, row)| Json::Object(whole(turn, world, *row, asked, &options, MOST_IN_LIST)));
        Ok(json(200, &page.answer(&resources.collect::<Vec<_>>())))
    })
}

/// `GET /Groups/{id}`
pub(super) fn one(turn: &Turn<'_>, asked: &Asked, id: &str) -> Answered {
    let options = Options::of_query(&asked.query)?;
    turn.read(|world| {
        let row = group(turn, world, id)?;
        Ok(json(200, &Json::Object(whole(turn, world, row, asked, &options, MOST_OF_ONE))))
    })
}

fn light(turn: &Turn<'_>, world: &World, row: RowId, asked: &Asked) -> Resource {
    let id = number(world, row, P::groupID as usize);
    let is_static = world.cell(row, P::staticGroup as usize) == Cell::Bool(true);
    let mut meta = json!({
        "resourceType": "Group",
        "location": format!("{}{}/Groups/{id}", turn.tenant.public_url, asked.root),
        "version": "2.0.0",
    });
    if let Some(modified) = instant(world, row, P::lastModifiedDate as usize) {
        meta["lastModified"] = modified.into();
    }
    let body = json!({
        "schemas": [urn::GROUP, SAP],
        "id": id,
        "displayName": text(&turn.view(), world, row, P::groupName as usize),
        "meta": meta,
        SAP: {"type": "userGroup", "supportedOperations": if is_static { "readWrite" } else { "readOnly" }},
    });
    match body {
        Json::Object(resource) => resource,
        _ => Resource::new(),
    }
}

/// The members with an id here, in the order of the ids.
pub(super) fn members(turn: &Turn<'_>, world: &World, row: RowId) -> Vec<(String, RowId)> {
    let view = turn.view();
    let seen = world.group_members(row, false).into_iter().filter(|user| view.sees(world, *user));
    let mut members: Vec<(String, RowId)> = seen.filter_map(|user| Some((member_id(world, user)?, user))).collect();
    members.sort_by(|one, other| one.0.cmp(&other.0));
    members
}

/// The resource with members: the first ones, or those of the walk that was asked for.
pub(super) fn whole(
    turn: &Turn<'_>,
    world: &World,
    row: RowId,
    asked: &Asked,
    options: &Options,
    most: usize,
) -> Resource {
    let mut resource = light(turn, world, row, asked);
    let wanted = options.attributes.is_empty() || options.attributes.iter().any(|name| name.starts_with("members"));
    let excluded = options.excluded.iter().any(|name| name == "members");
    if wanted && !excluded {
        let all = members(turn, world, row);
        let window = options.members.clone().unwrap_or(Window { start_id: None, count: None });
        let from = match window.start_id.as_deref() {
            None | Some("initial") => 0,
            Some("end") => all.len(),
            Some(id) => all.partition_point(|(known, _)| known.as_str() < id),
        };
        let to = from.saturating_add(window.count.unwrap_or(most).clamp(1, most)).min(all.len());
        let view = turn.view();
        let shown = all.get(from..to).unwrap_or_default().iter().map(|(id, user)| {
            json!({
                "value": id,
                "display": text(&view, world, *user, user::P::defaultFullName as usize),
                "type": "User",
                "$ref": format!("{}{}/Users/{id}", turn.tenant.public_url, asked.root),
            })
        });
        let shown: Vec<Json> = shown.collect();
        if let Some(meta) = resource.get_mut("meta") {
            meta["members.cnt"] = all.len().into();
            meta["members.nextId"] = all.get(to).map_or("end", |(id, _)| id.as_str()).into();
        }
        resource.insert("members".to_owned(), Json::from(shown));
    }
    options.project(&mut resource);
    resource
}
