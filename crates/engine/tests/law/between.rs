//! What another run of the same sync may do while a plan is judged and applied: nothing.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Timestamp;
use joinery_engine::{Ended, Engine, EngineError, Run, Stop, Sync};
use joinery_model::{Ask, Failure, Finding, Key, Page, Place, RunKind, Seen, Source};
use joinery_store::Store;

use crate::laws::{MAPPING, On, SYNC, bench_on, block, compile, run};
use crate::world::{Edit, World, key};

/// The world, where somebody else runs the sync between the reading of people and the answer.
struct Between<'a> {
    world: World,
    other: Mutex<Option<(On<Store>, &'a Sync)>>,
    /// How the other's run ended.
    ended: Mutex<Option<Result<Ended, EngineError>>>,
}

impl Source for Between<'_> {
    async fn now(&self) -> Result<Timestamp, Failure> {
        self.world.now().await
    }

    async fn page(&self, ask: &Ask, place: Option<&Place>) -> Result<Page, Failure> {
        self.world.page(ask, place).await
    }

    async fn fetch(&self, ask: &Ask, keys: &[Key]) -> Result<Vec<Seen>, Failure> {
        let seen = self.world.fetch(ask, keys).await;
        let other = self.other.lock().unwrap().take();
        if let Some((engine, sync)) = other {
            self.world.lock().edit(&Edit::Rename { who: 1, name: 77 });
            let ended = run(&engine, sync, RunKind::Full).await.map(|report| report.ended);
            *self.ended.lock().unwrap() = Some(ended);
        }
        seen
    }

    async fn test(&self, ask: &Ask) -> Vec<Finding> {
        self.world.test(ask).await
    }
}

/// Eight people, and a guard that lets fewer changes through than renaming them all makes.
fn world_and_sync() -> (World, Sync) {
    let world = World::new();
    for who in 0..8 {
        world.lock().edit(&Edit::Hire { who, starts_in: 0 });
    }
    (world, compile(&SYNC.replace("update = \"100%\"", "update = \"10%\""), MAPPING))
}

fn rename(world: &World) {
    for who in 0..8 {
        world.lock().edit(&Edit::Rename { who, name: 40 + who });
    }
}

/// The same sync, run by another process.
fn another(world: &World, store: &Store) -> On<Store> {
    Engine { holder: "another".into(), ..bench_on(world, store.clone()) }
}

/// Does a run of another process find the sync busy while held changes are judged, and is all of it delivered?
async fn nobody_runs_between(plan_only: bool) {
    let (world, sync) = world_and_sync();
    let store = Store::in_memory().unwrap();
    let bench = bench_on(&world, store.clone());
    run(&bench, &sync, RunKind::Full).await.unwrap();
    rename(&world);
    let asked = Run { kind: Some(RunKind::Full), plan_only, ..Run::default() };
    let waits = bench.run(&sync, asked, &|_| {}, &Stop::never()).await.unwrap();
    assert_eq!(waits.ended, if plan_only { Ended::Planned } else { Ended::Held });

    let other = Mutex::new(Some((another(&world, &store), &sync)));
    let source = Between { world: world.clone(), other, ended: Mutex::default() };
    let Engine { targets, journal, clock, holder, patience, .. } = bench;
    let tables: BTreeMap<_, _> = targets.iter().map(|(name, target)| (name.clone(), target.table.clone())).collect();
    let bench = Engine { source, targets, journal, clock, holder, patience };
    let report = bench.apply(&sync, waits.run, &|_| {}, &Stop::never()).await.unwrap();

    let ended = bench.source.ended.lock().unwrap().take().expect("the other run was tried");
    let busy = ended.expect_err("the other run ran between judging and applying");
    assert!(busy.to_string().contains("is being run by test"), "{busy}");
    assert_eq!(report.ended, Ended::Complete);
    for target in report.balance.unwrap().targets.values() {
        assert_eq!(target.delivered, 8, "everything that was judged is delivered");
    }
    let name = tables["byid"].lock().unwrap()["acc-p01"].attributes["name"].to_plain();
    assert_eq!(name, "N41", "what was approved, not what came in between");
}

#[test]
fn no_run_comes_between_the_judgement_of_held_changes_and_their_release() {
    block(nobody_runs_between(false));
}

#[test]
fn no_run_comes_between_the_judgement_of_a_plan_and_its_release() {
    block(nobody_runs_between(true));
}

#[test]
fn a_refused_plan_lets_the_lease_go() {
    block(async {
        let (world, sync) = world_and_sync();
        let store = Store::in_memory().unwrap();
        let bench = bench_on(&world, store.clone());
        run(&bench, &sync, RunKind::Full).await.unwrap();
        rename(&world);
        let held = run(&bench, &sync, RunKind::Full).await.unwrap();
        world.lock().edit(&Edit::Rename { who: 1, name: 77 });
        let refused = bench.apply(&sync, held.run, &|_| {}, &Stop::never()).await.unwrap_err();
        let EngineError::Stale { stale, .. } = refused else { panic!("{refused}") };
        assert!(stale.iter().all(|stale| stale.person == key(1)), "{stale:?}");
        // Nobody waits for a lease of somebody who does nothing.
        let ended = run(&another(&world, &store), &sync, RunKind::Delta).await;
        assert!(ended.is_ok(), "{ended:?}");
        // Nor does somebody who asked for a run that holds nothing.
        let nothing = bench.apply(&sync, joinery_model::RunId(1), &|_| {}, &Stop::never()).await.unwrap_err();
        assert!(matches!(nothing, EngineError::Nothing(_)), "{nothing}");
        assert!(run(&another(&world, &store), &sync, RunKind::Delta).await.is_ok());
    });
}
