//! `POST /odata/v2/upsert` for users: always 200, with a result for each row.

use joinery_odata::date::JsonDate;
use joinery_odata::payload::{EditStatus, read_upsert_request, write_upsert_results};
use joinery_odata::{EntityAddress, Literal, UpsertResult, UpsertRow};
use serde_json::Value as Json;

use super::Refusal;
use super::asked::{Answer, Asked};
use super::turn::Turn;
use crate::oauth::parameters;
use crate::schema::user::user::TABLE;
use crate::schema::{Edm, Property, Set};
use crate::world::{Day, Stamp, Upserted, UserEdit, Value};

/// KBA 3145174.
const MOST_ROWS: usize = 1000;

/// Why a row is not written: status and message, less ` with the index n`.
type RowRefused = (u16, String);

/// Answers an upsert.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    if asked.method != "POST" {
        return Err(Refusal::no_method(&asked.method));
    }
    let options = parameters(&asked.query);
    // When a parameter stands there twice, the first counts (KBA 2768078); unknown ones are ignored.
    let option = |name: &str| options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let process_inactive = option("processInactiveEmployees").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let replace = option("purgeType").is_some_and(|value| value.eq_ignore_ascii_case("record"));

    let rows = read_upsert_request(&asked.body)
        .map_err(|error| Refusal::new(400, "BadRequestException", format!("The payload cannot be read: {error}")))?;
    if rows.len() > MOST_ROWS {
        let message = format!("Upsert content exceeds the limitation, the maximum size is {MOST_ROWS}");
        return Err(Refusal::new(400, "BadRequestException", message));
    }
    let view = turn.view();
    for row in &rows {
        let set = Set::named(&row.address.set).filter(|&set| view.has_set(set)).ok_or_else(Refusal::no_entity)?;
        super::groups::may_read(turn, &row.address.set)?;
        if !matches!(set, Set::User | Set::DynamicGroup) {
            let name = set.table().name;
            return Err(Refusal::bad_request(&format!(
                "Upsert of {name} is not simulated; User and DynamicGroup are."
            )));
        }
    }
    let pools_go = turn.settings().switches.unsent_pools_are_removed;
    let results: Vec<UpsertResult> = turn.change(|world| {
        let write = |(index, row): (usize, &UpsertRow)| {
            if row.address.set == "DynamicGroup" {
                return result(index, super::groups::write_row(world, row, pools_go));
            }
            let written = read_row(row).and_then(|mut edit| {
                edit.process_inactive = process_inactive;
                edit.replace = replace;
                let done = world.upsert_user(&edit).map_err(|refused| (refused.http_code(), refused.to_string()))?;
                Ok((edit.user_id, done))
            });
            result(index, written)
        };
        rows.iter().enumerate().map(write).collect()
    });
    Ok(Answer::json(200, &write_upsert_results(&results)))
}

fn result(index: usize, written: Result<(String, Upserted), RowRefused>) -> UpsertResult {
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    let base = UpsertResult {
        key: None,
        status: "ERROR".to_owned(),
        edit_status: None,
        message: None,
        index,
        http_code: 500,
        inline_results: None,
    };
    match written {
        Ok((key, done)) => UpsertResult {
            key: Some(key),
            status: "OK".to_owned(),
            edit_status: Some(if done == Upserted::Inserted { EditStatus::Inserted } else { EditStatus::Updated }),
            http_code: if done == Upserted::Inserted { 201 } else { 204 },
            ..base
        },
        Err((http_code, message)) => {
            UpsertResult { http_code, message: Some(format!("{message} with the index {index}")), ..base }
        }
    }
}

fn read_row(row: &UpsertRow) -> Result<UserEdit, RowRefused> {
    let from_key = row.address.key.as_ref().and_then(|key| key.values(TABLE.keys)?.first()?.as_text());
    let from_row = row.properties.get("userId").and_then(Json::as_str);
    let mut edit = UserEdit { user_id: from_key.or(from_row).unwrap_or_default().to_owned(), ..UserEdit::default() };
    for (name, value) in &row.properties {
        if name == "userId" {
            continue;
        }
        if let Some(at) = TABLE.property(name) {
            let property = &TABLE.properties[at];
            let read = read_value(property, value).ok_or_else(|| {
                let sent: String = value.to_string().chars().take(40).collect();
                (400, format!("[COE0019]Invalid property value. Property name:{name}. Property value:{sent}."))
            })?;
            edit.values.push((at, read));
        } else if TABLE.navigation(name).is_some() {
            let target = match name.as_str() {
                "manager" => &mut edit.manager,
                "hr" => &mut edit.hr,
                _ => return Err((400, format!("[COE0018]Writing through {name} is not simulated."))),
            };
            *target = linked_user(value);
        } else {
            return Err((400, format!("[COE0021]Invalid property names: User/{name}.")));
        }
    }
    Ok(edit)
}

/// The userId that a link names: `{"__metadata":{"uri":"User('x')"}}`, or a row with a `userId`.
fn linked_user(value: &Json) -> Option<String> {
    let from_uri = || {
        let address = EntityAddress::parse(value.pointer("/__metadata/uri")?.as_str()?).ok()?;
        let key = address.key?;
        match key.values(TABLE.keys)?.first()? {
            Literal::Text(text) => Some(text.to_string()),
            _ => None,
        }
    };
    from_uri().or_else(|| value.get("userId")?.as_str().map(str::to_owned))
}

/// A value as the property wants it; `None` when it is of another type.
fn read_value(property: &Property, value: &Json) -> Option<Value> {
    if value.is_null() {
        return Some(Value::Null);
    }
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(_) | Json::Bool(_) => value.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => return None,
    };
    Some(match property.edm {
        Edm::String => Value::Text(text),
        Edm::Boolean => Value::Bool(text.parse().ok()?),
        Edm::Int32 | Edm::Int64 => Value::Int(text.parse().ok()?),
        Edm::Double | Edm::Single | Edm::Decimal => Value::Double(text.parse().ok()?),
        Edm::DateTime => Value::Date(Day::from(JsonDate::parse(&text)?.date())),
        Edm::DateTimeOffset => Value::Stamp(Stamp::from(JsonDate::parse(&text)?.instant())),
    })
}
