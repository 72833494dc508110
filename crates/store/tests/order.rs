//! Laws of claiming and settling under random orders: per person in the order of numbers, one in flight at a time,
//! nothing lost, nothing delivered twice.

use std::collections::{BTreeMap, BTreeSet};

use joinery_model::{Action, Change, ChangeId, Journal, RunKind, Settled};
use joinery_store::Store;
use joinery_store::conformance::{Bench, Scene, at, person, planned};
use proptest::prelude::*;

/// How a delivery ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Done,
    /// Again after so many seconds.
    Again(i64),
    Dead,
}

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    /// Another run claims so many of the old changes and, with these in flight, plans one for each of these people.
    Plan(usize, BTreeSet<u8>),
    /// So many changes are claimed.
    Claim(usize),
    /// One of those in flight ends.
    Settle(usize, End),
    /// Time passes.
    Wait(i64),
    /// The process dies and another takes over.
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..5_usize, proptest::collection::btree_set(0..4_u8, 1..4)).prop_map(|(n, people)| Step::Plan(n, people)),
        4 => (1..4_usize).prop_map(Step::Claim),
        5 => (0..8_usize, prop_oneof![
            4 => Just(End::Done),
            2 => (0..40_i64).prop_map(End::Again),
            1 => Just(End::Dead),
        ]).prop_map(|(which, how)| Step::Settle(which, how)),
        2 => (1..30_i64).prop_map(Step::Wait),
        1 => Just(Step::Crash),
    ]
}

struct Memory;

impl Bench for Memory {
    type Journal = Store;
    async fn fresh(&self) -> Store {
        Store::in_memory().unwrap()
    }
    async fn reopen(&self, journal: Store) -> Store {
        journal
    }
}

async fn plan(scene: &mut Scene<Store>, people: &BTreeSet<u8>, version: usize) {
    let people = people.iter().map(|n| {
        let key = n.to_string();
        let mut work = person(&key);
        work.targets.push(("hr".into(), planned(&key, "hr", Action::Update, &version.to_string()), Vec::new()));
        work
    });
    scene.last_page(people.collect()).await;
    scene.release(&[]).await;
}

/// Number and version of what is in flight, by person; likewise of what was delivered last.
type Flying = BTreeMap<String, (ChangeId, usize)>;

/// A claim, judged.
fn took(
    claimed: Vec<Change>,
    flying: &mut Flying,
    delivered: &BTreeMap<String, (ChangeId, usize)>,
    dead: &BTreeSet<ChangeId>,
) -> Result<(), TestCaseError> {
    for change in claimed {
        let key = change.person.to_string();
        let version: usize = change.after.attributes["title"].to_plain().parse().unwrap();
        prop_assert!(!flying.contains_key(&key), "two in flight for one person");
        prop_assert!(!dead.contains(&change.id), "a dead letter was claimed");
        let last = delivered.get(&key).map(|(id, _)| *id);
        prop_assert!(last.is_none_or(|last| last < change.id), "out of order or twice");
        flying.insert(key, (change.id, version));
    }
    Ok(())
}

async fn judge(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut scene = Scene::begun(&Memory, RunKind::Delta).await;
    scene.last_page(Vec::new()).await;
    scene.release(&[]).await;
    // In flight by person; the last delivered number and version by person; the newest version planned.
    let mut flying: Flying = BTreeMap::new();
    let mut delivered: BTreeMap<String, (ChangeId, usize)> = BTreeMap::new();
    let mut newest: BTreeMap<String, usize> = BTreeMap::new();
    let mut dead: BTreeSet<ChangeId> = BTreeSet::new();
    let drain = [Step::Crash, Step::Wait(1000), Step::Claim(99)];
    let count = steps.len();
    for (version, step) in steps.into_iter().chain(drain).enumerate() {
        match step {
            Step::Plan(limit, people) => {
                // The run ends with what it has in flight put back, as a successor's begin would do.
                scene.finish().await;
                scene.next(RunKind::Delta).await;
                flying.clear();
                let claimed = scene.journal.claim(&scene.fence, "hr", at(scene.now), limit).await.unwrap();
                took(claimed, &mut flying, &delivered, &dead)?;
                plan(&mut scene, &people, version).await;
                newest.extend(people.iter().map(|n| (n.to_string(), version)));
            }
            Step::Claim(limit) => {
                let claimed = scene.journal.claim(&scene.fence, "hr", at(scene.now), limit).await.unwrap();
                prop_assert!(claimed.len() <= limit);
                took(claimed, &mut flying, &delivered, &dead)?;
            }
            Step::Settle(which, how) => {
                let Some((key, (id, version))) = flying.clone().into_iter().nth(which) else { continue };
                flying.remove(&key);
                let how = match how {
                    End::Done => {
                        let target_id = format!("x-{key}").into();
                        delivered.insert(key, (id, version));
                        Settled::Done { target_id }
                    }
                    End::Again(after) => Settled::Again { due: at(scene.now + after), why: "busy".into() },
                    End::Dead => {
                        dead.insert(id);
                        Settled::Dead("refused".into())
                    }
                };
                scene.settle(id, how).await;
            }
            Step::Wait(seconds) => scene.now += seconds,
            Step::Crash => {
                let again = scene.next(RunKind::Delta).await;
                prop_assert!(again.resume.is_some());
                flying.clear();
            }
        }
        if version >= count {
            continue;
        }
        // Before what next_due says, nothing can be claimed.
        let due = scene.journal.next_due(&scene.fence, "hr").await.unwrap();
        if flying.is_empty()
            && let Some(due) = due
        {
            let before = due - jiff::SignedDuration::from_secs(1);
            let early = scene.journal.claim(&scene.fence, "hr", before, 1).await.unwrap();
            prop_assert_eq!(early, Vec::new());
        }
    }
    // Everything that is left is claimed by now, and after it nobody's newest version is missing, but for dead letters.
    for (key, (id, _)) in &flying {
        scene.settle(*id, Settled::Done { target_id: format!("x-{key}").into() }).await;
    }
    scene.deliver("hr").await;
    prop_assert_eq!(scene.journal.next_due(&scene.fence, "hr").await.unwrap(), None);
    prop_assert_eq!(scene.journal.integrity().await.unwrap(), Vec::<String>::new());
    let letters = scene.journal.dead("people", None, 100).await.unwrap();
    for (key, version) in newest {
        let title = scene.title(&key).await;
        let died = letters.iter().any(|letter| {
            letter.change.person.as_str() == key
                && letter.change.after.attributes["title"].to_plain() == version.to_string()
        });
        prop_assert!(title == Some(version.to_string()) || died, "{key}: {title:?} is not {version}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn claims_keep_each_persons_order(steps in proptest::collection::vec(step(), 1..40)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(judge(steps))?;
    }
}
