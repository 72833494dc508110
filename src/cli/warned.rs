//! What works today and will not for ever (certificates near their end, Basic sign-in, plain http), and what a write-back
//! brings with it.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use jiff::Timestamp;
use joinery_engine::Sync;
use joinery_model::{Clock, Finding, FindingKind};
use tracing::{error, warn};

use super::failure::Wrong;
use crate::config::Configuration;
use crate::{SystemClock, metric};

/// A watch says it again after this long: it runs for years, and logs are thrown away.
const AGAIN: Duration = Duration::from_hours(24);

/// What should be looked at in the connections that a sync uses.
pub fn found(configuration: &Configuration, sync: &Sync, now: Timestamp) -> Result<Vec<Finding>, Wrong> {
    let mut found = configuration.write_back_notices(sync);
    for name in configuration.connections_of(sync) {
        found.extend(configuration.open_connection(name)?.settings.warnings(now));
    }
    Ok(found)
}

/// Logs it, once for a command.
pub fn log(configuration: &Configuration, sync: &Sync) -> Result<(), Wrong> {
    found(configuration, sync, SystemClock.now()).map(|found| found.iter().for_each(line))
}

/// Logs it for several syncs, and when each certificate ends as a figure; again every day.
pub async fn daily(configuration: &Configuration, syncs: &[&Sync]) -> Infallible {
    let connections: BTreeSet<&str> = syncs.iter().flat_map(|sync| configuration.connections_of(sync)).collect();
    loop {
        for name in &connections {
            match configuration.open_connection(name) {
                Ok(connection) => {
                    connection.settings.warnings(SystemClock.now()).iter().for_each(line);
                    if let Some(certificate) = connection.settings.certificate() {
                        metric::certificate(name, certificate.not_after().as_second() as f64);
                    }
                }
                Err(problems) => {
                    error!(connection = name, error = %problems, "the connection cannot be opened any more");
                }
            }
        }
        SystemClock.sleep(AGAIN).await;
    }
}

fn line(finding: &Finding) {
    let Finding { kind, subject, message } = finding;
    match kind {
        FindingKind::Problem => error!(setting = %subject, "{message}"),
        _ => warn!(setting = %subject, "{message}"),
    }
}
