//! Delivering exactly a plan, or refusing it because it is not what would be planned now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use joinery_model::{
    Action, Change, ChangeState, Clock, Concern, Correlation, Found, Journal, Key, LeftOut, Link, Record, RunId,
    RunKind, Situation, Source, Stored, Target, Tried, Value, Waiting,
};

use super::apart::Apart;
use super::as_held::moved_since;
use super::lease::Lease;
use super::lookups::LookUps;
use super::page::Circumstances;
use super::prepare::prepare_all;
use super::{Tell, Under, WalkEnd, correlation};
use crate::engine::Engine;
use crate::report::{Ended, EngineError, Moved, Report, Run, Stale};
use crate::stop::Stop;
use crate::sync::Sync;

/// How accounts are looked for: by person, then by mapping, attributes in order of trust.
type Wanted = BTreeMap<Key, Vec<Vec<(Arc<str>, Value)>>>;

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Checks, then releases and delivers, every change of a run that waits for approval.
    pub(crate) async fn apply_plan(
        &self,
        sync: &Sync,
        run: RunId,
        events: &impl Tell,
        stop: &Stop,
    ) -> Result<Report, EngineError> {
        if self.to_apply(run).await?.is_empty() {
            return Err(self.nothing_waits(run).await?);
        }
        // The lease comes first: what another run did after the judgement would not be judged.
        let begin = self.begin(sync, RunKind::Keys, false).await?;
        let begun = self.journal.reopen(run, &begin).await.map_err(EngineError::Journal)?;
        let lease = Lease::new(begun.fence.clone(), self.patience.lease, self.clock.now());
        let under = Under { sync, begun: &begun, lease: &lease, events, stop };
        let report = async {
            let stale = self.stale(sync, run, &lease).await?;
            if !stale.is_empty() {
                return Err(EngineError::Stale { run, stale });
            }
            (under.events)(crate::report::Event::Began {
                run,
                kind: begun.kind,
                plan_only: false,
                resumed: begun.resume.is_some(),
                first: begun.first,
            });
            lease.keep(&self.journal, &self.clock).await?;
            let released = self.journal.release(&begun.fence, run, &[], true).await;
            released.map_err(EngineError::Journal)?;
            self.deliver_and_close(&under, WalkEnd::default(), Vec::new()).await
        };
        let report = report.await;
        if !matches!(&report, Ok(report) if report.ended != Ended::Stopped) {
            lease.let_go(&self.journal, &self.clock).await;
        }
        report
    }

    /// Plans anew for the people of a run's dead letters.
    pub(crate) async fn replay_dead(
        &self,
        sync: &Sync,
        run: RunId,
        events: &impl Tell,
        stop: &Stop,
    ) -> Result<Report, EngineError> {
        let mut keys = BTreeSet::new();
        self.each_change(run, |stored| {
            if stored.state == ChangeState::Dead {
                keys.insert(stored.change.person);
            }
        })
        .await?;
        if keys.is_empty() {
            return Err(EngineError::Nothing(format!("run {} has no dead letters to replay", run.0)));
        }
        let run = Run { kind: Some(RunKind::Keys), plan_only: false, keys: keys.into_iter().collect() };
        self.run_all(sync, &run, events, stop).await
    }

    async fn each_change(&self, run: RunId, mut with: impl FnMut(Stored)) -> Result<(), EngineError> {
        let mut after = None;
        loop {
            let changes = self.journal.changes(run, after, 500).await.map_err(EngineError::Journal)?;
            let Some(last) = changes.last() else { return Ok(()) };
            after = Some(last.change.id);
            changes.into_iter().for_each(&mut with);
        }
    }

    /// What of a run waits for approval, by person.
    async fn to_apply(&self, run: RunId) -> Result<BTreeMap<Key, Vec<Change>>, EngineError> {
        let mut planned: BTreeMap<Key, Vec<Change>> = BTreeMap::new();
        self.each_change(run, |stored| {
            if matches!(stored.state, ChangeState::Planned | ChangeState::Held) {
                planned.entry(stored.change.person.clone()).or_default().push(stored.change);
            }
        })
        .await?;
        Ok(planned)
    }

    /// Every planned or held change of the run that is not what would be planned now. The lease is held meanwhile.
    async fn stale(&self, sync: &Sync, run: RunId, lease: &Lease) -> Result<Vec<Stale>, EngineError> {
        let planned = self.to_apply(run).await?;
        if planned.is_empty() {
            return Err(self.nothing_waits(run).await?);
        }
        let watermark = self.journal.watermark(&sync.0.name).await.map_err(EngineError::Journal)?;
        let circumstances = Circumstances { first: watermark.is_none(), named: true };
        let as_of = self.source.now().await.map_err(EngineError::Source)?;
        let keys: Vec<Key> = planned.keys().cloned().collect();
        let mut stale = Vec::new();
        let made_again = |change: &Change| change.action == Action::Create && change.situation == Situation::Missing;
        let lost = |changes: &Vec<Change>| changes.iter().any(made_again);
        let doubted = planned.iter().filter(|(_, changes)| lost(changes)).map(|(key, _)| key.clone()).collect();
        let mut lookups = LookUps { doubted, ..LookUps::default() };
        for part in keys.chunks(self.patience.batch.max(1)) {
            lease.keep(&self.journal, &self.clock).await?;
            let ask = sync.ask(joinery_model::Scope::Keys(part.to_vec()), as_of);
            let seen = self.source.fetch(&ask, part).await.map_err(EngineError::Source)?;
            let apart = Apart::of(seen, Tried::Read);
            let absent = apart.absent(part);
            super::unsaid(sync, apart.rows.iter().map(|(row, _)| row))?;
            let prepared = prepare_all(&sync.0, apart.rows, sync.today(as_of)).await.map_err(EngineError::Broken)?;
            let wanted: Wanted = prepared
                .iter()
                .map(|person| {
                    let by = |record: &Result<_, _>| {
                        record.as_ref().map(|record| correlation(sync, record)).unwrap_or_default()
                    };
                    (person.key.clone(), person.records.iter().map(by).collect())
                })
                .collect();
            let mut now: BTreeMap<Key, Vec<(Arc<str>, Concern)>> = BTreeMap::new();
            let mut works = self.compare(sync, prepared, circumstances, &mut lookups).await?;
            self.look_at_accounts(sync, &mut works, &mut lookups).await?;
            for work in works {
                now.insert(work.key, work.targets.into_iter().map(|(target, concern, _)| (target, concern)).collect());
            }
            // Whoever cannot be read is not gone: nobody can say what would be planned for them now. A row without a
            // legible key may be anybody's who is missing.
            let mut unread: Vec<Key> = apart.unreadable.into_iter().map(|(key, _)| key).collect();
            let (lost, gone) = if apart.keyless > 0 { (absent, Vec::new()) } else { (Vec::new(), absent) };
            unread.extend(lost);
            for key in unread {
                let targets = sync.targets().map(|target| (Arc::clone(target), rejected()));
                now.insert(key, targets.collect());
            }
            let mut works = self.gone(sync, gone, &mut lookups).await?;
            self.look_at_accounts(sync, &mut works, &mut lookups).await?;
            for work in works {
                now.insert(work.key, work.targets.into_iter().map(|(target, concern, _)| (target, concern)).collect());
            }
            for rules in &sync.0.targets {
                let changes: Vec<&Change> =
                    part.iter().flat_map(|key| &planned[key]).filter(|change| change.target == rules.name).collect();
                let held = self.held_now(sync, &rules.name, &changes, &wanted, rules.mapping).await?;
                let links = self.journal.last(&sync.0.name, &rules.name, &persons(&changes)).await;
                let links = links.map_err(EngineError::Journal)?;
                let waits = self.journal.waiting(&sync.0.name, &rules.name, &persons(&changes)).await;
                let waits = waits.map_err(EngineError::Journal)?;
                for (((change, held), link), waits) in changes.into_iter().zip(held).zip(links).zip(waits) {
                    let concern = now.get(&change.person).and_then(|targets| {
                        targets.iter().find(|(target, _)| *target == change.target).map(|(_, concern)| concern)
                    });
                    stale.extend(moved(change, concern, held.as_ref(), link.as_ref(), &waits));
                }
            }
        }
        Ok(stale)
    }

    /// Why a run has nothing to apply: what it held may be held by a newer run now.
    async fn nothing_waits(&self, run: RunId) -> Result<EngineError, EngineError> {
        let moved = self.journal.moved_to(run).await.map_err(EngineError::Journal)?;
        if moved.is_empty() {
            return Ok(EngineError::Nothing(format!(
                "run {} has nothing that waits for approval: it was applied, dropped, or planned nothing",
                run.0
            )));
        }
        let names: Vec<String> = moved.iter().map(|run| run.0.to_string()).collect();
        let commands: Vec<String> = moved.iter().map(|run| format!("`joinery apply {}`", run.0)).collect();
        Ok(EngineError::Nothing(format!(
            "run {}'s changes are now in run {}, which read the same people again: {}",
            run.0,
            names.join(" and "),
            commands.join(" and ")
        )))
    }

    /// What the target holds now for each change: by its id when it is known, else by correlation. `None` where the
    /// target cannot say.
    async fn held_now(
        &self,
        sync: &Sync,
        name: &Arc<str>,
        changes: &[&Change],
        wanted: &Wanted,
        mapping: usize,
    ) -> Result<Vec<Option<Found>>, EngineError> {
        let target = self.target(sync, name)?;
        if !target.can().find {
            return Ok(changes.iter().map(|_| None).collect());
        }
        let mut asked = Vec::new();
        for change in changes {
            let by = wanted.get(&change.person).and_then(|by| by.get(mapping)).cloned().unwrap_or_default();
            asked.push(Correlation { person: change.person.clone(), target_id: change.target_id.clone(), by });
        }
        let answerable: Vec<Correlation> =
            asked.iter().filter(|wanted| wanted.target_id.is_some() || !wanted.by.is_empty()).cloned().collect();
        let mut found = self.find(name, target, &answerable).await?.into_iter();
        let answers = asked
            .iter()
            .map(|wanted| if wanted.target_id.is_some() || !wanted.by.is_empty() { found.next() } else { None });
        Ok(answers.collect())
    }
}

/// Nothing can be said of somebody who cannot be read.
fn rejected() -> Concern {
    Concern::Rejected(LeftOut { rule: "unreadable".into(), message: "the person could not be read".to_owned() })
}

fn persons(changes: &[&Change]) -> Vec<Key> {
    changes.iter().map(|change| change.person.clone()).collect()
}

/// Nothing and null are one: the journal keeps both as null.
fn same(planned: Option<&Value>, now: Option<&Value>) -> bool {
    planned.filter(|value| !value.is_null()) == now.filter(|value| !value.is_null())
}

/// How a planned change differs from what would be planned now: in the target, in the source, or not at all.
fn moved(
    change: &Change,
    now: Option<&Concern>,
    held: Option<&Found>,
    link: Option<&Link>,
    waits: &[Waiting],
) -> Vec<Stale> {
    let stale =
        |moved, what: String| Stale { person: change.person.clone(), target: Arc::clone(&change.target), moved, what };
    let in_target = held.map(|held| target_moved(change, held, link, now)).unwrap_or_default();
    let mut found = Vec::new();
    if !in_target.is_empty() {
        found.push(stale(Moved::Target, in_target.join(", ")));
    }
    if let Some(what) = source_moved(change, now, &in_target, waits) {
        found.push(stale(Moved::Source, what));
    }
    found
}

/// What moved in the target: attributes, or one sentence about the whole account.
fn target_moved(change: &Change, held: &Found, link: Option<&Link>, now: Option<&Concern>) -> Vec<String> {
    let names = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    let whole = |what: String| vec![what];
    match (held, link) {
        (Found::Many(ids), _) => whole(format!("{} accounts fit now", ids.len())),
        (Found::None, None) if change.target_id.is_none() => Vec::new(),
        (Found::None, _) if change.action == Action::Delete => Vec::new(),
        // Who is gone and has no account any more needs none made unusable.
        (Found::None, _) if change.situation == Situation::Gone => Vec::new(),
        (Found::None, _) if change.situation == Situation::Missing => Vec::new(),
        (Found::None, _) => whole("the account is not there any more".to_owned()),
        (Found::One(_), Some(_)) if change.situation == Situation::Missing => {
            whole("the account is there again".to_owned())
        }
        (Found::One(held), Some(_)) => names(moved_since(change, held)),
        (Found::One(_), None) if change.target_id.is_none() => whole("an account is there now".to_owned()),
        // An account that was found: what differs from the record must still be the same.
        (Found::One(_), None) => match now {
            Some(Concern::Planned(now)) => names(
                now.diff
                    .iter()
                    .filter(|diff| {
                        !change.diff.iter().any(|planned| {
                            planned.name == diff.name && same(planned.before.as_ref(), diff.before.as_ref())
                        })
                    })
                    .map(|diff| &*diff.name)
                    .filter(|name| change.after.attributes.get(*name) == now.after.attributes.get(*name))
                    .collect(),
            ),
            _ => Vec::new(),
        },
    }
}

/// What moved in the source. A reference that waited when the change was planned, and could be filled now, did not.
fn source_moved(change: &Change, now: Option<&Concern>, in_target: &[String], waits: &[Waiting]) -> Option<String> {
    let target_moved = !in_target.is_empty();
    let Some(Concern::Planned(now)) = now else {
        // Where the target moved, the comparison may say something else although the source stands still.
        return (!target_moved).then(|| match now {
            Some(Concern::Rejected(why)) => format!("would be rejected now by {}", why.rule),
            _ if change.situation == Situation::Gone => "is back, or has no account any more".to_owned(),
            _ => "nothing would be done now".to_owned(),
        });
    };
    let mut names: Vec<&str> = Vec::new();
    let (planned, made) = (&change.after, &now.after);
    let all: BTreeSet<&Arc<str>> = planned.attributes.keys().chain(made.attributes.keys()).collect();
    names.extend(
        all.into_iter().filter(|name| planned.attributes.get(*name) != made.attributes.get(*name)).map(|name| &**name),
    );
    let alias = |record: &Record, name: &Arc<str>| {
        record.references.get(name).map(|to| to.as_ref().map(|to| Arc::clone(&to.alias)))
    };
    let all: BTreeSet<&Arc<str>> = planned.references.keys().chain(made.references.keys()).collect();
    let waited = |name: &Arc<str>| {
        waits.iter().any(|wait| wait.attribute == *name && alias(made, name) == Some(Some(Arc::clone(&wait.alias))))
    };
    let differs = |name: &&Arc<str>| alias(planned, name) != alias(made, name) && !waited(name);
    names.extend(all.into_iter().filter(differs).map(|name| &**name));
    if planned.active != made.active {
        names.push("active");
    }
    // What an account holds that a plan leaves alone is part of what it would hold afterwards.
    names.retain(|name| !in_target.iter().any(|moved| moved == name));
    if !names.is_empty() {
        return Some(names.join(", "));
    }
    // An account that was set right by hand meanwhile has nothing left to be written.
    let set_right = now.action == Action::Adopt && change.action == Action::Update;
    let whole = change.action != now.action && !target_moved && !set_right;
    whole.then(|| format!("{} was planned, now it would be {}", change.action.name(), now.action.name()))
}
