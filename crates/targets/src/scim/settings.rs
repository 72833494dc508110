//! What an operator can set for a SCIM server.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

/// How we sign in to the server.
#[derive(Clone, Debug)]
pub enum Auth {
    /// No credentials.
    None,
    /// A fixed bearer token.
    Bearer(SecretString),
    /// HTTP Basic.
    Basic {
        /// The user's name.
        user: String,
        /// The user's password.
        password: SecretString,
    },
    /// OAuth 2.0 client credentials (RFC 6749, section 4.4): tokens are fetched and renewed by the target.
    ClientCredentials {
        /// The token endpoint.
        token_url: String,
        /// The client.
        client_id: String,
        /// Its secret.
        client_secret: SecretString,
        /// Wanted scope, if the server needs one.
        scope: Option<String>,
        /// Where the client's credentials go.
        send: SecretPlace,
    },
}

/// Where client id and secret stand in a token request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretPlace {
    /// In the `Authorization` header; what RFC 6749 asks every server to accept.
    #[default]
    Header,
    /// In the form body.
    Body,
}

/// How an account is changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    /// PATCH when the server says or shows that it can, else PUT.
    #[default]
    Auto,
    /// PATCH always.
    Patch,
    /// Read, change, PUT.
    Put,
}

/// How an account is made unusable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deactivate {
    /// `active` is set to false the way other attributes are changed.
    #[default]
    Auto,
    /// `active` is set to false by PATCH.
    Patch,
    /// `active` is set to false by PUT.
    Put,
    /// The server keeps no inactive accounts: the engine is told so and plans no disable.
    Never,
}

/// A SCIM server and how to treat it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The base that `/Users` is added to: `https://app.example/scim/v2`.
    pub url: String,
    /// How we sign in.
    pub auth: Auth,
    /// Every attribute and reference that the mapping writes, as SCIM paths in the mapping's spelling:
    /// `userName`, `name.givenName`, `emails[type eq "work"].value`,
    /// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.
    pub attributes: Vec<Arc<str>>,
    /// Attributes that show that an account is ours when a creation collides or is repeated, in order of trust.
    /// `externalId` holds the person's key unless the mapping writes it.
    pub match_by: Vec<Arc<str>>,
    /// How accounts are changed.
    pub update: Update,
    /// How accounts are made unusable.
    pub deactivate: Deactivate,
    /// May accounts be deleted?
    pub delete: bool,
    /// Requests under way at once.
    pub parallel: usize,
    /// Requests a second at the most; `None` is no limit of ours.
    pub rate: Option<f64>,
    /// How long one request may take.
    pub timeout: Duration,
    /// Accounts asked for per page of a listing.
    pub page_size: usize,
}

impl Settings {
    /// A server with every other setting at its default: match by `externalId` then `userName`, 4 requests at once,
    /// no rate limit, 60 seconds a request, pages of 100.
    pub fn new(url: impl Into<String>, auth: Auth, attributes: Vec<Arc<str>>) -> Self {
        Self {
            url: url.into(),
            auth,
            attributes,
            match_by: vec!["externalId".into(), "userName".into()],
            update: Update::Auto,
            deactivate: Deactivate::Auto,
            delete: true,
            parallel: 4,
            rate: None,
            timeout: Duration::from_mins(1),
            page_size: 100,
        }
    }
}
