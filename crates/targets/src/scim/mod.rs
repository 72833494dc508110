//! Any SCIM 2.0 server (RFC 7643, RFC 7644) as a target.

mod account;
mod auth;
mod client;
mod deliver;
mod lookup;
mod pace;
mod server;
mod settings;
mod target;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod testserver;
mod words;

pub use settings::{Auth, Deactivate, SecretPlace, Settings, Update};
pub use target::Scim;
