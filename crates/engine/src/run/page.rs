//! A batch of people → what the journal writes down for them: looked up, compared, not yet closed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use joinery_model::{
    Clock, Concern, Correlation, Found, Journal, Key, LeftOut, Link, PersonWork, Situation, Source, StandingKind,
    Target, Tried, Valid, Verdict,
};

use super::compare::{Lookup, Pair, rejected};
use super::lookups::{LookUps, postponed};
use super::prepare::Prepared;
use crate::engine::Engine;
use crate::mapping::Mapped;
use crate::report::EngineError;
use crate::sync::{Sync, TargetRules, Wish};

/// What the planning of a batch needs to know about its run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances {
    /// The sync never finished a full walk: leavers' accounts are looked for, and `adopt_only` creates nothing.
    pub(crate) first: bool,
    /// Accounts of leavers are looked for although the walk is not the first: named people.
    pub(crate) named: bool,
}

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Compares a batch with every target. People come out in the order they went in.
    pub(crate) async fn compare(
        &self,
        sync: &Sync,
        people: Vec<Prepared>,
        circumstances: Circumstances,
        lookups: &mut LookUps,
    ) -> Result<Vec<PersonWork>, EngineError> {
        let mut works: Vec<PersonWork> = people.iter().map(blank_work).collect();
        for rules in &sync.0.targets {
            self.compare_with(sync, rules, &people, &mut works, circumstances, lookups).await?;
        }
        for (person, work) in people.into_iter().zip(&mut works) {
            work.verdict = verdict(&person, work);
            work.aliases = person.aliases;
            work.refs.extend(person.refs);
        }
        Ok(works)
    }

    async fn compare_with(
        &self,
        sync: &Sync,
        rules: &TargetRules,
        people: &[Prepared],
        works: &mut [PersonWork],
        circumstances: Circumstances,
        lookups: &mut LookUps,
    ) -> Result<(), EngineError> {
        let target = self.target(sync, &rules.name)?;
        let can = target.can();
        let mapping = &sync.0.mappings[rules.mapping];
        let keys: Vec<Key> = people.iter().map(|person| person.key.clone()).collect();
        let leaves: Vec<bool> =
            people.iter().map(|person| person.wish != Wish::Active || person.left_out.is_some()).collect();
        let known = self.known(sync, rules, &keys, &leaves, lookups).await?;
        // An account that is not there any more is no account for whoever should have one.
        let linked = |at: usize| known[at].link.as_ref().filter(|_| leaves[at] || !known[at].lost);
        let accounts = self.accounts(sync, rules, people, can.references_by_id).await?;
        let account = |alias: &str| accounts.get(alias).cloned();

        // Who must be looked for: people without a known account who should have one, or might have one to lose.
        let mut asked: Vec<usize> = Vec::new();
        let mut wanted: Vec<Correlation> = Vec::new();
        if can.find && !sync.0.correlate.is_empty() {
            let open = |at: &usize| linked(*at).is_none() && known[*at].obstacle(&rules.name, false).is_none();
            for (at, person) in (0..people.len()).filter(open).map(|at| (at, &people[at])) {
                let first = circumstances.first || lookups.is_first(&rules.name, &person.key);
                let usable = matches!(person.wish, Wish::Active | Wish::Grace);
                let looks = usable || first || circumstances.named;
                if let Some(Ok(record)) = person.records.get(rules.mapping)
                    && looks
                {
                    let mut by = correlation(sync, record);
                    known[at].traces(sync).into_iter().for_each(|pair| super::known::add(&mut by, pair));
                    if !by.is_empty() {
                        asked.push(at);
                        wanted.push(Correlation { person: person.key.clone(), target_id: None, by });
                    }
                }
            }
        }
        let found = self.look_up(&rules.name, target, &wanted, lookups).await?;
        if found.iter().flatten().any(|found| matches!(found, Found::One(_))) {
            self.load_owners(sync, &rules.name, lookups).await?;
        }
        let mut found = found.map(Vec::into_iter);
        let found: HashMap<usize, Option<Found>> =
            asked.into_iter().map(|at| (at, found.as_mut().and_then(Iterator::next))).collect();
        let first: Vec<bool> =
            people.iter().map(|person| circumstances.first || lookups.is_first(&rules.name, &person.key)).collect();
        let mut empty = HashMap::new();
        let owned = lookups.owners.get_mut(&rules.name).unwrap_or(&mut empty);

        for (at, (person, work)) in people.iter().zip(works).enumerate() {
            let pair = Pair {
                key: &person.key,
                target: &rules.name,
                can: &can,
                mapping,
                lost: known[at].lost,
                account: &account,
            };
            let (known, link) = (&known[at], linked(at));
            if let Some((concern, back)) = known.obstacle(&rules.name, first[at]) {
                work.targets.push((Arc::clone(&rules.name), concern, Vec::new()));
                work.refs.push(back);
                continue;
            }
            let lookup = match found.get(&at) {
                // Nobody knows whether they have an account there: they come again with the next run.
                Some(None) => {
                    work.targets.push((Arc::clone(&rules.name), Concern::Postponed, Vec::new()));
                    work.refs.push(postponed(&rules.name, first[at]));
                    continue;
                }
                Some(Some(found)) => Lookup::of(found, |id| owned.get(id).is_some_and(|owner| *owner != person.key)),
                None => Lookup::None,
            };
            if let Lookup::One(held) = &lookup {
                owned.insert(Arc::clone(&held.target_id), person.key.clone());
            }
            let adopt_only = sync.0.adopt_only && first[at];
            let (concern, waiting) = match concern(sync, rules, &pair, person, link, &lookup, adopt_only) {
                Some((concern, waiting)) => (Some(concern), waiting),
                None => (None, Vec::new()),
            };
            if let Some(concern) = known.at_least_linked(concern, &rules.name) {
                work.targets.push((Arc::clone(&rules.name), concern, waiting));
            }
        }
        Ok(())
    }

    /// The accounts that the references of a batch mean.
    async fn accounts(
        &self,
        sync: &Sync,
        rules: &TargetRules,
        people: &[Prepared],
        by_id: bool,
    ) -> Result<HashMap<Arc<str>, Arc<str>>, EngineError> {
        let mut aliases: HashSet<Arc<str>> = HashSet::new();
        if by_id {
            let records = people.iter().filter_map(|person| person.records.get(rules.mapping)?.as_ref().ok());
            for record in records {
                aliases.extend(record.get().references.values().flatten().map(|to| Arc::clone(&to.alias)));
            }
        }
        if aliases.is_empty() {
            return Ok(HashMap::new());
        }
        let aliases: Vec<Arc<str>> = aliases.into_iter().collect();
        let accounts =
            self.journal.accounts(&sync.0.name, &rules.name, &aliases).await.map_err(EngineError::Journal)?;
        Ok(aliases.into_iter().zip(accounts).filter_map(|(alias, account)| Some((alias, account?))).collect())
    }

    /// What becomes of people who are no longer in the source. Those without any account are told too: the journal
    /// must know that they are gone.
    pub(crate) async fn gone(
        &self,
        sync: &Sync,
        keys: Vec<Key>,
        lookups: &mut LookUps,
    ) -> Result<Vec<PersonWork>, EngineError> {
        let mut works: Vec<PersonWork> = keys
            .iter()
            .map(|key| PersonWork {
                key: key.clone(),
                how: Tried::Gone,
                aliases: Vec::new(),
                refs: Vec::new(),
                standing: None,
                verdict: Verdict::Gone,
                targets: Vec::new(),
            })
            .collect();
        for rules in &sync.0.targets {
            self.gone_from(sync, rules, &mut works, lookups).await?;
        }
        Ok(works)
    }

    pub(crate) fn target(&self, sync: &Sync, name: &Arc<str>) -> Result<&T, EngineError> {
        let unknown = || EngineError::UnknownTarget { sync: Arc::clone(&sync.0.name), target: Arc::clone(name) };
        self.targets.get(name).ok_or_else(unknown)
    }
}

fn blank_work(person: &Prepared) -> PersonWork {
    PersonWork {
        key: person.key.clone(),
        how: person.how,
        aliases: Vec::new(),
        refs: Vec::new(),
        standing: Some(person.standing),
        verdict: Verdict::Mapped,
        targets: Vec::new(),
    }
}

/// The attributes that find an account, those of them that this person has.
pub(crate) fn correlation(sync: &Sync, record: &Valid<Mapped>) -> Vec<(Arc<str>, joinery_model::Value)> {
    let attributes = &record.get().attributes;
    let by = sync.0.correlate.iter().filter_map(|name| {
        let value = attributes.get(name).filter(|value| !super::compare::blank(value))?;
        Some((Arc::clone(name), value.clone()))
    });
    by.collect()
}

/// What one target has to do with one person; `None` when they do not concern it.
fn concern(
    sync: &Sync,
    rules: &TargetRules,
    pair: &Pair<'_>,
    person: &Prepared,
    link: Option<&Link>,
    lookup: &Lookup<'_>,
    adopt_only: bool,
) -> Option<super::compare::Verdict> {
    let alone = |concern: Concern| Some((concern, Vec::new()));
    if let Some(left_out) = &person.left_out {
        let keep = &*left_out.rule == "only" && sync.0.leaver.out_of_scope == crate::spec::OutOfScope::Keep;
        return link
            .filter(|_| !keep && !pair.lost)
            .and_then(|link| pair.disable(link, Situation::Left))
            .and_then(alone);
    }
    let record = person.records.get(rules.mapping)?;
    // A record that is invalid for this target while another target gets one.
    let usable = person.wish == Wish::Active || person.wish == Wish::Grace && link.is_some();
    if let (Err(why), true) = (record, usable) {
        let elsewhere = person.records.iter().any(Result::is_ok);
        return elsewhere.then(|| (Concern::Rejected(why.clone()), Vec::new()));
    }
    let valid = record.as_ref().ok().map(Valid::get);
    let made = |active: bool| valid.map(|record| record.record(active));
    match (person.wish, link) {
        (Wish::Grace | Wish::Inactive | Wish::NotStarted, Some(_)) if pair.lost => alone(Concern::Unchanged),
        (Wish::Deleted, Some(link)) => alone(pair.delete(link, Situation::Left)),
        (Wish::Inactive | Wish::NotStarted, Some(link)) => match valid {
            Some(record) => Some(pair.linked(link, record, false)),
            // An invalid record does not keep a leaver's account alive.
            None => pair.disable(link, Situation::Left).and_then(alone),
        },
        (Wish::Active | Wish::Grace, Some(link)) => Some(pair.linked(link, valid?, true)),
        (Wish::Active, None) => match lookup {
            Lookup::Ambiguous(why) => alone(rejected("ambiguous", why.as_str())),
            Lookup::One(held) => Some(pair.found(held, made(true)?, adopt_only)),
            Lookup::None if adopt_only => alone(rejected(
                "not-found",
                "no account was found, and the first run only adopts (adopt_only); the next full run makes one",
            )),
            Lookup::None => match &valid?.lacks {
                Some(LeftOut { rule, message }) => alone(rejected(rule, message.as_str())),
                None => Some(pair.create(made(true)?)),
            },
        },
        // Nobody makes an account for a leaver; one that is found and usable is taken, and disabled after the grace.
        (wish, None) => match lookup {
            Lookup::One(held) if held.active != Some(false) => {
                Some(pair.found(held, made(wish == Wish::Grace)?, adopt_only))
            }
            _ => None,
        },
    }
}

/// What became of a person, from what became of their records.
fn verdict(person: &Prepared, work: &mut PersonWork) -> Verdict {
    if let Some(left_out) = &person.left_out {
        return Verdict::LeftOut(left_out.clone());
    }
    let kept = person.wish == Wish::Grace && person.records.iter().all(Result::is_err);
    if work.targets.is_empty() && person.wish != Wish::Active && !kept {
        let rule = match person.standing.kind {
            StandingKind::OnLeave => "on-leave",
            StandingKind::NoShow => "no-show",
            _ => "left",
        };
        let message = "the person has no account and needs none now".to_owned();
        return Verdict::LeftOut(LeftOut { rule: rule.into(), message });
    }
    let invalid = person.records.iter().find_map(|record| record.as_ref().err());
    if person.records.iter().all(Result::is_err)
        && let Some(why) = invalid
    {
        return Verdict::Invalid(why.clone());
    }
    Verdict::Mapped
}
