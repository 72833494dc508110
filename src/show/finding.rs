//! What a check found.

use std::fmt::Write;

use joinery_model::{Finding, FindingKind};

use super::screen::{Tone, toned, wrapped};

/// Subjects are aligned up to this width.
const WIDEST: usize = 26;

/// One line a finding, wrapped at `columns`; problems and warnings say what to do.
pub fn findings(title: &str, list: &[Finding], columns: Option<usize>) -> String {
    let mut out = format!("{title}\n");
    let width = list.iter().map(|finding| finding.subject.chars().count()).max().unwrap_or(0).min(WIDEST);
    for finding in list {
        let (tone, mark) = match finding.kind {
            FindingKind::Good => (Tone::Good, "ok     "),
            FindingKind::Note => (Tone::Quiet, "note   "),
            FindingKind::Warning => (Tone::Look, "look   "),
            FindingKind::Problem => (Tone::Bad, "PROBLEM"),
        };
        let indent = 2 + 7 + 2 + width + 2;
        let taken = indent + finding.subject.chars().count().saturating_sub(width);
        let message = wrapped(&finding.message, taken, indent, columns);
        let _ = writeln!(out, "  {}  {:width$}  {message}", toned(tone, mark), finding.subject);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_a_table_with_hanging_messages() {
        let finding = |kind, subject: &str, message: &str| Finding {
            kind,
            subject: subject.to_owned(),
            message: message.to_owned(),
        };
        let list = [
            finding(FindingKind::Good, "sign-in", "the tenant lets the API user in"),
            finding(FindingKind::Problem, "PerEmail", "the API user may not see it; grant its role the permission"),
        ];
        let text = console::strip_ansi_codes(&findings("connection acme", &list, Some(54))).into_owned();
        insta::assert_snapshot!(text, @r"
        connection acme
          ok       sign-in   the tenant lets the API user in
          PROBLEM  PerEmail  the API user may not see it;
                             grant its role the permission
        ");
    }
}
