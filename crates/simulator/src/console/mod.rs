//! The console: a page in the browser that shows the tenant and turns it, by the control API.
//!
//! One page of HTML, one style sheet and ES modules, compiled in; nothing is fetched from elsewhere and no script stands in
//! the page, so that its policy can forbid both.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, StatusCode, header, request::Parts};

use crate::control;
use crate::simulator::Tenant;

const HTML: &str = "text/html;charset=utf-8";
const CSS: &str = "text/css;charset=utf-8";
const SCRIPT: &str = "text/javascript;charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// Nothing from elsewhere, nothing inline, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What is served: path, type, bytes.
static FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("page.html")),
    ("/console", HTML, include_str!("page.html")),
    ("/console/style.css", CSS, include_str!("style.css")),
    ("/console/icon.svg", PICTURE, include_str!("icon.svg")),
    ("/console/main.js", SCRIPT, include_str!("main.js")),
    ("/console/dom.js", SCRIPT, include_str!("dom.js")),
    ("/console/api.js", SCRIPT, include_str!("api.js")),
    ("/console/parts.js", SCRIPT, include_str!("parts.js")),
    ("/console/people.js", SCRIPT, include_str!("people.js")),
    ("/console/person.js", SCRIPT, include_str!("person.js")),
    ("/console/orders.js", SCRIPT, include_str!("orders.js")),
    ("/console/groups.js", SCRIPT, include_str!("groups.js")),
    ("/console/clock.js", SCRIPT, include_str!("clock.js")),
    ("/console/visibility.js", SCRIPT, include_str!("visibility.js")),
    ("/console/faults.js", SCRIPT, include_str!("faults.js")),
    ("/console/requests.js", SCRIPT, include_str!("requests.js")),
];

/// The page or a file of it; `None` for every other path.
pub(crate) fn answer(tenant: &Tenant, parts: &Parts) -> Option<Response<Body>> {
    let path = parts.uri.path();
    let below = path == "/" || path == "/console" || path.starts_with("/console/");
    if !below {
        return None;
    }
    // A name from elsewhere must not be shown the page either.
    if parts.method == Method::GET
        && let Err((status, message)) = control::check(&Method::GET, &parts.headers, false, &tenant.public_url)
        && !navigates(parts)
    {
        return Some(dressed(status, "text/plain;charset=utf-8", message));
    }
    let reads = parts.method == Method::GET || parts.method == Method::HEAD;
    let found =
        FILES.iter().find(|(at, ..)| *at == path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path));
    Some(match found {
        _ if !reads => dressed(StatusCode::METHOD_NOT_ALLOWED, "text/plain;charset=utf-8", "only GET".to_owned()),
        Some((_, kind, text)) => dressed(StatusCode::OK, kind, (*text).to_owned()),
        None => dressed(StatusCode::NOT_FOUND, "text/plain;charset=utf-8", "there is no such file".to_owned()),
    })
}

/// A link on a page from elsewhere may be followed: the page is shown, nothing is done.
fn navigates(parts: &Parts) -> bool {
    parts.headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate")
}

fn dressed(status: StatusCode, kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // The next start may bring another page.
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}
