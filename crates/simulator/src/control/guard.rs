//! Who may drive the tenant by the control API: whoever reaches it, but no page from elsewhere.
//!
//! The API asks nobody who they are, so a browser must not carry orders to it from a page that somebody else wrote: by a
//! form, by a script, or from a name that its owner lets point at this machine (DNS rebinding).

use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};

use super::answer::Wrong;

/// Refuses what a page from elsewhere could have sent. `own` is an address that the tenant goes by beside the ones of
/// loopback.
pub(crate) fn check(method: &Method, headers: &HeaderMap, has_body: bool, own: &str) -> Result<(), Wrong> {
    let refuse = |why: &str| Err((StatusCode::FORBIDDEN, why.to_owned()));
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(header::HOST).unwrap_or_default();
    if !is_known(host, own) {
        return refuse("this name is not one of the simulated tenant's: use its IP address or localhost");
    }
    if let Some(origin) = text(header::ORIGIN)
        && origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) != Some(host)
    {
        return refuse("a page from elsewhere may not drive the simulated tenant");
    }
    let site = headers.get("sec-fetch-site").map(|value| value.to_str().unwrap_or("?"));
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return refuse("a page from elsewhere may not drive the simulated tenant");
    }
    if *method == Method::GET || *method == Method::HEAD {
        return Ok(());
    }
    let kind = text(header::CONTENT_TYPE).map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let is_json = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    // Forms cannot send this type.
    if !is_json && (has_body || kind.is_some()) {
        let why = "send it as JSON, with Content-Type: application/json (curl --json does)";
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, why.to_owned()));
    }
    Ok(())
}

/// Whether nobody outside can have given this name to the machine: an IP address, `localhost`, a name without a dot (of
/// a container), or the tenant's own.
fn is_known(host: &str, own: &str) -> bool {
    let name = name_of(host);
    let own = own.split_once("://").map_or(own, |(_, rest)| rest);
    name.parse::<std::net::IpAddr>().is_ok()
        || name.ends_with(".localhost")
        || (!name.is_empty() && !name.contains('.'))
        || name.eq_ignore_ascii_case(name_of(own.split('/').next().unwrap_or_default()))
}

/// The name without port and brackets.
fn name_of(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(host, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "https://tenant.example.com:443";

    fn judged(method: &str, headers: &[(&'static str, &'static str)], has_body: bool) -> Result<(), u16> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        check(&method.parse().unwrap(), &map, has_body, OWN).map_err(|(status, _)| status.as_u16())
    }

    #[test]
    fn whoever_reaches_it_may() {
        for host in
            ["127.0.0.1:8089", "localhost:8089", "[::1]:8089", "simulator", "tenant.example.com", "me.localhost:1"]
        {
            assert_eq!(judged("GET", &[("host", host)], false), Ok(()), "{host}");
            assert_eq!(judged("POST", &[("host", host), ("content-type", "application/json")], true), Ok(()));
            assert_eq!(judged("POST", &[("host", host)], false), Ok(()), "an order without words");
        }
        let own = [("host", "127.0.0.1:8089"), ("origin", "http://127.0.0.1:8089"), ("sec-fetch-site", "same-origin")];
        assert_eq!(judged("DELETE", &own, false), Ok(()));
    }

    #[test]
    fn a_page_from_elsewhere_may_not() {
        let json = ("content-type", "application/json; charset=utf-8");
        let host = ("host", "127.0.0.1:8089");
        for headers in [
            vec![("host", "evil.example.com:8089"), json],
            vec![("host", ""), json],
            vec![host, json, ("origin", "https://evil.example.com")],
            vec![host, json, ("origin", "null")],
            vec![host, json, ("origin", "http://127.0.0.1:9000")],
            vec![host, json, ("sec-fetch-site", "cross-site")],
            vec![host, json, ("sec-fetch-site", "same-site")],
        ] {
            assert_eq!(judged("POST", &headers, true), Err(403), "{headers:?}");
            assert_eq!(judged("GET", &headers, false), Err(403), "{headers:?}");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            assert_eq!(judged("POST", &[host, ("content-type", kind)], false), Err(415), "{kind}");
        }
        assert_eq!(judged("POST", &[host], true), Err(415));
    }
}
