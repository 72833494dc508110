//! A filter against a schema: names found, literals typed, ready to be judged or handed on.

mod compile;
mod judge;
mod resolve;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use joinery_model::Op;
use serde_json::Value as Json;

pub use compile::{Within, typed};
pub(crate) use judge::numbers;
pub use resolve::{Judged, Resolving};

use crate::schema::Kind;
use crate::{AttrPath, Filter};

/// A filter whose names are known to a schema and whose values have its types.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Everything.
    All,
    /// Nothing: what is asked for is of another kind of resource.
    Nothing,
    /// All of these.
    And(Vec<Condition>),
    /// At least one of these.
    Or(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// The attribute has a value.
    Present(Spot),
    /// The attribute compares to a value; of several values any may.
    Compare(Spot, Op, Literal),
    /// One element of the attribute meets the inner condition, whose spots are sub-attributes.
    Element(Spot, Box<Condition>),
}

/// Where a condition looks, and how values compare there.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// The attribute as the registry spells it, with its URN only where it is an extension's. Inside an element it is
    /// the name of a sub-attribute.
    pub path: AttrPath,
    /// What kind of value.
    pub kind: Kind,
    /// Does upper and lower case matter?
    pub exact: bool,
    /// Several values? Of the attribute; sub-attributes have one.
    pub many: bool,
}

/// A value to compare with, typed by the attribute.
#[derive(Clone, PartialEq)]
pub enum Literal {
    /// True or false.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// Text: strings, references and base64.
    Text(Arc<str>),
    /// A date-time, and as it was written.
    Instant(Timestamp, Arc<str>),
}

/// The kind and never the value: a filter holds people's data.
impl fmt::Debug for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool(_) => "Bool",
            Self::Number(_) => "Number",
            Self::Text(_) => "Text",
            Self::Instant(..) => "Instant",
        })
    }
}

impl Literal {
    fn to_json(&self) -> Json {
        match self {
            Self::Bool(value) => (*value).into(),
            Self::Number(value) => value.clone().into(),
            Self::Text(text) | Self::Instant(_, text) => (&**text).into(),
        }
    }
}

impl Condition {
    /// The filter that says the same in the registry's spelling; none when everything is meant.
    pub fn to_filter(&self) -> Option<Filter> {
        Some(match self {
            Self::All => return None,
            // Every resource has schemas.
            Self::Nothing => {
                let schemas = AttrPath { urn: None, name: "schemas".into(), sub: None };
                Filter::Not(Box::new(Filter::Present(schemas)))
            }
            Self::And(parts) => Filter::And(parts.iter().filter_map(Self::to_filter).collect()),
            Self::Or(parts) => Filter::Or(parts.iter().filter_map(Self::to_filter).collect()),
            Self::Not(inner) => Filter::Not(Box::new(inner.to_filter()?)),
            Self::Present(spot) => Filter::Present(spot.path.clone()),
            Self::Compare(spot, op, literal) => Filter::Compare(spot.path.clone(), *op, literal.to_json()),
            Self::Element(spot, inner) => Filter::Element(spot.path.clone(), Box::new(inner.to_filter()?)),
        })
    }

    /// Every place where it looks; inside an element the attribute with its sub-attribute.
    pub fn paths(&self) -> Vec<AttrPath> {
        match self {
            Self::All | Self::Nothing => Vec::new(),
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::paths).collect(),
            Self::Not(inner) => inner.paths(),
            Self::Present(spot) | Self::Compare(spot, ..) => vec![spot.path.clone()],
            Self::Element(spot, inner) => {
                let sub = |path: AttrPath| AttrPath { sub: Some(path.name), ..spot.path.clone() };
                inner.paths().into_iter().map(sub).collect()
            }
        }
    }

    /// The value that this attribute must equal, whatever else is asked: what a lookup by an index needs.
    pub fn equals(&self, path: &AttrPath) -> Option<&Literal> {
        match self {
            Self::Compare(spot, Op::Eq, literal) if spot.path == *path => Some(literal),
            Self::And(parts) => parts.iter().find_map(|part| part.equals(path)),
            _ => None,
        }
    }
}
