//! Delivery: claim, apply, settle; in order per person, several calls per target at once, again later or never.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use jiff::Timestamp;
use joinery_model::{Action, Change, ChangeId, Clock, Failure, Journal, Key, Outcome, Retry, Settled, Source, Target};
use tokio::sync::Semaphore;

use super::lease::later;
use super::lookups::said;
use super::{Tell, Under};
use crate::engine::Engine;
use crate::report::{EngineError, Event};

/// Delivered changes by target and action name.
pub(super) type Done = BTreeMap<Arc<str>, BTreeMap<String, u64>>;

/// What the deliveries of a run came to.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    pub(super) done: Done,
    pub(super) unreachable: BTreeMap<Arc<str>, String>,
    /// Targets for which something is dead or waits for another try.
    pub(super) incomplete: BTreeSet<Arc<str>>,
    pub(super) stopped: bool,
}

/// One target while it is delivered to; its workers share it.
struct Drain<'t, T> {
    name: &'t Arc<str>,
    target: &'t T,
    calls: Semaphore,
    state: Mutex<DrainState>,
}

#[derive(Default)]
struct DrainState {
    /// Failed calls in a row.
    failures: u32,
    unreachable: Option<String>,
    done: BTreeMap<String, u64>,
    settled: u64,
    dead: u64,
}

impl<T> Drain<'_, T> {
    fn state(&self) -> std::sync::MutexGuard<'_, DrainState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Delivers until nothing is left that can be delivered within this run's patience.
    /// Targets that did not answer the walk are not called; one that refused its look-ups may still take a change.
    pub(super) async fn deliver<F: Tell>(
        &self,
        under: &Under<'_, F>,
        unreachable: &BTreeMap<Arc<str>, Failure>,
    ) -> Result<Delivered, EngineError> {
        let mut delivered = Delivered::default();
        let silent = unreachable.iter().filter(|(_, failure)| failure.retry() != Retry::No);
        delivered.unreachable.extend(silent.map(|(name, failure)| (Arc::clone(name), said(failure))));
        let mut waited = Duration::ZERO;
        loop {
            let names: Vec<&Arc<str>> =
                under.sync.targets().filter(|name| !delivered.unreachable.contains_key(*name)).collect();
            let mut drains = Vec::with_capacity(names.len());
            for name in names {
                let target = self.target(under.sync, name)?;
                let calls = Semaphore::new(target.can().parallel.max(1));
                drains.push(Drain { name, target, calls, state: Mutex::new(DrainState::default()) });
            }
            // Every target ends what it began, even when another one's journal call fails.
            for drained in join_all(drains.iter().map(|drain| self.drain(under, drain))).await {
                drained?;
            }
            let mut progress = false;
            for drain in drains {
                let state = drain.state.into_inner().unwrap_or_else(PoisonError::into_inner);
                progress |= state.settled > 0;
                for (action, count) in state.done {
                    *delivered.done.entry(Arc::clone(drain.name)).or_default().entry(action).or_default() += count;
                }
                if state.dead > 0 {
                    delivered.incomplete.insert(Arc::clone(drain.name));
                }
                if let Some(why) = state.unreachable {
                    delivered.unreachable.insert(Arc::clone(drain.name), why);
                }
            }
            if under.stop.asked() {
                delivered.stopped = true;
                return Ok(delivered);
            }
            if self.fill(under).await? > 0 {
                continue;
            }
            let mut left: BTreeMap<&Arc<str>, Timestamp> = BTreeMap::new();
            for name in under.sync.targets().filter(|name| !delivered.unreachable.contains_key(*name)) {
                let due = self.journal.next_due(&under.lease.fence, name).await.map_err(EngineError::Journal)?;
                left.extend(due.map(|due| (name, due)));
            }
            let Some(due) = left.values().min() else { return Ok(delivered) };
            let wait = Duration::try_from(due.duration_since(self.clock.now())).unwrap_or(Duration::ZERO);
            if (wait.is_zero() && !progress) || waited + wait > self.patience.wait {
                delivered.incomplete.extend(left.into_keys().cloned());
                return Ok(delivered);
            }
            if !wait.is_zero() {
                (under.events)(Event::Waiting { wait });
                waited += wait;
                self.pause(under, wait).await;
            }
        }
    }

    /// Waits, but not past a stop signal.
    async fn pause<F: Tell>(&self, under: &Under<'_, F>, wait: Duration) {
        tokio::select! {
            () = self.clock.sleep(wait) => {}
            () = under.stop.wait() => {}
        }
    }

    /// Delivers to one target until nothing of it is due.
    async fn drain<F: Tell>(&self, under: &Under<'_, F>, drain: &Drain<'_, T>) -> Result<(), EngineError> {
        // One worker more than calls: it claims and settles while the others wait for the target.
        let workers = drain.target.can().parallel.max(1) + 1;
        try_join_all((0..workers).map(|_| self.work(under, drain))).await.map(|_| ())
    }

    async fn work<F: Tell>(&self, under: &Under<'_, F>, drain: &Drain<'_, T>) -> Result<(), EngineError> {
        let batch = drain.target.can().batch.max(1);
        loop {
            if under.stop.asked() || drain.state().unreachable.is_some() {
                return Ok(());
            }
            under.lease.keep(&self.journal, &self.clock).await?;
            // Claimed while the others call, so that the target never waits for the journal.
            let claimed = self.journal.claim(&under.lease.fence, drain.name, self.clock.now(), batch).await;
            let claimed = claimed.map_err(EngineError::Journal)?;
            if claimed.is_empty() {
                return Ok(());
            }
            let outcomes = {
                let _call = drain.calls.acquire().await.map_err(|closed| EngineError::Broken(closed.to_string()))?;
                under.lease.keep(&self.journal, &self.clock).await?;
                let unreachable = drain.state().unreachable.clone();
                match unreachable {
                    None => self.call(under, drain, &claimed).await,
                    Some(why) => return self.put_back(under, &claimed, &why).await,
                }
            };
            let pause = self.settle(under, drain, claimed, outcomes).await?;
            if let Some(pause) = pause {
                self.pause(under, pause).await;
            }
        }
    }

    /// Gives back what was claimed for a target that turned out to be unreachable meanwhile.
    async fn put_back<F>(&self, under: &Under<'_, F>, claimed: &[Change], why: &str) -> Result<(), EngineError> {
        let now = self.clock.now();
        let again = |change: &Change| (change.id, Settled::NotTried { due: now, why: why.to_owned() });
        let settled: Vec<(ChangeId, Settled)> = claimed.iter().map(again).collect();
        self.journal.settle(&under.lease.fence, &settled, now).await.map(drop).map_err(EngineError::Journal)
    }

    /// One call to the target. Adopting writes nothing, so it needs no call.
    async fn call<F: Tell>(
        &self,
        under: &Under<'_, F>,
        drain: &Drain<'_, T>,
        claimed: &[Change],
    ) -> Result<Vec<Outcome>, Failure> {
        let adopts = |change: &Change| change.action == Action::Adopt && change.target_id.is_some();
        let answers = if claimed.iter().any(adopts) {
            let calls: Vec<Change> = claimed.iter().filter(|change| !adopts(change)).cloned().collect();
            self.apply_to(under, drain, &calls).await?
        } else {
            self.apply_to(under, drain, claimed).await?
        };
        let mut answers = answers.into_iter();
        let outcome = |change: &Change| match &change.target_id {
            Some(id) if adopts(change) => Outcome::Done { target_id: Arc::clone(id), echo: None },
            _ => answers.next().unwrap_or_else(|| Outcome::Again(None, "no answer".to_owned())),
        };
        Ok(claimed.iter().map(outcome).collect())
    }

    async fn apply_to<F: Tell>(
        &self,
        under: &Under<'_, F>,
        drain: &Drain<'_, T>,
        calls: &[Change],
    ) -> Result<Vec<Outcome>, Failure> {
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let answers = drain.target.apply(under.begun.run, calls).await?;
        if answers.len() != calls.len() {
            return Err(Failure::later(format!("answered {} of {} changes", answers.len(), calls.len()), None));
        }
        Ok(answers)
    }

    /// Writes down how a call ended; gives how long to wait before the next one, if the target seems to be down.
    async fn settle<F: Tell>(
        &self,
        under: &Under<'_, F>,
        drain: &Drain<'_, T>,
        claimed: Vec<Change>,
        outcomes: Result<Vec<Outcome>, Failure>,
    ) -> Result<Option<Duration>, EngineError> {
        let now = self.clock.now();
        let mut pause = None;
        let mut settled: Vec<(ChangeId, Settled)> = Vec::with_capacity(claimed.len());
        let mut done: BTreeMap<String, u64> = BTreeMap::new();
        let mut letters = Vec::new();
        let whose: Vec<(ChangeId, Action, Key)> =
            claimed.iter().map(|change| (change.id, change.action, change.person.clone())).collect();
        match outcomes {
            Ok(outcomes) => {
                drain.state().failures = 0;
                for (change, outcome) in claimed.into_iter().zip(outcomes) {
                    let end = self.end_of(&change, outcome, now);
                    match &end {
                        Settled::Done { .. } => *done.entry(change.action.name().to_owned()).or_default() += 1,
                        Settled::Dead(why) => letters.push((change.person, why.clone())),
                        Settled::Again { .. } | Settled::NotTried { .. } => {}
                    }
                    settled.push((change.id, end));
                }
            }
            Err(failure) => {
                // A failure of the whole call is the target's, never the change's: no dead letter comes of it.
                let why = failure.message.clone();
                let mut state = drain.state();
                state.failures += 1;
                let given = match failure.retry() {
                    Retry::Later(after) => after.unwrap_or_default(),
                    _ => Duration::ZERO,
                };
                // Calls that fail side by side are one failure: a hiccup hits them all.
                let parallel = u32::try_from(drain.target.can().parallel.max(1)).unwrap_or(u32::MAX);
                let rounds = state.failures.div_ceil(parallel);
                let wait = given.max(self.wait_after(rounds));
                let hopeless = failure.retry() == Retry::No || rounds >= self.patience.outages;
                if hopeless && state.unreachable.is_none() {
                    let why = said(&failure);
                    state.unreachable = Some(why.clone());
                    (under.events)(Event::Unreachable { target: Arc::clone(drain.name), why });
                } else if !hopeless {
                    pause = Some(wait.min(self.patience.wait));
                }
                drop(state);
                let due = later(now, wait);
                let end = if failure.untried { Settled::NotTried { due, why } } else { Settled::Again { due, why } };
                settled.extend(claimed.iter().map(|change| (change.id, end.clone())));
            }
        }
        let waits = |end: &Settled| matches!(end, Settled::Again { .. } | Settled::NotTried { .. });
        let mut again = settled.iter().filter(|(_, end)| waits(end)).count() as u64;
        let otherwise = self.journal.settle(&under.lease.fence, &settled, now).await.map_err(EngineError::Journal)?;
        // What the target did to another person's account is not done.
        for (id, end) in otherwise {
            let Some((_, action, person)) = whose.iter().find(|(known, ..)| *known == id) else { continue };
            done.entry(action.name().to_owned()).and_modify(|count| *count = count.saturating_sub(1));
            match end {
                Settled::Dead(why) => letters.push((person.clone(), why)),
                _ => again += 1,
            }
        }
        done.retain(|_, count| *count > 0);
        let event = Event::Delivered {
            target: Arc::clone(drain.name),
            done: done.values().sum(),
            again,
            dead: letters.len() as u64,
        };
        {
            let mut state = drain.state();
            state.settled += done.values().sum::<u64>() + letters.len() as u64;
            state.dead += letters.len() as u64;
            for (action, count) in done {
                *state.done.entry(action).or_default() += count;
            }
        }
        (under.events)(event);
        for (person, why) in letters {
            (under.events)(Event::DeadLetter { target: Arc::clone(drain.name), person, why });
        }
        Ok(pause)
    }

    fn end_of(&self, change: &Change, outcome: Outcome, now: Timestamp) -> Settled {
        match outcome {
            Outcome::Done { target_id, .. } => Settled::Done { target_id },
            Outcome::Refused(why) => Settled::Dead(why),
            Outcome::NotTried(after, why) => {
                // Not counted, so the waits do not grow: not the shortest of them.
                let wait = self.wait_after(change.attempts.saturating_add(2)).max(after.unwrap_or_default());
                Settled::NotTried { due: later(now, wait), why }
            }
            Outcome::Again(after, why) => {
                let tries = change.attempts.saturating_add(1);
                if tries >= self.patience.tries {
                    return Settled::Dead(format!("given up after {tries} tries: {why}"));
                }
                let wait = self.wait_after(tries).max(after.unwrap_or_default());
                Settled::Again { due: later(now, wait), why }
            }
        }
    }

    /// The wait after the n-th try.
    pub(super) fn wait_after(&self, tries: u32) -> Duration {
        let schedule = &self.patience.schedule;
        let at = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX).min(schedule.len().saturating_sub(1));
        schedule.get(at).copied().unwrap_or_default()
    }
}
