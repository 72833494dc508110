//! The walk: pages, then whoever is due or touched, then whoever is gone. Every batch is closed in one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use joinery_model::{
    Ask, Became, Clock, Concern, Journal, Key, Page, PageWork, PersonWork, Ref, Row, RunKind, Scope, Source, Target,
    Tried, Watermark,
};

use super::absent::is_absent;
use super::apart::{Apart, unread};
use super::lookups::{LookUps, postponed};
use super::page::Circumstances;
use super::prepare::{again, due_on, prepare_all};
use super::unique::Claims;
use super::unsaid::{is_unsaid, unsaid};
use super::{Tell, Under, WalkEnd};
use crate::engine::Engine;
use crate::report::{EngineError, Event};
use crate::stop::Stop;

/// The kind of reference under which the journal keeps that rows without a legible key came by.
const UNREADABLE: &str = "joinery:unreadable";

/// What one walk knows across its pages.
pub(super) struct Walk {
    pub(super) ask: Ask,
    today: Date,
    circumstances: Circumstances,
    claims: Claims,
    lookups: LookUps,
    /// Targets of which it was told that they cannot be used.
    told: BTreeSet<Arc<str>>,
    pub(super) end: WalkEnd,
}

/// What was written down of a page.
pub(super) struct Closed {
    people: u64,
    duplicates: u64,
    planned: u64,
    pub(super) requests: u64,
}

impl Closed {
    /// Tells it.
    pub(super) fn tell<F: Tell>(&self, under: &Under<'_, F>, how: Tried) {
        let Self { people, duplicates, planned, requests } = *self;
        (under.events)(Event::Page { how, people, duplicates, planned, requests });
    }
}

impl Walk {
    /// Tells which targets turned out not to answer.
    pub(super) fn tell_news<F: Tell>(&mut self, under: &Under<'_, F>) {
        for (target, why) in self.lookups.news(&mut self.told) {
            (under.events)(Event::Unreachable { target, why });
        }
    }

    fn ended(self) -> WalkEnd {
        WalkEnd { unreachable: self.lookups.unreachable, ..self.end }
    }
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
            lookups: self.lookups(under.sync, begun.run).await?,
            told: BTreeSet::new(),
            end: WalkEnd::default(),
        };
        if begun.kind == RunKind::Keys {
            self.named(under, &mut walk, keys).await?;
            return Ok(walk.ended());
        }
        self.list_accounts(under, &mut walk.lookups).await?;
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
        Ok(walk.ended())
    }

    /// A page as the journal is to write it down.
    pub(super) async fn page<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        page: Page,
    ) -> Result<PageWork, EngineError> {
        let mut apart = Apart::of(page.seen, Tried::Read);
        if apart.keyless > 0 {
            walk.end.unreadable += apart.keyless;
            let page = page.next.as_ref().map_or("last", |place| place.0.as_str());
            apart.touched.push(Ref::new(UNREADABLE, format!("{}:{page}", apart.keyless)));
        }
        let (mut people, unsaid) = self.people(under, walk, apart.rows).await?;
        apart.touched.extend(unsaid);
        people.extend(self.gone(under.sync, apart.gone, &mut walk.lookups).await?);
        people.extend(unreadable(apart.unreadable, Tried::Read));
        let (withheld, refs) = self.not_given(under, walk, apart.withheld, apart.keyless, Tried::Read).await?;
        people.extend(withheld);
        apart.touched.extend(refs);
        let work = PageWork {
            run: under.begun.run,
            next: page.next,
            people,
            touched: apart.touched,
            repeats: apart.repeats,
            requests: u64::from(page.requests),
        };
        self.shown(under, walk, work).await
    }

    /// Rows → what is written down for them, and what they do not say.
    async fn people<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        rows: Vec<(Row, Tried)>,
    ) -> Result<(Vec<PersonWork>, Vec<Ref>), EngineError> {
        let unsaid = unsaid(under.sync, rows.iter().map(|(row, _)| row))?;
        let mut prepared = prepare_all(&under.sync.0, rows, walk.today).await.map_err(EngineError::Broken)?;
        self.claim_values(under.sync, under.begun.run, &mut prepared, &mut walk.claims).await?;
        let people = self.compare(under.sync, prepared, walk.circumstances, &mut walk.lookups).await?;
        Ok((people, unsaid))
    }

    /// With what accounts hold, where it is a plan that is made.
    async fn shown<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        mut work: PageWork,
    ) -> Result<PageWork, EngineError> {
        if under.begun.plan_only {
            self.look_at_accounts(under.sync, &mut work.people, &mut walk.lookups).await?;
        }
        Ok(work)
    }

    async fn close<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        work: PageWork,
        how: Tried,
    ) -> Result<(), EngineError> {
        let work = self.shown(under, walk, work).await?;
        let closed = self.write(under, work).await?;
        walk.tell_news(under);
        walk.end.requests += closed.requests;
        closed.tell(under, how);
        Ok(())
    }

    /// Writes a page down, in one transaction.
    pub(super) async fn write<F: Tell>(&self, under: &Under<'_, F>, work: PageWork) -> Result<Closed, EngineError> {
        let planned = |person: &PersonWork| {
            person.targets.iter().filter(|(_, concern, _)| matches!(concern, Concern::Planned(_))).count() as u64
        };
        let planned = work.people.iter().map(planned).sum();
        let (repeats, requests) = (work.repeats, work.requests);
        let closed = self.journal.close_page(&under.begun.fence, work).await.map_err(EngineError::Journal)?;
        Ok(Closed { people: closed.people, duplicates: closed.duplicates + repeats, planned, requests })
    }

    /// People whom the pages did not show but who must be looked at: what they lean on changed, or their own dates say
    /// something else since the last walk.
    async fn leaning<F: Tell>(&self, under: &Under<'_, F>, walk: &mut Walk) -> Result<(), EngineError> {
        let touched = self.journal.touched(under.begun.run).await.map_err(EngineError::Journal)?;
        let touched = touched.into_iter().filter(|reference| !is_unsaid(reference) && !is_absent(reference));
        let (unreadable, touched): (Vec<Ref>, Vec<Ref>) = touched.partition(|reference| &*reference.kind == UNREADABLE);
        walk.end.unreadable = unreadable.iter().filter_map(|page| page.id.split(':').next()?.parse::<u64>().ok()).sum();
        let Some(since) = under.begun.window.since.filter(|_| under.begun.kind == RunKind::Delta) else {
            return Ok(());
        };
        let due = days_since(under, since, walk.today);
        let new_day = under.sync.today(since.0) < walk.today;
        self.fetch_leaning(under, walk, &due, Tried::Due, new_day).await?;
        self.fetch_leaning(under, walk, &touched, Tried::Touched, true).await?;
        walk.end.expected = self.expected_in_vain(under).await?;
        Ok(())
    }

    /// These people without those known to be gone: somebody gone is asked for once a day, not with every run. Unless
    /// they had to be looked up in a target that could not be asked.
    async fn there_or_postponed<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &Walk,
        keys: Vec<Key>,
    ) -> Result<Vec<Key>, EngineError> {
        let became = self.journal.became(under.sync.name(), &keys).await.map_err(EngineError::Journal)?;
        let asked = keys.into_iter().zip(became);
        let asked = asked.filter(|(key, became)| *became != Some(Became::Gone) || walk.lookups.is_postponed(key));
        Ok(asked.map(|(key, _)| key).collect())
    }

    async fn fetch_leaning<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        refs: &[Ref],
        how: Tried,
        gone_too: bool,
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
                let keys = if gone_too { keys } else { self.there_or_postponed(under, walk, keys).await? };
                if !keys.is_empty() {
                    self.fetched(under, walk, &keys, how).await?;
                }
            }
        }
        Ok(())
    }

    /// Fetches people and closes them as one batch; gives whom the source does not have. Those who were expected are
    /// written down to be asked for again.
    async fn fetched<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        keys: &[Key],
        how: Tried,
    ) -> Result<Vec<Key>, EngineError> {
        let Some(seen) = unless_stopped(under.stop, Box::pin(self.source.fetch(&walk.ask, keys))).await else {
            walk.end.stopped = true;
            return Ok(Vec::new());
        };
        let seen = seen.map_err(EngineError::Source)?;
        let apart = Apart::of(seen, how);
        let absent = apart.absent(keys);
        let (mut people, mut touched) = self.people(under, walk, apart.rows).await?;
        people.extend(unreadable(apart.unreadable, how));
        if apart.keyless > 0 {
            walk.end.unreadable += apart.keyless;
            touched.extend(keys.first().map(|key| Ref::new(UNREADABLE, format!("{}:from {key}", apart.keyless))));
        }
        if how != Tried::Read || apart.keyless > 0 {
            let (expected, refs) = self.not_given(under, walk, absent.clone(), apart.keyless, how).await?;
            people.extend(expected);
            touched.extend(refs);
        }
        let absent = if apart.keyless > 0 { Vec::new() } else { absent };
        let work = PageWork { run: under.begun.run, next: None, people, touched, repeats: apart.repeats, requests: 0 };
        self.close(under, walk, work, how).await?;
        Ok(absent)
    }

    /// What is written down for people who were expected and not given.
    async fn not_given<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        absent: Vec<Key>,
        keyless: u64,
        how: Tried,
    ) -> Result<(Vec<PersonWork>, Vec<Ref>), EngineError> {
        if keyless == 0 {
            return self.expected(under, absent, how, &mut walk.lookups).await;
        }
        // Whoever is missing may be one of the rows without a key.
        let why = "a row without a legible key came, and not theirs; it may be theirs";
        let not_given = absent.into_iter().map(|key| (key, why.to_owned())).collect();
        Ok((unreadable(not_given, how).collect(), Vec::new()))
    }

    /// Named people: those whom the source has, and those who have an account and are no longer there.
    async fn named<F: Tell>(&self, under: &Under<'_, F>, walk: &mut Walk, keys: &[Key]) -> Result<(), EngineError> {
        let mut keys: Vec<Key> = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        for part in keys.chunks(self.patience.batch.max(1)) {
            let absent = self.fetched(under, walk, part, Tried::Read).await?;
            if walk.end.stopped {
                return Ok(());
            }
            let mut gone = self.gone(under.sync, absent.clone(), &mut walk.lookups).await?;
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
            let people = self.gone(under.sync, keys, &mut walk.lookups).await?;
            let work =
                PageWork { run: under.begun.run, next: None, people, touched: Vec::new(), repeats: 0, requests: 0 };
            self.close(under, walk, work, Tried::Gone).await?;
        }
    }
}

/// What the source answers; nothing when the run is asked to stop before that. A tenant may take a minute to answer, or
/// ask for five of waiting, and what was not closed is read again.
pub(super) async fn unless_stopped<A>(stop: &Stop, answer: impl Future<Output = A>) -> Option<A> {
    if stop.asked() {
        return None;
    }
    tokio::select! {
        answer = answer => Some(answer),
        () = stop.wait() => None,
    }
}

/// The days that began since a watermark: its own was looked at by the run that set it. And whoever asked to be looked
/// at again.
fn days_since<F>(under: &Under<'_, F>, since: Watermark, today: Date) -> Vec<Ref> {
    let from = under.sync.today(since.0);
    let days = from.series(1.day()).skip(1).take_while(|day| *day <= today).map(due_on);
    let waiting = under.sync.targets().flat_map(|target| [postponed(target, false), postponed(target, true)]);
    std::iter::once(again()).chain(days).chain(waiting).collect()
}

fn unreadable(people: Vec<(Key, String)>, how: Tried) -> impl Iterator<Item = PersonWork> {
    people.into_iter().map(move |(key, why)| unread(key, how, "unreadable", why))
}
