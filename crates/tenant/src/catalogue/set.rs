//! One entity set as this tenant has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::row::Kind;

/// An entity set with what this tenant lets be read of it.
#[derive(Clone, Debug, Default)]
pub struct EntitySet {
    /// Its name, in the tenant's spelling.
    pub name: Arc<str>,
    /// Its key, by property.
    pub keys: Vec<Arc<str>>,
    /// Its properties.
    pub properties: BTreeMap<Arc<str>, Property>,
    /// Its navigations.
    pub navigations: BTreeMap<Arc<str>, Navigation>,
    /// May the set be written to, as far as its metadata says?
    pub writable: bool,
}

/// A property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// What its JSON becomes.
    pub kind: Kind,
    /// May it stand in a filter?
    pub filterable: bool,
    /// May it be given out? (`password` may not.)
    pub visible: bool,
    /// What the tenant calls it.
    pub label: Option<String>,
    /// The picklist that its values come from.
    pub picklist: Option<String>,
    /// May it be given in an upsert, as far as the metadata says?
    pub writable: bool,
}

/// A navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Navigation {
    /// The entity set on the other side.
    pub target: Arc<str>,
    /// Does it lead to several?
    pub many: bool,
}

/// How a set is paged through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regime {
    /// `paging=snapshot`: the tenant keeps the keys of the whole result.
    Snapshot,
    /// No parameter: sets built on MDF refuse snapshots.
    Default,
}

impl EntitySet {
    /// The set's property, when it has it and gives it out.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.get(name)
    }

    /// Is there a property of that name that may stand in a filter?
    pub fn filters_by(&self, name: &str) -> bool {
        self.properties.get(name).is_some_and(|property| property.filterable)
    }

    /// The key property that tells objects apart whatever their dates: of `externalCode, startDate` the first.
    /// `None` when there is not exactly one.
    pub fn business_key(&self) -> Option<&Arc<str>> {
        let mut keys = self.keys.iter().filter(|key| !self.is_dated_by(key));
        keys.next().filter(|_| keys.next().is_none())
    }

    /// The key property that is the first day of a slice.
    pub fn slice_start(&self) -> Option<&Arc<str>> {
        self.keys.iter().find(|key| self.is_dated_by(key))
    }

    fn is_dated_by(&self, key: &str) -> bool {
        // A key date is a slice's first day; EmpEmploymentTermination has its last day there and no slices.
        key != "endDate" && self.properties.get(key).is_some_and(|property| property.kind == Kind::Date)
    }

    /// Does this set hold parts of persons or employments, as opposed to objects that several people share?
    pub fn is_part_of_a_person(&self) -> bool {
        &*self.name != "User" && self.keys.iter().any(|key| matches!(&**key, "personIdExternal" | "userId"))
    }

    /// How the set is paged through (SAP Note 2489065): `User` and the sets of persons and employments take snapshots.
    pub fn regime(&self) -> Regime {
        regime_of(&self.name)
    }
}

/// See [`EntitySet::regime`].
pub fn regime_of(set: &str) -> Regime {
    if set == "User" || set.starts_with("Per") || set.starts_with("Emp") { Regime::Snapshot } else { Regime::Default }
}
