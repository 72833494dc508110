//! What was read of an entity.

use std::borrow::Cow;

/// A JSON value as far as it was wanted.
///
/// Navigations are in one shape whatever the server's: a to-many one is a [`Tree::List`] (from `{"results":[…]}` or a
/// bare array), a to-one one an object, an expanded one without target [`Tree::Null`]; one that was not expanded
/// (`__deferred`) is not there.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Tree<'a> {
    /// `null`.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Double(f64),
    /// Text; borrowed unless the JSON had escapes.
    Text(Cow<'a, str>),
    /// Several.
    List(Vec<Tree<'a>>),
    /// Members in the order they came; names are borrowed unless the JSON had escapes in them.
    Object(Vec<(Cow<'a, str>, Tree<'a>)>),
}

impl<'a> Tree<'a> {
    /// A member of an object; `None` when it is no object or has none of that name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(known, _)| &**known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at a path of members, `a/b/c`; lists are not entered.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |tree, name| tree.get(name))
    }

    /// The text, when this is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of a list; a single object counts as a list of one, null and what is no list as an empty one.
    pub fn items(&self) -> &[Tree<'a>] {
        match self {
            Self::List(items) => items,
            Self::Object(_) => std::slice::from_ref(self),
            _ => &[],
        }
    }

    /// True for [`Tree::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
