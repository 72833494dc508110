//! Texts and JSON with places for what differs from run to run.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// What `{{name}}` stands for.
pub type Names = BTreeMap<String, String>;

/// The text with every name that is known replaced.
pub fn fill(text: &str, names: &Names) -> String {
    names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

/// Whether the whole text fits; new names are kept.
pub fn fits(pattern: &str, text: &str, names: &mut Names) -> bool {
    let pattern = fill(pattern, names);
    let Some((before, rest)) = pattern.split_once("{{") else { return pattern == text };
    let Some((name, after)) = rest.split_once("}}") else { return pattern == text };
    let Some(tail) = text.strip_prefix(before) else { return false };
    // The shortest text that lets the rest fit.
    let literal = after.split("{{").next().unwrap_or_default();
    let ends = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
    for end in ends {
        let (taken, left) = tail.split_at(end);
        if !left.starts_with(literal) {
            continue;
        }
        let mut tried = names.clone();
        if name != "*" {
            tried.insert(name.to_owned(), taken.to_owned());
        }
        if fits(after, left, &mut tried) {
            *names = tried;
            return true;
        }
    }
    false
}

/// Where the JSON differs from what is wanted; `None` when it fits.
pub fn differs(wanted: &Json, got: &Json, at: &str, names: &mut Names) -> Option<String> {
    match (wanted, got) {
        (Json::String(pattern), _) if pattern == "{{*}}" => None,
        (Json::String(pattern), Json::String(text)) => {
            (!fits(pattern, text, names)).then(|| format!("{at}: wanted {pattern:?}, got {text:?}"))
        }
        (Json::Object(wanted), Json::Object(got)) => {
            let open = wanted.contains_key("...");
            for (name, value) in wanted.iter().filter(|(name, _)| *name != "...") {
                let Some(held) = got.get(name) else { return Some(format!("{at}/{name} is missing")) };
                if let Some(difference) = differs(value, held, &format!("{at}/{name}"), names) {
                    return Some(difference);
                }
            }
            let extra = got.keys().find(|name| !open && !wanted.contains_key(*name))?;
            Some(format!("{at}/{extra} is not wanted"))
        }
        (Json::Array(wanted), Json::Array(got)) => {
            let open = wanted.last().is_some_and(|last| last == "...");
            let told = if open { wanted.len() - 1 } else { wanted.len() };
            if got.len() < told || (got.len() > told && !open) {
                return Some(format!("{at}: wanted {told} items, got {}", got.len()));
            }
            let pairs = wanted.iter().take(told).zip(got).enumerate();
            pairs.into_iter().find_map(|(index, (wanted, got))| differs(wanted, got, &format!("{at}/{index}"), names))
        }
        _ => (wanted != got).then(|| format!("{at}: wanted {wanted}, got {got}")),
    }
}

/// Where the lines differ from what is wanted; a line `...` stands for any lines.
pub fn lines_differ(wanted: &[String], got: &[&str], names: &mut Names) -> Option<String> {
    let Some((first, rest)) = wanted.split_first() else {
        return got.first().map(|line| format!("not wanted: {line:?}"));
    };
    if first.trim() == "..." {
        let found = (0..=got.len()).find_map(|from| {
            let mut tried = names.clone();
            lines_differ(rest, &got[from..], &mut tried).is_none().then_some(tried)
        });
        return match found {
            Some(tried) => {
                *names = tried;
                None
            }
            None => Some(format!("nothing fits what follows `...`: {:?}", rest.first())),
        };
    }
    match got.split_first() {
        Some((line, more)) if fits(first, line, names) => lines_differ(rest, more, names),
        Some((line, _)) => Some(format!("wanted {:?}, got {line:?}", fill(first, names))),
        None => Some(format!("wanted {:?}, got the end", fill(first, names))),
    }
}

/// XML as lines of a tag each, with the text that follows it; blanks between tags gone.
pub fn tags(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (at, piece) in text.split('<').enumerate() {
        if at == 0 {
            out.extend(piece.split('\n').map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()));
            continue;
        }
        // `...` on a line of its own stays one.
        let mut lines = piece.lines();
        let mut own = format!("<{}", lines.next().unwrap_or_default());
        let mut dots = false;
        for line in lines {
            if line.trim() == "..." {
                dots = true;
            } else if !line.trim().is_empty() {
                own.push('\n');
                own.push_str(line.trim_end());
            }
        }
        out.push(own.trim_end().to_owned());
        if dots {
            out.push("...".to_owned());
        }
    }
    out
}

#[test]
fn patterns_take_the_shortest_and_keep_names() {
    let mut names = Names::new();
    assert!(fits("a{{x}}b{{*}}", "a1b2b", &mut names));
    assert_eq!(names["x"], "1");
    assert!(fits("{{x}}{{x}}", "11", &mut names));
    assert!(!fits("{{x}}", "2", &mut names));
    let wanted = serde_json::json!({"a": ["{{*}}", "..."], "...": "..."});
    assert_eq!(differs(&wanted, &serde_json::json!({"a": [1, 2], "b": 3}), "", &mut names), None);
    assert!(differs(&wanted, &serde_json::json!({"a": []}), "", &mut names).is_some());
    assert_eq!(tags("<a>\n  <b>x</b>\n...\n</a>"), ["<a>", "<b>x", "</b>", "...", "</a>"]);
}
