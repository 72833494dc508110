//! `joinery check`: the configuration, without touching the network.

use super::args::{CheckArgs, Cli};
use super::failure::Wrong;
use crate::Exit;
use crate::config::{Configuration, DEFAULTS};
use crate::{put, say};

/// Reads the configuration, compiles mappings and expressions, opens secrets; says what it found.
pub fn run(cli: &Cli, args: &CheckArgs) -> Result<Exit, Wrong> {
    if args.defaults {
        put!("{DEFAULTS}");
        return Ok(Exit::Done);
    }
    let configuration = Configuration::read(&cli.config)?;
    let mut told = Vec::new();
    for scheduled in configuration.syncs() {
        let sync = &scheduled.sync;
        configuration.open_connection(sync.connection())?;
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
    if cli.json {
        say!("{}", serde_json::json!({ "ok": true, "syncs": told }));
    } else if told.is_empty() {
        say!("the configuration is right, but it has no [sync.NAME]: nothing would be done");
    } else {
        say!("the configuration is right (nothing was asked over the network; `joinery doctor` does that)");
    }
    Ok(Exit::Done)
}
