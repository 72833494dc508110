//! A child process, its time, its processor time and its memory, as the kernel tells them.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a process used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// Start to end.
    pub wall: Duration,
    /// User and system time of all its threads.
    pub cpu: Duration,
    /// Largest anonymous resident memory seen, in KiB.
    pub anonymous_kib: u64,
    /// Its exit code.
    pub code: i32,
}

/// The kernel counts processor time in hundredths of a second on every Linux that we know.
const TICKS: u64 = 100;

/// Runs a command to its end and watches it. What it prints is thrown away unless it fails.
pub fn run(command: &mut Command) -> Used {
    let began = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().expect("the command starts");
    let mut used = Used::default();
    while !has_ended(child.id()) {
        used.anonymous_kib = used.anonymous_kib.max(anonymous_kib(child.id()).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    used.wall = began.elapsed();
    // An ended child keeps its times until it is waited for.
    used.cpu = cpu(child.id()).unwrap_or_default();
    used.code = child.wait().expect("the child can be waited for").code().unwrap_or(-1);
    used
}

/// What follows the name in `/proc/PID/stat`: the state, and numbers.
fn stat(pid: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

fn has_ended(pid: u32) -> bool {
    stat(pid).is_none_or(|fields| fields.first().is_none_or(|state| state == "Z"))
}

/// Processor time of a process so far.
pub fn cpu(pid: u32) -> Option<Duration> {
    let fields = stat(pid)?;
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS))
}

/// Anonymous resident memory of a living process.
fn anonymous_kib(pid: u32) -> Option<u64> {
    kib(pid, "RssAnon:")
}

/// Resident memory of a living process.
pub fn resident_kib(pid: u32) -> Option<u64> {
    kib(pid, "VmRSS:")
}

fn kib(pid: u32, what: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let found = status.lines().find_map(|line| line.strip_prefix(what))?;
    found.trim().trim_end_matches(" kB").trim().parse().ok()
}
