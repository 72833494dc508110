//! Walking over a text with a position, for the small grammars of this crate.

use thiserror::Error;

/// A text that is not what the grammar asks for: where, and what was expected there. Carries no piece of the text,
/// which may be somebody's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("at position {position}: {reason}")]
pub struct SyntaxError {
    /// Byte offset into the text, from 0.
    pub position: usize,
    /// What was expected, or why this is refused.
    pub reason: String,
}

impl SyntaxError {
    pub(crate) fn new(position: usize, reason: impl Into<String>) -> Self {
        Self { position, reason: reason.into() }
    }
}

/// A cursor over a text.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn at_end(&self) -> bool {
        self.position >= self.text.len()
    }

    /// Moves on by `bytes`, which must end on a character boundary of what [`Self::rest`] gave.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.position += bytes;
    }

    /// Steps over `token` if it stands here.
    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.position += token.len();
        }
        found
    }

    pub(crate) fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.position += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    /// The identifier that stands here, without stepping over it: letters, digits and `_`, not starting with a digit.
    pub(crate) fn peek_word(&self) -> Option<&'a str> {
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        rest.get(..end)
    }

    /// Steps over `word` if exactly this identifier stands here.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.peek_word() == Some(word);
        if found {
            self.position += word.len();
        }
        found
    }

    pub(crate) fn expect(&mut self, token: &str, reason: &str) -> Result<(), SyntaxError> {
        if self.eat(token) { Ok(()) } else { Err(self.error(reason)) }
    }

    pub(crate) fn expect_end(&self) -> Result<(), SyntaxError> {
        if self.at_end() { Ok(()) } else { Err(self.error("the text should end here")) }
    }

    pub(crate) fn error(&self, reason: impl Into<String>) -> SyntaxError {
        SyntaxError::new(self.position, reason)
    }
}

/// True for what may stand inside an identifier.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// True when the whole text is one identifier.
pub(crate) fn is_identifier(text: &str) -> bool {
    Scanner::new(text).peek_word().is_some_and(|word| word.len() == text.len())
}
