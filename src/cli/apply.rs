//! `joinery apply`: exactly what a plan says, or what a guard held back.

use joinery_model::RunId;

use super::args::{ApplyArgs, Cli};
use super::failure::Wrong;
use super::{stop, sync, warned, watch};
use crate::config::{Configuration, Scheduled};
use crate::progress::Progress;
use crate::{Exit, app};

/// Applies or refuses.
pub async fn run(cli: &Cli, args: &ApplyArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let run = RunId(args.run);
    let scheduled = sync_of(&configuration, run).await?;
    let engine = app::engine(&configuration, &scheduled.sync, app::Wait::Patiently)?;
    warned::log(&configuration, &scheduled.sync)?;
    let progress = Progress::new(cli.quiet || cli.json);
    let stop = stop::on_ctrl_c();
    let report = engine.apply(&scheduled.sync, run, &|event| progress.show(&event), &stop).await;
    progress.end();
    let report = app::counted(&engine, 0, report?).await;
    watch::tell(&configuration, scheduled.sync.name(), &report).await;
    sync::told(cli, &report)
}

/// The sync that a run belongs to.
pub async fn sync_of(configuration: &Configuration, run: RunId) -> Result<&Scheduled, Wrong> {
    let store = app::existing_store(configuration)?;
    let row = store.run(run).await.map_err(|failure| Wrong::failed(Exit::Failed, &failure))?;
    let row = row.ok_or_else(|| Wrong::usage(format!("there is no run {}; `joinery runs` lists them", run.0)))?;
    configuration.sync(Some(&row.sync)).map_err(|_| {
        Wrong::usage(format!("run {} belongs to the sync {}, which the configuration no longer has", run.0, row.sync))
    })
}
