//! `joinery check`: the configuration, without touching the network.

use joinery_model::{Clock, Finding};

use super::args::{CheckArgs, Cli};
use super::failure::Wrong;
use super::warned;
use crate::config::{Configuration, DEFAULTS};
use crate::{Exit, SystemClock};
use crate::{put, say};

/// Reads the configuration, compiles mappings and expressions, opens secrets; says what it found.
pub fn run(cli: &Cli, args: &CheckArgs) -> Result<Exit, Wrong> {
    if args.defaults {
        put!("{DEFAULTS}");
        return Ok(Exit::Done);
    }
    let configuration = Configuration::read(&cli.config)?;
    let mut told = Vec::new();
    let mut warnings: Vec<Finding> = Vec::new();
    for scheduled in configuration.syncs() {
        let sync = &scheduled.sync;
        for finding in warned::found(&configuration, sync, SystemClock.now())? {
            // Syncs may share a connection.
            if !warnings.contains(&finding) {
                warnings.push(finding);
            }
        }
        for target in sync.targets() {
            crate::app::target(&configuration, sync, target)?;
        }
        let targets: Vec<String> = sync.targets().map(ToString::to_string).collect();
        told.push(serde_json::json!({
            "sync": sync.name(),
            "connection": sync.connection(),
            "targets": targets,
            "reads": sync.needs().paths.len(),
            "every_s": scheduled.every.as_secs(),
            "full_every_s": scheduled.full_every.as_secs(),
        }));
        if !cli.json {
            say!(
                "sync {}: {} to {}; {} source paths are read",
                sync.name(),
                sync.connection(),
                targets.join(", "),
                sync.needs().paths.len()
            );
        }
    }
    configuration.open_notify()?;
    if !cli.json {
        for Finding { subject, message, .. } in &warnings {
            say!("look: {subject}: {message}");
        }
    }
    if cli.json {
        say!("{}", serde_json::json!({ "ok": true, "syncs": told, "warnings": warnings }));
    } else if told.is_empty() {
        say!("the configuration is right, but it has no [sync.NAME]: nothing would be done");
    } else {
        say!("the configuration is right (nothing was asked over the network; `joinery doctor` does that)");
    }
    Ok(Exit::Done)
}
