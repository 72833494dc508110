//! CSDL XML of v4 (OData v4.01, Common Schema Definition Language XML) from the model of v2.

use std::fmt::Write as _;

use crate::metadata::escape;
use crate::{Edm, EntityType, Metadata, Property, TypeRef};

const NAMESPACE: &str = "SFOData";

/// The document: one schema with the types and the container. `Edm.DateTime`, which v4 has not, is `Edm.Date` where the
/// display format says so and `Edm.DateTimeOffset` elsewhere. Navigations to types that the model lacks are left out,
/// and so are function imports.
pub fn to_csdl(model: &Metadata) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<edmx:Edmx Version=\"4.0\" \
         xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\"><edmx:DataServices>\n",
    );
    let _ = writeln!(xml, "<Schema Namespace=\"{NAMESPACE}\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">");
    for kind in &model.types {
        entity_type(&mut xml, kind, model);
    }
    xml.push_str("<EntityContainer Name=\"EntityContainer\">\n");
    for set in &model.sets {
        let (name, kind) = (escape(&set.name), escape(&set.entity_type));
        let _ = writeln!(xml, "<EntitySet Name=\"{name}\" EntityType=\"{NAMESPACE}.{kind}\">");
        let navigations = model.entity_type(&set.entity_type).map(|kind| kind.navigations.as_slice());
        for navigation in navigations.unwrap_or_default() {
            let target = model.sets.iter().find(|other| other.entity_type == navigation.target);
            if let Some(target) = target {
                let (path, target) = (escape(&navigation.name), escape(&target.name));
                let _ = writeln!(xml, "<NavigationPropertyBinding Path=\"{path}\" Target=\"{target}\"/>");
            }
        }
        xml.push_str("</EntitySet>\n");
    }
    xml.push_str("</EntityContainer>\n</Schema>\n</edmx:DataServices></edmx:Edmx>\n");
    xml
}

fn entity_type(xml: &mut String, kind: &EntityType, model: &Metadata) {
    let _ = writeln!(xml, "<EntityType Name=\"{}\">", escape(&kind.name));
    if !kind.keys.is_empty() {
        xml.push_str("<Key>");
        for key in &kind.keys {
            let _ = write!(xml, "<PropertyRef Name=\"{}\"/>", escape(key));
        }
        xml.push_str("</Key>\n");
    }
    for property in &kind.properties {
        let _ = write!(xml, "<Property Name=\"{}\" Type=\"{}\"", escape(&property.name), escape(&type_of(property)));
        if !property.nullable {
            xml.push_str(" Nullable=\"false\"");
        }
        if let Some(length) = property.max_length {
            let _ = write!(xml, " MaxLength=\"{length}\"");
        }
        if property.edm() == Some(Edm::Decimal) {
            let scale = property.scale.map_or("variable".to_owned(), |scale| scale.to_string());
            let _ = write!(xml, " Scale=\"{scale}\"");
        }
        xml.push_str("/>\n");
    }
    for navigation in &kind.navigations {
        if model.entity_type(&navigation.target).is_none() {
            continue;
        }
        let target = escape(&navigation.target);
        let target = if navigation.is_many() {
            format!("Collection({NAMESPACE}.{target})")
        } else {
            format!("{NAMESPACE}.{target}")
        };
        let _ = writeln!(xml, "<NavigationProperty Name=\"{}\" Type=\"{target}\"/>", escape(&navigation.name));
    }
    xml.push_str("</EntityType>\n");
}

fn type_of(property: &Property) -> String {
    match &property.kind {
        TypeRef::Primitive(Edm::DateTime) if property.is_date() => "Edm.Date".to_owned(),
        TypeRef::Primitive(Edm::DateTime) => "Edm.DateTimeOffset".to_owned(),
        TypeRef::Primitive(Edm::Time) => "Edm.TimeOfDay".to_owned(),
        TypeRef::Primitive(edm) => edm.to_string(),
        TypeRef::Named(name) if name.starts_with("Edm.") => name.clone(),
        TypeRef::Named(name) => format!("{NAMESPACE}.{name}"),
        TypeRef::Many(inner) => match inner.as_ref() {
            TypeRef::Primitive(edm) => format!("Collection({edm})"),
            TypeRef::Named(name) => format!("Collection({NAMESPACE}.{name})"),
            TypeRef::Many(_) => "Edm.Untyped".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntitySet, Navigation};

    #[test]
    fn a_model_of_v2_is_written_as_v4() {
        let mut date = Property::new("startDate", Edm::DateTime);
        date.display_format = Some("Date".to_owned());
        date.nullable = false;
        let navigation = |name: &str, target: &str, many| Navigation {
            name: name.to_owned(),
            target: target.to_owned(),
            multiplicity: if many { crate::metadata::Multiplicity::Many } else { crate::metadata::Multiplicity::One },
            from: crate::metadata::Multiplicity::One,
            association: String::new(),
            from_role: String::new(),
            to_role: String::new(),
            sap: crate::metadata::Annotations::default(),
        };
        let kind = EntityType {
            name: "Job".to_owned(),
            keys: vec!["startDate".to_owned()],
            properties: vec![date, Property::new("changedOn", Edm::DateTime), Property::new("hours", Edm::Decimal)],
            navigations: vec![navigation("jobs", "Job", true), navigation("gone", "Gone", false)],
        };
        let set = EntitySet { name: "Jobs".to_owned(), entity_type: "Job".to_owned(), ..EntitySet::default() };
        let xml = to_csdl(&Metadata { sets: vec![set], types: vec![kind], ..Metadata::default() });
        for piece in [
            "<Property Name=\"startDate\" Type=\"Edm.Date\" Nullable=\"false\"/>",
            "<Property Name=\"changedOn\" Type=\"Edm.DateTimeOffset\"/>",
            "<Property Name=\"hours\" Type=\"Edm.Decimal\" Scale=\"variable\"/>",
            "<NavigationProperty Name=\"jobs\" Type=\"Collection(SFOData.Job)\"/>",
            "<NavigationPropertyBinding Path=\"jobs\" Target=\"Jobs\"/>",
        ] {
            assert!(xml.contains(piece), "{piece}");
        }
        assert!(!xml.contains("gone"));
        assert!(roxmltree::Document::parse(&xml).is_ok());
    }
}
