//! The last requests, in a ring.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::{masked, masked_option};

/// How many requests are kept.
pub(crate) const SIZE: usize = 500;
/// How many bytes of a body are kept.
pub(crate) const BODY: usize = 16 * 1024;

/// The beginning of a body.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Sample {
    /// Content type, as sent.
    pub(crate) kind: String,
    /// Length of the whole body in bytes.
    pub(crate) length: usize,
    /// Its beginning, secrets masked; empty for bytes that are no text.
    pub(crate) text: String,
    /// There was more.
    pub(crate) cut: bool,
}

impl Sample {
    /// The beginning of a body that comes in pieces.
    pub(crate) fn of(kind: &str, pieces: &[Bytes]) -> Self {
        let length = pieces.iter().map(Bytes::len).sum();
        let mut start = Vec::with_capacity(BODY.min(length));
        for piece in pieces {
            let left = BODY - start.len();
            if left == 0 {
                break;
            }
            start.extend_from_slice(piece.get(..left).unwrap_or(piece));
        }
        let cut = length > start.len();
        let text = match std::str::from_utf8(&start) {
            Ok(text) => masked(kind, text),
            // A character that the cut went through.
            Err(error) if cut && error.valid_up_to() + 4 > start.len() => {
                masked(kind, &String::from_utf8_lossy(start.get(..error.valid_up_to()).unwrap_or_default()))
            }
            Err(_) => String::new(),
        };
        Self { kind: kind.to_owned(), length, text, cut }
    }
}

/// One request and its answer.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Entry {
    /// Counted from 1.
    pub(crate) number: u64,
    /// The simulated present when it came.
    pub(crate) at: Timestamp,
    pub(crate) method: String,
    /// Percent-decoded.
    pub(crate) path: String,
    /// The options of the query, each percent-decoded, in order.
    pub(crate) query: Vec<(String, String)>,
    /// Method and entity set, as requests are counted.
    pub(crate) resource: String,
    /// `userId` of whoever asked, once that is known.
    pub(crate) user: Option<String>,
    /// 0 when the connection was cut.
    pub(crate) status: u16,
    pub(crate) rows: u64,
    /// From the request's last byte to the answer's first.
    pub(crate) millis: f64,
    /// The fault that met it.
    pub(crate) fault: Option<String>,
    /// Something to know about the answer.
    pub(crate) note: Option<String>,
    #[serde(skip)]
    pub(crate) asked: Sample,
    #[serde(skip)]
    pub(crate) answered: Sample,
}

/// The options of a query string, decoded for reading. Values of secrets are masked.
pub(crate) fn options(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            masked_option(&decode(name), &decode(value))
        })
        .collect()
}

/// The requests that are kept.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    count: u64,
    entries: VecDeque<Arc<Entry>>,
}

impl Log {
    /// Keeps one more; the oldest goes when there are too many.
    pub(crate) fn add(&self, mut entry: Entry) {
        let mut kept = self.lock();
        kept.count += 1;
        entry.number = kept.count;
        if kept.entries.len() >= SIZE {
            kept.entries.pop_front();
        }
        kept.entries.push_back(Arc::new(entry));
    }

    /// Those that came after number `after` and are meant, the newest first; and the number of the last of all.
    pub(crate) fn list(&self, after: u64, meant: impl Fn(&Entry) -> bool, limit: usize) -> (Vec<Arc<Entry>>, u64) {
        let kept = self.lock();
        let newest = kept.entries.iter().rev().take_while(|entry| entry.number > after);
        (newest.filter(|entry| meant(entry)).take(limit).cloned().collect(), kept.count)
    }

    pub(crate) fn one(&self, number: u64) -> Option<Arc<Entry>> {
        let kept = self.lock();
        kept.entries.iter().find(|entry| entry.number == number).cloned()
    }

    /// Forgets all; numbers go on.
    pub(crate) fn clear(&self) {
        self.lock().entries.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes() {
        let log = Log::default();
        for status in 0..SIZE as u16 + 7 {
            log.add(Entry { status, ..Entry::default() });
        }
        let (all, last) = log.list(0, |_| true, usize::MAX);
        assert_eq!((all.len(), last), (SIZE, SIZE as u64 + 7));
        assert_eq!((all[0].number, all[SIZE - 1].number), (SIZE as u64 + 7, 8));
        assert!(log.one(7).is_none() && log.one(8).is_some_and(|entry| entry.status == 7));
        assert_eq!(log.list(SIZE as u64 + 5, |entry| entry.status % 2 == 0, 9).0.len(), 1);
        log.clear();
        assert_eq!(log.list(0, |_| true, 9), (Vec::new(), SIZE as u64 + 7));
    }

    #[test]
    fn only_the_beginning_of_a_body_is_kept() {
        let body = Bytes::from("ü".repeat(BODY));
        let sample = Sample::of("text/plain", &[Bytes::from_static(b"x"), body]);
        assert!(sample.cut && sample.length == 2 * BODY + 1);
        assert_eq!(sample.text.len(), BODY - 1, "no half of a letter");
        let picture = Sample::of("image/png", &[Bytes::from_static(b"\x89PNG\xff")]);
        assert_eq!((picture.text.as_str(), picture.length, picture.cut), ("", 5, false));
    }

    #[test]
    fn options_are_decoded_one_by_one() {
        let read = options("$filter=name%20eq%20'A%26B'&$top=5&password=x&client_secret=a%3Bb%20%22%3Cc");
        let expected = [("$filter", "name eq 'A&B'"), ("$top", "5"), ("password", "…"), ("client_secret", "…")];
        assert!(read.iter().map(|(name, value)| (&**name, &**value)).eq(expected));
    }

    impl PartialEq for Entry {
        fn eq(&self, other: &Self) -> bool {
            self.number == other.number
        }
    }
}
