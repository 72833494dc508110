//! Telling the operator: one signed webhook.
//!
//! A run that is held, has dead letters or is late is told to one address. The message is signed in the manner of
//! Standard Webhooks: `webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`; with
//! several secrets there are several signatures, so that a secret can be changed without a gap. The body names syncs,
//! targets and numbers, never a person.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use joinery_model::{Failure, RunId};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// Where notes go and how they are signed.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address.
    pub url: String,
    /// Secrets, the current one first; `whsec_` and base64, or the bytes themselves. At least one.
    pub secrets: Vec<SecretString>,
    /// How long the address may take to answer.
    pub timeout: Duration,
}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Changes wait for a person's approval.
    Held,
    /// Changes were given up.
    Dead,
    /// A run did not end in time.
    Late,
    /// A run failed.
    Failed,
}

/// One message. Nothing in it may name a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What is told.
    #[serde(rename = "type")]
    pub why: Why,
    /// The sync.
    pub sync: String,
    /// The run, when there is one.
    pub run: Option<RunId>,
    /// Held or dead changes, or minutes late.
    pub count: u64,
    /// What to do, in words, without personal data.
    pub message: String,
}

/// The webhook.
#[derive(Clone, Debug)]
pub struct Notifier {
    settings: Settings,
    http: reqwest::Client,
}

impl Notifier {
    /// Checks the settings.
    ///
    /// # Errors
    /// No secret, a secret that is not base64 after `whsec_`, or an address that is none.
    pub fn open(settings: Settings, http: reqwest::Client) -> Result<Self, Failure> {
        if settings.secrets.is_empty() {
            return Err(Failure::refused(
                "notify.secret is missing: give at least one, so that messages can be signed",
            ));
        }
        for secret in &settings.secrets {
            secret_bytes(secret)?;
        }
        if reqwest::Url::parse(&settings.url).is_err() {
            return Err(Failure::refused("notify.url is not an address; write https://host/path"));
        }
        Ok(Self { settings, http })
    }

    /// Sends a note once. `id` must be the same when the same note is sent again, so that the receiver can tell.
    ///
    /// # Errors
    /// Unreachable, slow, 5xx and 429 may pass; any other refusal does not.
    pub async fn send(&self, id: &str, now: Timestamp, note: &Note) -> Result<(), Failure> {
        let body = serde_json::to_string(note)
            .map_err(|cause| Failure::refused("the note cannot be written as JSON").because(cause))?;
        let timestamp = now.as_second();
        let signatures: Vec<String> = self
            .settings
            .secrets
            .iter()
            .map(|secret| Ok(sign(&secret_bytes(secret)?, id, timestamp, &body)))
            .collect::<Result<_, Failure>>()?;
        let answer = self
            .http
            .post(&self.settings.url)
            .timeout(self.settings.timeout)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp.to_string())
            .header("webhook-signature", signatures.join(" "))
            .body(body)
            .send()
            .await
            .map_err(|cause| Failure::later("notify.url cannot be reached", None).because(cause.without_url()))?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            status @ (408 | 425 | 429 | 500..=599) => {
                Err(Failure::later(format!("notify.url answered {status}"), None))
            }
            status => Err(Failure::refused(format!(
                "notify.url answered {status}: look at the address and at the secret that the receiver holds"
            ))),
        }
    }
}

fn secret_bytes(secret: &SecretString) -> Result<Vec<u8>, Failure> {
    match secret.expose_secret().strip_prefix("whsec_") {
        Some(base64) => STANDARD
            .decode(base64)
            .map_err(|_| Failure::refused("notify.secret is not base64 after whsec_; copy it again from the receiver")),
        None => Ok(secret.expose_secret().as_bytes().to_vec()),
    }
}

fn sign(secret: &[u8], id: &str, timestamp: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::post;
    use joinery_model::Retry;

    use super::*;

    /// The example of the Standard Webhooks specification's reference libraries.
    #[test]
    fn the_published_example_signs_as_published() {
        let secret = secret_bytes(&"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()).unwrap();
        let signature = sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[tokio::test]
    async fn every_secret_signs_and_a_refusal_is_told_apart_from_an_outage() {
        let asked: Arc<Mutex<Vec<(HeaderMap, String)>>> = Arc::default();
        let statuses = Arc::new(Mutex::new(vec![401, 503, 204]));
        let answer = {
            let asked = asked.clone();
            move |headers: HeaderMap, body: String| async move {
                asked.lock().unwrap().push((headers, body));
                StatusCode::from_u16(statuses.lock().unwrap().pop().unwrap()).unwrap()
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", post(answer))).await });
        let secrets = vec!["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into(), "older".into()];
        let settings = Settings { url, secrets, timeout: Duration::from_secs(5) };
        #[expect(clippy::disallowed_methods, reason = "a test is a root of its own")]
        let notifier = Notifier::open(settings, reqwest::Client::new()).unwrap();
        let note =
            Note { why: Why::Held, sync: "people".into(), run: Some(RunId(7)), count: 12, message: "approve".into() };
        let now = Timestamp::from_second(1_614_265_330).unwrap();
        notifier.send("run-7-held", now, &note).await.unwrap();
        let (headers, body) = asked.lock().unwrap().pop().unwrap();
        assert_eq!(body, r#"{"type":"held","sync":"people","run":7,"count":12,"message":"approve"}"#);
        assert_eq!(headers["webhook-id"], "run-7-held");
        assert_eq!(headers["webhook-timestamp"], "1614265330");
        let signatures: Vec<&str> = headers["webhook-signature"].to_str().unwrap().split(' ').collect();
        assert_eq!(signatures[1], sign(b"older", "run-7-held", 1_614_265_330, &body));
        assert_eq!(signatures.len(), 2);
        assert_eq!(notifier.send("x", now, &note).await.unwrap_err().retry(), Retry::Later(None));
        assert_eq!(notifier.send("x", now, &note).await.unwrap_err().retry(), Retry::No);
    }

    #[test]
    fn a_secret_that_is_no_base64_is_named() {
        assert!(secret_bytes(&"whsec_%%".into()).unwrap_err().message.contains("notify.secret"));
    }
}
