//! Where every request enters: faults first, then the room it belongs to.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use futures_util::StreamExt;
use joinery_odata::{EntityAddress, Format, Query};
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::entity::Reply;
use super::list::Desk;
use super::session::Session;
use super::{Cut, Refusal, Wire, metadata, session, statistics};
use crate::control;
use crate::faults::FaultKind;
use crate::oauth;
use crate::schema::Set;
use crate::simulator::{Simulator, Tenant};

/// The largest body that is read, in bytes.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

const MAINTENANCE: &str = "<!DOCTYPE html><html><head><title>Scheduled maintenance</title></head><body><h1>The system is \
                           under scheduled maintenance</h1><p>Please come back later.</p></body></html>";
const GATEWAY_TIMEOUT: &str = "<html><head><title>504 Gateway Time-out</title></head><body><h1>504 Gateway Time-out</h1>\
                               </body></html>";
const METADATA_BUSY: &str = "The request has timed out. OData metadata is being generated for the same instance in \
                             another thread. Please try again later";

/// Answers one request.
pub(crate) async fn entry(
    State(tenant): State<Arc<Tenant>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    if path == "/control" || path.starts_with("/control/") {
        let Ok(body) = to_bytes(body, LARGEST_BODY).await else { return empty(StatusCode::PAYLOAD_TOO_LARGE) };
        return control::answer(&tenant, &parts, &body).await;
    }
    let decoded = percent_decode_str(&path).decode_utf8_lossy().into_owned();
    let resource = statistics::resource(parts.method.as_str(), &decoded);
    let wire = wire(&parts.headers, parts.uri.query().unwrap_or_default());
    let asked = parts
        .uri
        .query()
        .map_or(decoded.clone(), |query| format!("{decoded}?{}", percent_decode_str(query).decode_utf8_lossy()));
    let verdict = tenant.faults.judge(&asked);
    if verdict.wait_millis > 0 {
        tokio::time::sleep(Duration::from_millis(verdict.wait_millis)).await;
    }
    let mut response = match verdict.fault {
        Some(FaultKind::Drop) => {
            tenant.statistics.add(&resource, 0, 0);
            cut.now();
            return empty(StatusCode::OK);
        }
        Some(fault) => match strike(&tenant, fault, wire) {
            Some(response) => response,
            None => room(&tenant, &parts, body, wire).await,
        },
        None => room(&tenant, &parts, body, wire).await,
    };
    session::date(&mut response, tenant.time.now());
    let rows = response.extensions_mut().remove::<Rows>().unwrap_or_default().0;
    if let Some(FaultKind::DropAfter { bytes }) = verdict.fault {
        tenant.statistics.add(&resource, 0, rows);
        return broken_off(response, bytes);
    }
    tenant.statistics.add(&resource, response.status().as_u16(), rows);
    response
}

/// Rows in an answer, for the statistics.
#[derive(Clone, Copy, Default)]
struct Rows(u64);

/// The answer that a fault gives, when it gives one.
fn strike(tenant: &Tenant, fault: FaultKind, wire: Wire) -> Option<Response<Body>> {
    Some(match fault {
        FaultKind::TooManyRequests { retry_after } => {
            let mut response = text(StatusCode::TOO_MANY_REQUESTS, "text/plain", "Too many requests");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
            response
        }
        FaultKind::MetadataBusy => Refusal::new(500, "InternalServerException", METADATA_BUSY).into_response(wire),
        FaultKind::ServerFailure => {
            Refusal::new(500, "COE_GENERAL_SERVER_FAILURE", "[COE0019]An internal error occurred.").into_response(wire)
        }
        FaultKind::Maintenance => text(StatusCode::SERVICE_UNAVAILABLE, "text/html", MAINTENANCE),
        FaultKind::GatewayTimeout => text(StatusCode::GATEWAY_TIMEOUT, "text/html", GATEWAY_TIMEOUT),
        FaultKind::TokenExpired => {
            tenant.tokens.expire_all(tenant.time.now());
            return None;
        }
        FaultKind::SkipTokenExpired => {
            Refusal::bad_request("The skip token is not valid or has expired.").into_response(wire)
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

/// Sends a request to the room it belongs to.
async fn room(tenant: &Arc<Tenant>, parts: &Parts, body: Body, wire: Wire) -> Response<Body> {
    let path = parts.uri.path();
    if let Some(rest) = path.strip_prefix("/odata/v2/").or_else(|| (path == "/odata/v2").then_some("")) {
        return odata(tenant, parts, rest, body, wire).await;
    }
    match (parts.method.as_str(), path) {
        ("POST", "/oauth/token") => token(tenant, parts, body).await,
        ("GET", "/oauth/validate") => match access(tenant, &parts.headers) {
            Ok(()) => json_text(StatusCode::OK, &json!({"valid": true})),
            Err(refusal) => refusal.into_response(Wire::Json),
        },
        _ => text(StatusCode::NOT_FOUND, "text/html", "<html><body><h1>404 Not Found</h1></body></html>"),
    }
}

async fn token(tenant: &Arc<Tenant>, parts: &Parts, body: Body) -> Response<Body> {
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else { return empty(StatusCode::PAYLOAD_TOO_LARGE) };
    let mut given = oauth::parameters(&String::from_utf8_lossy(&body));
    given.extend(oauth::parameters(parts.uri.query().unwrap_or_default()));
    let times = (tenant.time.now(), tenant.time.source_now());
    let granted = oauth::grant(&given, &tenant.settings, &tenant.read_world(), &tenant.tokens, times);
    match granted {
        Ok(granted) => {
            let body = json!({
                "access_token": granted.access_token,
                "token_type": "Bearer",
                "expires_in": granted.expires_in,
            });
            json_text(StatusCode::OK, &body)
        }
        Err(error) => {
            let body = json!({"errorHttpCode": error.status.to_string(), "errorMessage": error.message});
            json_text(StatusCode::from_u16(error.status).unwrap_or(StatusCode::UNAUTHORIZED), &body)
        }
    }
}

fn access(tenant: &Tenant, headers: &HeaderMap) -> Result<(), Refusal> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let settings = &tenant.settings;
    let who = oauth::authenticate(header, settings, || tenant.read_world(), &tenant.tokens, tenant.time.now());
    who.map_err(|error| Refusal::access(error, &settings.company_id, settings.switches.expired_token_status))?;
    if tenant.views.current().rules.no_api { Err(Refusal::no_api_permission()) } else { Ok(()) }
}

async fn odata(tenant: &Arc<Tenant>, parts: &Parts, rest: &str, body: Body, wire: Wire) -> Response<Body> {
    if let Err(refusal) = access(tenant, &parts.headers) {
        return refusal.into_response(wire);
    }
    let session = Session::of(&parts.headers);
    let writes = parts.method != Method::GET && parts.method != Method::HEAD;
    let answered = if writes && tenant.settings.switches.csrf_required && session.lacks_csrf() {
        Err(Refusal::new(403, "ForbiddenException", "CSRF token validation failed."))
    } else {
        match to_bytes(body, LARGEST_BODY).await {
            Ok(body) => service(tenant, parts, rest, body, wire).await,
            Err(_) => return empty(StatusCode::PAYLOAD_TOO_LARGE),
        }
    };
    let mut response = answered.unwrap_or_else(|refusal| refusal.into_response(wire));
    session.dress(&mut response, || {
        let number = tenant.sessions.fetch_add(1, Ordering::Relaxed);
        format!("{number:016X}.simulator")
    });
    response
}

async fn service(
    tenant: &Arc<Tenant>,
    parts: &Parts,
    rest: &str,
    body: Bytes,
    wire: Wire,
) -> Result<Response<Body>, Refusal> {
    let method = parts.method.as_str();
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    if rest == "upsert" {
        if parts.method != Method::POST {
            return Err(Refusal::no_method(method));
        }
        let simulator = Simulator { tenant: Arc::clone(tenant) };
        return tenant.blocking(move |_| super::upsert::answer(&simulator, &raw_query, &body)).await;
    }
    if parts.method != Method::GET && parts.method != Method::HEAD {
        return Err(Refusal::no_method(method));
    }
    if let Some(sets) = rest.strip_suffix("$metadata") {
        return document(tenant, sets.trim_end_matches('/'));
    }
    if wire != Wire::Json {
        return Err(Refusal::new(
            406,
            "NotAcceptableException",
            "This simulator writes data as JSON only: send $format=json or Accept: application/json.",
        ));
    }
    let query = Query::parse(&raw_query).map_err(|error| Refusal::bad_request(&error.to_string()))?;
    if let Some((name, _)) = query.other.iter().find(|(name, _)| name.starts_with('$')) {
        return Err(Refusal::bad_request(&format!("The system query option {name} is not supported.")));
    }
    let path = parts.uri.path().to_owned();
    let address = EntityAddress::parse(rest).map_err(|_| Refusal::no_entity())?;
    tenant
        .blocking(move |tenant| {
            let world = tenant.read_world();
            let view = tenant.views.current();
            let desk = Desk {
                world: &world,
                view: &view,
                settings: &tenant.settings,
                snapshots: &tenant.snapshots,
                now: tenant.time.now(),
                base: &tenant.public_url,
                path: &path,
                raw_query: &raw_query,
                query: &query,
            };
            let reply = desk.answer(&address)?;
            drop(world);
            Ok(match reply {
                Reply::Text(words) => text(StatusCode::OK, "text/plain", words),
                Reply::Json(answer) => {
                    if answer.is_page {
                        tenant.views.page_answered();
                    }
                    page(answer.pieces, answer.rows)
                }
            })
        })
        .await
}

fn page(pieces: Vec<Bytes>, rows: u64) -> Response<Body> {
    let length: usize = pieces.iter().map(Bytes::len).sum();
    let pieces = pieces.into_iter().map(Ok::<_, std::convert::Infallible>);
    let mut response = Response::new(Body::from_stream(futures_util::stream::iter(pieces)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(HeaderName::from_static("x-sf-record-count-recursive"), HeaderValue::from(rows));
    response.extensions_mut().insert(Rows(rows));
    response
}

fn document(tenant: &Tenant, names: &str) -> Result<Response<Body>, Refusal> {
    let view = tenant.views.current();
    let sets: Vec<Set> = if names.is_empty() {
        Set::all().collect()
    } else {
        let named = percent_decode_str(names).decode_utf8_lossy().into_owned();
        named
            .split(',')
            .map(|name| Set::named(name.trim()).filter(|&set| view.has_set(set)).ok_or_else(Refusal::no_entity))
            .collect::<Result<_, _>>()?
    };
    let xml = metadata::document(&sets, &view, tenant.settings.switches.email_filterable);
    Ok(text(StatusCode::OK, "application/xml;charset=utf-8", xml))
}

/// JSON when `$format` or `Accept` ask for it; otherwise XML, the tenant's default.
fn wire(headers: &HeaderMap, raw_query: &str) -> Wire {
    match Query::parse(raw_query).ok().and_then(|query| query.format) {
        Some(Format::Json) => return Wire::Json,
        Some(_) => return Wire::Xml,
        // An option that cannot be read must not hide the one that says how to answer.
        None if raw_query.contains("format=json") => return Wire::Json,
        None => {}
    }
    let accepts = headers
        .get_all(header::ACCEPT)
        .iter()
        .any(|value| value.to_str().is_ok_and(|value| value.to_ascii_lowercase().contains("application/json")));
    if accepts { Wire::Json } else { Wire::Xml }
}

pub(super) fn text(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

pub(crate) fn json_text(status: StatusCode, body: &serde_json::Value) -> Response<Body> {
    text(status, "application/json;charset=utf-8", body.to_string())
}

fn empty(status: StatusCode) -> Response<Body> {
    text(status, "text/plain", Body::empty())
}
