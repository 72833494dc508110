//! Runs, as history shows them.

use std::fmt::Write;

use jiff::Timestamp;
use joinery_model::{Balance, RunKind, RunRow, RunState, TargetCount};

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

/// A delta run that finished and found nothing to do and nobody to name.
fn is_quiet(row: &RunRow) -> bool {
    let finished = row.kind == RunKind::Delta && !row.plan_only && row.state == RunState::Finished;
    let nothing = |balance: &Balance| {
        let idle = |target: &TargetCount| {
            let TargetCount { delivered, held, pending, dead, superseded, rejected, back_filled, .. } = target;
            delivered + held + pending + dead + superseded + rejected + back_filled == 0
        };
        balance.people.invalid.is_empty() && balance.people.gone == 0 && balance.targets.values().all(idle)
    };
    finished && row.note.is_none() && row.balance.as_ref().is_some_and(nothing)
}

/// The newest runs, newest first, in at most so many lines: one for each run or, with `fold`, one for several delta runs
/// in a row that changed nothing.
pub fn runs(rows: &[RunRow], fold: bool, most: usize) -> String {
    let folded = |a: &RunRow, b: &RunRow| fold && is_quiet(a) && is_quiet(b);
    let lines: Vec<&[RunRow]> = rows.chunk_by(folded).take(most).collect();
    let alone = || lines.iter().filter_map(|line| <&[RunRow; 1]>::try_from(*line).ok()).map(|[row]| row);
    let sync = alone().map(|row| row.sync.chars().count()).max().unwrap_or(0).clamp(4, 20);
    let state_width = alone().map(|row| state(row).len()).max().unwrap_or(0).max(5);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{:>5}  {:20}  {:sync$}  {:14}  {:state_width$}  {:>9}  {:>7}",
        "run", "began", "sync", "kind", "state", "delivered", "waiting"
    );
    for line in lines {
        let [row, older @ ..] = line else { continue };
        let began = second(row.began);
        if !older.is_empty() {
            let count = line.len();
            let _ =
                writeln!(out, "    …  {count} delta runs without a change, the last at {began} (run {})", row.run.0);
            continue;
        }
        let sum = |pick: fn(&TargetCount) -> u64| {
            row.balance.as_ref().map_or(0, |balance| balance.targets.values().map(pick).sum::<u64>())
        };
        let delivered = sum(|target| target.delivered);
        // What the run's own balance left open; what later runs made of it is not in it.
        let waiting = sum(|target| target.held + target.pending + target.dead);
        let waiting = if waiting == 0 { String::new() } else { waiting.to_string() };
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

#[cfg(test)]
mod tests {
    use joinery_model::{RunId, Window};

    use super::*;

    fn row(run: i64, delivered: u64) -> RunRow {
        let mut balance = Balance::default();
        balance.targets.insert(
            "hr".into(),
            TargetCount { concerned: 5, delivered, unchanged: 5 - delivered, ..TargetCount::default() },
        );
        RunRow {
            run: RunId(run),
            sync: "people".into(),
            kind: RunKind::Delta,
            plan_only: false,
            state: RunState::Finished,
            config_hash: "".into(),
            window: Window { since: None, until: Timestamp::UNIX_EPOCH },
            began: Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(run),
            ended: None,
            requests: 0,
            note: None,
            balance: Some(balance),
        }
    }

    #[test]
    fn delta_runs_without_a_change_are_one_line_and_all_are_there_for_whoever_asks() {
        let rows = [row(9, 0), row(8, 0), row(7, 0), row(6, 2), row(5, 0), row(4, 1), row(3, 0), row(2, 0)];
        let folded = runs(&rows, true, 20);
        let firsts: Vec<&str> = folded.lines().skip(1).map(|line| line.split_whitespace().next().unwrap()).collect();
        assert_eq!(firsts, ["…", "6", "5", "4", "…"], "{folded}");
        assert!(
            folded.contains("…  3 delta runs without a change, the last at 1970-01-01 00:09:00Z (run 9)"),
            "{folded}"
        );
        assert_eq!(runs(&rows, true, 2).lines().count(), 3);
        assert_eq!(runs(&rows, false, 20).lines().count(), 9);
        let noted =
            [row(3, 0), RunRow { note: Some("look".into()), ..row(2, 0) }, RunRow { kind: RunKind::Full, ..row(1, 0) }];
        assert_eq!(runs(&noted, true, 20).lines().count(), 4, "what has something to say is said");
    }
}
