//! Function imports of roles and permissions. Permissions are XML in text (SAP note 3038082); other reports are JSON in
//! text, whose members are ours, since none was published.

use serde_json::{Value as Json, json};

use super::Call;
use super::groups::text;
use super::permissions::{self, Allowed};
use crate::oauth::parameters;
use crate::schema::Set;
use crate::schema::groups::rbp_role::P;
use crate::serve::groups::may_see_roles;
use crate::serve::{Refusal, View};
use crate::world::{Cell, KeyPart, Permitted, RowId, World};

/// `getUserRolesByUserId`: the roles that the user has through rules.
pub(super) fn of_user(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    may_see_roles(call.turn)?;
    call.turn.read(|world| {
        let user = call.user(world, call.arguments.text("userId"))?;
        Ok(Json::from(call.entities(world, &world.roles_of(user), &[])?))
    })
}

/// The users of a comma list, each of whom must be there.
fn users(call: &Call<'_, '_>, world: &World) -> Result<Vec<RowId>, Refusal> {
    let ids = call.arguments.text("userIds").split(',').map(str::trim).filter(|id| !id.is_empty());
    ids.map(|id| call.user(world, id)).collect()
}

fn role_id(world: &World, role: RowId) -> Json {
    match world.cell(role, P::roleId as usize) {
        Cell::Int(id) => Json::from(id),
        _ => Json::Null,
    }
}

fn allowed(view: &View, world: &World, role: RowId) -> Allowed {
    let id = role_id(world, role).as_i64().unwrap_or_default();
    let name = text(view, world, role, P::roleName as usize).as_str().unwrap_or_default().to_owned();
    Allowed { id, name, permissions: world.permissions_of(role) }
}

/// `getUserRolesReport`: users and the names of their roles.
pub(super) fn report(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    may_see_roles(call.turn)?;
    let view = call.turn.view();
    call.turn.read(|world| {
        let lines = users(call, world)?.into_iter().map(|user| {
            let name = |role| text(&view, world, role, P::roleName as usize);
            let roles = world.roles_of(user).into_iter();
            let roles = roles.map(|role| json!({"roleId": role_id(world, role), "roleName": name(role)}));
            let id = text(&view, world, user, crate::schema::user::user::P::userId as usize);
            json!({"userId": id, "roles": roles.collect::<Vec<_>>()})
        });
        Ok(Json::from(Json::from(lines.collect::<Vec<_>>()).to_string()))
    })
}

/// `getUsersPermissions`: users and what their roles allow.
pub(super) fn of_users(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    may_see_roles(call.turn)?;
    let view = call.turn.view();
    call.turn.read(|world| {
        let told = users(call, world)?.into_iter().map(|user| {
            let id = text(&view, world, user, crate::schema::user::user::P::userId as usize);
            let id = id.as_str().unwrap_or_default().to_owned();
            let mut roles: Vec<Allowed> =
                world.roles_of(user).into_iter().map(|role| allowed(&view, world, role)).collect();
            if id == call.turn.user {
                for role in &mut roles {
                    role.permissions = permissions::left(std::mem::take(&mut role.permissions), &view);
                }
            }
            (id, roles)
        });
        Ok(Json::from(permissions::of_users(&told.collect::<Vec<_>>())))
    })
}

/// `getRolesPermissions`: roles and what they allow.
pub(super) fn of_roles(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    may_see_roles(call.turn)?;
    let view = call.turn.view();
    call.turn.read(|world| {
        let mut told = Vec::new();
        for id in call.arguments.text("roleIds").split(',').map(str::trim).filter(|id| !id.is_empty()) {
            let bad = || Refusal::bad_request(&format!("roleIds: {id} is no id of a role."));
            let id: i64 = id.trim_end_matches(['L', 'l']).parse().map_err(|_| bad())?;
            let role = world.find(Set::RBPRole, &[KeyPart::Int(id)]).ok_or_else(|| Refusal::no_record(Set::RBPRole))?;
            told.push(allowed(&view, world, role));
        }
        Ok(Json::from(permissions::of_roles(&told)))
    })
}

/// `getPermissionMetadata`: every permission there is.
pub(super) fn catalogue(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    may_see_roles(call.turn)?;
    Ok(Json::from(permissions::catalogue(&Permitted::all().collect::<Vec<_>>())))
}

/// `checkUserPermission`: whether the user may, over another when one is named.
pub(super) fn check(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    may_see_roles(call.turn)?;
    let arguments = &call.arguments;
    let target = arguments.given("targetUserId").and_then(joinery_odata::Literal::as_text).filter(|id| !id.is_empty());
    call.turn.read(|world| {
        let user = call.user(world, arguments.text("accessUserId"))?;
        let target = target.map(|id| call.user(world, id)).transpose()?;
        let status = |row: RowId| world.cell(row, crate::schema::user::user::P::status as usize);
        let inactive = target.is_some_and(|row| !matches!(status(row), Cell::Str("t" | "T")));
        if inactive && !arguments.truth("includeInactiveUser") {
            return Ok(Json::from(false));
        }
        Ok(Json::from(world.may(user, arguments.text("permType"), arguments.text("permStringValue"), target)))
    })
}

/// `checkUserPermissions`: several checks at once, as JSON in the body or in `payload`.
pub(super) fn check_many(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    may_see_roles(call.turn)?;
    let options = parameters(&call.asked.query);
    let sent = options.into_iter().find(|(name, _)| name == "payload").map(|(_, value)| value);
    let sent = sent.unwrap_or_else(|| String::from_utf8_lossy(&call.asked.body).into_owned());
    let sent = sent.trim().trim_matches('\'').to_owned();
    let checks: Vec<Json> =
        serde_json::from_str(&sent).map_err(|_| Refusal::bad_request("payload: a JSON list of checks is expected."))?;
    call.turn.read(|world| {
        let verdicts = checks.iter().map(|check| {
            let member = |name: &str| check.get(name).and_then(Json::as_str).unwrap_or_default();
            let user = call.user(world, member("accessUserId"))?;
            let target = Some(member("targetUserId")).filter(|id| !id.is_empty());
            let target = target.map(|id| call.user(world, id)).transpose()?;
            Ok(world.may(user, member("permType"), member("permStringValue"), target))
        });
        let verdicts: Vec<bool> = verdicts.collect::<Result<_, Refusal>>()?;
        Ok(Json::from(Json::from(verdicts).to_string()))
    })
}
