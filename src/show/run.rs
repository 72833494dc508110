//! Runs, as history shows them.

use std::fmt::Write;

use jiff::Timestamp;
use joinery_model::{RunKind, RunRow, RunState, TargetCount};

fn state(row: &RunRow) -> &'static str {
    match row.state {
        RunState::Walking => "interrupted while reading",
        RunState::Planned => "planned",
        RunState::Delivering => "interrupted while delivering",
        RunState::Finished => "finished",
        RunState::Failed => "failed",
        RunState::Dropped => "dropped",
    }
}

fn kind(row: &RunRow) -> &'static str {
    match (row.kind, row.plan_only) {
        (RunKind::Full, false) => "full",
        (RunKind::Delta, false) => "delta",
        (RunKind::Keys, false) => "people",
        (RunKind::Full, true) => "full plan",
        (RunKind::Delta, true) => "delta plan",
        (RunKind::Keys, true) => "plan of people",
    }
}

/// An instant as people read it, to the second.
fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// A line for each run, newest first.
pub fn runs(rows: &[RunRow]) -> String {
    let mut out = String::new();
    let sync = rows.iter().map(|row| row.sync.chars().count()).max().unwrap_or(0).clamp(4, 20);
    let state_width = rows.iter().map(|row| state(row).len()).max().unwrap_or(0).max(5);
    let _ = writeln!(
        out,
        "{:>5}  {:20}  {:sync$}  {:14}  {:state_width$}  {:>9}  {:>7}",
        "run", "began", "sync", "kind", "state", "delivered", "waiting"
    );
    for row in rows {
        let sum = |pick: fn(&TargetCount) -> u64| {
            row.balance.as_ref().map_or(0, |balance| balance.targets.values().map(pick).sum::<u64>())
        };
        let delivered = sum(|target| target.delivered);
        // What the run's own balance left open; what later runs made of it is not in it.
        let waiting = sum(|target| target.held + target.pending + target.dead);
        let waiting = if waiting == 0 { String::new() } else { waiting.to_string() };
        let began = second(row.began);
        let _ = writeln!(
            out,
            "{:>5}  {began:20}  {:sync$}  {:14}  {:state_width$}  {delivered:>9}  {waiting:>7}",
            row.run.0,
            row.sync,
            kind(row),
            state(row)
        );
    }
    out
}

/// One run's head: what it was, how it stands.
pub fn run(row: &RunRow) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "run {} of {}: {}, {}", row.run.0, row.sync, kind(row), state(row));
    let since = row.window.since.map_or("the beginning".to_owned(), |since| second(since.0));
    let _ = writeln!(out, "window    from {since} to {}", second(row.window.until));
    let ended = row.ended.map_or("not yet".to_owned(), second);
    let _ = writeln!(out, "began     {}, ended {ended}, {} requests to the tenant", second(row.began), row.requests);
    if let Some(note) = &row.note {
        let _ = writeln!(out, "note      {note}");
    }
    out
}
