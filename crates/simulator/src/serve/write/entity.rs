//! `POST` to a set, `PUT`, `MERGE` and `DELETE` on an entity.

use joinery_odata::payload::read_upsert_request;
use joinery_odata::{EntityAddress, KeyPredicate, Literal, UpsertRow};
use serde_json::Value as Json;

use super::{options, permission, row};
use crate::schema::Set;
use crate::serve::asked::{Answer, Asked};
use crate::serve::turn::Turn;
use crate::serve::{Refusal, groups, read};
use crate::world::{KeyPart, RowId, RowWrite, Value, Verb, World, WriteRefused};

/// Answers a write of one row.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    let address = EntityAddress::parse(&asked.path).map_err(|_| Refusal::no_entity())?;
    let view = turn.view();
    let set = Set::named(&address.set).filter(|&set| view.has_set(set)).ok_or_else(Refusal::no_entity)?;
    let table = set.table();
    if !address.rest.is_empty() {
        return Err(Refusal::no_method(&asked.method));
    }
    let (verb, may) = match asked.method.as_str() {
        "POST" if address.key.is_none() => (Verb::Insert, table.creatable()),
        "PUT" => (Verb::Replace, table.updatable()),
        "MERGE" | "PATCH" if !table.updatable() => return Err(Refusal::unsupported("merge")),
        "MERGE" => (Verb::Merge, true),
        "DELETE" => return delete(turn, asked, set, &address),
        _ => return Err(Refusal::no_method(&asked.method)),
    };
    if !may {
        return Err(Refusal::no_method(&asked.method));
    }
    if verb != Verb::Insert && address.key.is_none() {
        return Err(needs_key(set, &asked.method));
    }
    let manner = options::manner(&asked.query, turn.settings(), verb)?;
    let sent = body(&asked.body, &address)?;
    let write = row::read(set, &sent, &view).map_err(|refused| refusal(&refused))?;
    let done = turn.change(|world| {
        permission::may_write(&write, &view, world)?;
        world.write(std::slice::from_ref(&write), &manner).pop().unwrap_or(Err(WriteRefused::Missing(set)))
    });
    let done = done.map_err(|refused| refusal(&refused))?;
    if verb != Verb::Insert {
        let status = if verb == Verb::Merge { turn.settings().switches.merge_status } else { 204 };
        return Ok(Answer::empty(status));
    }
    let key = done.row.map(|row| turn.read(|world| path_of(world, row))).unwrap_or_default();
    let get = Asked { method: "GET".to_owned(), path: key, query: format_of(&asked.query), ..asked.clone() };
    let mut answer = read::answer(turn, &get)?;
    answer.status = 201;
    Ok(answer)
}

/// The `$format` of a request and no other option: what the entity is shown with.
fn format_of(query: &str) -> String {
    query.split('&').filter(|option| option.starts_with("$format=") || option.starts_with("%24format=")).collect()
}

/// The address of a row, as a request names it.
fn path_of(world: &World, row: RowId) -> String {
    let table = row.set().table();
    let parts = world.key(row).into_iter().zip(table.keys).map(|(part, name)| {
        let literal = match part {
            KeyPart::Str(text) => Literal::text(text),
            KeyPart::Int(number) => Literal::Int64(number),
            KeyPart::Day(day) => Literal::date(day.date()),
        };
        (*name, literal)
    });
    match KeyPredicate::new(parts.collect::<Vec<_>>()) {
        Some(key) => EntityAddress::entity(table.name, key).to_string(),
        None => table.name.to_owned(),
    }
}

/// The one row of a payload; its address is that of the request.
fn body(bytes: &[u8], address: &EntityAddress) -> Result<UpsertRow, Refusal> {
    let unreadable =
        || Refusal::new(400, "BadRequestException", "The payload cannot be read: one JSON object is wanted.");
    let json: Json = serde_json::from_slice(bytes).map_err(|_| unreadable())?;
    let Json::Object(mut members) = json else { return Err(unreadable()) };
    if !members.contains_key("__metadata")
        && members.len() == 1
        && let Some(Json::Object(inner)) = members.get("d")
    {
        let inner = inner.clone();
        members = inner;
    }
    let metadata = serde_json::json!({"uri": address.to_string()});
    members.insert("__metadata".to_owned(), metadata);
    let text = Json::Object(members).to_string();
    read_upsert_request(text.as_bytes()).ok().and_then(|mut rows| rows.pop()).ok_or_else(unreadable)
}

fn delete(turn: &Turn<'_>, asked: &Asked, set: Set, address: &EntityAddress) -> Result<Answer, Refusal> {
    if !set.table().deletable() {
        return Err(Refusal::no_method(&asked.method));
    }
    if address.key.is_none() {
        return Err(needs_key(set, &asked.method));
    }
    let view = turn.view();
    let mut write = RowWrite::new(set);
    row::key(set.table(), address, &mut write).map_err(|refused| refusal(&refused))?;
    if matches!(set, Set::RBPRole | Set::RBPRule) {
        groups::may_read(turn, set.table().name)?;
        let id = write.values.iter().find_map(|(_, value)| if let Value::Int(id) = value { Some(*id) } else { None });
        let done = turn.change(|world| {
            permission::may_write(&write, &view, world).map_err(|refused| refusal(&refused))?;
            world.delete_of_roles(set, id.unwrap_or_default()).map_err(|_| Refusal::no_record(set))
        });
        return done.map(|()| Answer::empty(204));
    }
    let done = turn.change(|world| {
        permission::may_write(&write, &view, world)?;
        world.delete(&write)
    });
    done.map_err(|refused| refusal(&refused))?;
    Ok(Answer::empty(204))
}

/// SAP's sentence, of a DELETE without a key.
fn needs_key(set: Set, method: &str) -> Refusal {
    let name = set.table().name;
    Refusal::new(400, "BadRequestException", format!("{name} need a key value in {method} operation."))
}

fn refusal(refused: &WriteRefused) -> Refusal {
    let (status, code) = refused.answer();
    Refusal::new(status, code, refused.sentence())
}
