//! CSDL XML of v4 as a model of v2.

use roxmltree::Node;

use crate::edm::local_name;
use crate::metadata::{
    Annotations, EntitySet, EntityType, Metadata, MetadataError, Multiplicity, Navigation, Property, attribute,
    elements, required, schemas,
};
use crate::{Edm, TypeRef};

/// Is it a document of v4?
pub fn is_csdl(document: &[u8]) -> bool {
    const NAMESPACE: &[u8] = b"docs.oasis-open.org/odata/ns/edmx";
    let head = document.get(..document.len().min(4096)).unwrap_or_default();
    head.windows(NAMESPACE.len()).any(|window| window == NAMESPACE)
}

/// Reads the document. `Edm.Date` is v2's `Edm.DateTime` with the display format of a date; a navigation names its type
/// itself. What v4 says by annotations is passed over: every flag has its default.
///
/// # Errors
/// As [`Metadata::parse`].
pub fn from_csdl(document: &[u8]) -> Result<Metadata, MetadataError> {
    schemas(document, |all| {
        let mut metadata = Metadata::default();
        for schema in all {
            for kind in elements(*schema, "EntityType") {
                metadata.types.push(entity_type(kind)?);
            }
            for set in elements(*schema, "EntityContainer").flat_map(|container| elements(container, "EntitySet")) {
                metadata.sets.push(EntitySet {
                    name: required(set, "Name")?.to_owned(),
                    entity_type: local_name(required(set, "EntityType")?).to_owned(),
                    ..EntitySet::default()
                });
            }
        }
        Ok(metadata)
    })
}

fn entity_type(node: Node<'_, '_>) -> Result<EntityType, MetadataError> {
    let keys = elements(node, "Key").flat_map(|key| elements(key, "PropertyRef"));
    Ok(EntityType {
        name: required(node, "Name")?.to_owned(),
        keys: keys.map(|key| required(key, "Name").map(str::to_owned)).collect::<Result<_, _>>()?,
        properties: elements(node, "Property").map(property).collect::<Result<_, _>>()?,
        navigations: elements(node, "NavigationProperty").map(navigation).collect::<Result<_, _>>()?,
    })
}

fn property(node: Node<'_, '_>) -> Result<Property, MetadataError> {
    let kind = required(node, "Type")?;
    let edm = match kind {
        "Edm.Date" => Some(Edm::DateTime),
        "Edm.TimeOfDay" => Some(Edm::Time),
        other => other.strip_prefix("Edm.").and_then(Edm::from_name),
    };
    let mut property = Property::new(required(node, "Name")?, edm.unwrap_or(Edm::String));
    if edm.is_none() {
        property.kind = TypeRef::Named(kind.to_owned());
    }
    property.nullable = attribute(node, "Nullable") != Some("false");
    property.max_length = attribute(node, "MaxLength").and_then(|length| length.parse().ok());
    property.display_format = (kind == "Edm.Date").then(|| "Date".to_owned());
    Ok(property)
}

fn navigation(node: Node<'_, '_>) -> Result<Navigation, MetadataError> {
    let kind = required(node, "Type")?;
    let many = kind.strip_prefix("Collection(").and_then(|inner| inner.strip_suffix(')'));
    Ok(Navigation {
        name: required(node, "Name")?.to_owned(),
        target: local_name(many.unwrap_or(kind)).to_owned(),
        multiplicity: if many.is_some() { Multiplicity::Many } else { Multiplicity::ZeroOrOne },
        from: Multiplicity::Many,
        association: String::new(),
        from_role: String::new(),
        to_role: String::new(),
        sap: Annotations::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v4::to_csdl;

    #[test]
    fn what_is_written_is_read_back() {
        let mut date = Property::new("startDate", Edm::DateTime);
        date.display_format = Some("Date".to_owned());
        date.nullable = false;
        let stamp = Property::new("changed", Edm::DateTimeOffset);
        let navigation = Navigation {
            name: "jobs".to_owned(),
            target: "Job".to_owned(),
            multiplicity: Multiplicity::Many,
            from: Multiplicity::Many,
            association: String::new(),
            from_role: String::new(),
            to_role: String::new(),
            sap: Annotations::default(),
        };
        let kind = EntityType {
            name: "Job".to_owned(),
            keys: vec!["startDate".to_owned()],
            properties: vec![date, stamp, Property::new("seqNumber", Edm::Int64)],
            navigations: vec![navigation],
        };
        let set = EntitySet { name: "Jobs".to_owned(), entity_type: "Job".to_owned(), ..EntitySet::default() };
        let model = Metadata { sets: vec![set], types: vec![kind], ..Metadata::default() };
        let xml = to_csdl(&model);
        assert!(is_csdl(xml.as_bytes()) && !is_csdl(model.to_xml().as_bytes()));
        assert_eq!(from_csdl(xml.as_bytes()).unwrap(), model);
        assert!(from_csdl(b"<html/>").is_err() && from_csdl(b"\xff").is_err());
    }
}
