//! From a request below the v4 root to the room that answers it.

use axum::http::HeaderValue;
use joinery_odata::v4::to_csdl;
use joinery_odata::{EntityAddress, KeyPredicate, Literal};
use serde_json::{Value as Json, json};

use super::{read, write};
use crate::schema::Set;
use crate::serve::asked::{Answer, Asked};
use crate::serve::turn::Turn;
use crate::serve::{Refusal, batch, metadata};

/// Where it is served: as SuccessFactors names its v4 services, `/odatav4/<area>/<service>.svc/<version>`.
pub(crate) const ROOT: &str = "/odatav4/joinery/Simulated.svc/v1";

const BATCH: batch::Manner = batch::Manner { answer, refuse, status: 200, writes_alone: true };

/// Answers one request.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked) -> Answer {
    let answer = room(turn, asked).unwrap_or_else(|refusal| refuse(refusal, asked));
    answer.with("odata-version", HeaderValue::from_static("4.0"))
}

/// An error in v4's words: a word for the status, the text, and the number in brackets as a detail.
#[expect(clippy::needless_pass_by_value, reason = "every service refuses by a function of this shape")]
pub(crate) fn refuse(refusal: Refusal, asked: &Asked) -> Answer {
    let code = match refusal.status {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        406 => "NotAcceptable",
        _ => "InternalServerError",
    };
    let number = refusal.message.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (detail, text) =
        number.map_or((refusal.code, refusal.message.as_str()), |(number, text)| (number, text.trim()));
    let text = text.replace(" with specific key ", &format!(" with key {} ", key(&asked.path)));
    let detail = format!(r#"{{"code":{},"message":{}}}"#, Json::from(detail), Json::from(text.as_str()));
    let body =
        format!(r#"{{"error":{{"code":"{code}","message":{},"details":[{detail}]}}}}"#, Json::from(text.as_str()));
    Answer::new(refusal.status, super::payload::KIND, body)
}

/// The key of an address as published errors of v4 services name it: its values.
fn key(path: &str) -> String {
    let plain = |value: &Literal| value.to_plain().trim_end_matches("T00:00:00").to_owned();
    match EntityAddress::parse_v4(path).ok().and_then(|address| address.key) {
        None => String::new(),
        Some(KeyPredicate::Single(value)) => plain(&value),
        Some(KeyPredicate::Named(parts)) => parts.iter().map(|(_, value)| plain(value)).collect::<Vec<_>>().join(","),
    }
}

fn room(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    match asked.path.as_str() {
        "" if asked.reads() => Ok(services(turn, asked)),
        "$metadata" if asked.reads() => {
            let xml = to_csdl(&metadata::model_v4(turn));
            Ok(Answer::new(200, "application/xml;charset=utf-8", xml))
        }
        "$batch" => batch::answer(turn, asked, &BATCH),
        _ if asked.reads() => read::answer(turn, asked),
        _ => write::answer(turn, asked),
    }
}

fn services(turn: &Turn<'_>, asked: &Asked) -> Answer {
    let view = turn.view();
    let names = Set::all().filter(|&set| view.has_set(set)).map(|set| set.table().name);
    let value: Vec<Json> = names.map(|name| json!({ "name": name, "kind": "EntitySet", "url": name })).collect();
    let context = format!("{}{}/$metadata", turn.tenant.public_url, asked.root);
    Answer::new(200, super::payload::KIND, json!({ "@odata.context": context, "value": value }).to_string())
}
