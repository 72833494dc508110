//! What a newer sight of a person does to changes of theirs that are still on their way.

use joinery_model::{
    Action, Begin, ChangeState, Concern, HoldBack, Journal, LeftOut, PersonWork, RunKind, Settled, Verdict,
};

use super::scene::{done, with};
use super::{Bench, Scene, person, planned};

fn hold_all() -> [HoldBack; 1] {
    [HoldBack { target: "hr".into(), action: None, gone_only: false, reason: "too many".into() }]
}

/// A run that held an update of `a` and of `b`, and left one of `c` released.
async fn with_leftovers<B: Bench>(bench: &B) -> Scene<B::Journal> {
    let mut scene = Scene::delivered(bench, &["a", "b", "c"]).await;
    scene.next(RunKind::Full).await;
    let update = |key| with(person(key), "hr", planned(key, "hr", Action::Update, "two"));
    let disable = with(person("c"), "hr", planned("c", "hr", Action::Disable, "two"));
    scene.last_page(vec![update("a"), update("b"), disable]).await;
    scene.release(&[HoldBack { action: Some(Action::Update), ..hold_all()[0].clone() }]).await;
    scene.finish().await;
    scene
}

/// A planned change supersedes what is held or released of the same person and target.
pub async fn a_newer_change_supersedes<B: Bench>(bench: &B) {
    use ChangeState::{Held, Superseded};
    let mut scene = with_leftovers(bench).await;
    let old = scene.run;
    scene.next(RunKind::Full).await;
    let update = |key| with(person(key), "hr", planned(key, "hr", Action::Update, "three"));
    scene.last_page(vec![update("a"), update("c")]).await;
    let states = [("a".into(), Superseded), ("b".into(), Held), ("c".into(), Superseded)];
    assert_eq!(scene.states(old).await, states);
    scene.release(&[]).await;
    assert_eq!(scene.deliver("hr").await, 2);
    assert_eq!(scene.title("c").await.as_deref(), Some("three"));
    let balance = scene.finish().await;
    assert_eq!(balance.targets["hr"].delivered, 2);
}

/// It is told which run holds what took the place of an older one's changes.
pub async fn what_moved_to_a_newer_run_is_told<B: Bench>(bench: &B) {
    let mut scene = with_leftovers(bench).await;
    let old = scene.run;
    assert_eq!(scene.journal.moved_to(old).await.unwrap(), []);
    let update = |key| with(person(key), "hr", planned(key, "hr", Action::Update, "three"));
    let mut newer = Vec::new();
    for key in ["a", "b"] {
        scene.next(RunKind::Delta).await;
        newer.push(scene.run);
        scene.last_page(vec![update(key)]).await;
        scene.release(&hold_all()).await;
        scene.finish().await;
    }
    assert_eq!(scene.journal.moved_to(old).await.unwrap(), newer);
    scene.reopen(newer[0]).await.unwrap();
    scene.journal.release(&scene.fence, newer[0], &[], true).await.unwrap();
    scene.deliver("hr").await;
    scene.finish().await;
    assert_eq!(scene.journal.moved_to(old).await.unwrap(), newer[1..]);
}

/// So does finding that there is nothing to do.
pub async fn nothing_to_do_supersedes<B: Bench>(bench: &B) {
    use ChangeState::{Held, Superseded};
    let mut scene = with_leftovers(bench).await;
    let old = scene.run;
    scene.next(RunKind::Full).await;
    scene
        .last_page(vec![with(person("a"), "hr", Concern::Unchanged), with(person("c"), "hr", Concern::Unchanged)])
        .await;
    let states = [("a".into(), Superseded), ("b".into(), Held), ("c".into(), Superseded)];
    assert_eq!(scene.states(old).await, states);
    scene.release(&[]).await;
    assert_eq!(scene.deliver("hr").await, 0);
    assert_eq!(scene.title("a").await.as_deref(), Some("one"));
}

/// So does a sight of somebody who does not concern the target any more, gone people among them; one of whom nothing
/// could be read supersedes nothing.
pub async fn what_concerns_a_target_no_more_is_superseded<B: Bench>(bench: &B) {
    use ChangeState::{Held, Superseded};
    let mut scene = with_leftovers(bench).await;
    let old = scene.run;
    scene.next(RunKind::Full).await;
    let elsewhere = with(person("a"), "app", planned("a", "app", Action::Create, "three"));
    let why = LeftOut { rule: "unreadable".into(), message: "the row is broken off".into() };
    let unread = PersonWork {
        aliases: Vec::new(),
        refs: Vec::new(),
        standing: None,
        verdict: Verdict::Invalid(why),
        ..person("b")
    };
    scene.last_page(vec![elsewhere, unread, super::gone("c")]).await;
    let states = [("a".into(), Superseded), ("b".into(), Held), ("c".into(), Superseded)];
    assert_eq!(scene.states(old).await, states);
    scene.release(&[]).await;
    assert_eq!((scene.deliver("hr").await, scene.deliver("app").await), (0, 1));
}

/// When nobody can say what to do, what was said before stands.
pub async fn a_rejection_supersedes_nothing<B: Bench>(bench: &B) {
    let mut scene = with_leftovers(bench).await;
    let old = scene.run;
    scene.next(RunKind::Full).await;
    let why = LeftOut { rule: "correlate".into(), message: "two accounts fit".into() };
    scene.last_page(vec![with(person("a"), "hr", Concern::Rejected(why))]).await;
    assert_eq!(scene.states(old).await[0].1, ChangeState::Held);
}

/// Whoever could not be looked up is pending in the books, and what was said before stands.
pub async fn a_postponement_supersedes_nothing_and_is_pending<B: Bench>(bench: &B) {
    let mut scene = with_leftovers(bench).await;
    let old = scene.run;
    scene.next(RunKind::Full).await;
    scene.last_page(vec![with(person("a"), "hr", Concern::Postponed)]).await;
    assert_eq!(scene.states(old).await[0].1, ChangeState::Held);
    scene.release(&[]).await;
    let balance = scene.finish().await;
    assert_eq!(balance.check(), Vec::new());
    assert_eq!((balance.targets["hr"].concerned, balance.targets["hr"].pending), (1, 1));
}

/// What is in flight when a person is seen again is left alone, and comes before the newer change.
pub async fn what_is_in_flight_is_left_alone<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(super::two_people_planned()).await;
    scene.release(&[]).await;
    scene.finish().await;
    let old = scene.run;
    scene.next(RunKind::Delta).await;
    let flying = scene.claim("hr").await;
    let update = with(person("a"), "hr", planned("a", "hr", Action::Create, "two"));
    scene.last_page(vec![update]).await;
    assert!(scene.states(old).await.iter().all(|(_, state)| *state == ChangeState::InFlight));
    scene.release(&[]).await;
    assert_eq!(scene.claim_keys("hr").await, Vec::<String>::new());
    for change in flying {
        scene.settle(change.id, done(change.person.as_str())).await;
    }
    assert_eq!(scene.claim("hr").await[0].after.attributes["title"].to_plain(), "two");
}

/// A dead letter is undelivered too.
pub async fn a_dead_letter_is_superseded<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(super::two_people_planned()).await;
    scene.release(&[]).await;
    for change in scene.claim("hr").await {
        scene.settle(change.id, Settled::Dead("refused".into())).await;
    }
    let old = scene.run;
    assert_eq!(scene.finish().await.targets["hr"].dead, 2);
    scene.next(RunKind::Full).await;
    scene.last_page(vec![with(person("b"), "hr", planned("b", "hr", Action::Create, "two"))]).await;
    let states = [("a".into(), ChangeState::Dead), ("b".into(), ChangeState::Superseded)];
    assert_eq!(scene.states(old).await, states);
}

/// What a dropped plan or walk had superseded is again what it was.
pub async fn a_dropped_plan_gives_back<B: Bench>(bench: &B) {
    use ChangeState::{Held, Released, Superseded};
    let mut scene = with_leftovers(bench).await;
    let old = scene.run;
    let given_back = [("a".into(), Held), ("b".into(), Held), ("c".into(), Released)];
    let update = |key| with(person(key), "hr", planned(key, "hr", Action::Update, "three"));
    // A plan, dropped by a newer run; a walk, dropped by another configuration.
    scene.now += 3600;
    scene.begin(&Begin { plan_only: true, ..scene.ask(RunKind::Full) }).await.unwrap();
    scene.last_page(vec![update("a"), with(person("c"), "hr", Concern::Unchanged)]).await;
    scene.release(&[]).await;
    scene.finish().await;
    let states = [("a".into(), Superseded), ("b".into(), Held), ("c".into(), Superseded)];
    assert_eq!(scene.states(old).await, states);
    scene.next(RunKind::Delta).await;
    assert_eq!(scene.states(old).await, given_back);
    scene.page(vec![update("b"), update("c")], "page-2").await;
    let walk = scene.run;
    scene.now += 3600;
    scene.begin(&Begin { config_hash: "c2".into(), ..scene.ask(RunKind::Delta) }).await.unwrap();
    assert_eq!(scene.states(old).await, given_back);
    assert!(scene.states(walk).await.iter().all(|(_, state)| *state == Superseded));
    // Once released, what was superseded stays so.
    scene.last_page(vec![update("a")]).await;
    scene.release(&hold_all()).await;
    scene.finish().await;
    scene.next(RunKind::Delta).await;
    assert_eq!(scene.states(old).await[0].1, Superseded);
}

/// What a plan had superseded is not given back when something newer was delivered meanwhile.
pub async fn a_dropped_plan_gives_nothing_stale_back<B: Bench>(bench: &B) {
    use ChangeState::{Held, Superseded};
    let mut scene = with_leftovers(bench).await;
    let old = scene.run;
    let update = |title| with(person("a"), "hr", planned("a", "hr", Action::Update, title));
    scene.now += 3600;
    scene.begin(&Begin { plan_only: true, ..scene.ask(RunKind::Full) }).await.unwrap();
    scene.last_page(vec![update("three"), with(person("b"), "hr", Concern::Unchanged)]).await;
    scene.release(&[]).await;
    scene.finish().await;
    scene.next(RunKind::Keys).await;
    scene.last_page(vec![update("four")]).await;
    scene.release(&[]).await;
    scene.deliver("hr").await;
    scene.finish().await;
    scene.next(RunKind::Delta).await;
    assert_eq!(scene.states(old).await[..2], [("a".into(), Superseded), ("b".into(), Held)]);
    assert_eq!(scene.title("a").await.as_deref(), Some("four"));
}
