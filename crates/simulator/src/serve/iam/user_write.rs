//! Making and changing users: what a resource says becomes a row of User, by the rules of that set.

use joinery_scim::{Path, Resource, put};
use serde_json::Value as Json;

use super::person::someone;
use super::refused::Refused;
use super::user::{SUCCESSFACTORS, whole};
use super::{Answered, json, object};
use crate::schema::Set;
use crate::schema::user::user::{P, TABLE};
use crate::serve::asked::{Answer, Asked};
use crate::serve::turn::Turn;
use crate::world::{Cell, Manner, RowWrite, Value, Verb, World, WriteRefused};

/// Attributes and the properties that they are.
const PLAIN: [(&str, P); 8] = [
    ("/userName", P::username),
    ("/name/givenName", P::firstName),
    ("/name/familyName", P::lastName),
    ("/name/middleName", P::mi),
    ("/nickName", P::nickname),
    ("/title", P::title),
    ("/timezone", P::timeZone),
    ("/emails/0/value", P::email),
];

/// `POST /Users`
pub(super) fn create(turn: &Turn<'_>, asked: &Asked) -> Answered {
    let body = object(asked)?;
    let name = body.get("userName").and_then(Json::as_str).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Refused::value("userName is required."))?;
    let id = body.get("externalId").and_then(Json::as_str).filter(|id| !id.is_empty()).unwrap_or(name).to_owned();
    if turn.read(|world| world.find(Set::User, &[crate::world::KeyPart::Str(&id)]).is_some()) {
        return Err(Refused::new(409, Some("uniqueness"), "A user with this externalId exists already."));
    }
    let mut row = row(&Json::Object(body.clone()), &Json::Null, false)?;
    row.values.push((P::userId as usize, Value::Text(id.clone())));
    if !row.values.iter().any(|(at, _)| *at == P::status as usize) {
        row.values.push((P::status as usize, Value::Text("t".to_owned())));
    }
    write(turn, &row, Verb::Upsert)?;
    let mut answer = turn.read(|world| {
        let user = world.find(Set::User, &[crate::world::KeyPart::Str(&id)]);
        let made = user.and_then(|user| super::person::member_id(world, user));
        shown(turn, world, asked, &made.unwrap_or_default())
    })?;
    answer.status = 201;
    Ok(answer)
}

/// `PUT /Users/{id}`: what is not sent and can be empty becomes so.
pub(super) fn replace(turn: &Turn<'_>, asked: &Asked, id: &str) -> Answered {
    let body = object(asked)?;
    change(turn, asked, id, |_| Ok(body), true)
}

/// `PATCH /Users/{id}`
pub(super) fn patch(turn: &Turn<'_>, asked: &Asked, id: &str) -> Answered {
    let body = object(asked)?;
    let operations = body.get("Operations").and_then(Json::as_array).cloned();
    let operations = operations.ok_or_else(|| Refused::new(400, Some("invalidSyntax"), "Operations are missing."))?;
    let apply = |mut resource: Resource| {
        for operation in &operations {
            one(operation, &mut resource)?;
        }
        Ok(resource)
    };
    change(turn, asked, id, apply, true)
}

/// `DELETE /Users/{id}`: users are not deleted; the user is switched off.
pub(super) fn delete(turn: &Turn<'_>, asked: &Asked, id: &str) -> Answered {
    let off = |mut resource: Resource| {
        resource.insert("active".to_owned(), Json::Bool(false));
        Ok(resource)
    };
    change(turn, asked, id, off, false)?;
    Ok(Answer::empty(204))
}

fn one(operation: &Json, resource: &mut Resource) -> Result<(), Refused> {
    let op = operation.get("op").and_then(Json::as_str).unwrap_or_default().to_ascii_lowercase();
    let value = operation.get("value").filter(|value| !value.is_null()).cloned();
    if !matches!(op.as_str(), "add" | "replace" | "remove") {
        return Err(Refused::new(400, Some("invalidSyntax"), "op is one of add, replace, remove."));
    }
    let Some(path) = operation.get("path").and_then(Json::as_str) else {
        let Some(Json::Object(members)) = value else {
            return Err(Refused::new(400, Some("noTarget"), "A path is missing."));
        };
        for (name, value) in members {
            // A member may be named by a path, as some clients do.
            match (name.starts_with("urn:"), name.parse::<Path>()) {
                (false, Ok(path)) => put(resource, &path, Some(value)),
                _ => drop(resource.insert(name, value)),
            }
        }
        return Ok(());
    };
    let path: Path = path.parse().map_err(|_| Refused::new(400, Some("invalidPath"), "The path cannot be read."))?;
    put(resource, &path, if op == "remove" { None } else { value });
    Ok(())
}

/// What a resource says against what is there, as a row.
fn row(wanted: &Json, now: &Json, clears: bool) -> Result<RowWrite, Refused> {
    let mut row = RowWrite::new(Set::User);
    for (pointer, property) in PLAIN {
        let (new, old) = (wanted.pointer(pointer), now.pointer(pointer));
        match new.filter(|value| !value.is_null()) {
            Some(Json::String(text)) if old.and_then(Json::as_str) != Some(text) => {
                row.values.push((property as usize, Value::Text(text.clone())));
            }
            Some(Json::String(_)) => {}
            Some(_) => return Err(Refused::value(format!("{pointer}: a text is expected."))),
            None if clears && old.is_some() => row.values.push((property as usize, Value::Null)),
            None => {}
        }
    }
    let active =
        |resource: &Json| resource.get("active").map(|value| value.as_bool().or_else(|| value.as_str()?.parse().ok()));
    match (active(wanted), active(now).flatten()) {
        (Some(None), _) => return Err(Refused::value("active: true or false is expected.")),
        (Some(Some(wanted)), now) if now != Some(wanted) => {
            row.values.push((P::status as usize, Value::Text(if wanted { "t" } else { "f" }.to_owned())));
        }
        _ => {}
    }
    for (kind, property) in [("work", P::businessPhone), ("mobile", P::cellPhone)] {
        let number = |resource: &Json| -> Option<String> {
            let phones = resource.get("phoneNumbers")?.as_array()?;
            let phone = phones.iter().find(|phone| phone.get("type").and_then(Json::as_str) == Some(kind))?;
            phone.get("value")?.as_str().map(str::to_owned)
        };
        match (number(wanted), number(now)) {
            (Some(new), old) if old.as_ref() != Some(&new) => row.values.push((property as usize, Value::Text(new))),
            (None, Some(_)) if clears => row.values.push((property as usize, Value::Null)),
            _ => {}
        }
    }
    let customs = |resource: &Json| -> Vec<(String, String)> {
        let fields = resource.get(SUCCESSFACTORS).and_then(|part| part.get("customFields")).and_then(Json::as_array);
        let text = |field: &Json, name: &str| field.get(name).and_then(Json::as_str).map(str::to_owned);
        fields
            .into_iter()
            .flatten()
            .filter_map(|field| Some((text(field, "customField")?, text(field, "value")?)))
            .collect()
    };
    let before = customs(now);
    for (name, value) in customs(wanted) {
        let at = TABLE.property(&name).filter(|_| name.starts_with("custom"));
        let at = at.ok_or_else(|| Refused::value(format!("customFields: {name} is no custom field.")))?;
        if !before.contains(&(name, value.clone())) {
            row.values.push((at, Value::Text(value)));
        }
    }
    Ok(row)
}

fn change(
    turn: &Turn<'_>,
    asked: &Asked,
    id: &str,
    wish: impl FnOnce(Resource) -> Result<Resource, Refused>,
    clears: bool,
) -> Answered {
    let row = turn.read(|world| {
        let one = someone(world, &turn.view(), id).ok_or_else(|| Refused::unknown("User", id))?;
        let now = whole(turn, world, &one, asked);
        let wanted = wish(now.clone())?;
        if wanted.get("userType").is_some_and(|kind| Some(kind) != now.get("userType")) {
            return Err(Refused::new(400, Some("mutability"), "userType cannot be changed."));
        }
        let mut row = row(&Json::Object(wanted), &Json::Object(now), clears)?;
        if !row.values.is_empty() {
            let user_id = match world.cell(one.user, P::userId as usize) {
                Cell::Str(id) => id.to_owned(),
                _ => String::new(),
            };
            row.values.push((P::userId as usize, Value::Text(user_id)));
        }
        Ok(row)
    })?;
    if !row.values.is_empty() {
        write(turn, &row, Verb::Merge)?;
    }
    turn.read(|world| shown(turn, world, asked, id))
}

fn shown(turn: &Turn<'_>, world: &World, asked: &Asked, id: &str) -> Answered {
    let one = someone(world, &turn.view(), id).ok_or_else(|| Refused::unknown("User", id))?;
    Ok(json(200, &Json::Object(whole(turn, world, &one, asked))))
}

fn write(turn: &Turn<'_>, row: &RowWrite, verb: Verb) -> Result<(), Refused> {
    if !turn.view().may_write(Set::User) {
        return Err(Refused::new(403, None, "The user may not change users."));
    }
    let settings = turn.settings();
    let manner = Manner {
        verb,
        process_inactive: true,
        demanded: settings.writing.demanded_of_users.clone(),
        passwords: settings.writing.passwords,
        ..Manner::default()
    };
    match turn.change(|world| world.write(std::slice::from_ref(row), &manner)).pop() {
        Some(Err(refused)) => Err(of(&refused)),
        _ => Ok(()),
    }
}

fn of(refused: &WriteRefused) -> Refused {
    let text = refused.to_string();
    if text.contains("Duplicate Username") {
        return Refused::new(409, Some("uniqueness"), "A user with this userName exists already.");
    }
    match refused {
        WriteRefused::Forbidden(_) => Refused::new(403, None, text.trim_end()),
        _ => Refused::value(text.trim_end()),
    }
}
