//! One arena for every text, so that a text is eight bytes wherever it is stored.

use serde::{Deserialize, Serialize};

use std::collections::HashMap;

/// A text in the arena, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Text {
    start: u32,
    len: u32,
}

impl Text {
    pub(super) const NONE: Self = Self { start: u32::MAX, len: 0 };

    /// How many bytes it has.
    pub(super) fn len(self) -> usize {
        self.len as usize
    }

    pub(super) fn is_none(self) -> bool {
        self.start == u32::MAX
    }
}

/// The arena. Texts are never removed: a changed name leaves its old bytes behind.
#[derive(Clone, Default)]
pub(super) struct Texts {
    bytes: String,
    known: HashMap<Box<str>, Text>,
}

impl Texts {
    /// All bytes, and the texts that rows share: what [`Texts::of_parts`] takes.
    pub(super) fn parts(&self) -> (&str, Vec<Text>) {
        let mut known: Vec<Text> = self.known.values().copied().collect();
        known.sort_unstable_by_key(|text| text.start);
        (&self.bytes, known)
    }

    /// The arena of these parts; a shared text that lies outside is forgotten.
    pub(super) fn of_parts(bytes: String, known: &[Text]) -> Self {
        let mut texts = Self { bytes, known: HashMap::new() };
        for text in known {
            if let Some(word) = texts.get(*text) {
                let word = word.into();
                texts.known.insert(word, *text);
            }
        }
        texts
    }

    /// Stores a text that is unlikely to come again. A full arena (4 GiB) stores nothing more.
    pub(super) fn add(&mut self, text: &str) -> Text {
        let (Ok(start), Ok(len)) = (u32::try_from(self.bytes.len()), u32::try_from(text.len())) else {
            return Text::NONE;
        };
        if self.bytes.len() + text.len() >= u32::MAX as usize {
            return Text::NONE;
        }
        self.bytes.push_str(text);
        Text { start, len }
    }

    /// Stores a text that many rows share.
    pub(super) fn shared(&mut self, text: &str) -> Text {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let stored = self.add(text);
        self.known.insert(text.into(), stored);
        stored
    }

    pub(super) fn get(&self, text: Text) -> Option<&str> {
        if text.is_none() {
            return None;
        }
        let start = text.start as usize;
        self.bytes.get(start..start.saturating_add(text.len as usize))
    }

    /// The text, or an empty one.
    pub(super) fn read(&self, text: Text) -> &str {
        self.get(text).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back() {
        let mut texts = Texts::default();
        let (anna, empty) = (texts.add("Änna"), texts.add(""));
        assert_eq!(texts.get(anna), Some("Änna"));
        assert_eq!(texts.get(empty), Some(""));
        assert_eq!(texts.get(Text::NONE), None);
        assert_eq!(texts.shared("Berlin"), texts.shared("Berlin"));
    }
}
