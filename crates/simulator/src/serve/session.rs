//! Sessions of the server, and the headers around the answers: cookie, CSRF token, correlation, the tenant's time.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use jiff::{SignedDuration, Timestamp};

const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");

/// The sessions that are open.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    by_cookie: HashMap<String, Login>,
    count: u64,
}

#[derive(Debug)]
struct Login {
    number: u64,
    user: String,
    csrf: String,
    used: Timestamp,
}

/// Sessions that are kept at the most; the older half goes then. Clients without cookies begin one with every request.
const MOST: usize = 10_000;

/// The session that an answer is given in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    cookie: String,
    csrf: String,
    /// It begins with this answer, which therefore sets the cookie.
    begins: bool,
}

impl Joined {
    pub(crate) fn cookie(&self) -> &str {
        &self.cookie
    }
}

impl Sessions {
    /// The user of the session that the request goes on with; `None` when it brings no cookie, or that of a session
    /// that is over.
    pub(crate) fn user(&self, brought: &Brought, now: Timestamp, life: SignedDuration) -> Option<String> {
        let open = self.lock();
        let login = open.by_cookie.get(brought.cookie.as_ref()?)?;
        (now.duration_since(login.used) < life).then(|| login.user.clone())
    }

    /// Goes on with the session of the request's cookie when it is this user's and not over; begins one otherwise.
    pub(crate) fn join(&self, brought: &Brought, user: &str, now: Timestamp, life: SignedDuration) -> Joined {
        let mut open = self.lock();
        if let Some(cookie) = &brought.cookie
            && let Some(login) = open.by_cookie.get_mut(cookie)
            && login.user == user
            && now.duration_since(login.used) < life
        {
            login.used = login.used.max(now);
            return Joined { cookie: cookie.clone(), csrf: login.csrf.clone(), begins: false };
        }
        open.count += 1;
        let number = open.count;
        if open.by_cookie.len() >= MOST {
            open.by_cookie.retain(|_, login| login.number + MOST as u64 / 2 > number);
        }
        let cookie = format!("{}.simulator", random_text());
        let csrf = random_text();
        open.by_cookie.insert(cookie.clone(), Login { number, user: user.to_owned(), csrf: csrf.clone(), used: now });
        Joined { cookie, csrf, begins: true }
    }

    /// How many have begun.
    pub(crate) fn begun(&self) -> u64 {
        self.lock().count
    }

    /// Ends one.
    pub(crate) fn end(&self, cookie: &str) {
        self.lock().by_cookie.remove(cookie);
    }

    /// Ends every session.
    pub(crate) fn clear(&self) {
        self.lock().by_cookie.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 128 random bits in hexadecimal digits.
pub(crate) fn random_text() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness it is guessable, which harms nobody on loopback.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// What the request brought of these headers.
#[derive(Debug, Default)]
pub(crate) struct Brought {
    /// `JSESSIONID`.
    cookie: Option<String>,
    csrf: Option<String>,
    correlation: Option<HeaderValue>,
    source_type: bool,
}

impl Brought {
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

    /// A write that goes on with a session, or means to, lacks the session's token (KBA 2307715).
    pub(crate) fn lacks_csrf(&self, joined: &Joined) -> bool {
        self.cookie.is_some() && (joined.begins || self.csrf.as_ref() != Some(&joined.csrf))
    }

    /// Puts the headers of an authenticated answer on it.
    pub(crate) fn dress(&self, response: &mut Response<Body>, joined: &Joined) {
        let headers = response.headers_mut();
        if joined.begins
            && let Ok(cookie) = HeaderValue::from_str(&format!("JSESSIONID={}; Path=/; HttpOnly", joined.cookie))
        {
            headers.append(header::SET_COOKIE, cookie);
            headers.append(header::SET_COOKIE, HeaderValue::from_static("route=simulator; Path=/"));
        }
        if let Ok(token) = HeaderValue::from_str(&joined.csrf) {
            headers.insert(CSRF, token);
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

/// Says that a token is to be fetched.
pub(crate) fn csrf_required(response: &mut Response<Body>) {
    response.headers_mut().insert(CSRF, HeaderValue::from_static("Required"));
}

/// The tenant's time, in every answer: clients count their windows from it.
pub(crate) fn date(response: &mut Response<Body>, now: Timestamp) {
    if let Ok(text) = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now)
        && let Ok(value) = HeaderValue::from_str(&text)
    {
        response.headers_mut().insert(header::DATE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_of_the_next_session_cannot_be_counted() {
        let sessions = Sessions::default();
        let begin = || sessions.join(&Brought::default(), "admin", Timestamp::UNIX_EPOCH, SignedDuration::from_mins(1));
        let read = |joined: &Joined| u128::from_str_radix(joined.cookie().split('.').next().unwrap(), 16).unwrap();
        let (one, other) = (read(&begin()), read(&begin()));
        assert!(one.abs_diff(other) > 1_000_000, "{one:x}, {other:x}");
        assert_eq!(sessions.begun(), 2);
    }
}
