//! Rows of DynamicGroup in an upsert, pools and all.

use joinery_odata::UpsertRow;
use serde_json::Value as Json;

use super::role_rows;
use crate::schema::groups::dynamic_group::TABLE;
use crate::world::{Done, ExpressionEdit, FilterEdit, GroupEdit, PoolEdit, World};

/// Status and message of a row that is not written, less ` with the index n`.
pub(super) type Refused = (u16, String);

/// Writes one row of DynamicGroup, RBPRole or RBPRule: its key, and what was done.
pub(crate) fn write_row(world: &mut World, row: &UpsertRow, unsent_pools_go: bool) -> Result<(String, Done), Refused> {
    match row.address.set.as_str() {
        "RBPRole" => return role_rows::write_role(world, row),
        "RBPRule" => return role_rows::write_rule(world, row),
        _ => {}
    }
    let edit = GroupEdit { unsent_pools_go, ..read(row)? };
    let (id, done) = world.upsert_group(&edit).map_err(|refused| (refused.http_code(), refused.to_string()))?;
    Ok((id.to_string(), done))
}

fn read(row: &UpsertRow) -> Result<GroupEdit, Refused> {
    let mut edit = GroupEdit::default();
    if let Some(key) = &row.address.key {
        let values = key.values(TABLE.keys).ok_or_else(|| bad("groupID", &Json::Null))?;
        edit.id = match values.first() {
            Some(joinery_odata::Literal::Int(id) | joinery_odata::Literal::Int64(id)) => Some(*id),
            _ => return Err(bad("groupID", &Json::Null)),
        };
    }
    for (name, value) in &row.properties {
        let text = || value.as_str().map(str::to_owned).ok_or_else(|| bad(name, value));
        match name.as_str() {
            "groupID" => {
                let id = value.as_i64().or_else(|| value.as_str()?.trim_end_matches(['L', 'l']).parse().ok());
                edit.id = Some(id.ok_or_else(|| bad(name, value))?);
            }
            "groupName" => edit.name = Some(text()?),
            "groupType" => edit.kind = Some(text()?),
            "userType" => edit.user_type = value.as_str().map(str::to_owned),
            "staticGroup" => {
                let truth = value.as_bool().or_else(|| value.as_str()?.parse().ok());
                edit.is_static = Some(truth.ok_or_else(|| bad(name, value))?);
            }
            // What the tenant works out itself may be sent back and is passed over.
            "activeMembershipCount" | "totalMemberCount" | "createdBy" | "lastModifiedDate" => {}
            "dgIncludePools" => edit.include = pools(value)?,
            "dgExcludePools" => edit.exclude = pools(value)?,
            _ => return Err((400, format!("[COE0021]Invalid property names: DynamicGroup/{name}."))),
        }
    }
    Ok(edit)
}

/// Elements of a to-many navigation: a list, or `results` as it was read. One that was not expanded says nothing.
pub(super) fn elements<'j>(name: &str, value: &'j Json) -> Result<Option<&'j [Json]>, Refused> {
    match value {
        Json::Array(items) => Ok(Some(items)),
        Json::Null => Ok(None),
        Json::Object(object) if object.contains_key("__deferred") => Ok(None),
        Json::Object(object) => match object.get("results") {
            Some(Json::Array(items)) => Ok(Some(items)),
            _ => Err(bad(name, value)),
        },
        _ => Err(bad(name, value)),
    }
}

fn pools(value: &Json) -> Result<Option<Vec<PoolEdit>>, Refused> {
    let Some(sent) = elements("dgIncludePools", value)? else { return Ok(None) };
    let pool = |pool: &Json| {
        let id = pool.get("peoplePoolId").and_then(Json::as_str).map(str::to_owned);
        let filters = pool.get("filters").map(|value| elements("filters", value)).transpose()?.flatten();
        let filters = filters.unwrap_or_default().iter().map(filter).collect::<Result<_, _>>()?;
        Ok(PoolEdit { id, filters })
    };
    sent.iter().map(pool).collect::<Result<_, _>>().map(Some)
}

fn filter(value: &Json) -> Result<FilterEdit, Refused> {
    let field = value.pointer("/field/name").and_then(Json::as_str);
    let field = field.ok_or_else(|| missing("field"))?.to_owned();
    let expressions = value.get("expressions").map(|value| elements("expressions", value)).transpose()?.flatten();
    let expressions = expressions.unwrap_or_default().iter().map(expression).collect::<Result<_, _>>()?;
    Ok(FilterEdit { field, expressions })
}

fn expression(value: &Json) -> Result<ExpressionEdit, Refused> {
    let operator = value.pointer("/operator/token").and_then(Json::as_str);
    let operator = operator.ok_or_else(|| missing("operator"))?.to_owned();
    let values = value.get("values").map(|value| elements("values", value)).transpose()?.flatten();
    let text = |one: &Json| one.get("fieldValue").and_then(Json::as_str).map(str::to_owned);
    let values: Option<Vec<String>> = values.unwrap_or_default().iter().map(text).collect();
    Ok(ExpressionEdit { operator, values: values.ok_or_else(|| missing("fieldValue"))? })
}

fn missing(name: &str) -> Refused {
    (400, format!("Please add required properties in payload. Required properties {name} are missing."))
}

pub(super) fn bad(name: &str, value: &Json) -> Refused {
    let sent: String = value.to_string().chars().take(40).collect();
    (400, format!("[COE0019]Invalid property value. Property name:{name}. Property value:{sent}."))
}

#[cfg(test)]
mod tests {
    use joinery_odata::payload::read_upsert_request;

    use super::*;

    // The shape of the payload in KBA 3341990, with names of ours.
    #[test]
    fn pools_are_read_as_they_are_published() {
        let body = br#"{"__metadata":{"uri":"DynamicGroup"},"groupType":"permission","dgIncludePools":[{"__metadata":
            {"uri":"DGPeoplePool"},"peoplePoolId":"3600_1","filters":[{"__metadata":{"uri":"DGFilter"},"expressions":[
            {"__metadata":{"uri":"DGExpression"},"operator":{"__metadata":{"uri":"DGFieldOperator"},"token":"eq"},
            "values":[{"__metadata":{"uri":"DGFieldValue"},"fieldValue":"ada"}]}],"field":{"__metadata":{"uri":
            "DGField"},"name":"std_username","allowedOperators":{"token":"eq"}}}]}]}"#;
        let rows = read_upsert_request(body).unwrap();
        let edit = read(&rows[0]).unwrap();
        let pool = PoolEdit {
            id: Some("3600_1".into()),
            filters: vec![FilterEdit::one_of("std_username", ["ada".to_owned()])],
        };
        assert_eq!(edit.include, Some(vec![pool]));
        assert_eq!((edit.id, edit.exclude), (None, None));
    }

    #[test]
    fn what_was_not_expanded_is_not_sent() {
        let body = br#"{"__metadata":{"uri":"DynamicGroup(7L)"},"groupName":"x",
            "dgIncludePools":{"__deferred":{"uri":"x"}},"dgExcludePools":{"results":[]}}"#;
        let edit = read(&read_upsert_request(body).unwrap()[0]).unwrap();
        assert_eq!((edit.id, edit.include, edit.exclude), (Some(7), None, Some(vec![])));
        let odd = br#"{"__metadata":{"uri":"DynamicGroup(7L)"},"dgIncludePools":[{"filters":[{}]}]}"#;
        assert_eq!(read(&read_upsert_request(odd).unwrap()[0]).unwrap_err().0, 400);
    }
}
