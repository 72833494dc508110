//! Function imports of groups.

use joinery_odata::Literal;
use serde_json::{Value as Json, json};

use super::Call;
use crate::schema::Set;
use crate::schema::person::per_person;
use crate::schema::user::user::P;
use crate::serve::groups::{may_see_group, may_see_type};
use crate::serve::{Refusal, View};
use crate::world::{Cell, GroupRefused, KeyPart, RowId, StaticAction, StaticUnknown, World};

/// Every navigation below a group.
const WHOLE: [&str; 8] = [
    "dgIncludePools/filters/field/allowedOperators",
    "dgIncludePools/filters/expressions/operator",
    "dgIncludePools/filters/expressions/values",
    "dgIncludePools/filters/field",
    "dgExcludePools/filters/field/allowedOperators",
    "dgExcludePools/filters/expressions/operator",
    "dgExcludePools/filters/expressions/values",
    "dgExcludePools/filters/field",
];

impl Call<'_, '_> {
    /// The user of that id, as far as the API user may see it.
    pub(super) fn user(&self, world: &World, id: &str) -> Result<RowId, Refusal> {
        let found = world.find(Set::User, &[KeyPart::Str(id)]);
        found.filter(|row| self.turn.view().sees(world, *row)).ok_or_else(|| Refusal::no_record(Set::User))
    }

    fn group(&self, world: &World, id: i64) -> Result<RowId, Refusal> {
        let group = world.group_by_id(id).ok_or_else(|| Refusal::no_record(Set::DynamicGroup))?;
        may_see_group(self.turn, world, group)?;
        Ok(group)
    }
}

/// A text as the API user reads it.
pub(super) fn text(view: &View, world: &World, row: RowId, property: usize) -> Json {
    match view.shown(world, row, property) {
        Cell::Str(text) => Json::from(text),
        _ => Json::Null,
    }
}

fn number(world: &World, row: RowId, property: usize) -> String {
    match world.cell(row, property) {
        Cell::Int(number) => number.to_string(),
        _ => String::new(),
    }
}

/// `getDynamicGroupsByUser`: the groups of one type, or of all, that the user is in.
pub(super) fn of_user(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    use crate::schema::groups::dynamic_group::P;
    let kind = call.arguments.given("groupSubType").and_then(Literal::as_text).filter(|kind| !kind.is_empty());
    if let Some(kind) = kind {
        may_see_type(call.turn, kind)?;
    }
    call.turn.read(|world| {
        let user = call.user(world, call.arguments.text("userId"))?;
        let view = call.turn.view();
        let groups = world.groups_of(user, kind).into_iter().filter(|group| view.sees(world, *group));
        let beans = groups.map(|group| {
            json!({
                "groupId": number(world, group, P::groupID as usize),
                "groupName": text(&view, world, group, P::groupName as usize),
            })
        });
        Ok(beans.collect())
    })
}

/// `getUsersByDynamicGroup`: the members, by userId.
pub(super) fn members(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    call.turn.read(|world| {
        let group = call.group(world, call.arguments.int("groupId"))?;
        let view = call.turn.view();
        let members = world.group_members(group, call.arguments.truth("activeOnly")).into_iter();
        let beans = members.filter(|user| view.sees(world, *user)).map(|user| {
            json!({
                "firstName": text(&view, world, user, P::firstName as usize),
                "lastName": text(&view, world, user, P::lastName as usize),
                "middleName": text(&view, world, user, P::mi as usize),
                "personGUID": person_guid(&view, world, user),
                "userId": text(&view, world, user, P::userId as usize),
                "userName": text(&view, world, user, P::username as usize),
            })
        });
        Ok(beans.collect())
    })
}

/// `perPersonUuid` of the user's person.
fn person_guid(view: &View, world: &World, user: RowId) -> Json {
    world.person_row(user).map_or(Json::Null, |person| text(view, world, person, per_person::P::perPersonUuid as usize))
}

/// `getExpandedDynamicGroupById`, `…ByName` and `…ByNameAndSubType`.
pub(super) fn expanded(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    let arguments = &call.arguments;
    call.turn.read(|world| {
        let group = match arguments.given("groupId") {
            Some(_) => call.group(world, arguments.int("groupId"))?,
            None => {
                let kind = arguments.given("groupType").and_then(Literal::as_text);
                let mut named = world.groups_named(arguments.text("groupName")).into_iter();
                let found = named.find(|group| kind.is_none() || world.group_type(*group) == kind);
                let group = found.ok_or_else(|| Refusal::no_record(Set::DynamicGroup))?;
                may_see_group(call.turn, world, group)?;
                group
            }
        };
        Ok(call.entities(world, &[group], &WHOLE)?.pop().unwrap_or_default())
    })
}

/// `updateStaticGroup`: a `GET` that changes who is in a group. The words for `action` are not published; those of the
/// import of static groups (KBA 2956909) are taken, in any case of letters, and `delete`.
pub(super) fn update_static(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    let word = call.arguments.text("action");
    let action = match word.to_ascii_lowercase().as_str() {
        "add" => StaticAction::Add,
        "remove" | "delete" => StaticAction::Remove,
        _ => {
            let message = "[COE0019]Invalid property value. Property name:action. Use add or remove.";
            return Err(Refusal::new(400, "COE_GENERAL_BAD_REQUEST", message));
        }
    };
    let id = call.arguments.int("groupId");
    let ids = call.arguments.text("userIds");
    let users: Vec<&str> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    call.turn.read(|world| call.group(world, id).map(|_| ()))?;
    let refuses = call.turn.settings().switches.static_groups_refuse_unknown_users;
    let unknown = if refuses { StaticUnknown::Refused } else { StaticUnknown::Skipped };
    let changed = call.turn.change(|world| world.update_static_group(id, action, &users, unknown));
    changed.map(Json::from).map_err(|refused| refusal(&refused))
}

fn refusal(refused: &GroupRefused) -> Refusal {
    match refused {
        GroupRefused::Unknown => Refusal::no_record(Set::DynamicGroup),
        other => Refusal::new(other.http_code(), "COE_GENERAL_BAD_REQUEST", other.to_string()),
    }
}
