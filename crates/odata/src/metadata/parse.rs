//! Reading `$metadata`.

use std::collections::HashMap;

use roxmltree::{Document, Node, ParsingOptions};
use thiserror::Error;

use super::{
    Annotations, EntitySet, EntityType, FunctionImport, Metadata, Multiplicity, Navigation, Parameter, Property,
};
use crate::TypeRef;
use crate::edm::local_name;

/// A document that is no `$metadata`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MetadataError {
    /// Not UTF-8.
    #[error("the metadata document is not UTF-8")]
    Encoding,
    /// Not well-formed XML, has a document type declaration, or nests too deeply.
    #[error("the metadata document is not readable XML: {0}")]
    Xml(String),
    /// XML, but no EDMX.
    #[error("the document holds no Edmx element with a Schema: is this the answer of $metadata?")]
    NotEdmx,
    /// An element that lacks what it must have, or says something unknown.
    #[error("line {line}: {what}")]
    Element {
        /// The element's line in the document.
        line: u32,
        /// What is wrong with it.
        what: String,
    },
}

/// Deeper than any EDMX, and shallow enough for every reader on the way.
const MAX_XML_DEPTH: usize = 64;

impl Metadata {
    /// Reads an EDMX document.
    ///
    /// Elements and annotations that are not known are passed over; so are navigations whose association the document
    /// does not hold (the metadata of a few entity sets may leave some out) or whose roles it does not have.
    ///
    /// # Errors
    /// See [`MetadataError`].
    pub fn parse(document: &[u8]) -> Result<Self, MetadataError> {
        schemas(document, Self::of)
    }

    fn of(schemas: &[Node<'_, '_>]) -> Result<Self, MetadataError> {
        let mut associations = HashMap::new();
        for association in schemas.iter().flat_map(|schema| elements(*schema, "Association")) {
            associations.insert(required(association, "Name")?, association);
        }
        let mut metadata = Self::default();
        for &schema in schemas {
            for kind in elements(schema, "EntityType") {
                metadata.types.push(entity_type(kind, &associations)?);
            }
            for kind in elements(schema, "ComplexType") {
                metadata.complex_types.push(entity_type(kind, &associations)?);
            }
            for container in elements(schema, "EntityContainer") {
                for set in elements(container, "EntitySet") {
                    metadata.sets.push(entity_set(set)?);
                }
                for function in elements(container, "FunctionImport") {
                    metadata.functions.push(function_import(function)?);
                }
            }
        }
        Ok(metadata)
    }
}

/// Opens a document and gives its schemas to `read`.
///
/// # Errors
/// Those of `read`; see [`MetadataError`].
pub(crate) fn schemas<T>(
    document: &[u8],
    read: impl FnOnce(&[Node<'_, '_>]) -> Result<T, MetadataError>,
) -> Result<T, MetadataError> {
    let text = std::str::from_utf8(document).map_err(|_| MetadataError::Encoding)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    check_depth(text)?;
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    let xml = Document::parse_with_options(text, options).map_err(|error| MetadataError::Xml(error.to_string()))?;
    if xml.root_element().tag_name().name() != "Edmx" {
        return Err(MetadataError::NotEdmx);
    }
    let schemas: Vec<Node<'_, '_>> =
        elements(xml.root_element(), "DataServices").flat_map(|services| elements(services, "Schema")).collect();
    if schemas.is_empty() {
        return Err(MetadataError::NotEdmx);
    }
    read(&schemas)
}

/// The XML reader recurses once per open element, so a document of nothing but opening tags would end the process.
fn check_depth(text: &str) -> Result<(), MetadataError> {
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        let skipped = [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>")]
            .iter()
            .find_map(|(open, close)| rest.strip_prefix(open).map(|inside| inside.split_once(close)));
        if let Some(after) = skipped {
            rest = after.map_or("", |(_, after)| after);
            continue;
        }
        let Some(end) = tag_end(rest) else { return Ok(()) };
        let tag = rest.get(..end).unwrap_or_default();
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !tag.ends_with('/') {
            depth += 1;
            if depth > MAX_XML_DEPTH {
                return Err(MetadataError::Xml(format!("elements nest deeper than {MAX_XML_DEPTH}")));
            }
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Ok(())
}

/// Where the tag's `>` stands: attribute values may hold one.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    tag.bytes().position(|byte| {
        match quote {
            Some(open) if open == byte => quote = None,
            None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
            _ => {}
        }
        quote.is_none() && byte == b'>'
    })
}

fn entity_set(node: Node<'_, '_>) -> Result<EntitySet, MetadataError> {
    let documentation = elements(node, "Documentation").next();
    let inside = |name| documentation.and_then(|node| text_of(elements(node, name).next()?));
    let tags = documentation
        .into_iter()
        .flat_map(|node| elements(node, "tagcollection"))
        .flat_map(|tags| elements(tags, "tag"))
        .filter_map(text_of)
        .collect();
    Ok(EntitySet {
        name: required(node, "Name")?.to_owned(),
        entity_type: local_name(required(node, "EntityType")?).to_owned(),
        label: attribute(node, "label").map(str::to_owned),
        creatable: flag(node, "creatable", false),
        updatable: flag(node, "updatable", false),
        upsertable: flag(node, "upsertable", false),
        deletable: flag(node, "deletable", false),
        summary: inside("Summary"),
        description: inside("LongDescription"),
        tags,
    })
}

fn entity_type(node: Node<'_, '_>, associations: &HashMap<&str, Node<'_, '_>>) -> Result<EntityType, MetadataError> {
    let mut kind = EntityType { name: required(node, "Name")?.to_owned(), ..EntityType::default() };
    for reference in elements(node, "Key").flat_map(|key| elements(key, "PropertyRef")) {
        kind.keys.push(required(reference, "Name")?.to_owned());
    }
    for node in elements(node, "Property") {
        kind.properties.push(property(node)?);
    }
    for node in elements(node, "NavigationProperty") {
        kind.navigations.extend(navigation(node, associations)?);
    }
    Ok(kind)
}

fn property(node: Node<'_, '_>) -> Result<Property, MetadataError> {
    Ok(Property {
        name: required(node, "Name")?.to_owned(),
        kind: type_ref(node, "Type")?,
        nullable: flag(node, "Nullable", true),
        max_length: number(node, "MaxLength"),
        precision: number(node, "Precision"),
        scale: number(node, "Scale"),
        display_format: attribute(node, "display-format").map(str::to_owned),
        sap: annotations(node),
    })
}

fn navigation(
    node: Node<'_, '_>,
    associations: &HashMap<&str, Node<'_, '_>>,
) -> Result<Option<Navigation>, MetadataError> {
    let association = local_name(required(node, "Relationship")?);
    let (from_role, to_role) = (required(node, "FromRole")?, required(node, "ToRole")?);
    let Some(ends) = associations.get(association) else { return Ok(None) };
    let end = |role| elements(*ends, "End").find(|end| attribute(*end, "Role") == Some(role));
    let multiplicity = |end| {
        let word = required(end, "Multiplicity")?;
        Multiplicity::from_word(word).ok_or_else(|| element(end, "Multiplicity is none of 0..1, 1 and *"))
    };
    let (Some(from), Some(to)) = (end(from_role), end(to_role)) else { return Ok(None) };
    Ok(Some(Navigation {
        name: required(node, "Name")?.to_owned(),
        target: local_name(required(to, "Type")?).to_owned(),
        multiplicity: multiplicity(to)?,
        from: multiplicity(from)?,
        association: association.to_owned(),
        from_role: from_role.to_owned(),
        to_role: to_role.to_owned(),
        sap: annotations(node),
    }))
}

fn function_import(node: Node<'_, '_>) -> Result<FunctionImport, MetadataError> {
    let parameters = elements(node, "Parameter").map(|node| {
        Ok(Parameter {
            name: required(node, "Name")?.to_owned(),
            kind: type_ref(node, "Type")?,
            nullable: flag(node, "Nullable", true),
            max_length: number(node, "MaxLength"),
        })
    });
    Ok(FunctionImport {
        name: required(node, "Name")?.to_owned(),
        http_method: attribute(node, "HttpMethod").unwrap_or("GET").to_ascii_uppercase(),
        returns: attribute(node, "ReturnType").map(|_| type_ref(node, "ReturnType")).transpose()?,
        entity_set: attribute(node, "EntitySet").map(str::to_owned),
        parameters: parameters.collect::<Result<_, _>>()?,
        support_payload: flag(node, "support-payload", false),
    })
}

fn annotations(node: Node<'_, '_>) -> Annotations {
    let default = Annotations::default();
    let text = |name| attribute(node, name).map(str::to_owned);
    Annotations {
        required: flag(node, "required", default.required),
        creatable: flag(node, "creatable", default.creatable),
        updatable: flag(node, "updatable", default.updatable),
        upsertable: flag(node, "upsertable", default.upsertable),
        visible: flag(node, "visible", default.visible),
        sortable: flag(node, "sortable", default.sortable),
        filterable: flag(node, "filterable", default.filterable),
        label: text("label"),
        picklist: text("picklist"),
        field_control: text("field-control"),
        sensitive: flag(node, "sensitive-personal-data", default.sensitive),
    }
}

pub(crate) fn elements<'a, 'input>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> + use<'a, 'input> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// An attribute by its local name, whatever namespace it is in.
pub(crate) fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes().find(|attribute| attribute.name() == name).map(|attribute| attribute.value())
}

pub(crate) fn required<'a>(node: Node<'a, '_>, name: &str) -> Result<&'a str, MetadataError> {
    attribute(node, name).ok_or_else(|| element(node, &format!("{} has no {name}", node.tag_name().name())))
}

fn type_ref(node: Node<'_, '_>, name: &str) -> Result<TypeRef, MetadataError> {
    TypeRef::parse(required(node, name)?).map_err(|error| element(node, &error.reason))
}

fn flag(node: Node<'_, '_>, name: &str, default: bool) -> bool {
    match attribute(node, name) {
        Some("true" | "1") => true,
        Some("false" | "0") => false,
        _ => default,
    }
}

/// A number of digits or characters; `Max` and the like mean no limit.
fn number(node: Node<'_, '_>, name: &str) -> Option<u32> {
    attribute(node, name)?.parse().ok()
}

fn text_of(node: Node<'_, '_>) -> Option<String> {
    node.text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn element(node: Node<'_, '_>, what: &str) -> MetadataError {
    MetadataError::Element { line: node.document().text_pos_at(node.range().start).row, what: what.to_owned() }
}
