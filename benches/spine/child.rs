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
    loop {
        if let Some((cpu, anonymous_kib)) = look(child.id()) {
            used.cpu = used.cpu.max(cpu);
            used.anonymous_kib = used.anonymous_kib.max(anonymous_kib);
        }
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            used.wall = began.elapsed();
            used.code = status.code().unwrap_or(-1);
            return used;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Processor time and anonymous memory of a living process.
pub fn look(pid: u32) -> Option<(Duration, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let anonymous = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    let anonymous = anonymous.trim().trim_end_matches(" kB").trim().parse().ok()?;
    Some((Duration::from_millis(ticks * 1000 / TICKS), anonymous))
}
