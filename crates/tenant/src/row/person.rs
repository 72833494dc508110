//! A person of Employee Central becomes a row.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use joinery_model::{EmploymentPolicy, Key, Needs, Object, Path, Ref, Root, Row, Seen, Standing, StandingKind, Value};

use super::parts::{DatedValue, date, last_day, list, prune, take, text};
use super::read::{Entity, Reading};
use super::refs::collect;
use super::shape::{Shape, What};
use super::unsaid::unsaid;
use super::{EMPLOYMENT, EMPLOYMENTS, JOB, PERSONAL};
use crate::employment::{Employment, Slice, judge, nearest};

/// What rows of one walk are made with.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What is read.
    pub shape: Arc<Shape>,
    /// How pages are read.
    pub reading: Reading,
    /// Which employment counts.
    pub policy: Arc<EmploymentPolicy>,
    /// The day that is judged, in the policy's zone.
    pub today: Date,
    /// Do the mappings look at all employments?
    pub all_employments: bool,
    /// What mappings read.
    pub needs: Arc<Needs>,
    /// What of it this tenant does not have or refuses, as slashes from the root.
    pub lost: Arc<BTreeSet<String>>,
}

impl Frame {
    /// What a row does not say, of which `lost` did not come.
    pub(super) fn unsaid(&self, root: Root, mut lost: BTreeSet<String>) -> Vec<Path> {
        if lost.is_empty() {
            return unsaid(root, &self.needs, &self.lost);
        }
        lost.extend(self.lost.iter().cloned());
        unsaid(root, &self.needs, &lost)
    }
}

/// A row, and what is still missing from it.
#[derive(Debug)]
pub struct Judged {
    /// The row.
    pub row: Row,
    /// The first day of somebody who is yet to start and of whom that day's data must be asked for: an answer for
    /// today does not hold it.
    pub ask_again_for: Option<Date>,
}

/// Judges an entity of PerPerson.
///
/// # Errors
/// The [`Seen::Unreadable`] that says why it cannot be judged, without personal data.
pub fn person(entity: Entity, frame: &Frame) -> Result<Judged, Box<Seen>> {
    let key = text(&entity.value, "personIdExternal").map(Key::new);
    let unreadable = |why: String| Box::new(Seen::Unreadable(key.clone(), why));
    if let Some(wrong) = entity.wrong {
        return Err(unreadable(wrong));
    }
    let lost = entity.lost;
    let Value::Object(mut members) = entity.value else {
        return Err(unreadable("the tenant gave no person where one was to be".to_owned()));
    };
    let Some(key) = &key else {
        return Err(unreadable("PerPerson.personIdExternal is empty".to_owned()));
    };
    let seen = match take(&mut members, EMPLOYMENT) {
        Some(employments) => list(employments),
        None if frame.policy.assume_active && frame.shape.navigation(EMPLOYMENT).is_none() => {
            return Ok(without_employments(key, members, frame, lost));
        }
        None => {
            return Err(unreadable(
                "PerPerson.employmentNav was asked for and did not come; grant the API user \"Employee Central HRIS \
                 OData API (read-only)\""
                    .to_owned(),
            ));
        }
    };
    if seen.is_empty() && hides_employments(&members) {
        return Err(unreadable(
            "the person has an active employment that the API user may not see; extend its target population to this \
             person"
                .to_owned(),
        ));
    }
    let facts: Vec<Employment> = seen.iter().map(facts_of).collect();
    if let Some(fact) = seen.iter().find_map(|employment| hidden_fact(&frame.shape, employment)) {
        return Err(unreadable(format!(
            "{fact} was asked for and did not come, and without it nobody can say who works here; grant the API user's \
             role the field for this person's population"
        )));
    }
    let judgement = judge(&frame.policy, frame.today, &facts);
    let mut aliases: Vec<String> =
        facts.iter().filter(|one| !one.user_id.is_empty()).map(|one| one.user_id.to_string()).collect();
    aliases.sort_unstable();
    aliases.dedup();
    let wants_job = frame.shape.navigation(EMPLOYMENT).is_some_and(|shape| shape.navigation(JOB).is_some());
    let works = matches!(judgement.standing.kind, StandingKind::Active | StandingKind::OnLeave);
    if wants_job && works && judgement.chosen.is_some_and(|at| facts[at].slices.is_empty()) {
        return Err(unreadable(
            "an employment that is under way shows no job information; grant the API user's role \"Job Information\" \
             for this person's population"
                .to_owned(),
        ));
    }
    let shows_job = judgement.chosen.is_some_and(|at| {
        judgement.slices[at]
            .is_some_and(|slice| facts[at].slices[slice].start.is_none_or(|start| start <= judgement.shown_on))
    });
    let mut shown: Vec<Value> =
        seen.into_iter().zip(&judgement.slices).map(|(employment, slice)| with_slice(employment, *slice)).collect();
    let chosen = judgement.chosen.map_or(Value::Null, |at| {
        if frame.all_employments { shown[at].clone() } else { std::mem::take(&mut shown[at]) }
    });
    members.push((EMPLOYMENT.into(), chosen));
    let has_name = settle_personal(&mut members, judgement.shown_on);
    let wants_name = frame.shape.navigation(PERSONAL).is_some();
    if works && members.iter().any(|(name, value)| &**name == PERSONAL && value.is_null()) {
        return Err(unreadable(
            "somebody who works here shows no personal information; grant the API user's role \"Personal \
             Information\" for this person's population"
                .to_owned(),
        ));
    }
    let future = judgement.standing.kind == StandingKind::Future;
    let all = frame.all_employments.then(|| {
        shown.sort_by_key(|employment| text(employment, "userId"));
        Value::List(shown)
    });
    Ok(Judged {
        row: Row {
            unsaid: frame.unsaid(Root::Persons, lost),
            ..finish(key, aliases, members, all, judgement.standing, frame)
        },
        ask_again_for: (future && ((wants_job && !shows_job) || (wants_name && !has_name)))
            .then_some(judgement.standing.start)
            .flatten(),
    })
}

/// A tenant that shows no employments tells nothing about who left: the operator said that everybody it lists is there.
fn without_employments(key: &Key, mut members: Object, frame: &Frame, lost: BTreeSet<String>) -> Judged {
    settle_personal(&mut members, frame.today);
    let row = finish(key, Vec::new(), members, None, Standing::active(), frame);
    Judged { row: Row { unsaid: frame.unsaid(Root::Persons, lost), ..row }, ask_again_for: None }
}

fn finish(
    key: &Key,
    aliases: Vec<String>,
    mut members: Object,
    all: Option<Value>,
    standing: Standing,
    frame: &Frame,
) -> Row {
    primary_first(&frame.shape, &mut members);
    let mut data = Value::Object(members);
    let mut refs = BTreeSet::<Ref>::new();
    collect(&frame.shape, &data, &mut refs);
    let modified = match data.get("lastModifiedDateTime") {
        Some(Value::Instant(instant)) => Some(*instant),
        _ => None,
    };
    prune(&frame.shape, &mut data);
    if let (Some(mut all), Some(shape)) = (all, frame.shape.navigation(EMPLOYMENT)) {
        collect(shape, &all, &mut refs);
        prune(shape, &mut all);
        if let Value::Object(members) = &mut data {
            members.push((EMPLOYMENTS.into(), all));
        }
    }
    Row { key: key.clone(), aliases, data, refs: refs.into_iter().collect(), standing, modified, unsaid: Vec::new() }
}

/// The tenant counts employments that it does not show.
fn hides_employments(members: &Object) -> bool {
    members
        .iter()
        .find(|(name, _)| &**name == "personEmpTerminationInfoNav")
        .and_then(|(_, info)| info.get("activeEmploymentsCount"))
        .is_some_and(|count| matches!(count, Value::Int(count) if *count > 0))
}

/// A fact of the judgement that was asked for and is not in the answer, not even as null.
fn hidden_fact(shape: &Shape, employment: &Value) -> Option<&'static str> {
    let shape = shape.navigation(EMPLOYMENT)?;
    let asked = |name: &str| shape.member(name).is_some() && employment.get(name).is_none();
    let status = |slice: &Value| slice.get("emplStatusNav").is_some() || slice.get("emplStatus").is_some();
    let stateless = match employment.get(JOB) {
        Some(Value::List(slices)) => slices.iter().any(|slice| !status(slice)),
        Some(slice @ Value::Object(_)) => !status(slice),
        _ => false,
    };
    match () {
        () if asked("startDate") => Some("EmpEmployment.startDate"),
        () if stateless => Some("EmpJob.emplStatus"),
        () => None,
    }
}

fn facts_of(employment: &Value) -> Employment {
    let slices = match employment.get(JOB) {
        Some(Value::List(slices)) => slices.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    Employment {
        user_id: text(employment, "userId").unwrap_or_default(),
        start: date(employment, "startDate"),
        end: last_day(employment, "endDate"),
        class: text(employment, "assignmentClass"),
        primary: employment.get("isPrimary").and_then(Value::as_bool).unwrap_or(false),
        slices: slices
            .iter()
            .map(|slice| Slice {
                start: date(slice, "startDate"),
                end: last_day(slice, "endDate"),
                sequence: match slice.get("seqNumber") {
                    Some(Value::Int(number)) => *number,
                    _ => 0,
                },
                status: slice
                    .get("emplStatusNav")
                    .and_then(|option| text(option, "externalCode"))
                    .or_else(|| text(slice, "emplStatus")),
            })
            .collect(),
    }
}

/// The employment with the one slice of job information in place of all.
fn with_slice(employment: Value, slice: Option<usize>) -> Value {
    let Value::Object(mut members) = employment else { return employment };
    if let Some(slices) = take(&mut members, JOB) {
        let slice = slice.and_then(|at| list(slices).into_iter().nth(at)).unwrap_or_default();
        members.push((JOB.into(), slice));
    }
    Value::Object(members)
}

/// Leaves the one slice of PerPersonal that is in force; says whether one that began is there.
fn settle_personal(members: &mut Object, day: Date) -> bool {
    let Some(slices) = take(members, PERSONAL) else { return false };
    let mut slices = list(slices);
    let dated: Vec<_> = slices.iter().map(DatedValue).collect();
    let chosen = nearest(&dated, day);
    let slice = chosen.map(|at| slices.swap_remove(at)).unwrap_or_default();
    let began = !slice.is_null() && date(&slice, "startDate").is_none_or(|start| start <= day);
    members.push((PERSONAL.into(), slice));
    began
}

/// Lists that mark a primary element begin with it; the rest follows in an order that does not depend on the tenant's.
fn primary_first(shape: &Shape, members: &mut Object) {
    for (name, value) in members {
        let Value::List(items) = value else { continue };
        let Some(inner) = shape.navigation(name).filter(|inner| inner.member("isPrimary").is_some()) else { continue };
        // Elements are told apart by their type (`emailType`, `phoneType`, `cardType`).
        let kind = inner
            .members()
            .iter()
            .find(|member| member.name.ends_with("Type") && matches!(member.what, What::Property(_)))
            .map(|member| member.name.clone());
        items.sort_by_cached_key(|item| {
            let primary = item.get("isPrimary").and_then(Value::as_bool).unwrap_or(false);
            (Reverse(primary), kind.as_deref().and_then(|kind| text(item, kind)))
        });
    }
}
