//! Any SCIM 2.0 server (RFC 7643, RFC 7644) as a target.

mod settings;
mod target;

pub use settings::{Auth, Deactivate, SecretPlace, Settings, Update};
pub use target::Scim;
