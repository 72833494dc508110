//! What a check found.

use joinery_model::{Finding, FindingKind};

/// One line a finding; problems and warnings say what to do.
pub fn findings(title: &str, list: &[Finding]) -> String {
    let mut out = format!("{title}\n");
    let width = list.iter().map(|finding| finding.subject.chars().count()).max().unwrap_or(0).min(40);
    for finding in list {
        let mark = match finding.kind {
            FindingKind::Good => "ok     ",
            FindingKind::Warning => "look   ",
            FindingKind::Problem => "PROBLEM",
        };
        out.push_str(&format!("  {mark}  {:width$}  {}\n", finding.subject, finding.message));
    }
    out
}
