//! Made-up values for personal ones, the same one for the same value wherever it stands.
//!
//! What is not known to be harmless is replaced ([`known`]). A text is replaced word by word ([`cipher`]), so `100003` is the
//! same made-up number as a user id, in a manager's link, in an address and in a filter, and a display name is made of the
//! made-up first and last name. Without the secret nothing can be undone, nor tried out.

mod alphabet;
mod body;
mod cipher;
mod known;
mod message;
mod node;
mod text;
mod url;
mod xml;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

pub(crate) use body::Body;
use cipher::Cipher;
pub(crate) use node::Node;
pub(crate) use url::{BASE, set_of, with_base};

/// Replaces personal values, by a secret.
#[derive(Debug)]
pub(crate) struct Disguise {
    cipher: Cipher,
    /// Words of what names people, lower-case: messages are searched for them.
    people: Mutex<HashSet<String>>,
}

/// What is known about where a value stands.
#[derive(Clone, Debug, Default)]
struct Where {
    /// The entity set, when that is said.
    set: Option<String>,
    /// Below something sensitive nothing stays.
    force: bool,
}

impl Disguise {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self { cipher: Cipher::new(secret), people: Mutex::default() }
    }

    /// What stands for a text that is somebody's.
    fn personal(&self, text: &str) -> String {
        self.cipher.text(text)
    }

    /// Notes that these words name somebody, or the company.
    pub(crate) fn remember(&self, text: &str) {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        for word in cipher::pieces(text).filter(|piece| piece.chars().count() > 1) {
            if word.chars().all(alphabet::in_word) && !people.contains(&word.to_lowercase()) {
                people.insert(word.to_lowercase());
            }
        }
    }

    fn names_somebody(&self, word: &str) -> bool {
        self.people.lock().unwrap_or_else(PoisonError::into_inner).contains(&word.to_lowercase())
    }
}
