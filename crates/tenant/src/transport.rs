//! Requests to a tenant: paced, signed in, tried again where that may help.

mod sign_in;

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use joinery_model::{Clock, Failure};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderValue, IF_NONE_MATCH};
use reqwest::{RequestBuilder, StatusCode, Url};

use crate::clock::AnyClock;
use crate::cookies::{CSRF, Cookies, FETCH};
use crate::counters::Counters;
use crate::pace::{Lane, Pace};
use crate::patience::{Tries, Trouble, retry_after, trouble};
use crate::session::Session;
use crate::shelf::Kept;
use crate::{Api, Counts, JSON, Once, Request, Response, Settings, body, refusal, unreachable, v4};

/// A way to a tenant: it signs in, paces itself and retries what may pass. Clones share all of it.
#[derive(Clone)]
pub struct Transport(Arc<Inner>);

struct Inner {
    client: reqwest::Client,
    settings: Settings,
    clock: Box<dyn AnyClock>,
    pace: Pace,
    session: Session,
    cookies: Cookies,
    counters: Counters,
    /// Metadata between runs.
    kept: OnceLock<Kept>,
    /// Names requests and assertions: the seed, then a count.
    seed: u64,
    count: AtomicU64,
    /// How far the tenant's clock is ahead of ours, in seconds; `UNKNOWN` before the first answer.
    skew: AtomicI64,
    /// The tenant has refused a `$batch`.
    lacks_batch: AtomicBool,
    /// Did anything ever answer?
    reached: AtomicBool,
}

const UNKNOWN: i64 = i64::MIN;
/// Who has never answered and keeps silent for longer than this is not asked twice.
const SILENT: SignedDuration = SignedDuration::from_secs(5);

/// How many tokens one request may use up: the first may be over, and the next may fall to the same clean-up.
const RENEWALS: usize = 2;

/// What a request is about, for messages.
struct Asked {
    subject: String,
    at_place: bool,
    host: String,
    /// The setting that names the host.
    setting: &'static str,
    lane: Lane,
}

impl Transport {
    /// A transport over `client`, which must not follow redirects: a token belongs to one host. `seed` makes this
    /// process's correlation ids and assertion ids differ from every other's: draw it at random.
    pub fn new(client: reqwest::Client, settings: Settings, clock: impl Clock + 'static, seed: u64) -> Self {
        Self(Arc::new(Inner {
            client,
            pace: Pace::new(settings.pace),
            settings,
            clock: Box::new(clock),
            session: Session::default(),
            cookies: Cookies::default(),
            counters: Counters::default(),
            kept: OnceLock::new(),
            seed,
            count: AtomicU64::new(0),
            skew: AtomicI64::new(UNKNOWN),
            lacks_batch: AtomicBool::new(false),
            reached: AtomicBool::new(false),
        }))
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn kept(&self) -> Option<&Kept> {
        self.0.kept.get()
    }

    /// The first one counts.
    pub(crate) fn set_kept(&self, kept: Kept) {
        let _ = self.0.kept.set(kept);
    }

    /// Our own time.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// What the traffic cost so far.
    pub fn counts(&self) -> Counts {
        self.0.counters.read()
    }

    /// How many requests may be in flight now: the configured number, or fewer while the tenant is under load.
    pub fn allowed_in_flight(&self) -> usize {
        self.0.pace.allowed()
    }

    /// Waits by the clock of the transport.
    pub(crate) async fn pause(&self, time: std::time::Duration) {
        self.0.clock.sleep(time).await;
    }

    /// How far the tenant's clock is ahead of ours, by the `Date` of its last answer; `None` before the first.
    pub fn clock_difference(&self) -> Option<SignedDuration> {
        self.skew().map(SignedDuration::from_secs)
    }

    /// Whether the tenant has refused a `$batch` before.
    pub(crate) fn lacks_batch(&self) -> bool {
        self.0.lacks_batch.load(Ordering::Relaxed)
    }

    pub(crate) fn note_lack_of_batch(&self) {
        self.0.lacks_batch.store(true, Ordering::Relaxed);
    }

    /// GETs a path below the API server (`odata/v2/User?…`, already percent-encoded), or the URL of a next page, whose
    /// host is replaced by the configured one.
    ///
    /// # Errors
    /// When the tenant cannot be reached, refuses the sign-in, or stays unavailable beyond the patience of the
    /// settings. Any other status is an answer: see [`Response::ok`].
    pub async fn get(&self, path_or_url: &str) -> Result<Response, Failure> {
        self.get_unless(path_or_url, None).await
    }

    /// As [`Transport::get`]; the tenant may answer 304 when what it has still is what that `ETag` is of.
    pub(crate) async fn get_unless(&self, path_or_url: &str, etag: Option<HeaderValue>) -> Result<Response, Failure> {
        match &self.0.settings.api {
            Api::V2 => self.carried(&Request { if_none_match: etag, ..Request::get(path_or_url) }).await,
            Api::V4(root) => v4::get(self, root, path_or_url, etag).await,
        }
    }

    /// Sends a request whose repetition does no harm: a read, or a write that leaves what one such write leaves.
    ///
    /// # Errors
    /// As [`Transport::get`].
    pub async fn send(&self, request: &Request) -> Result<Response, Failure> {
        v4::may_be_sent(&self.0.settings, request)?;
        self.carried(request).await
    }

    /// As [`Transport::send`], whatever version of OData is spoken.
    pub(crate) async fn carried(&self, request: &Request) -> Result<Response, Failure> {
        match self.carry(request, true).await? {
            Once::Answered(response) => Ok(response),
            Once::Unknown(failure) => Err(failure),
        }
    }

    /// Sends a request that must not be done twice. It is sent again only where it certainly was not done: there was no
    /// connection, the token had run out, or the tenant turned it away at the door (429, 503).
    ///
    /// # Errors
    /// As [`Transport::get`]; it was not done then.
    pub async fn send_once(&self, request: &Request) -> Result<Once, Failure> {
        v4::may_be_sent(&self.0.settings, request)?;
        self.carry(request, false).await
    }

    async fn carry(&self, sent: &Request, repeats: bool) -> Result<Once, Failure> {
        let url = self.url(&sent.path)?;
        let asked = Asked::about(&url);
        let mut tries = Tries::default();
        let mut renewals = 0;
        let mut fetched = false;
        loop {
            let authorization = self.authorization().await?;
            let token = authorization.as_ref().map_or(0, |authorization| authorization.number);
            let carried = self.0.cookies.carried(token);
            let mut request = self.0.client.request(sent.method.clone(), url.clone());
            request = request.header(ACCEPT, sent.accept);
            if let Some(authorization) = &authorization {
                request = request.header(AUTHORIZATION, authorization.value.clone());
            }
            if let Some((kind, bytes)) = &sent.body {
                request = request.header(CONTENT_TYPE, kind).body(bytes.clone());
            }
            if let Some(tag) = &sent.if_none_match {
                request = request.header(IF_NONE_MATCH, tag.clone());
            }
            if let Some(cookie) = carried.cookie {
                request = request.header(COOKIE, cookie);
            }
            if let Some(csrf) = carried.csrf {
                request = request.header(CSRF, csrf);
            }
            let response = match self.attempt(&asked, request, &mut tries, repeats).await? {
                Attempt::Again => {
                    // A session that is over may look like a gateway in trouble (SAP note 3308167).
                    self.0.cookies.forget(carried.number);
                    continue;
                }
                Attempt::Unknown(failure) => return Ok(Once::Unknown(failure)),
                Attempt::Answered(response) => response,
            };
            self.0.cookies.note(carried.number, token, &response.headers);
            if response.status.is_success() {
                return Ok(Once::Answered(response));
            }
            if refusal::is_csrf(&response) && !fetched {
                // Turned away at the door: nothing was done, whatever the request is.
                fetched = true;
                self.0.cookies.forget(carried.number);
                self.fetch_csrf().await?;
                continue;
            }
            if let Some(authorization) = &authorization
                && self.is_stale(&response)
                && renewals < RENEWALS
            {
                renewals += 1;
                self.0.session.refused(authorization).await;
                continue;
            }
            return match refusal::not_signed_in(&self.0.settings, &response) {
                // No such endpoint (LGN0001): at a v4 root that says that there is none, not that the server is none.
                Some(_) if self.0.settings.api != Api::V2 && response.status == StatusCode::NOT_FOUND => {
                    Ok(Once::Answered(response))
                }
                Some(failure) => Err(failure),
                None => Ok(Once::Answered(response)),
            };
        }
    }

    /// Begins a session and asks for its token, by the cheapest request there is.
    async fn fetch_csrf(&self) -> Result<(), Failure> {
        let url = self.url(match &self.0.settings.api {
            Api::V2 => "odata/v2/",
            Api::V4(root) => root,
        })?;
        let authorization = self.authorization().await?;
        let mut request = self.0.client.get(url.clone()).header(ACCEPT, JSON).header(CSRF, FETCH);
        let token = authorization.as_ref().map_or(0, |authorization| authorization.number);
        if let Some(authorization) = &authorization {
            request = request.header(AUTHORIZATION, authorization.value.clone());
        }
        let carried = self.0.cookies.carried(token);
        let mut tries = Tries::default();
        // A second try would need a request of its own; whoever asked for this goes on without.
        if let Attempt::Answered(response) = self.attempt(&Asked::about(&url), request, &mut tries, false).await? {
            self.0.cookies.note(carried.number, token, &response.headers);
        }
        Ok(())
    }

    fn url(&self, path_or_url: &str) -> Result<Url, Failure> {
        let settings = &self.0.settings;
        settings
            .host
            .url(path_or_url)
            .map_err(|error| Failure::refused(format!("connection.{}.{error}", settings.name)))
    }

    /// Sends once; waits when it failed in a way that may pass and the request may be repeated.
    async fn attempt(
        &self,
        asked: &Asked,
        request: RequestBuilder,
        tries: &mut Tries,
        repeats: bool,
    ) -> Result<Attempt, Failure> {
        let inner = &*self.0;
        let correlation_id = self.next_id();
        let request = request
            .header("successfactors-sourcetype", "Application")
            .header("X-SF-Correlation-Id", &correlation_id)
            .timeout(inner.settings.timeout);
        let permit = inner.pace.permit(&*inner.clock, asked.lane).await;
        inner.counters.request();
        let began = self.now();
        let (met, response) = match self.exchange(asked, request, &correlation_id).await {
            Ok(response) => match trouble(response.status, &response.bytes) {
                None => {
                    inner.pace.went_well();
                    return Ok(Attempt::Answered(response));
                }
                Some(met) => (Failed::Answered(met), Some(response)),
            },
            Err(failed) => (failed, None),
        };
        let (met, failure, done) = match met {
            Failed::Answered(met) => (met, None, !matches!(met, Trouble::TooMany) && !turned_away(response.as_ref())),
            Failed::NotSent(Trouble::NeverReached, failure) if inner.reached.load(Ordering::Relaxed) => {
                (Trouble::Unreachable, Some(failure), false)
            }
            Failed::NotSent(met, failure) => (met, Some(failure), false),
            Failed::Sent(met, failure) => (met, Some(failure), true),
            Failed::ForGood(failure) => return Err(failure),
        };
        let now = self.now();
        let after = response.as_ref().and_then(|response| retry_after(&response.headers, now));
        let silent = met == Trouble::NeverReached && now.duration_since(began) > SILENT;
        let wait = tries.next(&inner.settings.patience, met, after).filter(|_| !silent);
        if matches!(met, Trouble::TooMany | Trouble::Unavailable) {
            // The tenant spoke to all of us: whoever comes next waits as well.
            let resume_at = wait.filter(|_| met == Trouble::TooMany || after.is_some());
            inner.pace.ease(&permit, resume_at.and_then(|wait| now.checked_add(wait).ok()));
        }
        drop(permit);
        let failure = failure.unwrap_or_else(|| {
            let failure = unreachable::unavailable(&inner.settings, met, after);
            match &response {
                Some(response) => failure.because(response.trace()),
                None => failure,
            }
        });
        if done && !repeats {
            return Ok(Attempt::Unknown(failure));
        }
        let Some(wait) = wait else { return Err(failure) };
        tracing::debug!(connection = %inner.settings.name, trouble = ?met, ?wait, correlation_id, "trying again");
        inner.counters.retry(wait);
        inner.clock.sleep(wait).await;
        Ok(Attempt::Again)
    }

    async fn exchange(&self, asked: &Asked, request: RequestBuilder, id: &str) -> Result<Response, Failed> {
        let settings = &self.0.settings;
        let answer = request.send().await.map_err(|error| {
            let before = error.is_connect();
            match unreachable::classify(settings, asked.setting, error) {
                Failed::Sent(met, failure) if before => Failed::NotSent(met, failure),
                failed => failed,
            }
        })?;
        if answer.url().host_str() != Some(&asked.host) {
            return Err(Failed::ForGood(Failure::refused(format!(
                "connection.{}.{}: the host redirects elsewhere; give the server itself",
                settings.name, asked.setting
            ))));
        }
        self.0.reached.store(true, Ordering::Relaxed);
        let status = answer.status();
        let headers = answer.headers().clone();
        let bytes = body::read(answer, settings).await?;
        self.0.counters.received(bytes.len());
        let response = Response {
            status,
            headers,
            bytes,
            correlation_id: id.to_owned(),
            at_place: asked.at_place,
            subject: asked.subject.clone(),
        };
        if let Some(date) = response.date() {
            self.0.skew.store(date.duration_since(self.now()).as_secs(), Ordering::Relaxed);
        }
        Ok(response)
    }

    fn skew(&self) -> Option<i64> {
        Some(self.0.skew.load(Ordering::Relaxed)).filter(|skew| *skew != UNKNOWN)
    }

    /// The next id, in the form of a UUID of version 8 (RFC 9562): the seed, then a count.
    fn next_id(&self) -> String {
        let (seed, count) = (self.0.seed, self.0.count.fetch_add(1, Ordering::Relaxed));
        format!(
            "{:08x}-{:04x}-8{:03x}-8{:03x}-{:012x}",
            seed >> 32,
            (seed >> 16) & 0xffff,
            (seed >> 4) & 0xfff,
            (seed & 0xf) << 8 | (count >> 48) & 0xff,
            count & 0xffff_ffff_ffff
        )
    }
}

/// What one try came to.
enum Attempt {
    Answered(Response),
    /// The wait is over.
    Again,
    /// It may have been done, and must not be done again.
    Unknown(Failure),
}

/// Maintenance turns requests away before anything is done; a gateway's 502 and 504 say nothing of the kind.
fn turned_away(response: Option<&Response>) -> bool {
    response.is_some_and(|response| response.status == StatusCode::SERVICE_UNAVAILABLE)
}

/// A request that brought no answer of its own.
pub(crate) enum Failed {
    /// The answer says that it may pass.
    Answered(Trouble),
    /// There was no connection; the failure that it is when patience runs out.
    NotSent(Trouble, Failure),
    /// It was sent, as a whole or in part, and no whole answer arrived.
    Sent(Trouble, Failure),
    /// No use in trying again.
    ForGood(Failure),
}

impl Asked {
    fn about(url: &Url) -> Self {
        let at_place = url.query().is_some_and(|query| {
            query.split('&').any(|pair| pair.starts_with("$skiptoken=") || pair.starts_with("%24skiptoken="))
        });
        Self {
            subject: url.path().trim_start_matches('/').to_owned(),
            at_place,
            host: url.host_str().unwrap_or_default().to_owned(),
            setting: "api_server",
            lane: if url.path().contains("/rest/iam/scim/") { Lane::Scim } else { Lane::Other },
        }
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transport({})", self.0.settings.name)
    }
}
