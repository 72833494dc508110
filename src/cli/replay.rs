//! `joinery replay`: dead letters, tried again.

use joinery_model::RunId;

use super::apply::sync_of;
use super::args::{Cli, ReplayArgs};
use super::failure::Wrong;
use super::{stop, sync, watch};
use crate::config::Configuration;
use crate::progress::Progress;
use crate::{Exit, app};

/// Plans anew for the people whose changes of a run died, and delivers.
pub async fn run(cli: &Cli, args: &ReplayArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let run = RunId(args.run);
    let scheduled = sync_of(&configuration, run).await?;
    let engine = app::engine(&configuration, &scheduled.sync, app::Wait::Patiently)?;
    let progress = Progress::new(cli.quiet || cli.json);
    let stop = stop::on_ctrl_c();
    let report = engine.replay(&scheduled.sync, run, &|event| progress.show(&event), &stop).await;
    progress.end();
    let report = app::counted(&engine, 0, report?).await;
    watch::tell(&configuration, scheduled.sync.name(), &report).await;
    sync::told(cli, &report)
}
