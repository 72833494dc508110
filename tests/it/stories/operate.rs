//! What operators do: one person, replay, forget, backup, another tenant shape, Ctrl-C, JSON, the webhook.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::body::Bytes;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use joinery_simulator::world::{Ending, Move};
use joinery_simulator::{Fault, FaultKind, When};

use crate::company::{Answer, Company, done_by, exit};
use crate::servers::kill;

fn title(text: &str) -> Move {
    Move { title: Some(text.to_owned()), ..Move::default() }
}

async fn synced(people: u32) -> (Company, Vec<String>) {
    let company = Company::of(people).await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let plain = company.plain_people();
    (company, plain)
}

#[tokio::test]
async fn one_person_is_synced_and_planned_alone() {
    let (company, people) = synced(120).await;
    company.change(|world| {
        world.relocate(&people[0], world.today(), &title("One"))?;
        world.relocate(&people[1], world.today(), &title("Two"))
    });
    let before = company.table();
    company.tenant.mark();
    company.joinery(&["plan", "--person", &people[0]]).await.expect(exit::DONE).says(&["→ One", "1 to update"]);
    assert_eq!(company.table(), before);
    company.joinery(&["sync", "--person", &people[0]]).await.expect(exit::DONE);
    let changed = company.table().changed_since(&before);
    assert_eq!(changed.keys().collect::<Vec<_>>(), [&people[0]]);
    assert!(company.tenant.requests_since_mark().total.rows < 20, "{:?}", company.tenant.requests_since_mark());
    // The other one was not lost by the run about one.
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    assert_eq!(company.table().person(&people[1])["job_title"], "Two");
    let nobody = company.joinery(&["sync", "--person", "NOBODY-1"]).await.expect(exit::INCOMPLETE);
    assert!(!nobody.out.contains("nothing new to do") && !nobody.out.contains("nothing changed"), "{nobody}");
    nobody.says(&["NOBODY-1", "does not have this person"]);
}

#[tokio::test]
async fn one_person_is_explained_and_nothing_is_written() {
    let (company, people) = synced(60).await;
    let one = &people[0];
    company.change(|world| world.relocate(one, world.today(), &title("Explained")));
    company.execute(&format!("UPDATE people SET last_name = 'By hand' WHERE employee_id = '{one}'"));
    let before = (company.table(), std::fs::read(company.path("state.db")).expect("the state"));
    let first_name = before.0.person(one)["first_name"].clone();
    company.joinery(&["explain", "--person", one]).await.expect(exit::DONE).says(&[
        &format!("{one}: active, first day"),
        "personalInfoNav.firstName",
        &format!("{first_name}  "),
        "← personalInfoNav.lastName",
        "linked to account",
        "last_name is By hand there; delivered last was",
        "a run would: ",
        "→ Explained",
    ]);
    let json = company.joinery(&["--json", "explain", "--person", one]).await.expect(exit::DONE).json();
    let target = &json["explained"]["targets"][0];
    assert_eq!((&target["target"], &target["plan"]["action"]), (&"people".into(), &"update".into()), "{json}");
    assert_eq!(target["last"]["target_id"], one.as_str());
    assert_eq!(target["now"]["attributes"]["last_name"], "By hand");
    let attributes = target["attributes"].as_array().expect("attributes");
    let job = attributes.iter().find(|one| one["name"] == "job_title").expect("a title");
    assert_eq!(job["value"], "Explained");
    company
        .joinery(&["explain", "--person", "NOBODY-1"])
        .await
        .expect(exit::INCOMPLETE)
        .says(&["NOBODY-1", "does not have"]);
    let after = (company.table(), std::fs::read(company.path("state.db")).expect("the state"));
    assert!(before == after, "explain wrote");
}

#[tokio::test]
async fn a_dead_letter_is_named_and_delivered_by_replay() {
    let (company, people) = synced(120).await;
    // The target refuses one row for good.
    company.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE ON people WHEN NEW.job_title = 'Refused' \
         BEGIN SELECT RAISE(ABORT, 'not on my watch'); END",
    );
    company.change(|world| {
        world.relocate(&people[0], world.today(), &title("Refused"))?;
        world.relocate(&people[1], world.today(), &title("Welcome"))
    });
    let dead = company.joinery(&["--json", "sync"]).await.expect(exit::INCOMPLETE);
    assert_eq!(dead.json()["balance"]["targets"]["people"]["dead"], 1, "{dead}");
    assert_eq!(company.table().person(&people[1])["job_title"], "Welcome", "one refusal holds up another person");
    let run = dead.json()["run"].to_string();
    company.joinery(&["run", &run]).await.expect(exit::DONE).says(&["[dead", &people[0]]);
    company.joinery(&["replay", &run]).await.expect(exit::INCOMPLETE);
    company.execute("DROP TRIGGER refuse");
    let last = company.joinery(&["--json", "runs"]).await.json()["runs"][0]["run"].to_string();
    company.joinery(&["replay", &last]).await.expect(exit::DONE);
    assert_eq!(company.table().person(&people[0])["job_title"], "Refused");
    company.joinery(&["replay", &last]).await.expect(exit::USAGE).says(&["no dead letters"]);
}

#[tokio::test]
async fn who_is_forgotten_leaves_no_trace_in_the_state() {
    let (company, people) = synced(120).await;
    let person = &people[4];
    let cells = company.table().person(person).clone();
    let mode = std::fs::metadata(company.path("state.db")).expect("the state").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(holds(&company, &cells["email"]), "the state holds no e-mail at all: the test would prove nothing");
    let told = company.joinery(&["forget", person]).await.expect(exit::DONE);
    let told = told.says(&[&format!("{person} is forgotten"), "still exists there"]);
    for secret in [&cells["email"], &cells["user_name"]] {
        assert!(!holds(&company, secret), "the state still holds something of the person\n{told}");
    }
    assert_eq!(company.table().person(person), &cells, "forgetting touches no target");
    company.joinery(&["forget", "NOBODY-1"]).await.expect(exit::DONE).says(&["knows nobody"]);
    // The next full run finds the account again and makes no second one.
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(company.table().person(person), &cells);
}

/// Is the text anywhere in the state's files?
fn holds(company: &Company, text: &str) -> bool {
    ["state.db", "state.db-wal"].iter().any(|name| {
        let bytes = std::fs::read(company.path(name)).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[tokio::test]
async fn a_backup_put_back_is_the_state_and_the_next_full_run_catches_up() {
    let (company, people) = synced(120).await;
    let backup = company.path("backup.db");
    let backup = backup.to_str().expect("a path");
    company.joinery(&["backup", backup]).await.expect(exit::DONE);
    let mode = std::fs::metadata(backup).expect("the backup").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    company.change(|world| world.relocate(&people[0], world.today(), &title("After the backup")));
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let after = company.table();
    company.joinery(&["restore", backup]).await.expect(exit::DONE).says(&["is the state now", "sync --full"]);
    let runs = company.joinery(&["--json", "runs"]).await.expect(exit::DONE);
    assert_eq!(runs.json()["runs"].as_array().map(Vec::len), Some(1), "{runs}");
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(company.table(), after);
    company.joinery(&["restore", "no-such.db"]).await.expect(exit::FAILED).says(&["no-such.db"]);
    company.joinery(&["runs"]).await.expect(exit::DONE);
}

#[tokio::test]
async fn users_are_read_where_there_is_no_employee_central() {
    let mut company = Company::of(200).await;
    company.configure(|config| {
        config.sync.insert("read", "\"users\"".into());
        config.sync.insert("mapping", "\"standard_users\"".into());
    });
    let hidden = ["PerPerson", "PerPersonal", "EmpEmployment", "EmpJob"].map(str::to_owned).into();
    company.tenant.set_visibility(joinery_simulator::Visibility { hidden_sets: hidden, ..Default::default() }, 0);
    company.joinery(&["doctor"]).await.expect(exit::DONE);
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let table = company.table();
    assert!(table.active().count() > 150, "{} active", table.active().count());
    let (id, cells) = table
        .active()
        .find(|(_, cells)| !cells["manager"].is_empty() && !cells["email"].is_empty())
        .expect("somebody with manager and e-mail");
    assert!(table.0.contains_key(&cells["manager"]));
    assert_eq!(company.user(id, "username").as_deref(), Some(cells["user_name"].as_str()));
    let id = id.to_owned();
    company.change(|world| world.terminate(&id, world.today().plus(-1), Ending::Resignation));
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    assert_eq!(company.table().person(&id)["active"], "0");
    let again = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(again.delivered(), 0, "{again}");
}

#[tokio::test]
async fn ctrl_c_stops_between_two_pages_and_the_next_run_goes_on() {
    let mut company = Company::of(600).await;
    company.configure(|config| {
        config.connection.insert("page_size", "50".into());
    });
    company.tenant.arm(Fault::next(FaultKind::Slow { millis: 150 }, 1).when(When::Always).at("/PerPerson"));
    let mut child = company.command(&["sync"]).spawn().expect("the binary starts");
    let pid = child.id().expect("a process");
    let reads = async {
        while company.tenant.requests().by_resource.get("GET PerPerson").is_none_or(|counts| counts.requests < 4) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    done_by(&mut child, "it reads", reads).await;
    kill("INT", &pid.to_string());
    let output = tokio::time::timeout(Duration::from_secs(20), child.wait_with_output()).await;
    let output = output.expect("it stops soon").expect("it is waited for");
    let stopped = Answer::new(&["sync"], output.status, &output.stdout, &output.stderr).expect(exit::STOPPED);
    let stopped = stopped.says(&["stopping", "was stopped"]);
    assert_eq!(company.table().len(), 0, "nothing is delivered from an unfinished walk\n{stopped}");
    company.tenant.clear_faults();

    let read = company.tenant.requests().by_resource["GET PerPerson"];
    let resumed = company.joinery(&["--json", "sync"]).await.expect(exit::DONE);
    let pages = company.tenant.requests().by_resource["GET PerPerson"].requests - read.requests;
    assert!(pages < 12, "{pages} pages: the run began again instead of going on\n{resumed}");
    let fresh = Company::of(600).await;
    fresh.joinery(&["sync"]).await.expect(exit::DONE);
    assert_eq!(company.table(), fresh.table());
    let rows = resumed.json()["balance"]["people"]["rows"].as_u64().expect("a count");
    assert_eq!(rows as usize, company.persons());
}

#[tokio::test]
async fn every_answer_that_was_asked_for_as_json_is_one_document() {
    let (company, people) = synced(60).await;
    company.change(|world| world.relocate(&people[0], world.today(), &title("JSON")));
    for arguments in [
        vec!["--json", "check"],
        vec!["--json", "plan"],
        vec!["--json", "apply", "2"],
        vec!["--json", "sync"],
        vec!["--json", "doctor"],
        vec!["--json", "runs"],
        vec!["--json", "run", "1", "--changes"],
        vec!["--json", "schema", "EmpJob"],
        vec!["--json", "orphans"],
        vec!["--json", "backup", "b.db"],
        vec!["--json", "restore", "b.db"],
        vec!["--json", "forget", &people[1]],
        vec!["--json", "keys", "new", "--bits", "2048"],
        vec!["--json", "keys", "show", "joinery.crt.pem"],
    ] {
        let answer = company.joinery(&arguments).await.expect(exit::DONE);
        assert!(answer.json().is_object(), "{answer}");
    }
    for arguments in
        [vec!["--json", "apply", "99"], vec!["--json", "replay", "1"], vec!["--json", "schema", "Nonsense"]]
    {
        let answer = company.joinery(&arguments).await;
        assert_ne!(answer.code(), Some(0), "{answer}");
        assert!(answer.json()["error"]["message"].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn history_says_what_the_runs_said_and_folds_those_that_changed_nothing() {
    let company = Company::of(60).await;
    for arguments in [["sync", "--full"], ["sync", "--delta"], ["sync", "--delta"], ["plan", "--full"]] {
        let json: Vec<&str> = ["--json"].into_iter().chain(arguments).collect();
        let answer = company.joinery(&json).await.expect(exit::DONE);
        let report = answer.json();
        let report = report.get("report").unwrap_or(&report);
        let run = report["run"].to_string();
        let kept = company.joinery(&["--json", "run", &run]).await.expect(exit::DONE).json();
        assert_eq!(kept["run"]["requests"], report["requests"], "run {run}: {answer}");
        assert!(kept["run"]["requests"].as_u64() > Some(1), "signing in is a request as well: {answer}");
    }
    let folded = company.joinery(&["runs"]).await.expect(exit::DONE).says(&["2 delta runs without a change"]);
    assert_eq!(folded.out.lines().count(), 4, "{folded}");
    assert_eq!(company.joinery(&["runs", "--all"]).await.expect(exit::DONE).out.lines().count(), 5);
    let all = company.joinery(&["--json", "runs"]).await.expect(exit::DONE).json();
    assert_eq!(all["runs"].as_array().map(Vec::len), Some(4), "{all}");
}

#[tokio::test]
async fn a_plan_of_which_nothing_is_to_be_shown_says_the_counts_alone() {
    let company = Company::of(60).await;
    let plan = company.joinery(&["plan", "--show", "0"]).await.expect(exit::DONE).says(&["to create"]);
    assert!(!plan.out.contains("more (--show"), "{plan}");
    company.joinery(&["plan", "--show", "1"]).await.expect(exit::DONE).says(&["more (--show"]);
}

/// What a webhook's receiver got.
#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<(HeaderMap, Bytes)>>>);

#[tokio::test]
async fn a_held_run_is_told_to_the_webhook_signed_and_without_names() {
    let received = Received::default();
    let keep = received.clone();
    let router = axum::Router::new().fallback(move |headers: HeaderMap, body: Bytes| async move {
        keep.0.lock().expect("no panic").push((headers, body));
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    let secret = "a secret of some length";
    let mut company = Company::of(120).await;
    company.configure(|config| config.rest = format!("[notify]\nurl = {url:?}\nsecret = {{ env = \"HOOK\" }}\n"));
    company.joinery_with(&["sync"], &[("HOOK", secret)]).await.expect(exit::DONE);
    assert!(received.0.lock().expect("no panic").is_empty(), "a run that went well is told to nobody");
    let people = company.plain_people();
    company.change(|world| {
        people.iter().take(30).try_for_each(|id| world.terminate(id, world.today().plus(-1), Ending::Dismissal))
    });
    company.joinery_with(&["sync"], &[("HOOK", secret)]).await.expect(exit::HELD);
    server.abort();

    let notes = received.0.lock().expect("no panic").clone();
    let [(headers, body)] = notes.as_slice() else { panic!("{} notes", notes.len()) };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), String::from_utf8_lossy(body));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes())));
    assert_eq!(header("webhook-signature"), expected);
    let note: serde_json::Value = serde_json::from_slice(body).expect("JSON");
    assert_eq!((&note["type"], &note["sync"], &note["run"]), (&"held".into(), &"people".into(), &2.into()), "{note}");
    assert!(
        note["message"].as_str().is_some_and(|message| message.contains("30 accounts would be disabled")),
        "{note}"
    );
    let text = note.to_string();
    assert!(!people.iter().any(|id| text.contains(id.as_str())), "{text}");
}
