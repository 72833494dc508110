//! What the source does not say now: a field whose permission was lost, or that never was. It is left as it is in the
//! targets, and named at the end of the run.

use std::collections::BTreeSet;

use joinery_model::{Clock, Failure, Journal, Path, Ref, Row, RunId, Source, Target};

use crate::engine::Engine;
use crate::report::{EngineError, Unsaid};
use crate::sync::Sync;

/// The kind of reference under which the journal keeps what a walk did not hear of.
const UNSAID: &str = "joinery:unsaid";

/// The paths that these rows do not say, as the journal keeps them until the run is over.
///
/// # Errors
/// When the condition `only` reads one of them: everybody would drop out of scope, or come into it.
pub(crate) fn unsaid<'a>(sync: &Sync, rows: impl Iterator<Item = &'a Row>) -> Result<Vec<Ref>, EngineError> {
    let mut paths: BTreeSet<&Path> = BTreeSet::new();
    for row in rows {
        paths.extend(&row.unsaid);
    }
    if let Some(only) = &sync.0.only
        && let Some(path) = paths.iter().find(|path| only.paths().contains(**path))
    {
        return Err(EngineError::Source(Failure::refused(format!(
            "the source does not say {path} now, and the condition `only` of sync {} cannot be judged without it: nobody \
             was looked at. Grant the field to the API user's role, correct the path, or take it out of `only`; \
             `joinery doctor` says which",
            sync.name()
        ))));
    }
    Ok(paths.into_iter().map(|path| Ref::new(UNSAID, path.to_string())).collect())
}

/// Does this reference stand for something that the source did not say?
pub(super) fn is_unsaid(reference: &Ref) -> bool {
    &*reference.kind == UNSAID
}

/// What of a sync is left as it is for want of these paths.
pub(crate) fn left_as_it_is<'a>(sync: &Sync, paths: impl Iterator<Item = &'a Path>) -> Vec<Unsaid> {
    let left = |path: &Path| {
        let attributes = sync.0.mappings.iter().flat_map(|mapping| mapping.unsaid(std::slice::from_ref(path)).cloned());
        Unsaid { path: path.clone(), attributes: attributes.collect::<BTreeSet<_>>().into_iter().collect() }
    };
    paths.map(left).collect()
}

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// What the run did not hear of so far, whichever process it ran in.
    pub(super) async fn unheard(&self, sync: &Sync, run: RunId) -> Result<Vec<Unsaid>, EngineError> {
        let touched = self.journal.touched(run).await.map_err(EngineError::Journal)?;
        let paths: BTreeSet<Path> =
            touched.iter().filter(|at| is_unsaid(at)).filter_map(|at| at.id.parse().ok()).collect();
        Ok(left_as_it_is(sync, paths.iter()))
    }
}
