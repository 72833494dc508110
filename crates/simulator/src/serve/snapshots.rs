//! Places of walks: the tokens of default paging, and the key lists of `paging=snapshot`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::world::{Day, KeyPart};

/// The most snapshots that are kept; the least used goes first.
const MOST: usize = 64;

/// What a `$skiptoken` says, as base64 of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Token {
    /// Default paging: rows by number, offsets in disguise (KBA 2489065).
    #[serde(rename_all = "camelCase")]
    Rows { start_row: usize, end_row: usize },
    /// A snapshot and how many of its keys were answered.
    Snapshot { snapshot: u64, row: usize },
    /// `paging=cursor`: the keys of the last rows that were answered, so that the walk goes on behind the last one that
    /// is still there.
    Cursor { after: Vec<OwnedKey> },
}

impl Token {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// The token as it stands in an address.
    pub(crate) fn write(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        STANDARD.encode(json).replace('+', "%2B")
    }
}

/// A row's key, kept while the world changes.
pub(crate) type OwnedKey = Box<[OwnedPart]>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum OwnedPart {
    Str(Box<str>),
    Int(i64),
    #[serde(with = "day")]
    Day(Day),
}

/// A day in a token: `{"day": 16071}`, so that it is no number.
mod day {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::world::Day;

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Written {
        day: i32,
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    pub(super) fn serialize<S: Serializer>(day: &Day, to: S) -> Result<S::Ok, S::Error> {
        Written { day: day.0 }.serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Day, D::Error> {
        Written::deserialize(from).map(|written| Day(written.day))
    }
}

impl OwnedPart {
    pub(crate) fn of(part: &KeyPart<'_>) -> Self {
        match *part {
            KeyPart::Str(text) => Self::Str(text.into()),
            KeyPart::Int(number) => Self::Int(number),
            KeyPart::Day(day) => Self::Day(day),
        }
    }

    pub(crate) fn borrow(&self) -> KeyPart<'_> {
        match self {
            Self::Str(text) => KeyPart::Str(text),
            Self::Int(number) => KeyPart::Int(*number),
            Self::Day(day) => KeyPart::Day(*day),
        }
    }
}

#[derive(Debug)]
struct Kept {
    keys: Arc<[OwnedKey]>,
    used: Timestamp,
}

/// The snapshots that are alive.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(Mutex<(u64, HashMap<u64, Kept>)>);

impl Snapshots {
    /// Keeps a list of keys; its number.
    pub(crate) fn keep(&self, keys: Arc<[OwnedKey]>, now: Timestamp) -> u64 {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, kept) = &mut *guard;
        if kept.len() >= MOST
            && let Some(oldest) =
                kept.iter().min_by_key(|(number, kept)| (kept.used, **number)).map(|(&number, _)| number)
        {
            kept.remove(&oldest);
        }
        *last += 1;
        kept.insert(*last, Kept { keys, used: now });
        *last
    }

    /// The keys of a snapshot, unless it has not been used for `lifetime`.
    pub(crate) fn get(&self, number: u64, now: Timestamp, lifetime: SignedDuration) -> Option<Arc<[OwnedKey]>> {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = guard.1.get_mut(&number)?;
        if now.duration_since(kept.used) >= lifetime {
            guard.1.remove(&number);
            return None;
        }
        kept.used = kept.used.max(now);
        Some(Arc::clone(&kept.keys))
    }

    /// Loses them all.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_those_of_real_tenants() {
        let token = Token::Rows { start_row: 1000, end_row: 2000 };
        // KBA 2489065: base64 of {"startRow":1000,"endRow":2000}.
        assert_eq!(token.write(), "eyJzdGFydFJvdyI6MTAwMCwiZW5kUm93IjoyMDAwfQ==");
        assert_eq!(Token::parse(&token.write()), Some(token));
        let token = Token::Snapshot { snapshot: 7, row: 3 };
        assert_eq!(Token::parse(&token.write()), Some(token));
        let key: OwnedKey = [OwnedPart::Str("x".into()), OwnedPart::Int(1), OwnedPart::Day(Day(16_071))].into();
        let token = Token::Cursor { after: vec![key] };
        assert_eq!(Token::parse(&token.write()), Some(token));
        assert_eq!(Token::parse("eyJ4IjoxfQ=="), None);
        assert_eq!(Token::parse("%%%"), None);
    }

    #[test]
    fn a_snapshot_lives_from_use_to_use() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let life = SignedDuration::from_secs(100);
        let snapshots = Snapshots::default();
        let number = snapshots.keep(Arc::from([]), at(0));
        assert!(snapshots.get(number, at(99), life).is_some());
        assert!(snapshots.get(number, at(198), life).is_some());
        assert!(snapshots.get(number, at(298), life).is_none());
        assert!(snapshots.get(number, at(298), life).is_none());
    }

    #[test]
    fn the_least_used_snapshot_goes_first() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let life = SignedDuration::from_secs(1_000_000);
        let snapshots = Snapshots::default();
        let first = snapshots.keep(Arc::from([]), at(0));
        let second = snapshots.keep(Arc::from([]), at(1));
        assert!(snapshots.get(first, at(2), life).is_some());
        for second in 0..MOST as i64 - 1 {
            snapshots.keep(Arc::from([]), at(10 + second));
        }
        assert!(snapshots.get(second, at(99), life).is_none());
        assert!(snapshots.get(first, at(99), life).is_some());
    }
}
