//! The primitive types of the entity data model, and references to types.

use std::fmt;

use crate::scan::{SyntaxError, is_word};

/// A primitive type (OData v2, "Primitive Data Types").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edm {
    /// Bytes; base64 in JSON.
    Binary,
    /// True or false.
    Boolean,
    /// 0 to 255.
    Byte,
    /// A date and time of day without a zone.
    DateTime,
    /// An instant.
    DateTimeOffset,
    /// A decimal number; a string in JSON.
    Decimal,
    /// A 64-bit floating point number; a number or a string in JSON.
    Double,
    /// A GUID.
    Guid,
    /// A 16-bit whole number.
    Int16,
    /// A 32-bit whole number.
    Int32,
    /// A 64-bit whole number; a string in JSON.
    Int64,
    /// -128 to 127.
    SByte,
    /// A 32-bit floating point number.
    Single,
    /// Text.
    String,
    /// A time of day, written as a duration.
    Time,
}

const NAMES: [(Edm, &str); 15] = [
    (Edm::Binary, "Binary"),
    (Edm::Boolean, "Boolean"),
    (Edm::Byte, "Byte"),
    (Edm::DateTime, "DateTime"),
    (Edm::DateTimeOffset, "DateTimeOffset"),
    (Edm::Decimal, "Decimal"),
    (Edm::Double, "Double"),
    (Edm::Guid, "Guid"),
    (Edm::Int16, "Int16"),
    (Edm::Int32, "Int32"),
    (Edm::Int64, "Int64"),
    (Edm::SByte, "SByte"),
    (Edm::Single, "Single"),
    (Edm::String, "String"),
    (Edm::Time, "Time"),
];

impl Edm {
    /// The type of a name, with or without `Edm.`.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.strip_prefix("Edm.").unwrap_or(name);
        NAMES.iter().find(|(_, known)| *known == name).map(|(edm, _)| *edm)
    }

    /// The name without `Edm.`.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(edm, _)| *edm == self).map_or("String", |(_, name)| name)
    }
}

impl fmt::Display for Edm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Edm.{}", self.name())
    }
}

/// What a property or a function is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeRef {
    /// A primitive type.
    Primitive(Edm),
    /// An entity type or a complex type, by its name without the namespace; or a primitive type that this crate does
    /// not know, by its name with `Edm.`.
    Named(String),
    /// Several of these: `Collection(..)` or `Bag(..)`.
    Many(Box<TypeRef>),
}

impl TypeRef {
    /// Reads `Edm.String`, `SFOData.User`, `Collection(SFOData.User)`, `Bag(Edm.String)`.
    ///
    /// # Errors
    /// A name that is no identifier, collections of collections.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let inner = ["Collection(", "Bag("].iter().find_map(|open| text.strip_prefix(open)?.strip_suffix(')'));
        match inner {
            Some(inner) => Ok(Self::Many(Box::new(Self::parse_single(inner)?))),
            None => Self::parse_single(text),
        }
    }

    fn parse_single(text: &str) -> Result<Self, SyntaxError> {
        let primitive = text.strip_prefix("Edm.");
        if let Some(edm) = primitive.and_then(Edm::from_name) {
            return Ok(Self::Primitive(edm));
        }
        let name = primitive.unwrap_or_else(|| local_name(text));
        if name.is_empty() || !name.chars().all(|c| is_word(c) || c == '-') {
            return Err(SyntaxError::new(0, "expected the name of a type"));
        }
        Ok(Self::Named(if primitive.is_some() { text } else { name }.to_owned()))
    }

    /// The primitive type, when it is a single one.
    pub fn primitive(&self) -> Option<Edm> {
        match self {
            Self::Primitive(edm) => Some(*edm),
            _ => None,
        }
    }
}

/// `SFOData.User` without its namespace.
pub(crate) fn local_name(qualified: &str) -> &str {
    qualified.rsplit_once('.').map_or(qualified, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_by_their_names() {
        assert_eq!(TypeRef::parse("Edm.Int64"), Ok(TypeRef::Primitive(Edm::Int64)));
        assert_eq!(TypeRef::parse("SFOData.User"), Ok(TypeRef::Named("User".into())));
        assert_eq!(
            TypeRef::parse("Collection(SFOData.DynamicGroupBean)"),
            Ok(TypeRef::Many(Box::new(TypeRef::Named("DynamicGroupBean".into()))))
        );
        assert_eq!(TypeRef::parse("Bag(Edm.String)"), Ok(TypeRef::Many(Box::new(TypeRef::Primitive(Edm::String)))));
        assert_eq!(TypeRef::parse("Edm.Stream"), Ok(TypeRef::Named("Edm.Stream".into())));
        assert!(TypeRef::parse("Edm.").is_err());
        assert!(TypeRef::parse("Collection(Collection(Edm.String))").is_err());
    }

    #[test]
    fn every_type_has_one_name() {
        for (edm, name) in NAMES {
            assert_eq!(Edm::from_name(name), Some(edm));
            assert_eq!(Edm::from_name(&edm.to_string()), Some(edm));
        }
    }
}
