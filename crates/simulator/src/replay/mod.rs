//! Replay: a captured tenant answers again.
//!
//! Whoever asks is let in, since nobody's secret is in a capture. A request is answered when it was captured, whatever the order
//! of its options; the same request asked again gets what it got the next time, and the last answer from then on.

mod answer;

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use answer::{answer, target};
use jiff::Timestamp;
use serde::Serialize;

use crate::capture::{CaptureError, Contents, Exchange, Key, likeness};

/// How many requests that were not captured are remembered.
const MISSES: usize = 200;
/// How many captured requests are named beside one that was not.
const NEAREST: usize = 3;

/// A capture, ready to answer.
#[derive(Debug)]
pub(crate) struct Replay {
    folder: PathBuf,
    began: Timestamp,
    captured: HashMap<Key, Vec<Arc<Exchange>>>,
    count: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How often each was asked.
    asked: HashMap<Key, usize>,
    misses: VecDeque<Miss>,
}

/// A request that was not captured.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Miss {
    pub(crate) request: String,
    /// What was captured and is most like it.
    pub(crate) nearest: Vec<String>,
    pub(crate) times: u64,
}

impl Replay {
    pub(crate) fn read(folder: &Path) -> Result<Self, CaptureError> {
        let contents = Contents::read(folder)?;
        let count = contents.exchanges.len();
        let mut captured: HashMap<Key, Vec<Arc<Exchange>>> = HashMap::new();
        for exchange in contents.exchanges {
            captured.entry(Key::of(&exchange)).or_default().push(Arc::new(exchange));
        }
        Ok(Self { folder: folder.to_owned(), began: contents.began, captured, count, state: Mutex::default() })
    }

    /// The tenant's time when the capture began.
    pub(crate) fn began(&self) -> Timestamp {
        self.began
    }

    /// The answer to a request; or what was captured and is most like it.
    pub(crate) fn find(
        &self,
        method: &str,
        path: &str,
        query: &[(String, String)],
    ) -> Result<Arc<Exchange>, Vec<String>> {
        let key = Key::new(method, path, query);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(all) = self.captured.get(&key) {
            let asked = state.asked.entry(key).or_default();
            let found = all.get(*asked).or(all.last()).cloned();
            *asked += 1;
            return found.ok_or_else(Vec::new);
        }
        let nearest = self.nearest(&key);
        let options: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mark = if options.is_empty() { "" } else { "?" };
        let request = format!("{method} {path}{mark}{}", options.join("&"));
        match state.misses.iter_mut().find(|miss| miss.request == request) {
            Some(miss) => miss.times += 1,
            None => {
                if state.misses.len() >= MISSES {
                    state.misses.pop_front();
                }
                state.misses.push_back(Miss { request, nearest: nearest.clone(), times: 1 });
            }
        }
        Err(nearest)
    }

    fn nearest(&self, key: &Key) -> Vec<String> {
        let mut alike: Vec<(usize, &Key)> = self
            .captured
            .keys()
            .map(|known| (likeness(key, known), known))
            .filter(|(likeness, _)| *likeness > 0)
            .collect();
        alike.sort_by(|(one, first), (other, second)| other.cmp(one).then(first.cmp(second)));
        let exchanges = alike.into_iter().take(NEAREST).filter_map(|(_, key)| self.captured.get(key)?.first());
        exchanges.map(|exchange| exchange.line()).collect()
    }

    /// Begins anew: every request gets its first answer again.
    pub(crate) fn rewind(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::default();
    }

    /// For the control API: the folder, what was captured, and what was asked and not captured.
    pub(crate) fn told(&self, whole: bool) -> serde_json::Value {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = serde_json::json!({
            "folder": self.folder, "began": self.began, "captured": self.count, "misses": state.misses.len(),
        });
        if whole {
            let mut requests: Vec<String> = self.captured.values().flatten().map(|exchange| exchange.line()).collect();
            requests.sort();
            requests.dedup();
            told["requests"] = requests.into();
            told["misses"] = serde_json::json!(state.misses);
        }
        told
    }
}
