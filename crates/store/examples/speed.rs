//! How fast the journal is: `cargo run --release -p joinery-store --example speed -- [people] [directory]`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use joinery_model::{
    Action, AttributeDiff, Begin, Change, ChangeId, Concern, Journal, Key, PageWork, PersonWork, Place, Record, Ref,
    RunId, RunKind, Settled, Situation, Standing, Tried, Value, Verdict,
};
use joinery_store::Store;

const PAGE: usize = 1000;

/// A stretch of time: on the wall, and of our processors.
#[derive(Clone, Copy, Default)]
struct Took {
    wall: Duration,
    processor: Duration,
}

impl Took {
    fn and(self, more: Self) -> Self {
        Self { wall: self.wall + more.wall, processor: self.processor + more.processor }
    }
}

struct Tick(Instant, Duration);

impl Tick {
    fn elapsed(&self) -> Took {
        Took { wall: self.0.elapsed(), processor: processor().saturating_sub(self.1) }
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn tick() -> Tick {
    Tick(Instant::now(), processor())
}

fn record(n: usize, version: usize) -> Record {
    let attributes = (0..20)
        .map(|a| (Arc::from(format!("attribute_{a:02}")), Value::from(format!("value {n} of {a} {version:>20}"))));
    Record { key: key(n), active: true, attributes: attributes.collect(), references: BTreeMap::new() }
}

fn key(n: usize) -> Key {
    Key::from(format!("{:07}", n * 7919 % 1_000_003))
}

fn person(n: usize, version: Option<usize>, previous: bool) -> PersonWork {
    let concern = version.map_or(Concern::Unchanged, |version| {
        let after = record(n, version);
        let diff = if previous {
            vec![AttributeDiff { name: "attribute_00".into(), before: None, after: Value::from("changed") }]
        } else {
            Vec::new()
        };
        Concern::Planned(Box::new(Change {
            id: ChangeId(0),
            person: key(n),
            target: "hr".into(),
            action: if previous { Action::Update } else { Action::Create },
            situation: Situation::New,
            target_id: None,
            after,
            diff,
            attempts: 0,
        }))
    });
    PersonWork {
        key: key(n),
        how: Tried::Read,
        aliases: vec![format!("user{n}")],
        refs: vec![
            Ref::new("FODepartment", format!("D{}", n % 300)),
            Ref::new("FOLocation", format!("L{}", n % 40)),
            Ref::new("FOCompany", format!("C{}", n % 5)),
            Ref::new("FOJobCode", format!("J{}", n % 200)),
            Ref::new("User", format!("user{}", n / 8)),
        ],
        standing: Some(Standing::active()),
        verdict: Verdict::Mapped,
        targets: vec![("hr".into(), concern, Vec::new())],
    }
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<u64>().ok())
        .map_or(String::new(), |kb| format!("{} MB", kb / 1024))
}

/// Processor time of all our threads so far.
fn processor() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let spent = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

fn rate(what: &str, n: usize, took: Took) {
    let (wall, each) = (took.wall.as_secs_f64(), took.processor.as_secs_f64() * 1e6 / n.max(1) as f64);
    println!(
        "{what:<44} {:>8.1} ms {:>8.0}/s {each:>6.1} us CPU each   RssAnon {}",
        wall * 1e3,
        n as f64 / wall,
        memory()
    );
}

async fn walk(
    store: &Store,
    run: RunId,
    fence: &joinery_model::Fence,
    people: usize,
    version: Option<usize>,
    previous: bool,
) -> Took {
    let mut took = Took::default();
    for first in (0..people).step_by(PAGE) {
        let last = (first + PAGE).min(people);
        let work = PageWork {
            run,
            next: (last < people).then(|| Place(last.to_string())),
            people: (first..last).map(|n| person(n, version, previous)).collect(),
            touched: Vec::new(),
            repeats: 0,
            requests: 1,
        };
        let start = tick();
        store.close_page(fence, work).await.expect("a page");
        took = took.and(start.elapsed());
    }
    took
}

async fn deliver(store: &Store, fence: &joinery_model::Fence, now: Timestamp) -> (usize, Took) {
    let (mut n, start) = (0, tick());
    loop {
        let claimed = store.claim(fence, "hr", now, 500).await.expect("a claim");
        if claimed.is_empty() {
            return (n, start.elapsed());
        }
        n += claimed.len();
        let settled: Vec<_> = claimed
            .iter()
            .map(|change| {
                (change.id, Settled::Done { target_id: format!("7c9e6679-7425-40de-944b-{:>012}", change.id.0).into() })
            })
            .collect();
        store.settle(fence, &settled, now).await.expect("settled");
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let people: usize = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let directory = arguments.next().unwrap_or_else(|| std::env::temp_dir().display().to_string());
    let scratch = tempfile::tempdir_in(directory).expect("a directory");
    let path = scratch.path().join("joinery.db");
    let store = Store::open(&path).expect("a journal");
    let now = Timestamp::now();
    let begin = |kind| Begin {
        sync: "people".into(),
        kind,
        plan_only: false,
        config_hash: "c".into(),
        until: now,
        now,
        holder: "speed".into(),
        lease: Duration::from_mins(1),
    };
    let bytes = serde_json::to_string(&record(7, 1)).map_or(0, |text| text.len());
    println!("{people} people, records of {bytes} bytes, pages of {PAGE}");
    for (name, version, previous) in
        [("first", Some(1), false), ("unchanged", None, true), ("all changed", Some(2), true)]
    {
        let begun = store.begin(&begin(RunKind::Full)).await.expect("a run");
        let took = walk(&store, begun.run, &begun.fence, people, version, previous).await;
        rate(&format!("{name}: close_page"), people, took);
        let start = tick();
        let unseen = store.unseen(begun.run, None, 1000).await.expect("the unseen");
        rate(&format!("{name}: unseen ({})", unseen.len()), people, start.elapsed());
        let start = tick();
        store.totals(begun.run).await.expect("totals");
        rate(&format!("{name}: totals"), people, start.elapsed());
        let start = tick();
        store.release(&begun.fence, begun.run, &[], false).await.expect("a release");
        rate(&format!("{name}: release"), people, start.elapsed());
        let (n, took) = deliver(&store, &begun.fence, now).await;
        rate(&format!("{name}: claim and settle, 500 at a time"), n, took);
        let start = tick();
        let balance = store.finish(&begun.fence, begun.run, now, None).await.expect("a balance");
        assert!(balance.check().is_empty());
        rate(&format!("{name}: finish"), people, start.elapsed());
        let keys: Vec<Key> = (0..people.min(50 * PAGE)).map(key).collect();
        let start = tick();
        for keys in keys.chunks(PAGE) {
            store.last("people", "hr", keys).await.expect("links");
        }
        rate(&format!("{name}: last, 1000 keys at a time"), keys.len(), start.elapsed());
    }
    let begun = store.begin(&begin(RunKind::Delta)).await.expect("a run");
    let start = tick();
    let department = [Ref::new("FODepartment", "D7")];
    let mut people: Vec<Key> = Vec::new();
    loop {
        let more = store.people_with(begun.run, &department, people.last(), 200).await.expect("people");
        if more.is_empty() {
            break;
        }
        people.extend(more);
    }
    rate("who leans on one department", people.len(), start.elapsed());
    let size = std::fs::metadata(&path).map_or(0, |about| about.len());
    println!("file {} MB", size / 1_000_000);
}
