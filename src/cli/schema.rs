//! `joinery schema`: what the tenant's metadata says about an entity.

use std::fmt::Write;

use joinery_odata::metadata::{EntitySet, EntityType, Metadata, Property};
use serde_json::json;

use super::args::{Cli, SchemaArgs};
use super::failure::Wrong;
use crate::config::Configuration;
use crate::{Exit, app};
use crate::{put, say};

/// Properties and navigations, with what can be done with them.
pub async fn run(cli: &Cli, args: &SchemaArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let name = configuration.connection_name(args.connection.as_deref()).map_err(Wrong::usage)?;
    let transport = app::transport(name, configuration.open_connection(name)?)?;
    let path = format!("odata/v2/{}/$metadata", args.entity.join(","));
    let answer = transport.get(&path).await.map_err(|failure| Wrong::failed(Exit::Source, &failure))?;
    if answer.status.as_u16() == 404 {
        return Err(absent(&args.entity.join(", ")));
    }
    let answer = answer.ok().map_err(|failure| Wrong::failed(Exit::Source, &failure))?;
    let metadata = Metadata::parse(&answer.bytes)
        .map_err(|error| Wrong::new(Exit::Source, format!("the tenant's metadata cannot be read: {error}")))?;
    let mut all = Vec::new();
    for entity in &args.entity {
        let found = metadata.set(entity).zip(metadata.type_of_set(entity));
        let Some((set, kind)) = found else {
            return Err(absent(entity));
        };
        if cli.json {
            all.push(as_json(set, kind));
        } else {
            put!("{}", as_text(set, kind));
        }
    }
    if cli.json {
        say!("{}", json!({ "entities": all }));
    }
    Ok(Exit::Done)
}

fn absent(entity: &str) -> Wrong {
    let message = format!(
        "the tenant has no entity {entity}, or the API user may not see it; names are case-sensitive, and a new one \
         appears after \"OData API Metadata Refresh and Export\" in Admin Center"
    );
    Wrong::new(Exit::Source, message)
}

fn flags(property: &Property) -> String {
    let sap = &property.sap;
    [
        (sap.required, "required"),
        (sap.filterable, "filterable"),
        (sap.sortable, "sortable"),
        (sap.upsertable, "upsertable"),
    ]
    .iter()
    .filter(|(set, _)| *set)
    .map(|(_, word)| *word)
    .collect::<Vec<_>>()
    .join(" ")
}

fn kind_of(property: &Property) -> String {
    let name = match property.edm() {
        Some(_) if property.is_date() => "Date".to_owned(),
        Some(edm) => edm.name().trim_start_matches("Edm.").to_owned(),
        None => "complex".to_owned(),
    };
    property.max_length.map_or(name.clone(), |length| format!("{name}({length})"))
}

fn as_text(set: &EntitySet, kind: &EntityType) -> String {
    let mut out = String::new();
    let operations: Vec<&str> =
        [(set.creatable, "insert"), (set.updatable, "update"), (set.upsertable, "upsert"), (set.deletable, "delete")]
            .iter()
            .filter(|(allowed, _)| *allowed)
            .map(|(_, word)| *word)
            .collect();
    let operations = if operations.is_empty() { "read only".to_owned() } else { operations.join(", ") };
    let _ = writeln!(out, "{}  key {}  ({operations})", set.name, kind.keys.join(", "));
    for property in &kind.properties {
        let picklist = property.sap.picklist.as_deref().map(|name| format!("picklist {name}")).unwrap_or_default();
        let _ = writeln!(out, "  {:36}  {:16}  {:40}  {picklist}", property.name, kind_of(property), flags(property));
    }
    for navigation in &kind.navigations {
        let _ = writeln!(out, "  {:36}  → {} ({})", navigation.name, navigation.target, navigation.multiplicity.word());
    }
    out
}

fn as_json(set: &EntitySet, kind: &EntityType) -> serde_json::Value {
    let properties: Vec<_> = kind
        .properties
        .iter()
        .map(|property| {
            json!({
                "name": property.name,
                "type": kind_of(property),
                "required": property.sap.required,
                "filterable": property.sap.filterable,
                "sortable": property.sap.sortable,
                "upsertable": property.sap.upsertable,
                "picklist": property.sap.picklist,
            })
        })
        .collect();
    let navigations: Vec<_> = kind
        .navigations
        .iter()
        .map(|one| json!({ "name": one.name, "entity": one.target, "many": one.is_many() }))
        .collect();
    json!({ "entity": set.name, "key": kind.keys, "properties": properties, "navigations": navigations })
}
