//! What a run shows while it goes on: a bar with rate and time left on a terminal, plain lines otherwise.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use joinery_engine::Event;
use joinery_model::{RunKind, RunRow, RunState};

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
    last_line: Mutex<u64>,
}

/// Refused people who are named while a run goes on; the run's history names them all.
const NAMED: u64 = 20;
/// How many runs back one of the same kind is looked for.
pub const HISTORY: usize = 500;

/// Without a terminal, a line is written each time this many more people were read or changes delivered.
const PLAIN_STEP: u64 = 10_000;

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
            last_line: Mutex::new(0),
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
                match (&self.bar, rows_before(&self.history, *kind)) {
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
                self.at(people, "read", || format!("{planned} changes planned"));
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
                *self.last_line.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = 0;
            }
            Event::Delivered { done, dead, .. } => {
                let delivered = self.delivered.fetch_add(done + dead, Ordering::Relaxed) + done + dead;
                self.at(delivered, "delivered", String::new);
            }
            Event::DeadLetter { target, person, why } => match self.refused.fetch_add(1, Ordering::Relaxed) {
                ..NAMED => self.line(&format!("{target}: {person} was refused: {why}")),
                NAMED => self.line("… more are refused; `joinery run` names everybody afterwards"),
                _ => {}
            },
            Event::Unreachable { target, why } => self.line(&format!("{target} cannot be used now: {why}")),
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

    fn at(&self, position: u64, verb: &str, more: impl Fn() -> String) {
        if let Some(bar) = &self.bar {
            bar.set_position(position);
            bar.set_message(more());
            return;
        }
        let mut last = self.last_line.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if position / PLAIN_STEP > *last {
            *last = position / PLAIN_STEP;
            drop(last);
            self.line(format!("{verb} {position} {}", more()).trim_end());
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None if self.quiet => {}
            None => eprintln!("{text}"),
        }
    }
}

/// The rows of the last finished run of that kind.
fn rows_before(history: &[RunRow], kind: RunKind) -> Option<u64> {
    let last = history.iter().find(|run| run.kind == kind && run.state == RunState::Finished)?;
    last.balance.as_ref().map(|balance| balance.people.rows).filter(|rows| *rows > 0)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use joinery_model::{Balance, RunId, Window};

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
