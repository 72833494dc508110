//! Fields that vanish and come back, and targets that are taken out of a sync and put back.

use joinery_engine::{Ended, Run, Stop};
use joinery_model::{ChangeState, Journal, RunKind, Value};
use joinery_store::Store;

use crate::laws::{MAPPING, On, SYNC, bench, bench_on, block, compile, run};
use crate::world::{Edit, World, key};

fn hired(count: u8) -> World {
    let world = World::new();
    for who in 0..count {
        world.lock().edit(&Edit::Hire { who, starts_in: 0 });
    }
    world
}

fn text<J>(bench: &On<J>, who: u8, attribute: &str) -> Option<String> {
    let table = bench.targets["byid"].table.lock().unwrap();
    table.get(&*format!("acc-{}", key(who)))?.attributes.get(attribute).map(Value::to_plain)
}

const MORE: &str = r#"
label = { template = "{name}!" }
kind = { path = "name", map = { X = "x" }, default = "other" }
"#;

#[test]
fn a_field_that_vanishes_clears_nothing_and_what_changed_comes_when_it_is_back() {
    block(async {
        let world = hired(4);
        world.lock().edit(&Edit::Manage { who: 1, by: Some(0) });
        let required = "[[rule]]\nname = 'has-name'\nattribute = 'name'\nrequired = true\n";
        let (bench, sync) = (
            bench_on(&world, Store::in_memory().unwrap()),
            compile(&format!("{SYNC}{required}"), &format!("{MAPPING}{MORE}")),
        );
        let first = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(first.unsaid, []);
        let before = bench.targets["byid"].table.lock().unwrap().clone();

        for name in ["name", "job.departmentNav.name", "job.managerId"] {
            world.lock().unsaid.push(name.parse().unwrap());
        }
        world.lock().hidden = true;
        for who in 0..4 {
            world.lock().edit(&Edit::Rename { who, name: 9 });
        }
        // Somebody new: without what a rule demands no account is made.
        world.lock().edit(&Edit::Hire { who: 7, starts_in: 0 });
        let hidden = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!(*bench.targets["byid"].table.lock().unwrap(), before, "nothing is cleared, nothing defaulted");
        let balance = hidden.balance.unwrap();
        assert_eq!((balance.people.invalid.len(), balance.people.mapped), (0, 5));
        assert_eq!((balance.targets["byid"].unchanged, balance.targets["byid"].rejected), (4, 1));
        let lines: Vec<String> = hidden.unsaid.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 3, "{lines:#?}");
        assert!(lines[0].contains("job.departmentNav.name") && lines[0].contains("department is left"), "{lines:#?}");
        assert!(lines[2].contains("kind, label, name are left as they are"), "{lines:#?}");
        let rows = bench.journal.inner.runs(Some("people"), 1).await.unwrap();
        let note = rows[0].note.clone().unwrap_or_default();
        assert!(lines.iter().all(|line| note.contains(line)), "{note}");
        let explained = bench.explain(&sync, &key(1)).await.unwrap().unwrap();
        assert_eq!((explained.unsaid.len(), explained.targets[0].plan.as_ref()), (3, None));

        world.lock().unsaid.clear();
        world.lock().hidden = false;
        let back = run(&bench, &sync, RunKind::Full).await.unwrap();
        assert_eq!((back.ended, back.unsaid), (Ended::Complete, Vec::new()));
        assert_eq!(text(&bench, 2, "label").as_deref(), Some("N9!"));
        assert!(text(&bench, 7, "name").is_some());
    });
}

#[test]
fn a_condition_that_cannot_be_judged_ends_the_run_and_drops_nobody() {
    block(async {
        let world = hired(3);
        let (bench, sync) = (bench(&world), compile(&format!("only = \"p.name != 'N2'\"\n{SYNC}"), MAPPING));
        run(&bench, &sync, RunKind::Full).await.unwrap();
        let before = bench.targets["byid"].table.lock().unwrap().clone();
        world.lock().unsaid.push("name".parse().unwrap());
        world.lock().hidden = true;
        let error = run(&bench, &sync, RunKind::Full).await.unwrap_err().to_string();
        assert!(error.contains("does not say name now") && error.contains("`only` of sync people"), "{error}");
        assert_eq!(*bench.targets["byid"].table.lock().unwrap(), before);
        world.lock().unsaid.clear();
        world.lock().hidden = false;
        assert_eq!(run(&bench, &sync, RunKind::Full).await.unwrap().ended, Ended::Complete);
    });
}

#[test]
fn what_waits_for_a_target_that_was_taken_out_delays_nobody_and_is_delivered_when_it_is_back() {
    block(async {
        let world = hired(4);
        let mut bench = bench_on(&world, Store::in_memory().unwrap());
        bench.patience.outages = 2;
        let (both, one) = (compile(SYNC, MAPPING), compile(&SYNC.replace("\"byid\", ", ""), MAPPING));
        *bench.targets["byid"].mishaps.lock().unwrap() = vec![1; 20];
        // Time passes, so that a delta run does not read the last ones once more.
        let pass = || world.lock().edit(&Edit::RenameDepartment { department: 2, name: 2 });
        pass();
        let down = run(&bench, &both, RunKind::Full).await.unwrap();
        assert_eq!(down.balance.unwrap().targets["byid"].pending, 4);
        bench.targets["byid"].mishaps.lock().unwrap().clear();

        world.lock().edit(&Edit::Rename { who: 1, name: 8 });
        pass();
        let waited = std::sync::Mutex::new(0);
        let hear = |event: joinery_engine::Event| {
            if matches!(event, joinery_engine::Event::Waiting { .. }) {
                *waited.lock().unwrap() += 1;
            }
        };
        let asked = Run { kind: Some(RunKind::Delta), ..Run::default() };
        let alone = bench.run(&one, asked, &hear, &Stop::never()).await.unwrap();
        assert_eq!((alone.ended, *waited.lock().unwrap()), (Ended::Complete, 0));
        assert!(bench.targets["byname"].closed.lock().unwrap().last().unwrap().complete);
        assert!(bench.targets["byid"].table.lock().unwrap().is_empty());

        bench.clock.advance(std::time::Duration::from_mins(10));
        run(&bench, &both, RunKind::Delta).await.unwrap();
        let there: Vec<bool> = (0..4).map(|who| text(&bench, who, "name").is_some()).collect();
        // Whoever was read meanwhile is planned anew by a full run: what was planned for them may not be so any more.
        assert_eq!(there, [true, false, true, true]);
        let full = run(&bench, &both, RunKind::Full).await.unwrap();
        assert_eq!((full.ended, text(&bench, 1, "name").as_deref()), (Ended::Complete, Some("N8")));
        let stored = bench.journal.changes(down.run, None, 100).await.unwrap();
        let count = |state: ChangeState| {
            let ours = stored.iter().filter(|one| &*one.change.target == "byid" && one.state == state);
            ours.count()
        };
        assert_eq!((count(ChangeState::Done), count(ChangeState::Superseded)), (3, 1), "the old run's four");
    });
}
