//! Writing `$metadata`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Annotations, EntitySet, EntityType, FunctionImport, Metadata, Navigation, Property};
use crate::TypeRef;

const SFO_DATA: &str = "SFOData";
const SCHEMA_NAMESPACES: &str = "xmlns=\"http://schemas.microsoft.com/ado/2008/09/edm\" \
    xmlns:sf=\"http://www.successfactors.com/edm/sf\"";

/// What `sap:` is bound to in the documents of tenants.
const TENANT: &str = "http://www.successfactors.com/edm/sap";
/// What it is bound to in the container's schema by the documents of SAP's API hub.
const HUB: &str = "http://www.sap.com/Protocols/SAPData";

impl Metadata {
    /// The EDMX document: schema `SFODataSet` with the container, schema `SFOData` with the types. Associations and
    /// their sets are derived from the navigations. [`Metadata::parse`] reads back an equal value.
    pub fn to_xml(&self) -> String {
        self.written(TENANT)
    }

    /// The same, with `sap:` bound in the container's schema as the documents of SAP's API hub bind it.
    pub fn to_hub_xml(&self) -> String {
        self.written(HUB)
    }

    fn written(&self, container_sap: &str) -> String {
        let mut xml = Xml::default();
        xml.raw("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        xml.raw("<edmx:Edmx Version=\"1.0\" xmlns:edmx=\"http://schemas.microsoft.com/ado/2007/06/edmx\">");
        xml.raw("<edmx:DataServices m:DataServiceVersion=\"2.0\" ");
        xml.raw("xmlns:m=\"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata\">\n");
        xml.raw(&format!("<Schema Namespace=\"SFODataSet\" {SCHEMA_NAMESPACES} xmlns:sap=\"{container_sap}\">\n"));
        xml.raw("<EntityContainer Name=\"EntityContainer\" m:IsDefaultEntityContainer=\"true\">\n");
        for set in &self.sets {
            xml.entity_set(set);
        }
        let associations = self.associations();
        for (name, ends) in &associations {
            if let [Some(from), Some(to)] = [self.set_of(ends.from_type), self.set_of(ends.to_type)] {
                let association = format!("{SFO_DATA}.{name}");
                xml.open("AssociationSet", &[("Name", name), ("Association", &association)]);
                xml.empty("End", &[("EntitySet", from), ("Role", ends.navigation.from_role.as_str())]);
                xml.empty("End", &[("EntitySet", to), ("Role", ends.navigation.to_role.as_str())]);
                xml.close("AssociationSet");
            }
        }
        for function in &self.functions {
            xml.function_import(function);
        }
        xml.raw("</EntityContainer>\n</Schema>\n");
        xml.raw(&format!("<Schema Namespace=\"{SFO_DATA}\" {SCHEMA_NAMESPACES} xmlns:sap=\"{TENANT}\">\n"));
        for kind in &self.types {
            xml.entity_type("EntityType", kind);
        }
        for kind in &self.complex_types {
            xml.entity_type("ComplexType", kind);
        }
        for (name, ends) in &associations {
            let navigation = ends.navigation;
            xml.open("Association", &[("Name", name)]);
            for (kind, multiplicity, role) in [
                (ends.from_type, navigation.from, &navigation.from_role),
                (ends.to_type, navigation.multiplicity, &navigation.to_role),
            ] {
                let kind = format!("{SFO_DATA}.{kind}");
                xml.empty("End", &[("Type", &kind), ("Multiplicity", multiplicity.word()), ("Role", role)]);
            }
            xml.close("Association");
        }
        xml.raw("</Schema>\n</edmx:DataServices></edmx:Edmx>\n");
        xml.text
    }

    /// One entry per association; both directions of one may stand in two navigations.
    fn associations(&self) -> BTreeMap<&str, Ends<'_>> {
        let mut found = BTreeMap::new();
        for kind in &self.types {
            for navigation in &kind.navigations {
                found.entry(navigation.association.as_str()).or_insert(Ends {
                    navigation,
                    from_type: &kind.name,
                    to_type: &navigation.target,
                });
            }
        }
        found
    }

    fn set_of(&self, kind: &str) -> Option<&str> {
        self.sets.iter().find(|set| set.entity_type == kind).map(|set| set.name.as_str())
    }
}

struct Ends<'a> {
    navigation: &'a Navigation,
    from_type: &'a str,
    to_type: &'a str,
}

#[derive(Default)]
struct Xml {
    text: String,
}

impl Xml {
    fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)], end: &str) {
        let _ = write!(self.text, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.text, " {name}=\"{}\"", escape(value));
        }
        self.text.push_str(end);
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, ">\n");
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, "/>\n");
    }

    fn close(&mut self, name: &str) {
        let _ = writeln!(self.text, "</{name}>");
    }

    fn element(&mut self, name: &str, text: &str) {
        let _ = writeln!(self.text, "<{name}>{}</{name}>", escape(text));
    }

    fn entity_set(&mut self, set: &EntitySet) {
        let kind = format!("{SFO_DATA}.{}", set.entity_type);
        let mut attributes = vec![("Name", set.name.as_str()), ("EntityType", kind.as_str())];
        attributes.extend(set.label.as_deref().map(|label| ("sap:label", label)));
        for (name, flag) in [
            ("sap:creatable", set.creatable),
            ("sap:updatable", set.updatable),
            ("sap:upsertable", set.upsertable),
            ("sap:deletable", set.deletable),
        ] {
            attributes.push((name, word(flag)));
        }
        self.open("EntitySet", &attributes);
        if set.summary.is_some() || set.description.is_some() || !set.tags.is_empty() {
            self.open("Documentation", &[]);
            if let Some(summary) = &set.summary {
                self.element("Summary", summary);
            }
            if let Some(description) = &set.description {
                self.element("LongDescription", description);
            }
            if !set.tags.is_empty() {
                self.open("sap:tagcollection", &[]);
                for tag in &set.tags {
                    self.element("sap:tag", tag);
                }
                self.close("sap:tagcollection");
            }
            self.close("Documentation");
        }
        self.close("EntitySet");
    }

    fn entity_type(&mut self, element: &str, kind: &EntityType) {
        self.open(element, &[("Name", &kind.name)]);
        if !kind.keys.is_empty() {
            self.open("Key", &[]);
            for key in &kind.keys {
                self.empty("PropertyRef", &[("Name", key)]);
            }
            self.close("Key");
        }
        for property in &kind.properties {
            self.property(property);
        }
        for navigation in &kind.navigations {
            let relationship = format!("{SFO_DATA}.{}", navigation.association);
            let mut attributes = vec![
                ("Name", navigation.name.as_str()),
                ("Relationship", relationship.as_str()),
                ("FromRole", navigation.from_role.as_str()),
                ("ToRole", navigation.to_role.as_str()),
            ];
            attributes.extend(flags(&navigation.sap));
            self.empty("NavigationProperty", &attributes);
        }
        self.close(element);
    }

    fn property(&mut self, property: &Property) {
        let kind = qualified(&property.kind);
        let [length, precision, scale] =
            [property.max_length, property.precision, property.scale].map(|number| number.map(|n| n.to_string()));
        let mut attributes =
            vec![("Name", property.name.as_str()), ("Type", kind.as_str()), ("Nullable", word(property.nullable))];
        for (name, value) in [("MaxLength", &length), ("Precision", &precision), ("Scale", &scale)] {
            attributes.extend(value.as_deref().map(|value| (name, value)));
        }
        attributes.extend(property.display_format.as_deref().map(|format| ("sap:display-format", format)));
        attributes.extend(flags(&property.sap));
        self.empty("Property", &attributes);
    }

    fn function_import(&mut self, function: &FunctionImport) {
        let returns = function.returns.as_ref().map(qualified);
        let mut attributes = vec![("Name", function.name.as_str())];
        attributes.extend(returns.as_deref().map(|kind| ("ReturnType", kind)));
        attributes.extend(function.entity_set.as_deref().map(|set| ("EntitySet", set)));
        attributes.push(("m:HttpMethod", function.http_method.as_str()));
        attributes.push(("sap:support-payload", word(function.support_payload)));
        self.open("FunctionImport", &attributes);
        for parameter in &function.parameters {
            let kind = qualified(&parameter.kind);
            let length = parameter.max_length.map(|length| length.to_string());
            let mut attributes = vec![
                ("Name", parameter.name.as_str()),
                ("Type", kind.as_str()),
                ("Nullable", word(parameter.nullable)),
            ];
            attributes.extend(length.as_deref().map(|length| ("MaxLength", length)));
            self.empty("Parameter", &attributes);
        }
        self.close("FunctionImport");
    }
}

fn flags(sap: &Annotations) -> Vec<(&'static str, &str)> {
    let mut attributes = vec![
        ("sap:required", word(sap.required)),
        ("sap:creatable", word(sap.creatable)),
        ("sap:updatable", word(sap.updatable)),
        ("sap:upsertable", word(sap.upsertable)),
        ("sap:visible", word(sap.visible)),
        ("sap:sortable", word(sap.sortable)),
        ("sap:filterable", word(sap.filterable)),
    ];
    if sap.sensitive {
        attributes.push(("sap:sensitive-personal-data", "true"));
    }
    for (name, value) in
        [("sap:picklist", &sap.picklist), ("sap:field-control", &sap.field_control), ("sap:label", &sap.label)]
    {
        attributes.extend(value.as_deref().map(|value| (name, value)));
    }
    attributes
}

fn qualified(kind: &TypeRef) -> String {
    match kind {
        TypeRef::Primitive(edm) => edm.to_string(),
        TypeRef::Named(name) if name.starts_with("Edm.") => name.clone(),
        TypeRef::Named(name) => format!("{SFO_DATA}.{name}"),
        TypeRef::Many(inner) => format!("Collection({})", qualified(inner)),
    }
}

fn word(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

/// Text for an attribute or an element; what XML 1.0 cannot hold becomes U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}
