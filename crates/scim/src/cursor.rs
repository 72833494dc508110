//! Cursors (RFC 9865) that the server need not remember: what they say is sealed by the face that gives them out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{ScimError, ScimType};

/// Longest cursor that is looked at.
const LONGEST: usize = 4096;

/// Seals and opens bytes so that nobody else can make or read them: an authenticated cipher.
pub trait Seal {
    /// The sealed bytes.
    fn seal(&self, plain: &[u8]) -> Vec<u8>;
    /// The bytes, if they were sealed here and are unchanged.
    fn open(&self, sealed: &[u8]) -> Option<Vec<u8>>;
}

/// A place in the answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The keys that the page before ended with: of the order first, the id last.
    pub after: Vec<String>,
    /// Is it the page before that place?
    pub backwards: bool,
    /// When it was given out, in seconds since 1970.
    pub made: i64,
}

/// A question, so that a cursor fits no other: all its parameters but the cursor, and who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question([u8; 16]);

impl Question {
    /// Of these parts in this order: who asks, the endpoint, filter, order, attributes, count.
    pub fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // The length before each part: `["ab", "c"]` is another question than `["a", "bc"]`.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut short = [0; 16];
        short.copy_from_slice(&hash.finalize()[..16]);
        Self(short)
    }
}

impl Cursor {
    /// Its text: unreserved characters of URLs alone (RFC 9865, section 2).
    pub fn write(&self, question: Question, count: usize, seal: &impl Seal) -> String {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let mut bytes = question.0.to_vec();
        bytes.extend(count.to_be_bytes());
        bytes.extend(self.made.to_be_bytes());
        bytes.push(u8::from(self.backwards));
        for key in &self.after {
            bytes.extend(u32::try_from(key.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend(key.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(seal.seal(&bytes))
    }

    /// Reads the text of a cursor. `seconds` is how long it lives.
    ///
    /// # Errors
    /// `invalidCursor` when it was not given out here or for another question, `invalidCount` when the count is another than
    /// that of the page before, `expiredCursor` when it is too old.
    pub fn read(
        text: &str,
        question: Question,
        count: usize,
        seal: &impl Seal,
        now: Timestamp,
        seconds: u64,
    ) -> Result<Self, ScimError> {
        let wrong =
            || ScimError::new(ScimType::InvalidCursor, "The cursor is none of this question; begin without one.");
        let sealed = Some(text).filter(|text| text.len() <= LONGEST).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let bytes = sealed.and_then(|sealed| seal.open(&sealed)).ok_or_else(wrong)?;
        let mut rest = bytes.as_slice();
        let asked = Question(number(&mut rest).ok_or_else(wrong)?);
        let counted = u32::from_be_bytes(number(&mut rest).ok_or_else(wrong)?);
        let made = i64::from_be_bytes(number(&mut rest).ok_or_else(wrong)?);
        let [backwards] = number(&mut rest).ok_or_else(wrong)?;
        let mut after = Vec::new();
        while !rest.is_empty() {
            let length = u32::from_be_bytes(number(&mut rest).ok_or_else(wrong)?) as usize;
            let key = rest.split_at_checked(length).ok_or_else(wrong)?;
            after.push(String::from_utf8(key.0.to_vec()).map_err(|_| wrong())?);
            rest = key.1;
        }
        if asked != question {
            return Err(wrong());
        }
        if counted != u32::try_from(count).unwrap_or(u32::MAX) {
            return Err(ScimError::new(
                ScimType::InvalidCount,
                "`count` must stay what the first page was asked with.",
            ));
        }
        if now.as_second().saturating_sub(made) > i64::try_from(seconds).unwrap_or(i64::MAX) {
            return Err(ScimError::new(ScimType::ExpiredCursor, "The cursor has expired; begin without one."));
        }
        Ok(Self { after, backwards: backwards != 0, made })
    }
}

fn number<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A seal for tests: the key, and what shows a change.
    struct Plain(u8);

    impl Seal for Plain {
        fn seal(&self, plain: &[u8]) -> Vec<u8> {
            [&[self.0][..], &Sha256::digest(plain)[..8], plain].concat()
        }
        fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
            let plain = sealed.get(9..)?;
            (sealed[0] == self.0 && sealed[1..9] == Sha256::digest(plain)[..8]).then(|| plain.to_vec())
        }
    }

    fn now(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_cursor_fits_its_question_its_count_and_its_time() {
        let question = Question::of(&["client", "/Users", "userName sw \"J\""]);
        let cursor = Cursor { after: vec!["jensen".into(), "10056".into()], backwards: false, made: 1000 };
        let text = cursor.write(question, 10, &Plain(7));
        let read = |question, count, seal, now| {
            Cursor::read(&text, question, count, &seal, now, 3600).map_err(|error| error.scim_type)
        };
        assert_eq!(read(question, 10, Plain(7), now(4600)), Ok(cursor.clone()));
        let other = Question::of(&["other", "/Users", "userName sw \"J\""]);
        assert_eq!(read(other, 10, Plain(7), now(1000)), Err(Some(ScimType::InvalidCursor)));
        assert_eq!(read(question, 10, Plain(8), now(1000)), Err(Some(ScimType::InvalidCursor)));
        assert_eq!(read(question, 11, Plain(7), now(1000)), Err(Some(ScimType::InvalidCount)));
        assert_eq!(read(question, 10, Plain(7), now(4601)), Err(Some(ScimType::ExpiredCursor)));
        assert_ne!(Question::of(&["ab", "c"]), Question::of(&["a", "bc"]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_is_written_is_read_and_stands_in_an_address(after in prop::collection::vec("\\PC{0,8}", 0..3), backwards in any::<bool>(), made in 0..1_000_000_i64) {
            let cursor = Cursor { after, backwards, made };
            let question = Question::of(&[]);
            let text = cursor.write(question, 5, &Plain(1));
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)));
            prop_assert_eq!(Cursor::read(&text, question, 5, &Plain(1), now(made), 0), Ok(cursor));
        }

        #[test]
        fn any_text_is_refused(text in "[A-Za-z0-9_-]{0,60}") {
            prop_assert!(Cursor::read(&text, Question::of(&[]), 5, &Plain(1), now(0), 0).is_err());
        }
    }
}
