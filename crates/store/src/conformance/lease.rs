//! Leases and fences.

use joinery_model::{Action, Begin, Journal, Retry, RunKind, Settled};

use super::scene::{ask, done, with};
use super::{Bench, Scene, at, person, planned, two_people_planned};

fn by(holder: &str, now: i64) -> Begin {
    Begin { holder: holder.into(), ..ask(RunKind::Full, now) }
}

/// A lease held by somebody else who has not let it lapse is a failure that names the holder.
pub async fn a_busy_sync_names_its_holder<B: Bench>(bench: &B) {
    let scene = Scene::begun(bench, RunKind::Full).await;
    let busy = scene.journal.begin(&by("other", 59)).await.unwrap_err();
    assert!(busy.message.contains("tests"), "{}", busy.message);
    assert!(matches!(busy.retry(), Retry::Later(_)));
    scene.last_page(vec![person("a")]).await;
    let busy = scene.journal.reopen(scene.run, &by("other", 59)).await.unwrap_err();
    assert!(busy.message.contains("tests"), "{}", busy.message);
    scene.release(&[]).await;
    scene.finish().await;
}

/// A lapsed lease is taken over, and its run goes on.
pub async fn a_lapsed_lease_is_taken_over<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let (run, old) = (scene.run, scene.fence.clone());
    let begun = scene.begin(&by("other", 61)).await.unwrap();
    assert_eq!(begun.run, run);
    assert!(begun.fence.token > old.token);
}

/// The same holder needs not wait for its own lease.
pub async fn the_same_holder_begins_again<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let run = scene.run;
    assert_eq!(scene.begin(&by("tests", 1)).await.unwrap().run, run);
}

/// Renewing makes the lease last longer.
pub async fn a_renewed_lease_holds_longer<B: Bench>(bench: &B) {
    let scene = Scene::begun(bench, RunKind::Full).await;
    scene.journal.renew(&scene.fence, at(600)).await.unwrap();
    assert!(scene.journal.begin(&by("other", 599)).await.is_err());
    assert!(scene.journal.begin(&by("other", 601)).await.is_ok());
}

/// Finishing lets the lease go.
pub async fn a_finished_run_lets_the_lease_go<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let run = scene.run;
    scene.last_page(Vec::new()).await;
    scene.release(&[]).await;
    scene.finish().await;
    let begun = scene.begin(&by("other", 1)).await.unwrap();
    assert!(begun.run > run);
    assert!(begun.resume.is_none());
}

/// Every method that takes a fence fails when a newer fence exists, says so, and has written nothing.
pub async fn a_stale_fence_writes_nothing<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    let id = scene.claim("hr").await[0].id;
    let (run, stale) = (scene.run, scene.fence.clone());
    scene.begin(&by("successor", 61)).await.unwrap();
    scene.claim("hr").await;
    let before = (scene.stored(run).await, scene.watermark().await);
    let journal = &scene.journal;
    let page = scene.page_of(vec![with(person("c"), "hr", planned("c", "hr", Action::Create, "x"))], None);
    let said = [
        journal.renew(&stale, at(9999)).await.unwrap_err(),
        journal.restart_walk(&stale, run).await.unwrap_err(),
        journal.close_page(&stale, page).await.unwrap_err(),
        journal.release(&stale, run, &[], false).await.unwrap_err(),
        journal.claim(&stale, "hr", at(99), 10).await.unwrap_err(),
        journal.next_due(&stale, "hr").await.unwrap_err(),
        journal.settle(&stale, &[(id, done("a"))], at(99)).await.unwrap_err(),
        journal.settle(&stale, &[(id, Settled::Dead("x".into()))], at(99)).await.unwrap_err(),
        journal.fillable(&stale, 10).await.unwrap_err(),
        journal.back_fill(&stale, run, Vec::new()).await.unwrap_err(),
        journal.finish(&stale, run, at(99), None).await.unwrap_err(),
    ];
    for failure in said {
        assert!(failure.message.contains("successor"), "{}", failure.message);
        assert_eq!(failure.retry(), Retry::No);
    }
    assert_eq!((scene.stored(run).await, scene.watermark().await), before);
    assert_eq!(scene.title("a").await, None);
    // The stale renewal did not make the successor's lease last longer.
    assert!(scene.journal.begin(&by("third", 122)).await.is_ok());
}

/// Two syncs have leases, people, links and watermarks of their own; runs are numbered over both.
pub async fn syncs_do_not_share_leases_or_people<B: Bench>(bench: &B) {
    let scene = Scene::delivered(bench, &["a"]).await;
    let other = Begin { sync: "other".into(), holder: "other".into(), ..ask(RunKind::Full, 10) };
    let begun = scene.journal.begin(&other).await.unwrap();
    assert!(begun.run > scene.run);
    assert!(begun.first);
    assert_eq!(scene.journal.last("other", "hr", &["a".into()]).await.unwrap(), vec![None]);
    assert_eq!(scene.journal.unseen(begun.run, None, 10).await.unwrap(), Vec::new());
    assert_eq!(scene.journal.watermark("other").await.unwrap(), None);
    assert_eq!(scene.watermark().await, Some(0));
}
