//! A target that is dead keeps nobody else waiting, and nobody is forgotten because of it.

use std::sync::Mutex;

use joinery_engine::{Ended, Event, Report, Run, Stop, Sync};
use joinery_model::{Journal, RunKind, Value};
use joinery_store::Store;

use crate::laws::{MAPPING, On, SYNC, bench_on, block, compile, run};
use crate::world::{Account, Edit, Trouble, World, key};

const DEAD: &str = "byid";
const FINE: &str = "byname";

fn world(people: u8) -> World {
    let world = World::new();
    (0..people).for_each(|who| world.lock().edit(&Edit::Hire { who, starts_in: 0 }));
    world
}

fn account(bench: &On<Store>, target: &str, who: u8) -> Option<Account> {
    bench.targets[target].table.lock().unwrap().get(&*format!("acc-{}", key(who))).cloned()
}

fn trouble(bench: &On<Store>, trouble: Trouble) {
    *bench.targets[DEAD].trouble.lock().unwrap() = trouble;
}

fn bench(world: &World) -> On<Store> {
    let mut bench = bench_on(world, Store::in_memory().unwrap());
    bench.patience.outages = 2;
    bench
}

fn pending(report: &Report) -> u64 {
    report.balance.as_ref().unwrap().targets[DEAD].pending
}

async fn delta(bench: &On<Store>, sync: &Sync) -> Report {
    run(bench, sync, RunKind::Delta).await.unwrap()
}

#[test]
fn the_other_targets_go_on_and_the_next_run_takes_what_waited() {
    for refuses in [false, true] {
        block(async {
            let world = world(3);
            let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
            run(&bench, &sync, RunKind::Full).await.unwrap();
            trouble(&bench, if refuses { Trouble::Refuses } else { Trouble::Away });
            world.lock().edit(&Edit::Leave { who: 0, in_days: 0 });
            world.lock().edit(&Edit::NextDay);
            world.lock().edit(&Edit::NextDay);
            world.lock().edit(&Edit::Hire { who: 9, starts_in: 0 });
            let report = delta(&bench, &sync).await;
            assert_eq!((report.ended, pending(&report)), (Ended::Pending, 2));
            assert_eq!(report.unreachable[DEAD].starts_with("it refuses"), refuses, "{:?}", report.unreachable);
            assert!(!account(&bench, FINE, 0).unwrap().active && account(&bench, FINE, 9).is_some());
            // Still away: it is said again, and nobody is planned twice.
            let report = delta(&bench, &sync).await;
            assert_eq!((report.ended, pending(&report)), (Ended::Pending, 1));
            trouble(&bench, Trouble::None);
            bench.clock.advance(std::time::Duration::from_mins(10));
            let report = delta(&bench, &sync).await;
            assert_eq!((report.ended, report.unreachable.len()), (Ended::Complete, 0));
            assert!(!account(&bench, DEAD, 0).unwrap().active && account(&bench, DEAD, 9).is_some());
            // It is over: nobody is looked at again.
            world.lock().now += jiff::SignedDuration::from_secs(1);
            delta(&bench, &sync).await;
            assert_eq!(delta(&bench, &sync).await.balance.unwrap().people.rows, 0);
        });
    }
}

#[test]
fn what_holds_for_a_first_walk_holds_for_whom_it_could_not_look_up() {
    block(async {
        let world = world(3);
        let there = |id: &str, name: &str| Account {
            active: true,
            attributes: [("id".into(), Value::text(id)), ("name".into(), Value::text(name))].into(),
        };
        world.lock().edit(&Edit::Leave { who: 2, in_days: 0 });
        (0..3).for_each(|_| world.lock().edit(&Edit::NextDay));
        let sync = compile(&SYNC.replace("lead_days = 1", "adopt_only = true"), MAPPING);
        let bench = bench(&world);
        let before = [("x1".into(), there("p01", "Other"))].into();
        bench.targets[DEAD].table.lock().unwrap().clone_from(&before);
        trouble(&bench, Trouble::Away);
        run(&bench, &sync, RunKind::Full).await.unwrap();
        // A plan in between that is dropped makes nobody forgotten.
        trouble(&bench, Trouble::None);
        let asked = Run { plan_only: true, ..Run::default() };
        bench.run(&sync, asked, &|_| {}, &Stop::never()).await.unwrap();
        delta(&bench, &sync).await;
        assert_eq!(*bench.targets[DEAD].table.lock().unwrap(), before, "adopted, nothing written, nothing created");
        assert_eq!(bench.journal.links("people", DEAD, None, 10).await.unwrap().len(), 1);
    });
    block(async {
        let world = world(3);
        world.lock().edit(&Edit::Leave { who: 2, in_days: 0 });
        (0..3).for_each(|_| world.lock().edit(&Edit::NextDay));
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        let left = Account { active: true, attributes: [("id".into(), Value::text("p02"))].into() };
        bench.targets[DEAD].table.lock().unwrap().insert("x2".into(), left);
        trouble(&bench, Trouble::Away);
        run(&bench, &sync, RunKind::Full).await.unwrap();
        trouble(&bench, Trouble::None);
        delta(&bench, &sync).await;
        assert!(!bench.targets[DEAD].table.lock().unwrap()["x2"].active, "the leaver's account was found and disabled");
    });
}

#[test]
fn a_target_that_cannot_be_closed_is_closed_by_the_next_run() {
    block(async {
        let world = world(2);
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        trouble(&bench, Trouble::Closing);
        let told = Mutex::new(Vec::new());
        let tell = |event| {
            if let Event::Unreachable { target, .. } = event {
                told.lock().unwrap().push(target);
            }
        };
        let report = bench.run(&sync, Run::default(), &tell, &Stop::never()).await.unwrap();
        assert_eq!((report.ended, report.unreachable.len()), (Ended::Pending, 1));
        assert_eq!(*told.lock().unwrap(), [DEAD.into()]);
        assert_eq!(bench.targets[FINE].closed.lock().unwrap().len(), 1);
        trouble(&bench, Trouble::None);
        assert_eq!(delta(&bench, &sync).await.ended, Ended::Complete);
        assert_eq!(bench.targets[DEAD].closed.lock().unwrap().len(), 1);
    });
}

#[test]
fn without_patience_a_run_waits_for_nothing_and_the_next_one_takes_it() {
    block(async {
        let world = world(4);
        let mut bench = bench(&world);
        bench.patience.wait = std::time::Duration::ZERO;
        let sync = compile(SYNC, MAPPING);
        // One of each call is put off.
        *bench.targets[DEAD].mishaps.lock().unwrap() = vec![3];
        let waited = Mutex::new(0);
        let tell = |event| {
            if let Event::Waiting { .. } = event {
                *waited.lock().unwrap() += 1;
            }
        };
        let report = bench.run(&sync, Run::default(), &tell, &Stop::never()).await.unwrap();
        assert_eq!((report.ended, pending(&report), *waited.lock().unwrap()), (Ended::Pending, 2, 0));
        bench.clock.advance(std::time::Duration::from_secs(2));
        assert_eq!(delta(&bench, &sync).await.ended, Ended::Complete);
        assert!((0..4).all(|who| account(&bench, DEAD, who).is_some()));
    });
}

#[test]
fn a_run_that_died_after_its_release_still_says_why_it_held() {
    block(async {
        let world = world(8);
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        run(&bench, &sync, RunKind::Full).await.unwrap();
        world.lock().edit(&Edit::Vanish { who: 2 });
        // Dies at the end of the run, whatever the number of calls up to there.
        for calls in (0..200).rev() {
            bench.journal.die_at(Some(calls), false);
            if run(&bench, &sync, RunKind::Full).await.is_err() {
                break;
            }
        }
        bench.journal.die_at(None, false);
        let report = delta(&bench, &sync).await;
        let first = report.finished_first.as_deref().unwrap_or(&report);
        assert_eq!(first.ended, Ended::Held);
        assert!(first.held.iter().all(|held| held.contains("no longer in the source")), "{:?}", first.held);
        assert_eq!(first.held.len(), 2);
    });
}
