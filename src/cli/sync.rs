//! `joinery sync`: read people, map, validate, deliver.

use joinery_engine::{Ended, Report, Run};
use joinery_model::{Key, RunKind};

use super::args::{Cli, SyncArgs, WalkArgs};
use super::failure::Wrong;
use super::{stop, watch};
use crate::config::Configuration;
use crate::progress::Progress;
use crate::{Exit, app, show};

/// One run, or with `--watch` runs on the configured schedule.
pub async fn run(cli: &Cli, args: &SyncArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    if args.watch {
        return watch::run(cli, args, &configuration).await;
    }
    let scheduled = configuration.sync(args.sync.as_deref()).map_err(Wrong::usage)?;
    let engine = app::engine(&configuration, &scheduled.sync)?;
    let progress = Progress::new(cli.quiet || cli.json);
    let stop = stop::on_ctrl_c();
    let report = engine.run(&scheduled.sync, asked(&args.walk, false), &|event| progress.show(&event), &stop).await;
    progress.end();
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            watch::tell_failure(&configuration, scheduled.sync.name(), &error).await;
            return Err(error.into());
        }
    };
    watch::tell(&configuration, scheduled.sync.name(), &report).await;
    told(cli, &report)
}

/// What the walk flags ask of the engine.
pub fn asked(walk: &WalkArgs, plan_only: bool) -> Run {
    let kind = match (walk.full, walk.delta) {
        (true, _) => Some(RunKind::Full),
        (_, true) => Some(RunKind::Delta),
        _ => None,
    };
    Run { kind, plan_only, keys: walk.person.iter().map(|person| Key::from(person.as_str())).collect() }
}

/// Says how a run ended, and gives the exit code.
pub fn told(cli: &Cli, report: &Report) -> Result<Exit, Wrong> {
    if cli.json {
        let text = serde_json::to_string(report).map_err(|error| Wrong::new(Exit::Failed, error.to_string()))?;
        println!("{text}");
        return Ok(exit(report));
    }
    if let Some(first) = &report.finished_first {
        println!("run {} was interrupted earlier and is finished now:", first.run.0);
        words(first);
    }
    words(report);
    Ok(exit(report))
}

fn words(report: &Report) {
    if let Some(balance) = &report.balance {
        print!("{}", show::balance(balance));
    }
    for key in &report.absent {
        println!("{key}: the tenant does not have this person, or the API user may not see them");
    }
    if report.unreadable > 0 {
        println!("{} rows had no legible key and were passed over", report.unreadable);
    }
    for (target, why) in &report.unreachable {
        println!("{target} did not answer: {why}");
    }
    for held in &report.held {
        println!("held: {held}");
    }
    let run = report.run.0;
    match report.ended {
        Ended::Complete => println!("run {run} is complete, {} requests to the tenant", report.requests),
        Ended::Planned => println!("run {run} is planned; `joinery apply {run}` does exactly this"),
        Ended::Held => println!(
            "run {run} is held: look with `joinery run {run} --changes`, then `joinery apply {run}` approves it"
        ),
        Ended::Pending => println!("run {run} ended with changes that wait; the next run goes on with them"),
        Ended::Dead => println!(
            "run {run} ended with dead letters: `joinery run {run}` says why, `joinery replay {run}` tries them again"
        ),
        Ended::Stopped => println!("run {run} was stopped; the next run goes on where it was"),
    }
}

/// The exit code of a report: the worst of what it says.
pub fn exit(report: &Report) -> Exit {
    let invalid = report.balance.as_ref().is_some_and(|balance| {
        !balance.people.invalid.is_empty() || balance.targets.values().any(|target| target.rejected > 0)
    });
    match report.ended {
        Ended::Stopped => Exit::Stopped,
        Ended::Held => Exit::Held,
        Ended::Dead => Exit::Incomplete,
        Ended::Pending => Exit::Target,
        Ended::Complete | Ended::Planned if invalid || !report.absent.is_empty() => Exit::Incomplete,
        Ended::Complete | Ended::Planned => Exit::Done,
    }
}
