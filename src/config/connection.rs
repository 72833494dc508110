//! `[connection.*]` → what a tenant is reached with.

use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;
use joinery_tenant::{PlainHttp, Settings, Typed};

use super::problem::Problem;
use super::typed::ConnectionTable;
use super::{duration, sign_in};
use crate::http::Reach;

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
    if let Err(message) = zone(table) {
        wrong.push(("server_zone", message));
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
            if let Some(parallel) = table.parallel {
                settings.pace.concurrency = parallel;
            }
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

fn zone(table: &ConnectionTable) -> Result<TimeZone, String> {
    match table.server_zone.as_deref() {
        None => Ok(TimeZone::UTC),
        Some(name) => TimeZone::get(name)
            .map_err(|_| format!("`{name}` is no time zone; give an IANA name such as Europe/Berlin, or UTC")),
    }
}
