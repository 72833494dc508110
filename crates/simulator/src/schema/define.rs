//! What a table row of the data dictionary says, and the short words the tables are written in.

use super::Set;

/// Primitive types of the Entity Data Model that occur here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edm {
    /// `Edm.String`
    String,
    /// `Edm.Boolean`
    Boolean,
    /// `Edm.Int32`: a JSON number.
    Int32,
    /// `Edm.Int64`: a JSON string, `L` in literals.
    Int64,
    /// `Edm.Double`
    Double,
    /// `Edm.Single`
    Single,
    /// `Edm.Decimal`: a JSON string.
    Decimal,
    /// `Edm.DateTime`: either a calendar date or a server-local wall clock; see [`Property::wall_clock`].
    DateTime,
    /// `Edm.DateTimeOffset`: a true instant.
    DateTimeOffset,
    /// `Edm.Binary`: base64 in lines of 76 characters.
    Binary,
}

impl Edm {
    /// The name metadata uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "Edm.String",
            Self::Boolean => "Edm.Boolean",
            Self::Int32 => "Edm.Int32",
            Self::Int64 => "Edm.Int64",
            Self::Double => "Edm.Double",
            Self::Single => "Edm.Single",
            Self::Decimal => "Edm.Decimal",
            Self::DateTime => "Edm.DateTime",
            Self::DateTimeOffset => "Edm.DateTimeOffset",
            Self::Binary => "Edm.Binary",
        }
    }
}

/// The flags of a property, as the data dictionary has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(u16);

impl Flags {
    const REQUIRED: u16 = 1;
    const CREATABLE: u16 = 2;
    const UPDATABLE: u16 = 4;
    const UPSERTABLE: u16 = 8;
    const SORTABLE: u16 = 16;
    const FILTERABLE: u16 = 32;
    const NOT_NULL: u16 = 64;
    const HIDDEN: u16 = 128;
    const OFF: u16 = 256;

    /// Reads the letters `R C U P S F`, `!` (not nullable), `H` (not visible) and `O` (not in the data model).
    const fn parse(letters: &str) -> Self {
        let letters = letters.as_bytes();
        let (mut bits, mut at) = (0, 0);
        while at < letters.len() {
            bits |= match letters[at] {
                b'R' => Self::REQUIRED,
                b'C' => Self::CREATABLE,
                b'U' => Self::UPDATABLE,
                b'P' => Self::UPSERTABLE,
                b'S' => Self::SORTABLE,
                b'F' => Self::FILTERABLE,
                b'!' => Self::NOT_NULL,
                b'H' => Self::HIDDEN,
                b'O' => Self::OFF,
                _ => panic!("unknown flag letter"),
            };
            at += 1;
        }
        Self(bits)
    }

    const fn has(self, bit: u16) -> bool {
        self.0 & bit != 0
    }

    /// `sap:required`
    pub const fn required(self) -> bool {
        self.has(Self::REQUIRED)
    }
    /// `sap:creatable`
    pub const fn creatable(self) -> bool {
        self.has(Self::CREATABLE)
    }
    /// `sap:updatable`
    pub const fn updatable(self) -> bool {
        self.has(Self::UPDATABLE)
    }
    /// `sap:upsertable`
    pub const fn upsertable(self) -> bool {
        self.has(Self::UPSERTABLE)
    }
    /// `sap:sortable`
    pub const fn sortable(self) -> bool {
        self.has(Self::SORTABLE)
    }
    /// `sap:filterable`: binding, a filter on anything else is refused.
    pub const fn filterable(self) -> bool {
        self.has(Self::FILTERABLE)
    }
    /// `Nullable`
    pub const fn nullable(self) -> bool {
        !self.has(Self::NOT_NULL)
    }
    /// `sap:visible`: what is not visible may be named in metadata, and is never in an answer.
    pub const fn visible(self) -> bool {
        !self.has(Self::HIDDEN) && self.in_data_model()
    }
    /// Whether this company's data model has switched the field on. Compensation, talent and what only one country
    /// asks for are in the product's dictionary and not here, as in most tenants: neither in metadata nor in answers.
    pub const fn in_data_model(self) -> bool {
        !self.has(Self::OFF)
    }
}

/// One property of an entity set.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Name, as in metadata and payloads.
    pub name: &'static str,
    /// Type.
    pub edm: Edm,
    /// `MaxLength` in characters; 0 when metadata names none.
    pub max_length: u32,
    /// Flags.
    pub flags: Flags,
    /// Picklist the value is an option of.
    pub picklist: Option<&'static str>,
    /// An `Edm.DateTime` that is a time stamp in the server's zone written as if it were UTC, not a calendar date.
    /// Metadata does not tell the two apart: both have `sap:display-format="Date"`.
    pub wall_clock: bool,
    label: Option<&'static str>,
}

impl Property {
    const fn of(edm: Edm, max_length: u32, flags: &str) -> Self {
        Self { name: "", edm, max_length, flags: Flags::parse(flags), picklist: None, wall_clock: false, label: None }
    }

    /// `sap:label`: a declared one, or the property's name in words.
    pub fn label(&self) -> String {
        self.label.map_or_else(|| words(self.name), str::to_owned)
    }

    pub(super) const fn named(mut self, name: &'static str) -> Self {
        // A name that is a word of Rust is declared as `r#type`.
        self.name = match name.as_bytes() {
            [b'r', b'#', ..] => name.split_at(2).1,
            _ => name,
        };
        self
    }

    pub(super) const fn picklist(mut self, name: &'static str) -> Self {
        self.picklist = Some(name);
        self
    }

    pub(super) const fn label_is(mut self, label: &'static str) -> Self {
        self.label = Some(label);
        self
    }
}

/// `jobTitle` as `Job Title`.
fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        if at == 0 {
            out.extend(letter.to_uppercase());
        } else if letter == '_' {
            out.push(' ');
        } else {
            if letter.is_uppercase() && !name[..at].ends_with(|before: char| before.is_uppercase() || before == '_') {
                out.push(' ');
            }
            out.push(letter);
        }
    }
    out
}

pub(super) const fn text(max_length: u32, flags: &str) -> Property {
    Property::of(Edm::String, max_length, flags)
}
pub(super) const fn boolean(flags: &str) -> Property {
    Property::of(Edm::Boolean, 0, flags)
}
pub(super) const fn int32(flags: &str) -> Property {
    Property::of(Edm::Int32, 0, flags)
}
pub(super) const fn int64(flags: &str) -> Property {
    Property::of(Edm::Int64, 0, flags)
}
pub(super) const fn double(flags: &str) -> Property {
    Property::of(Edm::Double, 0, flags)
}
pub(super) const fn single(flags: &str) -> Property {
    Property::of(Edm::Single, 0, flags)
}
pub(super) const fn decimal(flags: &str) -> Property {
    Property::of(Edm::Decimal, 0, flags)
}
/// A calendar date.
pub(super) const fn date(flags: &str) -> Property {
    Property::of(Edm::DateTime, 0, flags)
}
/// A time stamp in the server's zone.
pub(super) const fn wall_clock(flags: &str) -> Property {
    let mut property = Property::of(Edm::DateTime, 0, flags);
    property.wall_clock = true;
    property
}
/// A time stamp in UTC.
pub(super) const fn instant(flags: &str) -> Property {
    Property::of(Edm::DateTimeOffset, 0, flags)
}

pub(super) const fn binary(flags: &str) -> Property {
    Property::of(Edm::Binary, 0, flags)
}

/// One navigation of an entity set.
#[derive(Clone, Copy, Debug)]
pub struct Navigation {
    /// Name, as in metadata and payloads.
    pub name: &'static str,
    /// Where it leads.
    pub target: Set,
    /// To many rows (`*`), or to one (`0..1`).
    pub many: bool,
}

/// What the data dictionary says of one entity set.
#[derive(Clone, Copy, Debug)]
pub struct EntitySet {
    /// Which.
    pub set: Set,
    /// Name of the set, and of its type in `SFOData`.
    pub name: &'static str,
    /// `sap:label`
    pub label: &'static str,
    /// Names of the key properties, in alphabetical order: the order of every URI the server writes.
    pub keys: &'static [&'static str],
    /// Properties; a property's place here is its index everywhere in the simulator.
    pub properties: &'static [Property],
    /// Navigations; a navigation's place here is its index everywhere in the simulator.
    pub navigations: &'static [Navigation],
    operations: &'static str,
}

impl EntitySet {
    pub(super) const fn new(
        set: Set,
        [name, label, operations]: [&'static str; 3],
        keys: &'static [&'static str],
        properties: &'static [Property],
        navigations: &'static [Navigation],
    ) -> Self {
        Self { set, name, label, keys, properties, navigations, operations }
    }

    /// Index of the property of that name.
    pub fn property(&self, name: &str) -> Option<usize> {
        self.properties.iter().position(|property| property.name == name)
    }

    /// Index of the navigation of that name.
    pub fn navigation(&self, name: &str) -> Option<usize> {
        self.navigations.iter().position(|navigation| navigation.name == name)
    }

    /// `sap:creatable`: POST makes a row.
    pub fn creatable(&self) -> bool {
        self.operations.contains('C')
    }
    /// `sap:updatable`: PUT and MERGE change a row.
    pub fn updatable(&self) -> bool {
        self.operations.contains('U')
    }
    /// `sap:upsertable`
    pub fn upsertable(&self) -> bool {
        self.operations.contains('P')
    }
    /// `sap:deletable`
    pub fn deletable(&self) -> bool {
        self.operations.contains('D')
    }
}

/// One entity set: an enum `P` of its properties (so that a cell is found by a jump, not by a name) and its table.
macro_rules! entity_set {
    (
        $(#[$doc:meta])*
        $module:ident: $set:ident, $label:literal, keys [$($key:literal),*], operations $operations:literal;
        $($property:ident = $definition:expr,)*
        ;
        $($navigation:ident -> $many:ident $target:ident,)*
    ) => {
        $(#[$doc])*
        pub mod $module {
            #[allow(unused_imports, clippy::allow_attributes, reason = "not every set uses every word")]
            use crate::schema::define::*;
            use crate::schema::{EntitySet, Property, Set};

            $(#[$doc])*
            #[expect(non_camel_case_types, reason = "the names are the data dictionary's")]
            #[expect(missing_docs, reason = "a property is described by its row in the table")]
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum P { $($property),* }

            impl P {
                /// All, in the table's order.
                pub const ALL: &'static [Self] = &[$(Self::$property),*];
            }

            #[doc = concat!("Navigations of `", stringify!($set), "`.")]
            #[allow(
                non_camel_case_types,
                missing_docs,
                clippy::allow_attributes,
                reason = "the names are the data dictionary's and their rows describe them; some sets have none"
            )]
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum N { $($navigation),* }

            impl N {
                /// All, in the table's order.
                pub const ALL: &'static [Self] = &[$(Self::$navigation),*];
            }

            /// The table.
            pub const TABLE: EntitySet = EntitySet::new(
                Set::$set,
                [stringify!($set), $label, $operations],
                &[$($key),*],
                const { &[$(Property::named($definition, stringify!($property))),*] },
                const { &[$(crate::schema::Navigation {
                    name: stringify!($navigation),
                    target: Set::$target,
                    many: entity_set!(@many $many),
                }),*] },
            );
        }
    };
    (@many many) => { true };
    (@many one) => { false };
}
pub(super) use entity_set;

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn labels_are_names_in_words() {
        assert_eq!(words("jobTitle"), "Job Title");
        assert_eq!(words("perPersonUuid"), "Per Person Uuid");
        assert_eq!(words("eligibleForSTI"), "Eligible For STI");
        assert_eq!(words("name_en_US"), "Name en US");
    }
}
