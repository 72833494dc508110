//! Stories that each show one rule on the real engine.

use std::sync::Mutex;

use joinery_engine::{Ended, EngineError, Event, Moved, Run, Stop};
use joinery_model::{Journal, Key, RunKind, RunState, Value};

use crate::laws::{Bench, MAPPING, SYNC, bench, block, compile, run};
use crate::world::{Account, Edit, World, key};

fn hired(count: u8) -> World {
    let world = World::new();
    {
        let mut world = world.lock();
        for who in 0..count {
            world.edit(&Edit::Hire { who, starts_in: 0 });
        }
    }
    world
}

fn account(bench: &Bench, who: u8) -> Option<Account> {
    bench.targets["byid"].table.lock().unwrap().get(&*format!("acc-{}", key(who))).cloned()
}

fn text(bench: &Bench, who: u8, attribute: &str) -> String {
    account(bench, who).and_then(|account| account.attributes.get(attribute).map(Value::to_plain)).unwrap_or_default()
}

async fn plan(bench: &Bench, sync: &joinery_engine::Sync) -> joinery_engine::Report {
    let asked = Run { plan_only: true, ..Run::default() };
    bench.run(sync, asked, &|_| {}, &Stop::never()).await.unwrap()
}

#[test]
fn a_plan_writes_nothing_and_apply_does_exactly_it() {
    block(async {
        let world = hired(5);
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        let report = plan(&bench, &sync).await;
        assert_eq!(report.ended, Ended::Planned);
        assert_eq!(report.balance.unwrap().targets["byid"].held, 5);
        assert_eq!(account(&bench, 0), None);
        let report = bench.apply(&sync, report.run, &|_| {}, &Stop::never()).await.unwrap();
        assert_eq!(report.ended, Ended::Complete);
        assert_eq!(report.balance.unwrap().targets["byid"].delivered, 5);
        assert_eq!(text(&bench, 4, "name"), "N4");
        let again = bench.apply(&sync, report.run, &|_| {}, &Stop::never()).await.unwrap_err();
        assert!(matches!(again, EngineError::Nothing(_)), "{again}");
    });
}

#[test]
fn a_stale_plan_names_who_moved_on_which_side_and_writes_nothing() {
    block(async {
        let world = hired(5);
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        run(&bench, &sync, RunKind::Full).await.unwrap();
        for who in 0..5 {
            world.lock().edit(&Edit::Move { who, department: 1 });
        }
        let planned = plan(&bench, &sync).await.run;
        world.lock().edit(&Edit::Rename { who: 1, name: 99 });
        let edited = Value::text("Edited");
        bench.targets["byid"]
            .table
            .lock()
            .unwrap()
            .get_mut("acc-p03")
            .unwrap()
            .attributes
            .insert("name".into(), edited);
        let error = bench.apply(&sync, planned, &|_| {}, &Stop::never()).await.unwrap_err();
        let EngineError::Stale { mut stale, .. } = error else { panic!("{error}") };
        stale.retain(|stale| &*stale.target == "byid");
        let named: Vec<(Key, Moved, &str)> =
            stale.iter().map(|stale| (stale.person.clone(), stale.moved, &*stale.what)).collect();
        assert_eq!(named, [(key(1), Moved::Source, "name"), (key(3), Moved::Target, "name")]);
        assert_eq!(text(&bench, 0, "department"), "D0");
    });
}

#[test]
fn a_new_plan_is_a_way_out_whatever_was_done_by_hand_in_the_target() {
    block(async {
        let world = hired(6);
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        run(&bench, &sync, RunKind::Full).await.unwrap();
        for who in 0..6 {
            world.lock().edit(&Edit::Move { who, department: 1 });
        }
        // Before the plan: what it changes, what it does not change, an account made unusable, one removed.
        let by_hand = |who: u8, edit: &dyn Fn(&mut Account)| {
            edit(bench.targets["byid"].table.lock().unwrap().get_mut(&*format!("acc-{}", key(who))).unwrap());
        };
        let set = |name: &'static str| {
            move |account: &mut Account| drop(account.attributes.insert(name.into(), Value::text("By hand")))
        };
        by_hand(0, &set("department"));
        by_hand(1, &set("name"));
        by_hand(2, &|account| account.active = false);
        bench.targets["byid"].table.lock().unwrap().remove("acc-p03");
        let first = plan(&bench, &sync).await.run;
        let shown = bench.journal.changes(first, None, 100).await.unwrap();
        let department = shown.iter().find(|stored| stored.change.person == key(0) && &*stored.change.target == "byid");
        assert_eq!(department.unwrap().change.diff[0].before, Some(Value::text("By hand")), "what is there is shown");

        // After the plan: refused, with exactly that account.
        by_hand(4, &set("name"));
        let error = bench.apply(&sync, first, &|_| {}, &Stop::never()).await.unwrap_err();
        let EngineError::Stale { stale, .. } = error else { panic!("{error}") };
        let named: Vec<_> = stale.iter().map(|stale| (stale.person.clone(), stale.moved, &*stale.what)).collect();
        assert_eq!(named, [(key(4), Moved::Target, "name")]);

        let second = plan(&bench, &sync).await.run;
        let report = bench.apply(&sync, second, &|_| {}, &Stop::never()).await.unwrap();
        assert_eq!(report.ended, Ended::Complete);
        assert!((0..6).all(|who| text(&bench, who, "department") == "D1"));
        // What was no part of the plan was left alone; the next run that reads the people sees it.
        assert_eq!(text(&bench, 1, "name"), "By hand");
        assert!(!account(&bench, 2).unwrap().active);
        run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(text(&bench, 1, "name"), "N1");
        assert!(account(&bench, 2).unwrap().active);
    });
}

#[test]
fn gone_people_are_held_and_disabled_once_approved() {
    block(async {
        let world = hired(8);
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        run(&bench, &sync, RunKind::Full).await.unwrap();
        world.lock().edit(&Edit::Vanish { who: 2 });
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(report.ended, Ended::Held);
        assert!(report.held[0].contains("no longer in the source"), "{:?}", report.held);
        assert!(account(&bench, 2).unwrap().active);
        bench.apply(&sync, report.run, &|_| {}, &Stop::never()).await.unwrap();
        assert!(!account(&bench, 2).unwrap().active);
        world.lock().edit(&Edit::Hire { who: 2, starts_in: 0 });
        run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert!(account(&bench, 2).unwrap().active, "whoever is back gets the account back");
    });
}

#[test]
fn losing_sight_of_many_people_holds_every_write() {
    block(async {
        let world = hired(10);
        let sync = compile(&SYNC.replace("population = \"100%\"", "population = \"20%\""), MAPPING);
        let bench = bench(&world);
        run(&bench, &sync, RunKind::Full).await.unwrap();
        for who in 0..4 {
            world.lock().edit(&Edit::Vanish { who });
        }
        world.lock().edit(&Edit::Rename { who: 7, name: 70 });
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(report.ended, Ended::Held);
        assert!(report.held[0].contains("4 are missing"), "{:?}", report.held);
        assert_eq!(text(&bench, 7, "name"), "N7");
    });
}

#[test]
fn what_is_there_is_adopted_and_differences_are_written_in_the_same_run() {
    block(async {
        let world = hired(3);
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        let old = |name: &str, id: &str| Account {
            active: true,
            attributes: [("id".into(), Value::text(id)), ("name".into(), Value::text(name))].into(),
        };
        bench.targets["byid"].table.lock().unwrap().extend([
            ("x1".into(), old("Other", "p01")),
            ("x2".into(), old("Stranger", "none")),
            ("x3".into(), old("Twin", "p02")),
            ("x4".into(), old("Twin", "p02")),
        ]);
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(report.balance.unwrap().targets["byid"].rejected, 1, "two accounts fit p02");
        let name = |id: &str| bench.targets["byid"].table.lock().unwrap()[id].attributes["name"].to_plain();
        assert_eq!((name("x1").as_str(), name("acc-p00").as_str()), ("N1", "N0"));
        let orphans = bench.orphans(&sync).await.unwrap();
        let ids: Vec<&str> = orphans.iter().map(|orphan| &*orphan.account.target_id).collect();
        assert_eq!(ids, ["x2", "x3", "x4"]);
    });
}

#[test]
fn adopting_only_links_what_is_found_and_creates_nothing_the_first_time() {
    block(async {
        let world = hired(2);
        let sync = compile(&SYNC.replace("lead_days = 1", "adopt_only = true"), MAPPING);
        let bench = bench(&world);
        let there =
            Account { active: true, attributes: [("id".into(), "p01".into()), ("name".into(), "Other".into())].into() };
        bench.targets["byid"].table.lock().unwrap().insert("x1".into(), there.clone());
        run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(*bench.targets["byid"].table.lock().unwrap(), [("x1".into(), there)].into());
        run(&bench, &sync, RunKind::Full).await.unwrap();
        let table = bench.targets["byid"].table.lock().unwrap();
        assert_eq!(table["x1"].attributes["name"].to_plain(), "N1");
        assert!(table.contains_key("acc-p00"));
    });
}

#[test]
fn adopting_only_fills_no_manager_in_either() {
    block(async {
        let world = hired(2);
        world.lock().edit(&Edit::Manage { who: 0, by: Some(1) });
        let sync = compile(&SYNC.replace("lead_days = 1", "adopt_only = true"), MAPPING);
        let bench = bench(&world);
        let there = |id: &str, name: &str| Account {
            active: true,
            attributes: [("id".into(), Value::text(id)), ("name".into(), Value::text(name))].into(),
        };
        let before = [("x0".into(), there("p00", "N0")), ("x1".into(), there("p01", "N1"))].into();
        bench.targets["byid"].table.lock().unwrap().clone_from(&before);
        world.lock().now += jiff::SignedDuration::from_secs(1);
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(report.balance.unwrap().targets["byid"].back_filled, 0);
        run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert_eq!(*bench.targets["byid"].table.lock().unwrap(), before, "linked, and nothing written");
        run(&bench, &sync, RunKind::Full).await.unwrap();
        let table = bench.targets["byid"].table.lock().unwrap();
        assert_eq!(table["x0"].attributes["manager"].to_plain(), "x1");
    });
}

#[test]
fn in_the_grace_days_an_account_stays_usable_and_nobody_gets_a_new_one() {
    block(async {
        // 0: account of ours. 1: none yet. 2: one made by hand. 3: ours, removed by hand meanwhile.
        let world = hired(1);
        world.lock().edit(&Edit::Hire { who: 3, starts_in: 0 });
        let (bench, sync) = (bench(&world), compile(&SYNC.replace("grace_days = 1", "grace_days = 2"), MAPPING));
        run(&bench, &sync, RunKind::Full).await.unwrap();
        for who in 0..4 {
            world.lock().edit(&Edit::Hire { who, starts_in: 0 });
            world.lock().edit(&Edit::Leave { who, in_days: 0 });
        }
        let by_hand = Account { active: true, attributes: [("id".into(), Value::text("p02"))].into() };
        {
            let mut table = bench.targets["byid"].table.lock().unwrap();
            table.insert("x2".into(), by_hand);
            table.remove("acc-p03");
        }
        for (day, usable) in [(1, true), (2, true), (3, false)] {
            world.lock().edit(&Edit::NextDay);
            for kind in [RunKind::Delta, RunKind::Full] {
                assert_eq!(run(&bench, &sync, kind).await.unwrap().ended, Ended::Complete);
                assert_eq!(account(&bench, 0).map(|account| account.active), Some(usable), "{day}");
                assert_eq!(bench.targets["byid"].table.lock().unwrap()["x2"].active, usable, "{day}");
                assert_eq!(account(&bench, 1), None, "{day}");
                assert!(account(&bench, 3).is_none_or(|account| !account.active), "{day}");
            }
        }
    });
}

#[test]
fn the_second_claim_of_a_unique_value_is_invalid_also_against_people_not_read() {
    block(async {
        let world = hired(3);
        let rule = "\n[[rule]]\nname = \"own-name\"\nattribute = \"name\"\nunique = true\n";
        let (bench, sync) = (bench(&world), compile(&format!("{SYNC}{rule}"), MAPPING));
        world.lock().edit(&Edit::Rename { who: 1, name: 0 });
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(report.balance.unwrap().people.invalid["own-name"], 1);
        assert_eq!(account(&bench, 1), None);
        // Only the newcomer is read now; the holder is not.
        world.lock().edit(&Edit::Rename { who: 2, name: 0 });
        let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert!(report.balance.unwrap().people.invalid["own-name"] >= 1);
        assert_eq!(text(&bench, 2, "name"), "N2");
        // The holder gives it up: the others are looked at again with the next run although nothing of theirs changed.
        world.lock().edit(&Edit::Rename { who: 0, name: 50 });
        run(&bench, &sync, RunKind::Delta).await.unwrap();
        run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert_eq!(text(&bench, 0, "name"), "N50");
        let holders = [1, 2].iter().filter(|who| text(&bench, **who, "name") == "N0").count();
        assert_eq!(holders, 1);
    });
}

#[test]
fn a_target_that_is_down_leaves_the_rest_pending_and_the_next_run_delivers_it() {
    block(async {
        let world = hired(6);
        let mut bench = bench(&world);
        bench.patience.outages = 2;
        let sync = compile(SYNC, MAPPING);
        *bench.targets["byid"].mishaps.lock().unwrap() = vec![1; 20];
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(report.ended, Ended::Pending);
        let balance = report.balance.unwrap();
        assert_eq!((balance.targets["byid"].pending, balance.targets["byname"].delivered), (6, 6));
        assert!(report.unreachable.contains_key("byid"));
        bench.targets["byid"].mishaps.lock().unwrap().clear();
        bench.clock.advance(std::time::Duration::from_mins(10));
        run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert!((0..6).all(|who| account(&bench, who).is_some()));
    });
}

#[test]
fn a_change_that_is_put_off_too_often_is_a_dead_letter_and_replays() {
    block(async {
        let world = hired(1);
        let mut bench = bench(&world);
        bench.patience.tries = 3;
        let sync = compile(SYNC, MAPPING);
        *bench.targets["byid"].mishaps.lock().unwrap() = vec![3; 3];
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(report.ended, Ended::Dead);
        assert_eq!(report.balance.unwrap().targets["byid"].dead, 1);
        bench.replay(&sync, report.run, &|_| {}, &Stop::never()).await.unwrap();
        assert_eq!(text(&bench, 0, "name"), "N0");
    });
}

#[test]
fn a_stopped_run_goes_on_where_it_was() {
    block(async {
        let world = hired(10);
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        let (handle, stop) = Stop::channel();
        let pages = Mutex::new(0);
        let after_one = |event: Event| {
            if matches!(event, Event::Page { .. }) {
                *pages.lock().unwrap() += 1;
                handle.stop();
            }
        };
        let report = bench.run(&sync, Run::default(), &after_one, &stop).await.unwrap();
        // What was worked out while the first page was closed is closed too; the walk does not go to its end.
        assert_eq!(report.ended, Ended::Stopped);
        assert!((1..=2).contains(&*pages.lock().unwrap()));
        assert_eq!(bench.journal.inner.state_of(report.run), RunState::Walking);
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(report.balance.unwrap().people.rows, 10, "no page was read twice");
    });
}

#[test]
fn a_plan_never_goes_on_with_an_interrupted_run() {
    block(async {
        let world = hired(10);
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        let (handle, stop) = Stop::channel();
        let at_page = |event: Event| {
            if matches!(event, Event::Page { .. }) {
                handle.stop();
            }
        };
        bench.run(&sync, Run::default(), &at_page, &stop).await.unwrap();
        assert_eq!(plan(&bench, &sync).await.balance.unwrap().targets["byid"].held, 10);
        assert_eq!(account(&bench, 0), None);
        let (handle, stop) = Stop::channel();
        let at_delivery = |event: Event| {
            if matches!(event, Event::Judged { .. }) {
                handle.stop();
            }
        };
        let report = bench.run(&sync, Run::default(), &at_delivery, &stop).await.unwrap();
        assert_eq!(bench.journal.inner.state_of(report.run), RunState::Delivering);
        let asked = Run { plan_only: true, ..Run::default() };
        let error = bench.run(&sync, asked, &|_| {}, &Stop::never()).await.unwrap_err();
        assert!(error.to_string().contains("run the sync first"), "{error}");
        assert_eq!(account(&bench, 0), None);
    });
}

#[test]
fn an_invalid_leaver_is_disabled_all_the_same() {
    block(async {
        let world = hired(3);
        let rule = "\n[[rule]]\nname = \"short\"\nattribute = \"name\"\nmax_length = 3\n";
        let (bench, sync) = (bench(&world), compile(&format!("{SYNC}{rule}"), MAPPING));
        run(&bench, &sync, RunKind::Full).await.unwrap();
        {
            let mut world = world.lock();
            world.edit(&Edit::Rename { who: 1, name: 200 });
            world.edit(&Edit::Leave { who: 1, in_days: 0 });
            (0..3).for_each(|_| world.edit(&Edit::NextDay));
        }
        let report = run(&bench, &sync, RunKind::Delta).await.unwrap();
        assert_eq!(report.balance.unwrap().people.invalid["short"], 1);
        let account = account(&bench, 1).unwrap();
        assert!(!account.active && account.attributes["name"].to_plain() == "N1");
    });
}

#[test]
fn managers_in_a_circle_are_filled_in_the_same_run() {
    block(async {
        let world = hired(2);
        world.lock().edit(&Edit::Manage { who: 0, by: Some(1) });
        world.lock().edit(&Edit::Manage { who: 1, by: Some(0) });
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!((report.ended, report.balance.unwrap().targets["byid"].back_filled), (Ended::Complete, 2));
        assert_eq!((text(&bench, 0, "manager"), text(&bench, 1, "manager")), ("acc-p01".into(), "acc-p00".into()));
    });
}

#[test]
fn one_person_is_explained_and_run_alone() {
    block(async {
        let world = hired(3);
        let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
        let explained = bench.explain(&sync, &key(1)).await.unwrap().unwrap();
        assert_eq!(explained.targets[0].plan.as_ref().unwrap().action.name(), "create");
        let told: Vec<(&str, &str, String)> = explained.targets[0]
            .attributes
            .iter()
            .map(|one| (&*one.name, &*one.rule, one.value.as_ref().map(Value::to_plain).unwrap_or_default()))
            .collect();
        let department = ("department", "cel p.job.departmentNav.name", "D0".to_owned());
        assert_eq!((told.len(), &told[0], &told[2].1), (4, &department, &"the person at job.managerId"));
        assert_eq!(explained.used["name"], [Value::text("N1")]);
        assert!(bench.explain(&sync, &"nobody".into()).await.unwrap().is_none());
        let asked = Run { keys: vec![key(1), "nobody".into()], ..Run::default() };
        let report = bench.run(&sync, asked, &|_| {}, &Stop::never()).await.unwrap();
        assert_eq!(report.absent, ["nobody".into()]);
        assert_eq!((account(&bench, 0), text(&bench, 1, "name")), (None, "N1".into()));
    });
}

#[test]
fn a_place_lost_too_often_ends_the_run_and_the_next_one_goes_on() {
    block(async {
        let world = hired(10);
        let mut bench = bench(&world);
        bench.patience.restarts = 2;
        let sync = compile(SYNC, MAPPING);
        world.lock().mishaps = vec![1; 50];
        let error = run(&bench, &sync, RunKind::Full).await.unwrap_err();
        assert!(matches!(error, EngineError::Restarts { times: 3, .. }), "{error}");
        world.lock().mishaps.clear();
        let people = run(&bench, &sync, RunKind::Full).await.unwrap().balance.unwrap().people;
        assert_eq!((people.read, people.mapped), (10, 10));
    });
}

#[test]
fn a_run_may_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    let world = hired(1);
    let (bench, sync) = (bench(&world), compile(SYNC, MAPPING));
    let stop = Stop::never();
    is_send(&bench.run(&sync, Run::default(), &|_| {}, &stop));
    is_send(&bench.apply(&sync, joinery_model::RunId(1), &|_| {}, &stop));
    is_send(&bench.explain(&sync, &key(1)));
    is_send(&bench.orphans(&sync));
}
