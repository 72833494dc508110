//! The token endpoint: judging a request, giving out tokens, knowing them again.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::application::write_application_token;
use super::who::{self, Account};
use super::{Application, Client, Logins};
use crate::saml::{self, Claims};
use crate::settings::Settings;
use crate::world::World;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";
const AUDIENCE: &str = "www.successfactors.com";

/// Why no token is given: an HTTP status and the sentence of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignInError {
    pub(crate) status: u16,
    pub(crate) message: &'static str,
}

const fn refused(message: &'static str) -> SignInError {
    SignInError { status: 401, message }
}

pub(super) const fn malformed(message: &'static str) -> SignInError {
    SignInError { status: 400, message }
}

/// KBA 3336571.
const SIGNATURE: SignInError = refused(
    "Unable to verify the signature of the SAML assertion. Please ensure that the assertion has a signature and the \
     key pairs match the client ID.",
);
/// KBA 2668018.
const INVALID_USER: SignInError = refused("Unable to authenticate the client (Login failed - invalid user)");
/// KBA 3336550.
const LOCKED: SignInError = refused("Unable to authenticate the client (Login failed - account locked)");
// The sentences below are ours in the style of those above: SAP's are not public.
const INVALID_COMPANY: SignInError = refused("Unable to authenticate the client (Login failed - invalid company)");
pub(super) const INVALID_CLIENT: SignInError =
    refused("Unable to authenticate the client (Login failed - invalid client)");
const AUDIENCE_WRONG: SignInError = refused("The audience of the SAML assertion is not valid.");
const RECIPIENT_WRONG: SignInError = refused("The recipient of the SAML assertion is not valid.");
const OUT_OF_TIME: SignInError = refused("The SAML assertion is not valid yet or has expired.");
const KEY_DIFFERS: SignInError = refused("The API key of the SAML assertion does not match the client ID.");

/// A token as it is answered.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) access_token: String,
    pub(crate) expires_in: i64,
}

#[derive(Clone)]
struct Issued {
    token: String,
    user_id: String,
    expires: Timestamp,
    /// The API permission: only tokens of SAP Cloud Identity Services can lack it.
    permitted: bool,
}

/// Applications get a new token each time they ask; of theirs this many are remembered.
const MOST: usize = 10_000;

/// The tokens that are out: one for each client and user, any number for an application.
#[derive(Default)]
pub(crate) struct Tokens {
    by_holder: Mutex<HashMap<(String, String), Issued>>,
    of_applications: Mutex<HashMap<String, Issued>>,
    /// Tokens that newer ones took the place of.
    retired: Mutex<HashSet<String>>,
}

/// Whether a token is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenState {
    Valid {
        user_id: String,
    },
    /// Good, and without permission for the API.
    Unpermitted,
    Expired,
    /// In the form of a token, and never given.
    Unknown,
    /// Not in the form of a token.
    Malformed,
}

impl Tokens {
    /// The same token with less time left while it is good, else a new one.
    fn give(&self, client: &Client, user_id: &str, company: &str, now: Timestamp, life: SignedDuration) -> Granted {
        let mut tokens = self.lock();
        let holder = (client.client_id.clone(), user_id.to_owned());
        let held = tokens.get(&holder).filter(|issued| issued.expires > now);
        let issued = match held {
            Some(issued) => issued.clone(),
            None => {
                let expires = now.saturating_add(life).unwrap_or(now);
                let token = write_token(client, user_id, company, now, expires);
                let issued = Issued { token, user_id: user_id.to_owned(), expires, permitted: true };
                if let Some(old) = tokens.insert(holder, issued.clone()) {
                    let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
                    if retired.len() >= MOST {
                        retired.clear();
                    }
                    retired.insert(old.token);
                }
                issued
            }
        };
        let left = issued.expires.duration_since(now).as_secs();
        Granted { access_token: issued.token, expires_in: left }
    }

    /// A new token of SAP Cloud Identity Services.
    pub(super) fn give_application(&self, application: &Application, now: Timestamp, life: SignedDuration) -> Granted {
        let expires = now.saturating_add(life).unwrap_or(now);
        let token = write_application_token(application, now, expires);
        let (user_id, permitted) = (application.user_id.clone(), application.dependency.is_some());
        let mut tokens = self.of_applications.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MOST {
            tokens.retain(|_, issued| issued.expires > now);
        }
        if tokens.len() >= MOST {
            // All live equally long, so what ends first is the oldest. Half goes, not to look for it each time.
            let mut ends: Vec<Timestamp> = tokens.values().map(|issued| issued.expires).collect();
            let (_, middle, _) = ends.select_nth_unstable(MOST / 2);
            let mut over = tokens.len().saturating_sub(MOST / 2);
            let middle = *middle;
            tokens.retain(|_, issued| {
                let goes = over > 0 && issued.expires <= middle;
                over -= usize::from(goes);
                !goes
            });
        }
        tokens.insert(token.clone(), Issued { token: token.clone(), user_id, expires, permitted });
        Granted { access_token: token, expires_in: expires.duration_since(now).as_secs() }
    }

    /// Looks a token up.
    pub(super) fn look_up(&self, token: &str, now: Timestamp) -> TokenState {
        let of_application = self.of_applications.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned();
        let issued = of_application.or_else(|| self.lock().values().find(|issued| issued.token == token).cloned());
        match issued {
            Some(issued) if issued.expires > now && !issued.permitted => TokenState::Unpermitted,
            Some(issued) if issued.expires > now => TokenState::Valid { user_id: issued.user_id },
            Some(_) => TokenState::Expired,
            None if self.retired.lock().unwrap_or_else(PoisonError::into_inner).contains(token) => TokenState::Expired,
            None => match end_of(token) {
                Some(end) if end <= now => TokenState::Expired,
                Some(_) => TokenState::Unknown,
                None => TokenState::Malformed,
            },
        }
    }

    /// Makes every token expired.
    pub(crate) fn expire_all(&self, now: Timestamp) {
        let end = |issued: &mut Issued| issued.expires = issued.expires.min(now);
        self.lock().values_mut().for_each(end);
        self.of_applications.lock().unwrap_or_else(PoisonError::into_inner).values_mut().for_each(end);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), Issued>> {
        self.by_holder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Base64 of JSON, in the shape of real tokens. The signature is filler: tokens are known by look-up.
fn write_token(client: &Client, user_id: &str, company: &str, issued: Timestamp, expires: Timestamp) -> String {
    let mut filler = [0_u8; 128];
    // Without randomness the token is still unique: holder and instant are in it.
    let _ = aws_lc_rs::rand::fill(&mut filler);
    let content = json!({
        "tokenContent": {
            "apiKey": client.client_id,
            "sfPrinciple": format!("{user_id}#DIV#{company}"),
            "issuedFor": client.name,
            "scope": "",
            "issuedAt": issued.as_millisecond(),
            "expiresAt": expires.as_millisecond(),
        },
        "signature": STANDARD.encode(filler),
    });
    STANDARD.encode(content.to_string())
}

/// When a token says that it is over, whoever gave it; `None` when it is none.
fn end_of(token: &str) -> Option<Timestamp> {
    let read = |bytes: Vec<u8>| serde_json::from_slice::<serde_json::Value>(&bytes).ok();
    if let [_, claims, _] = token.split('.').collect::<Vec<_>>()[..] {
        return Timestamp::from_second(read(URL_SAFE_NO_PAD.decode(claims).ok()?)?.get("exp")?.as_i64()?).ok();
    }
    let content = read(STANDARD.decode(token).ok()?)?;
    Timestamp::from_millisecond(content.pointer("/tokenContent/expiresAt")?.as_i64()?).ok()
}

/// Who asks a capture: anybody.
pub(crate) const ANYBODY: &str = "API_USER";

/// A token for whoever asks: a capture holds nobody's secret, and needs none.
pub(crate) fn grant_anybody(tokens: &Tokens, now: Timestamp, life: SignedDuration) -> Granted {
    tokens.give_application(&Application::new("replay", ANYBODY), now, life)
}

/// Judges a token request and answers it. `parameters` are those of the body and of the query string.
pub(crate) fn grant(
    parameters: &[(String, String)],
    settings: &Settings,
    world: &World,
    (tokens, logins): (&Tokens, &Logins),
    (now, source_now): (Timestamp, Timestamp),
) -> Result<Granted, SignInError> {
    let get = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if get("grant_type") != Some(GRANT) {
        return Err(malformed("The parameter grant_type is missing or not supported."));
    }
    let client_id = get("client_id").ok_or(malformed("The parameter client_id is missing."))?;
    let company = get("company_id").ok_or(malformed("The parameter company_id is missing."))?;
    let assertion = get("assertion").ok_or(malformed("The parameter assertion is missing."))?;
    if company != settings.company_id {
        return Err(INVALID_COMPANY);
    }
    let client = settings.clients.iter().find(|client| client.client_id == client_id).ok_or(INVALID_CLIENT)?;
    let packed: String = assertion.split_ascii_whitespace().collect();
    let xml = STANDARD.decode(packed).map_err(|_| malformed("The parameter assertion is not base64."))?;
    let claims = saml::open(&xml, &client.key).map_err(|error| {
        tracing::debug!(%error, client_id, "sign-in refused");
        SIGNATURE
    })?;
    judge(&claims, client, settings, now, source_now)?;
    let account = find_account(&claims, settings, world).ok_or(INVALID_USER)?;
    if !account.active || (!client.users.is_empty() && !client.users.contains(&account.user_id)) {
        return Err(INVALID_USER);
    }
    if logins.rules(&account.user_id).locked {
        return Err(LOCKED);
    }
    Ok(tokens.give(client, &account.user_id, company, now, settings.token_lifetime))
}

fn judge(
    claims: &Claims,
    client: &Client,
    settings: &Settings,
    now: Timestamp,
    source_now: Timestamp,
) -> Result<(), SignInError> {
    if !claims.audiences.iter().any(|audience| audience == AUDIENCE) {
        return Err(AUDIENCE_WRONG);
    }
    let fits = |recipient: &str| {
        let recipient = recipient.trim_end_matches('/');
        recipient.ends_with("/oauth/token") || recipient.ends_with("/odata/v2")
    };
    if !claims.recipient.as_deref().is_some_and(fits) {
        return Err(RECIPIENT_WRONG);
    }
    let skew = settings.skew;
    let within = |now: Timestamp| {
        let early = claims.not_before.is_some_and(|start| start.duration_since(now) > skew);
        let late = now.duration_since(claims.not_on_or_after) >= skew;
        !early && !late
    };
    // A client signs by its own clock. When the tenant's is moved about, clients on a real one must still get in.
    if !within(now) && (settings.strict_clock || !within(source_now)) {
        return Err(OUT_OF_TIME);
    }
    if claims.attribute("api_key").unwrap_or(&claims.issuer) != client.client_id {
        return Err(KEY_DIFFERS);
    }
    Ok(())
}

fn find_account(claims: &Claims, settings: &Settings, world: &World) -> Option<Account> {
    // Some clients write `user@company`; the company is what follows the last `@`, and only when it is ours.
    let name = claims.name_id.as_str();
    let bare = name.strip_suffix(settings.company_id.as_str()).and_then(|rest| rest.strip_suffix('@'));
    let names = [Some(name), bare];
    let mut names = names.into_iter().flatten();
    if claims.flag("use_username") {
        names.find_map(|name| who::by_username(world, name))
    } else if claims.flag("use_email") {
        names.find_map(|name| who::by_email(world, name))
    } else {
        names.find_map(|name| who::by_user_id(world, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_tokens_of_applications_go() {
        let (tokens, application) = (Tokens::default(), Application::new("app", "admin"));
        let life = SignedDuration::from_hours(1);
        let at = |second: usize| Timestamp::from_second(second as i64 / 4).unwrap();
        let given: Vec<Granted> =
            (0..=MOST).map(|number| tokens.give_application(&application, at(number), life)).collect();
        let known = tokens.of_applications.lock().unwrap().len();
        assert!(known <= MOST, "{known}");
        let state = |number: usize| tokens.look_up(&given[number].access_token, at(MOST));
        assert_eq!(state(0), TokenState::Unknown);
        assert_eq!(state(MOST), TokenState::Valid { user_id: "admin".to_owned() });
        assert_eq!(state(MOST - 1), TokenState::Valid { user_id: "admin".to_owned() });
    }
}
