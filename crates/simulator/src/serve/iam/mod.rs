//! The SCIM 2.0 API of the platform ("Workforce SCIM API"): users and groups below `/rest/iam/scim/v2`; and what is known
//! of the authorization REST API beside it.

mod authorization;
mod group;
mod group_write;
mod list;
mod person;
mod query;
mod refused;
mod user;
mod user_write;

use serde_json::Value as Json;

pub(crate) use self::authorization::{authorize, refuse_plainly};
use self::refused::Refused;
pub(crate) use self::refused::refuse;
use super::asked::{Answer, Asked};
use super::turn::Turn;

/// The media type of SCIM (RFC 7644, section 8.1).
const SCIM: &str = "application/scim+json;charset=utf-8";

type Answered = Result<Answer, Refused>;

/// Answers one request.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked) -> Answer {
    room(turn, asked).unwrap_or_else(Refused::answer)
}

fn room(turn: &Turn<'_>, asked: &Asked) -> Answered {
    let path = asked.path.trim_matches('/');
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let method = if asked.method == "HEAD" { "GET" } else { asked.method.as_str() };
    match (method, segments.as_slice()) {
        ("GET", ["Users"]) => user::list(turn, asked),
        ("POST", ["Users"]) => user_write::create(turn, asked),
        ("POST", ["Users", ".search"]) => user::search(turn, asked),
        ("GET", ["Users", id]) => user::one(turn, asked, id),
        ("PUT", ["Users", id]) => user_write::replace(turn, asked, id),
        ("PATCH", ["Users", id]) => user_write::patch(turn, asked, id),
        ("DELETE", ["Users", id]) => user_write::delete(turn, asked, id),
        ("GET", ["Groups"]) => group::list(turn, asked),
        ("GET", ["Groups", id]) => group::one(turn, asked, id),
        ("PUT", ["Groups", id]) => group_write::replace(turn, asked, id),
        ("PATCH", ["Groups", id]) => group_write::patch(turn, asked, id),
        (_, ["Users" | "Groups"] | ["Users" | "Groups", _]) => {
            Err(Refused::new(405, None, "The method is not allowed for this resource."))
        }
        _ => Err(Refused::new(404, None, "The resource does not exist.")),
    }
}

fn json(status: u16, body: &Json) -> Answer {
    Answer::new(status, SCIM, body.to_string())
}

/// A body as an object.
fn object(asked: &Asked) -> Result<joinery_scim::Resource, Refused> {
    match serde_json::from_slice(&asked.body) {
        Ok(Json::Object(object)) => Ok(object),
        _ => Err(Refused::new(400, Some("invalidSyntax"), "The body is no JSON object.")),
    }
}
