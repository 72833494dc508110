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
        let _ = (sync, run, events, stop);
        Err(EngineError::Nothing("the run is being built".to_owned()))
    }

    /// Delivers exactly what a plan says, or refuses: a complete plan, or the held changes of a finished run.
    pub async fn apply(
        &self,
        sync: &Sync,
        run: RunId,
        events: &(impl Fn(Event) + Send + std::marker::Sync),
        stop: &Stop,
    ) -> Result<Report, EngineError> {
        let _ = (sync, run, events, stop);
        Err(EngineError::Nothing("the run is being built".to_owned()))
    }

    /// Plans and delivers anew for the people whose changes of a run became dead letters.
    pub async fn replay(
        &self,
        sync: &Sync,
        run: RunId,
        events: &(impl Fn(Event) + Send + std::marker::Sync),
        stop: &Stop,
    ) -> Result<Report, EngineError> {
        let _ = (sync, run, events, stop);
        Err(EngineError::Nothing("the run is being built".to_owned()))
    }

    /// Accounts of the sync's targets that nobody owns: neither linked to a person nor to be found from one.
    pub async fn orphans(&self, sync: &Sync) -> Result<Vec<Orphan>, EngineError> {
        let _ = sync;
        Err(EngineError::Nothing("the run is being built".to_owned()))
    }

    /// One person's way through the house, without doing anything; `None` when the source does not have them.
    pub async fn explain(&self, sync: &Sync, key: &Key) -> Result<Option<Explained>, EngineError> {
        let _ = (sync, key);
        Err(EngineError::Nothing("the run is being built".to_owned()))
    }
}
