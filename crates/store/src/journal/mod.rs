//! [`Journal`] on SQLite: one file a group of its methods.

mod balance;
mod begin;
mod deliver;
mod fill;
mod finish;
#[cfg(test)]
mod hot;
mod look;
mod moved;
mod page;
mod plan;
pub(crate) mod rows;

use std::sync::Arc;

use jiff::Timestamp;
use joinery_model::{
    Balance, Became, Begin, Begun, Change, ChangeId, Failure, Fence, Fillable, HoldBack, Journal, Key, Link,
    PageClosed, PageWork, Ref, RunId, Settled, Stored, Totals, Waiting, Watermark,
};

use crate::Store;
use crate::session::Session;

pub(crate) use balance::{people as people_count, targets as target_counts};

impl Journal for Store {
    async fn watermark(&self, sync: &str) -> Result<Option<Watermark>, Failure> {
        let sync = sync.to_owned();
        self.read(move |conn| look::watermark(conn, &sync)).await
    }

    async fn begin(&self, begin: &Begin) -> Result<Begun, Failure> {
        let (begin, leases) = (begin.clone(), self.leases());
        self.write("begin", move |session| begin::begin(session, &leases, &begin)).await
    }

    async fn reopen(&self, run: RunId, begin: &Begin) -> Result<Begun, Failure> {
        let (begin, leases) = (begin.clone(), self.leases());
        self.write("reopen", move |session| begin::reopen(session, &leases, run, &begin)).await
    }

    async fn renew(&self, fence: &Fence, until: Timestamp) -> Result<(), Failure> {
        let fence = fence.clone();
        self.write("renew", move |session| begin::renew(session, &fence, until)).await
    }

    async fn restart_walk(&self, fence: &Fence, run: RunId) -> Result<(), Failure> {
        let fence = fence.clone();
        self.write("restart_walk", move |session| page::restart(session, &fence, run)).await
    }

    async fn close_page(&self, fence: &Fence, work: PageWork) -> Result<PageClosed, Failure> {
        let fence = fence.clone();
        // Written as JSON on a thread of its own: the writing one is waited for by everybody, this one by the walk.
        let leaf = tokio::task::spawn_blocking(move || page::Leaf::of(work));
        let leaf = leaf.await.map_err(|_| Failure::refused("writing a page as JSON ended before its time"))?;
        let leaf = leaf.map_err(|fault| fault.failure(&self.place()))?;
        self.write("close_page", move |session| page::close(session, &fence, leaf)).await
    }

    async fn last(&self, sync: &str, target: &str, keys: &[Key]) -> Result<Vec<Option<Link>>, Failure> {
        let (sync, target, keys) = (sync.to_owned(), target.to_owned(), keys.to_vec());
        self.read(move |conn| look::last(conn, &sync, &target, &keys)).await
    }

    async fn unsettled(&self, sync: &str, target: &str, keys: &[Key]) -> Result<Vec<Vec<Change>>, Failure> {
        let (sync, target, keys) = (sync.to_owned(), target.to_owned(), keys.to_vec());
        self.read(move |conn| look::unsettled(conn, &sync, &target, &keys)).await
    }

    async fn waiting(&self, sync: &str, target: &str, keys: &[Key]) -> Result<Vec<Vec<Waiting>>, Failure> {
        let (sync, target, keys) = (sync.to_owned(), target.to_owned(), keys.to_vec());
        self.read(move |conn| look::waiting(conn, &sync, &target, &keys)).await
    }

    async fn links(&self, sync: &str, target: &str, after: Option<&Key>, limit: usize) -> Result<Vec<Link>, Failure> {
        let (sync, target, after) = (sync.to_owned(), target.to_owned(), after.cloned());
        self.read(move |conn| look::links(conn, &sync, &target, after.as_ref(), limit)).await
    }

    async fn accounts(&self, sync: &str, target: &str, aliases: &[Arc<str>]) -> Result<Vec<Option<Arc<str>>>, Failure> {
        let (sync, target, aliases) = (sync.to_owned(), target.to_owned(), aliases.to_vec());
        self.read(move |conn| look::accounts(conn, &sync, &target, &aliases)).await
    }

    async fn became(&self, sync: &str, keys: &[Key]) -> Result<Vec<Option<Became>>, Failure> {
        let (sync, keys) = (sync.to_owned(), keys.to_vec());
        self.read(move |conn| look::became(conn, &sync, &keys)).await
    }

    async fn touched(&self, run: RunId) -> Result<Vec<Ref>, Failure> {
        self.read(move |conn| look::touched(conn, run)).await
    }

    async fn people_with(
        &self,
        run: RunId,
        refs: &[Ref],
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<Key>, Failure> {
        let (refs, after) = (refs.to_vec(), after.cloned());
        self.read(move |conn| look::people_with(conn, run, &refs, after.as_ref(), limit)).await
    }

    async fn unseen(&self, run: RunId, after: Option<&Key>, limit: usize) -> Result<Vec<Key>, Failure> {
        let after = after.cloned();
        self.read(move |conn| look::unseen(conn, run, after.as_ref(), limit)).await
    }

    async fn totals(&self, run: RunId) -> Result<Totals, Failure> {
        self.read(move |conn| plan::totals(conn, run)).await
    }

    async fn release(&self, fence: &Fence, run: RunId, held: &[HoldBack], approve: bool) -> Result<(), Failure> {
        let (fence, held) = (fence.clone(), held.to_vec());
        self.write("release", move |session| plan::release(session, &fence, run, &held, approve)).await
    }

    async fn claim(&self, fence: &Fence, target: &str, now: Timestamp, limit: usize) -> Result<Vec<Change>, Failure> {
        let (fence, name) = (fence.clone(), Arc::<str>::from(target));
        let asked = Arc::clone(&name);
        let taken = self.write("claim", move |session| deliver::claim(session, &fence, &asked, now, limit)).await?;
        // Parsed beside whoever claims, who has the target to look after meanwhile.
        let read = move || taken.into_iter().map(|raw| raw.read(&name)).collect::<Result<_, _>>();
        let changes = tokio::task::spawn_blocking(read).await;
        let changes = changes.map_err(|error| Failure::refused(format!("reading claimed changes: {error}")))?;
        changes.map_err(|fault| fault.failure(&self.place()))
    }

    async fn next_due(&self, fence: &Fence, target: &str) -> Result<Option<Timestamp>, Failure> {
        let (fence, target) = (fence.clone(), target.to_owned());
        self.read(move |conn| deliver::next_due(conn, &fence, &target)).await
    }

    async fn settle(
        &self,
        fence: &Fence,
        settled: &[(ChangeId, Settled)],
        now: Timestamp,
    ) -> Result<Vec<(ChangeId, Settled)>, Failure> {
        let (fence, settled) = (fence.clone(), settled.to_vec());
        self.write("settle", move |session| deliver::settle(session, &fence, &settled, now)).await
    }

    async fn fillable(&self, fence: &Fence, limit: usize) -> Result<Vec<Fillable>, Failure> {
        let fence = fence.clone();
        self.read(move |conn| fill::fillable(conn, &fence, limit)).await
    }

    async fn back_fill(&self, fence: &Fence, run: RunId, changes: Vec<Change>) -> Result<(), Failure> {
        let fence = fence.clone();
        let fills = changes.into_iter().map(page::Planned::of).collect::<Result<Vec<_>, _>>();
        let fills = fills.map_err(|fault| fault.failure(&self.place()))?;
        self.write("back_fill", move |session| fill::back_fill(session, &fence, run, &fills)).await
    }

    async fn note(&self, fence: &Fence, run: RunId, text: &str) -> Result<(), Failure> {
        let (fence, text) = (fence.clone(), text.to_owned());
        self.write("note", move |session| finish::note(session, &fence, run, &text)).await
    }

    async fn changes(&self, run: RunId, after: Option<ChangeId>, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.read(move |conn| look::changes(conn, run, after, limit)).await
    }

    async fn moved_to(&self, run: RunId) -> Result<Vec<RunId>, Failure> {
        self.read(move |conn| look::moved_to(conn, run)).await
    }

    async fn finish(
        &self,
        fence: &Fence,
        run: RunId,
        now: Timestamp,
        failed: Option<&str>,
    ) -> Result<Balance, Failure> {
        let (of, failed) = (fence.clone(), failed.map(str::to_owned));
        let finish = move |session: &mut Session<'_>| finish::finish(session, &of, run, now, failed.as_deref());
        let balance = self.write("finish", finish).await?;
        self.leases().let_go(&fence.sync, fence.token);
        Ok(balance)
    }
}
