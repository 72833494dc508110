//! Claiming and settling.

use joinery_model::{Action, ChangeId, ChangeState, Journal, RunKind, Settled};

use super::scene::{done, with};
use super::{Bench, Scene, at, person, planned, two_people_planned};

/// Two runs' worth of changes for `a` and `b`: creates in flight when the second run planned updates.
async fn two_each<B: Bench>(bench: &B) -> Scene<B::Journal> {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    scene.finish().await;
    scene.next(RunKind::Delta).await;
    let flying = scene.claim("hr").await;
    let update = |key| with(person(key), "hr", planned(key, "hr", Action::Update, "two"));
    scene.last_page(vec![update("a"), update("b")]).await;
    scene.release(&[]).await;
    for change in flying {
        let how = Settled::Again { due: at(scene.now + 10), why: "busy".into() };
        scene.settle(change.id, how).await;
    }
    scene
}

/// Of each person the oldest, and nothing newer while it waits, though the newer one were due.
pub async fn each_person_in_order<B: Bench>(bench: &B) {
    let mut scene = two_each(bench).await;
    assert_eq!(scene.claim("hr").await, Vec::new());
    scene.now += 10;
    let first = scene.claim("hr").await;
    assert_eq!(first.iter().map(|change| change.action).collect::<Vec<_>>(), [Action::Create, Action::Create]);
    scene.settle(first[0].id, done("a")).await;
    let second = scene.claim("hr").await;
    assert_eq!(second.len(), 1);
    assert_eq!((second[0].person.as_str(), second[0].action), ("a", Action::Update));
    assert!(second[0].id > first[0].id);
}

/// None of a person's while another of theirs for the same target is in flight.
pub async fn one_at_a_time<B: Bench>(bench: &B) {
    let mut scene = two_each(bench).await;
    scene.now += 10;
    assert_eq!(scene.claim("hr").await.len(), 2);
    assert_eq!(scene.claim("hr").await, Vec::new());
}

/// A claim takes at most its limit, of its target alone, in the order of the numbers.
pub async fn limits_and_targets_are_kept<B: Bench>(bench: &B) {
    let scene = Scene::begun(bench, RunKind::Full).await;
    let people = ["e", "d", "c", "b", "a"].map(|key| {
        let work = with(person(key), "hr", planned(key, "hr", Action::Create, "one"));
        with(work, "app", planned(key, "app", Action::Create, "one"))
    });
    scene.last_page(people.to_vec()).await;
    scene.release(&[]).await;
    let claim = async |target, limit| scene.journal.claim(&scene.fence, target, at(0), limit).await.unwrap();
    let first = claim("hr", 2).await;
    assert_eq!(first.iter().map(|change| change.person.as_str()).collect::<Vec<_>>(), ["e", "d"]);
    assert!(first.iter().all(|change| &*change.target == "hr"));
    assert_eq!(claim("app", 9).await.len(), 5, "in flight for one target is free for another");
    assert_eq!(claim("hr", 9).await.len(), 3);
    assert_eq!(claim("elsewhere", 9).await.len(), 0);
}

/// Each claim counts one attempt, and a claimed change says how often it was tried before.
pub async fn attempts_are_counted<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned().split_off(1)).await;
    scene.release(&[]).await;
    for before in 0..3 {
        let claimed = scene.claim("hr").await;
        assert_eq!(claimed[0].attempts, before);
        assert_eq!(scene.stored(scene.run).await[0].change.attempts, before + 1);
        if before == 1 {
            // A dead process counts as a try too.
            scene = scene.crash(bench).await;
            scene.next(RunKind::Full).await;
        } else {
            scene.settle(claimed[0].id, Settled::Again { due: at(scene.now), why: "busy".into() }).await;
        }
    }
}

/// What is to be tried again waits for its time, with the reason.
pub async fn what_is_not_due_waits<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    let claimed = scene.claim("hr").await;
    scene.settle(claimed[0].id, Settled::Again { due: at(30), why: "busy".into() }).await;
    scene.now = 29;
    assert_eq!(scene.claim("hr").await, Vec::new());
    assert_eq!(scene.stored(scene.run).await[0].reason.as_deref(), Some("busy"));
    scene.now = 30;
    assert_eq!(scene.claim_keys("hr").await, ["a"]);
    scene.settle(claimed[0].id, done("a")).await;
    assert_eq!(scene.stored(scene.run).await[0].reason, None);
}

/// The next due is that of the oldest of each person; none when nothing released is left.
pub async fn next_due_is_what_claim_can_take<B: Bench>(bench: &B) {
    let mut scene = two_each(bench).await;
    let due = at(scene.now + 10);
    assert_eq!(scene.journal.next_due(&scene.fence, "hr").await.unwrap(), Some(due), "not that of the newer ones");
    scene.now += 10;
    let flying = scene.claim("hr").await;
    assert!(scene.journal.next_due(&scene.fence, "hr").await.unwrap().is_some(), "something released is left");
    for change in flying {
        scene.settle(change.id, done(change.person.as_str())).await;
    }
    let due = scene.journal.next_due(&scene.fence, "hr").await.unwrap();
    assert!(due.is_some_and(|due| due <= at(scene.now)));
    assert_eq!(scene.deliver("hr").await, 2);
    assert_eq!(scene.journal.next_due(&scene.fence, "hr").await.unwrap(), None);
}

/// What is released for one target says nothing of another, whether the sync still has it or not.
pub async fn next_due_is_of_one_target<B: Bench>(bench: &B) {
    let scene = two_each(bench).await;
    for other in ["app", "unheard-of"] {
        assert_eq!(scene.journal.next_due(&scene.fence, other).await.unwrap(), None);
    }
}

/// After a delivery the link holds the account and the change's record.
pub async fn a_delivery_links<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["a"]).await;
    let last = scene.journal.last("people", "hr", &["a".into()]).await.unwrap().remove(0).unwrap();
    assert_eq!((&*last.target_id, last.record.active), ("id-a", true));
    assert_eq!(scene.stored(scene.run).await[0].change.target_id.as_deref(), Some("id-a"));
    scene.next(RunKind::Delta).await;
    scene.last_page(vec![with(person("a"), "hr", planned("a", "hr", Action::Disable, "two"))]).await;
    scene.release(&[]).await;
    let id = scene.claim("hr").await[0].id;
    assert_eq!(scene.title("a").await.as_deref(), Some("one"), "not before it is delivered");
    scene.settle(id, Settled::Done { target_id: "moved".into() }).await;
    let scene = scene.crash(bench).await;
    let last = scene.journal.last("people", "hr", &["a".into()]).await.unwrap().remove(0).unwrap();
    assert_eq!((&*last.target_id, last.record.active), ("moved", false));
    assert_eq!(scene.title("a").await.as_deref(), Some("two"));
}

/// After a removal there is no link.
pub async fn a_removal_unlinks<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["a", "b"]).await;
    scene.next(RunKind::Delta).await;
    scene.last_page(vec![with(person("a"), "hr", planned("a", "hr", Action::Delete, "one"))]).await;
    scene.release(&[]).await;
    assert_eq!(scene.deliver("hr").await, 1);
    assert_eq!(scene.title("a").await, None);
    assert_eq!(scene.title("b").await.as_deref(), Some("one"));
    assert_eq!(scene.journal.accounts("people", "hr", &["u-a".into()]).await.unwrap(), [None]);
}

/// A dead letter stays with its reason and stands in nobody's way.
pub async fn a_dead_letter_lets_the_next_go<B: Bench>(bench: &B) {
    let mut scene = two_each(bench).await;
    scene.now += 10;
    let first = scene.claim("hr").await;
    scene.settle(first[0].id, Settled::Dead("mail is taken".into())).await;
    assert_eq!(scene.claim_keys("hr").await, ["a"]);
    assert_eq!(scene.title("a").await, None);
}

/// Only what is in flight can be settled; if one of several cannot, none is.
pub async fn only_what_flies_is_settled<B: Bench>(bench: &B) {
    let scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    let claimed = scene.claim("hr").await;
    let both = [(claimed[0].id, done("a")), (ChangeId(4711), done("b"))];
    assert!(scene.journal.settle(&scene.fence, &both, at(0)).await.is_err());
    assert_eq!(scene.title("a").await, None);
    scene.settle(claimed[0].id, done("a")).await;
    let again = [(claimed[1].id, done("b")), (claimed[0].id, Settled::Dead("twice".into()))];
    assert!(scene.journal.settle(&scene.fence, &again, at(0)).await.is_err());
    assert_eq!(scene.title("b").await, None);
    scene.settle(claimed[1].id, done("b")).await;
}

/// A change planned without an account id carries the one that is linked by now.
pub async fn a_linked_account_is_known_to_the_next<B: Bench>(bench: &B) {
    let mut scene = two_each(bench).await;
    scene.now += 10;
    for change in scene.claim("hr").await {
        assert_eq!(change.target_id, None);
        scene.settle(change.id, done(change.person.as_str())).await;
    }
    let next = scene.claim("hr").await;
    assert_eq!(next[0].target_id.as_deref(), Some("id-a"));
}

/// Two people are never linked to one account: the second is a dead letter that says so.
pub async fn an_account_belongs_to_one_person<B: Bench>(bench: &B) {
    let scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    let claimed = scene.claim("hr").await;
    assert_eq!(scene.ended(claimed[0].id, Settled::Done { target_id: "one".into() }).await, []);
    let otherwise = scene.ended(claimed[1].id, Settled::Done { target_id: "one".into() }).await;
    assert!(matches!(&otherwise[..], [(id, Settled::Dead(_))] if *id == claimed[1].id), "{otherwise:?}");
    let stored = scene.stored(scene.run).await;
    assert_eq!(stored[0].state, ChangeState::Done);
    assert_eq!(stored[1].state, ChangeState::Dead);
    assert!(stored[1].reason.as_deref().is_some_and(|why| why.contains("another person")), "{:?}", stored[1].reason);
    let last = scene.journal.last("people", "hr", &["a".into(), "b".into()]).await.unwrap();
    assert_eq!(
        last.iter().map(|link| link.as_ref().map(|link| &*link.target_id)).collect::<Vec<_>>(),
        [Some("one"), None]
    );
    let balance = scene.finish().await;
    assert_eq!((balance.targets["hr"].delivered, balance.targets["hr"].dead), (1, 1));
}

/// An account that its person is about to leave may be taken by the next, once they left.
pub async fn an_account_that_moves_is_waited_for<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["a", "b"]).await;
    scene.next(RunKind::Delta).await;
    let update = |key| with(person(key), "hr", planned(key, "hr", Action::Update, "two"));
    scene.last_page(vec![update("a"), update("b")]).await;
    scene.release(&[]).await;
    let claimed = scene.claim("hr").await;
    // The answer about `a` is written down before that about `b`, who had the account until now.
    let both = [
        (claimed[0].id, Settled::Done { target_id: "id-b".into() }),
        (claimed[1].id, Settled::Done { target_id: "moved".into() }),
    ];
    let otherwise = scene.journal.settle(&scene.fence, &both, at(scene.now)).await.unwrap();
    assert!(matches!(&otherwise[..], [(id, Settled::Again { .. })] if *id == both[0].0), "{otherwise:?}");
    assert_eq!(scene.stored(scene.run).await[0].state, ChangeState::Released);
    scene.now += 60;
    let again = scene.claim("hr").await;
    assert_eq!((again.len(), again[0].person.as_str()), (1, "a"));
    scene.settle(again[0].id, Settled::Done { target_id: "id-b".into() }).await;
    let accounts = scene.journal.accounts("people", "hr", &["u-a".into(), "u-b".into()]).await.unwrap();
    assert_eq!(accounts, [Some("id-b".into()), Some("moved".into())]);
}

/// What a finished run left released is delivered by the next one.
pub async fn leftovers_are_delivered_by_the_next_run<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    assert_eq!(scene.finish().await.targets["hr"].pending, 2);
    scene.next(RunKind::Delta).await;
    scene.last_page(Vec::new()).await;
    scene.release(&[]).await;
    assert_eq!(scene.deliver("hr").await, 2);
}

/// Later changes have larger numbers, in every run, and `changes` lists a run's in that order, page by page.
pub async fn numbers_only_grow<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["c", "b", "a"]).await;
    let first = scene.stored(scene.run).await;
    let run = scene.run;
    scene.next(RunKind::Delta).await;
    scene.page(vec![with(person("a"), "hr", planned("a", "hr", Action::Update, "two"))], "page-2").await;
    scene.last_page(vec![with(person("b"), "hr", planned("b", "hr", Action::Update, "two"))]).await;
    let second = scene.stored(scene.run).await;
    let ids: Vec<_> = first.iter().chain(&second).map(|stored| stored.change.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    assert!(first.iter().all(|stored| stored.run == run));
    let rest = scene.journal.changes(run, Some(ids[0]), 1).await.unwrap();
    assert_eq!(rest.iter().map(|stored| stored.change.id).collect::<Vec<_>>(), [ids[1]]);
    assert_eq!(rest[0], first[1]);
}
