//! What a run shows while it goes on: a bar with rate and time left on a terminal, plain lines otherwise.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use jiff::Timestamp;
use joinery_engine::Event;
use joinery_model::{Clock, RunKind, RunRow, RunState};

use crate::SystemClock;

/// Shows events. Cheap to call from a run.
pub struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
    /// The sync's history, newest first.
    history: Vec<RunRow>,
    people: AtomicU64,
    planned: AtomicU64,
    released: AtomicU64,
    delivered: AtomicU64,
    refused: AtomicU64,
    plain: Mutex<Plain>,
    /// Where lines go without a terminal.
    out: fn(&str),
}

/// What plain lines are measured by.
struct Plain {
    /// When this half of the run, reading or delivering, began.
    began: Timestamp,
    /// How much there is, when that is known.
    whole: Option<u64>,
    /// When the last line was written, and at how many.
    last: (Timestamp, u64),
}

impl Plain {
    fn begun(whole: Option<u64>) -> Self {
        let now = SystemClock.now();
        Self { began: now, whole, last: (now, 0) }
    }
}

/// Refused people who are named while a run goes on; the run's history names them all.
const NAMED: u64 = 20;
/// How many runs back one of the same kind is looked for.
pub const HISTORY: usize = 500;

/// Without a terminal, a line is written each time this many more people were read or changes delivered …
const PLAIN_STEP: u64 = 10_000;
/// … and after so long even if they are fewer.
const PLAIN_EVERY: Duration = Duration::from_secs(10);

impl Progress {
    /// A display on standard error; nothing when `quiet`.
    pub fn new(quiet: bool) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::no_length();
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self {
            bar,
            quiet,
            history: Vec::new(),
            people: AtomicU64::new(0),
            planned: AtomicU64::new(0),
            released: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            plain: Mutex::new(Plain::begun(None)),
            out: |text| crate::tell!("{text}"),
        }
    }

    /// With the sync's history, newest first: how long the last run of the same kind was says how much is left.
    pub fn after(mut self, history: Vec<RunRow>) -> Self {
        self.history = history;
        self
    }

    /// Takes one event of a run.
    pub fn show(&self, event: &Event) {
        match event {
            Event::Began { kind, .. } => {
                self.people.store(0, Ordering::Relaxed);
                self.planned.store(0, Ordering::Relaxed);
                self.released.store(0, Ordering::Relaxed);
                self.delivered.store(0, Ordering::Relaxed);
                self.refused.store(0, Ordering::Relaxed);
                let before = rows_before(&self.history, *kind);
                *self.plain() = Plain::begun(before);
                match (&self.bar, before) {
                    (Some(bar), Some(rows)) => {
                        bar.set_length(rows);
                        self.style("{spinner} read {pos} of about {len} people, {per_sec}, about {eta} left, {msg}");
                    }
                    _ => self.style("{spinner} read {pos} people, {per_sec}, {msg}"),
                }
            }
            Event::Page { people, planned, .. } => {
                let people = self.people.fetch_add(*people, Ordering::Relaxed) + people;
                let planned = self.planned.fetch_add(*planned, Ordering::Relaxed) + planned;
                self.at(people, "people", || format!("{planned} changes planned"));
            }
            Event::WalkRestarted { times } => self.line(&format!("the tenant lost the place; reading again ({times})")),
            Event::Judged { released, .. } => {
                let released = released.values().sum::<u64>();
                self.released.store(released, Ordering::Relaxed);
                if released > 0 {
                    if let Some(bar) = &self.bar {
                        bar.set_length(released);
                        bar.reset();
                    }
                    self.style("{bar:30} delivered {pos} of {len}, {per_sec}, {eta} left");
                }
                *self.plain() = Plain::begun((released > 0).then_some(released));
            }
            Event::Delivered { done, dead, .. } => {
                let delivered = self.delivered.fetch_add(done + dead, Ordering::Relaxed) + done + dead;
                self.at(delivered, "changes", String::new);
            }
            Event::DeadLetter { target, person, why } => match self.refused.fetch_add(1, Ordering::Relaxed) {
                ..NAMED => self.line(&format!("{target}: {person} was refused: {why}")),
                NAMED => self.line("… more are refused; `joinery run` names everybody afterwards"),
                _ => {}
            },
            Event::Waiting { wait } => {
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                self.line(&format!("waiting {seconds} s before the next try"));
            }
            _ => {}
        }
    }

    /// Takes the display away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn style(&self, template: &str) {
        if let Some(bar) = &self.bar
            && let Ok(style) = ProgressStyle::with_template(template)
        {
            bar.set_style(style);
        }
    }

    fn plain(&self) -> std::sync::MutexGuard<'_, Plain> {
        self.plain.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn at(&self, position: u64, what: &str, more: impl Fn() -> String) {
        if let Some(bar) = &self.bar {
            bar.set_position(position);
            bar.set_message(more());
            return;
        }
        let now = SystemClock.now();
        let mut plain = self.plain();
        let (then, before) = plain.last;
        let far = position / PLAIN_STEP > before / PLAIN_STEP;
        if position == before || !far && since(then, now) < PLAIN_EVERY {
            return;
        }
        plain.last = (now, position);
        let (took, whole) = (since(plain.began, now), plain.whole);
        drop(plain);
        let text = sentence(what, position, whole, took, &more());
        self.line(&text);
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None if self.quiet => {}
            None => (self.out)(text),
        }
    }
}

fn since(then: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(then).try_into().unwrap_or_default()
}

/// How far it is: of how much, how fast and how much longer where that can be told.
fn sentence(what: &str, position: u64, whole: Option<u64>, took: Duration, more: &str) -> String {
    let mut parts = vec![match (what, whole) {
        ("people", Some(whole)) if whole >= position => format!("read {position} of about {whole} people"),
        ("people", _) => format!("read {position} people"),
        (_, Some(whole)) => format!("delivered {position} of {whole} changes"),
        (_, None) => format!("delivered {position} changes"),
    }];
    let rate = position as f64 / took.as_secs_f64().max(0.001);
    if position > 0 {
        parts.push(if rate >= 10.0 { format!("{rate:.0}/s") } else { format!("{rate:.1}/s") });
    }
    if let Some(left) = whole.and_then(|whole| whole.checked_sub(position)).filter(|_| position > 0) {
        let left = Duration::try_from_secs_f64((left as f64 / rate).round()).unwrap_or(Duration::MAX);
        parts.push(format!("about {} left", HumanDuration(left)));
    }
    if !more.is_empty() {
        parts.push(more.to_owned());
    }
    parts.join(", ")
}

/// The rows of the last finished run of that kind.
fn rows_before(history: &[RunRow], kind: RunKind) -> Option<u64> {
    let last = history.iter().find(|run| run.kind == kind && run.state == RunState::Finished)?;
    last.balance.as_ref().map(|balance| balance.people.rows).filter(|rows| *rows > 0)
}

#[cfg(test)]
mod tests {
    use joinery_model::{Balance, RunId, Tried, Window};

    use super::*;

    fn run(kind: RunKind, state: RunState, rows: u64) -> RunRow {
        let mut balance = Balance::default();
        balance.people.rows = rows;
        RunRow {
            run: RunId(1),
            sync: "people".into(),
            kind,
            plan_only: false,
            state,
            config_hash: "".into(),
            window: Window { since: None, until: Timestamp::UNIX_EPOCH },
            began: Timestamp::UNIX_EPOCH,
            ended: None,
            requests: 0,
            note: None,
            balance: (rows > 0).then_some(balance),
        }
    }

    #[test]
    fn without_a_terminal_lines_say_how_fast_and_how_much_longer() {
        static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let shown =
            Progress { bar: None, out: |text| SAID.lock().unwrap().push(text.to_owned()), ..Progress::new(false) }
                .after(vec![run(RunKind::Full, RunState::Finished, 25_000)]);
        let began = Event::Began { run: RunId(2), kind: RunKind::Full, plan_only: false, resumed: false, first: false };
        shown.show(&began);
        let page = |people| Event::Page { how: Tried::Read, people, duplicates: 0, planned: 3, requests: 1 };
        shown.show(&page(9_000));
        assert_eq!(SAID.lock().unwrap().len(), 0, "a line for each page would be too many");
        shown.show(&page(2_000));
        shown.plain().last.0 -= jiff::SignedDuration::from_secs(11);
        shown.show(&page(1));
        shown.show(&Event::Judged { released: [("hr".into(), 40_000)].into(), held: Vec::new() });
        shown.show(&Event::Delivered { target: "hr".into(), done: 10_000, again: 0, dead: 0 });
        let said = SAID.lock().unwrap().clone();
        let begins = [
            "read 11000 of about 25000 people, ",
            "read 11001 of about 25000 people, ",
            "delivered 10000 of 40000 changes, ",
        ];
        assert_eq!(said.len(), begins.len(), "{said:?}");
        for (line, begins) in said.iter().zip(begins) {
            assert!(line.starts_with(begins) && line.contains("/s, about ") && line.contains(" left"), "{line}");
        }
    }

    #[test]
    fn a_line_tells_what_is_known() {
        let ten = Duration::from_secs(10);
        assert_eq!(
            sentence("people", 10_000, Some(25_000), ten, "3 changes planned"),
            "read 10000 of about 25000 people, 1000/s, about 15 seconds left, 3 changes planned"
        );
        assert_eq!(sentence("people", 30, None, ten, "0 changes planned"), "read 30 people, 3.0/s, 0 changes planned");
        // More came than the last time: nobody knows how many more there are.
        assert_eq!(sentence("people", 30_000, Some(25_000), ten, ""), "read 30000 people, 3000/s");
        assert_eq!(sentence("changes", 5, Some(5), ten, ""), "delivered 5 of 5 changes, 0.5/s, about 0 seconds left");
    }

    #[test]
    fn what_is_left_is_told_by_the_last_finished_run_of_the_same_kind() {
        let history = [
            run(RunKind::Full, RunState::Walking, 7),
            run(RunKind::Delta, RunState::Finished, 30),
            run(RunKind::Full, RunState::Finished, 2_500),
            run(RunKind::Full, RunState::Finished, 2_400),
        ];
        assert_eq!(rows_before(&history, RunKind::Full), Some(2_500));
        assert_eq!(rows_before(&history, RunKind::Delta), Some(30));
        assert_eq!(rows_before(&history, RunKind::Keys), None);
        assert_eq!(rows_before(&[run(RunKind::Delta, RunState::Finished, 0)], RunKind::Delta), None);
        let bar = ProgressBar::hidden();
        let shown = Progress { bar: Some(bar.clone()), ..Progress::new(true) }.after(history.to_vec());
        shown.show(&Event::Began {
            run: RunId(2),
            kind: RunKind::Full,
            plan_only: false,
            resumed: false,
            first: false,
        });
        assert_eq!(bar.length(), Some(2_500));
    }
}
