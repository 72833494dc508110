//! The source's own pages, as a line of three: while one is worked out, the next are read and those before are closed.
//!
//! Whoever is done first does not wait for the others until the line between them is full. Pages that wait to be closed
//! are closed together, so that a slow disk is asked less often; with a source slower than the disk each is closed
//! as soon as it is worked out. A kill loses what is on the line: at most [`WAITING`] pages and two more at each end.

use std::collections::HashSet;
use std::pin::pin;

use futures_util::future::{Either, join, select};
use joinery_model::{Clock, Failure, Journal, Key, Page, PageWork, Place, Retry, Source, Target, Tried};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::walk::{Walk, unless_stopped};
use super::{Tell, Under};
use crate::engine::Engine;
use crate::report::{EngineError, Event};

/// Pages that may wait to be closed.
const WAITING: usize = 4;
/// People in one transaction at the most, unless one page has more.
const TOGETHER: usize = 1_000;

/// A page that was read, or why it was not.
type Read = Result<Page, Failure>;

impl<S: Source, T: Target, J: Journal, C: Clock> Engine<S, T, J, C> {
    /// Walks the pages to their end, or until the run is asked to stop; from the front where the source lost the place.
    pub(super) async fn pages<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        mut place: Option<Place>,
    ) -> Result<(), EngineError> {
        let mut restarts = 0;
        while let Some(failure) = Box::pin(self.pages_from(under, walk, place.take())).await? {
            if failure.retry() != Retry::Restart {
                return Err(EngineError::Source(failure));
            }
            restarts += 1;
            if restarts > self.patience.restarts {
                return Err(EngineError::Restarts { times: restarts, failure });
            }
            let restarted = self.journal.restart_walk(&under.begun.fence, under.begun.run).await;
            restarted.map_err(EngineError::Journal)?;
            (under.events)(Event::WalkRestarted { times: restarts });
        }
        Ok(())
    }

    /// The pages from a place on; gives why the source stopped before their end, if it did. Whatever happens, what was
    /// worked out is closed.
    async fn pages_from<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        place: Option<Place>,
    ) -> Result<Option<Failure>, EngineError> {
        let (pages, arriving) = channel(1);
        let (works, worked) = channel(WAITING);
        let ask = walk.ask.clone();
        let reading = async move {
            let mut place = place;
            while let Some(page) = unless_stopped(under.stop, Box::pin(self.source.page(&ask, place.as_ref()))).await {
                place = page.as_ref().ok().and_then(|page| page.next.clone());
                if pages.send(page).await.is_err() || place.is_none() {
                    break;
                }
            }
        };
        let working = self.work_out(under, walk, arriving, works);
        let front = async {
            // Once nothing more is worked out, nothing more need be read.
            match select(pin!(working), pin!(reading)).await {
                Either::Left((worked_out, _)) => worked_out,
                Either::Right(((), working)) => working.await,
            }
        };
        let (front, requests) = join(front, self.close_all(under, worked)).await;
        walk.end.requests += requests?;
        front
    }

    /// Works out page after page. Ends with what the source had to say against the next one.
    async fn work_out<F: Tell>(
        &self,
        under: &Under<'_, F>,
        walk: &mut Walk,
        mut arriving: Receiver<Read>,
        works: Sender<PageWork>,
    ) -> Result<Option<Failure>, EngineError> {
        // Whoever asks who else has a value must find those who gave it up.
        let in_turn = under.sync.0.rules.any_unique();
        while let Some(page) = arriving.recv().await {
            if under.stop.asked() {
                break;
            }
            under.lease.keep(&self.journal, &self.clock).await?;
            let page = match page {
                Ok(page) => page,
                Err(failure) => return Ok(Some(failure)),
            };
            let last = page.next.is_none();
            let work = self.page(under, walk, page).await?;
            walk.tell_news(under);
            if in_turn {
                let closed = self.write(under, work).await?;
                walk.end.requests += closed.requests;
                closed.tell(under, Tried::Read);
            } else if works.send(work).await.is_err() {
                // Closing failed, and says why.
                return Ok(None);
            }
            if last {
                return Ok(None);
            }
        }
        walk.end.stopped = true;
        Ok(None)
    }

    /// Closes what was worked out, as much at once as waits; gives the requests that it took to read it.
    async fn close_all<F: Tell>(
        &self,
        under: &Under<'_, F>,
        mut worked: Receiver<PageWork>,
    ) -> Result<u64, EngineError> {
        let mut requests = 0;
        let mut next = None;
        loop {
            let first = match next.take() {
                Some(work) => Some(work),
                None => worked.recv().await,
            };
            let Some(mut work) = first else { return Ok(requests) };
            let mut keys: HashSet<Key> = HashSet::new();
            while work.people.len() < TOGETHER
                && let Ok(more) = worked.try_recv()
            {
                keys.extend(work.people[keys.len()..].iter().map(|person| person.key.clone()));
                if more.people.iter().any(|person| keys.contains(&person.key)) {
                    // Seen twice: the second sight is a transaction's own, which counts it.
                    next = Some(more);
                    break;
                }
                work.next = more.next;
                work.people.extend(more.people);
                work.touched.extend(more.touched);
                work.repeats += more.repeats;
                work.requests += more.requests;
            }
            let closed = self.write(under, work).await?;
            requests += closed.requests;
            closed.tell(under, Tried::Read);
        }
    }
}
