//! What a row holds at a property.

use serde::{Deserialize, Serialize};

use super::{Day, Stamp};

/// A property's value, borrowed from the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// Text.
    Str(&'a str),
    /// Truth.
    Bool(bool),
    /// `Edm.Int32` or `Edm.Int64`: the table says which, and so how it is written.
    Int(i64),
    /// `Edm.Double` or `Edm.Single`.
    Double(f64),
    /// A calendar date, never shifted.
    Date(Day),
    /// An instant as the server's wall clock: milliseconds since 1970 as if that clock showed UTC.
    LocalStamp(i64),
    /// An instant: milliseconds since 1970.
    Stamp(i64),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// A property's value, owned: what a write brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Clears the property.
    Null,
    /// Text.
    Text(String),
    /// Truth.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
    /// A calendar date.
    Date(Day),
    /// An instant.
    Stamp(Stamp),
    /// Bytes.
    Bytes(Box<[u8]>),
}

impl Value {
    pub(super) fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Text(text) => Cell::Str(text),
            Self::Bool(truth) => Cell::Bool(*truth),
            Self::Int(number) => Cell::Int(*number),
            Self::Double(number) => Cell::Double(*number),
            Self::Date(day) => Cell::Date(*day),
            Self::Stamp(stamp) => Cell::Stamp(stamp.millis()),
            Self::Bytes(bytes) => Cell::Bytes(bytes),
        }
    }
}
