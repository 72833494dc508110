//! What is wrong in a configuration file, and where.

use std::fmt;
use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

/// One problem: the key's path, its line, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `sync.people.guard.create`
    pub key: String,
    /// Line in the file, counted from 1, when the key stands in it.
    pub line: Option<usize>,
    /// What is wrong and what to do.
    pub message: String,
}

/// Every problem found in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// The file.
    pub file: PathBuf,
    /// What is wrong, in the order of the lines.
    pub list: Vec<Problem>,
}

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [Problem { key, line: None, message }] = self.list.as_slice()
            && key.is_empty()
        {
            return write!(f, "{}: {message}", self.file.display());
        }
        let count = self.list.len();
        write!(f, "{} has {count} problem{}:", self.file.display(), if count == 1 { "" } else { "s" })?;
        for problem in &self.list {
            write!(f, "\n  ")?;
            if let Some(line) = problem.line {
                write!(f, "line {line}: ")?;
            }
            if !problem.key.is_empty() {
                write!(f, "{}: ", problem.key)?;
            }
            write!(f, "{}", problem.message)?;
        }
        Ok(())
    }
}

/// The line of the key at `path` (dotted, array elements as `.0` or `[0]`), or of its nearest parent that is in the file.
pub fn line_of(text: &str, path: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let mut at = table.get_ref().iter().collect::<Vec<_>>();
    let mut offset = None;
    let path = path.replace('[', ".").replace(']', "");
    let mut rest: Vec<&str> = path.split('.').collect();
    while !rest.is_empty() {
        // Keys may hold dots themselves (`"name.givenName" = …`): try the longest join first.
        let found = (1..=rest.len()).rev().find_map(|taken| {
            let name = rest[..taken].join(".");
            at.iter().find(|(key, _)| key.get_ref() == &name).map(|(key, value)| (taken, key.span().start, *value))
        });
        let Some((taken, start, value)) = found else { break };
        offset = Some(start);
        rest.drain(..taken);
        let mut value = value.get_ref();
        while let DeValue::Array(items) = value {
            let Some(item) = rest.first().and_then(|index| index.parse::<usize>().ok()).and_then(|i| items.get(i))
            else {
                break;
            };
            offset = Some(item.span().start);
            rest.remove(0);
            value = item.get_ref();
        }
        match value {
            DeValue::Table(inner) => at = inner.iter().collect(),
            _ => break,
        }
    }
    offset.map(|offset| text[..offset].matches('\n').count() + 1)
}

/// The dotted path of the innermost key that stands at this place of a file, or whose value does.
pub fn path_at(text: &str, offset: usize) -> Option<String> {
    fn inside(table: &DeTable<'_>, offset: usize) -> Option<String> {
        for (key, value) in table {
            let name = key.get_ref();
            if let DeValue::Table(inner) = value.get_ref()
                && let Some(path) = inside(inner, offset)
            {
                return Some(format!("{name}.{path}"));
            }
            if key.span().contains(&offset) || value.span().contains(&offset) {
                return Some(name.to_string());
            }
        }
        None
    }
    inside(DeTable::parse(text).ok()?.get_ref(), offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_place_is_found() {
        let text = "x = 1\n[a.b]\ny = { z = 2 }\n";
        let at = |part: &str| path_at(text, text.find(part).expect("it is there"));
        assert_eq!(at("x"), Some("x".to_owned()));
        assert_eq!(at("1"), Some("x".to_owned()));
        assert_eq!(at("y ="), Some("a.b.y".to_owned()));
        assert_eq!(at("2"), Some("a.b.y.z".to_owned()));
        assert_eq!(path_at("no [toml", 0), None);
    }

    #[test]
    fn a_key_is_found_by_its_path() {
        let text = "[a]\nx = 1\n[a.b]\n\"name.given\" = \"p\"\n[[a.rule]]\nname = 1\n[[a.rule]]\nname = 2\n";
        assert_eq!(line_of(text, "a.x"), Some(2));
        assert_eq!(line_of(text, "a.b.name.given"), Some(4));
        assert_eq!(line_of(text, "a.rule.1.name"), Some(8));
        assert_eq!(line_of(text, "a.rule[0].name"), Some(6));
        assert_eq!(line_of(text, "a.b.missing"), Some(3));
        assert_eq!(line_of(text, "nowhere"), None);
    }
}
