//! `[notify]` → where notes go and how they get there.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use joinery_targets::notify::Settings;

use super::problem::Problem;
use super::typed::NotifyTable;
use super::{Scheduled, duration};
use crate::http::Reach;

/// How long the receiver may take, unless the configuration says otherwise: a run waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The webhook as meant.
pub struct MeantNotify {
    /// Where notes go and how they are signed.
    pub settings: Settings,
    /// The HTTP client's way out.
    pub reach: Reach,
    /// A watched sync without a finished run for this long is late.
    pub late_after: Option<Duration>,
}

/// What can be told to be wrong without opening a secret: key and message.
pub fn check(table: &NotifyTable, syncs: &BTreeMap<String, Scheduled>) -> Vec<(&'static str, String)> {
    let mut wrong = Vec::new();
    if let Some(Err(message)) = table.timeout.as_deref().map(duration::parse) {
        wrong.push(("timeout", message));
    }
    match table.late_after.as_deref().map(duration::parse) {
        None => {}
        Some(Err(message)) => wrong.push(("late_after", message)),
        Some(Ok(late)) => {
            // Between two runs of a healthy sync passes what `every` says, and what a run takes.
            for (name, _) in syncs.iter().filter(|(_, scheduled)| scheduled.every >= late) {
                let what = "a healthy sync would be called late; make it longer than the interval, by what a run takes";
                wrong.push(("late_after", format!("is not longer than sync.{name}.every: {what}")));
            }
        }
    }
    wrong
}

/// Opens the secrets.
pub fn open(table: &NotifyTable, base: &Path) -> Result<MeantNotify, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut secrets = Vec::new();
    for (key, secret) in [("secret", Some(&table.secret)), ("old_secret", table.old_secret.as_ref())] {
        match secret.map(|secret| secret.open(base)) {
            Some(Ok(secret)) => secrets.push(secret),
            Some(Err(message)) => problems.push(Problem { key: format!("notify.{key}"), line: None, message }),
            None => {}
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let parsed = |text: &Option<String>| text.as_deref().and_then(|text| duration::parse(text).ok());
    let timeout = parsed(&table.timeout).unwrap_or(TIMEOUT);
    Ok(MeantNotify {
        settings: Settings { url: table.url.clone(), secrets, timeout },
        reach: Reach {
            proxy: table.proxy.clone(),
            ca_file: table.ca_file.as_ref().map(|file| base.join(file)),
            identity: None,
            timeout: Some(timeout),
        },
        late_after: parsed(&table.late_after),
    })
}
