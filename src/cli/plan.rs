//! `joinery plan`: what a sync would do, person by person, stored for `apply`.

use std::collections::BTreeMap;

use joinery_model::{Journal, Stored};

use super::args::{Cli, PlanArgs};
use super::failure::Wrong;
use super::sync::{asked, chosen, exit, wait};
use super::{stop, sync, warned};
use crate::config::Configuration;
use crate::progress::{HISTORY, Progress};
use crate::{Exit, app, show};
use crate::{put, say};

/// How many changes are read from the journal at once.
const BATCH: usize = 500;

/// Plans and prints.
pub async fn run(cli: &Cli, args: &PlanArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let scheduled = configuration.sync(args.sync.as_deref()).map_err(Wrong::usage)?;
    let engine = app::engine(&configuration, &scheduled.sync, wait(&args.walk))?;
    warned::log(&configuration, &scheduled.sync)?;
    // A journal that cannot be read is told by the run.
    let history = engine.journal.runs(Some(scheduled.sync.name()), HISTORY).await.unwrap_or_default();
    let progress = Progress::new(cli.quiet || cli.json).after(history);
    let stop = stop::on_ctrl_c();
    let asked = chosen(&engine, &scheduled.sync, asked(&args.walk, true)).await;
    let report = engine.run(&scheduled.sync, asked, &|event| progress.show(&event), &stop).await;
    progress.end();
    let report = app::counted(&engine, 0, report?).await;

    let mut counts = BTreeMap::new();
    let mut shown = Vec::new();
    let mut after = None;
    loop {
        let batch = engine
            .journal
            .changes(report.run, after, BATCH)
            .await
            .map_err(|failure| Wrong::failed(Exit::Failed, &failure))?;
        let Some(last) = batch.last() else { break };
        after = Some(last.change.id);
        for stored in batch {
            *counts.entry((stored.change.target.clone(), stored.change.action)).or_insert(0_u64) += 1;
            if shown.len() < args.show {
                shown.push(stored);
            }
        }
    }
    let all: u64 = counts.values().sum();
    if cli.json {
        let changes: Vec<_> = shown.iter().map(|Stored { change, .. }| change).collect();
        let totals: Vec<_> = counts
            .iter()
            .map(|((target, action), count)| serde_json::json!({ "target": target, "action": action, "count": count }))
            .collect();
        say!("{}", serde_json::json!({ "report": report, "totals": totals, "changes": changes }));
        return Ok(exit(&report));
    }
    for stored in &shown {
        put!("{}", show::change(&stored.change));
    }
    // Whoever asked to be shown none wants the counts alone.
    if args.show > 0 && all > shown.len() as u64 {
        say!("… and {} more (--show {all} shows all)", all - shown.len() as u64);
    }
    // Said only when it is true: a target that did not answer and whoever did not come through have their own lines.
    let looked = exit(&report) == Exit::Done;
    if all > 0 {
        put!("{}", show::counts(&counts));
    } else if looked {
        say!("nothing new to do: every target holds what the tenant says, or an earlier run waits to be applied");
    }
    let exit = sync::told(cli, &report)?;
    // A plan ends as it ended itself; what waits in earlier runs is said.
    sync::still_open(cli, &engine, &report, scheduled.sync.name(), exit).await;
    Ok(exit)
}
