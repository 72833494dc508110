//! The real binary, killed as by `kill -9` at moments that a seed chooses, and started again at once.

use joinery::SystemClock;
use joinery_model::{Clock, RunKind};

use super::death::Moment;
use super::scene::Scene;
use crate::company::{done_by, exit};

/// Kills in all, and at the most in one run.
const KILLS: usize = 40;
const IN_ONE_RUN: usize = 7;

/// Numbers from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    /// From 1 to `most`.
    fn roll(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most + 1
    }

    fn moment(&mut self) -> Moment {
        let when = if self.roll(2) == 1 { "before" } else { "after" };
        match self.roll(8) {
            // The journal writes its log to the disk once for each commit.
            1..=3 => Moment::Call { call: "sync", path: "state.db-wal", nth: self.roll(24), when },
            4 => Moment::Call { call: "sync", path: "people.db-wal", nth: self.roll(3), when },
            5 => Moment::Committed("POST", self.roll(200)),
            6 => Moment::Committed("PATCH", self.roll(60)),
            7 => Moment::Asked(self.roll(12)),
            // Whatever file that is.
            _ => Moment::Call { call: "sync", path: "", nth: self.roll(60), when },
        }
    }
}

/// The seed that `JOINERY_SEED` names, a new one where it says `random`; otherwise always the same, so that a failure
/// comes again.
fn seed() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "other moments are tried by naming another seed")]
    let named = std::env::var("JOINERY_SEED").ok();
    match named.as_deref() {
        None => 2_026,
        Some("random") => SystemClock.now().as_nanosecond() as u64,
        Some(named) => named.parse().expect("JOINERY_SEED is a number or `random`"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_kills_lose_nothing_and_repeat_nothing() {
    let seed = seed();
    println!("JOINERY_SEED={seed}");
    let mut dice = Dice(seed);
    let scene = Scene::new(8).await;
    let mut kills = 0;
    let mut round = 0;
    while kills < KILLS {
        let kind = if round == 0 { RunKind::Full } else { RunKind::Delta };
        if round > 0 {
            scene.a_day(round);
        }
        let runs_before = scene.runs().await;
        let expected = scene.uninterrupted(kind).await;
        let mut moments = Vec::new();
        while moments.len() < IN_ONE_RUN && kills < KILLS {
            let moment = dice.moment();
            moments.push(moment);
            println!("JOINERY_SEED={seed}, round {round}: {moment:?}");
            if !scene.killed(&["sync"], moment).await {
                break;
            }
            kills += 1;
            scene.company.tenant.expire_snapshots();
        }
        let case = format!("JOINERY_SEED={seed}, round {round}, killed at {moments:?}");
        // At once: nobody waits for the lease of a process that is dead.
        let last = scene.company.joinery(&["sync"]).await;
        assert_eq!(last.code(), Some(exit::DONE), "{case}\n{last}");
        scene.assert_as(&expected, runs_before, &case).await;
        round += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_living_run_is_waited_for_and_a_dead_one_is_not() {
    /// The exit code for a sync that somebody else runs.
    const BUSY: i32 = 8;
    let scene = Scene::new(4).await;
    let delivering = scene.server.silent_after("POST", 5);
    let mut first = scene.company.command(&["sync"]).spawn().expect("the binary starts");
    done_by(&mut first, "it delivers", delivering).await.expect("it is told");
    let second = scene.company.joinery(&["sync"]).await.expect(BUSY);
    let first_id = first.id().expect("it lives").to_string();
    let second = second.says(&[&first_id, "being run by"]);
    first.kill().await.expect("it is killed");
    scene.server.answers();
    scene.company.joinery(&["sync"]).await.expect(exit::DONE);
    assert!(scene.arrived("killed after 5 accounts").accounts() > 250, "{second}");
}
