//! Users as SCIM resources.

use jiff::Timestamp;
use joinery_scim::{Resource, urn};
use serde_json::{Value as Json, json};

use super::list::{Page, check, meets};
use super::person::{Someone, everybody, member_id, someone};
use super::query::Options;
use super::refused::Refused;
use super::{Answered, json, object};
use crate::schema::person::per_person;
use crate::schema::user::user::{P, TABLE};
use crate::serve::View;
use crate::serve::asked::Asked;
use crate::serve::turn::Turn;
use crate::world::{Cell, RowId, World};

pub(super) const SUCCESSFACTORS: &str = "urn:ietf:params:scim:schemas:extension:successfactors:2.0:User";
const SAP: &str = "urn:ietf:params:scim:schemas:extension:sap:2.0:User";
const WORKFORCE: &str = "urn:ietf:params:scim:schemas:extension:sap.workforce:2.0:User";
const ODM: &str = "urn:ietf:params:scim:schemas:extension:sap.odm:2.0:User";

/// What users can be filtered on.
const FILTERABLE: [&str; 9] = [
    "id",
    "userName",
    "userType",
    "active",
    "meta.lastModified",
    "urn:ietf:params:scim:schemas:extension:sap:2.0:User:userUuid",
    "urn:ietf:params:scim:schemas:extension:sap:2.0:User:groupDomains",
    "urn:ietf:params:scim:schemas:extension:successfactors:2.0:User:perPersonUuid",
    "urn:ietf:params:scim:schemas:extension:sap.workforce:2.0:User:lastDeactivated",
];

/// `GET /Users`
pub(super) fn list(turn: &Turn<'_>, asked: &Asked) -> Answered {
    page(turn, asked, &Options::of_query(&asked.query)?)
}

/// `POST /Users/.search`
pub(super) fn search(turn: &Turn<'_>, asked: &Asked) -> Answered {
    page(turn, asked, &Options::of_body(&object(asked)?)?)
}

fn page(turn: &Turn<'_>, asked: &Asked, options: &Options) -> Answered {
    if let Some(filter) = &options.filter {
        check(filter, &FILTERABLE)?;
    }
    turn.read(|world| {
        let mut found = everybody(world, &turn.view());
        if options.filter.is_some() {
            found.retain(|one| meets(options.filter.as_ref(), &light(turn, world, one, asked)));
        }
        let ids: Vec<String> = found.iter().map(|one| one.id.clone()).collect();
        let page = Page::of(&ids, options);
        let shown = found.get(page.from..page.to).unwrap_or_default();
        let resources = shown.iter().map(|one| {
            let mut resource = whole(turn, world, one, asked);
            options.project(&mut resource);
            Json::Object(resource)
        });
        Ok(json(200, &page.answer(&resources.collect::<Vec<_>>())))
    })
}

/// `GET /Users/{id}`
pub(super) fn one(turn: &Turn<'_>, asked: &Asked, id: &str) -> Answered {
    let options = Options::of_query(&asked.query)?;
    turn.read(|world| {
        let one = someone(world, &turn.view(), id).ok_or_else(|| Refused::unknown("User", id))?;
        let mut resource = whole(turn, world, &one, asked);
        options.project(&mut resource);
        Ok(json(200, &Json::Object(resource)))
    })
}

/// The resource with the groups that the user is in.
pub(super) fn whole(turn: &Turn<'_>, world: &World, one: &Someone, asked: &Asked) -> Resource {
    let mut resource = light(turn, world, one, asked);
    let view = turn.view();
    let groups: Vec<Json> = world
        .groups_of(one.user, Some("permission"))
        .into_iter()
        .filter(|group| view.sees(world, *group))
        .map(|group| {
            use crate::schema::groups::dynamic_group::P;
            let id = number(world, group, P::groupID as usize);
            json!({
                "value": id,
                "display": text(&view, world, group, P::groupName as usize),
                "$ref": format!("{}{}/Groups/{id}", turn.tenant.public_url, asked.root),
                "type": "direct",
            })
        })
        .collect();
    if !groups.is_empty() {
        resource.insert("groups".to_owned(), Json::from(groups));
    }
    resource
}

/// The resource without groups: all that a filter looks at.
fn light(turn: &Turn<'_>, world: &World, one: &Someone, asked: &Asked) -> Resource {
    let view = turn.view();
    let of = |property: P| text(&view, world, one.user, property as usize);
    let location = format!("{}{}/Users/{}", turn.tenant.public_url, asked.root, one.id);
    let status = of(P::status);
    let status = status.as_str().unwrap_or_default();
    let mut meta = json!({"resourceType": "User", "location": location, "version": "2.0.0"});
    if let Some(modified) = instant(world, one.user, P::lastModifiedDateTime as usize) {
        meta["lastModified"] = modified.into();
    }
    let created = one.person.and_then(|row| instant(world, row, per_person::P::createdDateTime as usize));
    if let Some(created) = created {
        meta["created"] = created.into();
    }
    let person =
        |property: per_person::P| one.person.map_or(Json::Null, |row| text(&view, world, row, property as usize));
    let locale = of(P::defaultLocale).as_str().map(|locale| locale.replace('_', "-"));
    let mail = of(P::email);
    let phones = [("work", P::businessPhone), ("mobile", P::cellPhone)].map(|(kind, property)| (kind, of(property)));
    let phones = phones.into_iter().filter(|(_, number)| !number.is_null());
    let phones: Vec<Json> =
        phones.map(|(kind, number)| json!({"type": kind, "value": number, "primary": kind == "work"})).collect();
    let active = matches!(status, "t" | "T" | "e");
    let body = json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER, SUCCESSFACTORS, SAP, WORKFORCE, ODM],
        "id": one.id,
        "externalId": of(P::userId),
        "userName": of(P::username),
        "name": {
            "givenName": of(P::firstName),
            "familyName": of(P::lastName),
            "middleName": of(P::mi),
            "formatted": of(P::defaultFullName),
        },
        "displayName": of(P::defaultFullName),
        "nickName": of(P::nickname),
        "title": of(P::title),
        "userType": if matches!(status, "e" | "d") { "ONBOARDEE" } else { "EMPLOYEE" },
        "preferredLanguage": locale.clone(),
        "locale": locale,
        "timezone": of(P::timeZone),
        "active": active,
        "emails": if mail.is_null() { Json::Null } else { json!([{"value": mail, "type": "work", "primary": true}]) },
        "phoneNumbers": if phones.is_empty() { Json::Null } else { Json::from(phones) },
        "meta": meta,
        urn::ENTERPRISE_USER: {
            "employeeNumber": of(P::empId),
            "department": of(P::department),
            "division": of(P::division),
            "manager": manager(turn, world, one.user, asked),
        },
        SUCCESSFACTORS: {
            "perPersonUuid": person(per_person::P::perPersonUuid),
            "personIdExternal": person(per_person::P::personIdExternal),
            "loginMethod": "PWD",
            "customFields": customs(&view, world, one.user),
        },
        SAP: {"userUuid": one.id, "sourceSystem": "SFSF"},
        WORKFORCE: {"lastDeactivated": if active { Json::Null } else { deactivated(world, one.user) }},
        ODM: {"workforcePersonId": person(per_person::P::personIdExternal)},
    });
    match without_nulls(body) {
        Json::Object(resource) => resource,
        _ => Resource::new(),
    }
}

/// When a user that is off was changed last: nothing else says when it was switched off.
fn deactivated(world: &World, user: RowId) -> Json {
    instant(world, user, P::lastModifiedDateTime as usize).map_or(Json::Null, Json::from)
}

fn manager(turn: &Turn<'_>, world: &World, user: RowId, asked: &Asked) -> Json {
    let Some(navigation) = TABLE.navigation("manager") else { return Json::Null };
    let as_of = crate::world::AsOf::Day(world.today());
    let crate::world::Related::One(Some(manager)) = world.related(user, navigation, as_of) else { return Json::Null };
    let Some(id) = member_id(world, manager).filter(|_| turn.view().sees(world, manager)) else { return Json::Null };
    json!({
        "$ref": format!("{}{}/Users/{id}", turn.tenant.public_url, asked.root),
        "value": id,
        "displayName": text(&turn.view(), world, manager, P::defaultFullName as usize),
    })
}

/// `custom01` to `custom15` as far as they hold something.
fn customs(view: &View, world: &World, user: RowId) -> Json {
    let held =
        TABLE.properties.iter().enumerate().filter(|(_, property)| property.name.starts_with("custom")).filter_map(
            |(at, property)| match view.shown(world, user, at) {
                Cell::Str(value) => Some(json!({"customField": property.name, "value": value})),
                _ => None,
            },
        );
    let held: Vec<Json> = held.collect();
    if held.is_empty() { Json::Null } else { Json::from(held) }
}

/// The value without members that hold nothing (RFC 7643, section 2.5: null and absent are one).
fn without_nulls(value: Json) -> Json {
    match value {
        Json::Object(members) => {
            let kept = members.into_iter().map(|(name, value)| (name, without_nulls(value)));
            let kept: Resource = kept.filter(|(_, value)| !value.is_null()).collect();
            if kept.is_empty() { Json::Null } else { Json::Object(kept) }
        }
        other => other,
    }
}

/// A text as the API user reads it.
pub(super) fn text(view: &View, world: &World, row: RowId, property: usize) -> Json {
    match view.shown(world, row, property) {
        Cell::Str(text) => Json::from(text),
        _ => Json::Null,
    }
}

pub(super) fn number(world: &World, row: RowId, property: usize) -> String {
    match world.cell(row, property) {
        Cell::Int(number) => number.to_string(),
        _ => String::new(),
    }
}

/// An instant as RFC 3339 text, with milliseconds so that texts sort as instants do.
pub(super) fn instant(world: &World, row: RowId, property: usize) -> Option<String> {
    match world.cell(row, property) {
        Cell::Stamp(millis) | Cell::LocalStamp(millis) => {
            let at = Timestamp::from_millisecond(millis).ok()?;
            Some(format!("{at:.3}"))
        }
        _ => None,
    }
}
