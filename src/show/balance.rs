//! A run's books in words.

use std::fmt::Write;

use joinery_model::Balance;

/// The balance as a short table: who came, where they ended up, and the same for each target. `plan` says that what
/// waits is a plan that somebody asked for, not something that the guard held.
pub fn balance(balance: &Balance, plan: bool) -> String {
    let people = &balance.people;
    let mut out = String::new();
    let came = people.read + people.due + people.touched;
    let _ = write!(out, "people    {came} came");
    if came == 0 && people.rows == 0 && people.gone == 0 {
        out.push_str(": nothing changed and nothing came due\n");
        return out + &targets(balance, plan);
    }
    let ways = [("read", people.read), ("due", people.due), ("touched", people.touched)];
    let ways: Vec<String> = ways.iter().filter(|(_, n)| *n > 0).map(|(way, n)| format!("{n} {way}")).collect();
    if ways.len() > 1 || people.read == 0 && !ways.is_empty() {
        let _ = write!(out, " ({})", ways.join(", "));
    }
    if people.duplicates > 0 {
        let _ = write!(out, ", {} rows repeated somebody", people.duplicates);
    }
    let _ = write!(out, " = {} mapped", people.mapped);
    for (rule, count) in &people.left_out {
        let _ = write!(out, " + {count} left out ({rule})");
    }
    for (rule, count) in &people.invalid {
        let _ = write!(out, " + {count} invalid ({rule})");
    }
    if people.gone > 0 {
        let _ = write!(out, "; {} gone from the source", people.gone);
    }
    out.push('\n');
    out + &targets(balance, plan)
}

/// A line for each target.
fn targets(balance: &Balance, plan: bool) -> String {
    let mut out = String::new();
    let width = balance.targets.keys().map(|name| name.chars().count()).max().unwrap_or(0).max(8);
    for (name, target) in &balance.targets {
        let parts = [
            ("unchanged", target.unchanged),
            ("delivered", target.delivered),
            (if plan { "planned" } else { "held" }, target.held),
            ("pending", target.pending),
            ("dead", target.dead),
            ("superseded", target.superseded),
            ("rejected", target.rejected),
        ];
        let parts: Vec<String> = parts.iter().filter(|(_, n)| *n > 0).map(|(what, n)| format!("{n} {what}")).collect();
        let sum = if parts.is_empty() { "nothing".to_owned() } else { parts.join(" + ") };
        let _ = write!(out, "{name:width$}  {} = {sum}", target.concerned);
        if target.back_filled > 0 {
            let _ = write!(out, "; {} references filled in afterwards", target.back_filled);
        }
        if target.waiting > 0 {
            let _ = write!(out, "; {} references wait for the other person's account", target.waiting);
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use joinery_model::TargetCount;

    use super::*;

    #[test]
    fn the_books_read_as_sums() {
        let mut books = Balance::default();
        books.people.rows = 5;
        books.people.read = 4;
        books.people.due = 1;
        books.people.mapped = 4;
        books.people.invalid.insert("mail-present".into(), 1);
        let hr = TargetCount { concerned: 4, delivered: 3, unchanged: 1, ..TargetCount::default() };
        books.targets.insert("hr".into(), hr);
        assert_eq!(
            balance(&books, false),
            "people    5 came (4 read, 1 due) = 4 mapped + 1 invalid (mail-present)\n\
             hr        4 = 1 unchanged + 3 delivered\n"
        );
    }
}
