//! Rows of RBPRole and RBPRule in an upsert.

use joinery_odata::{EntityAddress, Literal, UpsertRow};
use serde_json::Value as Json;

use super::upsert::{Refused, bad, elements};
use crate::world::{Done, RoleEdit, RuleEdit, World};

/// Writes a role: its key, and what was done.
pub(super) fn write_role(world: &mut World, row: &UpsertRow) -> Result<(String, Done), Refused> {
    let mut edit = RoleEdit { id: key(row)?, ..RoleEdit::default() };
    for (name, value) in &row.properties {
        let text = || value.as_str().map(str::to_owned).ok_or_else(|| bad(name, value));
        match name.as_str() {
            "roleId" => edit.id = Some(number(name, value)?),
            "roleName" => edit.name = Some(text()?),
            "roleDesc" => edit.description = Some(value.as_str().unwrap_or_default().to_owned()),
            "userType" => edit.user_type = value.as_str().map(str::to_owned),
            "lastModifiedBy" | "lastModifiedDate" | "rules" => {}
            "permissions" => edit.permissions = links(name, value, "permissionId")?,
            _ => return Err((400, format!("[COE0021]Invalid property names: RBPRole/{name}."))),
        }
    }
    let (id, done) = world.upsert_role(&edit).map_err(|refused| (refused.http_code(), refused.to_string()))?;
    Ok((id.to_string(), done))
}

/// Writes a rule: its key, and what was done.
pub(super) fn write_rule(world: &mut World, row: &UpsertRow) -> Result<(String, Done), Refused> {
    let mut edit = RuleEdit { id: key(row)?, ..RuleEdit::default() };
    for (name, value) in &row.properties {
        let truth = || value.as_bool().or_else(|| value.as_str()?.parse().ok()).ok_or_else(|| bad(name, value));
        match name.as_str() {
            "ruleId" => edit.id = Some(number(name, value)?),
            "roles" => edit.role = Some(link(name, value, "roleId")?),
            "accessGroups" => edit.access_groups = links(name, value, "groupID")?,
            "targetGroups" => edit.target_groups = links(name, value, "groupID")?,
            "accessUserType" => edit.access = value.as_str().map(str::to_owned),
            "includeSelf" => edit.include_self = Some(truth()?),
            "excludeSelf" => edit.exclude_self = Some(truth()?),
            "status" => edit.active = Some(number(name, value)? == 1),
            "accessGroupLevel" | "targetGroupLevel" | "targetUserType" | "relationRole" | "myFilter" => {}
            _ => return Err((400, format!("[COE0021]Invalid property names: RBPRule/{name}."))),
        }
    }
    let (id, done) = world.upsert_rule(&edit).map_err(|refused| (refused.http_code(), refused.to_string()))?;
    Ok((id.to_string(), done))
}

fn number(name: &str, value: &Json) -> Result<i64, Refused> {
    let read = value.as_i64().or_else(|| value.as_str()?.trim_end_matches(['L', 'l']).parse().ok());
    read.ok_or_else(|| bad(name, value))
}

/// The id in the key of the row's address.
fn key(row: &UpsertRow) -> Result<Option<i64>, Refused> {
    if row.address.key.is_none() {
        return Ok(None);
    }
    id_of(&row.address).map(Some).ok_or_else(|| bad("uri", &Json::Null))
}

fn id_of(address: &EntityAddress) -> Option<i64> {
    match address.key.as_ref()? {
        joinery_odata::KeyPredicate::Single(Literal::Int(id) | Literal::Int64(id)) => Some(*id),
        joinery_odata::KeyPredicate::Named(parts) => parts.first()?.1.as_i64(),
        joinery_odata::KeyPredicate::Single(_) => None,
    }
}

/// The id of another entity: in the key of its address, or among its properties.
fn link(name: &str, value: &Json, key: &str) -> Result<i64, Refused> {
    let address =
        value.pointer("/__metadata/uri").and_then(Json::as_str).and_then(|uri| EntityAddress::parse(uri).ok());
    match address.as_ref().and_then(id_of) {
        Some(id) => Ok(id),
        None => number(name, value.get(key).unwrap_or(&Json::Null)),
    }
}

fn links(name: &str, value: &Json, key: &str) -> Result<Option<Vec<i64>>, Refused> {
    let Some(sent) = elements(name, value)? else { return Ok(None) };
    sent.iter().map(|one| link(name, one, key)).collect::<Result<_, _>>().map(Some)
}
