//! The one factory of HTTP clients: proxy, private CA, time limits, pool.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use secrecy::{ExposeSecret, SecretString};

/// How a client reaches the other side.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// `http://host:port`, used for every request; credentials may stand in the URL.
    pub proxy: Option<String>,
    /// PEM file of certificates that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// A client certificate and its key, PEM, for servers that ask for one.
    pub identity: Option<SecretString>,
    /// Limit of one request, connect to last byte.
    pub timeout: Option<Duration>,
}

/// A client for one connection or target. Redirects are not followed: a token must not travel to another host.
pub fn client(reach: &Reach) -> Result<reqwest::Client> {
    #[expect(clippy::disallowed_methods, reason = "this is the factory")]
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("joinery/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .timeout(reach.timeout.unwrap_or(Duration::from_secs(120)))
        .pool_idle_timeout(Duration::from_secs(50))
        .no_proxy();
    if let Some(proxy) = &reach.proxy {
        let proxy = reqwest::Proxy::all(proxy)
            .context("`proxy` is not a proxy URL; write it as http://host:port")?
            .no_proxy(reqwest::NoProxy::from_string("127.0.0.1,localhost,::1"));
        builder = builder.proxy(proxy);
    }
    if let Some(path) = &reach.ca_file {
        let pem = std::fs::read(path).with_context(|| format!("`ca_file` {} cannot be read", path.display()))?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .with_context(|| format!("`ca_file` {} holds no PEM certificate", path.display()))?;
        builder = builder.tls_certs_merge(certificates);
    }
    if let Some(pem) = &reach.identity {
        let identity = reqwest::Identity::from_pem(pem.expose_secret().as_bytes())
            .map_err(|_| anyhow!("the client certificate and its key cannot be used for TLS"))?;
        builder = builder.identity(identity);
    }
    builder.build().context("the TLS library could not be set up")
}

#[cfg(test)]
mod tests;
