//! Where the figures are taken: a folder, a tenant in its own process, the configuration, the commands.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A folder of its own; removed at the end.
pub struct Stage {
    folder: tempfile::TempDir,
    client: reqwest::Client,
}

/// A simulated tenant in its own process.
pub struct Tenant {
    child: Child,
    /// Its address.
    pub url: String,
}

impl Tenant {
    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Stage {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), client: reqwest::Client::new() }
    }

    /// A file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a company of that size.
    pub fn tenant(&self, people: u32) -> Tenant {
        let mut child = Command::new(env!("CARGO_BIN_EXE_joinery"))
            .args([
                "--json",
                "--quiet",
                "simulate",
                "--listen",
                "127.0.0.1:0",
                "--people",
                &people.to_string(),
                "--folder",
            ])
            .arg(self.path("tenant"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the simulator starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("its answer");
        BufReader::new(out).read_line(&mut line).expect("its first line");
        let told: Value = serde_json::from_str(&line).expect("JSON");
        Tenant { child, url: told["url"].as_str().expect("an address").to_owned() }
    }

    /// Writes the configuration: 20 paths, 3 value maps, 2 expressions into SQLite.
    pub fn configure(&self, url: &str) {
        let text = CONFIGURATION.replace("URL", url);
        std::fs::write(self.path("joinery.toml"), text).expect("a written configuration");
    }

    /// Removes state, target and the peer's files.
    pub fn forget(&self) {
        for name in ["state.db", "people.db"] {
            self.remove(name);
        }
        self.forget_peer();
    }

    /// Removes the peer's files.
    pub fn forget_peer(&self) {
        for name in ["peer.db", "peer-journal.db"] {
            self.remove(name);
        }
    }

    fn remove(&self, name: &str) {
        for tail in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(self.path(&format!("{name}{tail}")));
        }
    }

    /// A joinery command.
    pub fn joinery(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_joinery"));
        command.arg("--quiet").arg("--config").arg(self.path("joinery.toml")).args(words);
        command
    }

    /// The Python peer, with or without a journal.
    pub fn peer(&self, first_page: &str, with_journal: bool) -> Command {
        let home = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(home.join(".judges/bin/python"));
        command.arg(home.join("benches/peer.py")).arg(first_page).arg(self.path("peer.db"));
        if with_journal {
            command.arg(self.path("peer-journal.db"));
        }
        command
    }

    /// Both wrote the same people: so many accounts of joinery, and so many of them on which the peer agrees in every
    /// column. The peer writes down leavers too; joinery makes them no account.
    pub fn compare_with_peer(&self) -> (u64, u64) {
        let connection = rusqlite::Connection::open(self.path("people.db")).expect("joinery's table");
        connection
            .execute("ATTACH ?1 AS peer", [self.path("peer.db").to_string_lossy().as_ref()])
            .expect("the peer's table");
        let columns: Vec<String> = {
            let mut names =
                connection.prepare("SELECT name FROM pragma_table_info('people', 'peer')").expect("columns");
            let rows = names.query_map([], |row| row.get(0)).expect("rows");
            rows.collect::<Result<_, _>>().expect("rows")
        };
        let count = |test: &str| {
            let sql = format!("SELECT count(*) FROM main.people a JOIN peer.people b USING (employee_id) WHERE {test}");
            connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).expect("a count").cast_unsigned()
        };
        for column in &columns {
            let differ = count(&format!("a.\"{column}\" IS NOT b.\"{column}\""));
            if differ > 0 {
                eprintln!("    joinery and the peer differ in {column} of {differ} accounts");
            }
        }
        let same: Vec<String> = columns.iter().map(|column| format!("a.\"{column}\" IS b.\"{column}\"")).collect();
        let ours = connection.query_row("SELECT count(*) FROM main.people", [], |row| row.get::<_, i64>(0));
        (ours.expect("a count").cast_unsigned(), count(&same.join(" AND ")))
    }

    /// Changes the job title of so many people who have accounts, in the employment that their account shows.
    pub async fn change(&self, tenant: &Tenant, how_many: u32) {
        let connection = rusqlite::Connection::open(self.path("people.db")).expect("joinery's table");
        let ids: Vec<String> = {
            let mut statement = connection
                .prepare("SELECT user_id FROM people WHERE active ORDER BY employee_id DESC LIMIT ?1")
                .expect("a question");
            let rows = statement.query_map([how_many], |row| row.get(0)).expect("rows");
            rows.collect::<Result<_, _>>().expect("rows")
        };
        for id in ids {
            let order = json!({ "who": id, "title": format!("Benchmarked {how_many}") });
            let answer = self
                .client
                .post(format!("{}/control/people/move", tenant.url))
                .json(&order)
                .send()
                .await
                .expect("an answer");
            assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
        }
        let mark = self.client.post(format!("{}/control/requests/mark", tenant.url)).send().await;
        assert!(mark.is_ok_and(|answer| answer.status().is_success()));
    }

    /// How many accounts have the title that [`Stage::change`] of so many gave.
    pub fn arrived(&self, how_many: u32) -> u32 {
        let connection = rusqlite::Connection::open(self.path("people.db")).expect("joinery's table");
        let sql = "SELECT count(*) FROM people WHERE job_title = ?1";
        connection.query_row(sql, [format!("Benchmarked {how_many}")], |row| row.get(0)).expect("a count")
    }

    /// Requests since the last change.
    pub async fn served(&self, tenant: &Tenant) -> u64 {
        let answer = self.client.get(format!("{}/control/requests", tenant.url)).send().await.expect("an answer");
        let told: Value = serde_json::from_slice(&answer.bytes().await.expect("bytes")).expect("JSON");
        told["since_mark"]["total"]["requests"].as_u64().unwrap_or(0)
    }

    /// The person whom the last single change was about.
    pub fn somebody(&self) -> String {
        let connection = rusqlite::Connection::open(self.path("people.db")).expect("joinery's table");
        connection
            .query_row("SELECT employee_id FROM people WHERE active ORDER BY employee_id DESC LIMIT 1", [], |row| {
                row.get(0)
            })
            .expect("somebody")
    }
}

const CONFIGURATION: &str = r#"
[store]
path = "state.db"
[connection.bench]
api_server = "URL"
company_id = "JOINERY"
sign_in = "saml_bearer"
client_id = "simulated-client"
user = "API_USER"
private_key = { file = "tenant/client.key.pem" }
[target.people]
type = "sql"
path = "people.db"
table = "people"
key = "employee_id"
create_table = true
[mapping.bench]
employee_id = "personIdExternal"
birth_date = "dateOfBirth"
first_name = "personalInfoNav.firstName"
last_name = "personalInfoNav.lastName"
middle_name = "personalInfoNav.middleName"
nationality = "personalInfoNav.nationality"
email = "emailNav.emailAddress"
phone = "phoneNav.phoneNumber"
user_id = "employmentNav.userId"
user_name = "employmentNav.userNav.username"
hire_date = "employmentNav.startDate"
end_date = "employmentNav.endDate"
company = "employmentNav.jobInfoNav.company"
department = "employmentNav.jobInfoNav.department"
division = "employmentNav.jobInfoNav.division"
location = "employmentNav.jobInfoNav.location"
job_code = "employmentNav.jobInfoNav.jobCode"
job_title = "employmentNav.jobInfoNav.jobTitle"
cost_center = "employmentNav.jobInfoNav.costCenter"
manager = "employmentNav.jobInfoNav.managerId"
gender = { path = "personalInfoNav.gender", map = { M = "male", F = "female" }, default = "unknown" }
status = { path = "employmentNav.jobInfoNav.emplStatus", map = { A = "active", U = "leave", P = "leave", S = "suspended", F = "furlough", T = "terminated", R = "retired" }, default = "unknown" }
country = { path = "personalInfoNav.nationality", map = { DEU = "Germany", USA = "United States", FRA = "France", JPN = "Japan", IND = "India" }, default = "other" }
display_name = { cel = "ToUpper(p.personalInfoNav.lastName) + ', ' + p.personalInfoNav.firstName" }
mail_name = { cel = "ToLower(StripSpaces(Left(p.personalInfoNav.firstName, 1) + p.personalInfoNav.lastName))" }
[sync.people]
connection = "bench"
targets = ["people"]
mapping = "bench"
"#;
