//! Writing by v4: `POST`, `PATCH`, `PUT`, `DELETE`, asked of v2's room.

use axum::http::HeaderValue;
use joinery_odata::{EntityAddress, KeyPredicate, Literal};
use serde_json::Value as Json;

use super::payload;
use crate::schema::Set;
use crate::serve::asked::{Answer, Asked};
use crate::serve::turn::Turn;
use crate::serve::{Refusal, write};

/// Answers a write: 201 with the entity, or 204.
pub(super) fn answer(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    let address = EntityAddress::parse_v4(&asked.path).map_err(|_| Refusal::no_entity())?;
    let set = Set::named(&address.set).ok_or_else(Refusal::no_entity)?;
    let mut same = asked.clone();
    same.root = "/odata/v2";
    same.path = address.to_string();
    if asked.method == "PATCH" {
        "MERGE".clone_into(&mut same.method);
    }
    if !asked.body.is_empty() {
        let sent: Json = serde_json::from_slice(&asked.body).unwrap_or_default();
        let Json::Object(sent) = sent else {
            return Err(Refusal::bad_request("The payload must be one JSON object."));
        };
        same.body = payload::row(set, &sent).to_string().into();
    }
    let done = write::answer(turn, &same)?;
    if done.length() == 0 || done.status >= 400 {
        return Ok(Answer::empty(204));
    }
    let json: Json = serde_json::from_slice(&done.pieces.concat()).unwrap_or_default();
    let d = json.get("d").unwrap_or(&Json::Null);
    let Json::Object(members) = payload::entity(set, d) else { return Ok(Answer::empty(204)) };
    let root = format!("{}{}", turn.tenant.public_url, asked.root);
    let mut out = serde_json::Map::new();
    let name = set.table().name;
    out.insert("@odata.context".to_owned(), format!("{root}/$metadata#{name}/$entity").into());
    out.extend(members);
    let answer = Answer::new(done.status, payload::KIND, Json::Object(out).to_string());
    let made = d.pointer("/__metadata/uri").and_then(Json::as_str).and_then(|uri| EntityAddress::parse(uri).ok());
    let location = made.map(|made| format!("{root}/{}", in_v4(&made)));
    Ok(match location.and_then(|location| HeaderValue::try_from(location).ok()) {
        Some(location) => answer.with("location", location),
        None => answer,
    })
}

/// The address of an entity as v4 writes it: dates stand bare, numbers have no suffix.
fn in_v4(address: &EntityAddress) -> String {
    let bare = |value: &Literal| match value {
        Literal::DateTime(civil) => civil.date().to_string(),
        Literal::Int64(number) => number.to_string(),
        other => {
            let address = EntityAddress::entity("", KeyPredicate::Single(other.clone())).to_string();
            address.trim_start_matches('(').trim_end_matches(')').to_owned()
        }
    };
    let key = match &address.key {
        None => return address.set.clone(),
        Some(KeyPredicate::Single(value)) => bare(value),
        Some(KeyPredicate::Named(parts)) => {
            parts.iter().map(|(name, value)| format!("{name}={}", bare(value))).collect::<Vec<_>>().join(",")
        }
    };
    format!("{}({key})", address.set)
}
