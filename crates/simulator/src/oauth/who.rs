//! Who is behind a request.

use std::collections::BTreeMap;
use std::ops::Deref;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::token::TokenState;
use super::{Fingerprint, Tokens};
use crate::schema::Set;
use crate::schema::user::user::P;
use crate::settings::Settings;
use crate::world::{AsOf, Cell, KeyPart, RowId, World};

/// A user account, as far as signing in looks at it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) user_id: String,
    pub(super) active: bool,
}

/// Why a request is not let in: the login errors of KBA 2524436.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessError {
    /// LGN0002
    Unpermitted,
    /// LGN0003
    Missing,
    /// LGN0004: a certificate that is mapped to no active user
    Unmapped,
    /// LGN0007
    Unknown,
    /// LGN0010
    BasicOff,
    /// LGN0015
    Wrong,
    /// LGN0022
    Expired,
}

pub(super) fn by_user_id(world: &World, user_id: &str) -> Option<Account> {
    account(world, world.find(Set::User, &[KeyPart::Str(user_id)])?)
}

pub(super) fn by_username(world: &World, username: &str) -> Option<Account> {
    first_with(world, P::username, username, false)
}

pub(super) fn by_email(world: &World, email: &str) -> Option<Account> {
    first_with(world, P::email, email, true)
}

fn first_with(world: &World, property: P, text: &str, fold: bool) -> Option<Account> {
    let row = world.rows(Set::User, AsOf::ALL).find(|&row| match world.cell(row, property as usize) {
        Cell::Str(held) => held == text || (fold && held.eq_ignore_ascii_case(text)),
        _ => false,
    })?;
    account(world, row)
}

fn account(world: &World, row: RowId) -> Option<Account> {
    let text = |property: P| match world.cell(row, property as usize) {
        Cell::Str(text) => Some(text),
        _ => None,
    };
    let active = matches!(text(P::status), Some("t" | "T"));
    Some(Account { user_id: text(P::userId)?.to_owned(), active })
}

/// The userId behind a client certificate.
pub(crate) fn certified(
    certificate: &Fingerprint,
    mapping: &BTreeMap<Fingerprint, String>,
    world: &World,
) -> Result<String, AccessError> {
    let login = mapping.get(certificate).ok_or(AccessError::Unmapped)?;
    by_username(world, login)
        .or_else(|| by_user_id(world, login))
        .filter(|account| account.active)
        .map(|account| account.user_id)
        .ok_or(AccessError::Unmapped)
}

/// The userId behind an `Authorization` header. The world is looked at only for Basic.
pub(crate) fn authenticate<W: Deref<Target = World>>(
    header: Option<&str>,
    settings: &Settings,
    world: impl FnOnce() -> W,
    tokens: &Tokens,
    now: Timestamp,
) -> Result<String, AccessError> {
    let (scheme, value) = header.and_then(|header| header.trim().split_once(' ')).ok_or(AccessError::Missing)?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return match tokens.look_up(value, now) {
            TokenState::Valid { user_id } => Ok(user_id),
            TokenState::Unpermitted => Err(AccessError::Unpermitted),
            TokenState::Expired => Err(AccessError::Expired),
            TokenState::Unknown => Err(AccessError::Unknown),
        };
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(AccessError::Missing);
    }
    let Some(password) = &settings.basic_password else {
        return Err(AccessError::BasicOff);
    };
    let decoded =
        STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(AccessError::Wrong)?;
    let (login, given) = decoded.split_once(':').ok_or(AccessError::Wrong)?;
    // User names may be e-mail addresses: the company is what follows the last `@`.
    let (name, company) = login.rsplit_once('@').ok_or(AccessError::Wrong)?;
    if company != settings.company_id || given != password.expose_secret() {
        return Err(AccessError::Wrong);
    }
    let world = world();
    by_user_id(&world, name)
        .or_else(|| by_username(&world, name))
        .filter(|account| account.active)
        .map(|account| account.user_id)
        .ok_or(AccessError::Wrong)
}
