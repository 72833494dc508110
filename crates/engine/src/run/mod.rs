//! One run: walk, judge, release, deliver, close, balance.

mod absent;
mod apart;
mod apply;
mod as_held;
mod compare;
mod deliver;
mod fill;
mod known;
mod lease;
mod listed;
mod lookups;
mod page;
mod pages;
mod prepare;
mod unique;
mod unsaid;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use joinery_model::{
    Begin, Begun, ChangeState, Clock, Failure, HoldBack, Journal, Key, Retry, RunId, RunKind, RunState, Source, Stored,
    Tally, Target,
};

pub(crate) use lookups::LookUps;
pub(crate) use page::{Circumstances, correlation};
pub(crate) use prepare::prepare;
pub(crate) use unsaid::{left_as_it_is, unsaid};

use crate::engine::Engine;
use crate::report::{Ended, EngineError, Event, Report, Run};
use crate::stop::Stop;
use crate::sync::{Sync, Walked};
use lease::Lease;
use lookups::said;

/// Where events go.
pub(crate) trait Tell: Fn(Event) + Send + std::marker::Sync {}
impl<F: Fn(Event) + Send + std::marker::Sync> Tell for F {}

/// A run under way.
pub(crate) struct Under<'r, F> {
    pub(crate) sync: &'r Sync,
    pub(crate) begun: &'r Begun,
    pub(crate) lease: &'r Lease,
    pub(crate) events: &'r F,
    pub(crate) stop: &'r Stop,
}

/// What a finished walk says.
#[derive(Debug, Default)]
pub(crate) struct WalkEnd {
    pub(crate) requests: u64,
    pub(crate) unreadable: u64,
    /// Named people whom the source does not have.
    pub(crate) absent: Vec<Key>,
    pub(crate) expected: absent::Expected,
    /// Targets that could not be asked which accounts there are.
    pub(crate) unreachable: BTreeMap<Arc<str>, Failure>,
    /// The walk was asked to stop and goes on another time.
    pub(crate) stopped: bool,
}

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Runs what was asked for, after an interrupted run of the same sync if there is one.
    pub(crate) async fn run_all(
        &self,
        sync: &Sync,
        run: &Run,
        events: &impl Tell,
        stop: &Stop,
    ) -> Result<Report, EngineError> {
        for name in sync.targets() {
            self.target(sync, name)?;
        }
        let mut first = None;
        loop {
            let kind = self.kind(sync, run).await?;
            let begin = self.begin(sync, kind, run.plan_only).await?;
            let begun = self.journal.begin(&begin).await.map_err(EngineError::Journal)?;
            let resumed = begun.resume.is_some();
            if run.plan_only && resumed && !begun.plan_only {
                self.make_way(&begun).await?;
                continue;
            }
            let mut report = self.go(sync, &begun, &run.keys, events, stop).await?;
            let asked = begun.kind == kind && begun.plan_only == run.plan_only && kind != RunKind::Keys;
            if !resumed || asked || report.ended == Ended::Stopped {
                report.finished_first = first;
                return Ok(report);
            }
            // An interrupted run came first and is over now: begin what was asked for.
            first = Some(Box::new(report));
        }
    }

    /// Whoever asks for a plan wants nothing to be written: an interrupted run must not go on delivering because of it.
    /// A walk that was interrupted is given up (the watermark did not move, so nothing is lost); a delivery is not.
    async fn make_way(&self, begun: &Begun) -> Result<(), EngineError> {
        let walking = begun.resume.as_ref().is_some_and(|resume| resume.state == RunState::Walking);
        if walking {
            let note = Some("interrupted, and given up for a plan");
            let ended = self.journal.finish(&begun.fence, begun.run, self.clock.now(), note).await;
            return ended.map(|_| ()).map_err(EngineError::Journal);
        }
        let lease = Lease::new(begun.fence.clone(), self.patience.lease, self.clock.now());
        lease.let_go(&self.journal, &self.clock).await;
        Err(EngineError::Nothing(format!(
            "run {} was interrupted while it delivered, and a plan writes nothing: run the sync first, then plan",
            begun.run.0
        )))
    }

    async fn kind(&self, sync: &Sync, run: &Run) -> Result<RunKind, EngineError> {
        if !run.keys.is_empty() {
            return Ok(RunKind::Keys);
        }
        let watermark = self.journal.watermark(&sync.0.name).await.map_err(EngineError::Journal)?;
        Ok(match (run.kind, watermark) {
            (Some(RunKind::Keys), _) => RunKind::Keys,
            // What changed cannot be asked for without a point in time to start from.
            (_, None) => RunKind::Full,
            (kind, Some(_)) => kind.unwrap_or(RunKind::Delta),
        })
    }

    pub(crate) async fn begin(&self, sync: &Sync, kind: RunKind, plan_only: bool) -> Result<Begin, EngineError> {
        let until = self.source.now().await.map_err(EngineError::Source)?;
        Ok(Begin {
            sync: Arc::clone(&sync.0.name),
            kind,
            plan_only,
            config_hash: Arc::clone(sync.config_hash()),
            until,
            now: self.clock.now(),
            holder: Arc::clone(&self.holder),
            lease: self.patience.lease,
        })
    }

    /// One begun run to its end. Whatever happens, the lease is let go, unless the process dies.
    async fn go(
        &self,
        sync: &Sync,
        begun: &Begun,
        keys: &[Key],
        events: &impl Tell,
        stop: &Stop,
    ) -> Result<Report, EngineError> {
        let lease = Lease::new(begun.fence.clone(), self.patience.lease, self.clock.now());
        let under = Under { sync, begun, lease: &lease, events, stop };
        (under.events)(Event::Began {
            run: begun.run,
            kind: begun.kind,
            plan_only: begun.plan_only,
            resumed: begun.resume.is_some(),
            first: begun.first,
        });
        let report = self.walk_and_deliver(&under, keys).await;
        match &report {
            Ok(report) if report.ended != Ended::Stopped => {}
            Err(EngineError::Source(failure)) if failure.retry() == Retry::No => {
                // It would fail the same way again: the run is over, and the next one begins at the old watermark.
                let note = failure.message.clone();
                let ended = self.journal.finish(&begun.fence, begun.run, self.clock.now(), Some(&note)).await;
                if let Err(failure) = ended {
                    tracing::warn!(run = begun.run.0, %failure, "the failed run was not written down as failed");
                }
            }
            _ => lease.let_go(&self.journal, &self.clock).await,
        }
        report
    }

    async fn walk_and_deliver<F: Tell>(&self, under: &Under<'_, F>, keys: &[Key]) -> Result<Report, EngineError> {
        let begun = under.begun;
        let mut end = WalkEnd::default();
        let mut held = Vec::new();
        let delivering = begun.resume.as_ref().is_some_and(|resume| resume.state == RunState::Delivering);
        if !delivering {
            end = self.walk(under, keys).await?;
            if end.stopped {
                return Ok(stopped(begun, end));
            }
            held = self.judge(under, &end).await?;
            under.lease.keep(&self.journal, &self.clock).await?;
            let released = self.journal.release(&begun.fence, begun.run, &held, false).await;
            released.map_err(EngineError::Journal)?;
        }
        if begun.plan_only && !delivering {
            let unreachable = end.unreachable.iter().map(|(name, failure)| (Arc::clone(name), said(failure))).collect();
            let report = self.end(under, end, held, unreachable).await?;
            return Ok(Report { ended: Ended::Planned, ..report });
        }
        self.deliver_and_close(under, end, held).await
    }

    /// Judges the whole walk.
    async fn judge<F: Tell>(&self, under: &Under<'_, F>, end: &WalkEnd) -> Result<Vec<HoldBack>, EngineError> {
        let totals = self.journal.totals(under.begun.run).await.map_err(EngineError::Journal)?;
        let totals = end.expected.counted(totals);
        let targets: Vec<Arc<str>> = under.sync.targets().cloned().collect();
        let walked = Walked { kind: under.begun.kind, first: under.begun.first, unreadable: end.unreadable };
        let held = under.sync.0.guard.judge(&targets, &totals, walked);
        let mut released: BTreeMap<Arc<str>, u64> = BTreeMap::new();
        for ((target, action), count) in &totals.planned {
            let back = |held: &&HoldBack| {
                held.target == *target && !held.gone_only && held.action.is_none_or(|held| held == *action)
            };
            if !under.begun.plan_only && !held.iter().any(|held| back(&held)) {
                *released.entry(Arc::clone(target)).or_default() += count;
            }
        }
        (under.events)(Event::Judged { released, held: held.clone() });
        Ok(held)
    }

    /// Delivers what is released, closes the targets, writes the balance.
    pub(crate) async fn deliver_and_close<F: Tell>(
        &self,
        under: &Under<'_, F>,
        end: WalkEnd,
        mut held: Vec<HoldBack>,
    ) -> Result<Report, EngineError> {
        let begun = under.begun;
        let mut delivered = self.deliver(under, &end.unreachable).await?;
        if delivered.stopped {
            return Ok(stopped(begun, end));
        }
        for (name, failure) in &end.unreachable {
            delivered.unreachable.entry(Arc::clone(name)).or_insert_with(|| said(failure));
        }
        if begun.resume.is_some() {
            // What an interrupted process delivered, and why it held what it held, is in the journal only.
            (delivered.done, held) = self.so_far(begun.run).await?;
        }
        for name in under.sync.targets() {
            under.lease.keep(&self.journal, &self.clock).await?;
            let tally = Tally {
                done: delivered.done.get(name).cloned().unwrap_or_default(),
                complete: !delivered.incomplete.contains(name) && !delivered.unreachable.contains_key(name),
                full: begun.kind == RunKind::Full,
            };
            let closed = self.target(under.sync, name)?.close(begun.run, &tally).await;
            match closed {
                Ok(()) => {}
                // It was told already that this target does not answer.
                Err(_) if delivered.unreachable.contains_key(name) => {}
                // The next run closes it again; the other targets have nothing to do with it.
                Err(failure) => {
                    let why = said(&failure);
                    (under.events)(Event::Unreachable { target: Arc::clone(name), why: why.clone() });
                    delivered.unreachable.insert(Arc::clone(name), why);
                }
            }
        }
        self.end(under, end, held, delivered.unreachable).await
    }

    async fn end<F: Tell>(
        &self,
        under: &Under<'_, F>,
        end: WalkEnd,
        held: Vec<HoldBack>,
        unreachable: BTreeMap<Arc<str>, String>,
    ) -> Result<Report, EngineError> {
        let begun = under.begun;
        for (name, why) in &unreachable {
            let note = format!("{name} could not be used: {why}");
            self.journal.note(&begun.fence, begun.run, &note).await.map_err(EngineError::Journal)?;
        }
        let unsaid = self.unheard(under.sync, begun.run).await?;
        if !unsaid.is_empty() {
            let note = unsaid.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            self.journal.note(&begun.fence, begun.run, &note).await.map_err(EngineError::Journal)?;
        }
        let balance = self.journal.finish(&begun.fence, begun.run, self.clock.now(), None).await;
        let balance = balance.map_err(EngineError::Journal)?;
        let wrong = balance.check();
        if !wrong.is_empty() {
            return Err(EngineError::Unbalanced { run: begun.run, wrong });
        }
        let sum = |of: fn(&joinery_model::TargetCount) -> u64| balance.targets.values().map(of).sum::<u64>();
        let ended = if sum(|count| count.dead) > 0 {
            Ended::Dead
        } else if sum(|count| count.held) > 0 {
            Ended::Held
        } else if sum(|count| count.pending) > 0 || !unreachable.is_empty() {
            Ended::Pending
        } else {
            Ended::Complete
        };
        let mut reasons: Vec<String> = held.iter().map(|held| format!("{}: {}", held.target, held.reason)).collect();
        reasons.dedup();
        Ok(Report {
            run: begun.run,
            kind: begun.kind,
            ended,
            balance: Some(balance),
            held: reasons,
            unreachable,
            absent: end.absent.into_iter().chain(end.expected.absent).collect(),
            unreadable: end.unreadable,
            unsaid,
            requests: end.requests,
            finished_first: None,
        })
    }

    /// Delivered changes of a run by target and action, and what of it is held, from the journal.
    async fn so_far(&self, run: RunId) -> Result<(deliver::Done, Vec<HoldBack>), EngineError> {
        let mut done = deliver::Done::new();
        let mut reasons = BTreeSet::new();
        let mut after = None;
        loop {
            let changes = self.journal.changes(run, after, 500).await.map_err(EngineError::Journal)?;
            let Some(last) = changes.last() else { break };
            after = Some(last.change.id);
            for Stored { change, state, reason, .. } in changes {
                match state {
                    ChangeState::Done => {
                        let actions = done.entry(change.target).or_default();
                        *actions.entry(change.action.name().to_owned()).or_default() += 1;
                    }
                    ChangeState::Held => drop(reasons.insert((change.target, reason.unwrap_or_default()))),
                    _ => {}
                }
            }
        }
        let held = |(target, reason)| HoldBack { target, action: None, gone_only: false, reason };
        Ok((done, reasons.into_iter().map(held).collect()))
    }
}

fn stopped(begun: &Begun, end: WalkEnd) -> Report {
    Report {
        run: begun.run,
        kind: begun.kind,
        ended: Ended::Stopped,
        balance: None,
        held: Vec::new(),
        unreachable: BTreeMap::new(),
        absent: end.absent.into_iter().chain(end.expected.absent).collect(),
        unreadable: end.unreadable,
        unsaid: Vec::new(),
        requests: end.requests,
        finished_first: None,
    }
}
