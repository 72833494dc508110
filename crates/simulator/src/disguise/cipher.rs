//! Words for words: a permutation of all words of one shape, chosen by a secret.
//!
//! A word is a number to the mixed base of its letters' classes. A Feistel network over the next power of four permutes
//! such numbers, walked until it is back in range (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). So two words never
//! become one, and without the secret nobody can try names until one fits.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::hmac;

use super::alphabet::{Place, in_word, is_mark, letter, lowered, place, raised, size};

const ROUNDS: u8 = 10;
/// Words with more shapes than this are taken in pieces.
const LARGEST: u128 = 1 << 110;

/// The permutation that a secret chooses.
pub(super) struct Cipher {
    key: hmac::Key,
    /// Words, lower-case, and what stands for them.
    known: Mutex<HashMap<String, String>>,
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher")
    }
}

impl Cipher {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret), known: Mutex::default() }
    }

    /// The text with every word replaced; what stands between words stays.
    pub(super) fn text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for piece in pieces(text) {
            if piece.starts_with(in_word) {
                out.push_str(&self.word(piece));
            } else {
                out.push_str(piece);
            }
        }
        out
    }

    /// A number unlike any other text's.
    pub(super) fn number(&self, purpose: &str, text: &str) -> u64 {
        let tag = hmac::sign(&self.key, format!("{purpose}\0{text}").as_bytes());
        tag.as_ref().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// Letters and digits that stand for a text which nobody reads, always the same ones.
    pub(super) fn opaque(&self, purpose: &str, text: &str) -> String {
        let tag = hmac::sign(&self.key, format!("{purpose}\0{text}").as_bytes());
        format!("{:032x}", tag.as_ref().iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte)))
    }

    /// One word, its capitals where they were.
    fn word(&self, word: &str) -> String {
        let (small, capitals): (String, Vec<bool>) = word.chars().map(lowered).unzip();
        let found = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&small).cloned();
        let made = found.unwrap_or_else(|| {
            let made = self.small_word(&small);
            self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(small, made.clone());
            made
        });
        made.chars().zip(capitals).map(|(letter, capital)| if capital { raised(letter) } else { letter }).collect()
    }

    fn small_word(&self, word: &str) -> String {
        // Marks stay; letters of no class become Latin ones, which is the only thing here that cannot be undone.
        let foreign = |letter: char| {
            let at = self.number("letter", &format!("{word}{letter}")) % u64::from(size(2));
            letter_of(Place { class: 2, at: at as u32 })
        };
        let mut out: Vec<char> = word.chars().collect();
        let mut chunk: Vec<(usize, Place)> = Vec::new();
        let (mut shapes, mut number) = (1_u128, 0_u8);
        for (at, one) in word.chars().enumerate() {
            if is_mark(one) {
                continue;
            }
            let Some(place) = place(one) else {
                if let Some(slot) = out.get_mut(at) {
                    *slot = foreign(one);
                }
                continue;
            };
            let grown = shapes.saturating_mul(u128::from(size(place.class)));
            if grown > LARGEST {
                self.replace(&mut out, &chunk, number);
                chunk.clear();
                shapes = u128::from(size(place.class));
                number = number.wrapping_add(1);
            } else {
                shapes = grown;
            }
            chunk.push((at, place));
        }
        self.replace(&mut out, &chunk, number);
        out.into_iter().collect()
    }

    /// Replaces the letters of one piece of a word.
    fn replace(&self, out: &mut [char], chunk: &[(usize, Place)], number: u8) {
        let shapes: u128 = chunk.iter().map(|(_, place)| u128::from(size(place.class))).product();
        if shapes < 2 {
            return;
        }
        let mut shape: Vec<u8> = vec![number];
        shape.extend(chunk.iter().map(|(_, place)| place.class));
        let is =
            chunk.iter().fold(0_u128, |sum, (_, place)| sum * u128::from(size(place.class)) + u128::from(place.at));
        let mut made = self.permuted(is, shapes, &shape);
        for (at, place) in chunk.iter().rev() {
            let base = u128::from(size(place.class));
            if let Some(slot) = out.get_mut(*at) {
                *slot = letter_of(Place { class: place.class, at: (made % base) as u32 });
            }
            made /= base;
        }
    }

    /// A permutation of `0..shapes` in which nothing stays where it is: a step along the circle that the network draws.
    fn permuted(&self, is: u128, shapes: u128, shape: &[u8]) -> u128 {
        let there = self.walk(is, shapes, shape, false);
        let step = 1 + u128::from(self.number("step", &format!("{shape:?}"))) % (shapes - 1);
        self.walk((there + step) % shapes, shapes, shape, true)
    }

    fn walk(&self, mut at: u128, shapes: u128, shape: &[u8], back: bool) -> u128 {
        let bits = 128 - (shapes - 1).leading_zeros();
        let half = bits.div_ceil(2).max(1);
        loop {
            at = self.network(at, half, shape, back);
            if at < shapes {
                return at;
            }
        }
    }

    fn network(&self, at: u128, half: u32, shape: &[u8], back: bool) -> u128 {
        let mask = (1_u128 << half) - 1;
        let (mut left, mut right) = (at >> half & mask, at & mask);
        let round = |round: u8, half_word: u128| {
            let mut message = vec![round];
            message.extend_from_slice(shape);
            message.extend_from_slice(&half_word.to_be_bytes());
            let tag = hmac::sign(&self.key, &message);
            tag.as_ref().iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte)) & mask
        };
        if back {
            for number in (0..ROUNDS).rev() {
                (left, right) = (right ^ round(number, left), left);
            }
        } else {
            for number in 0..ROUNDS {
                (left, right) = (right, left ^ round(number, right));
            }
        }
        left << half | right
    }
}

fn letter_of(place: Place) -> char {
    letter(place)
}

/// Words, and what stands between them, in turn.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let word = in_word(first);
        let end = rest.find(|letter| in_word(letter) != word).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_two_words_of_a_shape_become_one_and_none_stays() {
        let cipher = Cipher::new(b"a secret");
        let all: HashSet<String> = (0..10_000).map(|id| cipher.text(&format!("{id:04}"))).collect();
        assert_eq!(all.len(), 10_000);
        assert!((0..10_000).all(|id| cipher.text(&format!("{id:04}")) != format!("{id:04}")));
        for letter in ["a", "z", "7", "é", "щ"] {
            assert_ne!(cipher.text(letter), letter);
        }
    }

    #[test]
    fn words_keep_their_shape_and_mean_the_same_everywhere() {
        let cipher = Cipher::new(b"a secret");
        let name = cipher.text("Anne-Marie O'Neil");
        assert_eq!(
            name,
            format!("{}-{} {}'{}", cipher.text("Anne"), cipher.text("Marie"), cipher.text("O"), cipher.text("Neil"))
        );
        assert_eq!(cipher.text("ANNE"), cipher.text("anne").to_uppercase());
        let mail = cipher.text("anne.neil7@acme.example");
        assert!(mail.starts_with(&format!("{}.", cipher.text("anne"))), "{mail}");
        assert_eq!(cipher.text("+49 (0)30 5553-1").chars().filter(char::is_ascii_digit).count(), 11 - 1);
        for word in [
            "Müller",
            "Ελένη",
            "Наталья",
            "فاطمة",
            "יוסף",
            "प्रिया",
            "கவிதா",
            "高橋",
            "さくら",
            "김",
            "Nguyễn",
            "Işıl",
            "İsmail",
        ] {
            let made = cipher.text(word);
            assert_ne!(made, word);
            assert_eq!(made.chars().count(), word.chars().count(), "{word}: {made}");
            let script = |text: &str| text.chars().filter(char::is_ascii).count();
            assert_eq!(script(&made), if word == "İsmail" { 6 } else { script(word) }, "{word}: {made}");
        }
    }

    #[test]
    fn another_secret_is_another_world() {
        let (one, other) = (Cipher::new(b"one"), Cipher::new(b"other"));
        assert_eq!(one.text("100003"), Cipher::new(b"one").text("100003"));
        assert_ne!(one.text("100003"), other.text("100003"));
        assert_ne!(one.opaque("place", "x"), other.opaque("place", "x"));
        assert_ne!(one.opaque("place", "x"), one.opaque("other", "x"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn any_text_is_taken_and_no_word_stays(text in "\\PC{0,60}") {
            let cipher = Cipher::new(b"law");
            let made = cipher.text(&text);
            prop_assert_eq!(made.chars().count(), text.chars().count());
            prop_assert_eq!(&made, &cipher.text(&text));
            for (before, after) in pieces(&text).zip(pieces(&made)) {
                if before.chars().any(|letter| place(lowered(letter).0).is_some()) {
                    prop_assert_ne!(before, after);
                }
            }
        }

        #[test]
        fn long_words_are_told_apart(one in "[a-z0-9]{20,60}", other in "[a-z0-9]{20,60}") {
            let cipher = Cipher::new(b"law");
            prop_assert_eq!(one == other, cipher.text(&one) == cipher.text(&other));
        }
    }
}
