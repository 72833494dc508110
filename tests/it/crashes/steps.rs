//! The journal is stopped at every step of a run, as if the process had died there.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use joinery_engine::Ended;
use joinery_model::RunKind;
use joinery_store::{Settings, Stop, Store};

use super::scene::Scene;

/// What every run does.
const STEPS: [&str; 7] = ["begin", "close_page", "release", "claim", "settle", "back_fill", "finish"];

/// Where a journal is to stop.
#[derive(Clone, Copy, Debug)]
enum At {
    Nowhere,
    Step(u64),
    First(&'static str),
}

/// What a journal was asked for.
#[derive(Default)]
struct Asked {
    /// The names of its steps.
    names: Vec<&'static str>,
    /// The step at which it was told to stop.
    stopped: Option<&'static str>,
}

/// Opens the journal so that it stops at a step.
fn stopping(scene: &Scene, at: At, how: Stop) -> (Store, Arc<Mutex<Asked>>) {
    let asked = Arc::<Mutex<Asked>>::default();
    let shared = Arc::clone(&asked);
    let hook = move |step, name: &'static str| {
        let mut asked = shared.lock().expect("no panic");
        asked.names.push(name);
        let meant = match at {
            At::Nowhere => false,
            At::Step(at) => step == at,
            At::First(first) => name == first && asked.stopped.is_none(),
        };
        if !meant {
            return Stop::No;
        }
        asked.stopped = Some(name);
        how
    };
    let settings = Settings { stop: Some(Arc::new(hook)), ..Settings::default() };
    (Store::open_with(scene.company.path("state.db"), settings).expect("the journal opens"), asked)
}

/// Stops a run at every step, before it is committed and after, and runs it to its end from there. `stops` says which of
/// the two for a step. Each of [`STEPS`] is stopped in each of these ways at least once.
async fn every_step(scene: &Scene, kind: RunKind, stops: fn(u64) -> &'static [Stop]) {
    let before = scene.snapshot();
    let runs_before = scene.runs().await;
    let expected = scene.uninterrupted(kind).await;
    let (store, asked) = stopping(scene, At::Nowhere, Stop::No);
    scene.live(store, kind).await.expect("the run ends");
    let names = std::mem::take(&mut asked.lock().expect("no panic").names);
    let steps = names.len() as u64;
    let ways = |step| stops(step).iter().map(move |how| (At::Step(step), *how));
    let mut wanted: VecDeque<(At, Stop)> = (1..=steps).flat_map(ways).collect();
    let mut stopped: Vec<(&str, Stop)> = Vec::new();
    while let Some((at, how)) = wanted.pop_front() {
        let case = format!("{kind:?}, stopped at {at:?} of {steps}, {how:?}");
        scene.restore(&before);
        let (store, asked) = stopping(scene, at, how);
        let ended = scene.live(store, kind).await;
        let name = asked.lock().expect("no panic").stopped;
        match (name, ended) {
            (Some(name), Err(wrong)) => {
                assert!(wrong.to_string().contains("test hook"), "{case}, {name}: {wrong}");
                stopped.push((name, how));
            }
            (Some(name), Ok(_)) => panic!("{case}: the run went on after {name} was stopped"),
            (None, Err(wrong)) => panic!("{case}: it failed, and nothing was stopped: {wrong}"),
            // How the steps of several workers fall in with each other differs, and with it how many there are.
            (None, Ok(_)) => assert!(matches!(at, At::Step(at) if at + 4 > steps), "{case}: was not stopped"),
        }
        // Sometimes the tenant has lost the place of the walk meanwhile.
        if matches!(at, At::Step(at) if at.is_multiple_of(2)) {
            scene.company.tenant.expire_snapshots();
        }
        let report = scene.live(scene.store(), kind).await.unwrap_or_else(|wrong| panic!("{case}: {wrong}"));
        assert_eq!(report.ended, Ended::Complete, "{case}");
        scene.assert_as(&expected, runs_before, &case).await;
        if wanted.is_empty() {
            let missed = STEPS.iter().flat_map(|name| [(*name, Stop::Before), (*name, Stop::After)]);
            let missed = missed.filter(|one| !stopped.contains(one));
            wanted.extend(missed.map(|(name, how)| (At::First(name), how)));
        }
    }
    scene.restore(&before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_goes_on_from_every_step() {
    let scene = Scene::new(16).await;
    every_step(&scene, RunKind::Full, both).await;
    assert!(scene.restarts.load(Ordering::Relaxed) > 0, "no walk lost its place");
    scene.live(scene.store(), RunKind::Full).await.expect("the run ends");
    let first = scene.arrived("not interrupted");
    assert!(first.accounts() > 250 && first.managed() > 200, "{} {}", first.accounts(), first.managed());
    scene.a_day(0);
    every_step(&scene, RunKind::Delta, both).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_over_users_goes_on_from_every_step() {
    let scene = Scene::of_users(16).await;
    every_step(&scene, RunKind::Full, in_turn).await;
    scene.live(scene.store(), RunKind::Full).await.expect("the run ends");
    let first = scene.arrived("not interrupted");
    assert!(first.accounts() > 250 && first.managed() > 200, "{} {}", first.accounts(), first.managed());
    scene.a_day(0);
    every_step(&scene, RunKind::Delta, in_turn).await;
}

fn both(_: u64) -> &'static [Stop] {
    &[Stop::Before, Stop::After]
}

/// What is committed and what is not differs by the journal, which the other test shows: here one of them a step.
fn in_turn(step: u64) -> &'static [Stop] {
    if step.is_multiple_of(2) { &[Stop::Before] } else { &[Stop::After] }
}
