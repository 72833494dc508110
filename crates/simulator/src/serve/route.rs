//! From a request below `/odata/v2` to the room that answers it.

use std::borrow::Cow;

use axum::http::HeaderValue;
use serde_json::Value as Json;

use super::asked::{Answer, Asked, Shape};
use super::turn::Turn;
use super::{Refusal, Wire, atom, batch, dictionary, function, metadata, read, write};

/// Answers one request, in the form that was asked for.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked) -> Answer {
    let wire = asked.wire();
    match in_json(turn, asked) {
        Ok(answer) if wire == Wire::Xml => atom::dressed(turn, asked, answer),
        Ok(answer) => answer,
        Err(refusal) => worded(turn, refusal).answer(wire),
    }
}

/// SAP's notes and SAP's specifications word an unknown entity in two ways.
fn worded(turn: &Turn<'_>, mut refusal: Refusal) -> Refusal {
    if refusal.code == "NotFoundException" && turn.settings().switches.unknown_entity_is_bad_request {
        (refusal.status, refusal.code) = (400, "COE_ENTITY_NOT_FOUND");
    }
    refusal
}

/// Answers one request in JSON, and tells what shape the data has.
fn in_json(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    let mut meant = Cow::Borrowed(asked);
    if let Some(read) = atom::undressed(asked)? {
        meant = Cow::Owned(read);
    }
    if asked.method == "PATCH" && turn.settings().switches.native_patch {
        "MERGE".clone_into(&mut meant.to_mut().method);
    }
    room(turn, &meant)
}

/// One line a room.
fn room(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    match asked.path.as_str() {
        "upsert" => write::upsert(turn, asked).map(upserted),
        "$batch" => {
            let switches = &turn.settings().switches;
            let manner = batch::Manner {
                answer,
                refuse: |refusal, asked| refusal.answer(asked.wire()),
                status: switches.batch_status,
                writes_alone: switches.batch_writes_alone,
            };
            batch::answer(turn, asked, &manner)
        }
        path if path.ends_with("$metadata") => metadata::answer(turn, asked),
        path if dictionary::is_named(path) => dictionary::answer(turn, asked),
        path => match function::named(path) {
            Some(function) => function::answer(turn, asked).map(|answer| answer.shaped(Shape::Function(function))),
            None if asked.reads() => read::answer(turn, asked),
            None => write::answer(turn, asked).map(made),
        },
    }
}

/// What a write answers; for a new entity with its address.
fn made(answer: Answer) -> Answer {
    if answer.length() == 0 {
        return answer;
    }
    let json: Json = serde_json::from_slice(&answer.pieces.concat()).unwrap_or_default();
    let address = json.pointer("/d/__metadata/uri").and_then(Json::as_str);
    let location = address.and_then(|address| HeaderValue::try_from(address).ok()).filter(|_| answer.status == 201);
    let answer = answer.shaped(Shape::Data);
    match location {
        Some(location) => answer.with("location", location),
        None => answer,
    }
}

fn upserted(answer: Answer) -> Answer {
    let json: Json = serde_json::from_slice(&answer.pieces.concat()).unwrap_or_default();
    let d = json.get("d").map(|d| d.get("results").unwrap_or(d));
    let rows = d.and_then(Json::as_array).cloned().unwrap_or_default();
    answer.shaped(Shape::Upsert(rows))
}
