//! Ways for a real process to be killed, each at a moment of our choosing.

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;

use super::scene::Scene;
use crate::company::{Answer, exit};

/// A moment in the life of a process.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// Before or after its nth call on a file whose path ends so: what the process did until then is all that is left.
    Call { call: &'static str, path: &'static str, nth: u64, when: &'static str },
    /// The SCIM server committed its nth write of this method and has not answered.
    Committed(&'static str, u64),
    /// The tenant has seen its nth request.
    Asked(u64),
}

/// `die.c`, compiled once for all tests: whoever could link this test has a C compiler.
fn library() -> PathBuf {
    static LIBRARY: OnceLock<TempDir> = OnceLock::new();
    let folder = LIBRARY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let source: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/it/crashes/die.c"].iter().collect();
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-U_FORTIFY_SOURCE", "-o"])
            .arg(folder.path().join("die.so"))
            .arg(source)
            .arg("-ldl")
            .output()
            .expect("a C compiler");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        folder
    });
    folder.path().join("die.so")
}

impl Scene {
    /// Starts the binary and kills it at the moment; false when it ended well before that came.
    pub async fn killed(&self, arguments: &[&str], moment: Moment) -> bool {
        let mut command = self.company.command(arguments);
        if let Moment::Call { call, path, nth, when } = moment {
            let nth = nth.to_string();
            command.env("LD_PRELOAD", library());
            command.envs([("DIE_CALL", call), ("DIE_PATH", path), ("DIE_NTH", nth.as_str()), ("DIE_WHEN", when)]);
        }
        let committed = match moment {
            Moment::Committed(method, nth) => Some(self.server.silent_after(method, nth)),
            _ => None,
        };
        self.company.tenant.mark();
        let mut child = command.spawn().expect("the binary starts");
        let comes = async {
            match (moment, committed) {
                (_, Some(committed)) => drop(committed.await),
                (Moment::Asked(nth), _) => {
                    while self.company.tenant.requests_since_mark().total.requests < nth {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                }
                // It does it itself.
                _ => std::future::pending().await,
            }
        };
        let limit = tokio::time::sleep(Duration::from_secs(120));
        tokio::select! {
            ended = child.wait() => drop(ended.expect("the binary is waited for")),
            () = comes => child.start_kill().expect("the binary is killed"),
            () = limit => panic!("neither ended nor was killed: {moment:?}"),
        }
        let output = child.wait_with_output().await.expect("the binary is waited for");
        self.server.answers();
        if output.status.signal() == Some(9) {
            return true;
        }
        Answer::new(arguments, output.status, &output.stdout, &output.stderr).expect(exit::DONE);
        false
    }
}
