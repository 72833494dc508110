//! `joinery orphans`: target accounts that nobody in the source owns.

use super::args::{Cli, SelectArgs};
use super::failure::Wrong;
use crate::config::Configuration;
use crate::say;
use crate::{Exit, app};

/// Lists them; changes nothing.
pub async fn run(cli: &Cli, args: &SelectArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let scheduled = configuration.sync(args.sync.as_deref()).map_err(Wrong::usage)?;
    let engine = app::engine(&configuration, &scheduled.sync, app::Wait::Patiently)?;
    let orphans = engine.orphans(&scheduled.sync).await?;
    if cli.json {
        say!("{}", serde_json::json!({ "orphans": orphans }));
        return Ok(Exit::Done);
    }
    for orphan in &orphans {
        let state = match orphan.account.active {
            Some(true) => "active",
            Some(false) => "inactive",
            None => "",
        };
        say!("{}: {} {state}", orphan.target, orphan.account.target_id);
    }
    match orphans.len() {
        0 => say!("every account belongs to somebody"),
        1 => say!("1 account belongs to nobody that this sync knows; nothing was changed"),
        count => say!("{count} accounts belong to nobody that this sync knows; nothing was changed"),
    }
    Ok(Exit::Done)
}
