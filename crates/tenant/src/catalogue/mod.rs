//! What this tenant has: entity sets, properties with their types and flags, navigations.
//!
//! Tenants differ: fields are switched on and off, custom ones added, navigations of other modules appear. So the
//! catalogue is read from the tenant's own `$metadata`, only for the sets that are needed (the whole document has tens
//! of megabytes), and kept for a day.

mod build;
mod cache;
mod known;
mod set;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) use cache::described;
pub use cache::{Catalogues, Ready};
pub use known::known_target;
pub use set::{EntitySet, Navigation, Property, Regime, regime_of};

/// The entity sets of a tenant that were asked for so far.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    sets: BTreeMap<Arc<str>, Arc<EntitySet>>,
    /// Asked for and not there, or not visible to the API user.
    absent: BTreeSet<Arc<str>>,
}

impl Catalogue {
    /// The entity set of that name.
    pub fn set(&self, name: &str) -> Option<&EntitySet> {
        self.sets.get(name).map(|set| &**set)
    }

    /// Every set that is known.
    pub fn sets(&self) -> impl Iterator<Item = &EntitySet> {
        self.sets.values().map(|set| &**set)
    }

    /// Was the set asked for in vain?
    pub fn is_absent(&self, name: &str) -> bool {
        self.absent.contains(name)
    }
}
