//! Wiring: which tenant, which targets, which state, one engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_engine::{Engine, Patience, Report, Sync};
use joinery_model::RunId;
use joinery_store::Store;
use joinery_targets::Any;
use joinery_tenant::{Patience as TenantPatience, ReadSettings, Reader, Transport, WriteBack};

use crate::SystemClock;
use crate::cli::Wrong;
use crate::config::{Configuration, MeantConnection, MeantTarget};
use crate::destination::Destination;
use crate::exit::Exit;
use crate::http;

/// How long a tenant in trouble is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Minutes, as its maintenance and its limits ask for: nobody sits and waits.
    Patiently,
    /// Seconds: somebody does.
    Briefly,
}

/// The engine as this binary runs it.
pub type App = Engine<Reader, Destination, Store, SystemClock>;

/// Opens everything that a sync needs. Nothing is asked over the network yet.
pub fn engine(configuration: &Configuration, sync: &Sync, wait: Wait) -> Result<App, Wrong> {
    let source = source(configuration, sync, wait)?;
    let mut targets = BTreeMap::new();
    for name in sync.targets() {
        targets.insert(Arc::clone(name), target(configuration, sync, name)?);
    }
    Ok(Engine {
        source,
        targets,
        journal: store(configuration)?,
        clock: SystemClock,
        holder: holder().into(),
        patience: Patience::default(),
    })
}

/// Requests to the tenant so far, sign-ins and repetitions among them.
pub fn requests(app: &App) -> u64 {
    app.source.transport().counts().requests
}

/// The report with every request that the run cost, not only those of its pages, and in every process that worked at it;
/// history says the same from now on. `before` is what had been asked when the run began.
pub async fn counted(app: &App, before: u64, mut report: Report) -> Report {
    let mut here = requests(app).saturating_sub(before);
    if let Some(first) = &mut report.finished_first {
        here = here.saturating_sub(first.requests);
        first.requests = kept(app, first.run, 0).await.unwrap_or(first.requests);
    }
    let requests = kept(app, report.run, here.saturating_sub(report.requests)).await.unwrap_or(here);
    Report { requests, ..report }
}

/// Writes down what a run cost besides its pages; gives all that it cost.
async fn kept(app: &App, run: RunId, more: u64) -> Option<u64> {
    let all = app.journal.add_requests(run, more).await;
    all.inspect_err(|failure| tracing::warn!(run = run.0, %failure, "a run's requests were not written down")).ok()
}

/// Opens a sync's connection for reading.
pub fn source(configuration: &Configuration, sync: &Sync, wait: Wait) -> Result<Reader, Wrong> {
    let mut connection = configuration.open_connection(sync.connection())?;
    if wait == Wait::Briefly {
        connection.settings.patience = TenantPatience::brief();
    }
    let settings = ReadSettings {
        page_size: connection.page_size.into(),
        lead_days: sync.lead_days(),
        leaver_days: sync.leaver_days(),
        server_zone: connection.zone.clone(),
    };
    Ok(Reader::new(transport(sync.connection(), connection)?, settings))
}

/// A way to a tenant that signs in, paces itself and retries.
pub fn transport(name: &str, connection: MeantConnection) -> Result<Transport, Wrong> {
    let client =
        http::client(&connection.reach).map_err(|error| Wrong::usage(format!("connection.{name}: {error:#}")))?;
    let transport = Transport::new(client, connection.settings, SystemClock, seed());
    Ok(match connection.shelf {
        Some((folder, believed)) => transport.keeping(folder, believed),
        None => transport,
    })
}

/// Opens a target. Nothing is asked over the network yet.
pub fn target(configuration: &Configuration, sync: &Sync, name: &str) -> Result<Destination, Wrong> {
    let wrong = |message: String| Wrong::usage(format!("target.{name}: {message}"));
    match configuration.open_target(sync, name)? {
        MeantTarget::Elsewhere { settings, reach } => {
            let client = http::client(&reach).map_err(|error| wrong(format!("{error:#}")))?;
            let target = Any::open(*settings, client, SystemClock).map_err(|failure| wrong(failure.message))?;
            Ok(Destination::Elsewhere(target))
        }
        MeantTarget::Tenant { connection, meant, settings, attributes } => {
            let transport = transport(&connection, *meant)?;
            let target = WriteBack::open(transport, settings, attributes).map_err(|failure| wrong(failure.message))?;
            Ok(Destination::Tenant(Box::new(target)))
        }
    }
}

/// Opens the state, making it when it is not there.
pub fn store(configuration: &Configuration) -> Result<Store, Wrong> {
    Store::open(configuration.store_path()).map_err(|failure| Wrong::failed(Exit::Failed, &failure))
}

/// Opens a state that must be there already: commands that only look or keep make none.
pub fn existing_store(configuration: &Configuration) -> Result<Store, Wrong> {
    let path = configuration.store_path();
    if !path.exists() {
        return Err(Wrong::usage(format!(
            "there is no state at {} yet; the first `joinery sync` or `joinery plan` makes it",
            path.display()
        )));
    }
    store(configuration)
}

/// Who runs, for whoever finds a sync busy.
fn holder() -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!("{} (process {})", if host.trim().is_empty() { "this machine" } else { host.trim() }, std::process::id())
}

/// A number unlike any other process's: it makes correlation ids and assertion ids differ.
fn seed() -> u64 {
    let mut bytes = [0_u8; 8];
    // Without a random source the process id still tells processes of one machine apart.
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        return u64::from(std::process::id());
    }
    u64::from_le_bytes(bytes)
}
