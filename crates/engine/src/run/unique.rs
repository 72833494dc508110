//! Values that only one person may have: the second who claims one is invalid by the rule's name.
//!
//! Within a run, whoever came first keeps the value. Against people whom the run has not seen, the journal is asked: a
//! claim is written down as something the person leans on, under a hash that does not tell the value.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use joinery_model::{Clock, Journal, Key, LeftOut, Ref, RunId, Source, Target};

use super::prepare::{Prepared, again};
use crate::engine::Engine;
use crate::report::EngineError;
use crate::sync::Sync;

/// The kind of reference under which a claim stands in the journal.
const CLAIM: &str = "joinery:claim";

/// Claims seen in this run, by hash.
#[derive(Debug, Default)]
pub(crate) struct Claims(HashMap<u64, Key>);

struct Claim {
    hash: u64,
    mapping: usize,
    rule: Arc<str>,
    attribute: Arc<str>,
}

impl Claim {
    fn reference(&self) -> Ref {
        Ref::new(CLAIM, format!("{:016x}", self.hash))
    }
}

fn claims_of(sync: &Sync, person: &Prepared) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (mapping, record) in person.records.iter().enumerate() {
        let Ok(record) = record else { continue };
        for (rule, attribute, value) in sync.0.rules.claims(record.get()) {
            let mut hasher = DefaultHasher::new();
            (&*sync.0.name, mapping, &**attribute, value).hash(&mut hasher);
            claims.push(Claim {
                hash: hasher.finish(),
                mapping,
                rule: Arc::clone(rule),
                attribute: Arc::clone(attribute),
            });
        }
    }
    claims
}

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Judges the claims of a batch: losers get their record replaced by the reason, winners lean on what they claim.
    pub(crate) async fn claim_values(
        &self,
        sync: &Sync,
        run: RunId,
        people: &mut [Prepared],
        seen: &mut Claims,
    ) -> Result<(), EngineError> {
        if !sync.0.rules.any_unique() {
            return Ok(());
        }
        let claims: Vec<Vec<Claim>> = people.iter().map(|person| claims_of(sync, person)).collect();
        let foreign = self.foreign(run, people, &claims).await?;
        for (person, claims) in people.iter_mut().zip(claims) {
            for claim in claims {
                let other = seen.0.get(&claim.hash).or_else(|| foreign.get(&claim.hash));
                if other.is_some_and(|other| *other != person.key) {
                    let message = format!(
                        "{} is what another person has already; make it different in the source",
                        claim.attribute
                    );
                    person.records[claim.mapping] = Err(LeftOut { rule: claim.rule, message });
                    // The other may give the value up in this very run: look again with the next one.
                    person.refs.push(again());
                } else {
                    seen.0.insert(claim.hash, person.key.clone());
                    person.refs.push(claim.reference());
                }
            }
        }
        Ok(())
    }

    /// Who, among people that the run has not seen and that are not in this batch, holds what the batch claims.
    async fn foreign(
        &self,
        run: RunId,
        people: &[Prepared],
        claims: &[Vec<Claim>],
    ) -> Result<HashMap<u64, Key>, EngineError> {
        let all: Vec<&Claim> = claims.iter().flatten().collect();
        let ours = |key: &Key| people.iter().any(|person| person.key == *key);
        let mut foreign = HashMap::new();
        // First all at once: as a rule nobody else holds any of it. People of this batch may come back as holders.
        let refs: Vec<Ref> = all.iter().map(|claim| claim.reference()).collect();
        let limit = refs.len() + 1;
        let holders = self.journal.people_with(run, &refs, None, limit).await.map_err(EngineError::Journal)?;
        let known: std::collections::HashSet<&Key> = people.iter().map(|person| &person.key).collect();
        if holders.iter().all(|key| known.contains(key)) && holders.len() < limit {
            return Ok(foreign);
        }
        for claim in all {
            let holders = self.journal.people_with(run, &[claim.reference()], None, people.len() + 1).await;
            let holder = holders.map_err(EngineError::Journal)?.into_iter().find(|key| !ours(key));
            if let Some(holder) = holder {
                foreign.insert(claim.hash, holder);
            }
        }
        Ok(foreign)
    }
}
