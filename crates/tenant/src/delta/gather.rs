//! The questions are asked, their answers put together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use joinery_model::{Failure, Key, Ref, Retry, Value};
use joinery_odata::{Field, Query};

use super::question::{Question, Yields};
use crate::read::{At, Get, batches};
use crate::row::{Kind, Member, Reading, Shape, What};

/// Questions under way at once; the transport paces them.
const AT_ONCE: usize = 4;

/// Whom a delta run reads.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// Who changed or is due, in order.
    pub(crate) people: Vec<Key>,
    /// What was touched.
    pub(crate) touched: BTreeSet<Ref>,
    /// Requests that it cost.
    pub(crate) requests: u32,
    /// Shared sets that the tenant refuses to list, with the reason.
    pub(crate) refused: Vec<(Arc<str>, String)>,
}

/// Asks every question.
///
/// # Errors
/// When one about parts of persons is refused: changes would be lost. One about shared objects is only noted.
pub(crate) async fn gather<G: Get>(get: &G, questions: Vec<Question>, zone: &TimeZone) -> Result<Gathered, Failure> {
    let answers: Vec<(Question, Answer)> = stream::iter(questions)
        .map(|question| async move {
            let answer = ask(get, &question, zone).await?;
            Ok::<_, Failure>((question, answer))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut gathered = Gathered::default();
    let mut people = BTreeSet::new();
    let mut employments: BTreeMap<Arc<str>, Option<Key>> = BTreeMap::new();
    for (question, answer) in answers {
        gathered.requests += answer.requests;
        if let Some(why) = answer.refused {
            gathered.refused.push((question.set.clone(), why));
        }
        for value in answer.rows {
            match &question.yields {
                Yields::Person => people.extend(text(&value, "personIdExternal").map(Key::new)),
                Yields::Employment => {
                    let person = value.get("employmentNav").and_then(|nav| text(nav, "personIdExternal")).map(Key::new);
                    if let Some(user) = text(&value, "userId") {
                        let known = employments.entry(user).or_default();
                        *known = person.or_else(|| known.take());
                    }
                }
                Yields::Shared(key) => {
                    gathered.touched.extend(text(&value, key).map(|id| Ref { kind: question.set.clone(), id }));
                }
            }
        }
    }
    let mut nameless = Vec::new();
    for (user, person) in employments {
        match person {
            Some(person) => drop(people.insert(person)),
            None => nameless.push(Key::new(user)),
        }
    }
    for batch in batches(&nameless, 200) {
        let (found, requests) = people_of(get, batch, zone).await?;
        gathered.requests += requests;
        people.extend(found);
    }
    gathered.people = people.into_iter().collect();
    Ok(gathered)
}

#[derive(Default)]
struct Answer {
    rows: Vec<Value>,
    requests: u32,
    refused: Option<String>,
}

/// All pages of one question; once more from the start when the tenant loses the place.
async fn ask<G: Get>(get: &G, question: &Question, zone: &TimeZone) -> Result<Answer, Failure> {
    let mut spent = 0;
    for last_try in [false, true] {
        let mut answer = Answer::default();
        match pages(get, question, zone, &mut answer).await {
            Ok(()) => {
                answer.requests += spent;
                return Ok(answer);
            }
            Err(failure) if failure.retry() == Retry::Restart && !last_try => spent += answer.requests,
            Err(failure) if failure.retry() == Retry::No && matches!(question.yields, Yields::Shared(_)) => {
                return Ok(Answer {
                    requests: spent + answer.requests,
                    refused: Some(failure.message),
                    ..Answer::default()
                });
            }
            Err(failure) => {
                let message = format!("{}: its changes cannot be asked for: {}", question.set, failure.message);
                return Err(Failure { message, ..failure });
            }
        }
    }
    Err(Failure::restart(format!(
        "{}: the tenant lost the place of its changes twice; the walk restarts",
        question.set
    )))
}

async fn pages<G: Get>(get: &G, question: &Question, zone: &TimeZone, answer: &mut Answer) -> Result<(), Failure> {
    let mut path = question.path.clone();
    let reading = Reading::new(question.shape.clone(), zone.clone());
    loop {
        answer.requests += 1;
        let response = get.get(&path).await?.ok()?;
        let next = reading.page(&response.bytes, |entity| answer.rows.push(entity.value)).map_err(|error| {
            let what = format!("{}: the tenant's answer cannot be read as a page", question.set);
            Failure::later(what, None).because(error)
        })?;
        match next.map(|url| At::link(&url)) {
            Some(At::Link(next)) => path = next,
            _ => return Ok(()),
        }
    }
}

/// The people and first days of the employments that `query` finds, and the requests that it cost.
pub(crate) async fn first_days<G: Get>(
    get: &G,
    query: &Query,
    zone: &TimeZone,
) -> Result<(Vec<(Key, Date)>, u32), Failure> {
    let member =
        |name: &str, kind| Member { name: name.into(), wanted: true, what: What::Property(kind), refers: None };
    let members = vec![member("personIdExternal", Kind::Text), member("startDate", Kind::Date)];
    let question = Question {
        set: "EmpEmployment".into(),
        path: format!("odata/v2/EmpEmployment?{query}"),
        shape: Arc::new(Shape::new("EmpEmployment".into(), members)),
        yields: Yields::Person,
    };
    let answer = ask(get, &question, zone).await?;
    let found = answer.rows.iter().filter_map(|row| {
        Some((text(row, "personIdExternal").map(Key::new)?, row.get("startDate").and_then(Value::as_date)?))
    });
    Ok((found.collect(), answer.requests))
}

/// The people whose employments these are, for tenants that do not lead from a segment to its employment.
async fn people_of<G: Get>(get: &G, users: &[Key], zone: &TimeZone) -> Result<(Vec<Key>, u32), Failure> {
    let query = Query::new()
        .json()
        .filter(Field::new("userId").is_in(users.iter().map(Key::as_str)))
        .select(["personIdExternal", "userId"]);
    let name: Arc<str> = "personIdExternal".into();
    let member = Member { name, wanted: true, what: What::Property(Kind::Text), refers: None };
    let question = Question {
        set: "EmpEmployment".into(),
        path: format!("odata/v2/EmpEmployment?{query}"),
        shape: Arc::new(Shape::new("EmpEmployment".into(), vec![member])),
        yields: Yields::Person,
    };
    let answer = ask(get, &question, zone).await?;
    let people = answer.rows.iter().filter_map(|row| text(row, "personIdExternal").map(Key::new)).collect();
    Ok((people, answer.requests))
}

fn text(value: &Value, name: &str) -> Option<Arc<str>> {
    match value.get(name) {
        Some(Value::Text(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Decimal(text)) => Some(text.clone()),
        Some(Value::Int(number)) => Some(number.to_string().into()),
        _ => None,
    }
}
