//! Warnings are said once.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// So many are remembered; names come from whoever asks, and they may ask for ever new ones.
const MOST: usize = 1000;

/// What was warned of already.
#[derive(Debug, Default)]
pub(crate) struct Warned(Mutex<BTreeSet<String>>);

impl Warned {
    /// Logs `message` the first time it is said; says whether it did. When too many are remembered, all are forgotten.
    pub(crate) fn once(&self, message: String) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.contains(&message) {
            return false;
        }
        tracing::warn!("{message}");
        if said.len() >= MOST {
            said.clear();
        }
        said.insert(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_said_once_and_no_more_than_so_many_are_remembered() {
        let warned = Warned::default();
        assert!(warned.once("a".to_owned()) && !warned.once("a".to_owned()));
        for number in 0..3 * MOST {
            assert!(warned.once(number.to_string()));
            assert!(!warned.once(number.to_string()));
        }
        assert!(warned.0.lock().unwrap().len() <= MOST);
    }
}
