//! The probe.

use joinery_model::{Ask, Finding};

use crate::read::{Get, ReadSettings};

/// Probes.
pub(crate) async fn probe<G: Get>(_get: &G, _settings: &ReadSettings, _ask: &Ask) -> Vec<Finding> {
    Vec::new()
}
