//! Requests to the control API.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{Response, StatusCode, request::Parts};
use jiff::{Span, Timestamp};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::{guard, log, look};
use crate::SignInRules;
use crate::faults::Fault;
use crate::oauth::parameters;
use crate::schema::Set;
use crate::serve::{Visibility, json_text};
use crate::simulator::{Simulator, Tenant};
use crate::world::{KeyPart, Mail, World};

/// A request that cannot be done: status and sentence.
pub(super) type Wrong = (StatusCode, String);

pub(super) fn wrong(message: impl Into<String>) -> Wrong {
    (StatusCode::BAD_REQUEST, message.into())
}

/// Reads a request's JSON.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Wrong> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| wrong(format!("the request cannot be read: {error}")))
}

/// Answers a request to `/control/…`.
pub(crate) async fn answer(tenant: &Arc<Tenant>, parts: &Parts, body: &Bytes) -> Response<Body> {
    if let Err((status, message)) = guard::check(&parts.method, &parts.headers, !body.is_empty(), &tenant.public_url) {
        return json_text(status, &json!({"error": message}));
    }
    let simulator = Simulator { tenant: Arc::clone(tenant) };
    let query = parameters(parts.uri.query().unwrap_or_default());
    let method = parts.method.as_str().to_owned();
    let path = parts.uri.path().strip_prefix("/control").unwrap_or_default().trim_matches('/').to_owned();
    let path = percent_decode_str(&path).decode_utf8_lossy().into_owned();
    let body = body.clone();
    let done = tokio::task::spawn_blocking(move || route(&simulator, &method, &path, &query, &body)).await;
    match done {
        Ok(Ok(json)) => json_text(StatusCode::OK, &json),
        Ok(Err((status, message))) => json_text(status, &json!({"error": message})),
        Err(_) => json_text(StatusCode::INTERNAL_SERVER_ERROR, &json!({"error": "the request failed"})),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockOrder {
    set: Option<Timestamp>,
    advance: Option<String>,
}

#[derive(Deserialize)]
struct VisibilityOrder {
    #[serde(default)]
    after_pages: u64,
    #[serde(flatten)]
    rules: serde_json::Map<String, Json>,
}

/// Of one user, by its userId.
#[derive(Deserialize)]
struct SignInOrder {
    who: String,
    #[serde(flatten)]
    rules: serde_json::Map<String, Json>,
}

fn route(
    simulator: &Simulator,
    method: &str,
    path: &str,
    query: &[(String, String)],
    body: &[u8],
) -> Result<Json, Wrong> {
    if method == "GET" {
        let listing = look::Listing::of(query);
        if let Some(who) = path.strip_prefix("people/") {
            return simulator.look(|world| look::person(world, who));
        }
        if let Some(id) = path.strip_prefix("groups/") {
            return simulator.look(|world| look::group(world, id, &listing));
        }
        if let Some(number) = path.strip_prefix("requests/log/") {
            return log::one(simulator, number);
        }
        match path {
            "people" => return simulator.look(|world| look::people(world, &listing)),
            "groups" => return Ok(simulator.look(|world| look::groups(world, &listing))),
            "units" => return Ok(simulator.look(look::units)),
            "requests/log" => return log::list(simulator, query),
            "replay" => {
                let replay = simulator.tenant.replay.as_ref();
                return replay.map(|replay| replay.told(true)).ok_or_else(|| wrong("nothing is replayed"));
            }
            _ => {}
        }
    }
    match (method, path) {
        ("GET", "" | "state") => Ok(state(simulator)),
        ("POST", "clock") => {
            match read(body)? {
                ClockOrder { set: Some(now), advance: None } => put_clock(simulator, now)?,
                ClockOrder { set: None, advance: Some(span) } => advance(simulator, &span)?,
                ClockOrder { .. } => return Err(wrong("give either \"set\" or \"advance\"")),
            }
            Ok(state(simulator))
        }
        ("GET", "visibility") => Ok(json!(simulator.visibility())),
        ("POST", "visibility") => {
            let VisibilityOrder { after_pages, rules } = read(body)?;
            let rules: Visibility =
                serde_json::from_value(Json::Object(rules)).map_err(|error| wrong(error.to_string()))?;
            let unknown = rules.unknown_names();
            if !unknown.is_empty() {
                return Err(wrong(format!("no such entity set or field: {}", unknown.join(", "))));
            }
            simulator.set_visibility(rules, after_pages);
            Ok(json!(simulator.visibility()))
        }
        ("GET", "faults") => Ok(faults(simulator)),
        ("POST", "faults") => {
            simulator.arm(read::<Fault>(body)?);
            Ok(faults(simulator))
        }
        ("DELETE", "faults") => {
            simulator.clear_faults();
            Ok(faults(simulator))
        }
        ("DELETE", "requests/log") => {
            simulator.tenant.log.clear();
            Ok(json!({}))
        }
        ("DELETE", path) if path.starts_with("faults/") => {
            let number = path.strip_prefix("faults/").and_then(|number| number.parse().ok());
            if !number.is_some_and(|number| simulator.disarm(number)) {
                return Err((StatusCode::NOT_FOUND, "no such fault is armed".to_owned()));
            }
            Ok(faults(simulator))
        }
        ("POST", "expire/tokens") => {
            simulator.expire_tokens();
            Ok(json!({}))
        }
        ("POST", "expire/sessions") => {
            simulator.expire_sessions();
            Ok(json!({}))
        }
        ("POST", "expire/snapshots") => {
            simulator.expire_snapshots();
            Ok(json!({}))
        }
        ("GET", "sign-in") => Ok(json!(simulator.tenant.logins.all())),
        ("POST", "sign-in") => {
            let SignInOrder { who, rules } = read(body)?;
            let known = simulator.look(|world| world.find(Set::User, &[KeyPart::Str(&who)]).is_some());
            if !known {
                return Err(wrong("\"who\" is no userId"));
            }
            let rules: SignInRules =
                serde_json::from_value(Json::Object(rules)).map_err(|error| wrong(error.to_string()))?;
            simulator.set_sign_in_rules(&who, rules);
            Ok(json!(simulator.sign_in_rules(&who)))
        }
        ("GET", "requests") => Ok(json!({"all": simulator.requests(), "since_mark": simulator.requests_since_mark()})),
        ("POST", "requests/mark") => {
            simulator.mark();
            Ok(json!({}))
        }
        ("GET", "mails") => Ok(simulator.look(|world| {
            let mail = |mail: Mail| json!({"user_id": mail.user_id, "at": mail.at.millis() / 1000});
            json!({"welcome": world.mails().into_iter().map(mail).collect::<Vec<_>>()})
        })),
        ("POST", "hris-sync") => Ok(json!({"users": simulator.change(World::hris_sync)})),
        ("POST", "units/rename") => super::people::rename_unit(simulator, body),
        ("POST", _) if path.starts_with("people/") => {
            super::people::people(simulator, path.strip_prefix("people/").unwrap_or_default(), body)
        }
        ("POST", "save") => {
            let bytes = simulator.save().map_err(|error| wrong(error.to_string()))?;
            Ok(json!({"saved": simulator.state_file(), "bytes": bytes}))
        }
        ("POST", "reset") => {
            simulator.reset();
            Ok(state(simulator))
        }
        _ => Err((StatusCode::NOT_FOUND, format!("{method} /control/{path} is not known"))),
    }
}

/// Moves the clock by a span such as `1d`, `36h` or `P1DT2H`; days are days of the tenant's calendar.
fn advance(simulator: &Simulator, span: &str) -> Result<(), Wrong> {
    let span: Span =
        span.parse().map_err(|_| wrong("\"advance\" takes a span such as \"1d\", \"36h\" or \"PT90M\""))?;
    let zone = simulator.look(|world| world.clock().tenant_zone().clone());
    let now = simulator.now().to_zoned(zone);
    let later = now.checked_add(span).map_err(|_| wrong("the clock cannot go there"))?;
    put_clock(simulator, later.timestamp())
}

/// Seconds since 1970 of 1900-01-01, where the company's dates begin, and of 9000-01-01: from there open ends
/// (9999-12-31) and the lives of tokens are still to come.
const FIRST: i64 = -2_208_988_800;
const LAST: i64 = 221_845_392_000;

/// Sets the clock, within what a company can live in.
fn put_clock(simulator: &Simulator, now: Timestamp) -> Result<(), Wrong> {
    if !(FIRST..=LAST).contains(&now.as_second()) {
        return Err(wrong("the clock goes from 1900-01-01 to 9000-01-01"));
    }
    simulator.set_clock(now);
    Ok(())
}

fn faults(simulator: &Simulator) -> Json {
    let armed =
        simulator.armed().into_iter().map(|(number, fault, met)| json!({"number": number, "fault": fault, "met": met}));
    json!({"faults": armed.collect::<Vec<_>>()})
}

fn state(simulator: &Simulator) -> Json {
    let (today, people) = simulator.look(|world| (world.today().to_string(), world.headcount()));
    json!({
        "company_id": simulator.company_id(),
        "base_url": simulator.base_url(),
        "now": simulator.now(),
        "today": today,
        "people": people,
        "requests": simulator.requests().total,
        "faults": simulator.faults().len(),
        "state_file": simulator.state_file(),
        "replay": simulator.tenant.replay.as_ref().map(|replay| replay.told(false)),
    })
}
