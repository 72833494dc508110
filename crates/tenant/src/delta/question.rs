//! The questions of a delta run: one for each entity set that is read, keys only.

use std::sync::Arc;

use jiff::civil::{Date, date};
use joinery_odata::{Expr, Field, Paging, Query};

use super::window::Window;
use crate::catalogue::{Catalogue, EntitySet, Regime};
use crate::query::Plan;
use crate::read::{ReadSettings, status_stated};
use crate::row::{Kind, Member, Shape, What};

/// Every slice there ever was or will be. Without a range only today's slices are looked at, and somebody who is yet to
/// start has none.
const EVER: (Date, Date) = (date(1900, 1, 1), date(9999, 12, 31));

/// The most rows that a tenant gives on a page.
const PAGE: u32 = 1000;

/// What the rows of an answer say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Yields {
    /// A person's key.
    Person,
    /// An employment's `userId`, perhaps with its person's key under `employmentNav`.
    Employment,
    /// A shared object's key, in this property.
    Shared(Arc<str>),
}

/// One question.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The entity set.
    pub(crate) set: Arc<str>,
    /// The path and query of its first page.
    pub(crate) path: String,
    /// What is read of the answer.
    pub(crate) shape: Arc<Shape>,
    /// What it says.
    pub(crate) yields: Yields,
}

/// The questions of a delta run over what `plan` reads.
pub(crate) fn questions(catalogue: &Catalogue, plan: &Plan, window: &Window, settings: &ReadSettings) -> Vec<Question> {
    let parts = plan.parts.keys().filter_map(|name| {
        let set = catalogue.set(name)?;
        let yields = if set.properties.contains_key("personIdExternal") {
            Yields::Person
        } else if set.properties.contains_key("userId") {
            Yields::Employment
        } else {
            return None;
        };
        question(set, yields, window, settings)
    });
    let shared = plan.shared.iter().filter_map(|name| {
        let set = catalogue.set(name)?;
        question(set, Yields::Shared(set.business_key()?.clone()), window, settings)
    });
    parts.chain(shared).collect()
}

fn question(set: &EntitySet, yields: Yields, window: &Window, settings: &ReadSettings) -> Option<Question> {
    let mut query = Query::new().json().page_size(PAGE).filter(condition(set, window, settings)?);
    if &*set.name == "User" {
        query = query.filter(status_stated());
    }
    if set.regime() == Regime::Snapshot {
        query = query.paging(Paging::Snapshot);
    }
    if set.slice_start().is_some() {
        query = query.between(EVER.0, EVER.1);
    }
    let (mut members, mut select) = (Vec::new(), Vec::new());
    let mut read = |name: &Arc<str>| {
        select.push(name.to_string());
        let kind = set.properties.get(name).map_or(Kind::Text, |property| property.kind);
        members.push(member(name, What::Property(kind)));
    };
    match &yields {
        Yields::Person => read(&"personIdExternal".into()),
        Yields::Employment => read(&"userId".into()),
        Yields::Shared(key) => read(key),
    }
    if yields == Yields::Employment && set.navigations.contains_key("employmentNav") {
        select.push("employmentNav/personIdExternal".to_owned());
        query = query.expand(["employmentNav"]);
        let key = member(&"personIdExternal".into(), What::Property(Kind::Text));
        let employment = Shape::new("EmpEmployment".into(), vec![key]);
        members.push(member(&"employmentNav".into(), What::Navigation(Arc::new(employment))));
    }
    let path = format!("odata/v2/{}?{}", set.name, query.select(select));
    Some(Question { set: set.name.clone(), path, shape: Arc::new(Shape::new(set.name.clone(), members)), yields })
}

/// Changed or due. `None` when the set cannot be asked for either.
fn condition(set: &EntitySet, window: &Window, settings: &ReadSettings) -> Option<Expr> {
    let changed = ["lastModifiedDateTime", "lastModifiedWithTZ"]
        .into_iter()
        .find(|name| set.filters_by(name))
        .map(|name| window.changed(Field::new(name)));
    let is_employment = &*set.name == "EmpEmployment";
    let mut due = Vec::new();
    if is_employment || set.slice_start().is_some() {
        let start = set.slice_start().map_or("startDate", |name| name);
        if let (true, Ok(start)) = (set.filters_by(start), Field::parse(start)) {
            due.push(window.begins(start.clone(), 0));
            if is_employment && settings.lead_days > 0 {
                due.push(window.begins(start, settings.lead_days));
            }
        }
        if set.filters_by("endDate") {
            let late: &[u16] = if is_employment { &settings.leaver_days } else { &[] };
            let mut days: Vec<u16> = std::iter::once(0).chain(late.iter().copied()).collect();
            days.sort_unstable();
            days.dedup();
            due.extend(days.into_iter().map(|late| window.ends(Field::new("endDate"), late)));
        }
    }
    Expr::any(changed.into_iter().chain(due.into_iter().flatten()))
}

fn member(name: &Arc<str>, what: What) -> Member {
    Member { name: name.clone(), wanted: true, what, refers: None }
}
