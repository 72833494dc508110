//! A compiled mapping and what it makes of one row.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use joinery_model::{Key, LeftOut, Path, Record, Reference, Row, Value};

use super::path::pick;
use crate::cel::Expr;
use crate::spec::{MissingReference, WhenNull};

/// The source's way of saying that somebody has no manager.
const NOBODY: &str = "NO_MANAGER";

/// The rules for one kind of record.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(super) attributes: Vec<Attribute>,
    pub(super) references: Vec<PersonReference>,
    /// The rules by attribute, in words.
    pub(super) words: BTreeMap<Arc<str>, String>,
}

#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: Arc<str>,
    pub(super) from: From,
    pub(super) map: Option<HashMap<String, Value>>,
    pub(super) default: Option<Value>,
    pub(super) when_null: WhenNull,
}

#[derive(Debug)]
pub(super) enum From {
    Path(Path),
    Template(Vec<Piece>),
    Cel(Box<Expr>),
    Constant(Value),
}

#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Path(Path),
}

#[derive(Debug)]
pub(super) struct PersonReference {
    pub(super) name: Arc<str>,
    pub(super) path: Path,
    pub(super) when_null: WhenNull,
    pub(super) missing: MissingReference,
}

/// A record as mapped: not yet validated, its references not yet looked up.
#[derive(Clone, Debug)]
pub(crate) struct Mapped {
    pub(crate) key: Key,
    pub(crate) attributes: BTreeMap<Arc<str>, Value>,
    pub(crate) references: BTreeMap<Arc<str>, Option<Reference>>,
    /// Why no account can be made of it, though a known one can be kept up.
    pub(crate) lacks: Option<LeftOut>,
}

impl Mapped {
    /// The record, for an account that should be usable or not.
    pub(crate) fn record(&self, active: bool) -> Record {
        Record {
            key: self.key.clone(),
            active,
            attributes: self.attributes.clone(),
            references: self.references.clone(),
        }
    }
}

/// Why no record could be made.
pub(crate) type Unmapped = LeftOut;

impl Mapping {
    /// The record for a row on a day; pure.
    pub(crate) fn map(&self, row: &Row, today: Date) -> Result<Mapped, Unmapped> {
        // In the order of their names, so that the map is built in one go.
        let mut made = Vec::with_capacity(self.attributes.len());
        for attribute in self.attributes.iter().filter(|attribute| !attribute.from.reads(&row.unsaid)) {
            if let Some(value) = attribute.value(&row.data, today)? {
                made.push((Arc::clone(&attribute.name), value));
            }
        }
        let attributes = made.into_iter().collect();
        let mut references = BTreeMap::new();
        for reference in self.references.iter().filter(|reference| !row.unsaid.contains(&reference.path)) {
            let alias =
                pick(&reference.path, &row.data).map(Value::to_plain).filter(|id| !id.is_empty() && id != NOBODY);
            match alias {
                Some(alias) => {
                    let made = Reference { alias: alias.into(), target_id: None };
                    references.insert(Arc::clone(&reference.name), Some(made));
                }
                None if reference.when_null == WhenNull::Clear => {
                    references.insert(Arc::clone(&reference.name), None);
                }
                None => {}
            }
        }
        Ok(Mapped { key: row.key.clone(), attributes, references, lacks: None })
    }

    /// Does the mapping give this attribute (references excepted)?
    pub(crate) fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|attribute| &*attribute.name == name)
    }

    /// Every attribute with its rule in words, in the order of their names.
    pub(crate) fn words(&self) -> impl Iterator<Item = (&Arc<str>, &str)> {
        self.words.iter().map(|(name, words)| (name, &**words))
    }

    /// Everything the mapping gives.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let references = self.references.iter().map(|reference| &*reference.name);
        self.attributes.iter().map(|attribute| &*attribute.name).chain(references)
    }

    /// What it gives from paths of which any is unsaid: all of that is left as it is in the target, defaults and
    /// constants in a value map included.
    pub(crate) fn unsaid<'a>(&'a self, unsaid: &'a [Path]) -> impl Iterator<Item = &'a Arc<str>> {
        let attributes = self.attributes.iter().filter(|attribute| attribute.from.reads(unsaid));
        let references = self.references.iter().filter(|reference| unsaid.contains(&reference.path));
        attributes.map(|attribute| &attribute.name).chain(references.map(|reference| &reference.name))
    }

    /// What is done while the other person of this reference has no account.
    pub(crate) fn missing(&self, name: &str) -> MissingReference {
        self.references.iter().find(|reference| &*reference.name == name).map(|found| found.missing).unwrap_or_default()
    }

    /// Adds every path that the mapping reads.
    pub(crate) fn needs(&self, paths: &mut BTreeSet<Path>) {
        for attribute in &self.attributes {
            match &attribute.from {
                From::Path(path) => {
                    paths.insert(path.clone());
                }
                From::Template(pieces) => paths.extend(pieces.iter().filter_map(|piece| match piece {
                    Piece::Path(path) => Some(path.clone()),
                    Piece::Text(_) => None,
                })),
                From::Cel(expr) => paths.extend(expr.paths().iter().cloned()),
                From::Constant(_) => {}
            }
        }
        paths.extend(self.references.iter().map(|reference| reference.path.clone()));
    }
}

impl From {
    /// Does it read any of these paths?
    fn reads(&self, paths: &[Path]) -> bool {
        if paths.is_empty() {
            return false;
        }
        match self {
            Self::Path(path) => paths.contains(path),
            Self::Template(pieces) => {
                pieces.iter().any(|piece| matches!(piece, Piece::Path(path) if paths.contains(path)))
            }
            Self::Cel(expr) => paths.iter().any(|path| expr.paths().contains(path)),
            Self::Constant(_) => false,
        }
    }
}

impl Attribute {
    fn value(&self, row: &Value, today: Date) -> Result<Option<Value>, Unmapped> {
        let found = match &self.from {
            From::Path(path) => pick(path, row).cloned().unwrap_or_default(),
            From::Template(pieces) => fill(pieces, row),
            From::Constant(value) => value.clone(),
            From::Cel(expr) => expr.eval(row, today).map_err(|error| LeftOut {
                rule: "mapping".into(),
                message: format!("{} could not be computed: {error}", self.name),
            })?,
        };
        let mapped = match &self.map {
            None => found,
            Some(_) if found.is_null() => Value::Null,
            Some(map) => match &found {
                Value::Text(text) => map.get(&**text).cloned(),
                other => map.get(&other.to_plain()).cloned(),
            }
            .unwrap_or_default(),
        };
        let value = match (&self.default, mapped) {
            (Some(default), Value::Null) => default.clone(),
            (_, value) => value,
        };
        Ok(match value {
            Value::Null if self.when_null == WhenNull::Keep => None,
            value => Some(value),
        })
    }
}

/// A template with nothing in any of its places is nothing; else what is missing is left blank, and blanks at the ends
/// are cut off.
fn fill(pieces: &[Piece], row: &Value) -> Value {
    let mut text = String::new();
    let mut anything = false;
    for piece in pieces {
        match piece {
            Piece::Text(fixed) => text.push_str(fixed),
            Piece::Path(path) => {
                if let Some(value) = pick(path, row) {
                    let plain = value.to_plain();
                    anything |= !plain.is_empty();
                    text.push_str(&plain);
                }
            }
        }
    }
    if anything { Value::text(text.trim()) } else { Value::Null }
}
