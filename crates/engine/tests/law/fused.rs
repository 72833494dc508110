//! A journal with a fuse: the process dies at any of its calls, before or after the call's effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::Timestamp;
use joinery_model::{
    Balance, Became, Begin, Begun, Change, ChangeId, Failure, Fence, Fillable, HoldBack, Journal, Key, Link,
    PageClosed, PageWork, Ref, RunId, RunState, Settled, Stored, Totals, Waiting, Watermark,
};

pub const CRASHED: &str = "the process died here";

#[derive(Clone, Debug)]
pub struct Fused<J> {
    pub inner: J,
    fuse: Arc<Fuse>,
}

#[derive(Debug)]
struct Fuse {
    /// Calls until it blows; negative: never.
    calls: AtomicI64,
    blown: AtomicBool,
    after: AtomicBool,
    walking: AtomicBool,
}

impl<J> Fused<J> {
    pub fn new(inner: J) -> Self {
        let fuse = Fuse {
            calls: AtomicI64::new(-1),
            blown: AtomicBool::new(false),
            after: AtomicBool::new(false),
            walking: AtomicBool::new(false),
        };
        Self { inner, fuse: Arc::new(fuse) }
    }

    /// Dies at the n-th call from now, before or after its effect.
    pub fn die_at(&self, calls: Option<u16>, after: bool) {
        self.fuse.calls.store(calls.map_or(-1, i64::from), Ordering::SeqCst);
        self.fuse.after.store(after, Ordering::SeqCst);
        self.fuse.blown.store(false, Ordering::SeqCst);
    }

    /// Has the running process a walk that is not released?
    pub fn walking(&self) -> bool {
        self.fuse.walking.load(Ordering::SeqCst)
    }

    async fn call<R>(&self, effect: impl Future<Output = Result<R, Failure>>) -> Result<R, Failure> {
        let crashed = || Err(Failure::later(CRASHED, None));
        if self.fuse.blown.load(Ordering::SeqCst) {
            return crashed();
        }
        let left = self.fuse.calls.load(Ordering::SeqCst);
        if left == 0 {
            self.fuse.blown.store(true, Ordering::SeqCst);
            if self.fuse.after.load(Ordering::SeqCst) {
                drop(effect.await);
            }
            return crashed();
        }
        if left > 0 {
            self.fuse.calls.store(left - 1, Ordering::SeqCst);
        }
        effect.await
    }

    fn begun(&self, begun: &Begun) {
        let delivering = begun.resume.as_ref().is_some_and(|resume| resume.state == RunState::Delivering);
        self.fuse.walking.store(!delivering, Ordering::SeqCst);
    }
}

impl<J: Journal> Journal for Fused<J> {
    async fn watermark(&self, sync: &str) -> Result<Option<Watermark>, Failure> {
        self.call(self.inner.watermark(sync)).await
    }
    async fn begin(&self, begin: &Begin) -> Result<Begun, Failure> {
        self.call(self.inner.begin(begin)).await.inspect(|begun| self.begun(begun))
    }
    async fn reopen(&self, run: RunId, begin: &Begin) -> Result<Begun, Failure> {
        self.call(self.inner.reopen(run, begin)).await.inspect(|begun| self.begun(begun))
    }
    async fn renew(&self, fence: &Fence, until: Timestamp) -> Result<(), Failure> {
        self.call(self.inner.renew(fence, until)).await
    }
    async fn restart_walk(&self, fence: &Fence, run: RunId) -> Result<(), Failure> {
        self.call(self.inner.restart_walk(fence, run)).await
    }
    async fn close_page(&self, fence: &Fence, work: PageWork) -> Result<PageClosed, Failure> {
        self.call(self.inner.close_page(fence, work)).await
    }
    async fn last(&self, sync: &str, target: &str, keys: &[Key]) -> Result<Vec<Option<Link>>, Failure> {
        self.call(self.inner.last(sync, target, keys)).await
    }
    async fn unsettled(&self, sync: &str, target: &str, keys: &[Key]) -> Result<Vec<Vec<Change>>, Failure> {
        self.call(self.inner.unsettled(sync, target, keys)).await
    }
    async fn waiting(&self, sync: &str, target: &str, keys: &[Key]) -> Result<Vec<Vec<Waiting>>, Failure> {
        self.call(self.inner.waiting(sync, target, keys)).await
    }
    async fn links(&self, sync: &str, target: &str, after: Option<&Key>, limit: usize) -> Result<Vec<Link>, Failure> {
        self.call(self.inner.links(sync, target, after, limit)).await
    }
    async fn accounts(&self, sync: &str, target: &str, of: &[Arc<str>]) -> Result<Vec<Option<Arc<str>>>, Failure> {
        self.call(self.inner.accounts(sync, target, of)).await
    }
    async fn became(&self, sync: &str, keys: &[Key]) -> Result<Vec<Option<Became>>, Failure> {
        self.call(self.inner.became(sync, keys)).await
    }
    async fn touched(&self, run: RunId) -> Result<Vec<Ref>, Failure> {
        self.call(self.inner.touched(run)).await
    }
    async fn people_with(&self, run: RunId, refs: &[Ref], after: Option<&Key>, n: usize) -> Result<Vec<Key>, Failure> {
        self.call(self.inner.people_with(run, refs, after, n)).await
    }
    async fn unseen(&self, run: RunId, after: Option<&Key>, limit: usize) -> Result<Vec<Key>, Failure> {
        self.call(self.inner.unseen(run, after, limit)).await
    }
    async fn totals(&self, run: RunId) -> Result<Totals, Failure> {
        self.call(self.inner.totals(run)).await
    }
    async fn release(&self, fence: &Fence, run: RunId, held: &[HoldBack], approve: bool) -> Result<(), Failure> {
        self.call(self.inner.release(fence, run, held, approve)).await?;
        self.fuse.walking.store(false, Ordering::SeqCst);
        Ok(())
    }
    async fn claim(&self, fence: &Fence, target: &str, now: Timestamp, limit: usize) -> Result<Vec<Change>, Failure> {
        self.call(self.inner.claim(fence, target, now, limit)).await
    }
    async fn next_due(&self, fence: &Fence, target: &str) -> Result<Option<Timestamp>, Failure> {
        self.call(self.inner.next_due(fence, target)).await
    }
    async fn settle(
        &self,
        fence: &Fence,
        ends: &[(ChangeId, Settled)],
        now: Timestamp,
    ) -> Result<Vec<(ChangeId, Settled)>, Failure> {
        self.call(self.inner.settle(fence, ends, now)).await
    }
    async fn fillable(&self, fence: &Fence, limit: usize) -> Result<Vec<Fillable>, Failure> {
        self.call(self.inner.fillable(fence, limit)).await
    }
    async fn back_fill(&self, fence: &Fence, run: RunId, changes: Vec<Change>) -> Result<(), Failure> {
        self.call(self.inner.back_fill(fence, run, changes)).await
    }
    async fn note(&self, fence: &Fence, run: RunId, text: &str) -> Result<(), Failure> {
        self.call(self.inner.note(fence, run, text)).await
    }
    async fn changes(&self, run: RunId, after: Option<ChangeId>, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.call(self.inner.changes(run, after, limit)).await
    }
    async fn moved_to(&self, run: RunId) -> Result<Vec<RunId>, Failure> {
        self.call(self.inner.moved_to(run)).await
    }
    async fn finish(
        &self,
        fence: &Fence,
        run: RunId,
        now: Timestamp,
        failed: Option<&str>,
    ) -> Result<Balance, Failure> {
        self.call(self.inner.finish(fence, run, now, failed)).await
    }
}
