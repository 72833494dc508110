//! `Entity('User')`: what the data dictionary says of one entity set, as data. That tenants answer it is known, which
//! members it has is not: these are the words of `$metadata`.

use axum::http::HeaderValue;
use joinery_odata::EntityAddress;
use serde_json::{Value as Json, json};

use super::Refusal;
use super::asked::{Answer, Asked, Shape};
use super::turn::Turn;
use super::view::View;
use crate::schema::Set;

/// Whether the path is one of the data dictionary.
pub(crate) fn is_named(path: &str) -> bool {
    EntityAddress::parse(path).is_ok_and(|address| address.set == "Entity" && address.rest.is_empty())
}

/// Answers `Entity('X')`, and the list of them all.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    if !asked.reads() {
        return Err(Refusal::no_method(&asked.method));
    }
    let view = turn.view();
    let base = &turn.tenant.public_url;
    let address = EntityAddress::parse(&asked.path).map_err(|_| Refusal::no_entity())?;
    let email = turn.settings().switches.email_filterable;
    let Some(key) = &address.key else {
        let sets = Set::all().filter(|&set| view.has_set(set));
        let rows: Vec<Json> = sets.map(|set| entity(base, set, &view, email)).collect();
        return Ok(Answer::json(200, &json!({"d": {"results": rows}})).shaped(Shape::Data));
    };
    let name = key.values(&["path"]).and_then(|values| values.first()?.as_text()).unwrap_or_default();
    let set = Set::named(name).filter(|&set| view.has_set(set)).ok_or_else(Refusal::no_entity)?;
    let answer = Answer::json(200, &json!({ "d": entity(base, set, &view, email) })).shaped(Shape::Data);
    Ok(answer.with("x-sf-record-count-recursive", HeaderValue::from(1)))
}

fn metadata(base: &str, kind: &str, path: &str) -> Json {
    json!({ "uri": format!("{base}/odata/v2/{kind}('{path}')"), "type": format!("SFOData.{kind}") })
}

fn entity(base: &str, set: Set, view: &View, email_filterable: bool) -> Json {
    let table = set.table();
    let properties = table.properties.iter().filter(|property| view.has_field(set, property.name)).map(|property| {
        let flags = property.flags;
        let email = email_filterable && set == Set::User && property.name == "email";
        json!({
            "__metadata": metadata(base, "EntityProperty", &format!("{}/{}", table.name, property.name)),
            "path": format!("{}/{}", table.name, property.name),
            "name": property.name,
            "type": property.edm.name(),
            "label": property.label(),
            "maxLength": (property.max_length > 0).then_some(property.max_length),
            "key": table.keys.contains(&property.name),
            "nullable": flags.nullable(),
            "required": flags.required(),
            "creatable": flags.creatable(),
            "updatable": flags.updatable(),
            "upsertable": flags.upsertable(),
            "visible": flags.visible(),
            "sortable": flags.sortable(),
            "filterable": flags.filterable() || email,
            "picklist": property.picklist,
        })
    });
    let navigations = table
        .navigations
        .iter()
        .filter(|navigation| view.has_field(set, navigation.name) && view.has_set(navigation.target));
    let navigations = navigations.map(|navigation| {
        json!({
            "__metadata": metadata(base, "EntityNavigation", &format!("{}/{}", table.name, navigation.name)),
            "path": format!("{}/{}", table.name, navigation.name),
            "name": navigation.name,
            "toEntity": navigation.target.table().name,
            "multiplicity": if navigation.many { "*" } else { "0..1" },
        })
    });
    json!({
        "__metadata": metadata(base, "Entity", table.name),
        "path": table.name,
        "label": table.label,
        "creatable": table.creatable(),
        "updatable": table.updatable(),
        "upsertable": table.upsertable(),
        "deletable": table.deletable(),
        "effectiveDated": set.effective_dated(),
        "properties": { "results": properties.collect::<Vec<_>>() },
        "navigations": { "results": navigations.collect::<Vec<_>>() },
    })
}
