//! The guard over many runs: it does not wear out, and it does not give way.

use joinery_engine::{Ended, Stop};
use joinery_model::RunKind;
use joinery_store::Store;

use crate::laws::{MAPPING, SYNC, bench_on, block, compile, run};
use crate::world::{Edit, World, key};

fn hire(world: &World, who: std::ops::Range<u8>) {
    who.for_each(|who| world.lock().edit(&Edit::Hire { who, starts_in: 0 }));
}

fn purge(world: &World, who: std::ops::Range<u8>) {
    who.for_each(|who| world.lock().edit(&Edit::Vanish { who }));
}

#[test]
fn whoever_is_gone_and_approved_is_no_news_to_later_runs() {
    block(async {
        let world = World::new();
        hire(&world, 0..100);
        let sync = compile(&SYNC.replace("population = \"100%\"", "population = \"20%\""), MAPPING);
        let bench = bench_on(&world, Store::in_memory().unwrap());
        run(&bench, &sync, RunKind::Full).await.unwrap();
        purge(&world, 0..17);
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert!(report.held.iter().all(|held| held.contains("17 people are no longer")), "{:?}", report.held);
        bench.apply(&sync, report.run, &|_| {}, &Stop::never()).await.unwrap();

        // 17 disabled accounts are still there; with the 4 that go now they would be more than a fifth.
        purge(&world, 17..21);
        hire(&world, 200..201);
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert!(report.held.iter().all(|held| held.contains("4 people are no longer")), "{:?}", report.held);
        let hired = &*format!("acc-{}", key(200));
        assert!(bench.targets["byid"].table.lock().unwrap().contains_key(hired), "the hire is not held with them");
    });
}

#[test]
fn people_hired_meanwhile_make_up_for_nobody_who_is_missing() {
    block(async {
        let world = World::new();
        hire(&world, 0..20);
        let sync = compile(&SYNC.replace("population = \"100%\"", "population = \"20%\""), MAPPING);
        let bench = bench_on(&world, Store::in_memory().unwrap());
        run(&bench, &sync, RunKind::Full).await.unwrap();
        purge(&world, 0..6);
        hire(&world, 100..103);
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(report.ended, Ended::Held);
        assert!(report.held[0].contains("of 20 known people 6 are missing"), "{:?}", report.held);
        // Nobody approved it, so it is as before with the next run.
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert!(report.held[0].contains("of 23 known people 6 are missing"), "{:?}", report.held);
    });
}
