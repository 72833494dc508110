//! The plan as a whole: totals, what the guard holds back, release, approval, the watermark.

use std::sync::Arc;

use joinery_model::{
    Action, Begin, ChangeState, Concern, HoldBack, Journal, LeftOut, PersonWork, RunKind, RunState, Verdict,
};

use super::scene::with;
use super::{Bench, Scene, gone, person, planned, two_people_planned};

fn left_out(key: &str) -> PersonWork {
    let why = LeftOut { rule: "only".into(), message: "left out".into() };
    PersonWork { verdict: Verdict::LeftOut(why), ..person(key) }
}

fn invalid(key: &str) -> PersonWork {
    let why = LeftOut { rule: "mail-present".into(), message: "mail is missing".into() };
    PersonWork { verdict: Verdict::Invalid(why), ..person(key) }
}

/// Totals count people seen and known, planned changes, those of gone people apart, attributes and links.
pub async fn totals_count_the_walk<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["a", "b", "c", "d"]).await;
    scene.next(RunKind::Full).await;
    scene
        .page(
            vec![
                with(person("a"), "hr", planned("a", "hr", Action::Update, "two")),
                with(person("b"), "hr", planned("b", "hr", Action::Disable, "two")),
                with(person("new"), "hr", planned("new", "hr", Action::Create, "one")),
                with(person("same"), "hr", Concern::Unchanged),
            ],
            "page-2",
        )
        .await;
    scene
        .last_page(vec![
            with(gone("c"), "hr", planned("c", "hr", Action::Disable, "one")),
            with(person("z"), "app", planned("z", "app", Action::Create, "one")),
        ])
        .await;
    let totals = scene.journal.totals(scene.run).await.unwrap();
    let (hr, app, title) = (Arc::<str>::from("hr"), Arc::<str>::from("app"), Arc::<str>::from("title"));
    assert_eq!((totals.people, totals.known, totals.missing, totals.dropped), (5, 4, 1, 0));
    let planned: Vec<_> = totals.planned.into_iter().collect();
    assert_eq!(
        planned,
        [
            ((app.clone(), Action::Create), 1),
            ((hr.clone(), Action::Create), 1),
            ((hr.clone(), Action::Update), 1),
            ((hr.clone(), Action::Disable), 1)
        ]
    );
    assert_eq!(totals.gone.into_iter().collect::<Vec<_>>(), [(hr.clone(), 1)]);
    assert_eq!(totals.attributes[&(hr.clone(), title.clone())], 4);
    assert_eq!(totals.attributes[&(app, title)], 1);
    assert_eq!(totals.linked.into_iter().collect::<Vec<_>>(), [(hr, 4)]);
}

/// Whoever is gone is missing once: afterwards only while what was held for that reason is not approved.
pub async fn totals_know_who_is_newly_missing<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["a", "b", "c", "d"]).await;
    let disabled = |key: &str| with(gone(key), "hr", planned(key, "hr", Action::Disable, "one"));
    let held = HoldBack { target: "hr".into(), action: None, gone_only: true, reason: "gone".into() };
    scene.next(RunKind::Full).await;
    scene.last_page(vec![person("a"), person("b"), disabled("c"), gone("d")]).await;
    let totals = scene.journal.totals(scene.run).await.unwrap();
    assert_eq!((totals.people, totals.known, totals.missing), (2, 4, 2));
    scene.release(&[held]).await;
    scene.finish().await;
    // Nothing of d was held, and somebody new makes up for nobody.
    scene.next(RunKind::Full).await;
    scene.last_page(vec![person("a"), person("new"), gone("b"), disabled("c"), gone("d")]).await;
    let totals = scene.journal.totals(scene.run).await.unwrap();
    assert_eq!((totals.people, totals.known, totals.missing), (2, 3, 2));
    scene.release(&[]).await;
    scene.deliver("hr").await;
    scene.finish().await;
    scene.next(RunKind::Full).await;
    scene.last_page(vec![person("a"), gone("b"), gone("c"), gone("d"), gone("new")]).await;
    let totals = scene.journal.totals(scene.run).await.unwrap();
    assert_eq!((totals.people, totals.known, totals.missing), (1, 2, 1));
}

/// People that became left out or invalid are counted apart, once: those who were so before are not.
pub async fn totals_know_who_dropped_out<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["a", "b", "c"]).await;
    scene.next(RunKind::Full).await;
    scene.last_page(vec![left_out("a"), invalid("b"), person("c"), left_out("new")]).await;
    let totals = scene.journal.totals(scene.run).await.unwrap();
    assert_eq!((totals.people, totals.known, totals.dropped), (4, 3, 2));
    // A dropped walk leaves what is known of people as it was.
    scene.now += 3600;
    scene.begin(&Begin { config_hash: "c2".into(), ..scene.ask(RunKind::Full) }).await.unwrap();
    scene.last_page(vec![left_out("a"), gone("b")]).await;
    let totals = scene.journal.totals(scene.run).await.unwrap();
    assert_eq!((totals.people, totals.known, totals.dropped), (1, 3, 1));
    scene.release(&[]).await;
    scene.finish().await;
    scene.next(RunKind::Full).await;
    scene.last_page(vec![left_out("a")]).await;
    let totals = scene.journal.totals(scene.run).await.unwrap();
    assert_eq!((totals.people, totals.known, totals.dropped), (1, 2, 0));
}

/// Nothing can be claimed before the release, everything after it.
pub async fn released_changes_can_be_claimed<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    assert_eq!(scene.claim("hr").await, Vec::new());
    assert_eq!(scene.journal.next_due(&scene.fence, "hr").await.unwrap(), None);
    scene.release(&[]).await;
    assert_eq!(scene.deliver("hr").await, 2);
    scene.finish().await;
    let begun = scene.next(RunKind::Full).await;
    assert!(begun.resume.is_none());
}

/// One create, one update, one disable, and a disable of somebody gone.
async fn four<B: Bench>(bench: &B) -> Scene<B::Journal> {
    let mut scene = Scene::delivered(bench, &["b", "c", "d"]).await;
    scene.next(RunKind::Full).await;
    scene
        .last_page(vec![
            with(person("a"), "hr", planned("a", "hr", Action::Create, "one")),
            with(person("b"), "hr", planned("b", "hr", Action::Update, "two")),
            with(person("c"), "hr", planned("c", "hr", Action::Disable, "one")),
            with(gone("d"), "hr", planned("d", "hr", Action::Disable, "one")),
        ])
        .await;
    scene
}

fn part(action: Option<Action>, gone_only: bool) -> HoldBack {
    HoldBack { target: "hr".into(), action, gone_only, reason: "more than the guard allows".into() }
}

async fn held(scene: &Scene<impl Journal>) -> Vec<String> {
    let stored = scene.stored(scene.run).await;
    let held = stored.into_iter().filter(|stored| stored.state == ChangeState::Held);
    held.map(|stored| {
        assert_eq!(stored.reason.as_deref(), Some("more than the guard allows"));
        stored.change.person.to_string()
    })
    .collect()
}

/// Every change of a target is held back; other targets are not.
pub async fn a_target_is_held_back<B: Bench>(bench: &B) {
    let scene = four(bench).await;
    scene.release(&[HoldBack { target: "elsewhere".into(), ..part(None, false) }, part(None, false)]).await;
    assert_eq!(held(&scene).await, ["a", "b", "c", "d"]);
    assert_eq!(scene.deliver("hr").await, 0);
    assert_eq!(scene.finish().await.targets["hr"].held, 4);
}

/// Every change of an action is held back, those of gone people included.
pub async fn an_action_is_held_back<B: Bench>(bench: &B) {
    let scene = four(bench).await;
    scene.release(&[part(Some(Action::Disable), false)]).await;
    assert_eq!(held(&scene).await, ["c", "d"]);
    assert_eq!(scene.deliver("hr").await, 2);
}

/// Only changes of gone people are held back, of one action or of all.
pub async fn only_the_gone_are_held_back<B: Bench>(bench: &B) {
    let scene = four(bench).await;
    scene.release(&[part(Some(Action::Update), true), part(None, true)]).await;
    assert_eq!(held(&scene).await, ["d"]);
    assert_eq!(scene.deliver("hr").await, 3);
}

/// A plan-only run becomes planned and releases nothing; applied, it delivers exactly that plan.
pub async fn a_plan_releases_nothing_until_applied<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &[]).await;
    scene.now = 50;
    scene.begin(&Begin { plan_only: true, ..scene.ask(RunKind::Full) }).await.unwrap();
    let plan = scene.run;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    assert_eq!(scene.claim("hr").await, Vec::new());
    assert_eq!(scene.watermark().await, Some(0));
    scene.finish().await;
    let mut scene = scene.crash(bench).await;
    scene.reopen(plan).await.unwrap();
    assert_eq!(scene.claim("hr").await, Vec::new());
    scene.journal.release(&scene.fence, plan, &[], true).await.unwrap();
    assert_eq!(scene.watermark().await, Some(50));
    assert_eq!(scene.deliver("hr").await, 2);
    assert_eq!(scene.finish().await.targets["hr"].delivered, 2);
}

/// Approval releases what was held, in the run it was held in.
pub async fn approval_releases_what_was_held<B: Bench>(bench: &B) {
    let mut scene = four(bench).await;
    scene.release(&[part(Some(Action::Disable), false)]).await;
    scene.deliver("hr").await;
    assert_eq!(scene.finish().await.targets["hr"].held, 2);
    let (run, mark) = (scene.run, scene.watermark().await);
    scene.next(RunKind::Delta).await;
    scene.last_page(Vec::new()).await;
    scene.release(&[]).await;
    scene.finish().await;
    let later = scene.watermark().await;
    assert!(later > mark);
    scene.reopen(run).await.unwrap();
    assert!(scene.journal.release(&scene.fence, run, &[part(None, false)], true).await.is_ok());
    assert_eq!(scene.claim_keys("hr").await, ["c", "d"]);
    assert_eq!(scene.watermark().await, later, "an approval moves no watermark");
    // Interrupted, it goes on delivering.
    let begun = scene.next(RunKind::Delta).await;
    assert_eq!((begun.run, begun.resume.map(|resume| resume.state)), (run, Some(RunState::Delivering)));
    assert_eq!(scene.deliver("hr").await, 2);
    let balance = scene.finish().await;
    assert_eq!((balance.targets["hr"].held, balance.targets["hr"].delivered), (0, 4));
    assert!(scene.reopen(run).await.is_err());
}

/// The watermark moves at the release to the window's end, unless the run is for keys or plan-only; never back.
pub async fn the_watermark_moves_as_written<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.page(Vec::new(), "page-2").await;
    scene.last_page(Vec::new()).await;
    assert_eq!(scene.watermark().await, None, "only a released walk moves it");
    scene.release(&[]).await;
    assert_eq!(scene.watermark().await, Some(0));
    scene.finish().await;
    for (kind, plan_only, expected) in [
        (RunKind::Delta, false, 3600),
        (RunKind::Keys, false, 3600),
        (RunKind::Full, true, 3600),
        (RunKind::Full, false, 4 * 3600),
    ] {
        scene.now += 3600;
        let begun = scene.begin(&Begin { plan_only, ..scene.ask(kind) }).await.unwrap();
        let full = kind == RunKind::Full;
        assert_eq!(begun.window.since.is_none(), full, "a full walk starts from nothing");
        assert_eq!(begun.window.until, super::at(scene.now));
        scene.last_page(Vec::new()).await;
        scene.release(&[]).await;
        assert_eq!(scene.watermark().await, Some(expected), "{kind:?} {plan_only}");
        scene.finish().await;
    }
    // A failed walk moves nothing.
    scene.next(RunKind::Delta).await;
    scene.last_page(Vec::new()).await;
    scene.journal.finish(&scene.fence, scene.run, super::at(scene.now), Some("the tenant is away")).await.unwrap();
    assert_eq!(scene.crash(bench).await.watermark().await, Some(4 * 3600));
}

/// A sync is at its first run until a full walk was released.
pub async fn the_first_run_is_first<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Keys).await;
    scene.last_page(vec![person("a")]).await;
    scene.release(&[]).await;
    scene.finish().await;
    assert!(scene.next(RunKind::Full).await.first);
    scene.page(Vec::new(), "page-2").await;
    assert!(scene.next(RunKind::Full).await.first, "interrupted");
    scene.last_page(Vec::new()).await;
    scene.release(&[]).await;
    scene.finish().await;
    assert!(!scene.next(RunKind::Full).await.first);
}
