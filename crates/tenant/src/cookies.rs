//! The session that the tenant keeps for us: its cookies and its `X-CSRF-Token` (SAP notes 3308165, 2307715).
//!
//! A tenant logs the API user in with every request that brings no session. Bringing one saves that, and a write in a
//! session must bring the session's token too.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE};

pub(crate) const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");
/// Asks for a token.
pub(crate) const FETCH: HeaderValue = HeaderValue::from_static("Fetch");
/// The cookie that a session begins with.
const SESSION: &str = "JSESSIONID";
/// No tenant needs more, in cookies and in bytes of all.
const MOST: (usize, usize) = (16, 6000);

/// The session in use, shared by all requests of a connection.
#[derive(Default)]
pub(crate) struct Cookies(Mutex<State>);

#[derive(Default)]
struct State {
    /// Tells one session from the next.
    number: u64,
    /// The access token that it began with.
    token: u64,
    jar: BTreeMap<String, String>,
    csrf: Option<HeaderValue>,
}

/// What one request carries of it.
pub(crate) struct Carried {
    /// The session's number; that of no session when there are no cookies.
    pub(crate) number: u64,
    /// `Cookie`, marked sensitive.
    pub(crate) cookie: Option<HeaderValue>,
    /// `X-CSRF-Token`, marked sensitive.
    pub(crate) csrf: Option<HeaderValue>,
}

impl Cookies {
    /// The session for a request that carries the access token of this number. A session of another token is forgotten:
    /// it could outlive what the token's owner may do.
    pub(crate) fn carried(&self, token: u64) -> Carried {
        let mut state = self.lock();
        if state.token != token {
            state.forget();
        }
        let line = state.jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let cookie = HeaderValue::from_str(&line).ok().filter(|_| !line.is_empty()).map(|mut cookie| {
            cookie.set_sensitive(true);
            cookie
        });
        Carried { number: state.number, cookie, csrf: state.csrf.clone() }
    }

    /// Takes what an answer says of the session. `carried` and `token` are the numbers that its request went with.
    pub(crate) fn note(&self, carried: u64, token: u64, headers: &HeaderMap) {
        let set: Vec<(&str, &str)> = headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok()?.split(';').next()?.trim().split_once('='))
            .collect();
        // `Fetch` and `Required` are words of the protocol, not tokens.
        let csrf = headers.get(CSRF).filter(|value| {
            !value.is_empty()
                && !["fetch", "required"].iter().any(|word| value.as_bytes().eq_ignore_ascii_case(word.as_bytes()))
        });
        let mut state = self.lock();
        if set.iter().any(|(name, _)| *name == SESSION) {
            state.forget();
            state.token = token;
        } else if carried != state.number {
            // Of a session that has been given up meanwhile.
            return;
        }
        for (name, value) in set {
            if value.is_empty() {
                state.jar.remove(name);
            } else {
                state.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let size: usize = state.jar.iter().map(|(name, value)| name.len() + value.len() + 3).sum();
        if state.jar.len() > MOST.0 || size > MOST.1 {
            state.forget();
        } else if let Some(csrf) = csrf
            && !state.jar.is_empty()
        {
            let mut csrf = csrf.clone();
            csrf.set_sensitive(true);
            state.csrf = Some(csrf);
        }
    }

    /// The session of that number is of no more use.
    pub(crate) fn forget(&self, number: u64) {
        let mut state = self.lock();
        if state.number == number {
            state.forget();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget(&mut self) {
        if !self.jar.is_empty() || self.csrf.is_some() {
            *self = Self { number: self.number + 1, token: self.token, ..Self::default() };
        }
    }
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        write!(f, "Cookies(session {}, {} cookies)", state.number, state.jar.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(cookies: &[&'static str], csrf: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(SET_COOKIE, HeaderValue::from_static(cookie));
        }
        if let Some(csrf) = csrf {
            headers.insert(CSRF, HeaderValue::from_static(csrf));
        }
        headers
    }

    fn shown(cookies: &Cookies, token: u64) -> (Option<String>, Option<String>, u64) {
        let Carried { number, cookie, csrf } = cookies.carried(token);
        let text = |value: Option<HeaderValue>| value.map(|value| value.to_str().expect("text").to_owned());
        (text(cookie), text(csrf), number)
    }

    #[test]
    fn cookies_and_token_go_together() {
        let cookies = Cookies::default();
        assert_eq!(shown(&cookies, 1), (None, None, 0));
        cookies.note(0, 1, &answer(&["JSESSIONID=a; Path=/; HttpOnly", "route=7; Secure"], Some("t1")));
        let (line, csrf, number) = shown(&cookies, 1);
        assert_eq!((line.as_deref(), csrf.as_deref()), (Some("JSESSIONID=a; route=7"), Some("t1")));
        cookies.note(number, 1, &answer(&[], Some("t2")));
        cookies.note(number, 1, &answer(&[], Some("Required")));
        assert_eq!(shown(&cookies, 1).1.as_deref(), Some("t2"));
        // Two requests began sessions side by side: the last one counts, whole.
        cookies.note(number, 1, &answer(&["JSESSIONID=b"], None));
        assert_eq!(shown(&cookies, 1), (Some("JSESSIONID=b".to_owned()), None, number + 1));
        cookies.note(number, 1, &answer(&[], Some("of a")));
        assert_eq!(shown(&cookies, 1).1, None, "the token of a session that was given up");
    }

    #[test]
    fn a_session_ends_with_its_token_and_when_it_is_refused() {
        let cookies = Cookies::default();
        cookies.note(0, 1, &answer(&["JSESSIONID=a"], Some("t")));
        let number = shown(&cookies, 1).2;
        cookies.forget(number + 1);
        assert!(shown(&cookies, 1).0.is_some(), "another session was refused");
        assert_eq!(shown(&cookies, 2).0, None, "another access token");
        cookies.note(shown(&cookies, 2).2, 2, &answer(&["JSESSIONID=b"], Some("t")));
        let number = shown(&cookies, 2).2;
        cookies.forget(number);
        assert_eq!(shown(&cookies, 2).0, None);
    }

    #[test]
    fn too_many_cookies_are_none_and_nothing_is_shown() {
        let cookies = Cookies::default();
        let long: &'static str = Box::leak(format!("JSESSIONID={}", "x".repeat(7000)).into_boxed_str());
        cookies.note(0, 1, &answer(&[long], Some("t")));
        assert_eq!(shown(&cookies, 1).0, None);
        cookies.note(shown(&cookies, 1).2, 1, &answer(&["JSESSIONID=s3cret"], Some("s3cret")));
        let carried = cookies.carried(1);
        assert!(!format!("{cookies:?}{:?}{:?}", carried.cookie, carried.csrf).contains("s3cret"));
    }
}
