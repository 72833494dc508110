//! Who is behind a request.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;

use super::Fingerprint;
use super::token::TokenState;
use crate::schema::Set;
use crate::schema::user::user::P;
use crate::simulator::Tenant;
use crate::world::{AsOf, Cell, KeyPart, RowId, World};

/// A user account, as far as signing in looks at it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) user_id: String,
    pub(super) active: bool,
}

/// Why a request is not let in: the login errors of KBA 2524436.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AccessError {
    /// LGN0002
    Unpermitted,
    /// LGN0003
    Missing,
    /// LGN0004: not at this host
    NotHere,
    /// LGN0004: a certificate that is mapped to no active user
    Unmapped,
    /// LGN0005
    NoToken,
    /// LGN0007
    Unknown,
    /// LGN0008, with the company that was named
    Company(String),
    /// LGN0009
    NotEnabled,
    /// LGN0010
    BasicOff,
    /// LGN0015, status code 4
    Wrong,
    /// LGN0015, status code 8
    Address,
    /// LGN0015, status code 13
    Locked,
    /// LGN0018, status code 19
    PasswordExpired,
    /// LGN0022, or LGN0006
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

/// What a request says of whoever sends it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shown<'a> {
    /// The header `Authorization`.
    pub(crate) authorization: Option<&'a str>,
    /// The client certificate that the connection was begun with.
    pub(crate) certificate: Option<Fingerprint>,
    /// Where it comes from.
    pub(crate) address: Option<IpAddr>,
}

/// The userId behind a request. The company is looked at only where a name must be looked up.
pub(crate) fn authenticate(shown: Shown<'_>, tenant: &Tenant) -> Result<String, AccessError> {
    let user = match (shown.authorization, shown.certificate, &tenant.settings.mutual_tls) {
        // An Authorization header counts more: a proxy may show a certificate of its own.
        (None, Some(certificate), Some(mutual)) => certified(&certificate, &mutual.mapping, &tenant.read_world()),
        _ => by_header(shown, tenant),
    }?;
    if tenant.settings.switches.odata_enabled { Ok(user) } else { Err(AccessError::NotEnabled) }
}

/// The userId behind a client certificate.
fn certified(
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

fn by_header(shown: Shown<'_>, tenant: &Tenant) -> Result<String, AccessError> {
    let header = shown.authorization.and_then(|header| header.trim().split_once(' '));
    let (scheme, value) = header.ok_or(AccessError::Missing)?;
    let (bearer, basic) = (scheme.eq_ignore_ascii_case("bearer"), scheme.eq_ignore_ascii_case("basic"));
    if !bearer && !basic {
        return Err(AccessError::Missing);
    }
    if !tenant.settings.switches.api_host {
        return Err(AccessError::NotHere);
    }
    if basic {
        return by_password(value.trim(), shown.address, tenant);
    }
    match tenant.tokens.look_up(value.trim(), tenant.time.now()) {
        TokenState::Valid { user_id } => Ok(user_id),
        TokenState::Unpermitted => Err(AccessError::Unpermitted),
        TokenState::Expired => Err(AccessError::Expired),
        TokenState::Unknown => Err(AccessError::Unknown),
        TokenState::Malformed => Err(AccessError::NoToken),
    }
}

fn by_password(value: &str, address: Option<IpAddr>, tenant: &Tenant) -> Result<String, AccessError> {
    let settings = &tenant.settings;
    let Some(everybodys) = &settings.basic_password else { return Err(AccessError::BasicOff) };
    let decoded =
        STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(AccessError::Wrong)?;
    let (login, given) = decoded.split_once(':').ok_or(AccessError::Wrong)?;
    // User names may be e-mail addresses: the company is what follows the last `@`.
    let (name, company) = login.rsplit_once('@').ok_or(AccessError::Wrong)?;
    if company != settings.company_id {
        return Err(AccessError::Company(company.to_owned()));
    }
    let world = tenant.read_world();
    let account = by_user_id(&world, name).or_else(|| by_username(&world, name)).filter(|account| account.active);
    let user = account.ok_or(AccessError::Wrong)?.user_id;
    let rules = tenant.logins.rules(&user);
    if rules.locked {
        return Err(AccessError::Locked);
    }
    if !rules.addresses.is_empty() && !address.is_some_and(|address| rules.addresses.contains(&address)) {
        return Err(AccessError::Address);
    }
    let written = if settings.switches.written_passwords { world.password_of(&user, given) } else { None };
    let (right, since) = match written {
        Some((right, since)) => (right, since.millis()),
        None => (given == everybodys.expose_secret(), settings.seed.now.as_millisecond()),
    };
    if !right {
        tenant.logins.failed(&user, settings.lock_after);
        return Err(AccessError::Wrong);
    }
    tenant.logins.passed(&user);
    let age = tenant.time.now().as_millisecond() - since;
    let over = settings.password_age.is_some_and(|most| i128::from(age) >= most.as_millis());
    if over || rules.password_expired { Err(AccessError::PasswordExpired) } else { Ok(user) }
}
