//! The probe: sign-in, then each entity set that is read, then each of its fields.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use joinery_model::{Ask, Failure, Finding, FindingKind};
use joinery_odata::{Page, Query, Selection, Tree, read_selected};

use super::clock;
use super::permission::fields_of;
use super::sight::{Look, findings};
use crate::catalogue::{Catalogue, Catalogues, Ready};
use crate::picklists::Picklists;
use crate::query::{Missing, Plan, Refused, set_of};
use crate::read::{Get, refused_members, status_stated};
use crate::row::{Kind, Shape, What};

/// How failures name the setting that says which version of OData is spoken.
const V4_SETTING: &str = ".api_version: ";

/// Rows that a sample has.
const SAMPLE: u64 = 50;

/// A set is asked again without what it refused; each refusal may name one field only.
const MOST_REFUSALS: usize = 40;

/// Looks whether everything that `ask` needs can be read. What works is one finding each; what does not names exactly
/// what is missing, once: where a set cannot be seen, what lies behind it is not looked at.
pub(crate) async fn probe<G: Get>(get: &G, ask: &Ask, zone: &TimeZone) -> Vec<Finding> {
    match probed(get, ask, zone).await {
        Ok(findings) => findings,
        Err((subject, failure)) => vec![finding(FindingKind::Problem, subject, failure.message)],
    }
}

async fn probed<G: Get>(get: &G, ask: &Ask, zone: &TimeZone) -> Result<Vec<Finding>, (&'static str, Failure)> {
    // That a tenant serves nothing over v4 is no trouble with the sign-in.
    let subject =
        |failure: &Failure| if get.is_v4() && failure.message.contains(V4_SETTING) { "api_version" } else { "sign-in" };
    let first = get
        .get("odata/v2/User?$format=json&$select=userId&$top=1")
        .await
        .map_err(|failure| (subject(&failure), failure))?;
    if matches!(first.status.as_u16(), 401 | 403) && first.error().code.starts_with("LGN") {
        first.ok().map_err(|failure| ("sign-in", failure))?;
    }
    // What is looked at is the tenant, not what an earlier run kept of it.
    get.forget_metadata();
    let catalogues = Catalogues::default();
    let Ready { catalogue, .. } =
        catalogues.ready(get, ask.root, &ask.needs).await.map_err(|failure| ("$metadata", failure))?;
    let mut looks = vec![Look::Told(finding(FindingKind::Good, "sign-in", "the tenant lets the API user in"))];
    let Some(plan) = Plan::new(&catalogue, ask.root, &ask.needs, &Refused::new()) else {
        looks.push(Look::Hidden(set_of(ask.root).into()));
        return Ok(findings(looks));
    };
    for missing in &plan.missing {
        looks.push(match missing.set_behind() {
            Some(set) => Look::Hidden(set.into()),
            None => Look::Told(absent(missing)),
        });
    }
    for (set, fields) in by_set(&plan.shape) {
        looks.extend(set_probed(get, &catalogue, &plan, &set, fields).await.map_err(|failure| ("a sample", failure))?);
    }
    // By that clock nothing is judged; it matters to whoever reads its stamps, or has set it.
    if reads_stamps(&plan.shape) || *zone != TimeZone::UTC {
        let judged = clock::judged(get, zone).await.map_err(|failure| ("server_zone", failure))?;
        looks.extend(judged.map(Look::Told));
    }
    let picklists = Picklists::default();
    for name in &plan.picklists {
        let opened = picklists.open(get, &[name.clone()].into()).await.map_err(|failure| ("a picklist", failure))?;
        looks.push(match opened.book.count(name) {
            None => Look::Hidden("Picklist".into()),
            Some(options) => {
                let message = format!("readable; {options} options give codes and labels");
                Look::Told(finding(FindingKind::Good, format!("picklist {name}"), message))
            }
        });
    }
    Ok(findings(looks))
}

fn reads_stamps(shape: &Shape) -> bool {
    shape.members().iter().any(|member| match &member.what {
        What::Property(kind) => *kind == Kind::Stamp && member.wanted,
        What::Navigation(inner) => reads_stamps(inner),
        What::Option(_) | What::Label(_) => false,
    })
}

/// Every set that is read, with the properties that are read of it.
fn by_set(shape: &Shape) -> BTreeMap<Arc<str>, BTreeSet<Arc<str>>> {
    fn walk(shape: &Shape, into: &mut BTreeMap<Arc<str>, BTreeSet<Arc<str>>>) {
        for member in shape.members() {
            match &member.what {
                What::Property(_) => {
                    into.entry(shape.entity.clone()).or_default().insert(member.name.clone());
                }
                What::Navigation(inner) => walk(inner, into),
                What::Option(_) | What::Label(_) => {}
            }
        }
    }
    let mut sets = BTreeMap::new();
    walk(shape, &mut sets);
    sets
}

/// Reads a sample of one set by itself.
async fn set_probed<G: Get>(
    get: &G,
    catalogue: &Catalogue,
    plan: &Plan,
    set: &Arc<str>,
    mut fields: BTreeSet<Arc<str>>,
) -> Result<Vec<Look>, Failure> {
    let mut looks = Vec::new();
    for _ in 0..MOST_REFUSALS {
        let mut query = Query::new().json().select(fields.iter().map(ToString::to_string)).top(SAMPLE);
        if &**set == "User" {
            query = query.filter(status_stated());
        }
        let response = get.get(&format!("odata/v2/{set}?{query}")).await?;
        if !response.status.is_success() {
            let refused: Vec<Arc<str>> = refused_members(&response, plan)
                .into_iter()
                .filter(|(of, name)| of == set && fields.contains(name))
                .map(|(_, name)| name)
                .collect();
            if !refused.is_empty() {
                for name in refused {
                    looks.push(Look::Told(hidden_field(set, &name)));
                    fields.remove(&name);
                }
                if !fields.is_empty() {
                    continue;
                }
                return Ok(looks);
            }
            let found = match (response.status.as_u16(), response.error().code.as_str()) {
                (403 | 404, _) | (_, "COE_GENERAL_FORBIDDEN" | "COE_ENTITY_NOT_FOUND") => Look::Hidden(set.clone()),
                // Some sets can be read through others only ("Results List Not Supported").
                (400, _) => Look::Told(finding(FindingKind::Good, &**set, "is read through other sets only")),
                _ => return response.ok().map(|_| looks),
            };
            looks.push(found);
            return Ok(looks);
        }
        looks.extend(sample_judged(set, &fields, &response.bytes));
        if looks.iter().all(Look::is_good) {
            let all = catalogue.set(set).map_or(0, |set| set.properties.len());
            let seen = match fields.len() {
                1 => format!("readable; 1 of its {all} fields is read"),
                read => format!("readable; {read} of its {all} fields are read"),
            };
            looks.push(Look::Told(finding(FindingKind::Good, &**set, seen)));
        }
        return Ok(looks);
    }
    Ok(looks)
}

/// What a sample shows: no row at all, or a field that no row has.
fn sample_judged(set: &Arc<str>, fields: &BTreeSet<Arc<str>>, bytes: &[u8]) -> Vec<Look> {
    let Ok(page) = Page::parse(bytes) else {
        return vec![Look::Told(finding(FindingKind::Problem, &**set, "its answer cannot be read"))];
    };
    let selection = Selection::of(fields.iter());
    let rows: Vec<Tree<'_>> =
        page.entities.iter().filter_map(|entity| read_selected(entity, &selection).ok()).collect();
    if rows.is_empty() {
        return vec![Look::Empty(set.clone())];
    }
    let given = |field: &str| rows.iter().any(|row| row.get(field).is_some());
    fields.iter().filter(|field| !given(field)).map(|field| Look::Told(hidden_field(set, field))).collect()
}

fn absent(missing: &Missing) -> Finding {
    let subject = format!("{}.{}", missing.set, missing.name);
    finding(
        FindingKind::Problem,
        subject,
        format!(
            "not in the tenant's metadata; check the spelling, or grant the API user's role the field (Manage Permission \
             Roles, {}) and refresh the metadata",
            fields_of(&missing.set)
        ),
    )
}

fn hidden_field(set: &str, name: &str) -> Finding {
    let message = format!(
        "the API user may not see this field; grant it to the role: Manage Permission Roles, {}",
        fields_of(set)
    );
    finding(FindingKind::Problem, format!("{set}.{name}"), message)
}

pub(super) fn finding(kind: FindingKind, subject: impl Into<String>, message: impl Into<String>) -> Finding {
    Finding { kind, subject: subject.into(), message: message.into() }
}
