//! The token in use: one for all, renewed by one.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use joinery_model::{Failure, Retry};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use crate::clock::AnyClock;

/// What the tenant granted.
pub(crate) struct Grant {
    pub(crate) token: SecretString,
    /// How long it lasts from now on.
    pub(crate) life: Duration,
}

/// What a request carries. `number` tells one token from the next.
#[derive(Clone)]
pub(crate) struct Authorization {
    /// Marked sensitive: `Debug` does not show it.
    pub(crate) value: HeaderValue,
    pub(crate) number: u64,
}

#[derive(Default)]
pub(crate) struct Session {
    state: Mutex<State>,
    /// Sign-ins that ended, well or badly.
    rounds: AtomicU64,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    refused: Option<(String, Retry)>,
}

struct Held {
    authorization: Authorization,
    renew_at: Timestamp,
    expires_at: Timestamp,
}

/// How long an old token is kept in use after its renewal failed, before the next attempt.
const RENEW_AGAIN: Duration = Duration::from_secs(30);

impl Session {
    /// The token, asking for one with `ask` when there is none or 90 % of its life are over. Whoever comes while one is
    /// being asked for waits and shares the result, a refusal too: many workers must not knock many times.
    pub(crate) async fn authorization(
        &self,
        clock: &dyn AnyClock,
        ask: impl Future<Output = Result<Grant, Failure>> + Send,
    ) -> Result<Authorization, Failure> {
        let seen = self.rounds.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if let Some(held) = &state.held
            && clock.now() < held.renew_at
        {
            return Ok(held.authorization.clone());
        }
        let round = self.rounds.load(Ordering::Acquire);
        if round != seen
            && let Some((message, retry)) = &state.refused
        {
            return Err(Failure { message: message.clone(), retry: *retry, untried: false, cause: None });
        }
        let asked = ask.await.and_then(|grant| Held::new(&grant, clock.now(), round + 1));
        self.rounds.store(round + 1, Ordering::Release);
        match asked {
            Ok(held) => {
                let authorization = held.authorization.clone();
                *state = State { held: Some(held), refused: None };
                Ok(authorization)
            }
            Err(failure) => {
                let now = clock.now();
                // What may pass is no reason to throw away a token that still counts.
                if matches!(failure.retry(), Retry::Later(_))
                    && let Some(held) = &mut state.held
                    && now < held.expires_at
                {
                    held.renew_at = (now + RENEW_AGAIN).min(held.expires_at);
                    return Ok(held.authorization.clone());
                }
                *state = State { held: None, refused: Some((failure.message.clone(), failure.retry())) };
                Err(failure)
            }
        }
    }

    /// The tenant refused this token: the next request asks for another, unless somebody has already.
    pub(crate) async fn refused(&self, authorization: &Authorization) {
        let mut state = self.state.lock().await;
        if state.held.as_ref().is_some_and(|held| held.authorization.number == authorization.number) {
            state.held = None;
        }
    }
}

impl Held {
    fn new(grant: &Grant, now: Timestamp, number: u64) -> Result<Self, Failure> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", grant.token.expose_secret()))
            .map_err(|_| Failure::refused("sign_in: the tenant's token cannot be sent in a header"))?;
        value.set_sensitive(true);
        let at = |life: Duration| now.checked_add(life).unwrap_or(Timestamp::MAX);
        Ok(Self {
            authorization: Authorization { value, number },
            renew_at: at(grant.life.mul_f64(0.9)),
            expires_at: at(grant.life),
        })
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({} sign-ins)", self.rounds.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use joinery_model::FixedClock;
    use std::sync::Arc;

    fn clock() -> FixedClock {
        FixedClock::at("2026-11-21T10:00:00Z".parse().expect("time"))
    }

    fn granted(token: &str, seconds: u64) -> Grant {
        Grant { token: token.into(), life: Duration::from_secs(seconds) }
    }

    async fn shown(session: &Session, clock: &FixedClock, answer: Result<Grant, Failure>) -> Result<String, Failure> {
        let authorization = session.authorization(clock, async { answer }).await?;
        Ok(authorization.value.to_str().expect("text").to_owned())
    }

    #[tokio::test]
    async fn a_token_is_renewed_at_nine_tenths_of_its_life() {
        let (session, clock) = (Session::default(), clock());
        assert_eq!(shown(&session, &clock, Ok(granted("one", 1000))).await.expect("token"), "Bearer one");
        clock.advance(Duration::from_secs(899));
        assert_eq!(shown(&session, &clock, Ok(granted("two", 1000))).await.expect("token"), "Bearer one");
        clock.advance(Duration::from_secs(1));
        assert_eq!(shown(&session, &clock, Ok(granted("two", 1000))).await.expect("token"), "Bearer two");
    }

    #[tokio::test]
    async fn many_wait_for_one_sign_in() {
        let (session, asked) = (Arc::new(Session::default()), Arc::new(AtomicU64::new(0)));
        for answer_well in [true, false] {
            asked.store(0, Ordering::SeqCst);
            let workers: Vec<_> = (0..20)
                .map(|_| {
                    let (session, asked, clock) = (Arc::clone(&session), Arc::clone(&asked), clock());
                    tokio::spawn(async move {
                        let ask = async {
                            asked.fetch_add(1, Ordering::SeqCst);
                            tokio::time::sleep(Duration::from_millis(20)).await;
                            if answer_well { Ok(granted("t", 1000)) } else { Err(Failure::refused("locked")) }
                        };
                        session.authorization(&clock, ask).await
                    })
                })
                .collect();
            for worker in workers {
                let result = worker.await.expect("worker");
                assert_eq!(result.is_ok(), answer_well);
                if let Ok(authorization) = result {
                    session.refused(&authorization).await;
                }
            }
            assert_eq!(asked.load(Ordering::SeqCst), 1, "one sign-in for all, answered well: {answer_well}");
        }
        // A refusal is shared with those who waited, not kept for those who come later.
        assert_eq!(shown(&session, &clock(), Ok(granted("new", 1000))).await.expect("token"), "Bearer new");
    }

    #[tokio::test]
    async fn refusing_an_old_token_spares_the_new_one() {
        let (session, clock) = (Session::default(), clock());
        let old = session.authorization(&clock, async { Ok(granted("old", 1000)) }).await.expect("token");
        session.refused(&old).await;
        assert_eq!(shown(&session, &clock, Ok(granted("new", 1000))).await.expect("token"), "Bearer new");
        session.refused(&old).await;
        assert_eq!(shown(&session, &clock, Ok(granted("newer", 1000))).await.expect("token"), "Bearer new");
    }

    #[tokio::test]
    async fn a_renewal_that_may_pass_leaves_the_old_token_in_use() {
        let (session, clock) = (Session::default(), clock());
        shown(&session, &clock, Ok(granted("old", 1000))).await.expect("token");
        clock.advance(Duration::from_secs(950));
        let busy = || Err(Failure::later("busy", None));
        assert_eq!(shown(&session, &clock, busy()).await.expect("token"), "Bearer old");
        clock.advance(Duration::from_secs(51));
        assert!(shown(&session, &clock, busy()).await.is_err(), "an expired token is not used");
    }

    #[tokio::test]
    async fn nothing_shows_the_token() {
        let (session, clock) = (Session::default(), clock());
        let authorization = session.authorization(&clock, async { Ok(granted("s3cret", 10)) }).await.expect("token");
        assert!(!format!("{session:?}{:?}", authorization.value).contains("s3cret"));
    }
}
