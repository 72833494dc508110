//! Values that only one person may have: the second who claims one is invalid by the rule's name.
//!
//! Within a run, whoever came first keeps the value. Against people whom the run has not seen, the journal is asked: a
//! claim is written down as something the person leans on, under a hash that is the same in every release and for which no
//! two values can be made that share it.

use std::collections::HashMap;
use std::sync::Arc;

use joinery_model::{Clock, Journal, Key, LeftOut, Ref, RunId, Source, Target};
use sha2::{Digest, Sha256};

use super::prepare::{Prepared, again};
use crate::engine::Engine;
use crate::report::EngineError;
use crate::sync::Sync;

/// The kind of reference under which a claim stands in the journal.
const CLAIM: &str = "joinery:claim";

/// Claims seen in this run, by hash.
#[derive(Debug, Default)]
pub(crate) struct Claims(HashMap<u128, Key>);

struct Claim {
    hash: u128,
    mapping: usize,
    rule: Arc<str>,
    attribute: Arc<str>,
}

impl Claim {
    fn reference(&self) -> Ref {
        Ref::new(CLAIM, format!("{:032x}", self.hash))
    }
}

/// The first half of the SHA-256 of what is claimed, each part with its length before it.
fn hash(sync: &str, mapping: usize, attribute: &str, value: &str) -> u128 {
    let mut hasher = Sha256::new();
    for part in [sync, &mapping.to_string(), attribute, value] {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    digest.into_iter().take(16).fold(0, |hash, byte| hash << 8 | u128::from(byte))
}

fn claims_of(sync: &Sync, person: &Prepared) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (mapping, record) in person.records.iter().enumerate() {
        let Ok(record) = record else { continue };
        for (rule, attribute, value) in sync.0.rules.claims(record.get()) {
            let hash = hash(&sync.0.name, mapping, attribute, &value);
            claims.push(Claim { hash, mapping, rule: Arc::clone(rule), attribute: Arc::clone(attribute) });
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
    ) -> Result<HashMap<u128, Key>, EngineError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of the parts, each after its length in eight bytes: computed by Python's hashlib.
    #[test]
    fn a_claim_has_the_same_hash_in_every_release() {
        assert_eq!(
            format!("{:032x}", hash("people", 0, "mail", "ada@example.org")),
            "0e923a885eb765b5f44c47b681caeac8"
        );
        assert_ne!(hash("people", 0, "mail", "a"), hash("people", 0, "mai", "la"));
    }
}
