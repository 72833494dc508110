//! A connection as it is meant: checked, with its secrets opened.

use std::time::Duration;

use secrecy::SecretString;

use crate::Host;

/// Everything that a [`crate::Transport`] must know about a tenant.
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
    /// How long one request may take.
    pub timeout: Duration,
}

/// How to sign in.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// User and password with every request. Legacy: SAP planned its end for 20 November 2026.
    Basic {
        /// The API user, without the company id.
        user: String,
        /// Its password.
        password: SecretString,
    },
}

impl Settings {
    /// Basic sign-in with everything else at its default.
    pub fn basic(name: &str, host: Host, company_id: &str, user: &str, password: SecretString) -> Self {
        Self {
            name: name.to_owned(),
            host,
            company_id: company_id.to_owned(),
            sign_in: SignIn::Basic { user: user.to_owned(), password },
            timeout: Duration::from_secs(60),
        }
    }
}
