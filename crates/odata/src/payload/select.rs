//! Reading one entity, keeping what is wanted.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{PayloadError, Tree};

/// Which members of an entity are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Everything but `__metadata` and what is deferred.
    everything: bool,
    /// By name, sorted.
    members: Vec<(Arc<str>, Selection)>,
}

impl Selection {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything, at every level, except `__metadata` and navigations that were not expanded.
    pub fn everything() -> Self {
        Self { everything: true, members: Vec::new() }
    }

    /// These paths: `userId`, `employmentNav/jobInfoNav/startDate`. A path that ends at an expanded navigation wants
    /// the whole of it.
    pub fn of(paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut selection = Self::new();
        for path in paths {
            selection.add(path.as_ref());
        }
        selection
    }

    /// Adds one path.
    pub fn add(&mut self, path: &str) {
        let mut at = self;
        for name in path.split('/') {
            if at.everything {
                return;
            }
            let index = match at.find(name) {
                Ok(index) => index,
                Err(index) => {
                    at.members.insert(index, (name.into(), Self::new()));
                    index
                }
            };
            match at.members.get_mut(index) {
                Some((_, inner)) => at = inner,
                None => return,
            }
        }
        *at = Self::everything();
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.members.binary_search_by(|(known, _)| (**known).cmp(name))
    }

    /// The selection's own copy of the name and what is wanted below it.
    fn wanted(&self, name: &str) -> Option<(Arc<str>, &Self)> {
        if self.everything {
            return (name != "__metadata").then(|| (name.into(), self));
        }
        let (known, inner) = self.members.get(self.find(name).ok()?)?;
        Some((known.clone(), inner))
    }
}

/// Reads one entity (an element of [`super::Page::entities`], or any JSON value) and keeps what is wanted.
///
/// Unwanted members are stepped over without being built. The names in the tree are the selection's.
///
/// # Errors
/// Text that is no JSON or nests deeper than 128; a wanted navigation whose expansion was cut into pages.
pub fn read_selected<'a>(entity: &'a str, selection: &Selection) -> Result<Tree<'a>, PayloadError> {
    let mut partial = None;
    let mut deserializer = serde_json::Deserializer::from_str(entity);
    let seed = Seed { selection, name: "", partial: &mut partial };
    let read = seed.deserialize(&mut deserializer).and_then(|tree| deserializer.end().map(|()| tree));
    match (read, partial) {
        (_, Some(navigation)) => Err(PayloadError::PartialExpansion { navigation }),
        (Ok(tree), None) => Ok(tree.unwrap_or_default()),
        (Err(error), None) if error.is_eof() => Err(PayloadError::Truncated { length: entity.len() }),
        (Err(error), None) => {
            Err(PayloadError::Json { position: offset(entity, error.line(), error.column()), expected: "JSON" })
        }
    }
}

/// Byte offset of a line and column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

/// Reads one value. `None` says that it was deferred.
struct Seed<'s> {
    selection: &'s Selection,
    name: &'s str,
    partial: &'s mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Option<Tree<'de>>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Option<Tree<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some(Tree::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Tree::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(Tree::Int(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(i64::try_from(value).map_or(Tree::Double(value as f64), Tree::Int)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(Tree::Double(value)))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Tree::Text(Cow::Borrowed(value))))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Some(Tree::Text(Cow::Owned(value.to_owned()))))
    }

    fn visit_string<E>(self, value: String) -> Result<Self::Value, E> {
        Ok(Some(Tree::Text(Cow::Owned(value))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        let Self { selection, name, partial } = self;
        while let Some(item) = seq.next_element_seed(Seed { selection, name, partial: &mut *partial })? {
            items.extend(item);
        }
        Ok(Some(Tree::List(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Self { selection, name: navigation, partial } = self;
        let mut members = Vec::with_capacity(selection.members.len());
        let mut list = None;
        let (mut deferred, mut next, mut entity) = (false, false, false);
        while let Some(member) = map.next_key_seed(Name)? {
            match &*member {
                "__deferred" => {
                    deferred = true;
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
                "__next" => {
                    next = true;
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
                "__metadata" => entity = true,
                "results" if !entity => {
                    let seed = Seed { selection, name: navigation, partial: &mut *partial };
                    match map.next_value_seed(seed)? {
                        Some(Tree::List(items)) => list = Some(items),
                        Some(other) => members.extend(selection.wanted("results").map(|(name, _)| (name, other))),
                        None => {}
                    }
                    continue;
                }
                _ => {}
            }
            match selection.wanted(&member) {
                Some((name, inner)) => {
                    let seed = Seed { selection: inner, name: &member, partial: &mut *partial };
                    if let Some(value) = map.next_value_seed(seed)? {
                        members.push((name, value));
                    }
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if next && list.is_some() {
            *partial = Some(navigation.to_owned());
            return Err(A::Error::custom("partial"));
        }
        Ok(match list {
            Some(items) if !entity => Some(Tree::List(items)),
            _ if deferred => None,
            _ => Some(Tree::Object(members)),
        })
    }
}

/// The name of a member, borrowed unless it has escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}
