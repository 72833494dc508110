//! Random worlds with little patience and a guard that bites: what is pending, held and dead meets the next run, answers
//! get lost and the process dies.

use std::time::Duration;

use joinery_engine::{Ended, EngineError, Run, Stop};
use joinery_model::{Journal, RunKind, Situation};
use proptest::prelude::*;

use crate::fused::CRASHED;
use crate::journal::MemoryJournal;
use crate::laws::{Act, MAPPING, On, SYNC, act, bench_on, block, check, compile, run};
use crate::world::{Inner, World, key};

/// Limits that a few people of twelve are beyond.
fn biting() -> String {
    SYNC.replace("create = \"100%\"", "create = \"30%\"")
        .replace("update = \"100%\"", "update = \"20%\"")
        .replace("disable = \"100%\"", "disable = \"10%\"")
        .replace("population = \"100%\"", "population = \"40%\"")
}

/// A bench that waits for nothing and gives up soon.
fn hasty<J: Journal + Clone>(world: &World, journal: J) -> On<J> {
    let mut bench = bench_on(world, journal);
    (bench.patience.wait, bench.patience.tries, bench.patience.outages) = (Duration::ZERO, 3, 2);
    bench
}

/// Every usable account is somebody's who is there, and linked to them.
fn nobody_else_is_active<J>(world: &Inner, bench: &On<J>) -> Result<(), TestCaseError> {
    for (name, target) in &bench.targets {
        for (id, account) in &*target.table.lock().unwrap() {
            let known = world.people.keys().any(|who| **id == *format!("acc-{}", key(*who)));
            prop_assert!(known || !account.active, "{name}: {id} is active and belongs to nobody");
        }
    }
    Ok(())
}

/// Nobody is in doubt of whom the target surely never heard: what is not tried gives way without a look at the target.
async fn nobody_unheard_of_is_in_doubt<J: Journal>(bench: &On<J>) -> Result<(), TestCaseError> {
    let keys: Vec<_> = (0..12).map(key).collect();
    for (name, target) in &bench.targets {
        let unsettled = bench.journal.inner.unsettled("people", name, &keys).await.unwrap();
        let sent = target.sent.lock().unwrap();
        for change in unsettled.iter().flatten().filter(|change| change.situation != Situation::Found) {
            prop_assert!(sent.contains(&change.person), "{name}: {} was never sent: {change:?}", change.person);
        }
    }
    Ok(())
}

/// Whatever earlier runs left behind, full runs and approvals alone bring the target to the mapping of the source, and
/// then there is nothing left to do.
async fn law<J: Journal + Clone>(acts: Vec<Act>, journal: J) -> Result<(), TestCaseError> {
    let world = World::new();
    let sync = compile(&biting(), MAPPING);
    let bench = hasty(&world, journal);
    let mut lives = true;
    for act in acts {
        {
            let mut world = world.lock();
            act.before.iter().for_each(|edit| world.edit(edit));
            world.meanwhile = act.meanwhile;
            world.mishaps = act.source;
        }
        for target in bench.targets.values() {
            // More than a run has the patience for, so that something is left.
            let mishaps = act.target.iter().copied().cycle().take(4 * act.target.len()).collect();
            *target.mishaps.lock().unwrap() = mishaps;
        }
        bench.journal.die_at(act.dies, act.after);
        // Sometimes before the next try is due.
        bench.clock.advance(Duration::from_secs(if act.after { 2 } else { 600 }));
        let kind = if act.full { RunKind::Full } else { RunKind::Delta };
        let asked = Run { kind: Some(kind), plan_only: act.plan, ..Run::default() };
        let done = match bench.run(&sync, asked, &|_| {}, &Stop::never()).await {
            Ok(report) if act.apply && matches!(report.ended, Ended::Planned | Ended::Held) => {
                bench.apply(&sync, report.run, &|_| {}, &Stop::never()).await
            }
            Ok(report) if act.apply && report.ended == Ended::Dead => {
                bench.replay(&sync, report.run, &|_| {}, &Stop::never()).await
            }
            other => other,
        };
        let refused = matches!(done, Err(EngineError::Stale { .. } | EngineError::Nothing(_)));
        let died = matches!(&done, Err(error) if error.to_string().contains(CRASHED));
        prop_assert!(done.is_ok() || refused || died, "{:?}", done);
        // What a dead process had in flight may have arrived, for all that anybody knows.
        lives &= !died;
        if lives {
            nobody_unheard_of_is_in_doubt(&bench).await?;
        }
    }
    bench.journal.die_at(None, false);
    world.lock().meanwhile.clear();
    world.lock().mishaps.clear();
    bench.targets.values().for_each(|target| target.mishaps.lock().unwrap().clear());
    // A run that was interrupted goes on with the day it began on; it is over first.
    bench.clock.advance(Duration::from_secs(600));
    run(&bench, &sync, RunKind::Delta).await.unwrap();
    let mut last = None;
    for _ in 0..4 {
        bench.clock.advance(Duration::from_secs(600));
        let report = run(&bench, &sync, RunKind::Full).await.unwrap();
        let (ended, id) = (report.ended, report.run);
        last = Some(report);
        match ended {
            Ended::Complete => break,
            Ended::Held => {
                let done = bench.apply(&sync, id, &|_| {}, &Stop::never()).await;
                prop_assert!(done.is_ok(), "{:?}", done);
            }
            other => prop_assert!(matches!(other, Ended::Pending | Ended::Dead), "{:?}", other),
        }
    }
    prop_assert_eq!(last.map(|report| report.ended), Some(Ended::Complete));
    check(&world.lock(), &bench)?;
    nobody_else_is_active(&world.lock(), &bench)?;
    let balance = run(&bench, &sync, RunKind::Full).await.unwrap().balance.unwrap();
    for target in balance.targets.values() {
        prop_assert_eq!((target.delivered, target.held, target.pending), (0, 0, 0), "{:?}", balance);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_earlier_runs_left_behind_is_overtaken_by_nothing(acts in proptest::collection::vec(act(), 1..7)) {
        block(law(acts, MemoryJournal::default()))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// The same on the real journal.
    #[test]
    fn the_same_holds_on_sqlite(acts in proptest::collection::vec(act(), 1..7)) {
        block(law(acts, joinery_store::Store::in_memory().unwrap()))?;
    }
}
