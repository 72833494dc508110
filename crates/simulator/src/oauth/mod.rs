//! Signing in: `POST /oauth/token` with a SAML bearer assertion, `GET /oauth/validate`, bearer tokens, and Basic
//! where it is switched on.

mod client;
mod form;
mod token;
mod who;

pub use client::{Client, ClientError, ClientKey};
pub(crate) use form::parameters;
pub(crate) use token::{Tokens, grant};
pub(crate) use who::{AccessError, authenticate};
