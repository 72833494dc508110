//! Signing in: `POST /oauth/token` with a SAML bearer assertion, `POST /oauth2/token` as SAP Cloud Identity Services,
//! `GET /oauth/validate`, bearer tokens, client certificates and Basic where they are switched on.

mod application;
mod authority;
mod client;
mod form;
mod idp;
mod logins;
mod token;
mod who;

pub use application::Application;
pub(crate) use application::grant_application;
pub use authority::{Authority, ClientCertificate, MutualTls};
pub(crate) use authority::{Fingerprint, fingerprint};
pub use client::{Client, ClientError, ClientKey};
pub(crate) use form::parameters;
pub(crate) use idp::sign as sign_for_client;
pub(crate) use logins::Logins;
pub use logins::SignInRules;
pub(crate) use token::{ANYBODY, Granted, SignInError, Tokens, grant, grant_anybody};
pub(crate) use who::{AccessError, Shown, authenticate};
