//! Pages of everybody, and people by their keys.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use joinery_model::{Ask, Failure, Key, Page, Ref, Root, Scope, Seen};
use joinery_odata::payload::find_next;
use joinery_odata::{Field, Query};

use super::Reader;
use super::prepare::Prepared;
use crate::Response;
use crate::delta::Window;
use crate::read::{At, Get, Parsed, batches, parse};
use crate::row::Frame;

/// Batches under way at once; the transport paces them.
const AT_ONCE: usize = 2;

impl<G: Get> Reader<G> {
    /// A page of a walk that the tenant keeps the place of.
    pub(super) async fn walk(&self, ask: &Ask, link: Option<String>) -> Result<Page, Failure> {
        let mut prepared = self.prepare(ask).await?;
        let is_first = link.is_none();
        let believed = prepared.requests == 0 || prepared.from_shelf;
        if is_first && ask.scope == Scope::Full && believed && !prepared.plan.lost.is_empty() && self.may_look_again() {
            // What was lost may be back; nothing else would ask before the metadata is a day old.
            self.catalogues.forget(&self.get).await;
            prepared = self.prepare(ask).await?;
        }
        let response = if let Some(link) = link {
            prepared.requests += 1;
            let response = self.ahead.get(&self.get, &link).await?;
            if expands_too_far(&response) {
                self.shrink(self.page_size.load(Ordering::Relaxed));
                return Err(Failure::restart(
                    "a page expands to more than 300,000 records; the walk restarts with smaller ones",
                ));
            }
            response.ok()?
        } else {
            self.first_page(ask, &mut prepared).await?
        };
        if let Some(At::Link(next)) = find_next(&response.bytes).map(|url| At::link(&url)) {
            self.ahead.start(&self.get, next);
        }
        let parsed = self.parse(ask, &mut prepared, response.bytes).await?;
        let next = parsed.next.as_deref().map(|url| At::link(url).place());
        let mut seen = match ask.root {
            Root::Persons => self.set_aside(ask, &prepared, is_first, parsed),
            Root::Users => parsed.seen,
        };
        if next.is_none() && ask.root == Root::Persons {
            seen.extend(self.starters(ask, &mut prepared).await?);
        }
        if matches!(ask.scope, Scope::Since(_)) && prepared.plan.reads_others {
            seen.extend(touched_by(&seen));
        }
        Ok(Page { seen, next, requests: prepared.requests })
    }

    /// The first page of a walk. A tenant that finds the page too large (COE0052: more than 300,000 records with what is
    /// expanded below them) is asked for smaller ones from then on; the links to the next pages keep the size.
    async fn first_page(&self, ask: &Ask, prepared: &mut Prepared) -> Result<Response, Failure> {
        loop {
            let page_size = self.page_size.load(Ordering::Relaxed);
            let path =
                |prepared: &Prepared| prepared.path(&first(ask, prepared, page_size, &self.settings.server_zone));
            let response = self.ask_raw(ask, prepared, path).await?;
            if page_size < 2 || !expands_too_far(&response) {
                return response.ok();
            }
            self.shrink(page_size);
        }
    }

    fn shrink(&self, page_size: u32) {
        let smaller = (page_size / 2).max(1);
        self.page_size.store(smaller, Ordering::Relaxed);
        self.warn_once(format!(
            "page_size: with what is mapped, a page of {page_size} people expands to more than 300,000 records; {smaller} \
             are asked for"
        ));
    }

    /// The page of a list of keys, in order, after one of them.
    pub(super) async fn listed(
        &self,
        ask: &Ask,
        keys: &[Key],
        after: Option<&Key>,
        spent: u32,
        mut prepared: Prepared,
    ) -> Result<Page, Failure> {
        let rest = match after {
            Some(after) => &keys[keys.partition_point(|key| key <= after)..],
            None => keys,
        };
        let taken = prepared.path(&prepared.query(ask)).len();
        let cut = batches(rest, taken);
        let Some(batch) = cut.first() else {
            return Ok(Page { requests: prepared.requests + spent, ..Page::default() });
        };
        let ahead = cut.get(1).map(|next| {
            let path = prepared.path(&by_keys(ask, &prepared, next));
            move |reader: &Self| reader.ahead.start(&reader.get, path)
        });
        let mut seen = self.batch(ask, &mut prepared, batch, None, ahead).await?;
        if matches!(ask.scope, Scope::Since(_)) {
            seen.extend(withheld(batch, &seen));
        }
        let next = batch.last().filter(|_| cut.len() > 1).map(|last| At::After(last.clone()).place());
        Ok(Page { seen, next, requests: prepared.requests + spent })
    }

    /// Everybody of these keys who is there, whether they could be read or not.
    pub(super) async fn people(&self, ask: &Ask, keys: &[Key]) -> Result<Vec<Seen>, Failure> {
        let prepared = self.prepare(ask).await?;
        let taken = prepared.path(&prepared.query(ask)).len();
        let mut keys = keys.to_vec();
        keys.sort();
        keys.dedup();
        let cut: Vec<Vec<Key>> = batches(&keys, taken).into_iter().map(<[Key]>::to_vec).collect();
        let pages: Vec<Vec<Seen>> = stream::iter(cut)
            .map(|batch| async move {
                let mut prepared = self.prepare(ask).await?;
                self.batch(ask, &mut prepared, &batch, None, None::<fn(&Self)>).await
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(pages.into_iter().flatten().collect())
    }

    /// One batch of keys, as of a day or as of today; `meanwhile` runs when its answer is there.
    pub(super) async fn batch(
        &self,
        ask: &Ask,
        prepared: &mut Prepared,
        keys: &[Key],
        day: Option<Date>,
        meanwhile: Option<impl FnOnce(&Self)>,
    ) -> Result<Vec<Seen>, Failure> {
        let response = self
            .ask(ask, prepared, |prepared| {
                let query = by_keys(ask, prepared, keys);
                prepared.path(&match day {
                    Some(day) => query.as_of(day),
                    None => query,
                })
            })
            .await?;
        if let Some(meanwhile) = meanwhile {
            meanwhile(self);
        }
        let mut all = self.parse(ask, prepared, response.bytes).await?;
        while let Some(At::Link(link)) = all.next.take().map(|url| At::link(&url)) {
            prepared.requests += 1;
            let response = self.get.get(&link).await?.ok()?;
            let more = self.parse(ask, prepared, response.bytes).await?;
            all.seen.extend(more.seen);
            all.again.extend(more.again);
            all.next = more.next;
        }
        if day.is_some() {
            return Ok(all.seen);
        }
        self.with_first_days(ask, prepared, all).await
    }

    /// Reads a page. Where it holds an option that its picklist lacked, the picklist is read again (a new option, perhaps),
    /// and then the page.
    async fn parse(&self, ask: &Ask, prepared: &mut Prepared, bytes: bytes::Bytes) -> Result<Parsed, Failure> {
        let parsed = parse(bytes.clone(), ask.root, prepared.frame.clone()).await?;
        let book = prepared.frame.reading.book();
        let Some(opened) = self.picklists.renewed(&self.get, &prepared.plan.picklists, book).await? else {
            return Ok(parsed);
        };
        prepared.requests += opened.requests;
        let frame = Arc::unwrap_or_clone(prepared.frame.clone());
        let reading = frame.reading.clone().with_book(opened.book);
        prepared.frame = Arc::new(Frame { reading, ..frame });
        parse(bytes, ask.root, prepared.frame.clone()).await
    }
}

fn expands_too_far(response: &Response) -> bool {
    !response.status.is_success() && response.error().number == "COE0052"
}

/// The first page of a walk.
fn first(ask: &Ask, prepared: &Prepared, page_size: u32, zone: &TimeZone) -> Query {
    let query = prepared.walk(ask, page_size, zone);
    match ask.scope {
        // Only users are walked like this: a delta of persons asks every segment.
        Scope::Since(watermark) => {
            let window = Window::new(watermark.0, ask.as_of, &ask.policy.zone);
            query.filter(window.changed(Field::new("lastModifiedDateTime")))
        }
        _ => query,
    }
}

fn by_keys(ask: &Ask, prepared: &Prepared, keys: &[Key]) -> Query {
    let key = match ask.root {
        Root::Persons => Field::new("personIdExternal"),
        Root::Users => Field::new("userId"),
    };
    prepared.query(ask).filter(key.is_in(keys.iter().map(Key::as_str)))
}

/// Whom the listings of changes named and the question for people does not give.
fn withheld(asked: &[Key], seen: &[Seen]) -> Vec<Seen> {
    let key = |seen: &Seen| match seen {
        Seen::Row(row) => Some(row.key.clone()),
        Seen::Unreadable(key, _) => key.clone(),
        _ => None,
    };
    let there: HashSet<Key> = seen.iter().filter_map(key).collect();
    asked.iter().filter(|key| !there.contains(key)).cloned().map(Seen::Withheld).collect()
}

/// A user that changed touches whoever has them as manager.
fn touched_by(seen: &[Seen]) -> Vec<Seen> {
    let user = |seen: &Seen| match seen {
        Seen::Row(row) => Some(Seen::Touched(Ref::new("User", row.key.as_str()))),
        _ => None,
    };
    seen.iter().filter_map(user).collect()
}
