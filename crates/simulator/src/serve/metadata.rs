//! `$metadata` of what the API user may see.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use joinery_odata::metadata::Parameter;
use joinery_odata::metadata::{Annotations, Multiplicity};
use joinery_odata::{EntitySet, EntityType, FunctionImport, Metadata, Navigation, Property, TypeRef};

use percent_encoding::percent_decode_str;

use super::Refusal;
use super::asked::{Answer, Asked};
use super::function::{FUNCTIONS, Function, Returns};
use super::turn::Turn;
use super::view::View;
use crate::schema::{self, Set};

const KIND: &str = "application/xml;charset=utf-8";

/// Answers `$metadata`: of the whole, of one set, of a comma list.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    if !asked.reads() {
        return Err(Refusal::no_method(&asked.method));
    }
    let switches = &turn.settings().switches;
    let view = turn.tenant.views.of_metadata(switches.metadata_is_cached);
    let names = asked.path.strip_suffix("$metadata").unwrap_or_default().trim_end_matches('/');
    let sets: Vec<Set> = if names.is_empty() {
        Set::all().collect()
    } else {
        let named = percent_decode_str(names).decode_utf8_lossy().into_owned();
        named
            .split(',')
            .map(|name| Set::named(name.trim()).filter(|&set| view.has_set(set)).ok_or_else(Refusal::no_entity))
            .collect::<Result<_, _>>()?
    };
    let model = model(&sets, names.is_empty(), &view, switches.email_filterable);
    let xml = if switches.hub_namespaces { model.to_hub_xml() } else { model.to_xml() };
    if !switches.metadata_etags {
        return Ok(Answer::new(200, KIND, xml));
    }
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(digest(&SHA256, xml.as_bytes())));
    let known = asked.if_none_match.as_deref().is_some_and(|list| list.split(',').any(|one| one.trim() == tag));
    let answer = if known { Answer::new(304, KIND, "") } else { Answer::new(200, KIND, xml) };
    Ok(match HeaderValue::try_from(tag) {
        Ok(tag) => answer.with("etag", tag),
        Err(_) => answer,
    })
}

/// The whole model for v4, where days and time stamps are of two types.
pub(crate) fn model_v4(turn: &Turn<'_>) -> Metadata {
    let (view, sets) = (turn.view(), Set::all().collect::<Vec<_>>());
    let mut model = model(&sets, true, &view, turn.settings().switches.email_filterable);
    for kind in &mut model.types {
        let table = Set::named(&kind.name).map(Set::table);
        for property in &mut kind.properties {
            let at = table.and_then(|table| table.property(&property.name));
            if table.zip(at).is_some_and(|(table, at)| table.properties[at].wall_clock) {
                property.display_format = None;
            }
        }
    }
    model
}

/// The model of these sets. A part of the whole may have navigations to types that it leaves out, as the documents of
/// real tenants have, and holds the function imports that give its entities; the whole holds all.
fn model(sets: &[Set], whole: bool, view: &View, email_filterable: bool) -> Metadata {
    let sets: Vec<Set> = sets.iter().copied().filter(|&set| view.has_set(set)).collect();
    let declared = |function: &&Function| match function.returns {
        Returns::Entity(set) | Returns::Entities(set) => sets.contains(&set),
        Returns::Value(_) | Returns::Complex(..) | Returns::Complexes(..) => whole,
    };
    let functions: Vec<&Function> = FUNCTIONS.iter().filter(declared).collect();
    let mut complex_types: Vec<EntityType> = functions.iter().filter_map(|function| bean(function)).collect();
    let mut functions: Vec<FunctionImport> = functions.iter().map(|function| self::function(function)).collect();
    if whole {
        complex_types.push(complex("UpsertResult", UPSERT_RESULT));
        functions.push(FunctionImport {
            name: "upsert".to_owned(),
            http_method: "POST".to_owned(),
            returns: Some(TypeRef::Many(Box::new(TypeRef::Named("UpsertResult".to_owned())))),
            entity_set: None,
            parameters: Vec::new(),
            support_payload: true,
        });
    }
    Metadata {
        sets: sets.iter().map(|&set| entity_set(set)).collect(),
        types: sets.iter().map(|&set| entity_type(set, view, email_filterable)).collect(),
        complex_types,
        functions,
    }
}

const UPSERT_RESULT: &[(&str, schema::Edm)] = &[
    ("editStatus", schema::Edm::String),
    ("httpCode", schema::Edm::Int32),
    ("index", schema::Edm::Int32),
    ("key", schema::Edm::String),
    ("message", schema::Edm::String),
    ("status", schema::Edm::String),
];

/// The complex type that a function import gives.
fn bean(function: &Function) -> Option<EntityType> {
    match function.returns {
        Returns::Complex(name, members) | Returns::Complexes(name, members) => Some(complex(name, members)),
        Returns::Value(_) | Returns::Entity(_) | Returns::Entities(_) => None,
    }
}

fn complex(name: &str, members: &[(&str, schema::Edm)]) -> EntityType {
    let property = |(name, edm): &(&str, schema::Edm)| {
        let mut written = Property::new(*name, primitive(*edm));
        (written.sap.creatable, written.sap.updatable, written.sap.upsertable) = (true, true, true);
        (written.sap.sortable, written.sap.filterable) = (false, false);
        written.sap.label = Some((*name).to_owned());
        written
    };
    EntityType { name: name.to_owned(), properties: members.iter().map(property).collect(), ..EntityType::default() }
}

fn function(function: &Function) -> FunctionImport {
    let many = |kind| TypeRef::Many(Box::new(kind));
    let named = |name: &str| TypeRef::Named(name.to_owned());
    let (returns, set) = match function.returns {
        Returns::Value(edm) => (TypeRef::Primitive(primitive(edm)), None),
        Returns::Entity(set) => (named(set.table().name), Some(set)),
        Returns::Entities(set) => (many(named(set.table().name)), Some(set)),
        Returns::Complex(name, _) => (named(name), None),
        Returns::Complexes(name, _) => (many(named(name)), None),
    };
    let parameters = function.parameters.iter().map(|parameter| Parameter {
        name: parameter.name.to_owned(),
        kind: TypeRef::Primitive(primitive(parameter.edm)),
        nullable: !parameter.required,
        max_length: None,
    });
    FunctionImport {
        name: function.name.to_owned(),
        http_method: function.method.to_owned(),
        returns: Some(returns),
        entity_set: set.map(|set| set.table().name.to_owned()),
        parameters: parameters.collect(),
        support_payload: function.method == "POST",
    }
}

fn primitive(edm: schema::Edm) -> joinery_odata::Edm {
    joinery_odata::Edm::from_name(edm.name()).unwrap_or(joinery_odata::Edm::String)
}

fn entity_set(set: Set) -> EntitySet {
    let table = set.table();
    EntitySet {
        name: table.name.to_owned(),
        entity_type: table.name.to_owned(),
        label: Some(table.label.to_owned()),
        creatable: table.creatable(),
        updatable: table.updatable(),
        upsertable: table.upsertable(),
        deletable: table.deletable(),
        summary: Some(table.label.to_owned()),
        description: None,
        tags: tags(set),
    }
}

/// The modules that SAP files the set under, and whether it can be listed.
fn tags(set: Set) -> Vec<String> {
    let (area, module) = match set.table().name {
        name if name.starts_with("Per") => ("Employee Central (EC)", "EC - Personal Information"),
        name if name.starts_with("Emp") => ("Employee Central (EC)", "EC - Employment Information"),
        name if name.starts_with("FO") => ("Employee Central (EC)", "EC - Foundation/Organization"),
        name if name.starts_with("DG") || name.starts_with("RBP") || name.starts_with("DynamicGroup") => {
            ("Foundation/Platform (PLT)", "PLT - Role Based Permissions")
        }
        "User" | "UserAccount" | "ExternalUser" => ("Foundation/Platform (PLT)", "PLT - User Management"),
        _ => ("Foundation/Platform (PLT)", "PLT - Provisioning"),
    };
    let unlisted = (!set.listable()).then_some("Results List Not Supported");
    [area, module].into_iter().chain(unlisted).map(str::to_owned).collect()
}

fn entity_type(set: Set, view: &View, email_filterable: bool) -> EntityType {
    let table = set.table();
    let properties = table.properties.iter().filter(|property| view.has_field(set, property.name)).map(|property| {
        let mut written = self::property(property);
        written.sap.filterable |= email_filterable && set == Set::User && property.name == "email";
        written
    });
    let navigations = table
        .navigations
        .iter()
        .filter(|navigation| view.has_field(set, navigation.name) && view.has_set(navigation.target));
    EntityType {
        name: table.name.to_owned(),
        keys: table.keys.iter().map(|&key| key.to_owned()).collect(),
        properties: properties.collect(),
        navigations: navigations.map(|link| navigation(set, link)).collect(),
    }
}

fn property(property: &schema::Property) -> Property {
    let flags = property.flags;
    let mut written = Property::new(property.name, primitive(property.edm));
    written.nullable = flags.nullable();
    written.max_length = (property.max_length > 0).then_some(property.max_length);
    written.display_format = (property.edm == schema::Edm::DateTime).then(|| "Date".to_owned());
    written.sap = Annotations {
        required: flags.required(),
        creatable: flags.creatable(),
        updatable: flags.updatable(),
        upsertable: flags.upsertable(),
        visible: flags.visible(),
        sortable: flags.sortable(),
        filterable: flags.filterable(),
        label: Some(property.label()),
        picklist: property.picklist.map(str::to_owned),
        field_control: None,
        sensitive: false,
    };
    written
}

fn navigation(set: Set, navigation: &schema::Navigation) -> Navigation {
    let from = set.table().name;
    Navigation {
        name: navigation.name.to_owned(),
        target: navigation.target.table().name.to_owned(),
        multiplicity: if navigation.many { Multiplicity::Many } else { Multiplicity::ZeroOrOne },
        from: Multiplicity::ZeroOrOne,
        association: format!("{}_of_{from}", navigation.name),
        from_role: format!("{}_of_{from}_source", navigation.name),
        to_role: format!("{}_of_{from}_target", navigation.name),
        sap: Annotations { label: Some(navigation.name.to_owned()), ..Annotations::default() },
    }
}
