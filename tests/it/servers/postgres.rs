//! A PostgreSQL of our own, from the machine's packages.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

use super::missing;
use super::process::{Process, mortal};

/// Does the server encrypt?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// It does not.
    Off,
    /// It does, and takes unencrypted connections only over its socket. Its certificate names 127.0.0.1 and descends
    /// from [`Postgres::ca_file`].
    Required,
}

/// A running server with one empty database, `people`. Whoever comes over loopback is let in.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    folder: TempDir,
    port: u16,
}

const DATABASE: &str = "postgres";
const USER: &str = "postgres";

impl Postgres {
    /// Makes a cluster and starts it.
    pub async fn start(encryption: Encryption) -> Self {
        let programs = programs();
        let owner = owner();
        let folder = tempfile::tempdir().expect("a folder");
        // The server's own user must get in.
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("permissions");
        let data = folder.path().join("data");
        std::fs::create_dir(&data).expect("a folder");
        give(&data, owner);

        let mut initdb = Command::new(programs.join("initdb"));
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--username", USER, "--pgdata"]);
        run(become_user(initdb.arg(&data).current_dir(&data), owner));
        let mut settings = vec![format!("unix_socket_directories={}", data.display())];
        settings.extend(["listen_addresses=127.0.0.1", "fsync=off", "max_connections=30"].map(str::to_owned));
        if encryption == Encryption::Required {
            certify(folder.path(), owner);
            let file = |name: &str| folder.path().join(name).display().to_string();
            settings.push("ssl=on".to_owned());
            settings.push(format!("ssl_cert_file={}", file("server.crt")));
            settings.push(format!("ssl_key_file={}", file("server.key")));
            let rules = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
            std::fs::write(data.join("pg_hba.conf"), rules).expect("rules");
        }

        let postgres = programs.join("postgres");
        let command = |port: u16| {
            let mut command = mortal(&postgres);
            command.arg("-D").arg(&data).args(["-p", &port.to_string()]).current_dir(&data);
            for setting in &settings {
                command.args(["-c", setting]);
            }
            become_user(&mut command, owner);
            command
        };
        let answers = async |port: u16| connect(&data, port).await.is_some();
        let (process, port) = Process::start("PostgreSQL", &folder.path().join("log"), command, answers).await;
        Self { process, folder, port }
    }

    /// The database's URL over TCP; `query` is what follows the `?`.
    pub fn url(&self, query: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{DATABASE}?{query}", self.port)
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate from which the server's descends.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.crt")
    }

    /// A certificate from which the server's does not descend.
    pub fn other_ca_file(&self) -> PathBuf {
        self.folder.path().join("other.crt")
    }

    /// A connection past everything of ours: over the server's socket.
    pub async fn client(&self) -> Client {
        connect(&self.folder.path().join("data"), self.port).await.expect("a connection")
    }
}

impl Drop for Postgres {
    /// Backends are in groups of their own: the server ends them, when it is told to.
    fn drop(&mut self) {
        self.process.end_by("QUIT");
    }
}

async fn connect(socket: &Path, port: u16) -> Option<Client> {
    let mut config = tokio_postgres::Config::new();
    config.host_path(socket).port(port).user(USER).dbname(DATABASE);
    let (client, connection) = config.connect(NoTls).await.ok()?;
    tokio::spawn(connection);
    Some(client)
}

/// The folder of the newest server's programs.
fn programs() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().map_or_else(|| missing("PostgreSQL"), |(_, bin)| bin)
}

/// User and group to run as: PostgreSQL refuses root, so root becomes the user that the package made.
fn owner() -> Option<(u32, u32)> {
    let number = |arguments: &[&str]| -> Option<u32> {
        let answer = Command::new("id").args(arguments).output().ok().filter(|answer| answer.status.success())?;
        String::from_utf8_lossy(&answer.stdout).trim().parse().ok()
    };
    if number(&["-u"]) != Some(0) {
        return None;
    }
    match (number(&["-u", "postgres"]), number(&["-g", "postgres"])) {
        (Some(user), Some(group)) => Some((user, group)),
        _ => missing("the user postgres, which PostgreSQL's package makes,"),
    }
}

fn give(path: &Path, owner: Option<(u32, u32)>) {
    if let Some((user, group)) = owner {
        chown(path, Some(user), Some(group)).expect("the owner is changed");
    }
}

fn become_user(command: &mut Command, owner: Option<(u32, u32)>) -> &mut Command {
    match owner {
        Some((user, group)) => command.uid(user).gid(group),
        None => command,
    }
}

/// Makes `ca.crt`, a certificate `server.crt` for 127.0.0.1 under it with its `server.key`, and `other.crt`.
fn certify(folder: &Path, owner: Option<(u32, u32)>) {
    let openssl = |arguments: &[&str]| {
        let mut command = Command::new("openssl");
        run(command
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
            .args(arguments)
            .current_dir(folder));
    };
    for name in ["ca", "other"] {
        openssl(&[
            "-subj",
            &format!("/CN={name} of the tests"),
            "-keyout",
            &format!("{name}.key"),
            "-out",
            &format!("{name}.crt"),
        ]);
    }
    openssl(&[
        "-subj",
        "/CN=people database",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-keyout",
        "server.key",
        "-out",
        "server.crt",
    ]);
    give(&folder.join("server.key"), owner);
}

fn run(command: &mut Command) {
    let name = command.get_program().to_string_lossy().into_owned();
    let answer = match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => missing(&name),
        answer => answer.unwrap_or_else(|error| panic!("{name} cannot be started: {error}")),
    };
    assert!(answer.status.success(), "{name} failed: {}", String::from_utf8_lossy(&answer.stderr));
}
