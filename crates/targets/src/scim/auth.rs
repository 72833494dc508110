//! Signing in: a header for every request, and access tokens where the server wants them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use joinery_model::Failure;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{Auth, SecretPlace};

/// A token is renewed this long before it runs out.
const EARLY: SignedDuration = SignedDuration::from_secs(30);

/// Credentials, and the access token they last gave.
pub(super) struct Credentials {
    auth: Auth,
    token: Mutex<Option<Token>>,
    timeout: Duration,
}

struct Token {
    header: HeaderValue,
    until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: Option<i64>,
}

impl Credentials {
    pub(super) fn new(auth: Auth, timeout: Duration) -> Self {
        Self { auth, token: Mutex::new(None), timeout }
    }

    /// Can a refused token be replaced by a new one?
    pub(super) fn renew(&self) -> bool {
        matches!(self.auth, Auth::ClientCredentials { .. })
    }

    /// The `Authorization` header. One caller fetches a token, the others wait for it.
    pub(super) async fn header(&self, http: &reqwest::Client, now: Timestamp) -> Result<Option<HeaderValue>, Failure> {
        match &self.auth {
            Auth::None => Ok(None),
            Auth::Bearer(token) => secret_header(&format!("Bearer {}", token.expose_secret())).map(Some),
            Auth::Basic { user, password } => basic(user, password).map(Some),
            Auth::ClientCredentials { .. } => {
                let mut held = self.token.lock().await;
                if let Some(token) = held.as_ref().filter(|token| token.until.is_none_or(|until| now < until)) {
                    return Ok(Some(token.header.clone()));
                }
                let token = self.fetch(http, now).await?;
                let header = token.header.clone();
                *held = Some(token);
                Ok(Some(header))
            }
        }
    }

    /// Forgets a token that the server refused, unless it was replaced meanwhile.
    pub(super) async fn refused(&self, header: Option<&HeaderValue>) {
        let mut held = self.token.lock().await;
        if held.as_ref().is_some_and(|token| Some(&token.header) == header) {
            *held = None;
        }
    }

    async fn fetch(&self, http: &reqwest::Client, now: Timestamp) -> Result<Token, Failure> {
        let Auth::ClientCredentials { token_url, client_id, client_secret, scope, send } = &self.auth else {
            return Err(Failure::refused("this sign-in has no tokens"));
        };
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(scope.as_deref().map(|scope| ("scope", scope)));
        let mut request = http.post(token_url).timeout(self.timeout);
        match send {
            SecretPlace::Header => request = request.header(AUTHORIZATION, basic(client_id, client_secret)?),
            SecretPlace::Body => {
                form.extend([("client_id", client_id.as_str()), ("client_secret", client_secret.expose_secret())]);
            }
        }
        let answer = request.form(&form).send().await.map_err(|cause| {
            Failure::later("the token endpoint (oauth2) cannot be reached", None).because(cause.without_url())
        })?;
        let status = answer.status().as_u16();
        match status {
            200..=299 => {}
            408 | 429 | 500..=599 => {
                return Err(Failure::later(format!("the token endpoint (oauth2) answered {status}"), None));
            }
            _ => {
                return Err(Failure::refused(format!(
                    "the token endpoint (oauth2) answered {status}: look at client id, client secret and scope"
                )));
            }
        }
        let granted: Granted = answer.json().await.map_err(|cause| {
            Failure::refused("the token endpoint (oauth2) answered without an access_token")
                .because(cause.without_url())
        })?;
        let header = secret_header(&format!("Bearer {}", granted.access_token.expose_secret()))?;
        let lives = granted.expires_in.map(SignedDuration::from_secs);
        let until = lives.and_then(|lives| now.saturating_add(lives.checked_sub(EARLY)?).ok());
        Ok(Token { header, until })
    }
}

fn basic(user: &str, password: &SecretString) -> Result<HeaderValue, Failure> {
    let pair = format!("{user}:{}", password.expose_secret());
    secret_header(&format!("Basic {}", STANDARD.encode(pair)))
}

fn secret_header(text: &str) -> Result<HeaderValue, Failure> {
    let mut header = HeaderValue::from_str(text)
        .map_err(|_| Failure::refused("the token holds a line break or another character that no header can carry"))?;
    header.set_sensitive(true);
    Ok(header)
}
