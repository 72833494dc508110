//! Headers around the answers: session cookie, CSRF token, correlation, the tenant's time.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use jiff::Timestamp;

/// What the request brought of these.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// `JSESSIONID`.
    cookie: Option<String>,
    csrf: Option<String>,
    correlation: Option<HeaderValue>,
    source_type: bool,
}

fn csrf_of(session: &str) -> String {
    format!("csrf-{}", session.chars().rev().collect::<String>())
}

impl Session {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let cookie = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .find_map(|pair| pair.trim().strip_prefix("JSESSIONID="))
            .map(str::to_owned);
        Self {
            cookie,
            csrf: text("x-csrf-token").map(str::to_owned),
            correlation: headers.get("x-sf-correlation-id").cloned(),
            source_type: headers.contains_key("successfactors-sourcetype"),
        }
    }

    /// A write that reuses a session must bring the session's token (KBA 2307715).
    pub(crate) fn lacks_csrf(&self) -> bool {
        self.cookie.as_ref().is_some_and(|cookie| self.csrf.as_deref() != Some(&csrf_of(cookie)))
    }

    /// Puts the headers of an authenticated answer on it.
    pub(crate) fn dress(&self, response: &mut Response<Body>, fresh: impl FnOnce() -> String) {
        let headers = response.headers_mut();
        let session = match &self.cookie {
            Some(cookie) => cookie.clone(),
            None => {
                let session = fresh();
                let cookie = format!("JSESSIONID={session}; Path=/; HttpOnly");
                if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                    headers.append(header::SET_COOKIE, cookie);
                }
                session
            }
        };
        if let Ok(token) = HeaderValue::from_str(&csrf_of(&session)) {
            headers.insert(HeaderName::from_static("x-csrf-token"), token);
        }
        headers.insert(HeaderName::from_static("dataserviceversion"), HeaderValue::from_static("1.0"));
        if let Some(correlation) = &self.correlation {
            headers.insert(HeaderName::from_static("x-sf-correlation-id"), correlation.clone());
        }
        if !self.source_type {
            let message = "successfactors-sourcetype is missing in request headers";
            headers.insert(HeaderName::from_static("successfactors-message"), HeaderValue::from_static(message));
        }
    }
}

/// The tenant's time, in every answer: clients count their windows from it.
pub(crate) fn date(response: &mut Response<Body>, now: Timestamp) {
    if let Ok(text) = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now)
        && let Ok(value) = HeaderValue::from_str(&text)
    {
        response.headers_mut().insert(header::DATE, value);
    }
}
