//! Who was left out or invalid, and why: the same reason of many people is said once.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::screen::wrapped;

/// People with their reasons, at most `most` people a reason and `most` reasons; the commonest reason first.
pub fn reasons(all: &[(String, String)], most: usize, columns: Option<usize>) -> String {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (person, reason) in all {
        by_reason.entry(reason).or_default().push(person);
    }
    let mut groups: Vec<(&str, Vec<&str>)> = by_reason.into_iter().collect();
    groups.sort_by_key(|(_, people)| std::cmp::Reverse(people.len()));
    let mut out = String::new();
    for (reason, people) in groups.iter().take(most) {
        if let [person] = people[..] {
            let _ = writeln!(out, "{person}: {reason}");
            continue;
        }
        let shown = people.len().min(most);
        let mut names = people[..shown].join(" ");
        if shown < people.len() {
            let _ = write!(names, " … and {} more (--all shows them)", people.len() - shown);
        }
        let _ = writeln!(out, "{} people {reason}\n    {}", people.len(), wrapped(&names, 4, 4, columns));
    }
    if groups.len() > most {
        let _ = writeln!(out, "… and {} more reasons (--all shows them)", groups.len() - most);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_of_many_is_said_once() {
        let of = |person: &str, reason: &str| (person.to_owned(), reason.to_owned());
        let all = [of("1", "left out"), of("2", "invalid"), of("3", "left out"), of("4", "left out")];
        insta::assert_snapshot!(reasons(&all, 2, None), @r"
        3 people left out
            1 3 … and 1 more (--all shows them)
        2: invalid
        ");
        insta::assert_snapshot!(reasons(&all, 1, None), @r"
        3 people left out
            1 … and 2 more (--all shows them)
        … and 1 more reasons (--all shows them)
        ");
    }
}
