//! The name of a property, perhaps behind navigations.

use std::borrow::Cow;
use std::fmt;

use crate::scan::{SyntaxError, is_identifier};

/// A property path: `username`, `employmentNav/jobInfoNav/lastModifiedDateTime`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Field(Cow<'static, str>);

impl Field {
    /// A path written in code; it is taken as it is. For paths from outside use [`Field::parse`].
    pub const fn new(path: &'static str) -> Self {
        Self(Cow::Borrowed(path))
    }

    /// Reads a path: identifiers joined by `/`, none of the words that the grammar keeps for itself at the front.
    ///
    /// # Errors
    /// Where the first segment stands that is no identifier.
    pub fn parse(path: &str) -> Result<Self, SyntaxError> {
        let mut position = 0;
        for segment in path.split('/') {
            if !is_identifier(segment) {
                return Err(SyntaxError::new(position, "expected the name of a property"));
            }
            position += segment.len() + 1;
        }
        let is_constant = ["null", "true", "false", "INF", "NaN"].contains(&path);
        if is_constant || path.split('/').next() == Some("not") {
            return Err(SyntaxError::new(0, "this word means something else in a filter"));
        }
        Ok(Self(Cow::Owned(path.to_owned())))
    }

    /// The whole path, segments joined by `/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The segments, outermost navigation first, the property last.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The navigations that lead to the property, joined by `/`; empty for a property of the entity itself.
    pub fn navigation(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(navigation, _)| navigation)
    }

    /// The property itself, without the navigations.
    pub fn property(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, property)| property)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_navigations_and_a_property() {
        let field = Field::parse("employmentNav/jobInfoNav/startDate").unwrap();
        assert_eq!(field.navigation(), "employmentNav/jobInfoNav");
        assert_eq!(field.property(), "startDate");
        assert_eq!(Field::new("userId").navigation(), "");
    }

    #[test]
    fn what_could_smuggle_a_filter_is_no_path() {
        for path in ["", "a eq 'x'", "a//b", "/a", "a/", "1a", "null", "not", "not/a", "a'b"] {
            assert!(Field::parse(path).is_err(), "{path}");
        }
    }
}
