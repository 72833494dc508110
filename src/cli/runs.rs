//! `joinery runs` and `joinery run`: history.

use joinery_model::{ChangeState, Journal, RunId, RunState};

use super::args::{Cli, RunArgs, RunsArgs};
use super::failure::Wrong;
use super::sync::LOOK_BACK;
use crate::config::Configuration;
use crate::{Exit, app, show};
use crate::{put, say};

/// How many rows are read from the journal at once.
const BATCH: usize = 500;
/// How many of those left out or invalid, and how many changes, are shown without `--all`.
const SHOWN: usize = 20;

/// Where a change stands, as people read it; JSON keeps the state's own name.
fn standing(state: ChangeState) -> &'static str {
    match state {
        ChangeState::Released => "not delivered yet, the next run tries it",
        state => state.name(),
    }
}

/// Recent runs.
pub async fn list(cli: &Cli, args: &RunsArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let store = app::existing_store(&configuration)?;
    let each = args.all || cli.json;
    let most = if each { args.last } else { args.last.max(LOOK_BACK) };
    let rows = store.runs(None, most).await.map_err(|failure| Wrong::failed(Exit::Failed, &failure))?;
    if cli.json {
        say!("{}", serde_json::json!({ "runs": rows }));
    } else if rows.is_empty() {
        say!("no run yet; `joinery sync` or `joinery plan` makes the first");
    } else {
        put!("{}", show::runs(&rows, !each, args.last));
    }
    Ok(Exit::Done)
}

/// One run: its books, who was left out or invalid, what is held or dead.
pub async fn one(cli: &Cli, args: &RunArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let store = app::existing_store(&configuration)?;
    let failed = |failure| Wrong::failed(Exit::Failed, &failure);
    let run = RunId(args.run);
    let row = store.run(run).await.map_err(failed)?;
    let row = row.ok_or_else(|| Wrong::usage(format!("there is no run {}; `joinery runs` lists them", run.0)))?;

    let mut refusals = Vec::new();
    loop {
        let after = refusals.last().map(|(key, _): &(joinery_model::Key, _)| key.clone());
        let batch = store.refusals(run, after.as_ref(), BATCH).await.map_err(failed)?;
        if batch.is_empty() {
            break;
        }
        refusals.extend(batch);
    }
    let mut changes = Vec::new();
    loop {
        let after = changes.last().map(|stored: &joinery_model::Stored| stored.change.id);
        let batch = store.changes(run, after, BATCH).await.map_err(failed)?;
        if batch.is_empty() {
            break;
        }
        changes.extend(batch);
    }
    let waits = |state: ChangeState| matches!(state, ChangeState::Held | ChangeState::Dead | ChangeState::Released);
    if cli.json {
        let refused: Vec<_> =
            refusals.iter().map(|(key, refusal)| serde_json::json!({ "person": key, "why": refusal })).collect();
        let changes: Vec<_> = changes
            .iter()
            .filter(|stored| args.changes || waits(stored.state))
            .map(
                |stored| serde_json::json!({ "change": stored.change, "state": stored.state, "reason": stored.reason }),
            )
            .collect();
        say!("{}", serde_json::json!({ "run": row, "refused": refused, "changes": changes }));
        return Ok(Exit::Done);
    }
    put!("{}", show::run(&row));
    if let Some(balance) = &row.balance {
        put!("{}", show::balance(balance, row.state == RunState::Planned));
    }
    let reasons: Vec<_> = refusals.iter().map(|(key, refusal)| (key.to_string(), refusal.to_string())).collect();
    put!("{}", show::reasons(&reasons, if args.all { usize::MAX } else { SHOWN }, show::columns()));
    let wanted: Vec<_> = changes.iter().filter(|stored| args.changes || waits(stored.state)).collect();
    let shown = if args.all { wanted.len() } else { SHOWN.min(wanted.len()) };
    for stored in &wanted[..shown] {
        let reason = stored.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        say!("[{}{reason}]", standing(stored.state));
        put!("{}", show::change(&stored.change));
    }
    if shown < wanted.len() {
        say!("… and {} more changes (--all shows them)", wanted.len() - shown);
    }
    Ok(Exit::Done)
}
