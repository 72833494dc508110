//! Signing in: `POST /oauth/token` with a SAML bearer assertion, `POST /oauth2/token` as SAP Cloud Identity Services, `GET /oauth/validate`, bearer tokens, and Basic
//! where it is switched on.

mod application;
mod client;
mod form;
mod token;
mod who;

pub use application::Application;
pub(crate) use application::grant_application;
pub use client::{Client, ClientError, ClientKey};
pub(crate) use form::parameters;
pub(crate) use token::{Granted, Tokens, grant};
pub(crate) use who::{AccessError, authenticate};
