//! One arena for every text, so that a text is eight bytes wherever it is stored.

use std::collections::HashMap;

/// A text in the arena, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        self.bytes.get(start..start + text.len as usize)
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
