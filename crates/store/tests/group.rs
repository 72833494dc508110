//! The proof that decides the design: many callers claim, settle and close pages of several syncs at once, over one
//! writer that commits them together; a runner whose fence is stale writes nothing, and takes nothing of others with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use joinery_model::{Action, Begin, Failure, Fence, Journal, PageWork, PersonWork, Place, RunId, RunKind, Settled};
use joinery_store::conformance::{at, person, planned};
use joinery_store::{Settings, Stop, Store};

const SYNCS: usize = 4;
const PEOPLE: usize = 120;

fn begin(sync: usize, holder: &str, now: i64) -> Begin {
    Begin {
        sync: format!("sync-{sync}").into(),
        kind: RunKind::Full,
        plan_only: false,
        config_hash: "c".into(),
        until: at(0),
        now: at(now),
        holder: holder.into(),
        lease: std::time::Duration::from_mins(1),
    }
}

fn work(run: RunId, first: usize, next: bool) -> PageWork {
    let people = (first..first + 10).map(|n| {
        let key = format!("p{n:03}");
        let change = planned(&key, "hr", Action::Create, "one");
        PersonWork { targets: vec![("hr".into(), change, Vec::new())], ..person(&key) }
    });
    let next = next.then(|| Place((first + 10).to_string()));
    PageWork { run, next, people: people.collect(), touched: Vec::new(), repeats: 0, requests: 1 }
}

async fn deliver(store: &Store, fence: &Fence) -> Result<u64, Failure> {
    let mut n = 0;
    loop {
        let claimed = store.claim(fence, "hr", at(0), 7).await?;
        if claimed.is_empty() {
            return Ok(n);
        }
        for change in claimed {
            let done = Settled::Done { target_id: format!("id-{}", change.person).into() };
            store.settle(fence, &[(change.id, done)], at(0)).await?;
            n += 1;
        }
    }
}

/// A whole run of one sync, with a stale runner of the same sync beside it that tries everything.
async fn one_sync(store: Store, sync: usize, refused: Arc<AtomicU64>) {
    let old = store.begin(&begin(sync, "old", 0)).await.unwrap();
    let new = store.begin(&begin(sync, "new", 61)).await.unwrap();
    let (run, fence) = (new.run, new.fence);
    let stale = {
        let (store, fence) = (store.clone(), old.fence);
        tokio::spawn(async move {
            for n in 0..40 {
                let page = store.close_page(&fence, work(run, 900 + n, true)).await;
                let claim = store.claim(&fence, "hr", at(0), 5).await;
                let renew = store.renew(&fence, at(99_999)).await;
                for failure in [page.map(|_| ()), claim.map(|_| ()), renew] {
                    assert!(failure.unwrap_err().message.contains("took over"));
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        })
    };
    for first in (0..PEOPLE).step_by(10) {
        store.close_page(&fence, work(run, first, first + 10 < PEOPLE)).await.unwrap();
    }
    store.release(&fence, run, &[], false).await.unwrap();
    let deliverers: Vec<_> = (0..3)
        .map(|_| {
            let (store, fence) = (store.clone(), fence.clone());
            tokio::spawn(async move { deliver(&store, &fence).await.unwrap() })
        })
        .collect();
    let mut delivered = 0;
    for deliverer in deliverers {
        delivered += deliverer.await.unwrap();
    }
    assert_eq!(delivered, PEOPLE as u64);
    stale.await.unwrap();
    let balance = store.finish(&fence, run, at(70), None).await.unwrap();
    assert_eq!(balance.check(), Vec::new());
    assert_eq!((balance.people.read, balance.targets["hr"].delivered), (PEOPLE as u64, PEOPLE as u64));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_runs_share_commits_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("joinery.db");
    let store = Store::open(&path).unwrap();
    let refused = Arc::new(AtomicU64::new(0));
    let runs: Vec<_> =
        (0..SYNCS).map(|sync| tokio::spawn(one_sync(store.clone(), sync, Arc::clone(&refused)))).collect();
    for run in runs {
        run.await.unwrap();
    }
    assert_eq!(refused.load(Ordering::Relaxed), SYNCS as u64 * 120);
    drop(store);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.integrity().await.unwrap(), Vec::<String>::new());
    for sync in 0..SYNCS {
        let sync = format!("sync-{sync}");
        assert_eq!(store.links(&sync, "hr", None, PEOPLE + 1).await.unwrap().len(), PEOPLE);
        let runs = store.runs(Some(&sync), 1).await.unwrap();
        let rows = runs[0].balance.as_ref().unwrap().people.rows;
        assert_eq!(rows, PEOPLE as u64, "no stale page was written");
    }
}

/// Requests that fail inside a group leave the others of the group written, in one commit.
#[tokio::test]
async fn one_that_fails_undoes_no_other() {
    let directory = tempfile::tempdir().unwrap();
    // The first step holds the writer up until the rest waits behind it, so that they are one group.
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let hook = move |step: u64, _: &'static str| {
        if step == 2 {
            let _ = wait.lock().unwrap().recv_timeout(std::time::Duration::from_secs(5));
        }
        Stop::No
    };
    let settings = Settings { stop: Some(Arc::new(hook)), ..Settings::default() };
    let store = Store::open_with(directory.path().join("joinery.db"), settings).unwrap();
    let begun = store.begin(&begin(0, "one", 0)).await.unwrap();
    let (run, fence) = (begun.run, begun.fence);
    let stale = Fence { token: fence.token - 1, ..fence.clone() };
    let nobody = [(joinery_model::ChangeId(77), Settled::Dead("x".into()))];
    let (renew, bad, good, worse, last) = tokio::join!(
        store.renew(&fence, at(60)),
        store.close_page(&stale, work(run, 500, true)),
        store.close_page(&fence, work(run, 0, true)),
        store.settle(&fence, &nobody, at(0)),
        async {
            let page = store.close_page(&fence, work(run, 10, false));
            let _ = go.send(());
            page.await
        },
    );
    renew.unwrap();
    assert!(bad.is_err());
    assert!(worse.is_err());
    assert_eq!(good.unwrap().people, 10);
    assert_eq!(last.unwrap().people, 10);
    assert_eq!(store.changes(run, None, 100).await.unwrap().len(), 20);
}
