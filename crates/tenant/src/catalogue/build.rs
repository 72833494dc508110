//! Metadata becomes the catalogue.

use std::sync::Arc;

use joinery_odata::{Edm, EntityType, Metadata, Property as EdmProperty, TypeRef};

use super::{Catalogue, EntitySet, Navigation, Property};
use crate::row::Kind;

/// Wall clock readings of the server. Some tenants give them the display format of a date all the same.
const STAMPS: [&str; 6] =
    ["lastModified", "lastModifiedOn", "lastModifiedDate", "createdOn", "createdDate", "lastModifiedDateOn"];

impl Catalogue {
    /// Adds what the document has; sets that are known keep their newest description.
    pub(crate) fn add(&mut self, metadata: &Metadata) {
        for set in &metadata.sets {
            let Some(entity) = metadata.entity_type(&set.entity_type) else { continue };
            let name: Arc<str> = set.name.as_str().into();
            let writable = set.creatable || set.updatable || set.upsertable || set.deletable;
            self.absent.remove(&name);
            self.sets.insert(name.clone(), Arc::new(entity_set(name, entity, metadata, writable)));
        }
    }

    /// Notes sets that the tenant does not have.
    pub(super) fn note_absent(&mut self, names: impl IntoIterator<Item = Arc<str>>) {
        for name in names {
            if !self.sets.contains_key(&name) {
                self.absent.insert(name);
            }
        }
    }
}

fn entity_set(name: Arc<str>, entity: &EntityType, metadata: &Metadata, writable: bool) -> EntitySet {
    EntitySet {
        name,
        keys: entity.keys.iter().map(|key| key.as_str().into()).collect(),
        properties: entity
            .properties
            .iter()
            .filter_map(|property| Some((property.name.as_str().into(), described(property)?)))
            .collect(),
        navigations: entity
            .navigations
            .iter()
            .map(|navigation| {
                // A navigation names a type; its set is the one of that type, nearly always of the same name.
                let target = metadata
                    .sets
                    .iter()
                    .find(|set| set.entity_type == navigation.target)
                    .map_or(navigation.target.as_str(), |set| set.name.as_str());
                (navigation.name.as_str().into(), Navigation { target: target.into(), many: navigation.is_many() })
            })
            .collect(),
        writable,
    }
}

fn described(property: &EdmProperty) -> Option<Property> {
    let TypeRef::Primitive(edm) = property.kind else { return None };
    let kind = match edm {
        Edm::Boolean => Kind::Bool,
        Edm::Byte | Edm::SByte | Edm::Int16 | Edm::Int32 | Edm::Int64 => Kind::Int,
        Edm::Decimal | Edm::Double | Edm::Single => Kind::Decimal,
        Edm::DateTimeOffset => Kind::Instant,
        Edm::DateTime if STAMPS.contains(&property.name.as_str()) => Kind::Stamp,
        Edm::DateTime if property.is_date() => Kind::Date,
        Edm::DateTime => Kind::Stamp,
        Edm::String | Edm::Guid | Edm::Binary | Edm::Time => Kind::Text,
    };
    Some(Property {
        kind,
        filterable: property.sap.filterable,
        visible: property.sap.visible,
        label: property.sap.label.clone(),
        picklist: property.sap.picklist.clone(),
        writable: property.sap.upsertable,
    })
}
