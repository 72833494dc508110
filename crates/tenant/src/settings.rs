//! A connection as it is meant: checked, with its secrets opened.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use joinery_model::{Finding, FindingKind};
use secrecy::{ExposeSecret as _, SecretString};

use crate::assertion::{AssertionStyle, UserIs};
use crate::certificate::{Certificate, Expiry};
use crate::key::SigningKey;
use crate::pace::PaceLimits;
use crate::patience::Patience;
use crate::{Host, SettingError, pem};

/// Everything that a [`crate::Transport`] must know about a tenant. Made from [`crate::Typed`], which checks it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The connection's name, for messages: `acme` of `[connection.acme]`.
    pub name: String,
    /// The API server.
    pub host: Host,
    /// The company id; its case matters.
    pub company_id: String,
    /// Who we are.
    pub sign_in: SignIn,
    /// Which version of OData is spoken.
    pub api: Api,
    /// How long one request may take, body included.
    pub timeout: Duration,
    /// How fast we may ask.
    pub pace: PaceLimits,
    /// What is tried again.
    pub patience: Patience,
    /// The largest answer that is taken, in bytes.
    pub largest_answer: usize,
}

/// Which version of OData is spoken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Api {
    /// v2, by which SuccessFactors serves its people.
    #[default]
    V2,
    /// v4, at this path below the API server, without slashes at its ends. No SuccessFactors tenant serves people so; the
    /// simulated one does.
    V4(String),
}

/// How to sign in. `Debug` shows no user: it may be a person's name or address.
#[derive(Clone)]
pub enum SignIn {
    /// OAuth 2.0 with a SAML bearer assertion (RFC 7522).
    SamlBearer(SamlBearer),
    /// A client certificate: the HTTP client shows it, see [`Settings::tls_identity`].
    X509(X509),
    /// A token that SAP Cloud Identity Services issue (RFC 6749 section 4.4).
    Ias(Ias),
    /// User and password with every request. Legacy: SAP planned its end for 20 November 2026.
    Basic {
        /// The API user, without the company id.
        user: String,
        /// Its password.
        password: SecretString,
    },
}

/// What an assertion is made from.
#[derive(Clone)]
pub struct SamlBearer {
    /// The API key of "Manage OAuth2 Client Applications".
    pub client_id: String,
    /// The API user, without the company id.
    pub user: String,
    /// What `user` is.
    pub user_is: UserIs,
    /// The assertion's shape.
    pub style: AssertionStyle,
    /// What signs it.
    pub key: SigningKey,
    /// Its certificate, when known: it goes along, and its expiry is watched.
    pub certificate: Option<Certificate>,
}

/// A client certificate, which the HTTP client shows during the TLS handshake.
#[derive(Clone)]
pub struct X509 {
    /// Its private key.
    pub key: SigningKey,
    /// The certificate.
    pub certificate: Certificate,
    /// What it descends from, as far as the file says, nearest first.
    pub chain: Vec<Certificate>,
}

/// An application of SAP Cloud Identity Services that may use the tenant's APIs.
#[derive(Clone)]
pub struct Ias {
    /// The Cloud Identity Services tenant, `https://acme.accounts.ondemand.com`.
    pub token_server: Host,
    /// The application's client id.
    pub client_id: String,
    /// The API that the token is for, when the application depends on several:
    /// `urn:sap:identity:application:provider:name:…`.
    pub resource: Option<String>,
    /// How the application proves who it is.
    pub client: IasClient,
}

/// How an application proves who it is.
#[derive(Clone)]
pub enum IasClient {
    /// By a secret (RFC 6749 section 2.3.1).
    Secret(SecretString),
    /// By a signed assertion (RFC 7523 section 2.2).
    Assertion {
        /// What signs it.
        key: SigningKey,
        /// Its certificate, when known: its expiry is watched.
        certificate: Option<Certificate>,
    },
    /// By a client certificate (RFC 8705 section 2).
    Certificate(X509),
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SamlBearer(saml) => saml.fmt(f),
            Self::Ias(ias) => ias.fmt(f),
            Self::X509(x509) => x509.fmt(f),
            Self::Basic { .. } => f.write_str("Basic"),
        }
    }
}

impl fmt::Debug for Ias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let client = match self.client {
            IasClient::Secret(_) => "secret",
            IasClient::Assertion { .. } => "assertion",
            IasClient::Certificate(_) => "certificate",
        };
        f.debug_struct("Ias").field("token_server", &self.token_server).field("client", &client).finish_non_exhaustive()
    }
}

impl fmt::Debug for X509 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("X509").field("key", &self.key).finish_non_exhaustive()
    }
}

impl fmt::Debug for SamlBearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SamlBearer")
            .field("user_is", &self.user_is)
            .field("style", &self.style)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// How long before its end a certificate is spoken of.
const NOTICE: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Settings {
    /// Settings with everything but the sign-in at its default: 60 seconds, two requests at once, answers up to 64 MiB.
    pub fn new(name: &str, host: Host, company_id: &str, sign_in: SignIn) -> Self {
        Self {
            name: name.to_owned(),
            host,
            company_id: company_id.to_owned(),
            sign_in,
            api: Api::V2,
            timeout: Duration::from_mins(1),
            pace: PaceLimits::default(),
            patience: Patience::default(),
            largest_answer: 64 << 20,
        }
    }

    /// Basic sign-in with everything else at its default.
    pub fn basic(name: &str, host: Host, company_id: &str, user: &str, password: SecretString) -> Self {
        Self::new(name, host, company_id, SignIn::Basic { user: user.to_owned(), password })
    }

    /// The certificate whose expiry is watched, when one is given.
    pub fn certificate(&self) -> Option<&Certificate> {
        match &self.sign_in {
            SignIn::SamlBearer(saml) => saml.certificate.as_ref(),
            SignIn::Ias(Ias { client: IasClient::Assertion { certificate, .. }, .. }) => certificate.as_ref(),
            SignIn::X509(x509) | SignIn::Ias(Ias { client: IasClient::Certificate(x509), .. }) => {
                Some(&x509.certificate)
            }
            SignIn::Ias(_) | SignIn::Basic { .. } => None,
        }
    }

    /// The client certificate that the HTTP client shows, when the sign-in is by one.
    pub(crate) fn client_certificate(&self) -> Option<&X509> {
        match &self.sign_in {
            SignIn::X509(x509) | SignIn::Ias(Ias { client: IasClient::Certificate(x509), .. }) => Some(x509),
            _ => None,
        }
    }

    /// What the HTTP client must show: the client certificate with its chain, and its key, as PEM. `None` unless the
    /// sign-in is by certificate.
    ///
    /// # Errors
    /// When the key cannot be written.
    pub fn tls_identity(&self) -> Result<Option<SecretString>, SettingError> {
        let Some(x509) = self.client_certificate() else { return Ok(None) };
        let certificates = std::iter::once(&x509.certificate).chain(&x509.chain);
        let mut text: String = certificates.map(|one| pem::written("CERTIFICATE", one.der())).collect();
        text.push_str(x509.key.pkcs8()?.expose_secret());
        Ok(Some(text.into()))
    }

    /// What works but should be looked at: Basic, plain http, a certificate near its end, an address given as a userId.
    pub fn warnings(&self, now: Timestamp) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut say = |kind, setting: &str, message: String| {
            found.push(Finding { kind, subject: format!("connection.{}.{setting}", self.name), message });
        };
        match &self.sign_in {
            SignIn::Basic { .. } => say(
                FindingKind::Warning,
                "sign_in",
                "Basic sends the password with every request, and SAP planned to switch it off on 20 November 2026; \
                 use sign_in = \"saml_bearer\" (`joinery keys new` makes the key)"
                    .to_owned(),
            ),
            SignIn::SamlBearer(saml) => {
                if saml.user_is == UserIs::UserId && saml.user.contains('@') {
                    say(
                        FindingKind::Warning,
                        "user",
                        "looks like an e-mail address but is sent as a userId; if the sign-in fails with \"invalid \
                         user\", set user_is = \"username\" or \"email\""
                            .to_owned(),
                    );
                }
                if let Some(certificate) = &saml.certificate
                    && let Some((kind, message)) = expiry(
                        certificate.expiry(now, NOTICE),
                        MADE,
                        "register it under Manage OAuth2 Client Applications",
                    )
                {
                    say(kind, "certificate", message);
                }
            }
            SignIn::X509(x509) => {
                let register = "register it in Admin Center, Security Center, X.509 Public Certificate Mapping";
                if let Some((kind, message)) = expiry(x509.certificate.expiry(now, NOTICE), ISSUED, register) {
                    say(kind, "certificate", message);
                }
            }
            SignIn::Ias(ias) => {
                let (watched, get) = match &ias.client {
                    IasClient::Assertion { certificate, .. } => (certificate.as_ref(), MADE),
                    IasClient::Certificate(x509) => (Some(&x509.certificate), ISSUED),
                    IasClient::Secret(_) => (None, MADE),
                };
                if let Some(certificate) = watched
                    && let Some((kind, message)) = expiry(
                        certificate.expiry(now, NOTICE),
                        get,
                        "register it in the application's Client Authentication (SAP Cloud Identity Services)",
                    )
                {
                    say(kind, "certificate", message);
                }
                if ias.token_server.is_plain() && !ias.token_server.is_loopback() {
                    say(
                        FindingKind::Warning,
                        "token_server",
                        "is plain http: the client's proof and the token travel unencrypted".to_owned(),
                    );
                }
            }
        }
        if self.host.is_plain() && !self.host.is_loopback() {
            say(FindingKind::Warning, "api_server", "is plain http: token and data travel unencrypted".to_owned());
        }
        found
    }
}

/// Where the next certificate comes from.
const MADE: &str = "make a new pair with `joinery keys new`";
/// A client certificate is vouched for by an authority.
const ISSUED: &str = "have its authority issue a new one";

/// `get` says where the next one comes from, `register` where it goes.
fn expiry(expiry: Expiry, get: &str, register: &str) -> Option<(FindingKind, String)> {
    match expiry {
        Expiry::Good { .. } => None,
        Expiry::Soon { days } => {
            Some((FindingKind::Warning, format!("expires in {days} days; {get} and {register} before then")))
        }
        Expiry::Expired => Some((FindingKind::Problem, format!("has expired; {get} and {register}"))),
        Expiry::NotYet(from) => Some((
            FindingKind::Problem,
            format!("is not valid before {from}; check this machine's clock, or wait until then"),
        )),
    }
}
