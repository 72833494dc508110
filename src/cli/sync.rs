//! `joinery sync`: read people, map, validate, deliver.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use joinery_engine::{Ended, Report, Run, Sync};
use joinery_model::{Clock, Key, RunId, RunKind, RunRow, RunState};
use joinery_store::Store;
use tracing::{info, warn};

use super::args::{Cli, SyncArgs, WalkArgs};
use super::failure::Wrong;
use super::{stop, warned, watch};
use crate::app::{App, Wait};
use crate::config::Configuration;
use crate::progress::{HISTORY, Progress};
use crate::{Exit, SystemClock, app, show};
use crate::{put, say};

/// How many runs back a walk of everybody is looked for; one that lies further back is not worth finding.
pub const LOOK_BACK: usize = 5_000;

/// Absent people who are named.
const SHOWN: usize = 20;
/// Held changes and dead letters of earlier runs that are counted at the most.
const MOST_OPEN: usize = 10_000;

/// One run, or with `--watch` runs on the configured schedule.
pub async fn run(cli: &Cli, args: &SyncArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    if args.watch {
        return watch::run(cli, args, &configuration).await;
    }
    let scheduled = configuration.sync(args.sync.as_deref()).map_err(Wrong::usage)?;
    let engine = app::engine(&configuration, &scheduled.sync, wait(&args.walk))?;
    warned::log(&configuration, &scheduled.sync)?;
    // A journal that cannot be read is told by the run.
    let history = engine.journal.runs(Some(scheduled.sync.name()), HISTORY).await.unwrap_or_default();
    let progress = Progress::new(cli.quiet || cli.json).after(history);
    let stop = stop::on_ctrl_c();
    let asked = chosen(&engine, &scheduled.sync, asked(&args.walk, false)).await;
    let report = engine.run(&scheduled.sync, asked, &|event| progress.show(&event), &stop).await;
    progress.end();
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            watch::tell_failure(&configuration, scheduled.sync.name(), &error).await;
            return Err(error.into());
        }
    };
    let report = app::counted(&engine, 0, report).await;
    watch::tell(&configuration, scheduled.sync.name(), &report).await;
    prune(&configuration, &engine.journal).await;
    let exit = told(cli, &report)?;
    Ok(still_open(cli, &engine, &report, scheduled.sync.name(), exit).await)
}

/// Says what earlier runs left held or dead: it is not done only because a later run found nothing.
pub async fn still_open(cli: &Cli, engine: &App, report: &Report, sync: &str, exit: Exit) -> Exit {
    let mut exit = exit;
    let held = engine.journal.held(sync, None, MOST_OPEN).await.unwrap_or_default();
    let dead = engine.journal.dead(sync, None, MOST_OPEN).await.unwrap_or_default();
    for (open, code, words, verb) in
        [(dead, Exit::Incomplete, "dead letters", "replay"), (held, Exit::Held, "held changes", "apply")]
    {
        let mut runs: BTreeMap<RunId, u64> = BTreeMap::new();
        for stored in open.iter().filter(|stored| stored.run != report.run) {
            *runs.entry(stored.run).or_default() += 1;
        }
        if exit == Exit::Done && !runs.is_empty() {
            exit = code;
        }
        for (RunId(run), count) in runs.iter().filter(|_| !cli.json) {
            say!(
                "run {run} still has {count} {words}: `joinery run {run}` shows them, `joinery {verb} {run}` settles them"
            );
        }
    }
    exit
}

/// Removes history that is older than the configuration keeps. A failure is logged: the next run tries again.
pub async fn prune(configuration: &Configuration, store: &Store) {
    let keep = SignedDuration::try_from(configuration.keep).unwrap_or(SignedDuration::MAX);
    let Ok(before) = SystemClock.now().saturating_sub(keep) else { return };
    if let Err(failure) = store.prune(before).await {
        warn!(error = %failure, "old history could not be removed");
    }
}

/// Somebody who names people sits and waits for them.
pub fn wait(walk: &WalkArgs) -> Wait {
    if walk.person.is_empty() { Wait::Patiently } else { Wait::Briefly }
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

/// A run that was not told what to walk over reads everybody when the configuration shapes other changes than the last
/// finished run did: a delta would bring a new mapping only to people who happen to change.
pub async fn chosen(engine: &App, sync: &Sync, run: Run) -> Run {
    if run.kind.is_some() || !run.keys.is_empty() {
        return run;
    }
    let rows = engine.journal.runs(Some(sync.name()), LOOK_BACK).await.unwrap_or_default();
    let walked = |row: &&RunRow| row.kind != RunKind::Keys && row.state == RunState::Finished;
    let other = rows.iter().find(walked).is_some_and(|row| row.config_hash != *sync.config_hash());
    if other {
        info!(sync = %sync.name(), "the configuration changed since the last run: everybody is read");
    }
    Run { kind: other.then_some(RunKind::Full), ..run }
}

/// Says how a run ended, and gives the exit code.
pub fn told(cli: &Cli, report: &Report) -> Result<Exit, Wrong> {
    if cli.json {
        let text = serde_json::to_string(report).map_err(|error| Wrong::new(Exit::Failed, error.to_string()))?;
        say!("{text}");
        return Ok(exit(report));
    }
    if let Some(first) = &report.finished_first {
        say!("run {} was interrupted earlier and is finished now:", first.run.0);
        words(first);
    }
    words(report);
    Ok(exit(report))
}

fn words(report: &Report) {
    // Of people who were named and not found there are no books to show: who they are follows.
    let nobody = report.kind == RunKind::Keys && !report.absent.is_empty();
    if let Some(balance) = report.balance.as_ref().filter(|balance| !nobody || balance.people.rows > 0) {
        put!("{}", show::balance(balance, report.ended == Ended::Planned));
    }
    for unsaid in &report.unsaid {
        say!("look: {unsaid}");
    }
    for key in report.absent.iter().take(SHOWN) {
        say!("{key}: the tenant does not have this person, or the API user may not see them");
    }
    if report.absent.len() > SHOWN {
        say!("… and {} more whom the tenant does not show", report.absent.len() - SHOWN);
    }
    if report.unreadable > 0 {
        say!("{} rows had no legible key and were passed over", report.unreadable);
    }
    for (target, why) in &report.unreachable {
        say!("{target} could not be used: {why}");
    }
    for held in &report.held {
        say!("held: {held}");
    }
    let run = report.run.0;
    match report.ended {
        Ended::Complete => say!("run {run} is complete, {} requests to the tenant", report.requests),
        Ended::Planned if waiting(report) == 0 && !report.unreachable.is_empty() => {
            let silent: Vec<&str> = report.unreachable.keys().map(AsRef::as_ref).collect();
            say!("run {run} could plan nothing without {}; mend that and plan again", silent.join(", "));
        }
        Ended::Planned if waiting(report) == 0 => say!("run {run} planned nothing; there is nothing to apply"),
        Ended::Planned => say!("run {run} is planned; `joinery apply {run}` does exactly this"),
        Ended::Held => {
            say!("run {run} is held: look with `joinery run {run} --changes`, then `joinery apply {run}` approves it");
        }
        Ended::Pending => say!("run {run} ended with changes that wait; the next run goes on with them"),
        Ended::Dead => say!(
            "run {run} ended with dead letters: `joinery run {run}` says why, `joinery replay {run}` tries them again"
        ),
        Ended::Stopped => say!("run {run} was stopped; the next run goes on where it was"),
    }
    if refused(report) && matches!(report.ended, Ended::Complete | Ended::Planned) {
        say!("not everybody came through: `joinery run {run}` says who is invalid or rejected, and why");
    }
}

/// Is somebody invalid, or rejected by a target?
fn refused(report: &Report) -> bool {
    report.balance.as_ref().is_some_and(|balance| {
        !balance.people.invalid.is_empty() || balance.targets.values().any(|target| target.rejected > 0)
    })
}

fn waiting(report: &Report) -> u64 {
    report.balance.iter().flat_map(|balance| balance.targets.values()).map(|target| target.held).sum()
}

/// The exit code of a report: the worst of what it says.
pub fn exit(report: &Report) -> Exit {
    match report.ended {
        Ended::Stopped => Exit::Stopped,
        Ended::Held => Exit::Held,
        Ended::Dead => Exit::Incomplete,
        Ended::Pending => Exit::Target,
        Ended::Planned if !report.unreachable.is_empty() => Exit::Target,
        Ended::Complete | Ended::Planned if refused(report) || !report.absent.is_empty() => Exit::Incomplete,
        Ended::Complete | Ended::Planned => Exit::Done,
    }
}
