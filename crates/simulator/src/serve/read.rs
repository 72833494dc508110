//! Reading data: the address, the options, and what the desk answers.

use axum::http::HeaderValue;
use joinery_odata::{EntityAddress, Query};
use serde_json::json;

use super::Refusal;
use super::asked::{Answer, Asked, JSON, Shape};
use super::entity::Reply;
use super::list::Desk;
use super::turn::Turn;
use crate::schema::Set;

/// Answers `GET` of an address.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    if asked.path.is_empty() {
        let view = turn.view();
        let names: Vec<&str> = Set::all().filter(|&set| view.has_set(set)).map(|set| set.table().name).collect();
        return Ok(Answer::json(200, &json!({"d": {"EntitySets": names}})).shaped(Shape::Services));
    }
    let query = Query::parse(&asked.query).map_err(|error| Refusal::bad_request(&error.to_string()))?;
    if let Some((name, _)) = query.other.iter().find(|(name, _)| name.starts_with('$')) {
        return Err(Refusal::bad_request(&format!("The system query option {name} is not supported.")));
    }
    let address = EntityAddress::parse(&asked.path).map_err(|_| Refusal::no_entity())?;
    super::groups::may_read(turn, &address.set)?;
    let (tenant, view) = (turn.tenant, turn.view());
    let path = asked.full_path();
    let reply = turn.read(|world| {
        let desk = Desk {
            world,
            view: &view,
            settings: &tenant.settings,
            snapshots: &tenant.snapshots,
            now: tenant.time.now(),
            base: &tenant.public_url,
            path: &path,
            raw_query: &asked.query,
            query: &query,
            expansions: &[],
        };
        desk.answer(&address)
    })?;
    Ok(match reply {
        Reply::Text(words) => Answer::new(200, "text/plain", words),
        Reply::Json(written, shape) => {
            if written.is_page {
                tenant.views.page_answered();
            }
            let mut answer = Answer::new(200, JSON, "");
            (answer.pieces, answer.rows) = (written.pieces, written.rows);
            answer.with("x-sf-record-count-recursive", HeaderValue::from(written.rows)).shaped(shape)
        }
    })
}
