//! A plan is looked at by a person: what it shows as *before* is what the accounts hold at that moment, not what they
//! received last. `apply` looks in the same way, so that it refuses only what moved since the plan was made, and a
//! new plan is always a way out.
//!
//! What was changed by hand in the target and is no part of a planned change is left alone: it counts as delivered, so
//! that the next run sees that it differs.

use std::sync::Arc;

use joinery_model::{
    Action, Change, Clock, Concern, Correlation, Found, Held, Journal, PersonWork, Record, Situation, Source, Target,
};

use super::compare::{alike, blank, shown};
use super::lookups::LookUps;
use crate::engine::Engine;
use crate::report::EngineError;
use crate::sync::Sync;

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Brings planned changes of known accounts up to what their targets hold now.
    ///
    /// A target that cannot be asked leaves them as they are: against what was delivered last.
    pub(crate) async fn look_at_accounts(
        &self,
        sync: &Sync,
        people: &mut [PersonWork],
        lookups: &mut LookUps,
    ) -> Result<(), EngineError> {
        for name in sync.targets() {
            let target = self.target(sync, name)?;
            if !target.can().find {
                continue;
            }
            let mut changes: Vec<&mut Change> = people
                .iter_mut()
                .flat_map(|person| &mut person.targets)
                .filter(|(of, _, _)| of == name)
                .filter_map(|(_, concern, _)| match concern {
                    // An account that was found just now was compared with what it holds.
                    Concern::Planned(change) if change.situation != Situation::Found => Some(&mut **change),
                    _ => None,
                })
                .filter(|change| change.target_id.is_some())
                .collect();
            let wanted: Vec<Correlation> = changes
                .iter()
                .map(|change| Correlation {
                    person: change.person.clone(),
                    target_id: change.target_id.clone(),
                    by: Vec::new(),
                })
                .collect();
            let Some(found) = self.look_up(name, target, &wanted, lookups).await? else { continue };
            for (change, found) in changes.iter_mut().zip(found) {
                as_found(change, &found);
            }
        }
        Ok(())
    }
}

fn as_found(change: &mut Change, found: &Found) {
    match found {
        Found::One(held) => as_held(change, held),
        // Somebody gone stays that, for the guard.
        Found::None if change.situation != Situation::Gone => change.situation = Situation::Missing,
        Found::None | Found::Many(_) => {}
    }
}

fn as_held(change: &mut Change, held: &Held) {
    let Change { action, diff, after, .. } = change;
    for diff in diff.iter_mut() {
        if let Some(now) = held.attributes.get(&diff.name)
            && diff.before.as_ref().is_none_or(|before| !alike(now, before))
        {
            diff.before = Some(now.clone());
        }
    }
    let planned = |name: &Arc<str>| diff.iter().any(|diff| diff.name == *name);
    for (name, value) in &mut after.attributes {
        match held.attributes.get(name) {
            Some(now) if !planned(name) && !alike(now, value) => *value = now.clone(),
            _ => {}
        }
    }
    after.references.retain(|name, reference| match held.attributes.get(name) {
        Some(now) if !planned(name) && !alike(now, &shown(reference.as_ref())) => {
            if blank(now) {
                *reference = None;
            }
            // Whom another value means is not known.
            blank(now)
        }
        _ => true,
    });
    if let (Some(active), Action::Update | Action::Delete) = (held.active, &action) {
        after.active = active;
    }
}

/// The attributes in which an account is not what it was when the change was planned, as far as the target tells them.
pub(crate) fn moved_since<'a>(change: &'a Change, held: &Held) -> Vec<&'a str> {
    let mut names = Vec::new();
    // What is as it shall be already needs no approval.
    if held.active.is_some_and(|active| active != change.after.active && active != was_active(change)) {
        names.push("active");
    }
    let planned = |name: &Arc<str>| change.diff.iter().find(|diff| diff.name == *name);
    let Record { attributes, references, .. } = &change.after;
    for (name, value) in attributes {
        let was = planned(name).map_or(Some(value), |diff| diff.before.as_ref());
        match (held.attributes.get(name), was) {
            (Some(now), Some(was)) if !alike(now, was) && !alike(now, value) => names.push(name),
            _ => {}
        }
    }
    for (name, reference) in references {
        let waits = reference.as_ref().is_some_and(|to| to.target_id.is_none());
        let shall = shown(reference.as_ref());
        let was = planned(name).map_or_else(|| Some(shall.clone()), |diff| diff.before.clone());
        match (held.attributes.get(name), was) {
            (Some(now), Some(was)) if !(alike(now, &was) || alike(now, &shall) || waits && blank(now)) => {
                names.push(name);
            }
            _ => {}
        }
    }
    names
}

fn was_active(change: &Change) -> bool {
    match change.action {
        Action::Disable => true,
        Action::Enable => false,
        _ => change.after.active,
    }
}
