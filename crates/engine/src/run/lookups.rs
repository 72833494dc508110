//! Asking targets which accounts there are. A target that cannot be asked keeps nobody else waiting: it is passed over
//! for the rest of the run, and whoever had to be looked up there comes again with the next one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use joinery_model::{Clock, Correlation, Failure, Found, Journal, Key, Ref, Retry, RunId, Source, Target};

use super::listed::Listed;
use super::prepare::DUE;
use crate::engine::Engine;
use crate::report::EngineError;
use crate::sync::Sync;

/// What the look-ups of a run remember from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct LookUps {
    /// Accounts that have an owner, by target: filled when the first account is found by correlation.
    pub(super) owners: HashMap<Arc<str>, HashMap<Arc<str>, Key>>,
    /// Targets that could not be asked in this run.
    pub(super) unreachable: BTreeMap<Arc<str>, Failure>,
    /// The accounts that there are, by target: of a full run, where the target can list them.
    pub(super) listed: HashMap<Arc<str>, Listed>,
    /// People whose accounts are looked for whatever is known of them: a plan says that they are not there any more.
    pub(super) doubted: HashSet<Key>,
    /// Whom an earlier run postponed, by target.
    pub(super) postponed: HashMap<Arc<str>, HashSet<Key>>,
    /// Whom the sync's first walk postponed, by target: what holds for a first walk still holds for them there.
    pub(super) first: HashMap<Arc<str>, HashSet<Key>>,
}

impl LookUps {
    /// Was this person postponed there by the sync's first walk?
    pub(super) fn is_first(&self, target: &Arc<str>, person: &Key) -> bool {
        self.first.get(target).is_some_and(|keys| keys.contains(person))
    }

    /// Could this target not be asked?
    pub(crate) fn is_unreachable(&self, target: &Arc<str>) -> bool {
        self.unreachable.contains_key(target)
    }

    /// Did an earlier run postpone them anywhere?
    pub(super) fn is_postponed(&self, person: &Key) -> bool {
        self.postponed.values().chain(self.first.values()).any(|keys| keys.contains(person))
    }

    /// Is this account missing from the target's own list? Never of a target that was not listed in this run.
    pub(super) fn is_unlisted(&self, target: &Arc<str>, id: &Arc<str>) -> bool {
        self.listed.get(target).is_some_and(|listed| !listed.has(id))
    }

    /// This account is that person's from now on.
    pub(super) fn own(&mut self, target: &Arc<str>, id: &Arc<str>, person: &Key) {
        self.owners.entry(Arc::clone(target)).or_default().insert(Arc::clone(id), person.clone());
    }

    /// Does this account belong to another person? Owners must have been loaded.
    pub(super) fn is_owned(&self, target: &Arc<str>, id: &str, by_other_than: &Key) -> bool {
        self.owners.get(target).and_then(|owners| owners.get(id)).is_some_and(|owner| owner != by_other_than)
    }

    /// Targets that could not be asked and are not in `told` yet, and why; they are afterwards.
    pub(super) fn news(&self, told: &mut BTreeSet<Arc<str>>) -> Vec<(Arc<str>, String)> {
        let new = self.unreachable.iter().filter(|(target, _)| told.insert(Arc::clone(target)));
        new.map(|(target, failure)| (Arc::clone(target), said(failure))).collect()
    }
}

/// The reference that brings back somebody who could not be looked up in a target.
pub(super) fn postponed(target: &str, first: bool) -> Ref {
    Ref::new(DUE, format!("{}:{target}", if first { "first" } else { "again" }))
}

/// Why a target cannot be used in a run.
pub(super) fn said(failure: &Failure) -> String {
    match failure.retry() {
        Retry::No => format!("it refuses: {}", failure.message),
        _ => failure.message.clone(),
    }
}

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Looks accounts up as [`Engine::find`] does; `None` when the target cannot be asked in this run. Tries again as
    /// often as a delivery would before its target counts as unreachable, within the run's patience.
    pub(crate) async fn look_up(
        &self,
        name: &Arc<str>,
        target: &T,
        wanted: &[Correlation],
        lookups: &mut LookUps,
    ) -> Result<Option<Vec<Found>>, EngineError> {
        if wanted.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let (mut tries, mut waited) = (0, Duration::ZERO);
        while !lookups.unreachable.contains_key(name) {
            let failure = match self.find(name, target, wanted).await {
                Ok(found) => return Ok(Some(found)),
                Err(EngineError::Target { failure, .. }) => failure,
                Err(error) => return Err(error),
            };
            tries += 1;
            if let Retry::Later(after) = failure.retry() {
                let wait = self.wait_after(tries).max(after.unwrap_or_default());
                if tries < self.patience.outages && waited + wait <= self.patience.wait {
                    waited += wait;
                    self.clock.sleep(wait).await;
                    continue;
                }
            }
            lookups.unreachable.insert(Arc::clone(name), failure);
        }
        Ok(None)
    }

    /// Looks accounts up; one answer for each question.
    pub(crate) async fn find(
        &self,
        name: &Arc<str>,
        target: &T,
        wanted: &[Correlation],
    ) -> Result<Vec<Found>, EngineError> {
        let failed = |failure| EngineError::Target { target: Arc::clone(name), failure };
        let mut found = Vec::with_capacity(wanted.len());
        for part in wanted.chunks(self.patience.batch.max(1)) {
            let answer = target.find(part).await.map_err(failed)?;
            if answer.len() != part.len() {
                let message = format!(
                    "answered {} of {} look-ups; report this to whoever wrote the target",
                    answer.len(),
                    part.len()
                );
                return Err(failed(Failure::refused(message)));
            }
            found.extend(answer);
        }
        Ok(found)
    }

    /// What earlier runs left to be looked up, of people whom this run has not seen yet.
    pub(super) async fn lookups(&self, sync: &Sync, run: RunId) -> Result<LookUps, EngineError> {
        let mut lookups = LookUps::default();
        for name in sync.targets() {
            let keys = self.leaning_on(run, &postponed(name, false)).await?;
            lookups.postponed.insert(Arc::clone(name), keys);
            let keys = self.leaning_on(run, &postponed(name, true)).await?;
            lookups.first.insert(Arc::clone(name), keys);
        }
        Ok(lookups)
    }

    async fn leaning_on(&self, run: RunId, reference: &Ref) -> Result<HashSet<Key>, EngineError> {
        let mut all = HashSet::new();
        let mut after: Option<Key> = None;
        loop {
            let keys = self.journal.people_with(run, std::slice::from_ref(reference), after.as_ref(), 1000).await;
            let keys = keys.map_err(EngineError::Journal)?;
            let Some(last) = keys.last() else { return Ok(all) };
            after = Some(last.clone());
            all.extend(keys);
        }
    }

    pub(super) async fn load_owners(
        &self,
        sync: &Sync,
        target: &Arc<str>,
        lookups: &mut LookUps,
    ) -> Result<(), EngineError> {
        if lookups.owners.contains_key(target) {
            return Ok(());
        }
        let mut owned = HashMap::new();
        let mut after: Option<Key> = None;
        loop {
            let links = self.journal.links(&sync.0.name, target, after.as_ref(), 1000).await;
            let links = links.map_err(EngineError::Journal)?;
            let Some(last) = links.last() else { break };
            after = Some(last.person.clone());
            owned.extend(links.into_iter().map(|link| (link.target_id, link.person)));
        }
        lookups.owners.insert(Arc::clone(target), owned);
        Ok(())
    }
}
