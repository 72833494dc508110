//! `joinery sync --watch`: runs on a schedule, health and metrics, and telling somebody when something is wrong.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use jiff::Timestamp;
use joinery_engine::{Ended, EngineError, Report, Run, Stop, Sync};
use joinery_model::{Clock, Retry, RunKind, RunRow, RunState};
use joinery_targets::notify::{Note, Notifier, Why};
use tracing::{debug, error, info, warn};

use super::args::{Cli, SyncArgs};
use super::failure::Wrong;
use super::{stop, sync, warned};
use crate::config::{Configuration, MeantNotify, Scheduled};
use crate::{Exit, SystemClock, app, http, metric, telemetry};

/// How each sync stands: what `/ready` answers from.
type Health = Arc<Mutex<BTreeMap<String, Standing>>>;

/// How a watched sync stands.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    /// When a run last finished.
    finished: Option<Timestamp>,
    /// Did the latest run fail?
    failing: bool,
}

/// How long the next run waits after one that failed, so that a broken tenant is not hammered. What may pass is tried
/// again sooner than the schedule says: at first after this, then after twice as long each time.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// How often it is looked whether the sync is late: while a run is under way, and until the next one.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Watches one sync, or all of them when none is named.
pub async fn run(cli: &Cli, args: &SyncArgs, configuration: &Configuration) -> Result<Exit, Wrong> {
    let chosen: Vec<&Scheduled> = match &args.sync {
        Some(name) => vec![configuration.sync(Some(name)).map_err(Wrong::usage)?],
        None => configuration.syncs().collect(),
    };
    if chosen.is_empty() {
        return Err(Wrong::usage("no sync is defined; add a [sync.NAME] table"));
    }
    let metrics = telemetry::start_metrics()?;
    let health: Health = Arc::default();
    for scheduled in &chosen {
        lock(&health).insert(scheduled.sync.name().to_string(), Standing::default());
    }
    if let Some(address) = args.listen {
        let router = router(metrics, Arc::clone(&health));
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .map_err(|error| Wrong::usage(format!("--listen {address} cannot be used: {error}")))?;
        info!(address = %listener.local_addr()?, "health and metrics are served");
        tokio::spawn(async move { axum::serve(listener, router).await });
    }
    let stop = stop::on_ctrl_c();
    let syncs: Vec<&Sync> = chosen.iter().map(|scheduled| &scheduled.sync).collect();
    let watches = chosen.into_iter().map(|scheduled| one(cli, configuration, scheduled, &stop, &health));
    let ends = tokio::select! {
        ends = futures_util::future::join_all(watches) => ends,
        never = warned::daily(configuration, &syncs) => match never {},
    };
    ends.into_iter().collect::<Result<Vec<Exit>, Wrong>>()?;
    Ok(Exit::Stopped)
}

async fn one(
    cli: &Cli,
    configuration: &Configuration,
    scheduled: &Scheduled,
    stop: &Stop,
    health: &Health,
) -> Result<Exit, Wrong> {
    let mut engine = app::engine(configuration, &scheduled.sync, app::Wait::Patiently)?;
    // What is to be tried again waits for a run that comes anyway, instead of a run that keeps everybody else waiting.
    engine.patience.wait = Duration::ZERO;
    let name = scheduled.sync.name();
    let limit = configuration.open_notify()?.and_then(|notify| notify.late_after);
    let mut late = Late { name, limit, last_end: SystemClock.now(), told: false };
    let mut failing_with: Option<String> = None;
    let mut soon = AFTER_FAILURE;
    let mut last_full = last_full(&engine, &scheduled.sync).await;
    info!(sync = %name, every_s = scheduled.every.as_secs(), full_every_s = scheduled.full_every.as_secs(), "watching");
    while !stop.asked() {
        let began = SystemClock.now();
        let full_due = last_full.is_none_or(|last| since(last, began) >= scheduled.full_every);
        let kind = full_due.then_some(RunKind::Full);
        let run = Run { kind, ..Run::default() };
        let asked = app::requests(&engine);
        let counted = |event| metric::event(name, &event);
        // A run that hangs is late too.
        let ended = tokio::select! {
            ended = engine.run(&scheduled.sync, run, &counted, stop) => ended,
            never = late.watch(configuration) => match never {},
        };
        let wait = match ended {
            Ok(report) => {
                failing_with = None;
                soon = AFTER_FAILURE;
                let report = app::counted(&engine, asked, report).await;
                let now = SystemClock.now();
                metric::report(name, &report, now.as_second() as f64);
                if report.ended != Ended::Stopped {
                    late.finished(now);
                    lock(health).insert(name.to_string(), Standing { finished: Some(now), failing: false });
                    if report.kind == RunKind::Full {
                        last_full = Some(began);
                    }
                }
                log(name, &report);
                if !cli.quiet && worth_a_line(&report) {
                    sync::told(cli, &report)?;
                }
                tell(configuration, name, &report).await;
                sync::prune(configuration, &engine.journal).await;
                scheduled.every.saturating_sub(since(began, now))
            }
            Err(error) => {
                metric::failed(name);
                lock(health).entry(name.to_string()).or_default().failing = true;
                let wait = if may_pass(&error) { soon.min(scheduled.every) } else { scheduled.every };
                let wait = wait.max(AFTER_FAILURE);
                soon = soon.saturating_mul(2);
                // An outage is told once, not with every try.
                let failure = error.to_string();
                if failing_with.as_ref() != Some(&failure) {
                    tell_failure(configuration, name, &error).await;
                    failing_with = Some(failure);
                }
                error!(sync = %name, again_in_s = wait.as_secs(), error = %Wrong::from(error).line(), "a run failed");
                wait
            }
        };
        late.look(configuration).await;
        tokio::select! {
            () = SystemClock.sleep(wait) => {}
            () = stop.wait() => {}
            // The next run may be a day away.
            never = late.watch(configuration) => match never {},
        }
    }
    Ok(Exit::Stopped)
}

/// Whether the same run may go well later, with nobody doing anything.
fn may_pass(error: &EngineError) -> bool {
    match error {
        EngineError::Source(failure) | EngineError::Journal(failure) | EngineError::Target { failure, .. } => {
            matches!(failure.retry(), Retry::Later(_))
        }
        _ => false,
    }
}

/// Whether a sync has gone too long without a finished run, and whether that was told.
struct Late<'a> {
    name: &'a str,
    limit: Option<Duration>,
    last_end: Timestamp,
    told: bool,
}

impl Late<'_> {
    fn finished(&mut self, now: Timestamp) {
        self.last_end = now;
        self.told = false;
    }

    /// Tells it once until a run finishes.
    async fn look(&mut self, configuration: &Configuration) {
        let Some(limit) = self.limit else { return };
        let silent = since(self.last_end, SystemClock.now());
        let late = silent.saturating_sub(limit);
        metric::late(self.name, late.as_secs_f64());
        if late.is_zero() || self.told {
            return;
        }
        let (name, minutes) = (self.name, silent.as_secs() / 60);
        let message = format!("{name} has not finished a run for {minutes} minutes");
        let note = Note { why: Why::Late, sync: name.to_owned(), run: None, count: minutes, message };
        send(configuration, &format!("{name}-late-{}", self.last_end.as_second()), &note).await;
        self.told = true;
    }

    /// Looks again and again, for as long as it is asked to.
    async fn watch(&mut self, configuration: &Configuration) -> Infallible {
        loop {
            SystemClock.sleep(LOOK_EVERY).await;
            self.look(configuration).await;
        }
    }
}

/// When the latest full run that finished with this configuration began; it may be of another process.
async fn last_full(engine: &app::App, watched: &Sync) -> Option<Timestamp> {
    let rows = engine.journal.runs(Some(watched.name()), sync::LOOK_BACK).await.unwrap_or_default();
    let full = |row: &&RunRow| {
        row.kind == RunKind::Full && row.state == RunState::Finished && row.config_hash == *watched.config_hash()
    };
    rows.iter().find(full).map(|row| row.began)
}

fn since(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}

fn lock(health: &Health) -> std::sync::MutexGuard<'_, BTreeMap<String, Standing>> {
    health.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A delta run that found nothing is not worth a line each time.
fn worth_a_line(report: &Report) -> bool {
    report.ended != Ended::Complete
        || report.balance.as_ref().is_none_or(|balance| balance.targets.values().any(|target| target.delivered > 0))
}

fn log(name: &str, report: &Report) {
    match report.ended {
        Ended::Complete if !worth_a_line(report) => {
            debug!(sync = name, run.id = report.run.0, requests = report.requests, "a run found nothing to do");
        }
        Ended::Complete | Ended::Planned | Ended::Stopped => {
            info!(sync = name, run.id = report.run.0, requests = report.requests, "a run ended");
        }
        Ended::Held | Ended::Dead | Ended::Pending => {
            warn!(sync = name, run.id = report.run.0, ended = ?report.ended, "a run ended with changes that wait");
        }
    }
}

/// Tells the operator about a run that is held or has dead letters.
pub async fn tell(configuration: &Configuration, name: &str, report: &Report) {
    let Some(balance) = &report.balance else { return };
    let sum = |pick: fn(&joinery_model::TargetCount) -> u64| balance.targets.values().map(pick).sum::<u64>();
    let run = report.run.0;
    let notes = [
        (
            Why::Held,
            sum(|target| target.held),
            !report.held.is_empty(),
            format!("run {run} of {name} is held: {}", report.held.join("; ")),
        ),
        (
            Why::Dead,
            sum(|target| target.dead),
            sum(|target| target.dead) > 0,
            format!("run {run} of {name} has dead letters; `joinery run {run}` says why"),
        ),
    ];
    for (why, count, send_it, message) in notes {
        if send_it {
            let id = format!("{name}-{run}-{}", if why == Why::Held { "held" } else { "dead" });
            send(configuration, &id, &Note { why, sync: name.to_owned(), run: Some(report.run), count, message }).await;
        }
    }
}

/// Tells the operator about a run that failed.
pub async fn tell_failure(configuration: &Configuration, name: &str, failure: &EngineError) {
    let note = Note { why: Why::Failed, sync: name.to_owned(), run: None, count: 1, message: failure.to_string() };
    send(configuration, &format!("{name}-failed-{}", SystemClock.now().as_second()), &note).await;
}

async fn send(configuration: &Configuration, id: &str, note: &Note) {
    let MeantNotify { settings, reach, .. } = match configuration.open_notify() {
        Ok(Some(notify)) => notify,
        Ok(None) => return,
        Err(problems) => {
            error!(error = %problems, "the webhook could not be opened");
            return;
        }
    };
    let sent = async {
        let client = http::client(&reach).map_err(|error| format!("{error:#}"))?;
        let notifier = Notifier::open(settings, client).map_err(|failure| failure.message)?;
        for wait in [0, 1, 5] {
            SystemClock.sleep(Duration::from_secs(wait)).await;
            match notifier.send(id, SystemClock.now(), note).await {
                Ok(()) => return Ok(()),
                Err(failure) if wait == 5 => return Err(failure.message),
                Err(_) => {}
            }
        }
        Ok(())
    };
    if let Err(message) = sent.await {
        error!(error = %message, "the webhook did not take a note");
    }
}

fn router(metrics: metrics_exporter_prometheus::PrometheusHandle, health: Health) -> Router {
    Router::new()
        .route("/metrics", get(move || std::future::ready(metrics.render())))
        .route("/health", get(|| std::future::ready("alive\n")))
        .route(
            "/ready",
            get(move || {
                let syncs = lock(&health).clone();
                let ready = syncs.values().all(|one| one.finished.is_some() && !one.failing);
                let told: BTreeMap<_, _> = syncs
                    .into_iter()
                    .map(|(name, one)| {
                        let finished = one.finished.map(|at| at.to_string());
                        (name, serde_json::json!({ "last_finished": finished, "failing": one.failing }))
                    })
                    .collect();
                let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
                std::future::ready((status, axum::Json(serde_json::json!({ "ready": ready, "syncs": told }))))
            }),
        )
}
