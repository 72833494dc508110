//! Those who are yet to start: an answer for today has no job information of theirs, so they are asked for again, as of
//! their first day. A full walk sets them aside and asks at its end, once for each day instead of once for each page.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::PoisonError;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use joinery_model::{Ask, Failure, Key, Row, Seen, StandingKind};
use joinery_odata::{Field, Literal, Query};

use super::Reader;
use super::prepare::Prepared;
use crate::delta::first_days;
use crate::read::{Get, Parsed, batches};

/// Who was set aside by the walk under way, with what today's answer showed of them.
#[derive(Debug)]
pub(super) struct Starting {
    /// The walk.
    as_of: Timestamp,
    /// Was it read from its first page by this process? Otherwise the end asks the tenant who is yet to start.
    complete: bool,
    waiting: BTreeMap<Date, BTreeMap<Key, Row>>,
}

impl<G: Get> Reader<G> {
    /// The page without those who start within the lead; they come at the walk's end.
    pub(super) fn set_aside(&self, ask: &Ask, prepared: &Prepared, is_first: bool, parsed: Parsed) -> Vec<Seen> {
        let again: HashMap<Key, Date> = self.within_lead(prepared, parsed.again).collect();
        let mut starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if is_first || starting.as_ref().is_none_or(|one| one.as_of != ask.as_of) {
            *starting = Some(Starting { as_of: ask.as_of, complete: is_first, waiting: BTreeMap::new() });
        }
        let Some(starting) = starting.as_mut() else { return parsed.seen };
        let mut seen = Vec::with_capacity(parsed.seen.len());
        for one in parsed.seen {
            match one {
                Seen::Row(row) if again.contains_key(&row.key) => {
                    let day = again[&row.key];
                    starting.waiting.entry(day).or_default().insert(row.key.clone(), row);
                }
                other => seen.push(other),
            }
        }
        seen
    }

    /// At the end of a walk: everybody who was set aside, as of their first day.
    pub(super) async fn starters(&self, ask: &Ask, prepared: &mut Prepared) -> Result<Vec<Seen>, Failure> {
        let known = {
            let starting = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
            starting.as_ref().filter(|one| one.as_of == ask.as_of).map(|one| (one.complete, one.waiting.clone()))
        };
        let (complete, mut waiting) = known.unwrap_or_default();
        let mut days: BTreeMap<Date, BTreeSet<Key>> = BTreeMap::new();
        for (day, people) in &waiting {
            days.entry(*day).or_default().extend(people.keys().cloned());
        }
        if !complete {
            let until = prepared.frame.today.checked_add(self.lead()).unwrap_or(Date::MAX);
            let start = || Field::new("startDate");
            let query = Query::new()
                .json()
                .filter(start().gt(Literal::date(prepared.frame.today)).and(start().le(Literal::date(until))))
                .select(["personIdExternal", "startDate"])
                .page_size(1000);
            let (found, requests) = first_days(&self.get, &query, &self.settings.server_zone).await?;
            prepared.requests += requests;
            for (key, day) in found {
                days.entry(day).or_default().insert(key);
            }
        }
        let better = self.as_of_days(ask, prepared, days).await?;
        let mut seen = Vec::new();
        for (key, row) in better {
            let set_aside = waiting.values_mut().any(|people| people.remove(&key).is_some());
            // Who is asked for only because some employment of theirs starts later was read by the walk itself.
            if set_aside || (!complete && row.standing.kind == StandingKind::Future) {
                seen.push(Seen::Row(row));
            }
        }
        // Whom the tenant did not show as of their first day: what it showed for today.
        seen.extend(waiting.into_values().flat_map(BTreeMap::into_values).map(Seen::Row));
        Ok(seen)
    }

    /// A batch with everybody who starts within the lead as of their first day.
    pub(super) async fn with_first_days(
        &self,
        ask: &Ask,
        prepared: &mut Prepared,
        parsed: Parsed,
    ) -> Result<Vec<Seen>, Failure> {
        let Parsed { mut seen, again, .. } = parsed;
        let mut days: BTreeMap<Date, BTreeSet<Key>> = BTreeMap::new();
        for (key, day) in self.within_lead(prepared, again) {
            days.entry(day).or_default().insert(key);
        }
        let mut better = self.as_of_days(ask, prepared, days).await?;
        for seen in &mut seen {
            if let Seen::Row(row) = seen
                && let Some(better) = better.remove(&row.key)
            {
                *row = better;
            }
        }
        Ok(seen)
    }

    async fn as_of_days(
        &self,
        ask: &Ask,
        prepared: &mut Prepared,
        days: BTreeMap<Date, BTreeSet<Key>>,
    ) -> Result<BTreeMap<Key, Row>, Failure> {
        let taken = prepared.path(&prepared.query(ask)).len();
        let mut rows = BTreeMap::new();
        for (day, keys) in days {
            let keys: Vec<Key> = keys.into_iter().collect();
            for batch in batches(&keys, taken) {
                for seen in Box::pin(self.batch(ask, prepared, batch, Some(day), None::<fn(&Self)>)).await? {
                    if let Seen::Row(row) = seen {
                        rows.insert(row.key.clone(), row);
                    }
                }
            }
        }
        Ok(rows)
    }

    fn within_lead(&self, prepared: &Prepared, again: Vec<(Key, Date)>) -> impl Iterator<Item = (Key, Date)> + use<G> {
        let until = prepared.frame.today.checked_add(self.lead()).unwrap_or(Date::MAX);
        again.into_iter().filter(move |(_, day)| *day <= until)
    }

    fn lead(&self) -> jiff::Span {
        i32::from(self.settings.lead_days).days()
    }
}
