//! From a request below the v4 root to the room that answers it.

use axum::http::HeaderValue;
use joinery_odata::v4::to_csdl;
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
pub(crate) fn refuse(refusal: Refusal, _asked: &Asked) -> Answer {
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
    let details = json!([{ "code": detail, "message": text }]);
    let body = json!({ "error": { "code": code, "message": text, "details": details } });
    Answer::new(refusal.status, super::payload::KIND, body.to_string())
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
