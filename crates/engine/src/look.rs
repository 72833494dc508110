//! Looking without touching: one person's way through the house, and accounts that nobody owns.

use std::collections::HashSet;
use std::sync::Arc;

use joinery_model::{
    Clock, Concern, Correlation, Failure, Found, Journal, Key, LeftOut, Path, Place, Record, Reference, Row, Scope,
    Seen, Source, Target, Tried, Value,
};

use crate::engine::Engine;
use crate::mapping::Mapping;
use crate::report::{EngineError, Explained, ExplainedAttribute, ExplainedTarget, Orphan};
use crate::run::{Circumstances, LookUps, correlation, prepare};
use crate::sync::{Sync, Wish};

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    pub(crate) async fn explain_one(&self, sync: &Sync, key: &Key) -> Result<Option<Explained>, EngineError> {
        let as_of = self.source.now().await.map_err(EngineError::Source)?;
        let keys = [key.clone()];
        let ask = sync.ask(Scope::Keys(keys.to_vec()), as_of);
        let seen = self.source.fetch(&ask, &keys).await.map_err(EngineError::Source)?;
        let Some(row) = one(key, seen).map_err(EngineError::Source)? else { return Ok(None) };
        crate::run::unsaid(sync, std::iter::once(&row))?;
        let unsaid = crate::run::left_as_it_is(sync, row.unsaid.iter());
        let (standing, aliases) = (row.standing, row.aliases.clone());
        let found = |path: &Path| path.find(&row.data).into_iter().cloned().collect();
        let used = sync.needs().paths.iter().map(|path| (path.to_string(), found(path))).collect();
        let mapped: Vec<Vec<ExplainedAttribute>> =
            sync.0.mappings.iter().map(|mapping| attributes(mapping, &row, sync.today(as_of))).collect();
        let person = prepare(&sync.0, row, Tried::Read, sync.today(as_of));
        let active = matches!(person.wish, Wish::Active | Wish::Grace);
        let records: Vec<Option<Record>> = person
            .records
            .iter()
            .map(|record| record.as_ref().ok().map(|record| record.get().record(active)))
            .collect();
        let invalid: Vec<Option<LeftOut>> =
            person.records.iter().map(|record| record.as_ref().err().cloned()).collect();
        let by: Vec<Vec<_>> = person
            .records
            .iter()
            .map(|record| record.as_ref().map(|record| correlation(sync, record)).unwrap_or_default())
            .collect();
        let watermark = self.journal.watermark(&sync.0.name).await.map_err(EngineError::Journal)?;
        let circumstances = Circumstances { first: watermark.is_none(), named: true };
        let mut lookups = LookUps::default();
        let work = self.compare(sync, vec![person], circumstances, &mut lookups).await?.pop();
        let Some(mut work) = work else { return Ok(None) };
        let mut targets = Vec::new();
        for rules in &sync.0.targets {
            let target = self.target(sync, &rules.name)?;
            let links = self.journal.last(&sync.0.name, &rules.name, &keys).await.map_err(EngineError::Journal)?;
            let last = links.into_iter().flatten().next();
            let wanted = Correlation {
                person: key.clone(),
                target_id: last.as_ref().map(|link| Arc::clone(&link.target_id)),
                by: by.get(rules.mapping).cloned().unwrap_or_default(),
            };
            let mut now = None;
            let mut unreachable = lookups.is_unreachable(&rules.name);
            if !unreachable && target.can().find && (wanted.target_id.is_some() || !wanted.by.is_empty()) {
                let found = self.look_up(&rules.name, target, &[wanted], &mut lookups).await?;
                unreachable = found.is_none();
                now = match found.and_then(|mut found| found.pop()) {
                    Some(Found::One(held)) => Some(held),
                    _ => None,
                };
            }
            let at = work.targets.iter().position(|(name, _, _)| *name == rules.name);
            let (plan, rejected) = match at.map(|at| work.targets.swap_remove(at).1) {
                Some(Concern::Planned(change)) => (Some(*change), None),
                Some(Concern::Rejected(why)) => (None, Some(why)),
                Some(Concern::Unchanged | Concern::Postponed) | None => (None, None),
            };
            let record = records.get(rules.mapping).cloned().flatten();
            targets.push(ExplainedTarget {
                target: Arc::clone(&rules.name),
                attributes: mapped.get(rules.mapping).cloned().unwrap_or_default(),
                invalid: invalid.get(rules.mapping).cloned().flatten(),
                record,
                last,
                now,
                plan,
                rejected,
                unreachable,
            });
        }
        let left_out = match work.verdict {
            joinery_model::Verdict::LeftOut(why) | joinery_model::Verdict::Invalid(why) => Some(why),
            _ => None,
        };
        Ok(Some(Explained { key: key.clone(), aliases, standing, used, left_out, unsaid, targets }))
    }

    pub(crate) async fn find_orphans(&self, sync: &Sync) -> Result<Vec<Orphan>, EngineError> {
        let mut orphans = Vec::new();
        for name in sync.targets() {
            let target = self.target(sync, name)?;
            if !target.can().list {
                continue;
            }
            let owned = self.owned(sync, name).await?;
            let mut place: Option<Place> = None;
            loop {
                let page = target.list(place.as_ref()).await;
                let page = page.map_err(|failure| EngineError::Target { target: Arc::clone(name), failure })?;
                let unowned = page.held.into_iter().filter(|held| !owned.contains(&held.target_id));
                orphans.extend(unowned.map(|account| Orphan { target: Arc::clone(name), account }));
                match page.next {
                    Some(next) => place = Some(next),
                    None => break,
                }
            }
        }
        Ok(orphans)
    }

    async fn owned(&self, sync: &Sync, target: &Arc<str>) -> Result<HashSet<Arc<str>>, EngineError> {
        let mut owned = HashSet::new();
        let mut after: Option<Key> = None;
        loop {
            let links = self.journal.links(&sync.0.name, target, after.as_ref(), 1000).await;
            let links = links.map_err(EngineError::Journal)?;
            let Some(last) = links.last() else { return Ok(owned) };
            after = Some(last.person.clone());
            owned.extend(links.into_iter().map(|link| link.target_id));
        }
    }
}

/// Each attribute of a mapping with its rule and what it makes of a row; nothing is made where the row cannot be mapped.
fn attributes(mapping: &Mapping, row: &Row, today: jiff::civil::Date) -> Vec<ExplainedAttribute> {
    let made = mapping.map(row, today).ok();
    let value = |name: &Arc<str>| {
        let made = made.as_ref()?;
        let reference =
            |to: &Option<Reference>| to.as_ref().map_or(Value::Null, |to| Value::Text(Arc::clone(&to.alias)));
        made.attributes.get(name).cloned().or_else(|| made.references.get(name).map(reference))
    };
    let explained = |(name, rule): (&Arc<str>, &str)| ExplainedAttribute {
        name: Arc::clone(name),
        rule: rule.to_owned(),
        value: value(name),
    };
    mapping.words().map(explained).collect()
}

/// The person's row; `None` when they are not there.
fn one(key: &Key, seen: Vec<Seen>) -> Result<Option<Row>, Failure> {
    let mut unreadable = None;
    for seen in seen {
        match seen {
            Seen::Row(row) if row.key == *key => return Ok(Some(row)),
            Seen::Unreadable(whose, why) if whose.as_ref().is_none_or(|whose| whose == key) => unreadable = Some(why),
            _ => {}
        }
    }
    unreadable.map_or(Ok(None), |why| {
        Err(Failure::refused(format!("this person is there and could not be read, so nothing can be said: {why}")))
    })
}
