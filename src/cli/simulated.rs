//! A simulated tenant as `simulate` and `demo` start it: its folder holds the client's key and a ready configuration.

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use joinery_model::Clock;
use joinery_simulator::world::Seed;
use joinery_simulator::{Client, Running, Settings, Simulator, StartError, TimeSource};
use secrecy::ExposeSecret;

use super::failure::Wrong;
use super::simulated_settings::SettingsFile;
use super::simulated_ways::{FILES, SIGN_IN_FILE, Ways};
use crate::{Exit, SystemClock};

/// The company id of every simulated tenant.
pub const COMPANY: &str = "JOINERY";
pub(super) const CLIENT_ID: &str = "simulated-client";
pub(super) const API_USER: &str = "API_USER";
pub(super) const KEY_FILE: &str = "client.key.pem";
/// The first line of a configuration that is ours to write again.
const HEAD: &str = "# A sync of the simulated tenant into a SQLite file.";

/// Which company a tenant has.
#[derive(Clone, Debug, Default)]
pub struct Company {
    /// How many people.
    pub people: u32,
    /// Another seed makes another company.
    pub seed: u64,
    /// The company is the one kept in this file, once there is one.
    pub state: Option<PathBuf>,
    /// No company: a capture answers.
    pub replay: Option<PathBuf>,
    /// Switches and settings of the tenant stand in this file.
    pub settings: Option<PathBuf>,
}

/// A running tenant and how to sync it.
pub struct Simulated {
    /// The tenant.
    pub tenant: Running,
    /// The configuration that syncs it into a SQLite file beside it.
    pub configuration: PathBuf,
    /// The connection again for other ways to sign in.
    pub sign_in: PathBuf,
    /// That SQLite file.
    pub database: PathBuf,
}

/// The program as whoever started it named it, so that what is printed can be typed: `make demo` leaves nothing on PATH.
pub fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "joinery".to_owned())
}

/// Starts a tenant and writes key and configuration into `folder`, which is made.
pub async fn start(folder: &Path, listen: SocketAddr, company: Company) -> Result<Simulated, Wrong> {
    let (client, key) = Client::generate(CLIENT_ID).map_err(|error| Wrong::new(Exit::Failed, error.to_string()))?;
    let time = TimeSource::new(|| SystemClock.now());
    let now = SystemClock.now();
    let ways = Ways::new(now)?;
    let seed = Seed::new(company.seed, company.people, now);
    let mut settings = ways.open(Settings::new(COMPANY, seed, time), &client).client(client);
    settings.listen = listen;
    settings.state = company.state;
    settings.replay = company.replay;
    if let Some(file) = &company.settings {
        SettingsFile::read_into(file, &mut settings)?;
    }
    let configuration = folder.join("joinery.toml");
    let before = written_before(&configuration)?;
    if before.is_none() {
        nothing_of_somebody_elses(folder)?;
    }
    let tenant = Simulator::start(settings).await.map_err(|error| match error {
        StartError::Listen { .. } => {
            Wrong::usage(format!("{error}; --listen takes another address, port 0 a free one"))
        }
        error => Wrong::usage(error.to_string()),
    })?;

    std::fs::create_dir_all(folder)
        .map_err(|error| Wrong::usage(format!("the folder {} cannot be made: {error}", folder.display())))?;
    let text = match before {
        Some(before) => moved_to(&before, tenant.base_url()),
        None => configuration_text(tenant.base_url()),
    };
    // First what says that the folder is ours.
    write(&configuration, &text, 0o644)?;
    write(&folder.join(KEY_FILE), key.private_pem.expose_secret(), 0o600)?;
    ways.write(folder, tenant.base_url(), tenant.certificate_url().unwrap_or_default())?;
    let sign_in = folder.join(SIGN_IN_FILE);
    Ok(Simulated { tenant, configuration, sign_in, database: folder.join("people.db") })
}

/// What an earlier start wrote there, with whatever was changed in it since. A configuration of somebody's own is not
/// touched.
fn written_before(configuration: &Path) -> Result<Option<String>, Wrong> {
    if !configuration.exists() {
        return Ok(None);
    }
    match std::fs::read_to_string(configuration) {
        Ok(text) if text.starts_with(HEAD) => Ok(Some(text)),
        _ => Err(Wrong::usage(format!(
            "{} is there already, and is not one that a simulated tenant wrote: it is not overwritten; choose another \
             --folder",
            configuration.display()
        ))),
    }
}

/// Refuses to write beside nothing of ours where a file that we would write is somebody else's. A link that leads nowhere
/// is there too.
fn nothing_of_somebody_elses(folder: &Path) -> Result<(), Wrong> {
    for name in ["joinery.toml", KEY_FILE].into_iter().chain(FILES) {
        let file = folder.join(name);
        if file.symlink_metadata().is_ok() {
            return Err(Wrong::usage(format!(
                "{} is there already, and no simulated tenant wrote it: it is not overwritten; choose another --folder",
                file.display()
            )));
        }
    }
    Ok(())
}

/// The same configuration with the address at which the tenant answers now.
fn moved_to(text: &str, base_url: &str) -> String {
    let mut moved = false;
    let lines = text.lines().map(|line| {
        if moved || !line.starts_with("api_server") {
            return line.to_owned();
        }
        moved = true;
        format!("api_server = \"{base_url}\"")
    });
    lines.map(|line| line + "\n").collect()
}

fn configuration_text(base_url: &str) -> String {
    format!(
        r#"{HEAD}
[store]
path = "state.db"

[connection.simulated]
api_server = "{base_url}"
company_id = "{COMPANY}"
sign_in = "saml_bearer"
client_id = "{CLIENT_ID}"
user = "{API_USER}"
private_key = {{ file = "{KEY_FILE}" }}
read_only = true

[target.people]
type = "sql"
path = "people.db"
table = "people"
key = "employee_id"
create_table = true
types = {{ hire_date = "date", end_date = "date" }}

[sync.people]
connection = "simulated"
read = "persons"
targets = ["people"]
mapping = "standard"
correlate = ["employee_id"]
every = "1s"
"#
    )
}

/// Writes a file anew: what was there is removed, since it would keep its mode, and a link would lead elsewhere.
pub(super) fn write(path: &Path, text: &str, mode: u32) -> Result<(), Wrong> {
    let wrong = |error: std::io::Error| Wrong::usage(format!("{} cannot be written: {error}", path.display()));
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(wrong(error)),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(wrong)?;
    file.write_all(text.as_bytes()).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_second_start_moves_the_address_and_keeps_what_was_changed() {
        let first = configuration_text("http://127.0.0.1:1").replace("every = \"1s\"", "every = \"9s\"");
        assert!(first.starts_with(HEAD) && first.contains("every = \"9s\""));
        assert_eq!(moved_to(&first, "http://127.0.0.1:2"), first.replace("127.0.0.1:1\"", "127.0.0.1:2\""));
    }

    #[test]
    fn a_configuration_of_somebodys_own_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("joinery.toml");
        assert!(written_before(&file).expect("nothing is there").is_none());
        std::fs::write(&file, "[store]\n").expect("written");
        assert!(written_before(&file).is_err());
        std::fs::write(&file, format!("{HEAD}\n[store]\n")).expect("written");
        assert!(written_before(&file).expect("ours").is_some());
    }

    async fn started(folder: &Path) -> Result<(), Wrong> {
        let started =
            start(folder, ([127, 0, 0, 1], 0).into(), Company { people: 10, seed: 1, ..Company::default() }).await?;
        started.tenant.stop().await;
        Ok(())
    }

    #[tokio::test]
    async fn only_the_owner_reads_the_key_whatever_mode_it_had() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = folder.path().join(KEY_FILE);
        started(folder.path()).await.expect("it starts");
        let before = std::fs::read(&key).expect("a key");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("another mode");
        started(folder.path()).await.expect("it starts again");
        assert!(std::fs::read(&key).expect("a key") != before, "the key is new each time");
        assert_eq!(key.metadata().expect("its mode").permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn what_is_not_its_own_is_left_alone() {
        for name in ["joinery.toml", KEY_FILE].into_iter().chain(FILES) {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join(name);
            std::fs::write(&file, "of somebody else's").expect("written");
            let refused = started(folder.path()).await.expect_err("it is not ours");
            assert_eq!(refused.exit, Exit::Usage);
            assert!(refused.message.contains(name) && refused.message.contains("--folder"), "{}", refused.message);
            assert_eq!(std::fs::read_to_string(&file).expect("text"), "of somebody else's");
            let files = std::fs::read_dir(folder.path()).expect("a folder").count();
            assert_eq!(files, 1, "{name}: something was written beside it");
        }
    }

    /// Behind a proxy the tenant goes by a name with dots, which the control API takes only when it is its own.
    #[tokio::test]
    async fn the_name_in_its_settings_is_its_own() {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("tenant.toml");
        std::fs::write(&file, "public_url = \"https://tenant.example.com\"\n").expect("written");
        let company = Company { people: 10, seed: 1, settings: Some(file), ..Company::default() };
        let started = start(&folder.path().join("own"), ([127, 0, 0, 1], 0).into(), company).await;
        let Ok(started) = started else { panic!("it does not start") };
        let address = started.tenant.base_url().strip_prefix("http://").expect("http").to_owned();
        for (host, status) in
            [("tenant.example.com", "200"), ("tenant.example.com:443", "200"), ("a.example.com", "403")]
        {
            let mut line = tokio::net::TcpStream::connect(&address).await.expect("a connection");
            let asked = format!("GET /control/state HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            line.write_all(asked.as_bytes()).await.expect("sent");
            let mut answer = String::new();
            line.read_to_string(&mut answer).await.expect("an answer");
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {answer}");
        }
        started.tenant.stop().await;
    }

    #[tokio::test]
    async fn a_link_is_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let elsewhere = folder.path().join("elsewhere");
        std::os::unix::fs::symlink(&elsewhere, folder.path().join(KEY_FILE)).expect("a link");
        assert_eq!(started(folder.path()).await.expect_err("a link").exit, Exit::Usage);
        assert!(!elsewhere.exists());
    }
}
