//! Where every request enters: faults first, then the room it belongs to.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use bytes::Bytes;
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::asked::{Answer, Asked, By, Note, Rows};
use super::session::Brought;
use super::turn::Turn;
use super::{Caller, RateLimits, Refusal, Wire, iam, rates, route, session, statistics, v4};
use crate::faults::FaultKind;
use crate::log::{Entry, Sample, options};
use crate::simulator::Tenant;
use crate::{console, control, oauth, replay};

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

const MAINTENANCE: &str = "<!DOCTYPE html><html><head><title>Scheduled maintenance</title></head><body><h1>The system is \
                           under scheduled maintenance</h1><p>Please come back later.</p></body></html>";
const BAD_GATEWAY: &str = "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>";
const GATEWAY_TIMEOUT: &str = "<html><head><title>504 Gateway Time-out</title></head><body><h1>504 Gateway Time-out</h1>\
                               </body></html>";
const METADATA_BUSY: &str = "The request has timed out. OData metadata is being generated for the same instance in \
                             another thread. Please try again later";

/// A service below which requests are signed in.
struct Root {
    /// `/odata/v2`
    path: &'static str,
    answer: fn(&Turn<'_>, &Asked) -> Answer,
    /// A refusal before the service is asked, as the service words refusals.
    refuse: fn(Refusal, &Asked) -> Answer,
    /// How often a user may call it.
    limit: fn(&RateLimits) -> Option<u32>,
}

/// One line a service.
static ROOTS: &[Root] = &[
    Root {
        path: "/odata/v2",
        answer: route::answer,
        refuse: |refusal, asked| refusal.answer(asked.wire()),
        limit: |limits| limits.odata,
    },
    Root { path: v4::ROOT, answer: v4::answer, refuse: v4::refuse, limit: |limits| limits.odata },
    Root { path: "/rest/iam/scim/v2", answer: iam::answer, refuse: iam::refuse, limit: |limits| limits.scim },
    Root {
        path: "/rest/iam/authorization/genai/v1",
        answer: iam::authorize,
        refuse: iam::refuse_plainly,
        limit: |_| None,
    },
];

/// Whatever else a captured tenant was asked.
static CAPTURED: Root =
    Root { path: "", answer: route::answer, refuse: |refusal, asked| refusal.answer(asked.wire()), limit: |_| None };

/// Answers one request.
pub(crate) async fn entry(
    State(tenant): State<Arc<Tenant>>,
    ConnectInfo(caller): ConnectInfo<Caller>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else { return empty(StatusCode::PAYLOAD_TOO_LARGE) };
    if path == "/control" || path.starts_with("/control/") {
        return control::answer(&tenant, &parts, &body).await;
    }
    if let Some(page) = console::answer(&tenant, &parts) {
        return page;
    }
    let decoded = percent_decode_str(&path).decode_utf8_lossy().into_owned();
    let resource = statistics::resource(parts.method.as_str(), &decoded);
    let whole = Asked::new(parts.method.as_str(), "", &path, parts.uri.query().unwrap_or_default(), &parts.headers);
    let asked = parts
        .uri
        .query()
        .map_or(decoded.clone(), |query| format!("{decoded}?{}", percent_decode_str(query).decode_utf8_lossy()));
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut entry = Entry {
        at: tenant.time.now(),
        method: whole.method.clone(),
        path: decoded,
        query: options(parts.uri.query().unwrap_or_default()),
        resource,
        asked: Sample::of(kind, std::slice::from_ref(&body)),
        ..Entry::default()
    };
    let began = tenant.time.source_now();
    let verdict = tenant.faults.judge(&asked);
    entry.fault = verdict.name();
    if verdict.wait_millis > 0 {
        tokio::time::sleep(Duration::from_millis(verdict.wait_millis)).await;
    }
    let mut response = match verdict.fault {
        Some(FaultKind::Drop) => {
            tenant.note(entry, began);
            caller.cut.now();
            return empty(StatusCode::OK);
        }
        Some(fault) => match strike(&tenant, fault, whole.wire()) {
            Some(response) => response,
            None => room(&tenant, &parts, body).await,
        },
        None => room(&tenant, &parts, body).await,
    };
    session::date(&mut response, tenant.time.now());
    let said = response.extensions_mut();
    entry.rows = said.remove::<Rows>().unwrap_or_default().0;
    entry.user = said.remove::<By>().map(|by| by.0);
    entry.note = said.remove::<Note>().map(|note| note.0);
    entry.answered = said.remove::<Sample>().unwrap_or_default();
    if entry.path == "/oauth/idp" {
        // An assertion, alone in its body.
        "…".clone_into(&mut entry.answered.text);
    }
    if let Some(FaultKind::DropAfter { bytes }) = verdict.fault {
        tenant.note(entry, began);
        return broken_off(response, bytes);
    }
    entry.status = response.status().as_u16();
    tenant.note(entry, began);
    response
}

/// The answer that a fault gives, when it gives one.
fn strike(tenant: &Tenant, fault: FaultKind, wire: Wire) -> Option<Response<Body>> {
    Some(match fault {
        FaultKind::TooManyRequests { retry_after } => {
            let mut response = text(StatusCode::TOO_MANY_REQUESTS, "text/plain", "Too many requests");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
            response
        }
        FaultKind::MetadataBusy => {
            Refusal::new(500, "InternalServerException", METADATA_BUSY).answer(wire).into_response()
        }
        FaultKind::ServerFailure => {
            Refusal::new(500, "COE_GENERAL_SERVER_FAILURE", "[COE0019]An internal error occurred.")
                .answer(wire)
                .into_response()
        }
        FaultKind::Maintenance => text(StatusCode::SERVICE_UNAVAILABLE, "text/html", MAINTENANCE),
        FaultKind::BadGateway => text(StatusCode::BAD_GATEWAY, "text/html", BAD_GATEWAY),
        FaultKind::GatewayTimeout => text(StatusCode::GATEWAY_TIMEOUT, "text/html", GATEWAY_TIMEOUT),
        FaultKind::TokenExpired => {
            tenant.tokens.expire_all(tenant.time.now());
            return None;
        }
        FaultKind::CsrfRefused => {
            tenant.sessions.clear();
            csrf_refused(|refusal| refusal.answer(wire))
        }
        FaultKind::SkipTokenExpired => {
            Refusal::bad_request("The skip token is not valid or has expired.").answer(wire).into_response()
        }
        FaultKind::Drop | FaultKind::DropAfter { .. } | FaultKind::Slow { .. } => return None,
    })
}

/// The answer with its body cut off: the length that was announced does not arrive.
fn broken_off(response: Response<Body>, bytes: usize) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    // A length that is announced and not delivered: a client that trusts the end of the stream loses data.
    let announced = http_body_length(&parts.headers, &body);
    if let Some(length) = announced {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let start = body.into_data_stream().scan(bytes, |left, piece| {
        let kept = piece.ok().filter(|_| *left > 0).map(|piece| {
            let kept = piece.slice(..piece.len().min(*left));
            *left -= kept.len();
            Ok(kept)
        });
        std::future::ready(kept)
    });
    // What was promised so far must leave before the connection breaks: it is written while this waits.
    let end = futures_util::stream::once(async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    let pieces = start.chain(end);
    Response::from_parts(parts, Body::from_stream(pieces))
}

fn http_body_length(headers: &HeaderMap, body: &Body) -> Option<u64> {
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    said.or_else(|| axum::body::HttpBody::size_hint(body).exact())
}

/// Sends a request to the service it belongs to.
async fn room(tenant: &Arc<Tenant>, parts: &Parts, body: Bytes) -> Response<Body> {
    let path = parts.uri.path();
    for root in ROOTS {
        let below = path
            .strip_prefix(root.path)
            .and_then(|rest| if rest.is_empty() { Some("") } else { rest.strip_prefix('/') });
        if let Some(below) = below {
            return service(tenant, root, parts, below, body).await;
        }
    }
    match (parts.method.as_str(), path) {
        ("POST", "/oauth/token") => token(tenant, parts, &body),
        ("POST", "/oauth2/token") => application_token(tenant, parts, &body),
        ("POST", "/oauth/idp") if tenant.settings.switches.idp_endpoint => assertion(tenant, parts, &body),
        ("GET", "/oauth/validate") => match access(tenant, parts) {
            Ok(_) => json_text(StatusCode::OK, &json!({"valid": true})),
            Err(refusal) => refusal.answer(Wire::Json).into_response(),
        },
        _ if tenant.replay.is_some() && ["/odata", "/rest/"].iter().any(|root| path.starts_with(root)) => {
            service(tenant, &CAPTURED, parts, path.trim_start_matches('/'), body).await
        }
        _ if ["/odata", "/rest/"].iter().any(|root| path.starts_with(root)) => {
            let asked =
                Asked::new(parts.method.as_str(), "", path, parts.uri.query().unwrap_or_default(), &parts.headers);
            Refusal::no_endpoint().answer(asked.wire()).into_response()
        }
        _ => text(StatusCode::NOT_FOUND, "text/html", "<html><body><h1>404 Not Found</h1></body></html>"),
    }
}

/// The token endpoint of SAP Cloud Identity Services, which is a host of its own outside.
fn application_token(tenant: &Arc<Tenant>, parts: &Parts, body: &Bytes) -> Response<Body> {
    let given = oauth::parameters(&String::from_utf8_lossy(body));
    let times = (tenant.time.now(), tenant.time.source_now());
    if tenant.replay.is_some() {
        let granted = oauth::grant_anybody(&tenant.tokens, times.0, tenant.settings.application_token_lifetime);
        return json_text(StatusCode::OK, &bearer(&granted));
    }
    match oauth::grant_application(&given, shown(parts), &tenant.settings, &tenant.tokens, times) {
        Ok(granted) => json_text(StatusCode::OK, &bearer(&granted)),
        Err(refused) => {
            let body = json!({"error": refused.error, "error_description": refused.description});
            json_text(StatusCode::from_u16(refused.status).unwrap_or(StatusCode::UNAUTHORIZED), &body)
        }
    }
}

fn bearer(granted: &oauth::Granted) -> serde_json::Value {
    json!({"access_token": granted.access_token, "token_type": "Bearer", "expires_in": granted.expires_in})
}

fn token(tenant: &Arc<Tenant>, parts: &Parts, body: &Bytes) -> Response<Body> {
    let mut given = oauth::parameters(&String::from_utf8_lossy(body));
    given.extend(oauth::parameters(parts.uri.query().unwrap_or_default()));
    let times = (tenant.time.now(), tenant.time.source_now());
    if tenant.replay.is_some() {
        let granted = oauth::grant_anybody(&tenant.tokens, times.0, tenant.settings.token_lifetime);
        return json_text(StatusCode::OK, &bearer(&granted));
    }
    let known = (&tenant.tokens, &tenant.logins);
    match oauth::grant(&given, &tenant.settings, &tenant.read_world(), known, times) {
        Ok(granted) => json_text(StatusCode::OK, &bearer(&granted)),
        Err(error) => sign_in_refused(error),
    }
}

fn sign_in_refused(error: oauth::SignInError) -> Response<Body> {
    let body = json!({"errorHttpCode": error.status.to_string(), "errorMessage": error.message});
    json_text(StatusCode::from_u16(error.status).unwrap_or(StatusCode::UNAUTHORIZED), &body)
}

/// An assertion that the tenant signs for a client.
fn assertion(tenant: &Arc<Tenant>, parts: &Parts, body: &Bytes) -> Response<Body> {
    let mut given = oauth::parameters(&String::from_utf8_lossy(body));
    given.extend(oauth::parameters(parts.uri.query().unwrap_or_default()));
    match oauth::sign_for_client(&given, &tenant.settings, tenant.time.now()) {
        Ok(signed) => text(StatusCode::OK, "text/plain;charset=utf-8", signed),
        Err(error) => sign_in_refused(error),
    }
}

/// What the request says of whoever sends it.
fn shown(parts: &Parts) -> oauth::Shown<'_> {
    let caller = parts.extensions.get::<ConnectInfo<Caller>>().map(|caller| &caller.0);
    oauth::Shown {
        authorization: parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()),
        certificate: caller.and_then(|caller| caller.certificate),
        address: caller.and_then(|caller| caller.address),
    }
}

/// The userId of whoever asks.
fn access(tenant: &Tenant, parts: &Parts) -> Result<String, Refusal> {
    let shown_basic = shown(parts).authorization.is_some_and(|header| header.starts_with("Basic "));
    if tenant.replay.is_some() && shown_basic {
        return permitted(tenant, oauth::ANYBODY.to_owned());
    }
    let who = oauth::authenticate(shown(parts), tenant).map_err(|error| Refusal::access(&error, &tenant.settings))?;
    permitted(tenant, who)
}

fn permitted(tenant: &Tenant, user: String) -> Result<String, Refusal> {
    if tenant.views.current().rules.no_api { Err(Refusal::no_api_permission()) } else { Ok(user) }
}

async fn service(tenant: &Arc<Tenant>, root: &'static Root, parts: &Parts, below: &str, body: Bytes) -> Response<Body> {
    let query = parts.uri.query().unwrap_or_default();
    let mut asked = Asked::new(parts.method.as_str(), root.path, below, query, &parts.headers);
    let brought = Brought::of(&parts.headers);
    let (now, life) = (tenant.time.now(), tenant.settings.session_lifetime);
    // A session that goes on needs no credentials: that is what it is for.
    let by_cookie = !parts.headers.contains_key(header::AUTHORIZATION);
    let known = if by_cookie { tenant.sessions.user(&brought, now, life) } else { None };
    let user = match known.map_or_else(|| access(tenant, parts), |user| permitted(tenant, user)) {
        Ok(user) => user,
        Err(refusal) => return (root.refuse)(refusal, &asked).into_response(),
    };
    let limits = &tenant.settings.rate_limits;
    if !tenant.rates.count(root.path, &user, now, (root.limit)(limits)) {
        let mut response = (root.refuse)(rates::too_many(), &asked).into_response();
        rates::retry_after(&mut response, limits);
        return response;
    }
    let joined = tenant.sessions.join(&brought, &user, now, life);
    let writes = parts.method != Method::GET && parts.method != Method::HEAD;
    if writes && (by_cookie || tenant.settings.switches.csrf_required) && brought.lacks_csrf(&joined) {
        return csrf_refused(|refusal| (root.refuse)(refusal, &asked));
    }
    asked.body = body;
    let by = By(user.clone());
    if let Some(replay) = &tenant.replay {
        let (answer, missed) = replay::answer(replay, &asked, &tenant.public_url);
        let mut response = answer.into_response();
        response.extensions_mut().insert(by);
        if let Some(why) = missed {
            response.extensions_mut().insert(Note(why));
        }
        brought.dress(&mut response, &joined);
        return response;
    }
    let question = asked.clone();
    let session = joined.cookie().to_owned();
    let done = tenant.blocking(move |tenant| (root.answer)(&Turn::new(tenant, &user, &session), &question)).await;
    let mut response = done.unwrap_or_else(|refusal| (root.refuse)(refusal, &asked)).into_response();
    response.extensions_mut().insert(by);
    brought.dress(&mut response, &joined);
    // The other version's header has no place beside v4's.
    if response.headers().contains_key("odata-version") {
        response.headers_mut().remove("dataserviceversion");
    }
    response
}

/// A write without the token of its session (KBA 2307715): nothing was done, and a token is to be fetched.
fn csrf_refused(word: impl FnOnce(Refusal) -> Answer) -> Response<Body> {
    let refusal = Refusal::new(403, "ForbiddenException", "CSRF token validation failed.");
    let mut response = word(refusal).into_response();
    session::csrf_required(&mut response);
    response
}

pub(super) fn text(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let body = body.into();
    let sample = Sample::of(kind, std::slice::from_ref(&body));
    let mut response = Response::new(Body::from(body));
    response.extensions_mut().insert(sample);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

pub(crate) fn json_text(status: StatusCode, body: &serde_json::Value) -> Response<Body> {
    text(status, "application/json;charset=utf-8", body.to_string())
}

fn empty(status: StatusCode) -> Response<Body> {
    text(status, "text/plain", Bytes::new())
}
