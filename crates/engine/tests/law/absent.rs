//! Whoever is expected and not given, and whoever is there and cannot be read: neither passed over nor gone.

use joinery_engine::{Ended, EngineError, Moved, Report, Run, Stop, Sync};
use joinery_model::{ChangeState, Journal, RunKind, Value};
use joinery_store::Store;

use crate::laws::{MAPPING, On, SYNC, bench_on, block, compile, run};
use crate::world::{Edit, World, key};

const COUNT: u8 = 10;

/// People with accounts, on the real journal.
async fn settled(sync: &Sync) -> (World, On<Store>) {
    let world = World::new();
    (0..COUNT).for_each(|who| world.lock().edit(&Edit::Hire { who, starts_in: 0 }));
    let bench = bench_on(&world, Store::in_memory().unwrap());
    assert_eq!(run(&bench, sync, RunKind::Full).await.unwrap().ended, Ended::Complete);
    (world, bench)
}

fn is_active(bench: &On<Store>, who: u8) -> Option<bool> {
    bench.targets["byid"].table.lock().unwrap().get(&*format!("acc-{}", key(who))).map(|account| account.active)
}

fn days(world: &World, count: u8) {
    (0..count).for_each(|_| world.lock().edit(&Edit::NextDay));
}

fn invalid(report: &Report, rule: &str) -> u64 {
    report.balance.as_ref().unwrap().people.invalid.get(rule).copied().unwrap_or(0)
}

async fn named(bench: &On<Store>, sync: &Sync, who: u8) -> Report {
    let asked = Run { keys: vec![key(who)], ..Run::default() };
    bench.run(sync, asked, &|_| {}, &Stop::never()).await.unwrap()
}

#[test]
fn whoever_is_due_while_nobody_may_be_read_is_asked_for_until_they_are_given() {
    block(async {
        let sync = compile(SYNC, MAPPING);
        let (world, bench) = settled(&sync).await;
        world.lock().edit(&Edit::Leave { who: 3, in_days: 0 });
        run(&bench, &sync, RunKind::Delta).await.unwrap();
        // The day on which the account is to be disabled comes and goes while nobody is shown.
        world.lock().unseen = (0..COUNT).collect();
        for _ in 0..3 {
            days(&world, 1);
            let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
            assert_eq!((invalid(&report, "absent"), &*report.absent), (1, &[key(3)][..]));
            assert_eq!(is_active(&bench, 3), Some(true));
        }
        world.lock().unseen.clear();
        let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert_eq!((report.ended, report.absent.len(), is_active(&bench, 3)), (Ended::Complete, 0, Some(false)));
        // Once read they are asked for no more.
        let people = run(&bench, &sync, RunKind::Delta).await.unwrap().balance.unwrap().people;
        assert_eq!(people.due, 0);
    });
}

#[test]
fn many_people_touched_and_not_given_hold_every_write() {
    block(async {
        let sync = compile(&SYNC.replace("population = \"100%\"", "population = \"20%\""), MAPPING);
        let (world, bench) = settled(&sync).await;
        world.lock().unseen = (0..4).collect();
        // As often as it happens, not only the first time.
        for name in [7, 8] {
            world.lock().edit(&Edit::RenameDepartment { department: 0, name });
            let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
            assert_eq!((report.ended, report.absent.len()), (Ended::Held, 4));
            assert!(report.held[0].contains("4 are missing from the source and 0 are left out"), "{:?}", report.held);
            assert!(report.held[0].contains("may still read them"), "{:?}", report.held);
        }
        world.lock().unseen.clear();
        let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert_eq!((report.absent.len(), report.balance.unwrap().people.due), (0, 4));
        let table = bench.targets["byid"].table.lock().unwrap();
        assert_eq!(table["acc-p00"].attributes["department"].to_plain(), "D8");
    });
}

#[test]
fn whoever_is_known_to_be_gone_is_not_expected() {
    block(async {
        let sync = compile(&SYNC.replace("population = \"100%\"", "population = \"20%\"\ngone = \"disable\""), MAPPING);
        let (world, bench) = settled(&sync).await;
        world.lock().edit(&Edit::Vanish { who: 2 });
        world.lock().edit(&Edit::RenameDepartment { department: 0, name: 7 });
        // A delta cannot tell that they are gone; a full run can.
        assert_eq!(run(&bench, &sync, RunKind::Delta).await.unwrap().absent, [key(2)]);
        assert_eq!(is_active(&bench, 2), Some(true));
        run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(is_active(&bench, 2), Some(false));
        world.lock().edit(&Edit::RenameDepartment { department: 0, name: 8 });
        let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert_eq!((report.ended, report.absent.len(), invalid(&report, "absent")), (Ended::Complete, 0, 0));
    });
}

#[test]
fn whoever_cannot_be_read_is_not_gone_even_when_the_gone_are_deleted() {
    block(async {
        let sync = compile(&SYNC.replace("population = \"100%\"", "population = \"100%\"\ngone = \"delete\""), MAPPING);
        for keyless in [false, true] {
            let (world, bench) = settled(&sync).await;
            world.lock().edit(&Edit::Rename { who: 5, name: 50 });
            world.lock().broken.insert(5, keyless);
            let report = named(&bench, &sync, 5).await;
            assert_eq!((invalid(&report, "unreadable"), report.absent.len()), (1, 0));
            assert_eq!(is_active(&bench, 5), Some(true));
            let error = bench.explain(&sync, &key(5)).await.unwrap_err();
            assert!(matches!(&error, EngineError::Source(_)) && error.to_string().contains("broken off"), "{error}");
            // The next run asks again, and the one after the repair finds them.
            let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
            assert!(invalid(&report, "unreadable") >= 1, "{report:?}");
            world.lock().broken.clear();
            days(&world, 1);
            run(&bench, &sync, RunKind::Delta).await.unwrap();
            let name = bench.targets["byid"].table.lock().unwrap()["acc-p05"].attributes["name"].to_plain();
            assert_eq!(name, "N50");
            // Who is not there at all is another matter.
            world.lock().edit(&Edit::Vanish { who: 6 });
            named(&bench, &sync, 6).await;
            assert_eq!(is_active(&bench, 6), None);
        }
    });
}

#[test]
fn whoever_cannot_be_read_keeps_a_plan_from_being_applied() {
    block(async {
        let sync = compile(&SYNC.replace("[guard]", "[guard]\ngone = \"hold\""), MAPPING);
        for keyless in [false, true] {
            let (world, bench) = settled(&sync).await;
            let was = world.lock().people[&1].clone();
            world.lock().edit(&Edit::Vanish { who: 1 });
            let held = run(&bench, &sync, RunKind::Full).await.unwrap();
            assert_eq!(held.ended, Ended::Held);
            // They are back, and cannot be read: "gone" is no longer what would be planned.
            world.lock().people.insert(1, was);
            world.lock().broken.insert(1, keyless);
            let error = bench.apply(&sync, held.run, &|_| {}, &Stop::never()).await.unwrap_err();
            let EngineError::Stale { stale, .. } = error else { panic!("{error}") };
            assert!(stale.iter().all(|stale| stale.moved == Moved::Source && stale.what.contains("unreadable")));
            assert_eq!((stale.len(), is_active(&bench, 1)), (2, Some(true)));
        }
    });
}

#[test]
fn whoever_cannot_be_read_keeps_what_was_planned_for_them() {
    block(async {
        let sync = compile(&SYNC.replace("update = \"100%\"", "update = 0"), MAPPING);
        let (world, bench) = settled(&sync).await;
        world.lock().edit(&Edit::Rename { who: 4, name: 40 });
        let held = run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert_eq!(held.ended, Ended::Held);
        world.lock().broken.insert(4, false);
        named(&bench, &sync, 4).await;
        run(&bench, &sync, RunKind::Full).await.unwrap();
        let changes = bench.journal.changes(held.run, None, 10).await.unwrap();
        assert!(changes.iter().all(|stored| stored.state == ChangeState::Held), "{changes:?}");
        world.lock().broken.clear();
        bench.apply(&sync, held.run, &|_| {}, &Stop::never()).await.unwrap();
        let name = bench.targets["byid"].table.lock().unwrap()["acc-p04"].attributes["name"].clone();
        assert_eq!(name, Value::text("N40"));
    });
}

#[test]
fn whoever_changed_and_is_not_given_is_asked_for_until_they_are() {
    block(async {
        let sync = compile(SYNC, MAPPING);
        let (world, bench) = settled(&sync).await;
        // The listings of changes still name them; the question for people does not give them.
        (world.lock().unseen, world.lock().tells) = ([3].into(), true);
        world.lock().edit(&Edit::Rename { who: 3, name: 33 });
        for _ in 0..3 {
            let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
            assert_eq!((invalid(&report, "absent"), &*report.absent), (1, &[key(3)][..]));
            // Beyond the overlap: the listings name them no more.
            days(&world, 1);
        }
        // A full run says that they are gone, and nobody is expected any more.
        assert_eq!(run(&bench, &sync, RunKind::Full).await.unwrap().ended, Ended::Held);
        days(&world, 1);
        let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert_eq!((invalid(&report, "absent"), report.absent.len()), (0, 0));
        // They are back, and no listing says so.
        world.lock().unseen.clear();
        days(&world, 1);
        run(&bench, &sync, RunKind::Delta).await.unwrap();
        let name = bench.targets["byid"].table.lock().unwrap()["acc-p03"].attributes["name"].clone();
        assert_eq!(name, Value::text("N33"));
    });
}

#[test]
fn many_people_changed_and_not_given_hold_every_write() {
    block(async {
        let sync = compile(&SYNC.replace("population = \"100%\"", "population = \"20%\""), MAPPING);
        let (world, bench) = settled(&sync).await;
        (world.lock().unseen, world.lock().tells) = ((0..4).collect(), true);
        (0..5).for_each(|who| world.lock().edit(&Edit::Rename { who, name: 70 + who }));
        let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert_eq!((report.ended, report.absent.len()), (Ended::Held, 4));
        assert!(report.held[0].contains("4 are missing from the source"), "{:?}", report.held);
    });
}

#[test]
fn a_day_that_comes_due_while_somebody_is_taken_for_gone_is_not_forgotten() {
    block(async {
        let sync = compile(SYNC, MAPPING);
        let (world, bench) = settled(&sync).await;
        world.lock().edit(&Edit::Leave { who: 3, in_days: 1 });
        run(&bench, &sync, RunKind::Delta).await.unwrap();
        world.lock().unseen = [3].into();
        assert_eq!(run(&bench, &sync, RunKind::Full).await.unwrap().ended, Ended::Held);
        // Their last day and the grace pass while they are taken for gone; nobody approves anything.
        for _ in 0..4 {
            days(&world, 1);
            let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
            assert_eq!((report.absent.len(), is_active(&bench, 3)), (0, Some(true)));
        }
        world.lock().unseen.clear();
        days(&world, 1);
        run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert_eq!(is_active(&bench, 3), Some(false));
    });
}

#[test]
fn what_was_held_for_the_gone_stands_while_they_are_asked_for() {
    block(async {
        let sync = compile(SYNC, MAPPING);
        let (world, bench) = settled(&sync).await;
        world.lock().unseen = [3].into();
        let held = run(&bench, &sync, RunKind::Full).await.unwrap();
        world.lock().edit(&Edit::RenameDepartment { department: 0, name: 7 });
        run(&bench, &sync, RunKind::Delta).await.unwrap();
        let changes = bench.journal.changes(held.run, None, 10).await.unwrap();
        let states: Vec<ChangeState> = changes.iter().map(|stored| stored.state).collect();
        assert_eq!(states, [ChangeState::Held, ChangeState::Held]);
    });
}

#[test]
fn a_plan_that_is_dropped_makes_nobody_forgotten() {
    block(async {
        let sync = compile(SYNC, MAPPING);
        for due in [false, true] {
            let (world, bench) = settled(&sync).await;
            if due {
                // Their account is to be disabled the day after tomorrow.
                world.lock().edit(&Edit::Leave { who: 5, in_days: 0 });
                run(&bench, &sync, RunKind::Delta).await.unwrap();
                days(&world, 2);
            } else {
                // The run that came by could not read them.
                world.lock().edit(&Edit::Rename { who: 5, name: 50 });
                world.lock().broken.insert(5, false);
                run(&bench, &sync, RunKind::Delta).await.unwrap();
                world.lock().broken.clear();
                days(&world, 1);
            }
            let asked = Run { plan_only: true, ..Run::default() };
            let plan = bench.run(&sync, asked, &|_| {}, &Stop::never()).await.unwrap();
            assert_eq!(plan.balance.unwrap().targets["byid"].held, 1);
            // Nobody applies it; the next run drops it.
            let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
            assert_eq!(report.ended, Ended::Complete);
            let name = bench.targets["byid"].table.lock().unwrap()["acc-p05"].attributes["name"].to_plain();
            assert_eq!((&*name, is_active(&bench, 5)), if due { ("N5", Some(false)) } else { ("N50", Some(true)) });
        }
    });
}
