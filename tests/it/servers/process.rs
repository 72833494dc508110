//! A server's process: started, waited for, and ended with the test.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long a server may take to answer, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How many ports are tried: another process may take one between our look and the server's.
const PORTS: usize = 5;

/// A running server. Dropping it kills its process group; if the test failed, the end of its log is printed. Nobody
/// waits for the process before that: until then its number, and its group's, belong to nobody else.
#[derive(Debug)]
pub struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

/// A command that the kernel ends with us, should we be killed before anything is dropped. To be started on the test's
/// own thread: the kernel looks at the thread that started it.
pub fn mortal(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

impl Process {
    /// Starts a server on a free port and waits until `answers`. `command` makes its command for a port.
    pub async fn start(
        name: &'static str,
        log: &Path,
        mut command: impl FnMut(u16) -> Command,
        answers: impl AsyncFn(u16) -> bool,
    ) -> (Self, u16) {
        for _ in 0..PORTS {
            let port = free_port();
            let file = File::create(log).expect("a log file");
            let child = command(port)
                .stdin(Stdio::null())
                .stdout(file.try_clone().expect("a log file"))
                .stderr(file)
                .process_group(0)
                .spawn()
                .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
            let process = Self { name, child, log: log.to_owned() };
            if process.comes_up(port, &answers).await {
                return (process, port);
            }
        }
        panic!("{name} ended at once on {PORTS} ports; its log says:\n{}", tail(log))
    }

    /// False when it ended instead.
    async fn comes_up(&self, port: u16, answers: &impl AsyncFn(u16) -> bool) -> bool {
        let waiting = async {
            loop {
                if self.has_ended() {
                    return false;
                }
                if answers(port).await {
                    return true;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let up = tokio::time::timeout(PATIENCE, waiting).await;
        up.unwrap_or_else(|_| panic!("{} does not answer after {} s", self.name, PATIENCE.as_secs()))
    }

    /// Sends a signal and waits a moment for the end, for servers whose children have groups of their own.
    pub fn end_by(&self, signal: &str) {
        kill(signal, &self.child.id().to_string());
        for _ in 0..100 {
            if self.has_ended() {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Has it ended? To wait for it would free its number.
    fn has_ended(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // Its name, in brackets, may hold anything; its state follows.
        stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The whole group: a server's own children must not outlive it.
        kill("KILL", &format!("-{}", self.child.id()));
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the log of {} ends with:\n{}\n---", self.name, tail(&self.log));
        }
    }
}

/// Sends a signal to a process, or to a group (`-1234`), by the shell's own `kill`: the program of that name is not on
/// every machine. What is gone already is no matter.
pub fn kill(signal: &str, process: &str) {
    let line = format!("kill -s {signal} -- {process}");
    let _ = Command::new("sh").args(["-c", &line]).stderr(Stdio::null()).status();
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
