//! `[connection.*]` → what a tenant is reached with.

use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use joinery_tenant::{Api, PaceLimits, PlainHttp, Settings, Typed, fixed_zone};

use super::problem::Problem;
use super::typed::{ApiVersion, ConnectionTable, SignInWord};
use super::{duration, sign_in};
use crate::http::Reach;
use crate::shelf::Folder;

/// Where the simulated tenant serves people over v4; no tenant of SuccessFactors does.
const SIMULATED_ROOT: &str = "odatav4/joinery/Simulated.svc/v1";

/// A connection as meant.
pub struct MeantConnection {
    /// How to sign in and how fast to ask.
    pub settings: Settings,
    /// The HTTP client's way out.
    pub reach: Reach,
    /// People a page.
    pub page_size: u16,
    /// The zone of the server's wall clock.
    pub zone: TimeZone,
    /// Where metadata is kept between runs, and how long it is believed.
    pub shelf: Option<(Folder, SignedDuration)>,
}

/// What can be told to be wrong without opening a secret: key and message.
pub fn check(table: &ConnectionTable) -> Vec<(&'static str, String)> {
    let mut wrong = Vec::new();
    wrong.extend(sign_in::check(table));
    if let Some(Err(message)) = table.timeout.as_deref().map(duration::parse) {
        wrong.push(("timeout", message));
    }
    if let Some(size) = table.page_size
        && !(1..=1000).contains(&size)
    {
        wrong.push(("page_size", "a page has 1 to 1000 people (SuccessFactors gives no more)".to_owned()));
    }
    if table.parallel == Some(0) {
        wrong.push(("parallel", "at least one request must be allowed".to_owned()));
    }
    match (table.api_version, table.v4_root.as_deref()) {
        (ApiVersion::V2, Some(_)) => wrong.push(("v4_root", "is for api_version = \"v4\"; remove it".to_owned())),
        (ApiVersion::V4, Some(root)) if root.trim_matches('/').is_empty() || root.contains(['?', '#', ' ', ':']) => {
            wrong.push(("v4_root", "is no path below the API server, such as odatav4/area/Service.svc/v1".to_owned()));
        }
        _ => {}
    }
    if table.api_version == ApiVersion::V4 && table.sign_in == SignInWord::Basic {
        let why = "SuccessFactors' v4 services take no Basic; use sign_in = \"saml_bearer\", or api_version = \"v2\"";
        wrong.push(("api_version", why.to_owned()));
    }
    if table.rate.is_some_and(|rate| !rate.is_finite() || rate < PaceLimits::SLOWEST) {
        wrong.push((
            "rate",
            "give the most requests a second, like 10 or 0.5 (0.01 at the least); leave it out for no limit".to_owned(),
        ));
    }
    if let Err(error) = zone(table) {
        wrong.push(error);
    }
    wrong
}

/// Opens the secrets and checks all of it.
pub fn open(name: &str, table: &ConnectionTable, base: &Path) -> Result<MeantConnection, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut keep = |key: &str, message: String| {
        problems.push(Problem { key: format!("connection.{name}.{key}"), line: None, message });
    };
    for (key, message) in check(table) {
        keep(key, message);
    }
    let sign_in = sign_in::open(table, base, &mut keep);
    let Some(sign_in) = sign_in else { return Err(problems) };
    let timeout = table.timeout.as_deref().map_or(Ok(Duration::from_secs(60)), duration::parse).unwrap_or_default();
    let typed = Typed {
        name: name.to_owned(),
        api_server: table.api_server.clone(),
        plain_http: PlainHttp::LoopbackOnly,
        company_id: table.company_id.clone(),
        sign_in,
        timeout,
    };
    match typed.check() {
        Ok(mut settings) if problems.is_empty() => {
            if table.api_version == ApiVersion::V4 {
                let root = table.v4_root.as_deref().unwrap_or(SIMULATED_ROOT);
                settings.api = Api::V4(root.trim_matches('/').to_owned());
            }
            if let Some(parallel) = table.parallel {
                settings.pace.concurrency = parallel;
            }
            settings.pace.per_second = table.rate;
            let identity = settings.tls_identity().map_err(|error| {
                let key = format!("connection.{name}.{}", error.setting);
                vec![Problem { key, line: None, message: error.message }]
            })?;
            Ok(MeantConnection {
                settings,
                reach: Reach {
                    identity,
                    proxy: table.proxy.clone(),
                    ca_file: table.ca_file.as_ref().map(|file| base.join(file)),
                    timeout: Some(timeout),
                },
                page_size: table.page_size.unwrap_or(200),
                zone: zone(table).unwrap_or(TimeZone::UTC),
                shelf: None,
            })
        }
        Ok(_) => Err(problems),
        Err(wrong) => {
            for error in wrong {
                problems.push(Problem {
                    key: format!("connection.{name}.{}", error.setting),
                    line: None,
                    message: error.message,
                });
            }
            Err(problems)
        }
    }
}

fn zone(table: &ConnectionTable) -> Result<TimeZone, (&'static str, String)> {
    match (table.server_zone.as_deref(), table.datetime_offset.as_deref()) {
        (None, None) => Ok(TimeZone::UTC),
        (Some(_), Some(_)) => Err((
            "datetime_offset",
            "says the same as server_zone; give one of them (server_zone where the clock changes with the season)"
                .to_owned(),
        )),
        (None, Some(offset)) => fixed_zone(offset).map_err(|error| (error.setting, error.message)),
        (Some(name), None) => TimeZone::get(name).map_err(|_| {
            ("server_zone", format!("`{name}` is no time zone; give an IANA name such as Europe/Berlin, or UTC"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone_of(lines: &str) -> Result<TimeZone, (&'static str, String)> {
        let text = format!("api_server = \"a\"\ncompany_id = \"C\"\nsign_in = \"ias\"\n{lines}");
        zone(&toml::from_str(&text).expect("a connection"))
    }

    #[test]
    fn the_servers_clock_is_set_by_name_or_by_offset_and_nonsense_is_refused() {
        let offset = |lines: &str| {
            let zone = zone_of(lines).expect("a zone");
            zone.to_fixed_offset().expect("fixed").seconds()
        };
        assert_eq!((offset(""), offset("datetime_offset = \"-03:30\"")), (0, -12_600));
        assert_eq!(offset("server_zone = \"UTC\""), 0);
        for (lines, key, part) in [
            ("datetime_offset = \"2h\"", "datetime_offset", "+05:30"),
            ("datetime_offset = \"+25:00\"", "datetime_offset", "-12:00 to +14:00"),
            ("server_zone = \"Berlin\"", "server_zone", "IANA"),
            ("server_zone = \"UTC\"\ndatetime_offset = \"+00:00\"", "datetime_offset", "one of them"),
        ] {
            let (at, message) = zone_of(lines).expect_err(lines);
            assert!(at == key && message.contains(part), "{lines}: {at} {message}");
        }
    }
}
