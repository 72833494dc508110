//! `$metadata` of what the API user may see.

use joinery_odata::metadata::{Annotations, Multiplicity};
use joinery_odata::{EntitySet, EntityType, Metadata, Navigation, Property, TypeRef};

use percent_encoding::percent_decode_str;

use super::Refusal;
use super::asked::{Answer, Asked};
use super::turn::Turn;
use super::view::View;
use crate::schema::{self, Set};

/// Answers `$metadata`: of the whole, of one set, of a comma list.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    if !asked.reads() {
        return Err(Refusal::no_method(&asked.method));
    }
    let view = turn.view();
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
    let xml = document(&sets, &view, turn.settings().switches.email_filterable);
    Ok(Answer::new(200, "application/xml;charset=utf-8", xml))
}

/// The document for these sets; navigations lead only to sets that are in it, unless `sets` is a part of the whole:
/// then they may name types that the part leaves out, as the documents of real tenants do.
fn document(sets: &[Set], view: &View, email_filterable: bool) -> String {
    let sets: Vec<Set> = sets.iter().copied().filter(|&set| view.has_set(set)).collect();
    Metadata {
        sets: sets.iter().map(|&set| entity_set(set)).collect(),
        types: sets.iter().map(|&set| entity_type(set, view, email_filterable)).collect(),
        ..Metadata::default()
    }
    .to_xml()
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
        ..EntitySet::default()
    }
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
    let edm = TypeRef::parse(property.edm.name()).ok().and_then(|kind| kind.primitive());
    let flags = property.flags;
    let mut written = Property::new(property.name, edm.unwrap_or(joinery_odata::Edm::String));
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
