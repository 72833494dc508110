//! One request, and what its answer means.

use std::time::Duration;

use joinery_model::{Clock, Failure};
use joinery_scim::ErrorMessage;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, IF_MATCH, LOCATION, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value as Json;

use super::auth::Credentials;
use super::pace::{Pace, retry_after};

/// The most that one answer may weigh.
const HEAVIEST: usize = 64 * 1024 * 1024;

/// A server that is spoken to.
pub(super) struct Client<C> {
    pub http: reqwest::Client,
    pub clock: C,
    pub credentials: Credentials,
    pub pace: Pace,
    pub timeout: Duration,
}

/// An answer that is neither a matter of the whole call nor of another time.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    pub location: Option<String>,
    /// Null when the body is no JSON.
    pub body: Json,
}

/// Why there is no answer to work with.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Nothing else can be asked either.
    Whole(Failure),
    /// Another time. `sent`: the request went out and was not refused, so the server may have done what was asked. `down`: it is the server's trouble and not this
    /// request's.
    Again { after: Option<Duration>, why: String, sent: bool, down: bool },
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Whole(failure) => failure,
            Trouble::Again { after, why, .. } => Self::later(why, after),
        }
    }
}

impl Trouble {
    /// The trouble of a request that came after another one had done something.
    pub(super) fn after_a_write(self) -> Self {
        match self {
            Self::Whole(failure) => Self::Whole(Failure { untried: false, ..failure }),
            Self::Again { after, why, down, .. } => Self::Again { after, why, sent: true, down },
        }
    }
}

/// Nothing is asked, or what was asked was refused as a whole: nothing was done.
fn unasked(failure: Failure) -> Trouble {
    Trouble::Whole(failure.untried())
}

impl Answer {
    pub(super) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn error(&self) -> ErrorMessage {
        ErrorMessage::read(&self.body)
    }
}

/// What is asked.
pub(super) struct Ask<'a> {
    pub method: Method,
    pub url: &'a str,
    pub body: Option<&'a Json>,
    pub if_match: Option<&'a str>,
    /// A missing right is an answer like any other: for documents that we can do without.
    pub lenient: bool,
}

impl<'a> Ask<'a> {
    pub(super) fn get(url: &'a str) -> Self {
        Self { method: Method::GET, url, body: None, if_match: None, lenient: false }
    }
}

impl<C: Clock> Client<C> {
    /// Asks once; a second time only with a new token in place of one that ran out.
    pub(super) async fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Trouble> {
        let turn = self.pace.turn(&self.clock).await.map_err(|left| Trouble::Again {
            after: Some(left),
            why: "the server asked for a pause".to_owned(),
            sent: false,
            down: true,
        })?;
        let mut renewed = false;
        let answer = loop {
            let header = self.credentials.header(&self.http, self.clock.now()).await.map_err(unasked)?;
            let mut request = self.request(ask);
            if let Some(header) = &header {
                request = request.header(AUTHORIZATION, header);
            }
            let answer = request.send().await.map_err(|cause| unsent(&cause))?;
            if answer.status().as_u16() == 401 && self.credentials.renew() && !renewed {
                self.credentials.refused(header.as_ref()).await;
                renewed = true;
                continue;
            }
            break answer;
        };
        let answer = self.classify(answer, ask.lenient).await;
        drop(turn);
        answer
    }

    fn request(&self, ask: &Ask<'_>) -> RequestBuilder {
        let mut request = self
            .http
            .request(ask.method.clone(), ask.url)
            .timeout(self.timeout)
            .header(ACCEPT, "application/scim+json, application/json");
        if let Some(version) = ask.if_match {
            request = request.header(IF_MATCH, version);
        }
        match ask.body {
            Some(body) => request.header(CONTENT_TYPE, "application/scim+json").body(body.to_string()),
            None => request,
        }
    }

    async fn classify(&self, mut answer: Response, lenient: bool) -> Result<Answer, Trouble> {
        let status = answer.status().as_u16();
        let text = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (etag, location) = (text(ETAG), text(LOCATION));
        let now = self.clock.now();
        let after = text(RETRY_AFTER).and_then(|text| retry_after(&text, now));
        if matches!(status, 408 | 425 | 429 | 500 | 502..=599) {
            match (status, after) {
                (429 | 503, Some(pause)) => self.pace.pause(now, pause),
                // Too fast, without saying for how long: what is under way in this call need not make it worse.
                (429, None) => self.pace.pause(now, Duration::from_secs(1)),
                _ => {}
            }
            let sent = !matches!(status, 425 | 429);
            let down = matches!(status, 429 | 502 | 503);
            return Err(Trouble::Again { after, why: format!("the server answered {status}"), sent, down });
        }
        let mut bytes = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() <= HEAVIEST => bytes.extend_from_slice(&chunk),
                Ok(Some(_)) => {
                    return Err(Trouble::Whole(Failure::refused(
                        "the server's answer is heavier than 64 MiB; set a smaller page_size",
                    )));
                }
                Ok(None) => break,
                Err(cause) => return Err(unsent(&cause)),
            }
        }
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        let answer = Answer { status, etag, location, body };
        match status {
            401 => Err(unasked(Failure::refused(
                "the server answers 401: it does not take the token or password; get a new one and look at token, user \
                 and password of the target",
            ))),
            407 => Err(unasked(Failure::refused("the proxy answers 407: it wants to be signed in to"))),
            // A reason in SCIM's words is about this account; without one, the token may not do this at all.
            403 if !lenient && answer.error().scim_type.is_none() => Err(unasked(Failure::refused(
                "the server answers 403: the token does not allow this; give it the right to read and write users",
            ))),
            300..=399 => Err(unasked(Failure::refused(format!(
                "the server answers {status}, a redirection; write the address it leads to as url of the target"
            )))),
            _ => Ok(answer),
        }
    }
}

/// The request or its answer was lost on the way. The innermost cause says why in the words of the network or of TLS.
fn unsent(cause: &reqwest::Error) -> Trouble {
    let mut innermost: &dyn std::error::Error = cause;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    let why = match () {
        () if cause.is_timeout() => "the server did not answer in time".to_owned(),
        () if cause.is_connect() => format!("the server cannot be reached: {innermost}"),
        () => "the connection broke".to_owned(),
    };
    Trouble::Again { after: None, why, sent: !cause.is_connect(), down: cause.is_connect() }
}
