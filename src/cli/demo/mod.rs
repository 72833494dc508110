//! `joinery demo`: the main job on a simulated company, told in words.

mod story;
mod table;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use joinery_engine::{Run, Stop};
use joinery_model::{Clock, RunKind};

use super::args::{Cli, DemoArgs};
use super::failure::Wrong;
use super::{simulated, stop};
use crate::config::Configuration;
use crate::progress::Progress;
use crate::say;
use crate::{Exit, SystemClock, app, show};

/// How often the demo asks the tenant what changed.
const EVERY: Duration = Duration::from_secs(1);

/// Tells the story, then (without `--once`) keeps the sync running until Ctrl-C.
pub async fn run(cli: &Cli, args: &DemoArgs) -> Result<Exit, Wrong> {
    let stop = stop::on_ctrl_c();
    let folder = folder(args)?;
    say!("Joinery demo. Everything it writes is in {}", folder.display());
    say!();
    say!("A simulated SuccessFactors tenant starts, with {} people …", args.people);
    let began = SystemClock.now();
    let company = simulated::Company { people: args.people, seed: 1, ..simulated::Company::default() };
    let started = simulated::start(&folder, (Ipv4Addr::LOCALHOST, 0).into(), company).await?;
    say!("  it answers at {} after {}", started.tenant.base_url(), story::took(began));

    let configuration = Configuration::read(&started.configuration)?;
    let sync = configuration.sync(None).map_err(Wrong::usage)?.sync.clone();
    let mut engine = app::engine(&configuration, &sync, app::Wait::Briefly)?;
    engine.patience.wait = Duration::ZERO;
    let engine = Arc::new(engine);

    say!();
    say!("First run: everybody is read, mapped, validated and written to {}", started.database.display());
    let progress = Progress::new(cli.quiet);
    let began = SystemClock.now();
    let full = Run { kind: Some(RunKind::Full), ..Run::default() };
    let report = engine.run(&sync, full, &|event| progress.show(&event), &stop).await;
    progress.end();
    let report = app::counted(&engine, 0, report?).await;
    for line in report
        .balance
        .iter()
        .flat_map(|balance| show::balance(balance, false).lines().map(str::to_owned).collect::<Vec<_>>())
    {
        say!("  {line}");
    }
    say!("  done in {}, with {} requests to the tenant", story::took(began), report.requests);
    if stop.asked() {
        return Ok(Exit::Stopped);
    }

    say!();
    say!("From now on the tenant is asked every second what changed.");
    let watching = {
        let (engine, sync, stop) = (Arc::clone(&engine), sync.clone(), stop.clone());
        tokio::spawn(async move { watch(&engine, &sync, &stop).await })
    };
    let told = story::tell(&started, &stop).await;
    let told = match told {
        Ok(told) => told,
        Err(_) if stop.asked() => return Ok(Exit::Stopped),
        Err(wrong) => return Err(wrong),
    };
    let (program, configuration) = (simulated::program(), started.configuration.display());
    say!();
    say!("Their rows in the table people of {}:", started.database.display());
    for line in table::Table::at(&started.database).shown(&told)? {
        say!("  {line}");
    }
    say!();
    say!("Look for yourself:");
    say!("  {program} --config {configuration} runs");
    say!("  {program} --config {configuration} run 1");
    if args.once {
        watching.abort();
        let _ = watching.await;
        started.tenant.stop().await;
        say!();
        say!("That is all. Remove the folder when you have looked: rm -r {}", folder.display());
        return Ok(Exit::Done);
    }
    let url = started.tenant.base_url();
    if let Some(person) = told.first() {
        say!("  {program} --config {configuration} explain --person {person}");
    }
    say!("  {url} in a browser: the tenant's console");
    say!();
    say!("Change something there or here, and watch it arrive in the table a second later:");
    say!("  curl --json '{{\"first_name\": \"Ada\", \"last_name\": \"King\"}}' {url}/control/people/hire");
    say!("  curl --json '{{\"advance\": \"30d\"}}' {url}/control/clock");
    say!();
    say!("Ctrl-C ends the demo; the folder stays until you remove it.");
    stop.wait().await;
    let _ = watching.await;
    started.tenant.stop().await;
    Ok(Exit::Done)
}

/// Delta runs until the stop; what fails is told and tried again.
async fn watch(engine: &app::App, sync: &joinery_engine::Sync, stop: &Stop) {
    while !stop.asked() {
        let delta = Run { kind: Some(RunKind::Delta), ..Run::default() };
        match engine.run(sync, delta, &|_| {}, stop).await {
            Ok(report) => {
                for held in &report.held {
                    say!("  held: {held}");
                }
            }
            Err(error) => crate::tell!("  a run failed: {error}"),
        }
        tokio::select! {
            () = SystemClock.sleep(EVERY) => {}
            () = stop.wait() => {}
        }
    }
}

/// The folder that holds everything: the one asked for, or a new one.
fn folder(args: &DemoArgs) -> Result<PathBuf, Wrong> {
    if let Some(folder) = &args.folder {
        let used = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        if used {
            let folder = folder.display();
            return Err(Wrong::usage(format!("the folder {folder} is not empty; name an empty or a new one")));
        }
        std::fs::create_dir_all(folder)
            .map_err(|error| Wrong::usage(format!("the folder {} cannot be made: {error}", folder.display())))?;
        return Ok(folder.canonicalize()?);
    }
    let base = std::env::temp_dir();
    for number in 1..1_000 {
        let folder = base.join(format!("joinery-demo-{number}"));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Wrong::usage(format!("{} cannot be made: {error}", folder.display()))),
        }
    }
    Err(Wrong::usage(format!("{} holds too many old demo folders; remove some", base.display())))
}
