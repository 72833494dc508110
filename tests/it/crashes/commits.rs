//! The real binary, killed when a target has committed and the journal does not know yet.

use joinery_model::RunKind;

use super::death::Moment;
use super::scene::Scene;
use crate::company::exit;

/// Kills a run at each of the moments in turn, starts again with the tenant's paging tokens expired, and compares.
async fn goes_on_after(scene: &Scene, kind: RunKind, moments: &[Moment]) {
    let before = scene.snapshot();
    let runs_before = scene.runs().await;
    let expected = scene.uninterrupted(kind).await;
    for &moment in moments {
        let case = format!("{kind:?}, killed at {moment:?}");
        scene.restore(&before);
        assert!(scene.killed(&["sync"], moment).await, "{case}: was not killed");
        scene.company.tenant.expire_snapshots();
        let last = scene.company.joinery(&["sync"]).await;
        assert_eq!(last.code(), Some(exit::DONE), "{case}\n{last}");
        scene.assert_as(&expected, runs_before, &case).await;
    }
    scene.restore(&before);
}

const fn call(call: &'static str, path: &'static str, nth: u64, when: &'static str) -> Moment {
    Moment::Call { call, path, nth, when }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_was_made_and_not_answered_for_is_not_made_twice() {
    let scene = Scene::new(4).await;
    let posts = [1, 2, 130].map(|nth| Moment::Committed("POST", nth));
    goes_on_after(&scene, RunKind::Full, &[posts.as_slice(), &[Moment::Committed("PATCH", 9)]].concat()).await;
    scene.company.joinery(&["sync"]).await.expect(exit::DONE);
    scene.a_day(0);
    // Two are hired, four accounts are changed, and two get their manager when that one has an account.
    let moments = [("POST", 1), ("POST", 2), ("PATCH", 1), ("PATCH", 4), ("PATCH", 6)];
    goes_on_after(&scene, RunKind::Delta, &moments.map(|(method, nth)| Moment::Committed(method, nth))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_being_written_is_whole_at_the_end() {
    let scene = Scene::new(16).await;
    let around = |file, manifest| {
        [
            // Everything is staged, the file is not begun.
            call("open", "people.csv.part", 1, "before"),
            // It is written and not yet in place; in place without its manifest; with it, and the journal unaware.
            call("rename", file, 1, "before"),
            call("rename", file, 1, "after"),
            call("rename", manifest, 1, "before"),
            call("rename", manifest, 1, "after"),
        ]
    };
    // Staged in a database of the target's own, and the journal does not know.
    let staged = [call("sync", "people.csv.state-wal", 2, "after"), call("sync", "news.csv.state-wal", 2, "after")];
    let first = around("/people.csv", "/people.csv.manifest.json");
    let delta = around("/news-1.csv", "/news-1.csv.manifest.json");
    goes_on_after(&scene, RunKind::Full, &[staged.as_slice(), &first, &delta[1..]].concat()).await;
    scene.company.joinery(&["sync"]).await.expect(exit::DONE);
    scene.a_day(0);
    let delta = around("/news-2.csv", "/news-2.csv.manifest.json");
    goes_on_after(&scene, RunKind::Delta, &[&first[1..3], &delta[1..3]].concat()).await;
}
