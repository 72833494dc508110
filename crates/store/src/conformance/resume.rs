//! How an interrupted run goes on, and when it does not.

use joinery_model::{Action, Begin, ChangeState, Journal, Place, Ref, Resume, RunKind, RunState};

use super::scene::with;
use super::{Bench, Scene, at, person, planned, two_people_planned};

/// An interrupted walk goes on at its place, with its window and as the kind it was.
pub async fn a_walk_goes_on_at_its_place<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["a"]).await;
    let began = scene.next(RunKind::Delta).await;
    assert_eq!(began.resume, None);
    let first = scene.next(RunKind::Full).await;
    assert_eq!((first.run, first.kind, first.window), (began.run, RunKind::Delta, began.window));
    assert_eq!(first.resume, Some(Resume { state: RunState::Walking, place: None, walked: false }));
    scene.page(vec![person("a")], "page-2").await;
    let mut scene = scene.crash(bench).await;
    let again = scene.next(RunKind::Keys).await;
    assert_eq!((again.run, again.kind, again.window), (began.run, RunKind::Delta, began.window));
    let place = Some(Place("page-2".into()));
    assert_eq!(again.resume, Some(Resume { state: RunState::Walking, place, walked: false }));
    assert_eq!(scene.last_page(vec![person("a"), person("b")]).await.duplicates, 1);
}

/// A walk whose last page was closed says so.
pub async fn a_walked_walk_is_not_walked_again<B: Bench>(bench: &B) {
    let scene = Scene::begun(bench, RunKind::Full).await;
    scene.page(vec![person("a")], "page-2").await;
    scene.last_page(vec![person("b")]).await;
    let mut scene = scene.crash(bench).await;
    let again = scene.next(RunKind::Full).await;
    assert_eq!(again.resume, Some(Resume { state: RunState::Walking, place: None, walked: true }));
}

/// A lost place is forgotten; people already seen stay seen.
pub async fn a_lost_place_keeps_who_was_seen<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.page(two_people_planned(), "page-2").await;
    scene.last_page(vec![person("c")]).await;
    scene.journal.restart_walk(&scene.fence, scene.run).await.unwrap();
    let again = scene.next(RunKind::Full).await;
    assert_eq!(again.resume, Some(Resume { state: RunState::Walking, place: None, walked: false }));
    let closed = scene.last_page(two_people_planned()).await;
    assert_eq!((closed.people, closed.duplicates), (0, 2));
    assert_eq!(scene.stored(scene.run).await.len(), 2);
    scene.release(&[]).await;
    assert_eq!(scene.finish().await.people.duplicates, 2);
}

/// A run that was delivering goes on at its outbox; what was in flight is released again.
pub async fn deliveries_go_on_at_the_outbox<B: Bench>(bench: &B) {
    let scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    let claimed = scene.claim("hr").await;
    scene.settle(claimed[0].id, super::scene::done("a")).await;
    let run = scene.run;
    let mut scene = scene.crash(bench).await;
    let again = scene.next(RunKind::Full).await;
    assert_eq!(again.run, run);
    assert_eq!(again.resume.map(|resume| resume.state), Some(RunState::Delivering));
    assert_eq!(scene.claim_keys("hr").await, ["b"]);
}

/// A walk of another configuration is dropped, its changes superseded.
pub async fn another_configuration_drops_a_walk<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.page(two_people_planned(), "page-2").await;
    let old = scene.run;
    scene.now = 100;
    let begun = scene.begin(&Begin { config_hash: "c2".into(), ..scene.ask(RunKind::Full) }).await.unwrap();
    assert!(begun.run > old);
    assert_eq!(begun.resume, None);
    assert_eq!(begun.window.until, at(100));
    assert!(scene.states(old).await.iter().all(|(_, state)| *state == ChangeState::Superseded));
    assert_eq!(scene.last_page(vec![person("a")]).await.people, 1);
    scene.release(&[]).await;
    assert_eq!(scene.claim_keys("hr").await, Vec::<String>::new());
}

/// A run that delivers goes on, whatever the configuration.
pub async fn another_configuration_goes_on_delivering<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    let run = scene.run;
    scene.now = 100;
    let begun = scene.begin(&Begin { config_hash: "c2".into(), ..scene.ask(RunKind::Delta) }).await.unwrap();
    assert_eq!(begun.run, run);
    assert_eq!(scene.claim_keys("hr").await, ["a", "b"]);
}

/// A walk for keys is dropped, since nobody wrote down whose; while it delivers it goes on.
pub async fn a_walk_for_keys_does_not_go_on<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Keys).await;
    let old = scene.run;
    let begun = scene.next(RunKind::Keys).await;
    assert!(begun.run > old);
    assert_eq!(begun.resume, None);
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    let delivering = scene.run;
    assert_eq!(scene.next(RunKind::Full).await.run, delivering);
}

async fn with_a_plan<B: Bench>(bench: &B) -> Scene<B::Journal> {
    let mut scene = Scene::delivered(bench, &[]).await;
    let begun = scene.begin(&Begin { plan_only: true, ..scene.ask(RunKind::Full) }).await.unwrap();
    assert!(begun.plan_only);
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    scene.finish().await;
    scene
}

/// A complete plan that was not applied is dropped by a newer run and cannot be applied any more.
pub async fn a_newer_run_drops_a_plan<B: Bench>(bench: &B) {
    let mut scene = with_a_plan(bench).await;
    let plan = scene.run;
    let begun = scene.next(RunKind::Delta).await;
    assert!(begun.run > plan);
    assert!(scene.states(plan).await.iter().all(|(_, state)| *state == ChangeState::Superseded));
    scene.last_page(Vec::new()).await;
    scene.release(&[]).await;
    scene.finish().await;
    assert!(scene.reopen(plan).await.is_err());
}

/// A run for keys leaves a plan as it is.
pub async fn a_run_for_keys_leaves_a_plan<B: Bench>(bench: &B) {
    let mut scene = with_a_plan(bench).await;
    let plan = scene.run;
    scene.next(RunKind::Keys).await;
    let work = with(person("z"), "hr", planned("z", "hr", Action::Create, "z"));
    scene.last_page(vec![work]).await;
    scene.release(&[]).await;
    scene.deliver("hr").await;
    scene.finish().await;
    assert!(scene.states(plan).await.iter().all(|(_, state)| *state == ChangeState::Planned));
    scene.reopen(plan).await.unwrap();
    scene.journal.release(&scene.fence, plan, &[], true).await.unwrap();
    assert_eq!(scene.deliver("hr").await, 2);
    scene.finish().await;
}

/// Only a plan, a run with held changes or one whose application was interrupted is reopened.
pub async fn only_what_waits_is_reopened<B: Bench>(bench: &B) {
    let mut scene = with_a_plan(bench).await;
    let plan = scene.run;
    let opened = scene.reopen(plan).await.unwrap();
    assert_eq!((opened.run, opened.plan_only, opened.resume), (plan, true, None));
    scene.journal.release(&scene.fence, plan, &[], true).await.unwrap();
    let mut scene = scene.crash(bench).await;
    let opened = scene.reopen(plan).await.unwrap();
    assert_eq!(opened.resume.map(|resume| resume.state), Some(RunState::Delivering));
    assert_eq!(scene.deliver("hr").await, 2);
    scene.finish().await;
    let nothing = scene.reopen(plan).await.unwrap_err();
    assert!(nothing.message.contains("holds nothing"), "{}", nothing.message);
    assert!(scene.reopen(joinery_model::RunId(4711)).await.is_err());
    // A refusal takes no lease.
    let other = Begin { holder: "other".into(), ..scene.ask(RunKind::Full) };
    let begun = scene.journal.begin(&other).await.unwrap();
    assert_eq!(scene.journal.touched(begun.run).await.unwrap(), Vec::<Ref>::new());
}
