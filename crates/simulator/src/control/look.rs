//! Looking at the company: people, one person's whole record, groups, foundation objects.

use serde_json::{Value as Json, json};

use super::answer::Wrong;
use super::row::{date, row, text};
use crate::schema::Set;
use crate::world::{AsOf, PoolShown, Related, RowId, Standing, Summary, World};

/// The largest page of a list.
const LARGEST_PAGE: usize = 200;
const PAGE: usize = 25;

/// Options of a list, as they stand in a query string.
pub(super) struct Listing {
    search: String,
    standing: Option<String>,
    page: usize,
    size: usize,
}

impl Listing {
    /// Unknown options and unreadable numbers say nothing.
    pub(super) fn of(query: &[(String, String)]) -> Self {
        let get = |name| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let number = |name, default: usize| get(name).and_then(|text| text.parse().ok()).unwrap_or(default);
        Self {
            search: get("search").unwrap_or_default().trim().to_lowercase(),
            standing: get("standing").filter(|text| !text.is_empty()).map(str::to_owned),
            page: number("page", 1).max(1),
            size: number("size", PAGE).clamp(1, LARGEST_PAGE),
        }
    }

    /// The page of what is meant, and how many there are.
    fn cut<T>(&self, all: impl Iterator<Item = T>) -> (Vec<T>, usize) {
        let (skip, mut total) = ((self.page - 1).saturating_mul(self.size), 0);
        let mut page = Vec::new();
        for one in all {
            if total >= skip && page.len() < self.size {
                page.push(one);
            }
            total += 1;
        }
        (page, total)
    }
}

fn unknown(what: &str) -> Wrong {
    (axum::http::StatusCode::NOT_FOUND, format!("there is no such {what}"))
}

fn summary_json(world: &World, summary: &Summary<'_>) -> Json {
    let named = |unit: Option<(&str, &str)>| unit.map(|(code, name)| json!({"code": code, "name": name}));
    let manager = summary.manager.and_then(|manager| {
        let person = world.person_row(manager).and_then(|row| world.summary(row));
        let name = person.map(|person| format!("{} {}", person.first_name, person.last_name));
        let name = name.or_else(|| text(world, manager, "displayName"))?;
        Some(json!({"user_id": text(world, manager, "userId"), "name": name}))
    });
    json!({
        "person_id": summary.person_id,
        "user_id": summary.user_id,
        "username": summary.username,
        "name": format!("{} {}", summary.first_name, summary.last_name).trim(),
        "first_name": summary.first_name,
        "last_name": summary.last_name,
        "email": summary.email,
        "standing": summary.standing.name(),
        "start": summary.start.map(date),
        "end": summary.end.map(date),
        "title": summary.title,
        "department": named(summary.department),
        "location": named(summary.location),
        "manager": manager,
        "employments": summary.employments,
    })
}

fn meets(summary: &Summary<'_>, search: &str) -> bool {
    let name = format!("{} {}", summary.first_name, summary.last_name);
    let texts = [Some(summary.person_id), summary.user_id, summary.username, summary.email, Some(&name)];
    search.is_empty() || texts.into_iter().flatten().any(|text| text.to_lowercase().contains(search))
}

/// `GET /control/people`.
pub(super) fn people(world: &World, listing: &Listing) -> Result<Json, Wrong> {
    if let Some(standing) = &listing.standing
        && !Standing::ALL.iter().any(|known| known.name() == standing)
    {
        let names = Standing::ALL.map(Standing::name).join(", ");
        return Err(super::answer::wrong(format!("\"standing\" is one of {names}")));
    }
    let rows = world.rows(Set::PerPerson, AsOf::Day(world.today()));
    let meant = rows.filter_map(|row| world.summary(row)).filter(|summary| {
        listing.standing.as_deref().is_none_or(|standing| standing == summary.standing.name())
            && meets(summary, &listing.search)
    });
    let (page, total) = listing.cut(meant);
    let people: Vec<Json> = page.iter().map(|summary| summary_json(world, summary)).collect();
    Ok(json!({"total": total, "page": listing.page, "size": listing.size, "people": people}))
}

/// `GET /control/people/{who}`: everything that is stored of a person.
pub(super) fn person(world: &World, who: &str) -> Result<Json, Wrong> {
    let found = world.person_named(who).ok_or_else(|| unknown("person"))?;
    let summary = world.summary(found).ok_or_else(|| unknown("person"))?;
    let many = |at: RowId, name: &str| -> Vec<RowId> {
        match at.set().table().navigation(name).map(|navigation| world.related(at, navigation, AsOf::ALL)) {
            Some(Related::Many(rows)) => rows,
            Some(Related::One(one)) => one.into_iter().collect(),
            None => Vec::new(),
        }
    };
    let shown = |rows: Vec<RowId>| rows.into_iter().map(|one| row(world, one)).collect::<Vec<_>>();
    let terminations = world.terminations(found);
    let employments = many(found, "employmentNav").into_iter().map(|employment| {
        let user_id = text(world, employment, "userId");
        let users = many(employment, "userNav");
        let ending = terminations.iter().filter(|one| text(world, **one, "userId") == user_id);
        let groups = users.iter().flat_map(|user| world.groups_of(*user, None)).filter_map(|group| {
            let group = world.group_shown(group)?;
            Some(json!({"id": group.id, "name": group.name, "type": group.kind}))
        });
        let reports = users.iter().flat_map(|user| many(*user, "directReports")).filter_map(|user| {
            let person = world.summary(world.person_row(user)?)?;
            let name = format!("{} {}", person.first_name, person.last_name);
            Some(json!({"person_id": person.person_id, "name": name, "title": person.title}))
        });
        json!({
            "user_id": user_id,
            "employment": row(world, employment),
            "jobs": shown(many(employment, "jobInfoNav")),
            "pay": shown(many(employment, "compInfoNav")),
            "relationships": shown(many(employment, "empJobRelationshipNav")),
            "assignment": shown(many(employment, "empGlobalAssignmentNav")),
            "termination": ending.map(|one| row(world, *one)).collect::<Vec<_>>(),
            "groups": groups.collect::<Vec<_>>(),
            "reports": reports.collect::<Vec<_>>(),
            "user": shown(users),
        })
    });
    Ok(json!({
        "summary": summary_json(world, &summary),
        "person": row(world, found),
        "names": shown(many(found, "personalInfoNav")),
        "emails": shown(many(found, "emailNav")),
        "phones": shown(many(found, "phoneNav")),
        "addresses": shown(many(found, "homeAddressNavDEFLT")),
        "national_ids": shown(many(found, "nationalIdNav")),
        "employments": employments.collect::<Vec<_>>(),
    }))
}

fn group_json(group: &crate::world::GroupShown<'_>) -> Json {
    let pools = |pools: &[PoolShown<'_>]| {
        pools.iter().map(|pool| json!({"id": pool.id, "conditions": pool.conditions})).collect::<Vec<_>>()
    };
    json!({
        "id": group.id,
        "name": group.name,
        "type": group.kind,
        "membership": group.membership,
        "of_the_system": group.of_the_system,
        "members": group.members,
        "active": group.active,
        "include": pools(&group.include),
        "exclude": pools(&group.exclude),
    })
}

/// `GET /control/groups`.
pub(super) fn groups(world: &World, listing: &Listing) -> Json {
    let rows = world.rows(Set::DynamicGroup, AsOf::Day(world.today())).filter_map(|row| world.group_shown(row));
    let (page, total) = listing.cut(rows.filter(|group| group.name.to_lowercase().contains(&listing.search)));
    let groups: Vec<Json> = page.iter().map(group_json).collect();
    json!({"total": total, "page": listing.page, "size": listing.size, "groups": groups})
}

/// `GET /control/groups/{id}`: its pools, and who is in it today.
pub(super) fn group(world: &World, id: &str, listing: &Listing) -> Result<Json, Wrong> {
    let row = id.parse().ok().and_then(|id| world.group_by_id(id)).ok_or_else(|| unknown("group"))?;
    let shown = world.group_shown(row).ok_or_else(|| unknown("group"))?;
    let member = |user: RowId| {
        let person = world.person_row(user).and_then(|row| world.summary(row));
        let name = person.as_ref().map(|person| format!("{} {}", person.first_name, person.last_name));
        json!({
            "user_id": text(world, user, "userId"),
            "username": text(world, user, "username"),
            "status": text(world, user, "status"),
            "name": name.or_else(|| text(world, user, "displayName")),
            "person_id": person.as_ref().map(|person| person.person_id),
            "title": person.as_ref().and_then(|person| person.title),
            "department": person.as_ref().and_then(|person| person.department).map(|(_, name)| name),
        })
    };
    let (page, total) = listing.cut(world.group_members(row, false).into_iter());
    let members: Vec<Json> = page.into_iter().map(member).collect();
    Ok(json!({
        "group": group_json(&shown), "total": total, "page": listing.page, "size": listing.size, "members": members,
    }))
}

/// `GET /control/units`: what people can be moved to, by entity set; codes and today's names.
pub(super) fn units(world: &World) -> Json {
    let today = AsOf::Day(world.today());
    let list = |set: Set| -> Vec<Json> {
        let rows = world.rows(set, today);
        rows.map(|row| json!({"code": text(world, row, "externalCode"), "name": text(world, row, "name")})).collect()
    };
    let sets = [Set::FOCompany, Set::FODepartment, Set::FOLocation];
    sets.iter()
        .map(|set| (set.table().name.to_owned(), Json::from(list(*set))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
