//! The nouns of `$metadata`.

use crate::{Edm, TypeRef};

/// A tenant's data model, or the part of it that was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// Entity sets, in the document's order.
    pub sets: Vec<EntitySet>,
    /// Entity types.
    pub types: Vec<EntityType>,
    /// Complex types; their `keys` and `navigations` are empty.
    pub complex_types: Vec<EntityType>,
    /// Function imports.
    pub functions: Vec<FunctionImport>,
}

impl Metadata {
    /// The entity set of this name.
    pub fn set(&self, name: &str) -> Option<&EntitySet> {
        self.sets.iter().find(|set| set.name == name)
    }

    /// The entity type of this name (without namespace).
    pub fn entity_type(&self, name: &str) -> Option<&EntityType> {
        self.types.iter().find(|kind| kind.name == name)
    }

    /// The complex type of this name (without namespace).
    pub fn complex_type(&self, name: &str) -> Option<&EntityType> {
        self.complex_types.iter().find(|kind| kind.name == name)
    }

    /// The entity type of the entities of a set.
    pub fn type_of_set(&self, set: &str) -> Option<&EntityType> {
        self.entity_type(&self.set(set)?.entity_type)
    }

    /// The function import of this name.
    pub fn function(&self, name: &str) -> Option<&FunctionImport> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// Adds what the other document has and this one has not: tenants serve their model in pieces.
    pub fn merge(&mut self, other: Self) {
        fn add<T>(into: &mut Vec<T>, from: Vec<T>, name: fn(&T) -> &str) {
            for item in from {
                if !into.iter().any(|known| name(known) == name(&item)) {
                    into.push(item);
                }
            }
        }
        add(&mut self.sets, other.sets, |set| &set.name);
        add(&mut self.types, other.types, |kind| &kind.name);
        add(&mut self.complex_types, other.complex_types, |kind| &kind.name);
        add(&mut self.functions, other.functions, |function| &function.name);
    }
}

/// An entity set and what may be done with it. An operation that the document does not mention is not allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntitySet {
    /// Its name, as in URLs.
    pub name: String,
    /// The type of its entities, without namespace.
    pub entity_type: String,
    /// `sap:label`.
    pub label: Option<String>,
    /// `sap:creatable`: POST inserts.
    pub creatable: bool,
    /// `sap:updatable`: PUT replaces.
    pub updatable: bool,
    /// `sap:upsertable`: POST to `upsert`.
    pub upsertable: bool,
    /// `sap:deletable`: DELETE.
    pub deletable: bool,
    /// `Documentation/Summary`.
    pub summary: Option<String>,
    /// `Documentation/LongDescription`.
    pub description: Option<String>,
    /// `sap:tagcollection/sap:tag`.
    pub tags: Vec<String>,
}

/// An entity type, or a complex type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntityType {
    /// Its name, without namespace.
    pub name: String,
    /// The key properties, in the document's order.
    pub keys: Vec<String>,
    /// Properties.
    pub properties: Vec<Property>,
    /// Navigation properties.
    pub navigations: Vec<Navigation>,
}

impl EntityType {
    /// The property of this name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// The navigation of this name.
    pub fn navigation(&self, name: &str) -> Option<&Navigation> {
        self.navigations.iter().find(|navigation| navigation.name == name)
    }
}

/// What `sap:` says about a property or a navigation.
///
/// A flag that the document does not mention is what SAP's annotations default to: everything is allowed except
/// `required`, and except the writing flags, which SuccessFactors always states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotations {
    /// Must be given when writing.
    pub required: bool,
    /// May be given in POST.
    pub creatable: bool,
    /// May be given in PUT and MERGE.
    pub updatable: bool,
    /// May be given in upsert.
    pub upsertable: bool,
    /// Is part of answers.
    pub visible: bool,
    /// May stand in `$orderby`.
    pub sortable: bool,
    /// May stand in `$filter`; binding, the server refuses others with COE0003.
    pub filterable: bool,
    /// `sap:label`.
    pub label: Option<String>,
    /// `sap:picklist`: the picklist whose options the property holds.
    pub picklist: Option<String>,
    /// `sap:field-control`: the path of the property that says whether this one may be changed.
    pub field_control: Option<String>,
    /// `sap:sensitive-personal-data`.
    pub sensitive: bool,
}

impl Default for Annotations {
    fn default() -> Self {
        Self {
            required: false,
            creatable: false,
            updatable: false,
            upsertable: false,
            visible: true,
            sortable: true,
            filterable: true,
            label: None,
            picklist: None,
            field_control: None,
            sensitive: false,
        }
    }
}

/// A property.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: TypeRef,
    /// May be null.
    pub nullable: bool,
    /// Longest text, in characters.
    pub max_length: Option<u32>,
    /// Digits of a decimal number.
    pub precision: Option<u32>,
    /// Digits behind its point.
    pub scale: Option<u32>,
    /// `sap:display-format`.
    pub display_format: Option<String>,
    /// The `sap:` flags.
    pub sap: Annotations,
}

impl Property {
    /// A nullable property with default flags.
    pub fn new(name: impl Into<String>, edm: Edm) -> Self {
        Self {
            name: name.into(),
            kind: TypeRef::Primitive(edm),
            nullable: true,
            max_length: None,
            precision: None,
            scale: None,
            display_format: None,
            sap: Annotations::default(),
        }
    }

    /// The primitive type, when the property is a single value of one.
    pub fn edm(&self) -> Option<Edm> {
        self.kind.primitive()
    }

    /// True for a calendar date: an `Edm.DateTime` whose display format is `Date`.
    pub fn is_date(&self) -> bool {
        self.edm() == Some(Edm::DateTime) && self.display_format.as_deref() == Some("Date")
    }
}

/// How many entities an end of an association has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiplicity {
    /// `0..1`.
    ZeroOrOne,
    /// `1`.
    One,
    /// `*`.
    Many,
}

impl Multiplicity {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::ZeroOrOne => "0..1",
            Self::One => "1",
            Self::Many => "*",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::ZeroOrOne, Self::One, Self::Many].into_iter().find(|known| known.word() == word)
    }
}

/// A navigation property, its association already looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Navigation {
    /// Its name.
    pub name: String,
    /// The entity type that it leads to, without namespace.
    pub target: String,
    /// How many entities it leads to.
    pub multiplicity: Multiplicity,
    /// How many entities lead to one of those.
    pub from: Multiplicity,
    /// The association, without namespace.
    pub association: String,
    /// The role of this side in it.
    pub from_role: String,
    /// The role of the other side.
    pub to_role: String,
    /// The `sap:` flags.
    pub sap: Annotations,
}

impl Navigation {
    /// True for a to-many navigation: expanded, it is a list.
    pub fn is_many(&self) -> bool {
        self.multiplicity == Multiplicity::Many
    }
}

/// A function import.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionImport {
    /// Its name, as in URLs.
    pub name: String,
    /// `m:HttpMethod`, upper case; `GET` when not said.
    pub http_method: String,
    /// What it returns.
    pub returns: Option<TypeRef>,
    /// The entity set of what it returns.
    pub entity_set: Option<String>,
    /// Parameters, in the document's order.
    pub parameters: Vec<Parameter>,
    /// `sap:support-payload`: takes a request body.
    pub support_payload: bool,
}

/// A parameter of a function import.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: TypeRef,
    /// May be left out.
    pub nullable: bool,
    /// Longest text, in characters.
    pub max_length: Option<u32>,
}
