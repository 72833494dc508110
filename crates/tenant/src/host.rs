//! The API server, however it was typed.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::SettingError;

/// Where a tenant's APIs live: scheme, host, port, and whatever a gateway puts before `/odata/v2`.
#[derive(Clone, PartialEq, Eq)]
pub struct Host {
    /// Without path, query or fragment.
    origin: Url,
    /// Empty, or `/…` without a trailing slash.
    prefix: String,
}

/// Whether plain `http` may be used beyond the loopback interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// Only to this machine: a simulator, a test.
    #[default]
    LoopbackOnly,
    /// Anywhere: the operator said so.
    Anywhere,
}

const SETTING: &str = "api_server";

impl Host {
    /// Reads `api012.successfactors.eu` in any spelling: with a scheme, a trailing slash, `/odata/v2`, `:443`, capitals,
    /// blanks around it. Without a scheme it is `https`.
    ///
    /// # Errors
    /// Names what is wrong and gives a spelling that works.
    pub fn parse(typed: &str, plain_http: PlainHttp) -> Result<Self, SettingError> {
        let wrong = |why: &str| {
            Err(SettingError::new(SETTING, format!("{why}; write the API server alone, like api012.successfactors.eu")))
        };
        let typed = typed.trim();
        if typed.is_empty() {
            return wrong("is empty");
        }
        let absolute = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
        let Ok(url) = Url::parse(&absolute) else {
            return wrong("is not a host name");
        };
        if !matches!(url.scheme(), "http" | "https") {
            return wrong("must be https");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("must not carry a user or a password (they have settings of their own)");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("must not carry a query");
        }
        let Some(name) = url.host_str() else {
            return wrong("has no host name");
        };
        let loopback = is_loopback(name);
        if url.scheme() == "http" && !loopback && plain_http == PlainHttp::LoopbackOnly {
            return wrong("is plain http, which would send the token unencrypted: use https");
        }
        if !loopback && !name.contains('.') && plain_http == PlainHttp::LoopbackOnly {
            return wrong("is not a full host name");
        }
        let prefix = prefix_of(url.path()).to_owned();
        let mut origin = url;
        origin.set_path("");
        origin.set_query(None);
        Ok(Self { origin, prefix })
    }

    /// The URL of a path below the API server (`odata/v2/User?$top=1`), or of an absolute URL that the tenant handed
    /// out (`__next`) with its scheme, host and port replaced by ours. Path and query stay as they are.
    ///
    /// Tenants hand out `:443`, internal names behind a proxy, or an old domain; only the configured host is known to
    /// answer, and only it may see the token.
    ///
    /// # Errors
    /// When it is no URL path.
    pub fn url(&self, path_or_url: &str) -> Result<Url, SettingError> {
        let text = match path_or_url.find("://") {
            Some(at) if at < 6 && !path_or_url.starts_with('/') => {
                let rest = &path_or_url[at + 3..];
                rest.find(['/', '?']).map_or("", |slash| &rest[slash..])
            }
            _ => path_or_url,
        };
        let text = text.trim_start_matches('/');
        let own = self.prefix.trim_start_matches('/');
        let joined = if own.is_empty() || text.starts_with(&format!("{own}/")) {
            format!("{}{text}", self.origin)
        } else {
            format!("{}{own}/{text}", self.origin)
        };
        // The origin ends with a slash, so nothing that follows can change the host.
        Url::parse(&joined)
            .map_err(|_| SettingError::new(SETTING, "gives no valid URL together with the path asked for"))
    }

    /// `https://host/odata/v2`, as assertions name it.
    pub fn odata(&self) -> String {
        format!("{self}/odata/v2")
    }

    /// `https://host/oauth/token`.
    pub fn token(&self) -> String {
        format!("{self}/oauth/token")
    }

    /// The host name alone.
    pub fn name(&self) -> &str {
        self.origin.host_str().unwrap_or_default()
    }

    /// The host name, with its port where that is not the usual one.
    pub fn authority(&self) -> String {
        self.origin.port().map_or_else(|| self.name().to_owned(), |port| format!("{}:{port}", self.name()))
    }

    /// Whether it is spoken to without encryption.
    pub fn is_plain(&self) -> bool {
        self.origin.scheme() == "http"
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.name())
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin.as_str().trim_end_matches('/'), self.prefix)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({self})")
    }
}

/// What a gateway puts before the API: the path less `/odata/v2` and slashes.
fn prefix_of(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let lower = path.to_ascii_lowercase();
    for api in ["/odata/v2", "/oauth/token", "/odata"] {
        if lower.ends_with(api) {
            return path[..path.len() - api.len()].trim_end_matches('/');
        }
    }
    path
}

fn is_loopback(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn host(typed: &str) -> Host {
        Host::parse(typed, PlainHttp::LoopbackOnly).expect(typed)
    }

    #[test]
    fn every_spelling_is_the_same_host() {
        for typed in [
            "api012.successfactors.eu",
            " API012.SuccessFactors.EU ",
            "https://api012.successfactors.eu",
            "https://api012.successfactors.eu/",
            "https://api012.successfactors.eu:443/odata/v2",
            "api012.successfactors.eu:443",
            "HTTPS://api012.successfactors.eu/odata/v2/",
            "api012.successfactors.eu/oauth/token",
        ] {
            assert_eq!(host(typed).to_string(), "https://api012.successfactors.eu", "{typed}");
        }
    }

    #[test]
    fn a_gateway_prefix_is_kept() {
        let host = host("https://sandbox.api.sap.com/successfactors/odata/v2");
        assert_eq!(host.odata(), "https://sandbox.api.sap.com/successfactors/odata/v2");
        assert_eq!(
            host.url("odata/v2/User").expect("url").as_str(),
            "https://sandbox.api.sap.com/successfactors/odata/v2/User"
        );
        let next = "https://inner:443/successfactors/odata/v2/User?$skiptoken=a";
        assert_eq!(
            host.url(next).expect("url").as_str(),
            "https://sandbox.api.sap.com/successfactors/odata/v2/User?$skiptoken=a"
        );
    }

    #[test]
    fn the_next_page_keeps_path_and_query_and_loses_its_host() {
        let host = host("http://127.0.0.1:9000");
        let next = "https://other.example:443/odata/v2/User?$select=userId%2Cstatus&$skiptoken=eyJzIjoxfQ%3D%3D&x=a+b";
        assert_eq!(
            host.url(next).expect("url").as_str(),
            "http://127.0.0.1:9000/odata/v2/User?$select=userId%2Cstatus&$skiptoken=eyJzIjoxfQ%3D%3D&x=a+b"
        );
        assert_eq!(
            host.url("/odata/v2/User?u=https://evil.example/").expect("url").as_str(),
            "http://127.0.0.1:9000/odata/v2/User?u=https://evil.example/"
        );
    }

    #[test]
    fn no_path_leads_to_another_host() {
        let host = host("https://api012.successfactors.eu");
        for path in ["//evil.example/x", "\\\\evil.example/x", "@evil.example/x", ":99999/x", "https://evil.example"] {
            if let Ok(url) = host.url(path) {
                assert_eq!(url.host_str(), Some("api012.successfactors.eu"), "{path}");
            }
        }
    }

    proptest! {
        /// A tenant chooses its `__next`; whatever it writes there, the token goes to the configured host alone.
        #[test]
        fn nothing_a_tenant_writes_leads_elsewhere(
            start in "(https?://|//|/|\\\\|@|:|)",
            middle in "[a-z.@:/?#%\\\\\\[\\] ]{0,20}",
            end in "\\PC{0,10}",
        ) {
            let host = host("https://api012.successfactors.eu/gw");
            if let Ok(url) = host.url(&format!("{start}{middle}{end}")) {
                prop_assert_eq!(url.origin(), host.origin.origin());
                prop_assert!(url.username().is_empty() && url.password().is_none(), "{}", url);
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (typed, part) in [
            ("", "empty"),
            ("http://api012.successfactors.eu", "plain http"),
            ("ftp://api012.successfactors.eu", "https"),
            ("https://u:p@api012.successfactors.eu", "user"),
            ("https://api012.successfactors.eu/?company=A", "query"),
            ("api012", "full host name"),
            ("https://", "host"),
            ("a b.example", "host"),
        ] {
            let error = Host::parse(typed, PlainHttp::LoopbackOnly).expect_err(typed);
            assert_eq!(error.setting, "api_server");
            assert!(error.message.contains(part), "{typed}: {error}");
        }
        assert!(Host::parse("http://sf.inner.example:8080", PlainHttp::Anywhere).is_ok());
        assert!(Host::parse("http://[::1]:8080", PlainHttp::LoopbackOnly).is_ok());
    }
}
