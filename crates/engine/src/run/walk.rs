//! The walk: pages, then whoever is due or touched, then whoever is gone. Every batch is closed in one transaction.

use std::collections::HashSet;

use jiff::ToSpan;
use jiff::civil::Date;
use joinery_model::{
    Ask, Clock, Concern, Journal, Key, LeftOut, Page, PageWork, PersonWork, Place, Ref, Retry, Row, RunKind, Scope,
    Seen, Source, Target, Tried, Verdict, Watermark,
};

use super::page::{Circumstances, Owners};
use super::prepare::{again, due_on, prepare_all};
use super::unique::Claims;
use super::{Tell, Under, WalkEnd};
use crate::engine::Engine;
use crate::report::{EngineError, Event};

/// The kind of reference under which the journal keeps that rows without a legible key came by.
const UNREADABLE: &str = "joinery:unreadable";

/// What one walk knows across its pages.
struct Walk {
    ask: Ask,
    today: Date,
    circumstances: Circumstances,
    claims: Claims,
    owners: Owners,
    end: WalkEnd,
}

/// A page taken apart.
#[derive(Default)]
struct Apart {
    rows: Vec<(Row, Tried)>,
    gone: Vec<Key>,
    unreadable: Vec<(Key, String)>,
    touched: Vec<Ref>,
    repeats: u64,
    keyless: u64,
}

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Walks to the end, or until it is asked to stop.
    pub(super) async fn walk<F: Tell>(&self, under: &Under<'_, F>, keys: &[Key]) -> Result<WalkEnd, EngineError> {
        let begun = under.begun;
        let scope = match begun.kind {
            RunKind::Full => Scope::Full,
            RunKind::Keys => Scope::Keys(keys.to_vec()),
            RunKind::Delta => begun.window.since.map_or(Scope::Full, Scope::Since),
        };
        let mut walk = Walk {
            ask: under.sync.ask(scope, begun.window.until),
            today: under.sync.today(begun.window.until),
            circumstances: Circumstances { first: begun.first, named: begun.kind == RunKind::Keys },
            claims: Claims::default(),
            owners: Owners::default(),
            end: WalkEnd::default(),
        };
        if begun.kind == RunKind::Keys {
            self.named(under, &mut walk, keys).await?;
            return Ok(walk.end);
        }
        let resume = begun.resume.as_ref();
        if !resume.is_some_and(|resume| resume.walked) {
            self.pages(under, &mut walk, resume.and_then(|resume| resume.place.clone())).await?;
        }
        if !walk.end.stopped {
            self.leaning(under, &mut walk).await?;
        }
        if !walk.end.stopped && begun.kind == RunKind::Full {
            self.vanished(under, &mut walk).await?;
        }
        Ok(walk.end)
    }

    /// The source's own pages, the next one read while this one is worked out.
    async fn pages<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        mut place: Option<Place>,
    ) -> Result<(), EngineError> {
        let ask = walk.ask.clone();
        let mut restarts = 0;
        let mut ahead: Option<Result<Page, joinery_model::Failure>> = None;
        loop {
            if under.stop.asked() {
                walk.end.stopped = true;
                return Ok(());
            }
            under.lease.keep(&self.journal, &self.clock).await?;
            let page = match ahead.take() {
                Some(page) => page,
                None => self.source.page(&ask, place.as_ref()).await,
            };
            let page = match page {
                Ok(page) => page,
                Err(failure) if failure.retry() == Retry::Restart => {
                    restarts += 1;
                    if restarts > self.patience.restarts {
                        return Err(EngineError::Restarts { times: restarts, failure });
                    }
                    let fence = &under.begun.fence;
                    self.journal.restart_walk(fence, under.begun.run).await.map_err(EngineError::Journal)?;
                    (under.events)(Event::WalkRestarted { times: restarts });
                    place = None;
                    continue;
                }
                Err(failure) => return Err(EngineError::Source(failure)),
            };
            let next = page.next.clone();
            let closing = self.page(under, walk, page);
            let read = async {
                match &next {
                    Some(place) if !under.stop.asked() => Some(self.source.page(&ask, Some(place)).await),
                    _ => None,
                }
            };
            let (closed, read) = futures_util::future::join(closing, read).await;
            closed?;
            ahead = read;
            match next {
                Some(next) => place = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn page<F: Tell>(&self, under: &Under<'_, F>, walk: &mut Walk, page: Page) -> Result<(), EngineError> {
        let mut apart = take_apart(page.seen);
        if apart.keyless > 0 {
            walk.end.unreadable += apart.keyless;
            let page = page.next.as_ref().map_or("last", |place| place.0.as_str());
            apart.touched.push(Ref::new(UNREADABLE, format!("{}:{page}", apart.keyless)));
        }
        let mut people = self.people(under, walk, apart.rows).await?;
        people.extend(self.gone(under.sync, apart.gone).await?);
        people.extend(apart.unreadable.into_iter().map(unreadable));
        let work = PageWork {
            run: under.begun.run,
            next: page.next,
            people,
            touched: apart.touched,
            repeats: apart.repeats,
            requests: u64::from(page.requests),
        };
        self.close(under, walk, work, Tried::Read).await
    }

    /// Rows → what is written down for them.
    async fn people<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        rows: Vec<(Row, Tried)>,
    ) -> Result<Vec<PersonWork>, EngineError> {
        let mut prepared = prepare_all(&under.sync.0, rows, walk.today).await.map_err(EngineError::Broken)?;
        self.claim_values(under.sync, under.begun.run, &mut prepared, &mut walk.claims).await?;
        self.compare(under.sync, prepared, walk.circumstances, &mut walk.owners).await
    }

    async fn close<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        mut work: PageWork,
        how: Tried,
    ) -> Result<(), EngineError> {
        if under.begun.plan_only {
            self.look_at_accounts(under.sync, &mut work.people).await?;
        }
        let planned = |person: &PersonWork| {
            person.targets.iter().filter(|(_, concern, _)| matches!(concern, Concern::Planned(_))).count() as u64
        };
        let planned = work.people.iter().map(planned).sum();
        let (repeats, requests) = (work.repeats, work.requests);
        walk.end.requests += requests;
        let closed = self.journal.close_page(&under.begun.fence, work).await.map_err(EngineError::Journal)?;
        (under.events)(Event::Page {
            how,
            people: closed.people,
            duplicates: closed.duplicates + repeats,
            planned,
            requests,
        });
        Ok(())
    }

    /// People whom the pages did not show but who must be looked at: what they lean on changed, or their own dates say
    /// something else since the last walk.
    async fn leaning<F: Tell>(&self, under: &Under<'_, F>, walk: &mut Walk) -> Result<(), EngineError> {
        let touched = self.journal.touched(under.begun.run).await.map_err(EngineError::Journal)?;
        let (unreadable, touched): (Vec<Ref>, Vec<Ref>) =
            touched.into_iter().partition(|reference| &*reference.kind == UNREADABLE);
        walk.end.unreadable = unreadable.iter().filter_map(|page| page.id.split(':').next()?.parse::<u64>().ok()).sum();
        let Some(since) = under.begun.window.since.filter(|_| under.begun.kind == RunKind::Delta) else {
            return Ok(());
        };
        let due = days_since(under, since, walk.today);
        self.fetch_leaning(under, walk, &due, Tried::Due).await?;
        self.fetch_leaning(under, walk, &touched, Tried::Touched).await
    }

    async fn fetch_leaning<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        refs: &[Ref],
        how: Tried,
    ) -> Result<(), EngineError> {
        /// References in one question to the journal.
        const AT_ONCE: usize = 200;
        for refs in refs.chunks(AT_ONCE) {
            let mut after: Option<Key> = None;
            loop {
                if under.stop.asked() {
                    walk.end.stopped = true;
                }
                if walk.end.stopped {
                    return Ok(());
                }
                under.lease.keep(&self.journal, &self.clock).await?;
                let run = under.begun.run;
                let keys = self.journal.people_with(run, refs, after.as_ref(), self.patience.batch).await;
                let keys = keys.map_err(EngineError::Journal)?;
                let Some(last) = keys.last() else { break };
                after = Some(last.clone());
                self.fetched(under, walk, &keys, how).await?;
            }
        }
        Ok(())
    }

    /// Fetches people and closes them as one batch; gives whom the source did not have.
    async fn fetched<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        keys: &[Key],
        how: Tried,
    ) -> Result<Vec<Key>, EngineError> {
        let rows = self.source.fetch(&walk.ask, keys).await.map_err(EngineError::Source)?;
        let mut seen = HashSet::new();
        let mut repeats = 0;
        let mut ours = Vec::with_capacity(rows.len());
        for row in rows {
            if seen.insert(row.key.clone()) {
                ours.push((row, how));
            } else {
                repeats += 1;
            }
        }
        let people = self.people(under, walk, ours).await?;
        let work = PageWork { run: under.begun.run, next: None, people, touched: Vec::new(), repeats, requests: 0 };
        self.close(under, walk, work, how).await?;
        Ok(keys.iter().filter(|key| !seen.contains(*key)).cloned().collect())
    }

    /// Named people: those whom the source has, and those who have an account and are no longer there.
    async fn named<F: Tell>(&self, under: &Under<'_, F>, walk: &mut Walk, keys: &[Key]) -> Result<(), EngineError> {
        let mut keys: Vec<Key> = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        for part in keys.chunks(self.patience.batch.max(1)) {
            let absent = self.fetched(under, walk, part, Tried::Read).await?;
            let mut gone = self.gone(under.sync, absent.clone()).await?;
            gone.retain(|work| !work.targets.is_empty());
            walk.end.absent.extend(absent);
            let work = PageWork {
                run: under.begun.run,
                next: None,
                people: gone,
                touched: Vec::new(),
                repeats: 0,
                requests: 0,
            };
            self.close(under, walk, work, Tried::Gone).await?;
        }
        Ok(())
    }

    /// People the sync knows whom a full walk has not seen.
    async fn vanished<F: Tell>(&self, under: &Under<'_, F>, walk: &mut Walk) -> Result<(), EngineError> {
        loop {
            if under.stop.asked() {
                walk.end.stopped = true;
                return Ok(());
            }
            under.lease.keep(&self.journal, &self.clock).await?;
            // Whoever is closed is seen, so the next question starts from the front.
            let keys = self.journal.unseen(under.begun.run, None, self.patience.batch).await;
            let keys = keys.map_err(EngineError::Journal)?;
            if keys.is_empty() {
                return Ok(());
            }
            walk.end.missing += keys.len() as u64;
            let people = self.gone(under.sync, keys).await?;
            let work =
                PageWork { run: under.begun.run, next: None, people, touched: Vec::new(), repeats: 0, requests: 0 };
            self.close(under, walk, work, Tried::Gone).await?;
        }
    }
}

/// The days that began since a watermark: its own was looked at by the run that set it. And whoever asked to be looked
/// at again.
fn days_since<F>(under: &Under<'_, F>, since: Watermark, today: Date) -> Vec<Ref> {
    let from = under.sync.today(since.0);
    let days = from.series(1.day()).skip(1).take_while(|day| *day <= today).map(due_on);
    std::iter::once(again()).chain(days).collect()
}

fn take_apart(seen: Vec<Seen>) -> Apart {
    let mut apart = Apart::default();
    let mut keys: HashSet<Key> = HashSet::new();
    // A person who is there outweighs a rumour that they are gone or unreadable.
    let (rows, others): (Vec<Seen>, Vec<Seen>) = seen.into_iter().partition(|seen| matches!(seen, Seen::Row(_)));
    for seen in rows.into_iter().chain(others) {
        match seen {
            Seen::Row(row) => {
                if keys.insert(row.key.clone()) {
                    apart.rows.push((row, Tried::Read));
                } else {
                    apart.repeats += 1;
                }
            }
            Seen::Touched(reference) => apart.touched.push(reference),
            Seen::Gone(key) => {
                if keys.insert(key.clone()) {
                    apart.gone.push(key);
                }
            }
            Seen::Unreadable(Some(key), why) => {
                if keys.insert(key.clone()) {
                    apart.unreadable.push((key, why));
                } else {
                    apart.repeats += 1;
                }
            }
            Seen::Unreadable(None, _) => apart.keyless += 1,
        }
    }
    apart
}

fn unreadable((key, why): (Key, String)) -> PersonWork {
    PersonWork {
        key,
        how: Tried::Read,
        aliases: Vec::new(),
        refs: Vec::new(),
        standing: None,
        verdict: Verdict::Invalid(LeftOut { rule: "unreadable".into(), message: why }),
        targets: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use joinery_model::{Standing, Value};

    use super::*;

    #[test]
    fn a_page_has_one_entry_for_everybody_and_a_row_outweighs_a_rumour() {
        let row = |key: &str| {
            let data = Value::Object(Vec::new());
            let (aliases, refs) = (Vec::new(), Vec::new());
            Seen::Row(Row { key: key.into(), aliases, data, refs, standing: Standing::active(), modified: None })
        };
        let apart = take_apart(vec![
            Seen::Gone("a".into()),
            Seen::Unreadable(Some("b".into()), "no".to_owned()),
            Seen::Unreadable(Some("c".into()), "no".to_owned()),
            Seen::Unreadable(None, "no".to_owned()),
            Seen::Gone("d".into()),
            row("a"),
            row("b"),
            row("a"),
        ]);
        let keys: Vec<&str> = apart.rows.iter().map(|(row, _)| row.key.as_str()).collect();
        assert_eq!(keys, ["a", "b"]);
        assert_eq!((apart.gone, apart.unreadable.len()), (vec!["d".into()], 1));
        assert_eq!((apart.repeats, apart.keyless), (2, 1));
    }
}
