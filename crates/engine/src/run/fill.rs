//! References that waited for the other person's account: filled as soon as it is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::{
    Action, AttributeDiff, Change, ChangeId, Clock, Journal, Key, Reference, Situation, Source, Target, Value,
};

use super::compare::shown;
use super::{Tell, Under};
use crate::engine::Engine;
use crate::report::{EngineError, Event};

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Adds a change for every reference that can be filled now; gives how many changes.
    pub(super) async fn fill<F: Tell>(&self, under: &Under<'_, F>) -> Result<u64, EngineError> {
        let fence = &under.lease.fence;
        let mut filled = 0;
        loop {
            under.lease.keep(&self.journal, &self.clock).await?;
            let fillable = self.journal.fillable(fence, self.patience.batch).await.map_err(EngineError::Journal)?;
            if fillable.is_empty() {
                return Ok(filled);
            }
            // One change a person and target, however many of their references are filled.
            let mut changes: BTreeMap<(Arc<str>, Key), Change> = BTreeMap::new();
            for fill in fillable {
                let at = (Arc::clone(&fill.target), fill.link.person.clone());
                let change = changes.entry(at).or_insert_with(|| Change {
                    id: ChangeId(0),
                    person: fill.link.person.clone(),
                    target: fill.target,
                    action: Action::BackFill,
                    situation: Situation::Differs,
                    target_id: Some(fill.link.target_id),
                    after: fill.link.record,
                    diff: Vec::new(),
                    attempts: 0,
                });
                let before = change.after.references.get(&fill.attribute).map(|known| shown(known.as_ref()));
                let reference = Reference { alias: fill.alias, target_id: Some(Arc::clone(&fill.account)) };
                change.after.references.insert(Arc::clone(&fill.attribute), Some(reference));
                change.diff.push(AttributeDiff { name: fill.attribute, before, after: Value::Text(fill.account) });
            }
            let changes: Vec<Change> = changes.into_values().collect();
            let count = changes.len() as u64;
            self.journal.back_fill(fence, under.begun.run, changes).await.map_err(EngineError::Journal)?;
            (under.events)(Event::BackFilled { count });
            filled += count;
        }
    }
}
