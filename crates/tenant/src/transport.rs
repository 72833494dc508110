//! Requests to a tenant.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use joinery_model::{Clock, Failure};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use secrecy::ExposeSecret as _;

use crate::{Response, Settings, SignIn};

/// A way to a tenant: it signs in, paces itself and retries what may pass. Clones share all of it.
#[derive(Clone)]
pub struct Transport(Arc<Inner>);

struct Inner {
    client: reqwest::Client,
    settings: Settings,
    clock: Box<dyn AnyClock>,
}

/// [`Clock`] behind a pointer, so that a transport has no type parameter.
trait AnyClock: Send + Sync {
    fn now(&self) -> Timestamp;
    fn sleep<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

impl<C: Clock> AnyClock for C {
    fn now(&self) -> Timestamp {
        Clock::now(self)
    }
    fn sleep<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(Clock::sleep(self, duration))
    }
}

impl Transport {
    /// A transport over `client`, which must not follow redirects. `seed` makes this process's correlation ids and
    /// assertion ids differ from every other's: draw it at random.
    pub fn new(client: reqwest::Client, settings: Settings, clock: impl Clock + 'static, _seed: u64) -> Self {
        Self(Arc::new(Inner { client, settings, clock: Box::new(clock) }))
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Our own time.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// GETs a path below the API server (`odata/v2/User?…`, already percent-encoded), or the URL of a next page, whose
    /// host is replaced by the configured one.
    ///
    /// # Errors
    /// When the tenant cannot be reached, refuses the sign-in, or stays unavailable beyond the patience of the
    /// settings. Any other status is an answer: see [`Response::ok`].
    pub async fn get(&self, path_or_url: &str) -> Result<Response, Failure> {
        let url = self.0.settings.host.url(path_or_url).map_err(|e| Failure::refused(e.to_string()))?;
        let at_place =
            url.query().is_some_and(|query| query.contains("$skiptoken=") || query.contains("%24skiptoken="));
        let subject = url.path().trim_start_matches('/').to_owned();
        let SignIn::Basic { user, password } = &self.0.settings.sign_in;
        let credentials =
            STANDARD.encode(format!("{user}@{}:{}", self.0.settings.company_id, password.expose_secret()));
        let mut authorization = HeaderValue::from_str(&format!("Basic {credentials}"))
            .map_err(|_| Failure::refused("user and password cannot be sent"))?;
        authorization.set_sensitive(true);
        let response = self
            .0
            .client
            .get(url)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, authorization)
            .header("successfactors-sourcetype", "Application")
            .timeout(self.0.settings.timeout)
            .send()
            .await
            .map_err(|e| Failure::later("the tenant cannot be reached", None).because(e.without_url()))?;
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = response
            .bytes()
            .await
            .map_err(|e| Failure::later("the tenant's answer broke off", None).because(e.without_url()))?;
        Ok(Response { status, headers, bytes, at_place, subject })
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transport({})", self.0.settings.name)
    }
}
