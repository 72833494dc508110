//! Changes that make it doubtful what a target holds.

use joinery_model::{Action, Change, Concern, Journal, Key, RunKind, Settled, Situation};

use super::scene::{at, done, with};
use super::{Bench, Scene, gone, person, planned};

/// The actions of what is unsettled of these people, the newest first.
async fn unsettled<J: Journal>(scene: &Scene<J>, keys: &[&str]) -> Vec<Vec<Action>> {
    let keys: Vec<Key> = keys.iter().map(|key| Key::from(*key)).collect();
    let found = scene.journal.unsettled("people", "hr", &keys).await.expect("what is unsettled is looked up");
    let actions = |changes: Vec<Change>| changes.into_iter().map(|change| change.action).collect();
    found.into_iter().map(actions).collect()
}

fn lost() -> Settled {
    Settled::Again { due: at(0), why: "the answer was lost".into() }
}

/// Tried and put off, dead after a try, superseded after a try: nobody knows what the target holds. What was never
/// tried is not in doubt, nor is what was delivered.
pub async fn what_was_tried_and_not_answered<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let create = |key| with(person(key), "hr", planned(key, "hr", Action::Create, "one"));
    scene.last_page(["a", "b", "c", "d"].map(create).to_vec()).await;
    assert_eq!(unsettled(&scene, &["a", "b", "c", "d"]).await, [vec![], vec![], vec![], vec![]]);
    scene.release(&[]).await;
    for change in scene.claim("hr").await {
        let how = match change.person.as_str() {
            "b" => Settled::Dead("refused".into()),
            "c" => done("c"),
            _ => lost(),
        };
        scene.settle(change.id, how).await;
    }
    scene.finish().await;
    let create = || vec![Action::Create];
    assert_eq!(unsettled(&scene, &["d", "c", "b", "a", "x"]).await, [create(), vec![], create(), create(), vec![]]);
    scene.next(RunKind::Full).await;
    scene.last_page(vec![gone("a"), gone("b")]).await;
    assert_eq!(unsettled(&scene, &["a", "b"]).await, [create(), create()], "superseded, and still in doubt");
    let found = scene.journal.unsettled("people", "hr", &["a".into()]).await.unwrap();
    assert_eq!(found[0][0].after.attributes["title"].to_plain(), "one");
}

/// What was surely not done is no try: nothing is in doubt, and what waits gives way as if it had never been claimed.
/// An earlier try still counts.
pub async fn what_was_surely_not_done<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let create = |key| with(person(key), "hr", planned(key, "hr", Action::Create, "one"));
    scene.last_page(["a", "b"].map(create).to_vec()).await;
    scene.release(&[]).await;
    let not_tried = || Settled::NotTried { due: at(0), why: "no connection".into() };
    for change in scene.claim("hr").await {
        scene.settle(change.id, if *change.person.as_str() == *"a" { not_tried() } else { lost() }).await;
    }
    let again = scene.claim("hr").await;
    let tries: Vec<(&str, u32)> = again.iter().map(|change| (change.person.as_str(), change.attempts)).collect();
    assert_eq!(tries, [("a", 0), ("b", 1)]);
    for change in again {
        scene.settle(change.id, not_tried()).await;
    }
    let balance = scene.finish().await;
    assert_eq!(balance.targets["hr"].pending, 2);
    assert_eq!(unsettled(&scene, &["a", "b"]).await, [vec![], vec![Action::Create]]);
    scene.next(RunKind::Full).await;
    scene.last_page(vec![gone("a"), gone("b")]).await;
    assert_eq!(unsettled(&scene, &["a", "b"]).await, [vec![], vec![Action::Create]]);
}

/// Whatever is delivered later was planned with the doubt in mind.
pub async fn a_later_delivery_settles_it<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["a"]).await;
    scene.next(RunKind::Full).await;
    let update = |title| with(person("a"), "hr", planned("a", "hr", Action::Update, title));
    scene.last_page(vec![update("two")]).await;
    scene.release(&[]).await;
    for change in scene.claim("hr").await {
        scene.settle(change.id, lost()).await;
    }
    scene.finish().await;
    assert_eq!(unsettled(&scene, &["a"]).await, [[Action::Update]]);
    scene.next(RunKind::Full).await;
    scene.last_page(vec![update("three")]).await;
    assert_eq!(unsettled(&scene, &["a"]).await, [[Action::Update]]);
    scene.release(&[]).await;
    scene.deliver("hr").await;
    scene.finish().await;
    assert_eq!(unsettled(&scene, &["a"]).await, [[]]);
}

/// An account that was found for somebody is theirs although nothing was written to it yet.
pub async fn what_was_found_and_not_linked<B: Bench>(bench: &B) {
    let scene = Scene::begun(bench, RunKind::Full).await;
    let mut found = planned("a", "hr", Action::Update, "one");
    if let Concern::Planned(change) = &mut found {
        (change.situation, change.target_id) = (Situation::Found, Some("x1".into()));
    }
    scene.last_page(vec![with(person("a"), "hr", found)]).await;
    assert_eq!(unsettled(&scene, &["a"]).await, [[Action::Update]]);
    let changes = scene.journal.unsettled("people", "hr", &["a".into()]).await.unwrap();
    assert_eq!(changes[0][0].target_id.as_deref(), Some("x1"));
    scene.release(&[]).await;
    scene.deliver("hr").await;
    assert_eq!(unsettled(&scene, &["a"]).await, [[]]);
}

/// What a dead process had in flight may have arrived.
pub async fn what_a_dead_process_had_in_flight<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(super::two_people_planned()).await;
    scene.release(&[]).await;
    scene.claim("hr").await;
    scene = scene.crash(bench).await;
    assert_eq!(unsettled(&scene, &["a"]).await, [[Action::Create]], "in flight");
    scene.now += 3600;
    let ask = scene.ask(RunKind::Full);
    scene.begin(&ask).await.unwrap();
    assert_eq!(unsettled(&scene, &["a", "b"]).await, [[Action::Create], [Action::Create]], "put back");
}
