//! Many keys in few requests.

use joinery_model::Key;
use joinery_odata::{Expr, Field};

/// Longest `in` list; the tenant bounds the expressions of a filter.
const MOST_KEYS: usize = 100;

/// Longest query, percent-encoded: gateways cut at about 8 KB.
const LONGEST: usize = 6_000;

/// Every status of a user, so that none is left out by default (SAP Note 2736579).
const STATUSES: [&str; 6] = ["t", "f", "T", "F", "e", "d"];

/// The filter that lets users of any status come.
pub(crate) fn status_stated() -> Expr {
    Field::new("status").is_in(STATUSES)
}

/// Cuts `keys` into runs that fit into one query each, when everything else in it takes `taken` characters.
pub(crate) fn batches(keys: &[Key], taken: usize) -> Vec<&[Key]> {
    let room = LONGEST.saturating_sub(taken).max(200);
    let mut batches = Vec::new();
    let mut rest = keys;
    while !rest.is_empty() {
        let mut used = 0;
        let fits = rest
            .iter()
            .take(MOST_KEYS)
            .take_while(|key| {
                // Each byte that needs escaping takes three characters.
                used += key.as_str().bytes().map(|b| if b.is_ascii_alphanumeric() { 1 } else { 3 }).sum::<usize>() + 3;
                used <= room
            })
            .count()
            .max(1);
        let (batch, after) = rest.split_at(fits);
        batches.push(batch);
        rest = after;
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_every_key_once_and_fit() {
        let keys: Vec<Key> = (0..1234).map(|n| Key::from(format!("person-{n}'ä"))).collect();
        let cut = batches(&keys, 3_000);
        assert!(cut.iter().all(|batch| (1..=100).contains(&batch.len())));
        assert_eq!(cut.concat(), keys);
        assert_eq!(batches(&[Key::from("x".repeat(9000))], 5_900).len(), 1);
        assert!(batches(&[], 0).is_empty());
    }
}
