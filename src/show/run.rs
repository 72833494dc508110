//! Runs, as history shows them.

use std::fmt::Write;

use joinery_model::{RunKind, RunRow, RunState};

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

/// A line for each run, newest first.
pub fn runs(rows: &[RunRow]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{:>5}  {:20}  {:12}  {:14}  {:26}  delivered", "run", "began", "sync", "kind", "state");
    for row in rows {
        let delivered: u64 =
            row.balance.as_ref().map_or(0, |balance| balance.targets.values().map(|target| target.delivered).sum());
        let began = row.began.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let _ = writeln!(
            out,
            "{:>5}  {began:20}  {:12}  {:14}  {:26}  {delivered}",
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
    let since = row.window.since.map_or("the beginning".to_owned(), |since| since.0.to_string());
    let _ = writeln!(out, "window    from {since} to {}", row.window.until);
    let ended = row.ended.map_or("not yet".to_owned(), |ended| ended.to_string());
    let _ = writeln!(out, "began     {}, ended {ended}, {} requests to the tenant", row.began, row.requests);
    if let Some(note) = &row.note {
        let _ = writeln!(out, "note      {note}");
    }
    out
}
