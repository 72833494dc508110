//! Deliveries whose answer was lost: nobody knows what the target holds, and nobody is left behind because of it.

use std::time::Duration;

use joinery_engine::{Ended, Report, Run, Stop, Sync};
use joinery_model::{ChangeState, Journal, RunId, RunKind, Value};
use joinery_store::Store;

use crate::laws::{MAPPING, On, SYNC, bench_on, block, compile, run};
use crate::world::{Account, Edit, Trouble, World, key};

const TARGET: &str = "byid";

/// One person whose account was made, and the answer lost; nothing is tried again before a later run.
async fn made_unheard(sync: &Sync) -> (World, On<Store>) {
    let world = World::new();
    (0..12).for_each(|who| world.lock().edit(&Edit::Hire { who, starts_in: 0 }));
    let mut bench = bench_on(&world, Store::in_memory().unwrap());
    (bench.patience.wait, bench.patience.outages) = (Duration::ZERO, 2);
    assert_eq!(run(&bench, sync, RunKind::Full).await.unwrap().ended, Ended::Complete);
    world.lock().edit(&Edit::Hire { who: 20, starts_in: 0 });
    world.lock().now += jiff::SignedDuration::from_secs(1);
    lose_answers(&bench);
    assert_eq!(delta(&bench, sync).await.ended, Ended::Pending);
    answer(&bench);
    assert!(account(&bench, 20).unwrap().active);
    assert_eq!(linked(&bench, 20).await, None);
    (world, bench)
}

fn lose_answers(bench: &On<Store>) {
    *bench.targets[TARGET].mishaps.lock().unwrap() = vec![2; 20];
}

fn answer(bench: &On<Store>) {
    bench.targets[TARGET].mishaps.lock().unwrap().clear();
    bench.clock.advance(Duration::from_mins(10));
}

fn account(bench: &On<Store>, who: u8) -> Option<Account> {
    bench.targets[TARGET].table.lock().unwrap().get(&*format!("acc-{}", key(who))).cloned()
}

async fn linked(bench: &On<Store>, who: u8) -> Option<bool> {
    let links = bench.journal.last("people", TARGET, &[key(who)]).await.unwrap();
    links.into_iter().next().flatten().map(|link| link.record.active)
}

async fn delta(bench: &On<Store>, sync: &Sync) -> Report {
    run(bench, sync, RunKind::Delta).await.unwrap()
}

fn leaves(world: &World, who: u8) {
    world.lock().edit(&Edit::Leave { who, in_days: 0 });
    (0..3).for_each(|_| world.lock().edit(&Edit::NextDay));
}

#[test]
fn whoever_leaves_before_the_next_try_has_their_account_disabled_and_linked() {
    block(async {
        let sync = compile(SYNC, MAPPING);
        let (world, bench) = made_unheard(&sync).await;
        leaves(&world, 20);
        assert_eq!(delta(&bench, &sync).await.ended, Ended::Complete);
        assert_eq!((account(&bench, 20).unwrap().active, linked(&bench, 20).await), (false, Some(false)));
        assert_eq!(bench.orphans(&sync).await.unwrap(), []);
    });
}

#[test]
fn whoever_drops_out_of_scope_has_theirs_disabled_or_at_least_linked() {
    for keep in [false, true] {
        block(async {
            let scope =
                "lead_days = 1\nonly = \"p.name != 'Nobody' && p.id != 'p20' || p.job.managerId == 'NO_MANAGER'\"";
            let mut text = SYNC.replace("lead_days = 1", scope);
            if keep {
                text = text.replace("[leaver]", "[leaver]\nout_of_scope = \"keep\"");
            }
            let sync = compile(&text, MAPPING);
            let (world, bench) = made_unheard(&sync).await;
            world.lock().edit(&Edit::Manage { who: 20, by: Some(1) });
            assert_eq!(delta(&bench, &sync).await.ended, Ended::Complete);
            assert_eq!((account(&bench, 20).unwrap().active, linked(&bench, 20).await), (keep, Some(keep)));
        });
    }
}

#[test]
fn whoever_is_gone_before_the_next_try_is_held_and_disabled_once_approved() {
    for dead in [false, true] {
        block(async {
            let sync = compile(SYNC, MAPPING);
            let (world, mut bench) = made_unheard(&sync).await;
            if dead {
                // Given up after the try whose answer was lost.
                bench.patience.tries = 1;
                *bench.targets[TARGET].mishaps.lock().unwrap() = vec![3; 4];
                delta(&bench, &sync).await;
                let changes = bench.journal.changes(RunId(2), None, 10).await.unwrap();
                assert!(changes.iter().any(|stored| stored.state == ChangeState::Dead), "{changes:?}");
                answer(&bench);
            }
            world.lock().edit(&Edit::Vanish { who: 20 });
            let report = run(&bench, &sync, RunKind::Full).await.unwrap();
            assert_eq!((report.ended, account(&bench, 20).unwrap().active), (Ended::Held, true));
            bench.apply(&sync, report.run, &|_| {}, &Stop::never()).await.unwrap();
            assert_eq!((account(&bench, 20).unwrap().active, linked(&bench, 20).await), (false, Some(false)));
        });
    }
}

#[test]
fn a_creation_that_never_arrived_is_superseded_and_makes_no_account_for_a_leaver() {
    block(async {
        let sync = compile(SYNC, MAPPING);
        let (world, bench) = made_unheard(&sync).await;
        bench.targets[TARGET].table.lock().unwrap().remove("acc-p20");
        leaves(&world, 20);
        assert_eq!(delta(&bench, &sync).await.ended, Ended::Complete);
        assert_eq!((account(&bench, 20), linked(&bench, 20).await), (None, None));
    });
}

#[test]
fn a_target_that_cannot_be_asked_loses_nothing() {
    for gone in [false, true] {
        block(async {
            let sync = compile(SYNC, MAPPING);
            let (world, bench) = made_unheard(&sync).await;
            let kind = if gone { RunKind::Full } else { RunKind::Delta };
            if gone {
                world.lock().edit(&Edit::Vanish { who: 20 });
            } else {
                leaves(&world, 20);
            }
            *bench.targets[TARGET].trouble.lock().unwrap() = Trouble::Away;
            let report = run(&bench, &sync, kind).await.unwrap();
            assert_eq!(report.balance.unwrap().targets[TARGET].pending, 1);
            *bench.targets[TARGET].trouble.lock().unwrap() = Trouble::None;
            bench.clock.advance(Duration::from_mins(10));
            // The next run asks again before it delivers anything.
            let report = delta(&bench, &sync).await;
            if gone {
                assert_eq!(report.ended, Ended::Held);
                bench.apply(&sync, report.run, &|_| {}, &Stop::never()).await.unwrap();
            }
            assert_eq!((account(&bench, 20).unwrap().active, linked(&bench, 20).await), (false, Some(false)));
        });
    }
}

#[test]
fn without_anything_that_finds_it_the_account_is_named_and_the_next_run_knows() {
    block(async {
        let sync = compile(&SYNC.replace("correlate = [\"id\"]", ""), MAPPING);
        let (world, bench) = made_unheard(&sync).await;
        leaves(&world, 20);
        let report = delta(&bench, &sync).await;
        assert_eq!(report.balance.unwrap().targets[TARGET].rejected, 1);
        // What was tried went out again and is linked now; the next run does what a leaver gets.
        assert_eq!(linked(&bench, 20).await, Some(true));
        delta(&bench, &sync).await;
        assert_eq!((account(&bench, 20).unwrap().active, linked(&bench, 20).await), (false, Some(false)));
    });
}

#[test]
fn a_creation_that_surely_was_never_sent_gives_way_without_a_word() {
    // 4: the whole call; 5: some of its changes.
    for mishap in [4, 5] {
        for gone in [false, true] {
            block(async {
                let sync = compile(&SYNC.replace("correlate = [\"id\"]", ""), MAPPING);
                let (world, mut bench) = made_unheard(&sync).await;
                delta(&bench, &sync).await;
                // Nothing finds an account of theirs, and none is there; tries without number make no dead letter of it.
                bench.patience.tries = 2;
                world.lock().edit(&Edit::Hire { who: 30, starts_in: 0 });
                for _ in 0..5 {
                    *bench.targets[TARGET].mishaps.lock().unwrap() = vec![mishap; 20];
                    let report = delta(&bench, &sync).await;
                    assert_eq!((report.ended, account(&bench, 30)), (Ended::Pending, None));
                    bench.clock.advance(Duration::from_mins(10));
                }
                answer(&bench);
                if gone {
                    world.lock().edit(&Edit::Vanish { who: 30 });
                } else {
                    leaves(&world, 30);
                }
                let kind = if gone { RunKind::Full } else { RunKind::Delta };
                let report = run(&bench, &sync, kind).await.unwrap();
                let target = report.balance.unwrap().targets.get(TARGET).cloned().unwrap_or_default();
                let left = (target.rejected, target.delivered, target.held, target.pending);
                assert_eq!((left, account(&bench, 30)), ((0, 0, 0, 0), None));
            });
        }
    }
}

#[test]
fn an_account_disabled_unheard_is_enabled_when_its_person_is_back() {
    block(async {
        let sync = compile(SYNC, MAPPING);
        let (world, bench) = made_unheard(&sync).await;
        assert_eq!(delta(&bench, &sync).await.ended, Ended::Complete);
        lose_answers(&bench);
        leaves(&world, 3);
        assert_eq!(delta(&bench, &sync).await.ended, Ended::Pending);
        answer(&bench);
        assert_eq!((account(&bench, 3).unwrap().active, linked(&bench, 3).await), (false, Some(true)));
        // They are back before the next try: in the journal nothing differs.
        world.lock().edit(&Edit::Return { who: 3 });
        assert_eq!(delta(&bench, &sync).await.ended, Ended::Complete);
        assert!(account(&bench, 3).unwrap().active);
    });
}

#[test]
fn a_value_written_unheard_is_written_back_when_the_source_takes_it_back() {
    block(async {
        let sync = compile(SYNC, MAPPING);
        let (world, bench) = made_unheard(&sync).await;
        assert_eq!(delta(&bench, &sync).await.ended, Ended::Complete);
        lose_answers(&bench);
        world.lock().edit(&Edit::Rename { who: 4, name: 44 });
        assert_eq!(delta(&bench, &sync).await.ended, Ended::Pending);
        answer(&bench);
        assert_eq!(account(&bench, 4).unwrap().attributes["name"], Value::text("N44"));
        world.lock().edit(&Edit::Rename { who: 4, name: 4 });
        delta(&bench, &sync).await;
        assert_eq!(account(&bench, 4).unwrap().attributes["name"], Value::text("N4"));
    });
}

#[test]
fn an_account_found_for_somebody_who_leaves_before_the_approval_is_disabled() {
    block(async {
        let world = World::new();
        (0..6).for_each(|who| world.lock().edit(&Edit::Hire { who, starts_in: 0 }));
        let bench = bench_on(&world, Store::in_memory().unwrap());
        let sync = compile(&SYNC.replace("update = \"100%\"", "update = 0"), MAPPING);
        // An account made by hand, under another id and name.
        let by_hand = Account {
            active: true,
            attributes: [("id".into(), Value::text("p02")), ("name".into(), Value::text("Old"))].into(),
        };
        bench.targets[TARGET].table.lock().unwrap().insert("x2".into(), by_hand);
        assert_eq!(run(&bench, &sync, RunKind::Full).await.unwrap().ended, Ended::Held);
        leaves(&world, 2);
        delta(&bench, &sync).await;
        assert!(!bench.targets[TARGET].table.lock().unwrap()["x2"].active);
    });
}

#[test]
fn an_account_removed_by_hand_is_made_again_by_a_full_run() {
    for ignore in [false, true] {
        block(async {
            let more = if ignore { "lead_days = 1\nlost_accounts = \"ignore\"" } else { "lead_days = 1" };
            let sync = compile(&SYNC.replace("lead_days = 1", more), MAPPING);
            let (world, bench) = made_unheard(&sync).await;
            assert_eq!(delta(&bench, &sync).await.ended, Ended::Complete);
            leaves(&world, 5);
            delta(&bench, &sync).await;
            for removed in ["acc-p01", "acc-p05"] {
                bench.targets[TARGET].table.lock().unwrap().remove(removed);
            }
            let report = run(&bench, &sync, RunKind::Full).await.unwrap();
            assert_eq!((report.ended, account(&bench, 1).is_none()), (Ended::Complete, ignore));
            let changes = bench.journal.changes(report.run, None, 10).await.unwrap();
            assert_eq!(changes.len(), usize::from(!ignore));
            // A leaver gets none.
            assert_eq!(account(&bench, 5), None);
        });
    }
}

#[test]
fn accounts_removed_by_hand_are_creations_to_the_guard_and_a_plan_of_them_can_be_applied() {
    block(async {
        let sync = compile(&SYNC.replace("create = \"100%\"", "create = 2"), MAPPING);
        let world = World::new();
        (0..12).for_each(|who| world.lock().edit(&Edit::Hire { who, starts_in: 0 }));
        let bench = bench_on(&world, Store::in_memory().unwrap());
        run(&bench, &sync, RunKind::Full).await.unwrap();
        let removed = ["acc-p01", "acc-p05", "acc-p07"];
        let remove = || removed.iter().for_each(|id| drop(bench.targets[TARGET].table.lock().unwrap().remove(*id)));
        remove();
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!((report.ended, account(&bench, 1)), (Ended::Held, None));
        let asked = Run { kind: Some(RunKind::Full), plan_only: true, ..Run::default() };
        let plan = bench.run(&sync, asked, &|_| {}, &Stop::never()).await.unwrap();
        let report = bench.apply(&sync, plan.run, &|_| {}, &Stop::never()).await.unwrap();
        assert_eq!(report.ended, Ended::Complete);
        assert!([1, 5, 7].iter().all(|who| account(&bench, *who).unwrap().active));
    });
}

#[test]
fn a_held_change_that_the_account_holds_already_is_done_and_not_stale() {
    block(async {
        let held_back = SYNC.replace("update = \"100%\"", "update = 0").replace("disable = \"100%\"", "disable = 0");
        let sync = compile(&held_back, MAPPING);
        let world = World::new();
        (0..6).for_each(|who| world.lock().edit(&Edit::Hire { who, starts_in: 0 }));
        let bench = bench_on(&world, Store::in_memory().unwrap());
        run(&bench, &sync, RunKind::Full).await.unwrap();
        world.lock().edit(&Edit::Rename { who: 1, name: 11 });
        world.lock().edit(&Edit::Rename { who: 2, name: 22 });
        leaves(&world, 3);
        let held = delta(&bench, &sync).await;
        assert_eq!(held.ended, Ended::Held);
        let by_hand = |edit: &dyn Fn(&mut Account), who: u8| {
            edit(bench.targets[TARGET].table.lock().unwrap().get_mut(&*format!("acc-{}", key(who))).unwrap());
        };
        by_hand(&|account| drop(account.attributes.insert("name".into(), Value::text("N11"))), 1);
        by_hand(&|account| account.active = false, 3);
        let report = bench.apply(&sync, held.run, &|_| {}, &Stop::never()).await.unwrap();
        assert_eq!(report.ended, Ended::Complete);
        assert_eq!(account(&bench, 2).unwrap().attributes["name"], Value::text("N22"));
        assert_eq!(linked(&bench, 3).await, Some(false));
    });
}

#[test]
fn an_account_found_and_then_set_right_by_hand_makes_no_plan_stale() {
    block(async {
        let world = World::new();
        (0..3).for_each(|who| world.lock().edit(&Edit::Hire { who, starts_in: 0 }));
        let bench = bench_on(&world, Store::in_memory().unwrap());
        let sync = compile(SYNC, MAPPING);
        let by_hand = |name: &str| Account {
            active: true,
            attributes: [
                ("id".into(), Value::text("p02")),
                ("name".into(), Value::text(name)),
                ("department".into(), Value::text("D0")),
            ]
            .into(),
        };
        bench.targets[TARGET].table.lock().unwrap().insert("x2".into(), by_hand("Old"));
        let asked = Run { plan_only: true, ..Run::default() };
        let plan = bench.run(&sync, asked, &|_| {}, &Stop::never()).await.unwrap();
        bench.targets[TARGET].table.lock().unwrap().insert("x2".into(), by_hand("N2"));
        let report = bench.apply(&sync, plan.run, &|_| {}, &Stop::never()).await.unwrap();
        assert_eq!(report.ended, Ended::Complete);
    });
}

#[test]
fn a_manager_who_got_an_account_meanwhile_makes_no_held_change_stale() {
    block(async {
        let world = World::new();
        (0..6).for_each(|who| world.lock().edit(&Edit::Hire { who, starts_in: 0 }));
        let bench = bench_on(&world, Store::in_memory().unwrap());
        let sync = compile(&SYNC.replace("update = \"100%\"", "update = 0"), MAPPING);
        run(&bench, &sync, RunKind::Full).await.unwrap();
        // Planned while the manager has no account; delivered to after they got one.
        world.lock().edit(&Edit::Rename { who: 0, name: 10 });
        world.lock().edit(&Edit::Manage { who: 0, by: Some(9) });
        world.lock().edit(&Edit::Hire { who: 9, starts_in: 0 });
        let held = delta(&bench, &sync).await;
        assert_eq!((held.ended, account(&bench, 9).is_some()), (Ended::Held, true));
        let report = bench.apply(&sync, held.run, &|_| {}, &Stop::never()).await.unwrap();
        assert_eq!(report.ended, Ended::Complete);
        let attributes = account(&bench, 0).unwrap().attributes;
        assert_eq!((&attributes["name"], &attributes["manager"]), (&Value::text("N10"), &Value::text("acc-p09")));
        // Another manager since is another matter.
        world.lock().edit(&Edit::Rename { who: 1, name: 11 });
        let held = delta(&bench, &sync).await;
        world.lock().edit(&Edit::Manage { who: 1, by: Some(9) });
        let error = bench.apply(&sync, held.run, &|_| {}, &Stop::never()).await.unwrap_err();
        assert!(error.to_string().contains("p01 in the source (byid: manager)"), "{error}");
    });
}
