//! The end of a run and its balance.

use joinery_model::{
    Action, Begin, ChangeState, Concern, HoldBack, Journal, LeftOut, PersonWork, RunKind, Settled, Tried, Verdict,
};

use super::scene::{done, with};
use super::{Bench, Scene, at, gone, person, planned, two_people_planned};

fn why(rule: &str) -> LeftOut {
    LeftOut { rule: rule.into(), message: "what is wrong and what to do".into() }
}

/// The balance is computed from what is written: every line has its people.
pub async fn the_balance_is_what_is_written<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["gone", "back"]).await;
    scene.next(RunKind::Full).await;
    let create = |key| with(person(key), "hr", planned(key, "hr", Action::Create, "one"));
    let hold = with(person("held"), "hr", planned("held", "hr", Action::Enable, "one"));
    let people = vec![
        create("done"),
        create("dead"),
        create("pending"),
        hold,
        with(person("same"), "hr", Concern::Unchanged),
        with(person("rejected"), "hr", Concern::Rejected(why("correlate"))),
        PersonWork { how: Tried::Due, ..create("due") },
        PersonWork { how: Tried::Touched, ..person("touched") },
        PersonWork { verdict: Verdict::LeftOut(why("only")), ..person("out") },
        PersonWork { verdict: Verdict::Invalid(why("mail-present")), ..person("bad-1") },
        PersonWork { verdict: Verdict::Invalid(why("mail-present")), ..person("bad-2") },
        with(gone("gone"), "hr", planned("gone", "hr", Action::Disable, "one")),
    ];
    scene.page(people, "page-2").await;
    scene.last_page(vec![person("same"), person("back")]).await;
    let part = |action| HoldBack { target: "hr".into(), action, gone_only: false, reason: "too many".into() };
    scene.release(&[part(Some(Action::Enable)), HoldBack { gone_only: true, ..part(None) }]).await;
    for change in scene.claim("hr").await {
        match change.person.as_str() {
            "dead" => scene.settle(change.id, Settled::Dead("refused".into())).await,
            "pending" => scene.settle(change.id, Settled::Again { due: at(99_999), why: "busy".into() }).await,
            key => scene.settle(change.id, done(key)).await,
        }
    }
    let balance = scene.finish().await;
    let people = &balance.people;
    assert_eq!((people.rows, people.duplicates, people.gone), (13, 1, 1));
    assert_eq!((people.read, people.due, people.touched, people.mapped), (10, 1, 1, 9));
    assert_eq!(people.left_out.iter().map(|(rule, n)| (&**rule, *n)).collect::<Vec<_>>(), [("only", 1)]);
    assert_eq!(people.invalid.iter().map(|(rule, n)| (&**rule, *n)).collect::<Vec<_>>(), [("mail-present", 2)]);
    let hr = &balance.targets["hr"];
    assert_eq!((hr.concerned, hr.unchanged, hr.rejected), (8, 1, 1));
    assert_eq!((hr.delivered, hr.held, hr.pending, hr.dead, hr.superseded), (2, 2, 1, 1, 0));
}

/// A failed walk's plan is superseded; the next run is a new one.
pub async fn a_failed_walk_leaves_no_plan<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.page(two_people_planned(), "page-2").await;
    let failed = scene.run;
    let balance = scene.journal.finish(&scene.fence, failed, at(5), Some("no right to read")).await.unwrap();
    assert_eq!(balance.check(), Vec::new());
    assert_eq!(balance.targets["hr"].superseded, 2);
    assert!(scene.states(failed).await.iter().all(|(_, state)| *state == ChangeState::Superseded));
    let begun = scene.next(RunKind::Full).await;
    assert!(begun.run > failed);
    assert_eq!(begun.resume, None);
    assert!(begun.first);
}

/// What a run that failed while delivering had released is delivered by the next.
pub async fn a_failed_delivery_leaves_the_rest<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    scene.claim("hr").await;
    let failed = scene.run;
    let balance = scene.journal.finish(&scene.fence, failed, at(5), Some("the target is away")).await.unwrap();
    assert_eq!(balance.targets["hr"].pending, 2);
    let begun = scene.next(RunKind::Delta).await;
    assert_eq!(begun.resume, None);
    scene.last_page(Vec::new()).await;
    scene.release(&[]).await;
    assert_eq!(scene.deliver("hr").await, 2);
}

/// A walk must be released before its run can finish.
pub async fn a_walk_that_was_not_released_cannot_finish<B: Bench>(bench: &B) {
    let scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    assert!(scene.journal.finish(&scene.fence, scene.run, at(5), None).await.is_err());
    scene.release(&[]).await;
    scene.finish().await;
}

/// A plan has its balance and still waits to be applied.
pub async fn a_plan_keeps_its_balance_and_waits<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &[]).await;
    scene.begin(&Begin { plan_only: true, ..scene.ask(RunKind::Full) }).await.unwrap();
    let plan = scene.run;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    assert_eq!(scene.finish().await.targets["hr"].held, 2);
    assert!(scene.reopen(plan).await.is_ok());
}

/// A run applied after a newer run saw the same people still balances.
pub async fn a_balance_outlives_newer_runs<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    let all = HoldBack { target: "hr".into(), action: None, gone_only: false, reason: "too many".into() };
    scene.release(&[all]).await;
    let first = scene.finish().await;
    let run = scene.run;
    scene.next(RunKind::Delta).await;
    scene.last_page(vec![with(person("a"), "hr", Concern::Unchanged)]).await;
    scene.release(&[]).await;
    scene.finish().await;
    scene.reopen(run).await.unwrap();
    scene.journal.release(&scene.fence, run, &[], true).await.unwrap();
    assert_eq!(scene.deliver("hr").await, 1);
    let balance = scene.finish().await;
    assert_eq!(balance.people, first.people);
    let hr = &balance.targets["hr"];
    assert_eq!((hr.concerned, hr.delivered, hr.superseded, hr.held), (2, 1, 1, 0));
}
