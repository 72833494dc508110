//! The engine: its parts, and what can be asked of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::{Clock, Journal, Key, RunId, Source, Target};

use crate::report::{EngineError, Event, Explained, Orphan, Patience, Report, Run};
use crate::stop::Stop;
use crate::sync::Sync;

/// Everything a run needs from outside.
#[derive(Debug)]
pub struct Engine<S, T, J, C> {
    /// Where people come from.
    pub source: S,
    /// Where they go, by name.
    pub targets: BTreeMap<Arc<str>, T>,
    /// What survives.
    pub journal: J,
    /// Time.
    pub clock: C,
    /// Who runs: shown to whoever finds a sync busy.
    pub holder: Arc<str>,
    /// How patient runs are.
    pub patience: Patience,
}

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Runs a sync: an interrupted run first, if there is one, then what was asked for.
    pub async fn run(
        &self,
        sync: &Sync,
        run: Run,
        events: &(impl Fn(Event) + Send + std::marker::Sync),
        stop: &Stop,
    ) -> Result<Report, EngineError> {
        self.run_all(sync, &run, events, stop).await
    }

    /// Delivers exactly what a plan says, or refuses: a complete plan, or the held changes of a finished run.
    pub async fn apply(
        &self,
        sync: &Sync,
        run: RunId,
        events: &(impl Fn(Event) + Send + std::marker::Sync),
        stop: &Stop,
    ) -> Result<Report, EngineError> {
        self.apply_plan(sync, run, events, stop).await
    }

    /// Plans and delivers anew for the people whose changes of a run became dead letters.
    pub async fn replay(
        &self,
        sync: &Sync,
        run: RunId,
        events: &(impl Fn(Event) + Send + std::marker::Sync),
        stop: &Stop,
    ) -> Result<Report, EngineError> {
        self.replay_dead(sync, run, events, stop).await
    }

    /// Accounts of the sync's targets that nobody owns: linked to no person of the sync. Targets that cannot list are passed over.
    pub async fn orphans(&self, sync: &Sync) -> Result<Vec<Orphan>, EngineError> {
        self.find_orphans(sync).await
    }

    /// One person's way through the house, without doing anything; `None` when the source does not have them.
    pub async fn explain(&self, sync: &Sync, key: &Key) -> Result<Option<Explained>, EngineError> {
        self.explain_one(sync, key).await
    }
}
