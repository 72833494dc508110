//! The server's words, made safe to keep: what an error says about attributes stays, what it says about people goes.

use std::collections::BTreeSet;

use joinery_model::{Change, Value};

/// Longest text that is kept.
const LONGEST: usize = 160;

/// The server's text without values: quoted parts that are no attribute, addresses, and every word of the change's own
/// values become `…`.
pub(super) fn safe(detail: &str, change: &Change, names: &BTreeSet<String>) -> String {
    let mut private = BTreeSet::new();
    let after = &change.after;
    after.attributes.values().for_each(|value| gather(value, &mut private));
    change
        .diff
        .iter()
        .flat_map(|diff| [diff.before.as_ref(), Some(&diff.after)])
        .flatten()
        .for_each(|value| gather(value, &mut private));
    words(change.person.as_str(), &mut private);
    change.target_id.iter().for_each(|id| words(id, &mut private));
    let shown: Vec<String> =
        unquoted(detail, names).split_whitespace().map(|word| kept(word, &private, names)).collect();
    let mut text: String = shown.join(" ").chars().take(LONGEST).collect();
    while text.contains("… …") {
        text = text.replace("… …", "…");
    }
    text
}

fn gather(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| gather(item, into)),
        Value::Object(members) => members.iter().for_each(|(_, value)| gather(value, into)),
        Value::Null | Value::Bool(_) => {}
        one => words(&one.to_plain(), into),
    }
}

fn words(text: &str, into: &mut BTreeSet<String>) {
    into.extend(text.split_whitespace().map(bare).filter(|word| !word.is_empty()));
}

fn bare(word: &str) -> String {
    word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase()
}

fn kept(word: &str, private: &BTreeSet<String>, names: &BTreeSet<String>) -> String {
    let bare = bare(word);
    if names.contains(&bare) {
        return word.to_owned();
    }
    let holds = |secret: &String| bare == *secret || (secret.chars().count() > 3 && bare.contains(secret.as_str()));
    let odd = word.contains('@') || bare.chars().filter(char::is_ascii_digit).count() > 3 || word.chars().count() > 60;
    if odd || private.iter().any(holds) { "…".to_owned() } else { word.to_owned() }
}

/// Text in quotes that names no attribute becomes `…`. An apostrophe within a word opens nothing.
fn unquoted(text: &str, names: &BTreeSet<String>) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        let opens = matches!(letter, '\'' | '"' | '`' | '“')
            && !at.checked_sub(1).is_some_and(|before| letters[before].is_alphanumeric());
        let closing = if letter == '“' { '”' } else { letter };
        let length = letters[at + 1..].iter().position(|next| *next == closing).filter(|_| opens);
        let Some(length) = length else {
            // A quote that nothing closes may begin a value that goes on to the end.
            if opens {
                out.push('…');
                return out;
            }
            out.push(letter);
            at += 1;
            continue;
        };
        let inside: String = letters[at + 1..=at + length].iter().collect();
        out.push_str(if names.contains(&inside.to_lowercase()) { &inside } else { "…" });
        at += length + 2;
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use joinery_model::{Action, Key, Record};

    use super::*;
    use crate::contract::change;

    #[test]
    fn attributes_stay_and_people_go() {
        let attributes = BTreeMap::from([
            ("userName".into(), "alice.o'hara".into()),
            ("name.familyName".into(), "O'Hara Smith".into()),
        ]);
        let record = Record { key: Key::from("10042"), active: true, attributes, references: BTreeMap::new() };
        let change = change(Action::Create, record, None);
        let names = BTreeSet::from(["username".to_owned(), "name.familyname".to_owned()]);
        for (said, kept) in [
            ("Attribute 'userName' with value 'zed' isn't unique", "Attribute userName with value … isn't unique"),
            ("userName alice.o'hara exists", "userName … exists"),
            ("a@x.org is taken, see Smith (id 2819c223-7f76)", "… is taken, see … (id …"),
            ("value \"never closed Smith", "value …"),
            ("no such key=10042; userName=alice.o'hara", "no such …"),
        ] {
            assert_eq!(safe(said, &change, &names), kept, "{said}");
        }
        assert!(safe(&"word ".repeat(500), &change, &names).chars().count() <= LONGEST);
    }
}
