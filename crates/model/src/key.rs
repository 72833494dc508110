//! Who a row is about, and what it leans on.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A person's key in the source: `personIdExternal` when persons are read, `userId` when users are.
///
/// A key identifies a person for ever in one sync. It is an HR number, not a name, and may appear in logs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(Arc<str>);

impl Key {
    /// A key from its text, taken as it is: keys are case-exact.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// Another object of the source whose change changes this person's record: a department, a location, a manager.
///
/// `kind` is the entity set's name (`FODepartment`, `User`), `id` its business key without dates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ref {
    /// The entity set, in the source's spelling.
    pub kind: Arc<str>,
    /// The object's business key.
    pub id: Arc<str>,
}

impl Ref {
    /// A reference from its two parts.
    pub fn new(kind: impl Into<Arc<str>>, id: impl Into<Arc<str>>) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.kind, self.id)
    }
}
