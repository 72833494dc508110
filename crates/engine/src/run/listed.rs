//! Accounts that were removed by hand: a full run asks each target once which accounts it has. Whoever is linked to one
//! that is not among them gets a new one.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use joinery_model::{Clock, Journal, Place, RunKind, Source, Target};

use super::{Tell, Under};
use crate::engine::Engine;
use crate::report::EngineError;
use crate::spec::LostAccounts;

use super::lookups::{LookUps, said};

/// The ids of a target's accounts, as hashes: eight bytes each instead of the id. Two ids of the same hash hide one
/// missing account until the next full run; with a million accounts that is one chance in forty million.
#[derive(Debug, Default)]
pub(super) struct Listed {
    hasher: RandomState,
    ids: HashSet<u64>,
}

impl Listed {
    pub(super) fn has(&self, id: &Arc<str>) -> bool {
        self.ids.contains(&self.hasher.hash_one(&**id))
    }

    fn add(&mut self, id: &Arc<str>) {
        self.ids.insert(self.hasher.hash_one(&**id));
    }
}

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Lists the accounts of every target that can, in a full run. A target that fails at it is passed over: then nobody
    /// is missing there.
    pub(super) async fn list_accounts<F: Tell>(
        &self,
        under: &Under<'_, F>,
        lookups: &mut LookUps,
    ) -> Result<(), EngineError> {
        if under.begun.kind != RunKind::Full || under.sync.0.lost_accounts == LostAccounts::Ignore {
            return Ok(());
        }
        for name in under.sync.targets() {
            let target = self.target(under.sync, name)?;
            let can = target.can();
            let linked = self.journal.links(under.sync.name(), name, None, 1).await.map_err(EngineError::Journal)?;
            if !can.list || !can.find || linked.is_empty() {
                continue;
            }
            let mut listed = Listed::default();
            let mut place: Option<Place> = None;
            loop {
                if under.stop.asked() {
                    return Ok(());
                }
                under.lease.keep(&self.journal, &self.clock).await?;
                match target.list(place.as_ref()).await {
                    Ok(page) => {
                        page.held.iter().for_each(|held| listed.add(&held.target_id));
                        place = page.next;
                    }
                    Err(failure) => {
                        tracing::warn!(
                            target = &**name,
                            why = said(&failure),
                            "the target did not list its accounts; accounts removed by hand are not looked for in this run"
                        );
                        break;
                    }
                }
                if place.is_none() {
                    lookups.listed.insert(Arc::clone(name), listed);
                    break;
                }
            }
        }
        Ok(())
    }
}
