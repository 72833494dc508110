//! Sentences of errors: what they name is replaced, what they say stays.

use super::cipher::pieces;
use super::url::without_hosts;
use super::{Disguise, known};

impl Disguise {
    /// A message of the tenant. Codes such as `COE0021` and names of the data model stay; words with digits, addresses, what
    /// is quoted, and words that named somebody before are replaced.
    pub(crate) fn message(&self, message: &str) -> String {
        let hostless = without_hosts(message);
        let mut out = String::with_capacity(hostless.len());
        for part in hostless.split_inclusive(char::is_whitespace) {
            if part.contains('@') || (part.contains("://") && !part.contains(super::BASE)) {
                out.push_str(&self.cipher.text(part));
                continue;
            }
            for piece in pieces(part) {
                out.push_str(&if self.tells(piece) { self.cipher.text(piece) } else { piece.to_owned() });
            }
        }
        self.inside_quotes(&out, &hostless)
    }

    /// Whether a word of a message tells of somebody.
    fn tells(&self, word: &str) -> bool {
        if is_code(word) || known::is_of_the_model(word) {
            return false;
        }
        self.names_somebody(word) || (word.len() > 3 && word.contains(|c: char| c.is_ascii_digit()))
    }

    /// Replaces what stands in quotes and is no name of the data model. `before` is the message as it came, to see which
    /// words were replaced already: both have the same length in letters.
    fn inside_quotes(&self, made: &str, before: &str) -> String {
        let mut out = String::with_capacity(made.len());
        let mut quoted = false;
        let mut old = pieces(before);
        for piece in pieces(made) {
            let was = old.next().unwrap_or(piece);
            if piece.chars().any(char::is_alphanumeric) {
                let known = was != piece || is_code(piece) || known::is_of_the_model(piece);
                out.push_str(&if quoted && !known { self.cipher.text(piece) } else { piece.to_owned() });
            } else {
                // An apostrophe between letters is no quotation mark: the next piece says so by following at once.
                let marks = piece.chars().filter(|c| matches!(c, '\'' | '"')).count();
                let alone = piece == "'" && !quoted;
                if !alone && marks % 2 == 1 {
                    quoted = !quoted;
                }
                out.push_str(piece);
            }
        }
        out
    }
}

/// `COE0021`, `LGN0022`: letters, then digits.
fn is_code(word: &str) -> bool {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = word.len() - letters.len();
    digits == 0 && word.chars().all(|c| c.is_ascii_uppercase())
        || (letters.len() == 3 && digits == 4 && letters.chars().all(|c| c.is_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_goes_and_what_is_said_stays() {
        let disguise = Disguise::new(b"s");
        disguise.remember("Ada Lovelace");
        let id = disguise.personal("100003");
        for (message, expected) in [
            (
                "[COE0021]Invalid property names: User/emailAddress.",
                "[COE0021]Invalid property names: User/emailAddress.".to_owned(),
            ),
            ("[LGN0022]The OAuth token has expired!", "[LGN0022]The OAuth token has expired!".to_owned()),
            ("User 100003 does not exist", format!("User {id} does not exist")),
            ("Ada is not permitted", format!("{} is not permitted", disguise.personal("Ada"))),
            (
                "no such user ada@acme.example here",
                format!("no such user {} here", disguise.personal("ada@acme.example")),
            ),
            ("bad value \"Grace Hopper\" given", format!("bad value \"{}\" given", disguise.personal("Grace Hopper"))),
            ("bad property 'lastName' of it", "bad property 'lastName' of it".to_owned()),
            ("see https://api4.x.com/odata/v2/User", "see https://tenant.invalid/odata/v2/User".to_owned()),
        ] {
            assert_eq!(disguise.message(message), expected);
        }
    }
}
