//! References that wait for the other person's account.

use joinery_model::{
    Action, AttributeDiff, Change, ChangeId, Concern, Fillable, Journal, Ref, RunKind, Settled, Situation, Value,
};

use super::scene::{done, reference, waiting, with};
use super::{Bench, Scene, person, planned};

async fn fillable(scene: &Scene<impl Journal>) -> Vec<Fillable> {
    scene.journal.fillable(&scene.fence, 10).await.unwrap()
}

/// `a` reports to `boss`, whose account comes later.
async fn reporting<B: Bench>(bench: &B) -> Scene<B::Journal> {
    let scene = Scene::begun(bench, RunKind::Full).await;
    let report = with(person("a"), "hr", planned("a", "hr", Action::Create, "one"));
    let boss = with(person("boss"), "hr", planned("boss", "hr", Action::Create, "one"));
    scene.last_page(vec![waiting(report, "manager", "u-boss"), boss]).await;
    scene.release(&[]).await;
    scene
}

fn back_fill(fillable: &Fillable) -> Change {
    let mut after = fillable.link.record.clone();
    after.references.insert(fillable.attribute.clone(), reference(&fillable.alias, Some(&fillable.account)));
    Change {
        id: ChangeId(0),
        person: fillable.link.person.clone(),
        target: fillable.target.clone(),
        action: Action::BackFill,
        situation: Situation::Differs,
        target_id: Some(fillable.link.target_id.clone()),
        after,
        diff: vec![AttributeDiff {
            name: fillable.attribute.clone(),
            before: None,
            after: Value::Text(fillable.account.clone()),
        }],
        attempts: 0,
    }
}

/// A reference can be filled once both people have accounts, and not before.
pub async fn a_reference_waits_for_the_account<B: Bench>(bench: &B) {
    let scene = reporting(bench).await;
    assert_eq!(fillable(&scene).await, Vec::new());
    let claimed = scene.claim("hr").await;
    scene.settle(claimed[0].id, done("a")).await;
    assert_eq!(fillable(&scene).await, Vec::new(), "the boss has no account yet");
    scene.settle(claimed[1].id, done("boss")).await;
    let found = fillable(&scene).await;
    assert_eq!(found.len(), 1);
    let Fillable { link, target, attribute, alias, account } = &found[0];
    assert_eq!((link.person.as_str(), &*link.target_id), ("a", "id-a"));
    assert_eq!((&**target, &**attribute, &**alias, &**account), ("hr", "manager", "u-boss", "id-boss"));
    assert_eq!(link.record.attributes["title"].to_plain(), "one");
    assert_eq!(scene.journal.fillable(&scene.fence, 0).await.unwrap(), Vec::new());
    let balance = scene.finish().await;
    assert_eq!(balance.targets["hr"].waiting, 1);
}

/// Nothing is filled while another change of the person for that target is on its way or held.
pub async fn nothing_is_filled_while_a_change_is_open<B: Bench>(bench: &B) {
    let mut scene = reporting(bench).await;
    scene.deliver("hr").await;
    scene.finish().await;
    scene.next(RunKind::Delta).await;
    let update = with(person("a"), "hr", planned("a", "hr", Action::Update, "two"));
    scene.last_page(vec![waiting(update, "manager", "u-boss")]).await;
    assert_eq!(fillable(&scene).await, Vec::new(), "planned");
    scene.release(&[]).await;
    assert_eq!(fillable(&scene).await, Vec::new(), "released");
    let claimed = scene.claim("hr").await;
    assert_eq!(fillable(&scene).await, Vec::new(), "in flight");
    scene.settle(claimed[0].id, done("a")).await;
    assert_eq!(fillable(&scene).await[0].link.record.attributes["title"].to_plain(), "two");
}

/// A back-fill is delivered like any change, a line of its own in the balance, and nobody waits any more.
pub async fn a_back_fill_is_delivered_and_forgotten<B: Bench>(bench: &B) {
    let scene = reporting(bench).await;
    scene.deliver("hr").await;
    let found = fillable(&scene).await;
    scene.journal.back_fill(&scene.fence, scene.run, vec![back_fill(&found[0])]).await.unwrap();
    assert_eq!(fillable(&scene).await, Vec::new());
    let scene = scene.crash(bench).await;
    let claimed = scene.claim("hr").await;
    assert_eq!((claimed[0].action, claimed[0].person.as_str()), (Action::BackFill, "a"));
    scene.settle(claimed[0].id, done("a")).await;
    let last = scene.journal.last("people", "hr", &["a".into()]).await.unwrap().remove(0).unwrap();
    assert_eq!(last.record.references["manager"], reference("u-boss", Some("id-boss")));
    assert_eq!(fillable(&scene).await, Vec::new());
    let balance = scene.finish().await;
    let hr = &balance.targets["hr"];
    assert_eq!((hr.concerned, hr.delivered, hr.back_filled, hr.waiting), (2, 2, 1, 0));
}

/// What waits for a person and target replaces what was known; a removal forgets it.
pub async fn newer_waits_replace<B: Bench>(bench: &B) {
    let mut scene = reporting(bench).await;
    scene.deliver("hr").await;
    scene.finish().await;
    scene.next(RunKind::Delta).await;
    let update = with(person("a"), "hr", planned("a", "hr", Action::Update, "two"));
    let second = waiting(waiting(update, "manager", "u-nobody"), "mentor", "u-boss");
    scene.last_page(vec![second]).await;
    scene.release(&[]).await;
    scene.deliver("hr").await;
    let found = fillable(&scene).await;
    assert_eq!(found.iter().map(|fillable| &*fillable.attribute).collect::<Vec<_>>(), ["mentor"]);
    scene.journal.back_fill(&scene.fence, scene.run, vec![back_fill(&found[0])]).await.unwrap();
    scene.deliver("hr").await;
    assert_eq!(scene.finish().await.targets["hr"].waiting, 1, "the other attribute still waits");
    scene.next(RunKind::Delta).await;
    let removal = with(person("a"), "hr", planned("a", "hr", Action::Delete, "two"));
    scene.last_page(vec![waiting(removal, "manager", "u-nobody")]).await;
    scene.release(&[]).await;
    scene.deliver("hr").await;
    assert_eq!(scene.finish().await.targets["hr"].waiting, 0);
}

/// Where an account gets another id (a table whose key is an e-mail address), references to it are filled anew: of
/// those who refer to it, and of nobody else.
pub async fn a_reference_follows_an_account_that_moves<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let mut reports = Vec::new();
    for (key, to) in [("a", Some("id-boss")), ("b", Some("elsewhere")), ("c", None)] {
        let mut change = planned(key, "hr", Action::Create, "one");
        if let Concern::Planned(change) = &mut change {
            change.after.references.insert("manager".into(), to.and_then(|to| reference("u-boss", Some(to))));
        }
        let mut report = with(person(key), "hr", change);
        report.refs.push(Ref::new("User", "u-boss"));
        reports.push(report);
    }
    reports.push(with(person("boss"), "hr", planned("boss", "hr", Action::Create, "one")));
    scene.last_page(reports).await;
    scene.release(&[]).await;
    scene.deliver("hr").await;
    assert_eq!(fillable(&scene).await, Vec::new());
    scene.finish().await;
    scene.next(RunKind::Delta).await;
    scene.last_page(vec![with(person("boss"), "hr", planned("boss", "hr", Action::Update, "two"))]).await;
    scene.release(&[]).await;
    let claimed = scene.claim("hr").await;
    scene.settle(claimed[0].id, Settled::Done { target_id: "new-boss".into() }).await;
    let found = fillable(&scene).await;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].link.person.as_str(), &*found[0].attribute, &*found[0].account), ("a", "manager", "new-boss"));
    scene.journal.back_fill(&scene.fence, scene.run, vec![back_fill(&found[0])]).await.unwrap();
    scene.deliver("hr").await;
    let last = scene.journal.last("people", "hr", &["a".into()]).await.unwrap().remove(0).unwrap();
    assert_eq!(last.record.references["manager"], reference("u-boss", Some("new-boss")));
    assert_eq!(fillable(&scene).await, Vec::new());
}
