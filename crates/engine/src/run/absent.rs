//! People whom the journal expects and the source does not give. They are not passed over, since the watermark moves on
//! and the day that they were due on is never asked for again; and they are not gone, since a run that asks for some
//! people only cannot tell a purge from a lost permission.

use joinery_model::{Became, Clock, Journal, Key, PersonWork, Ref, Source, Target, Totals, Tried};

use super::Under;
use super::apart::{still_gone, unread};
use super::lookups::LookUps;
use crate::engine::Engine;
use crate::report::EngineError;

/// The kind of reference under which the journal keeps, until the run is over, who was not given.
const ABSENT: &str = "joinery:absent";
/// The same for whom an earlier run could not judge either.
const ABSENT_STILL: &str = "joinery:absent-still";

/// Does this reference stand for somebody whom the source did not give?
pub(super) fn is_absent(reference: &Ref) -> bool {
    matches!(&*reference.kind, ABSENT | ABSENT_STILL)
}

/// Whom a walk expected in vain.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    pub(crate) absent: Vec<Key>,
    /// How many of them had a record when they were last seen.
    pub(crate) newly: u64,
}

impl Expected {
    /// The totals with these people counted as missing, and not as left out or invalid.
    pub(crate) fn counted(&self, mut totals: Totals) -> Totals {
        totals.missing += self.absent.len() as u64;
        totals.dropped = totals.dropped.saturating_sub(self.newly);
        totals
    }
}

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// What is written down for people who were expected in vain, and by what the run remembers them. Whoever is known to
    /// be gone is not expected: nothing is decided anew, and they are asked for until they are given, lest a day that
    /// passes meanwhile be forgotten.
    pub(super) async fn expected<F>(
        &self,
        under: &Under<'_, F>,
        absent: Vec<Key>,
        how: Tried,
        lookups: &mut LookUps,
    ) -> Result<(Vec<PersonWork>, Vec<Ref>), EngineError> {
        let why = "the source did not give this person although something of theirs came due or changed; their accounts \
                   are left as they are and the next run asks again. Look whether the API user may still read them";
        let became = self.journal.became(under.sync.name(), &absent).await.map_err(EngineError::Journal)?;
        let (mut people, mut refs, mut postponed) = (Vec::new(), Vec::new(), Vec::new());
        for (key, became) in absent.into_iter().zip(became) {
            if became == Some(Became::Gone) {
                if lookups.is_postponed(&key) {
                    postponed.push(key);
                } else {
                    people.push(still_gone(key, how));
                }
                continue;
            }
            let kind = if became == Some(Became::Mapped) { ABSENT } else { ABSENT_STILL };
            refs.push(Ref::new(kind, key.as_str()));
            people.push(unread(key, how, "absent", why.to_owned()));
        }
        people.extend(self.gone(under.sync, postponed, lookups).await?);
        Ok((people, refs))
    }

    /// Whom the walk expected in vain so far, whichever process it ran in.
    pub(super) async fn expected_in_vain<F>(&self, under: &Under<'_, F>) -> Result<Expected, EngineError> {
        let touched = self.journal.touched(under.begun.run).await.map_err(EngineError::Journal)?;
        let mut expected = Expected::default();
        for reference in touched.iter().filter(|reference| is_absent(reference)) {
            expected.absent.push(Key::new(reference.id.to_string()));
            expected.newly += u64::from(&*reference.kind == ABSENT);
        }
        expected.absent.sort_unstable();
        Ok(expected)
    }
}
