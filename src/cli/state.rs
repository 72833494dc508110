//! `joinery backup` and `joinery restore`.

use joinery_store::Store;

use super::args::{BackupArgs, Cli, RestoreArgs};
use super::failure::Wrong;
use crate::config::Configuration;
use crate::say;
use crate::{Exit, app};

/// Copies the state while it may be in use.
pub async fn backup(cli: &Cli, args: &BackupArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let store = app::existing_store(&configuration)?;
    store.backup(&args.file).await.map_err(|failure| Wrong::failed(Exit::Failed, &failure))?;
    if cli.json {
        say!("{}", serde_json::json!({ "backup": args.file }));
    } else {
        say!("the state is copied to {} (mode 0600; it holds personal data)", args.file.display());
    }
    Ok(Exit::Done)
}

/// Puts a backup in the state's place; the state that was there is kept beside it.
pub fn restore(cli: &Cli, args: &RestoreArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let path = configuration.store_path();
    let kept = Store::restore(&args.file, &path).map_err(|failure| Wrong::failed(Exit::Failed, &failure))?;
    if cli.json {
        say!("{}", serde_json::json!({ "restored": path, "kept": kept }));
    } else {
        say!("{} is the state now, as {}", args.file.display(), path.display());
        if let Some(kept) = kept {
            say!("the state that was there is kept as {}", kept.display());
        }
        say!("next: `joinery sync --full` reads everybody and compares; what changed since the backup is found again");
    }
    Ok(Exit::Done)
}
