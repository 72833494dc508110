//! The simulated tenant by the shape of the question: how many rows a second of its own processor time, and how many by
//! the clock with a client that only reads the bytes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use jiff::Timestamp;
use joinery_odata::{Page, Selection, Tree};
use joinery_simulator::world::Seed;
use joinery_simulator::{Settings, Simulator, TimeSource};

use crate::child;
use crate::figures::Figures;

pub const COMPANY: &str = "JOINERY";
pub const USER: &str = "API_USER";
pub const PASSWORD: &str = "benchmark";

/// The six segments that the goal of 20,000 people a second is about.
const SIX: &str = "personalInfoNav,emailNav,phoneNav,employmentNav/jobInfoNav,employmentNav/userNav,\
                   personEmpTerminationInfoNav";

/// Fields of a user, as a sync asks for them.
const FIELDS: &str = "userId,username,firstName,lastName,email,department,division,location,title,status";

/// One question and what names it.
struct Asked {
    what: &'static str,
    path: String,
}

fn asked() -> Vec<Asked> {
    let v2 = |what, path: String| Asked { what, path: format!("/odata/v2/{path}") };
    let json = |what, path: &str| v2(what, format!("{path}&$format=json"));
    let v4 = "/odatav4/joinery/Simulated.svc/v1";
    vec![
        json("a flat list", "PerPerson?"),
        json("$select of ten fields", &format!("User?$select={FIELDS}")),
        json("one segment expanded", "PerPerson?$expand=personalInfoNav"),
        json("three segments expanded", "PerPerson?$expand=personalInfoNav,emailNav,employmentNav/jobInfoNav"),
        json("six segments expanded", &format!("PerPerson?$expand={SIX}")),
        json(
            "a filter on an indexed date, and $select",
            &format!("User?$select={FIELDS}&$filter=lastModifiedDateTime gt datetimeoffset'1990-01-01T00:00:00Z'"),
        ),
        json("a filter on text, and $select", &format!("User?$select={FIELDS}&$filter=startswith(lastName,'S')")),
        json("paging=snapshot, $select", &format!("User?$select={FIELDS}&paging=snapshot")),
        json("paging=cursor, $select", &format!("User?$select={FIELDS}&paging=cursor")),
        v2("Atom, $select", format!("User?$select={FIELDS}&$format=atom")),
        Asked { what: "OData v4, $select", path: format!("{v4}/User?$select={FIELDS}") },
    ]
}

/// A simulated tenant in a process of its own that takes a password.
pub struct Tenant {
    child: Child,
    /// Its address.
    pub url: String,
    client: reqwest::Client,
}

impl Drop for Tenant {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Tenant {
    /// Starts one of so many people: this very program with `--tenant`.
    pub fn start(people: u32) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("our own path"))
            .args(["--tenant", &people.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the simulator starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its answer")).read_line(&mut line).expect("its address");
        Self { child, url: line.trim().to_owned(), client: reqwest::Client::new() }
    }

    /// Its processor time so far.
    pub fn cpu(&self) -> std::time::Duration {
        child::cpu(self.child.id()).unwrap_or_default()
    }

    /// Its resident memory, in MB.
    fn resident_mb(&self) -> f64 {
        child::resident_kib(self.child.id()).unwrap_or(0) as f64 * 1024.0 / 1e6
    }

    async fn get(&self, url: &str) -> (usize, String) {
        let request = self.client.get(url).basic_auth(format!("{USER}@{COMPANY}"), Some(PASSWORD));
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{} for {url}", answer.status());
        let body = answer.bytes().await.expect("a whole answer");
        // The next page's address stands at the end, in Atom too; OData v4 may have it before the rows.
        let ends = [&body[..body.len().min(4096)], &body[body.len().saturating_sub(4096)..]].concat();
        (body.len(), String::from_utf8_lossy(&ends).into_owned())
    }

    /// Reads a list to its end: bytes and pages.
    async fn walk(&self, path: &str) -> (usize, usize) {
        let (mut bytes, mut pages) = (0, 0);
        let mut next = Some(format!("{}{path}", self.url));
        while let Some(url) = next.take() {
            let (length, ends) = self.get(&url).await;
            (bytes, pages) = (bytes + length, pages + 1);
            next = next_of(&ends);
        }
        (bytes, pages)
    }

    /// The ids of so many users.
    pub async fn user_ids(&self, most: usize) -> Vec<String> {
        let mut ids = Vec::new();
        let wanted = Selection::of(["userId"]);
        let mut next = Some(format!("{}/odata/v2/User?$select=userId&$format=json", self.url));
        while let Some(url) = next.take().filter(|_| ids.len() < most) {
            let request = self.client.get(url).basic_auth(format!("{USER}@{COMPANY}"), Some(PASSWORD));
            let body = request.send().await.expect("an answer").bytes().await.expect("a whole answer");
            let id = |user: Tree<'_>| user.get("userId").and_then(Tree::as_text).map(str::to_owned);
            next = Page::each(&body, &wanted, |user| ids.extend(user.ok().and_then(id))).expect("a page");
        }
        ids.truncate(most);
        ids
    }

    /// How many there are, as `$count` says.
    async fn count(&self, path: &str) -> u64 {
        let url = format!("{}{path}", self.url);
        let request = self.client.get(url).basic_auth(format!("{USER}@{COMPANY}"), Some(PASSWORD));
        let text = request.send().await.expect("an answer").text().await.expect("a whole answer");
        text.trim().parse().expect("a number")
    }
}

/// The address of the next page in the ends of a JSON page of v2 or v4, or of an Atom feed.
fn next_of(ends: &str) -> Option<String> {
    let after = |mark: &str| ends.split_once(mark).and_then(|(_, rest)| rest.split('"').next());
    let atom = ends.split_once("<link rel=\"next\"").and_then(|(_, rest)| rest.split_once("href=\""));
    let atom = atom.and_then(|(_, rest)| rest.split('"').next());
    let found = after("\"__next\":\"").or_else(|| after("\"@odata.nextLink\":\"")).or(atom)?;
    Some(found.replace("&amp;", "&").replace("\\/", "/"))
}

/// Serves a company until its standard input ends.
pub async fn serve(people: u32) {
    let now = "2026-11-21T12:00:00Z".parse().expect("an instant");
    #[expect(clippy::disallowed_methods, reason = "a benchmark is a binary: it has the real clock")]
    let mut settings = Settings::new(COMPANY, Seed::new(1, people, now), TimeSource::new(Timestamp::now));
    settings.basic_password = Some(PASSWORD.into());
    let running = Simulator::start(settings).await.expect("a tenant");
    println!("{}", running.base_url());
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await;
    drop(ended);
    running.stop().await;
}

/// Measures every shape, single keys and counts.
pub async fn measure(people: u32, figures: &mut Figures) {
    let tenant = Tenant::start(people);
    let memory = tenant.resident_mb() * 1e6 / f64::from(people);
    figures.tell("simulator, memory a person (resident, before any question)", format!("{:.1} KB", memory / 1000.0));
    for Asked { what, path } in asked() {
        let rows = tenant.count(&counting(&path)).await;
        let (cpu, began) = (tenant.cpu(), Instant::now());
        let (bytes, pages) = tenant.walk(&path).await;
        let (cpu, wall) = (tenant.cpu().saturating_sub(cpu).as_secs_f64().max(0.01), began.elapsed().as_secs_f64());
        let told = format!(
            "{:.0} of its CPU, {:.0} by the clock; {:.0} bytes a row, {pages} pages",
            rows as f64 / cpu,
            rows as f64 / wall,
            bytes as f64 / rows as f64
        );
        let what = format!("simulator, rows a second: {what}");
        if what.ends_with("six segments expanded") {
            let speed = rows as f64 / wall;
            figures.judge(&what, told, "at least 20,000 by the clock", speed >= 20_000.0);
        } else {
            figures.tell(&what, told);
        }
    }
    let filter = "$filter=startswith(lastName,'S')";
    for (what, path, times) in [
        ("simulator, questions a second: one person by key", "/odata/v2/User('100011')?$format=json".to_owned(), 2_000),
        ("simulator, questions a second: $count with a filter", format!("/odata/v2/User/$count?{filter}"), 50),
    ] {
        let url = format!("{}{path}", tenant.url);
        let (cpu, began) = (tenant.cpu(), Instant::now());
        for _ in 0..times {
            tenant.get(&url).await;
        }
        let (cpu, wall) = (tenant.cpu().saturating_sub(cpu).as_secs_f64().max(0.01), began.elapsed().as_secs_f64());
        let told = format!("{:.0} of its CPU, {:.0} by the clock", f64::from(times) / cpu, f64::from(times) / wall);
        figures.tell(what, told);
    }
}

/// The `$count` of a list: same set, same filter, whatever the protocol.
fn counting(path: &str) -> String {
    let (list, query) = path.split_once('?').unwrap_or((path, ""));
    let filter = query.split('&').find(|part| part.starts_with("$filter=")).unwrap_or_default();
    format!("{list}/$count?{filter}")
}
