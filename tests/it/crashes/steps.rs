//! The journal is stopped at every step of a run, as if the process had died there.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use joinery_engine::Ended;
use joinery_model::RunKind;
use joinery_store::{Settings, Stop, Store};

use super::scene::Scene;

/// The names of the steps that a journal was asked for.
type Steps = Arc<Mutex<Vec<&'static str>>>;

/// Opens the journal so that it stops at a step.
fn stopping(scene: &Scene, at: u64, how: Stop) -> (Store, Steps) {
    let steps = Steps::default();
    let asked = Arc::clone(&steps);
    let hook = move |step, name: &'static str| {
        asked.lock().expect("a list").push(name);
        if step == at { how } else { Stop::No }
    };
    let settings = Settings { stop: Some(Arc::new(hook)), ..Settings::default() };
    (Store::open_with(scene.company.path("state.db"), settings).expect("the journal opens"), steps)
}

/// Stops a run at every step, before it is committed and after, and runs it to its end from there. `stops` says which of
/// the two for a step.
async fn every_step(scene: &Scene, kind: RunKind, stops: fn(u64) -> &'static [Stop]) {
    let before = scene.snapshot();
    let runs_before = scene.runs().await;
    let expected = scene.uninterrupted(kind).await;
    let (store, steps) = stopping(scene, 0, Stop::No);
    scene.live(store, kind).await.expect("the run ends");
    let names = std::mem::take(&mut *steps.lock().expect("a list"));
    for name in ["begin", "close_page", "release", "claim", "settle", "back_fill", "finish"] {
        assert!(names.contains(&name), "{name} is none of {names:?}");
    }
    let steps = names.len() as u64;
    for at in 1..=steps {
        for how in stops(at).iter().copied() {
            let case = format!("{kind:?}, stopped at step {at} of {steps}, {how:?}");
            scene.restore(&before);
            let (store, _) = stopping(scene, at, how);
            match scene.live(store, kind).await {
                Err(stopped) => assert!(stopped.to_string().contains("test hook"), "{case}: {stopped}"),
                // How the steps of several workers fall in with each other differs, and with it how many there are.
                Ok(_) => assert!(at + 4 > steps, "{case}: was not stopped"),
            }
            // Sometimes the tenant has lost the place of the walk meanwhile.
            if at % 2 == 0 {
                scene.company.tenant.expire_snapshots();
            }
            let report = scene.live(scene.store(), kind).await.unwrap_or_else(|wrong| panic!("{case}: {wrong}"));
            assert_eq!(report.ended, Ended::Complete, "{case}");
            scene.assert_as(&expected, runs_before, &case).await;
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
