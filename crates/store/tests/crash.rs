//! The journal is stopped at every step of a small run, before and after the step is committed, and opened again: the
//! run goes on, everything is delivered once, and the balance holds.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use joinery_model::{Action, Failure, Journal, PageWork, PersonWork, Place, RunKind, Settled};
use joinery_store::conformance::{Scene, at, person, planned};
use joinery_store::{Settings, Stop, Store};

/// The source: two pages of three people.
fn page(place: Option<&Place>) -> (Vec<PersonWork>, Option<Place>) {
    let keys = if place.is_none() { ["a", "b", "c"] } else { ["c", "d", "e"] };
    let people = keys.map(|key| {
        let mut work = person(key);
        work.targets.push(("hr".into(), planned(key, "hr", Action::Create, "one"), Vec::new()));
        work
    });
    (people.to_vec(), place.is_none().then(|| Place("second".into())))
}

/// A target that remembers who was delivered how often.
type Accounts = BTreeMap<String, u32>;

/// One life of a process: it runs until it is done or the journal stops it.
async fn live(store: &Store, accounts: &mut Accounts, now: i64) -> Result<(), Failure> {
    let mut begin = ask();
    begin.now = at(now);
    let begun = store.begin(&begin).await?;
    let (run, fence) = (begun.run, begun.fence);
    let delivering = begun.resume.as_ref().is_some_and(|resume| resume.state == joinery_model::RunState::Delivering);
    if !delivering {
        let mut place = begun.resume.as_ref().and_then(|resume| resume.place.clone());
        let mut walked = begun.resume.is_some_and(|resume| resume.walked);
        while !walked {
            let (people, next) = page(place.as_ref());
            walked = next.is_none();
            let work = PageWork { run, next: next.clone(), people, touched: Vec::new(), repeats: 0, requests: 1 };
            store.close_page(&fence, work).await?;
            place = next;
        }
        store.release(&fence, run, &[], false).await?;
    }
    loop {
        let claimed = store.claim(&fence, "hr", at(now), 2).await?;
        if claimed.is_empty() {
            break;
        }
        for change in &claimed {
            *accounts.entry(change.person.to_string()).or_default() += 1;
        }
        let done = |key: &str| Settled::Done { target_id: format!("id-{key}").into() };
        let settled: Vec<_> = claimed.iter().map(|change| (change.id, done(change.person.as_str()))).collect();
        store.settle(&fence, &settled, at(now)).await?;
    }
    let balance = store.finish(&fence, run, at(now), None).await?;
    assert_eq!(balance.check(), Vec::new());
    assert_eq!(balance.targets["hr"].delivered, 5);
    assert_eq!((balance.people.read, balance.people.rows), (5, 6));
    Ok(())
}

fn ask() -> joinery_model::Begin {
    joinery_model::Begin {
        sync: "people".into(),
        kind: RunKind::Full,
        plan_only: false,
        config_hash: "c1".into(),
        until: at(0),
        now: at(0),
        holder: "tests".into(),
        lease: std::time::Duration::from_mins(1),
    }
}

fn open(path: &Path, stop_at: u64, how: Stop) -> (Store, Arc<AtomicU64>) {
    let steps = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&steps);
    let hook = move |step, _: &'static str| {
        counter.store(step, Ordering::SeqCst);
        if step == stop_at { how } else { Stop::No }
    };
    let settings = Settings { stop: Some(Arc::new(hook)), ..Settings::default() };
    (Store::open_with(path, settings).unwrap(), steps)
}

#[tokio::test]
async fn every_step_can_be_the_last_of_a_process() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("whole.db");
    let (store, steps) = open(&path, 0, Stop::No);
    live(&store, &mut Accounts::new(), 0).await.unwrap();
    drop(store);
    let steps = steps.load(Ordering::SeqCst);
    assert!(steps > 10, "begin, pages, release, claims, settles, finish: {steps}");
    for step in 1..=steps {
        for how in [Stop::Before, Stop::After] {
            let path = directory.path().join(format!("{step}-{how:?}.db"));
            let mut accounts = Accounts::new();
            let (store, _) = open(&path, step, how);
            assert!(live(&store, &mut accounts, 0).await.is_err(), "stopped at {step} {how:?}");
            // The process is dead: not even a read of its own may hide that; whoever comes next opens the file anew.
            assert!(store.renew(&joinery_model::Fence { sync: "people".into(), token: 1 }, at(9)).await.is_err());
            drop(store);
            let store = Store::open(&path).unwrap();
            assert_eq!(store.integrity().await.unwrap(), Vec::<String>::new());
            let runs = store.runs(Some("people"), 1).await.unwrap();
            let over = runs.iter().any(|run| run.state == joinery_model::RunState::Finished);
            assert_eq!(over, step == steps && how == Stop::After);
            if !over {
                live(&store, &mut accounts, 100).await.unwrap();
            }
            assert_eq!(accounts.keys().collect::<Vec<_>>(), ["a", "b", "c", "d", "e"], "{step} {how:?}");
            assert_eq!(store.runs(None, 10).await.unwrap().len(), 1, "the run went on: {step} {how:?}");
            assert_eq!(store.links("people", "hr", None, 10).await.unwrap().len(), 5);
            let scene = Scene { journal: store, run: joinery_model::RunId(1), fence: fence(), now: 100 };
            assert_eq!(scene.stored(scene.run).await.len(), 5, "each planned once: {step} {how:?}");
        }
    }
}

#[tokio::test]
async fn a_dead_holder_is_not_waited_for_and_a_living_one_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("joinery.db");
    let by = |holder: &str| joinery_model::Begin { holder: holder.into(), now: at(1), ..ask() };
    let (dying, _) = open(&path, 3, Stop::After);
    let run = dying.begin(&by("first")).await.unwrap().run;
    let waiting = Store::open(&path).unwrap();
    let busy = waiting.begin(&by("second")).await.unwrap_err();
    assert!(busy.message.contains("first"), "{}", busy.message);
    // The process ends long before its lease does.
    drop(dying);
    let begun = waiting.begin(&by("second")).await.unwrap();
    assert_eq!(begun.run, run, "the run goes on");
    let third = Store::open(&path).unwrap();
    let busy = third.begin(&by("third")).await.unwrap_err();
    assert!(busy.message.contains("second"), "{}", busy.message);
    // A run that is over leaves nothing beside the journal.
    waiting.finish(&begun.fence, run, at(2), Some("over")).await.unwrap();
    let left = std::fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().contains("lease")));
    third.begin(&by("third")).await.unwrap();
}

fn fence() -> joinery_model::Fence {
    joinery_model::Fence { sync: "people".into(), token: 0 }
}
