//! `joinery forget`: erase what the state holds about one person.

use joinery_model::Clock;

use super::args::{Cli, ForgetArgs};
use super::failure::Wrong;
use crate::config::Configuration;
use crate::say;
use crate::{Exit, SystemClock, app};

/// Erases and says what was erased, and where accounts remain.
pub async fn run(cli: &Cli, args: &ForgetArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let store = app::existing_store(&configuration)?;
    let forgotten =
        store.forget(&args.person, SystemClock.now()).await.map_err(|failure| Wrong::failed(Exit::Failed, &failure))?;
    if cli.json {
        let told: Vec<_> = forgotten
            .iter()
            .map(|one| serde_json::json!({ "sync": one.sync, "key": one.key, "accounts": one.accounts }))
            .collect();
        say!("{}", serde_json::json!({ "forgotten": told }));
        return Ok(Exit::Done);
    }
    if forgotten.is_empty() {
        say!("the state knows nobody by {}", args.person);
    }
    for one in &forgotten {
        say!("{} is forgotten in the sync {}", one.key, one.sync);
        for (target, account) in &one.accounts {
            say!("  their account {account} in {target} still exists there; remove it in that system if it must go");
        }
    }
    if !forgotten.is_empty() {
        say!("older backups still hold them; as long as the tenant has them, the next full run reads them again");
    }
    Ok(Exit::Done)
}
