//! What a source shows, taken apart: one entry for everybody.

use std::collections::HashSet;

use joinery_model::{Key, LeftOut, PersonWork, Ref, Row, Seen, Tried, Verdict};

use super::prepare::again;

/// A page or an answer taken apart.
#[derive(Default)]
pub(super) struct Apart {
    pub(super) rows: Vec<(Row, Tried)>,
    pub(super) gone: Vec<Key>,
    /// Changed, and not given.
    pub(super) withheld: Vec<Key>,
    pub(super) unreadable: Vec<(Key, String)>,
    pub(super) touched: Vec<Ref>,
    pub(super) repeats: u64,
    /// Rows without a legible key.
    pub(super) keyless: u64,
}

impl Apart {
    /// Takes apart what was shown to somebody who looked for this reason.
    pub(super) fn of(seen: Vec<Seen>, how: Tried) -> Self {
        let mut apart = Self::default();
        let mut keys: HashSet<Key> = HashSet::new();
        // A person who is there outweighs a rumour that they are gone or unreadable.
        let (rows, others): (Vec<Seen>, Vec<Seen>) = seen.into_iter().partition(|seen| matches!(seen, Seen::Row(_)));
        for seen in rows.into_iter().chain(others) {
            match seen {
                Seen::Row(row) => {
                    if keys.insert(row.key.clone()) {
                        apart.rows.push((row, how));
                    } else {
                        apart.repeats += 1;
                    }
                }
                Seen::Touched(reference) => apart.touched.push(reference),
                Seen::Gone(key) => {
                    if keys.insert(key.clone()) {
                        apart.gone.push(key);
                    }
                }
                Seen::Withheld(key) => {
                    if keys.insert(key.clone()) {
                        apart.withheld.push(key);
                    }
                }
                Seen::Unreadable(Some(key), why) => {
                    if keys.insert(key.clone()) {
                        apart.unreadable.push((key, why));
                    } else {
                        apart.repeats += 1;
                    }
                }
                Seen::Unreadable(None, _) => apart.keyless += 1,
            }
        }
        apart
    }

    /// Those of these people of whom nothing was shown, or only that they are gone.
    pub(super) fn absent(&self, keys: &[Key]) -> Vec<Key> {
        let rows = self.rows.iter().map(|(row, _)| &row.key);
        let there: HashSet<&Key> = rows.chain(self.unreadable.iter().map(|(key, _)| key)).collect();
        keys.iter().filter(|key| !there.contains(key)).cloned().collect()
    }
}

/// Somebody of whom nothing could be read: neither valid nor gone, and asked for again by the next run.
pub(super) fn unread(key: Key, how: Tried, rule: &str, why: String) -> PersonWork {
    PersonWork {
        key,
        how,
        aliases: Vec::new(),
        refs: vec![again()],
        standing: None,
        verdict: Verdict::Invalid(LeftOut { rule: rule.into(), message: why }),
        targets: Vec::new(),
    }
}

/// Somebody gone who was asked for and is still not there: what was decided stands, and they are asked for again.
pub(super) fn still_gone(key: Key, how: Tried) -> PersonWork {
    PersonWork { verdict: Verdict::Gone, ..unread(key, how, "gone", String::new()) }
}

#[cfg(test)]
mod tests {
    use joinery_model::{Standing, Value};

    use super::*;

    #[test]
    fn a_page_has_one_entry_for_everybody_and_a_row_outweighs_a_rumour() {
        let row = |key: &str| {
            let data = Value::Object(Vec::new());
            let (aliases, refs) = (Vec::new(), Vec::new());
            Seen::Row(Row {
                key: key.into(),
                aliases,
                data,
                refs,
                standing: Standing::active(),
                modified: None,
                unsaid: Vec::new(),
            })
        };
        let seen = vec![
            Seen::Gone("a".into()),
            Seen::Unreadable(Some("b".into()), "no".to_owned()),
            Seen::Unreadable(Some("c".into()), "no".to_owned()),
            Seen::Unreadable(None, "no".to_owned()),
            Seen::Gone("d".into()),
            Seen::Withheld("a".into()),
            Seen::Withheld("e".into()),
            row("a"),
            row("b"),
            row("a"),
        ];
        let apart = Apart::of(seen, Tried::Read);
        let keys: Vec<&str> = apart.rows.iter().map(|(row, _)| row.key.as_str()).collect();
        assert_eq!(keys, ["a", "b"]);
        assert_eq!((apart.repeats, apart.keyless), (2, 1));
        assert_eq!((&apart.gone, apart.unreadable.len()), (&vec!["d".into()], 1));
        assert_eq!(apart.withheld, ["e".into()]);
        let asked = ["a", "c", "d", "e"].map(Key::from);
        assert_eq!(apart.absent(&asked), ["d".into(), "e".into()]);
    }
}
