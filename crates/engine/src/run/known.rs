//! What is known of people's accounts before they are compared: what the journal says was delivered last and, where
//! that is in doubt, what the target holds.
//!
//! In doubt is whoever has a change that was tried and never answered: it may have taken effect. An account that a lost
//! answer left behind is not forgotten when its person leaves before the next try, and an update is not taken for
//! undone because nobody heard of it.

use std::sync::Arc;

use joinery_model::{
    Action, Change, ChangeId, Clock, Concern, Correlation, Found, Held, Journal, Key, LeftOut, Link, PersonWork,
    Record, Ref, Situation, Source, Target, Value,
};

use super::compare::{Pair, alike, blank, rejected, shown};
use super::lookups::{LookUps, postponed};
use super::prepare::again;
use crate::engine::Engine;
use crate::report::EngineError;
use crate::sync::{Sync, TargetRules};

/// Attribute and value pairs that find an account.
type By = Vec<(Arc<str>, Value)>;

/// What is known of one person's account in one target.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// What was delivered last; where that was in doubt, what the account holds of it.
    pub(super) link: Option<Link>,
    /// The account of `link` is the person's, and the journal does not know it yet.
    pub(super) unheard: bool,
    /// The account of `link` is not in the target any more.
    pub(super) lost: bool,
    /// The target could not be asked.
    pub(super) unreachable: bool,
    /// Nobody knows whether there is an account, or which: why.
    pub(super) doubt: Option<LeftOut>,
    /// Changes that may have made or changed the account, the newest first.
    unsettled: Vec<Change>,
}

impl Known {
    /// What finds the account that an unsettled change would have made.
    pub(super) fn traces(&self, sync: &Sync) -> By {
        let mut by = By::new();
        for change in &self.unsettled {
            for name in &sync.0.correlate {
                if let Some(value) = change.after.attributes.get(name).filter(|value| !blank(value)) {
                    add(&mut by, (Arc::clone(name), value.clone()));
                }
            }
        }
        by
    }

    /// Was an account made or taken of which nobody knows?
    fn may_have_one(&self) -> bool {
        self.link.is_none() && !self.unsettled.is_empty()
    }

    /// The account was found: what the unsettled change would have left behind, as far as the account holds it.
    fn found(&mut self, person: &Key, held: &Held) {
        let Some(change) = self.unsettled.first() else { return };
        let link = Link {
            person: person.clone(),
            target_id: Arc::clone(&held.target_id),
            record: as_it_is(change.after.clone(), held),
        };
        (self.link, self.unheard) = (Some(link), true);
    }

    fn in_doubt(&mut self, found: Option<&Found>) {
        let lost = "a delivery for this person was not answered and may have made an account";
        let (rule, message) = match found {
            Some(Found::Many(ids)) => (
                "ambiguous",
                format!(
                    "{lost}, and {} accounts fit; leave one of them, or correlate by an attribute that only one has",
                    ids.len()
                ),
            ),
            _ => ("untraceable", format!("{lost}, and nothing finds it; name attributes in `correlate` that do")),
        };
        self.doubt = Some(LeftOut { rule: rule.into(), message });
    }

    /// What stands in the way of a decision, if anything does, and what brings the person back to it. What was said of
    /// them before stands until then.
    pub(super) fn obstacle(&self, target: &str, first: bool) -> Option<(Concern, Ref)> {
        if self.unreachable {
            return Some((Concern::Postponed, postponed(target, first)));
        }
        let LeftOut { rule, message } = self.doubt.as_ref()?;
        Some((rejected(rule, message.as_str()), again()))
    }

    /// What was decided; for an account that the journal does not know yet at least that it is the person's.
    pub(super) fn at_least_linked(&self, concern: Option<Concern>, target: &Arc<str>) -> Option<Concern> {
        let Some(link) = self.link.as_ref().filter(|_| self.unheard) else { return concern };
        match concern {
            Some(Concern::Unchanged) | None => Some(Concern::Planned(Box::new(Change {
                id: ChangeId(0),
                person: link.person.clone(),
                target: Arc::clone(target),
                action: Action::Adopt,
                situation: Situation::Found,
                target_id: Some(Arc::clone(&link.target_id)),
                after: link.record.clone(),
                diff: Vec::new(),
                attempts: 0,
            }))),
            decided => decided,
        }
    }
}

/// Adds a pair that is not there yet.
pub(super) fn add(by: &mut By, pair: (Arc<str>, Value)) {
    if !by.contains(&pair) {
        by.push(pair);
    }
}

/// A record with what the account holds where that is something else.
fn as_it_is(mut record: Record, held: &Held) -> Record {
    for (name, value) in &mut record.attributes {
        if let Some(now) = held.attributes.get(name).filter(|now| !alike(now, value)) {
            *value = now.clone();
        }
    }
    // Whom another value means is not known.
    record.references.retain(|name, to| held.attributes.get(name).is_none_or(|now| alike(now, &shown(to.as_ref()))));
    record.active = held.active.unwrap_or(record.active);
    record
}

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// What is known of these people's accounts in a target, in order. `leaves` says whose account is to be made unusable
    /// or removed: an account of theirs that nobody linked is looked for as well.
    pub(super) async fn known(
        &self,
        sync: &Sync,
        rules: &TargetRules,
        keys: &[Key],
        leaves: &[bool],
        lookups: &mut LookUps,
    ) -> Result<Vec<Known>, EngineError> {
        let links = self.journal.last(&sync.0.name, &rules.name, keys).await.map_err(EngineError::Journal)?;
        let unsettled = self.journal.unsettled(&sync.0.name, &rules.name, keys).await.map_err(EngineError::Journal)?;
        let known = links.into_iter().zip(unsettled);
        let mut known: Vec<Known> =
            known.map(|(link, unsettled)| Known { link, unsettled, ..Known::default() }).collect();
        self.known_by_id(sync, rules, keys, leaves, &mut known, lookups).await?;
        self.known_by_trace(sync, rules, keys, leaves, &mut known, lookups).await?;
        Ok(known)
    }

    /// Accounts whose id is known, and of which it is doubtful what they hold or whether they are there.
    async fn known_by_id(
        &self,
        sync: &Sync,
        rules: &TargetRules,
        keys: &[Key],
        leaves: &[bool],
        known: &mut [Known],
        lookups: &mut LookUps,
    ) -> Result<(), EngineError> {
        let target = self.target(sync, &rules.name)?;
        if !target.can().find {
            return Ok(());
        }
        let mut asked = Vec::new();
        let mut wanted = Vec::new();
        for (at, known) in known.iter().enumerate() {
            let id = match &known.link {
                Some(link) => Some(&link.target_id).filter(|id| {
                    let doubted = !known.unsettled.is_empty() || lookups.doubted.contains(&keys[at]);
                    doubted || lookups.is_unlisted(&rules.name, id)
                }),
                None if leaves[at] => known.unsettled.iter().find_map(|change| change.target_id.as_ref()),
                None => None,
            };
            if let Some(id) = id {
                asked.push(at);
                wanted.push(Correlation { person: keys[at].clone(), target_id: Some(Arc::clone(id)), by: By::new() });
            }
        }
        let found = self.look_up(&rules.name, target, &wanted, lookups).await?;
        // Whose an account is matters only where the journal does not say it already.
        if asked.iter().any(|at| known[*at].link.is_none()) {
            self.load_owners(sync, &rules.name, lookups).await?;
        }
        let mut found = found.map(Vec::into_iter);
        for at in asked {
            let known = &mut known[at];
            match (found.as_mut().map(Iterator::next), &mut known.link) {
                (None, _) => known.unreachable = true,
                (Some(Some(Found::One(held))), Some(link)) => {
                    link.record = as_it_is(link.record.clone(), &held);
                }
                (Some(Some(Found::None)), Some(_)) => known.lost = true,
                (Some(Some(Found::One(held))), None) if !lookups.is_owned(&rules.name, &held.target_id, &keys[at]) => {
                    known.found(&keys[at], &held);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Accounts of leavers that a creation may have made, found as a creation would find them.
    async fn known_by_trace(
        &self,
        sync: &Sync,
        rules: &TargetRules,
        keys: &[Key],
        leaves: &[bool],
        known: &mut [Known],
        lookups: &mut LookUps,
    ) -> Result<(), EngineError> {
        let target = self.target(sync, &rules.name)?;
        let mut asked = Vec::new();
        let mut wanted = Vec::new();
        for (at, known) in known.iter_mut().enumerate() {
            if !leaves[at] || known.unreachable || !known.may_have_one() {
                continue;
            }
            let by = known.traces(sync);
            if !by.is_empty() && target.can().find {
                asked.push(at);
                wanted.push(Correlation { person: keys[at].clone(), target_id: None, by });
            } else if known.unsettled.iter().all(|change| change.target_id.is_none()) {
                known.in_doubt(None);
            }
        }
        let found = self.look_up(&rules.name, target, &wanted, lookups).await?;
        if found.iter().flatten().any(|found| matches!(found, Found::One(_))) {
            self.load_owners(sync, &rules.name, lookups).await?;
        }
        let mut found = found.map(Vec::into_iter);
        for at in asked {
            let known = &mut known[at];
            match found.as_mut().map(Iterator::next) {
                None => known.unreachable = true,
                Some(Some(Found::One(held))) if !lookups.is_owned(&rules.name, &held.target_id, &keys[at]) => {
                    lookups.own(&rules.name, &held.target_id, &keys[at]);
                    known.found(&keys[at], &held);
                }
                Some(Some(found @ Found::Many(_))) => known.in_doubt(Some(&found)),
                // Not there, or somebody else's: what was tried may give way.
                _ => {}
            }
        }
        Ok(())
    }

    /// What one target has to do with people who are no longer in the source.
    pub(super) async fn gone_from(
        &self,
        sync: &Sync,
        rules: &TargetRules,
        works: &mut [PersonWork],
        lookups: &mut LookUps,
    ) -> Result<(), EngineError> {
        let can = self.target(sync, &rules.name)?.can();
        let keys: Vec<Key> = works.iter().map(|work| work.key.clone()).collect();
        let leaves = vec![true; keys.len()];
        let known = self.known(sync, rules, &keys, &leaves, lookups).await?;
        for (work, known) in works.iter_mut().zip(known) {
            if let Some((concern, back)) = known.obstacle(&rules.name, false) {
                work.targets.push((Arc::clone(&rules.name), concern, Vec::new()));
                work.refs.push(back);
                continue;
            }
            let Some(link) = &known.link else { continue };
            let mapping = &sync.0.mappings[rules.mapping];
            let pair = Pair {
                key: &link.person,
                target: &rules.name,
                can: &can,
                mapping,
                lost: known.lost,
                account: &|_| None,
            };
            let concern = pair.gone(link, sync.0.guard.gone);
            if let Some(concern) = known.at_least_linked(Some(concern), &rules.name) {
                work.targets.push((Arc::clone(&rules.name), concern, Vec::new()));
            }
        }
        Ok(())
    }
}
