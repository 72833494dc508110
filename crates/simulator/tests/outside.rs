//! Clients that nobody here wrote read the simulated tenant: `pyodata` from PyPI, and the SAP Cloud SDK from npm with the
//! classes that its generator makes from our `$metadata`. `tools/setup services` installs both into `.judges/`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use joinery_simulator::schema::Set;
use joinery_simulator::world::Seed;
use joinery_simulator::{Running, Settings, Simulator, TimeSource, Visibility};

const PEOPLE: u32 = 250;

/// What the SDK's classes are made of; all fifty sets would take its generator a minute.
const SDK_SETS: [&str; 5] = ["User", "PerPerson", "PerEmail", "EmpEmployment", "EmpJob"];

async fn tenant() -> Running {
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let mut settings = Settings::new("ACME", Seed::new(7, PEOPLE, now), TimeSource::fixed(now));
    settings.basic_password = Some("secret".into());
    Simulator::start(settings).await.unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// What a program of `.judges` says, when it ends well.
async fn run(program: PathBuf, arguments: Vec<String>) -> String {
    assert!(program.exists(), "{} is missing: run tools/setup services", program.display());
    tokio::task::spawn_blocking(move || {
        let mut command = Command::new("timeout");
        command.args(["--signal=KILL", "300"]).arg(program).args(arguments).current_dir(root());
        let ended = command.output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success(), "{said}");
        said
    })
    .await
    .unwrap()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pyodata_reads_and_writes() {
    let tenant = tenant().await;
    let url = format!("{}/odata/v2", tenant.base_url());
    let people = PEOPLE.to_string();
    let arguments = words(&["tests/judges/odata_pyodata.py", &url, "API_USER@ACME", "secret", &people]);
    let said = run(root().join(".judges/bin/python"), arguments).await;
    assert!(said.contains("accepted"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sdk_of_sap_reads_and_writes() {
    let tenant = tenant().await;
    let others = Set::all().map(|set| set.table().name).filter(|name| !SDK_SETS.contains(name));
    let hidden_sets: BTreeSet<String> = others.map(str::to_owned).collect();
    tenant.set_visibility(Visibility { hidden_sets, ..Visibility::default() }, 0);
    let url = format!("{}/odata/v2", tenant.base_url());
    #[expect(clippy::disallowed_methods, reason = "tests talk to loopback with a client of their own")]
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = client.get(format!("{url}/$metadata")).basic_auth("API_USER@ACME", Some("secret"));
    let metadata = asked.send().await.unwrap().text().await.unwrap();

    // The generated classes must stand where Node finds the SDK.
    let node = root().join(".judges/node");
    let work = node.join(format!("work-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&work);
    std::fs::create_dir_all(work.join("in")).unwrap();
    std::fs::write(work.join("in/tenant.edmx"), metadata).unwrap();
    let path = |path: PathBuf| path.display().to_string();
    let (input, output) = (path(work.join("in")), path(work.join("out")));
    let generate = words(&["--input", &input, "--outputDir", &output, "--transpile", "--skipValidation"]);
    run(node.join("node_modules/.bin/generate-odata-client"), generate).await;

    let people = PEOPLE.to_string();
    let classes = path(work.join("out/tenant"));
    let arguments = words(&["tests/judges/odata_sap_sdk.cjs", &url, "API_USER@ACME", "secret", &people, &classes]);
    let arguments = [words(&["node"]), arguments].concat();
    let said = run(PathBuf::from("/usr/bin/env"), arguments).await;
    std::fs::remove_dir_all(&work).unwrap();
    assert!(said.contains("accepted"), "{said}");
}
