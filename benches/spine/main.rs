//! The product's figures, each beside its floor or peer, in one run on one machine: `make bench`.
//!
//! (a) a full run over recorded pages against a client that only reads the bytes; (b) a Python program doing the same
//! parse, map and write; (c) the live simulated tenant, with its own processor time; (d) memory at two sizes; (e) a
//! delta run of 100 changes; (f) a preview with a warm store; (g) one person. Medians of `BENCH_RUNS` (default 3).

#![expect(clippy::disallowed_methods, reason = "measuring is what a benchmark does")]

mod child;
mod floor;
mod recorded;
mod stage;

use std::process::Command;
use std::time::Duration;

use child::Used;
use recorded::Recorded;
use stage::Stage;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if let Some(at) = arguments.iter().position(|argument| argument == "--floor") {
        let (bytes, pages) = runtime.block_on(floor::read(&arguments[at + 1]));
        println!("{bytes} bytes in {pages} pages");
        return;
    }
    let people = number("BENCH_PEOPLE", 100_000);
    let runs = number("BENCH_RUNS", 3) as usize;
    runtime.block_on(measure(people, runs));
}

fn number(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

async fn measure(people: u32, runs: usize) {
    println!(
        "{people} people, medians of {runs} runs, {} processors",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    let small = people / 10;
    let few = replayed(small, 1).await;
    println!("(d) RssAnon peak, {small} people: {:.0} MB", mib(few.joinery[0]));
    let full = replayed(people, runs).await;
    let joinery = median(&full.joinery);
    let floor = median(&full.floor);
    let peer = median(&full.peer);
    let per_person = joinery.cpu.as_micros() as f64 / f64::from(people);
    println!("    pages: {:.2} KB a person, {} pages", full.bytes as f64 / 1000.0 / f64::from(people), full.pages);
    println!("(a) full run: {}; floor: {}; ratio of wall {:.2}", told(joinery), told(floor), ratio(joinery, floor));
    println!("    processor time: {per_person:.0} µs a person");
    println!("(b) Python peer: {}; joinery is {:.1} times faster", told(peer), ratio(peer, joinery));
    println!(
        "(d) RssAnon peak, {people} people: {:.0} MB; {:.2} times that of {small}",
        mib(joinery),
        joinery.anonymous_kib as f64 / few.joinery[0].anonymous_kib.max(1) as f64
    );
    println!("(f) preview with a warm store: {}", told(full.preview));
    live(people).await;
}

struct Replayed {
    joinery: Vec<Used>,
    floor: Vec<Used>,
    peer: Vec<Used>,
    preview: Used,
    bytes: usize,
    pages: usize,
}

/// Records the walk of a company once, then measures joinery, the floor and the peer over it, in turn.
async fn replayed(people: u32, runs: usize) -> Replayed {
    let stage = Stage::new();
    let tenant = stage.tenant(people);
    let tape = Recorded::start(&tenant.url).await;
    stage.configure(&tape.url, &tenant);
    let (stage_ref, recording) = (&stage, stage.joinery(&["sync", "--full"]));
    run(recording).await;
    tape.stop_recording();
    drop(tenant);
    let (bytes, pages) = tape.size();
    let mut all =
        Replayed { joinery: Vec::new(), floor: Vec::new(), peer: Vec::new(), preview: Used::default(), bytes, pages };
    let first = tape.first_page();
    for _ in 0..runs {
        stage_ref.forget();
        all.joinery.push(run(stage_ref.joinery(&["sync", "--full"])).await);
        all.floor.push(run(floor_command(&first)).await);
        all.peer.push(run(stage_ref.peer(&first)).await);
    }
    all.preview = run(stage_ref.joinery(&["plan", "--full", "--show", "0"])).await;
    stage_ref.compare_with_peer();
    all
}

/// The live tenant: a full run beside it, a delta of 100 changes, one person.
async fn live(people: u32) {
    let stage = Stage::new();
    let tenant = stage.tenant(people);
    stage.configure(&tenant.url, &tenant);
    let before = child::look(tenant.pid()).map_or(Duration::ZERO, |(cpu, _)| cpu);
    let full = run(stage.joinery(&["sync", "--full"])).await;
    let after = child::look(tenant.pid()).map_or(Duration::ZERO, |(cpu, _)| cpu);
    println!(
        "(c) live simulator: {}; the simulator's own: {:.2} s CPU",
        told(full),
        after.saturating_sub(before).as_secs_f64()
    );
    stage.change(&tenant, 100).await;
    let delta = run(stage.joinery(&["sync", "--delta"])).await;
    let served = stage.served(&tenant).await;
    println!("(e) delta run of 100 changes: {}, {served} requests", told(delta));
    stage.change(&tenant, 1).await;
    let one = run(stage.joinery(&["sync", "--person", &stage.somebody()])).await;
    println!("(g) one person, change to target: {}", told(one));
}

fn floor_command(url: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("our own path"));
    command.args(["--floor", url]);
    command
}

async fn run(mut command: Command) -> Used {
    let what = format!("{command:?}");
    let used = tokio::task::spawn_blocking(move || child::run(&mut command)).await.expect("a finished child");
    assert!(matches!(used.code, 0 | 3), "{what} ended with {}", used.code);
    used
}

fn median(all: &[Used]) -> Used {
    let mut sorted = all.to_vec();
    sorted.sort_by_key(|used| used.wall);
    let mut middle = sorted[sorted.len() / 2];
    middle.anonymous_kib = all.iter().map(|used| used.anonymous_kib).max().unwrap_or(0);
    middle
}

fn ratio(over: Used, under: Used) -> f64 {
    over.wall.as_secs_f64() / under.wall.as_secs_f64().max(0.001)
}

fn mib(used: Used) -> f64 {
    used.anonymous_kib as f64 * 1024.0 / 1e6
}

fn told(used: Used) -> String {
    format!("{:.2} s wall, {:.2} s CPU", used.wall.as_secs_f64(), used.cpu.as_secs_f64())
}
