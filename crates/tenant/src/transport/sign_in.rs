//! What a request is signed in with: a header, or nothing when the connection itself says who we are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use joinery_model::Failure;
use reqwest::header::{ACCEPT, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Asked, Attempt, Transport};
use crate::patience::Tries;
use crate::session::{Authorization, Grant};
use crate::sign_in::{token_form, token_source};
use crate::{JSON, Response, SignIn, refusal};

/// A difference of clocks that assertions and messages take note of.
const CLOCKS_DIFFER: i64 = 60;

impl Transport {
    /// Signs in now unless a token is at hand: for checks, which want to know before they ask anything.
    ///
    /// # Errors
    /// As [`Transport::get`].
    pub async fn sign_in(&self) -> Result<(), Failure> {
        self.authorization().await.map(|_| ())
    }

    /// Whether another token may help: the tenant says that this one is over, or says nothing.
    pub(super) fn is_stale(&self, response: &Response) -> bool {
        let error = response.error();
        let unexplained = response.status.as_u16() == 401 && error.code.is_empty() && error.number.is_empty();
        matches!(self.0.settings.sign_in, SignIn::SamlBearer(_) | SignIn::Ias(_))
            && matches!(response.status.as_u16(), 401 | 403)
            && (unexplained || refusal::is_stale_token(&error))
    }

    /// What a request carries in its header; nothing when the connection itself says who we are.
    pub(super) async fn authorization(&self) -> Result<Option<Authorization>, Failure> {
        match &self.0.settings.sign_in {
            SignIn::X509(_) => Ok(None),
            SignIn::Basic { user, password } => basic(user, &self.0.settings.company_id, password).map(Some),
            SignIn::SamlBearer(_) | SignIn::Ias(_) => {
                self.0.session.authorization(&*self.0.clock, self.token()).await.map(Some)
            }
        }
    }

    /// Asks for a token.
    async fn token(&self) -> Result<Grant, Failure> {
        let (setting, host, path) = token_source(&self.0.settings);
        let url =
            host.url(path).map_err(|error| Failure::refused(format!("connection.{}.{error}", self.0.settings.name)))?;
        let asked = Asked { setting, ..Asked::about(&url) };
        let mut tries = Tries::default();
        let mut set_right = false;
        loop {
            // By the tenant's clock once it is known: an assertion counts for ten minutes by that one.
            let skew = self.skew().unwrap_or(0);
            let at = self.now().checked_add(SignedDuration::from_secs(skew)).unwrap_or_else(|_| self.now());
            let form = token_form(&self.0.settings, at, &format!("_{}", self.next_id()))
                .map_err(|error| Failure::refused(format!("connection.{}.{error}", self.0.settings.name)))?;
            self.0.counters.sign_in();
            let request = self.0.client.post(url.clone()).form(&form).header(ACCEPT, JSON);
            let response = match self.attempt(&asked, request, &mut tries, true).await? {
                Attempt::Answered(response) => response,
                Attempt::Again => continue,
                Attempt::Unknown(failure) => return Err(failure),
            };
            if response.status.is_success() {
                let grant = crate::sign_in::granted(&self.0.settings, &response)?;
                tracing::debug!(connection = %self.0.settings.name, seconds = grant.life.as_secs(), "signed in");
                return Ok(grant);
            }
            let learnt = self.skew();
            if learnt.is_some_and(|learnt| (learnt - skew).abs() > CLOCKS_DIFFER) && !set_right {
                set_right = true;
                tracing::warn!(connection = %self.0.settings.name, seconds = learnt, "clock differs from the tenant's");
                continue;
            }
            return Err(refusal::sign_in(&self.0.settings, &response, learnt));
        }
    }
}

fn basic(user: &str, company: &str, password: &SecretString) -> Result<Authorization, Failure> {
    let credentials = STANDARD.encode(format!("{user}@{company}:{}", password.expose_secret()));
    let mut value = HeaderValue::from_str(&format!("Basic {credentials}"))
        .map_err(|_| Failure::refused("user: cannot be sent in a header"))?;
    value.set_sensitive(true);
    Ok(Authorization { value, number: 0 })
}
