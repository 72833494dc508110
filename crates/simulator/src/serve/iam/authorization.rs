//! The authorization REST API: static groups and their members. That there is a PATCH with a list of members is public;
//! how it names them and whether the list replaces or adds is a guess, and a switch.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::group::{group, members};
use super::group_write::{become_members, ids};
use super::refused::Refused;
use crate::schema::groups::dynamic_group::P;
use crate::serve::Refusal;
use crate::serve::asked::{Answer, Asked};
use crate::serve::turn::Turn;
use crate::world::{Cell, RowId, World};

/// Answers one request.
pub(crate) fn authorize(turn: &Turn<'_>, asked: &Asked) -> Answer {
    let path = asked.path.trim_matches('/');
    let answered = match (asked.method.as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
        ("GET" | "HEAD", ["groups", id]) => turn.read(|world| shown(turn, world, id)),
        ("PATCH", ["groups", id]) => patch(turn, asked, id),
        (_, ["groups", _]) => Err(Refused::new(405, None, "The method is not allowed for this resource.")),
        _ => Err(Refused::new(404, None, "The resource does not exist.")),
    };
    answered.unwrap_or_else(Refused::plain)
}

/// A refusal at the door.
pub(crate) fn refuse_plainly(refusal: Refusal, _asked: &Asked) -> Answer {
    Refused::from(refusal).plain()
}

fn shown(turn: &Turn<'_>, world: &World, id: &str) -> Result<Answer, Refused> {
    let row = group(turn, world, id)?;
    Ok(Answer::json(200, &resource(turn, world, row, id)))
}

fn resource(turn: &Turn<'_>, world: &World, row: RowId, id: &str) -> Json {
    let members: Vec<Json> = members(turn, world, row).into_iter().map(|(id, _)| json!({ "id": id })).collect();
    let is_static = world.cell(row, P::staticGroup as usize) == Cell::Bool(true);
    json!({
        "id": id,
        "name": super::user::text(&turn.view(), world, row, P::groupName as usize),
        "groupType": if is_static { "static" } else { "dynamic" },
        "members": members,
    })
}

fn patch(turn: &Turn<'_>, asked: &Asked, id: &str) -> Result<Answer, Refused> {
    let body = super::object(asked)?;
    let sent = body.get("members").and_then(Json::as_array);
    let sent = sent.ok_or_else(|| Refused::value("members: a list is expected."))?;
    let sent: Option<BTreeSet<String>> =
        sent.iter().map(|one| one.get("id")?.as_str().map(str::to_ascii_lowercase)).collect();
    let mut wanted = sent.ok_or_else(|| Refused::value("members: each has an id."))?;
    if turn.settings().switches.authorization_patch_adds {
        wanted.extend(turn.read(|world| Ok::<_, Refused>(ids(turn, world, group(turn, world, id)?)))?);
    }
    become_members(turn, id, |_, _, _| Ok(wanted))?;
    turn.read(|world| shown(turn, world, id))
}
