//! Where in a row a value stands.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One step of a path: a member, and for a list optionally which element.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment {
    /// The property or navigation, in the source's spelling.
    pub name: Arc<str>,
    /// `[member=value]`: the first element whose member has that text.
    pub select: Option<(Arc<str>, Arc<str>)>,
}

/// A dotted path into a row: `employmentNav.jobInfoNav.departmentNav.name`, `emailNav[emailType=B].emailAddress`.
///
/// A step through a list without a selector means the element that the source's own rules choose (the employment
/// policy, the slice in force, the primary e-mail); it never means a position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Segment>);

/// Why a text is not a path.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PathError {
    /// No text, or nothing between two dots.
    #[error("a path step is empty in `{0}`; write names joined by dots, such as personalInfoNav.firstName")]
    EmptyStep(String),
    /// A selector that is not `[name=value]`.
    #[error("the selector in `{0}` is not of the form [member=value], such as emailNav[emailType=B]")]
    Selector(String),
    /// A character that no property name has.
    #[error("`{1}` in the path `{0}` cannot stand in a property name")]
    Character(String, char),
}

impl Path {
    /// Reads a path from its text.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut segments = Vec::new();
        let mut rest = text;
        loop {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, tail) = rest.split_at(end);
            if name.is_empty() {
                return Err(PathError::EmptyStep(text.to_owned()));
            }
            if let Some(odd) = name.chars().find(|c| !(c.is_alphanumeric() || matches!(c, '_' | '-'))) {
                return Err(PathError::Character(text.to_owned(), odd));
            }
            let (select, tail) = match tail.strip_prefix('[') {
                None => (None, tail),
                Some(inner) => {
                    let selector = || PathError::Selector(text.to_owned());
                    let (inside, after) = inner.split_once(']').ok_or_else(selector)?;
                    let (member, value) = inside.split_once('=').ok_or_else(selector)?;
                    if member.is_empty() || value.is_empty() {
                        return Err(selector());
                    }
                    (Some((member.into(), value.into())), after)
                }
            };
            segments.push(Segment { name: name.into(), select });
            match tail.strip_prefix('.') {
                Some(next) => rest = next,
                None if tail.is_empty() => return Ok(Self(segments)),
                None => return Err(PathError::Selector(text.to_owned())),
            }
        }
    }

    /// The steps, first to last; never empty.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// A path of plain names. Panics never: an empty list gives a path that finds nothing.
    pub fn of(names: &[&str]) -> Self {
        Self(names.iter().map(|name| Segment { name: (*name).into(), select: None }).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            f.write_str(&segment.name)?;
            if let Some((member, value)) = &segment.select {
                write!(f, "[{member}={value}]")?;
            }
        }
        Ok(())
    }
}

impl std::str::FromStr for Path {
    type Err = PathError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_prints_as_it_was_written() {
        for text in ["userId", "employmentNav.jobInfoNav.departmentNav.name", "emailNav[emailType=B].emailAddress"] {
            assert_eq!(Path::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_wrong_path_says_what_is_wrong() {
        for text in ["", ".", "a..b", "a[", "a[b]", "a[=c]", "a[b=c]d", "a b"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
