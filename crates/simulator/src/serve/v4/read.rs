//! Reading by v4.

use joinery_odata::v4::{Expand, Options};
use joinery_odata::{EntityAddress, InlineCount, Query};
use serde_json::{Map, Value as Json, json};

use super::payload;
use crate::schema::Set;
use crate::serve::Refusal;
use crate::serve::asked::{Answer, Asked, Shape};
use crate::serve::entity::Reply;
use crate::serve::list::{Desk, Expansion};
use crate::serve::turn::Turn;

/// Parameters of SuccessFactors that v4 takes as v2 does.
const OWN: [&str; 5] = ["asOfDate", "fromDate", "toDate", "paging", "customPageSize"];

/// Answers `GET` of an address.
pub(super) fn answer(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    let bad = |error: &dyn std::fmt::Display| Refusal::bad_request(&error.to_string());
    let options = Options::parse(&asked.query).map_err(|error| bad(&error))?;
    if options.format.as_deref().is_some_and(|format| format != "json" && !format.starts_with("application/json")) {
        return Err(Refusal::new(406, "NotAcceptableException", "OData v4 is served as JSON."));
    }
    let own: Vec<&str> =
        asked.query.split('&').filter(|option| OWN.contains(&option.split('=').next().unwrap_or_default())).collect();
    let mut query = Query::parse(&own.join("&")).map_err(|error| bad(&error))?;
    query.filter.clone_from(&options.filter);
    query.order_by.clone_from(&options.order_by);
    (query.top, query.skip) = (options.top, options.skip);
    query.skip_token.clone_from(&options.skip_token);
    query.inline_count = options.count.then_some(InlineCount::AllPages);
    query.page_size = query.page_size.or(asked.page_size);
    let mut expansions = Vec::new();
    flatten(&options, &[], &mut query, &mut expansions);

    let address = EntityAddress::parse_v4(&asked.path).map_err(|_| Refusal::no_entity())?;
    let (tenant, view, path) = (turn.tenant, turn.view(), asked.full_path());
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
            expansions: &expansions,
        };
        desk.answer(&address)
    })?;
    let (written, shape) = match reply {
        Reply::Text(words) => return Ok(Answer::new(200, "text/plain", words)),
        Reply::Json(written, shape) => (written, shape),
    };
    if written.is_page {
        tenant.views.page_answered();
    }
    let json: Json = serde_json::from_slice(&written.pieces.concat()).unwrap_or_default();
    let d = json.get("d").unwrap_or(&Json::Null);
    let root = format!("{}{}/$metadata", tenant.public_url, asked.root);
    let body = body(&root, &address, &options, d, &shape).ok_or_else(Refusal::no_entity)?;
    let mut answer = Answer::new(200, payload::KIND, body.to_string());
    answer.rows = written.rows;
    Ok(answer)
}

/// `$select` and `$expand` as v2 writes them: paths. What v2 cannot say stays with its path.
fn flatten(options: &Options, above: &[&str], query: &mut Query, expansions: &mut Vec<Expansion>) {
    let path = |name: &str| above.iter().copied().chain([name]).collect::<Vec<_>>().join("/");
    query.select.extend(options.select.iter().map(|name| path(name)));
    if options.select.is_empty() {
        // v2 takes any name as a choice of all: where nothing is chosen, everything is.
        query.select.push(path("*"));
    }
    for Expand { path: name, options: inner } in &options.expand {
        let below: Vec<&str> = above.iter().copied().chain(name.split('/')).collect();
        query.expand.push(below.join("/"));
        if name.contains('/') {
            // The navigations on the way are shown whole.
            for end in 1..name.split('/').count() {
                let way: Vec<&str> = above.iter().copied().chain(name.split('/').take(end)).collect();
                query.select.push(format!("{}/*", way.join("/")));
            }
        }
        let narrows = inner.filter.is_some()
            || !inner.order_by.is_empty()
            || inner.top.is_some()
            || inner.skip.is_some()
            || inner.count;
        if narrows {
            let path = below.iter().map(|&name| name.to_owned()).collect();
            expansions.push(Expansion { path, options: inner.clone() });
        }
        flatten(inner, &below, query, expansions);
    }
}

/// The set that an address leads to.
fn landing(address: &EntityAddress) -> Option<Set> {
    let mut set = Set::named(&address.set)?;
    for name in &address.rest {
        let table = set.table();
        match table.navigation(name) {
            Some(at) => set = table.navigations[at].target,
            None => break,
        }
    }
    Some(set)
}

fn body(root: &str, address: &EntityAddress, options: &Options, d: &Json, shape: &Shape) -> Option<Json> {
    let set = landing(address)?;
    let name = set.table().name;
    let chosen: Vec<&str> = options.select.iter().map(String::as_str).filter(|name| *name != "*").collect();
    let chosen = if chosen.is_empty() { String::new() } else { format!("({})", chosen.join(",")) };
    match shape {
        Shape::Property(set, at) => {
            let property = set.table().properties[*at].name;
            let value = payload::property(set.table(), property, d.get(property).unwrap_or(&Json::Null));
            Some(json!({ "@odata.context": format!("{root}#{address}"), "value": value }))
        }
        _ if d.get("results").is_some() => {
            let mut out = Map::new();
            out.insert("@odata.context".to_owned(), format!("{root}#{name}{chosen}").into());
            if let Some(count) = payload::count(d) {
                out.insert("@odata.count".to_owned(), count);
            }
            out.insert("value".to_owned(), payload::list(set, d));
            if let Some(next) = d.get("__next") {
                out.insert("@odata.nextLink".to_owned(), next.clone());
            }
            Some(Json::Object(out))
        }
        _ => {
            let Json::Object(members) = payload::entity(set, d) else { return None };
            let mut out = Map::new();
            out.insert("@odata.context".to_owned(), format!("{root}#{name}{chosen}/$entity").into());
            out.extend(members);
            Some(Json::Object(out))
        }
    }
}
