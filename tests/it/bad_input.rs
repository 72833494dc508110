//! Wrong settings, wrong data, full disks: each gives an exit code and words that say what to do, and loses nothing.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::SignedDuration;
use joinery::SystemClock;
use joinery_engine::{EngineError, Run, Stop};
use joinery_model::Clock;
use joinery_simulator::world::{Hire, Move};

use crate::company::{Answer, Company, Table, exit, within};
use crate::stories::scim_app::ScimApp;

/// Asserts that the configuration is not even started with.
async fn refused(company: &Company, texts: &[&str]) {
    for command in ["check", "sync"] {
        company.joinery(&[command]).await.expect(exit::USAGE).says(texts);
    }
    assert!(!company.path("people.db").exists(), "something was written");
    assert_eq!(company.tenant.requests().total.requests, 0, "something was asked");
}

async fn synced(people: u32) -> (Company, Vec<String>) {
    let company = Company::of(people).await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let plain = company.plain_people();
    (company, plain)
}

#[tokio::test]
async fn another_key_than_the_registered_one() {
    let company = Company::of(30).await;
    company
        .joinery(&["keys", "new", "--name", "client", "--bits", "2048", "--folder", "other"])
        .await
        .expect(exit::DONE);
    std::fs::copy(company.path("other/client.key.pem"), company.path("client.key.pem")).expect("the key is replaced");
    let answer = company.joinery(&["sync"]).await.expect(exit::SOURCE);
    answer.says(&["connection.acme.private_key", "Manage OAuth2 Client Applications"]);
    company.joinery(&["doctor"]).await.expect(exit::FAILED).says(&[
        "PROBLEM",
        "sign-in",
        "connection.acme.private_key",
    ]);
}

#[tokio::test]
async fn another_company() {
    let mut company = Company::of(30).await;
    company.configure(|config| {
        config.connection.insert("company_id", "\"ACNE\"".into());
    });
    company.joinery(&["sync"]).await.expect(exit::SOURCE).says(&["connection.acme.company_id"]);
}

#[tokio::test]
async fn an_unknown_client_and_an_unknown_user() {
    for (key, value) in [("client_id", "\"nobody\""), ("user", "\"NOBODY\"")] {
        let mut company = Company::of(30).await;
        company.configure(|config| {
            config.connection.insert(key, value.into());
        });
        company.joinery(&["sync"]).await.expect(exit::SOURCE).says(&[&format!("connection.acme.{key}")]);
    }
}

#[tokio::test]
async fn a_certificate_pasted_as_the_key() {
    let company = Company::of(30).await;
    company.joinery(&["keys", "new", "--name", "mine", "--bits", "2048"]).await.expect(exit::DONE);
    std::fs::copy(company.path("mine.crt.pem"), company.path("client.key.pem")).expect("the key is replaced");
    refused(&company, &["connection.acme.private_key", "certificate"]).await;
    std::fs::write(company.path("client.key.pem"), "mysecret123").expect("the key is replaced");
    refused(&company, &["connection.acme.private_key"]).await;
    std::fs::remove_file(company.path("client.key.pem")).expect("the key is removed");
    refused(&company, &["connection.acme.private_key", "client.key.pem"]).await;
}

#[tokio::test]
async fn a_tenant_that_is_not_there() {
    let mut company = Company::of(30).await;
    company.configure(|config| {
        config.connection.insert("api_server", "\"http://127.0.0.1:9\"".into());
    });
    // In this process, where waiting for the tenant to come back takes no time.
    let (engine, sync) = company.engine();
    let failure = engine.run(&sync, Run::default(), &|_| {}, &Stop::never()).await.expect_err("nobody is there");
    let text = failure.to_string();
    assert!(matches!(failure, EngineError::Source(_)) && text.contains("connection.acme.api_server"), "{text}");
    // The real thing waits for a while, and says so.
    let began = SystemClock.now();
    company.joinery(&["sync"]).await.expect(exit::SOURCE).says(&["connection.acme.api_server"]);
    let took = SystemClock.now().duration_since(began);
    assert!(took < SignedDuration::from_secs(30), "{took:?}");
}

#[tokio::test]
async fn toml_that_is_none_and_keys_that_nobody_knows() {
    let mut company = Company::of(30).await;
    let good = company.config.clone();
    let cases: [(&str, &str, &[&str]); 9] = [
        ("rest", "[sync.people.guard]\ncreate = \n", &["joinery.toml", "line"]),
        ("rest", "[target.people]\ntype = \"csv\"\n", &["joinery.toml", "line", "duplicate key"]),
        ("sync", "every = \"often\"", &["sync.people.every", "5m"]),
        ("sync", "targets = [\"hr\"]", &["sync.people.targets", "people"]),
        ("sync", "mapping = \"mine\"", &["mine"]),
        ("sync", "leed_days = 5", &["leed_days"]),
        ("sync", "only = \"p.x ==\"", &["sync.people.only"]),
        ("rest", "[[sync.people.rule]]\nname = \"a\"\nattribute = \"nothing\"\nrequired = true\n", &["nothing"]),
        ("rest", "[sync.people.guard]\ncreate = \"plenty\"\n", &["sync.people.guard.create", "10%"]),
    ];
    for (place, text, words) in cases {
        company.configure(|config| {
            *config = good.clone();
            match place {
                "sync" => {
                    let (key, value) = text.split_once(" = ").expect("a key");
                    config.sync.insert(Box::leak(key.to_owned().into_boxed_str()), value.to_owned());
                }
                _ => config.rest = text.to_owned(),
            }
        });
        refused(&company, words).await;
    }
    std::fs::write(company.config_file(), "[connection.acme\n").expect("the configuration is written");
    refused(&company, &["line 1"]).await;
    std::fs::remove_file(company.config_file()).expect("the configuration goes");
    refused(&company, &["joinery.toml", "--config"]).await;
}

#[tokio::test]
async fn a_secret_that_stands_in_the_file_or_is_not_set() {
    let mut company = Company::of(30).await;
    company.configure(|config| {
        config.connection.insert("private_key", "\"MIIEvQ\"".into());
    });
    refused(&company, &["by reference"]).await;
    company.configure(|config| {
        config.connection.insert("private_key", "{ env = \"NOT_SET_ANYWHERE\" }".into());
    });
    refused(&company, &["connection.acme.private_key", "NOT_SET_ANYWHERE", "not set"]).await;
}

#[tokio::test]
async fn a_field_that_the_tenant_does_not_have() {
    let mut company = Company::of(60).await;
    company.configure(|config| {
        config.sync.insert("mapping", "\"mine\"".into());
        config.rest = "[mapping.mine]\nemployee_id = \"personIdExternal\"\nlast_name = \"personalInfoNav.lastName\"\n\
                       shoe = \"personalInfoNav.shoeSize\"\n"
            .into();
    });
    let answer = company.joinery(&["doctor"]).await.expect(exit::FAILED);
    assert!(answer.out.contains("PerPersonal.shoeSize"), "{answer}");
    // The run goes on without it and says so; the others arrive.
    let answer = company.joinery(&["sync"]).await;
    let answer = answer.expect(exit::DONE).says(&["shoeSize"]);
    let table = company.table();
    assert!(table.len() > 40 && table.active().all(|(_, cells)| !cells["last_name"].is_empty()), "{answer}");
}

#[tokio::test]
async fn an_application_that_cannot_be_reached_gets_everything_with_the_next_run() {
    let mut company = Company::of(40).await;
    let address: SocketAddr = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address")
    };
    company.configure(|config| {
        config.targets = ScimApp::target(address);
        config.sync.insert("mapping", "\"app\"".into());
        // Nothing is looked up, so that the walk does not need the application.
        config.sync.insert("correlate", "[]".into());
        config.rest =
            "[mapping.app]\nuserName = \"personIdExternal\"\n\"name.familyName\" = \"personalInfoNav.lastName\"\n"
                .into();
    });
    let answer = company.joinery(&["--json", "sync"]).await.expect(exit::TARGET);
    let pending = answer.json()["balance"]["targets"]["people"]["pending"].as_u64().expect("a count");
    assert!(pending > 30, "{answer}");
    assert!(answer.json()["unreachable"]["people"].is_string(), "{answer}");
    let app = ScimApp::at(address).await;
    // Deliveries that failed wait a moment before they are tried again.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let next = company.joinery(&["--json", "sync"]).await.expect(exit::DONE);
    assert_eq!(app.users().len() as u64, pending, "{next}");
    let again = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(again.delivered(), 0, "{again}");
}

#[tokio::test]
async fn an_application_that_cannot_be_reached_where_accounts_are_looked_up() {
    let mut company = Company::of(40).await;
    company.configure(|config| {
        config.targets = ScimApp::target(([127, 0, 0, 1], 9).into());
        config.sync.insert("mapping", "\"app\"".into());
        config.sync.insert("correlate", "[\"userName\"]".into());
        config.rest = "[mapping.app]\nuserName = \"personIdExternal\"\n".into();
    });
    let answer = company.joinery(&["sync"]).await.expect(exit::TARGET);
    let told = format!("{}{}", answer.out, answer.err);
    assert_eq!(told.matches("cannot be reached").count(), 1, "once is enough: {answer}");
    let plan = company.joinery(&["plan"]).await.expect(exit::TARGET).says(&["could plan nothing without people"]);
    assert!(!plan.out.contains("nothing new to do"), "{plan}");
}

#[tokio::test]
async fn a_person_without_e_mail_where_a_rule_wants_one() {
    let mut company = Company::of(300).await;
    company.configure(|config| {
        config.rest = "[[sync.people.rule]]\nname = \"mail-present\"\nattribute = \"email\"\nrequired = true\n".into();
    });
    let answer = company.joinery(&["--json", "sync"]).await.expect(exit::INCOMPLETE);
    let invalid = answer.json()["balance"]["people"]["invalid"]["mail-present"].as_u64().expect("a count");
    assert!(invalid > 0, "{answer}");
    let run = answer.json()["run"].to_string();
    let shown = company.joinery(&["run", &run]).await.expect(exit::DONE).says(&["mail-present"]);
    let table = company.table();
    assert!(table.active().all(|(_, cells)| !cells["email"].is_empty()), "{shown}");

    // Somebody who has an account and loses the e-mail keeps the account as it was.
    let person = company.plain_people().swap_remove(3);
    company.change(|world| {
        let _ = world.remove_email(&person, "P");
        world.remove_email(&person, "B")
    });
    let answer =
        company.joinery(&["sync", "--delta"]).await.expect(exit::INCOMPLETE).says(&["1 invalid (mail-present)"]);
    assert_eq!(company.table().person(&person), table.person(&person), "{answer}");
    company.change(|world| world.set_email(&person, "B", "again@acme.example", true));
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    assert_eq!(company.table().person(&person)["email"], "again@acme.example");
}

#[tokio::test]
async fn two_people_with_one_e_mail_where_a_rule_wants_one_each() {
    let (mut company, people) = synced(120).await;
    company.configure(|config| {
        config.rest = "[[sync.people.rule]]\nname = \"one-mail\"\nattribute = \"email\"\nunique = true\n".into();
    });
    let table = company.table();
    let taken = table.person(&people[2])["email"].to_uppercase();
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    // Somebody known takes what another has; then a newcomer does.
    company.change(|world| world.set_email(&people[5], "B", &taken, true));
    let newcomer = company.change(|world| {
        world.hire(&Hire { email: Some(taken.clone()), ..Hire::new("Second", "Claim", world.today()) })
    });
    let answer = company.joinery(&["sync", "--delta"]).await.expect(exit::INCOMPLETE).says(&["2 invalid (one-mail)"]);
    let now = company.table();
    assert_eq!(now.changed_since(&table).len(), 0, "{answer}");
    // The first gives it up: one of the others gets it, without being touched in the tenant.
    company.change(|world| world.set_email(&people[2], "B", "free@acme.example", true));
    let next = company.joinery(&["sync", "--delta"]).await.expect(exit::INCOMPLETE);
    let again = company.joinery(&["sync", "--delta"]).await.expect(exit::INCOMPLETE);
    let now = company.table();
    let holders = now.active().filter(|(_, cells)| cells["email"].eq_ignore_ascii_case(&taken)).count();
    assert_eq!(holders, 1, "{next}\n{again}");
    assert_eq!(now.person(&people[2])["email"], "free@acme.example");
    let one = now.0.contains_key(&newcomer.person_id);
    assert!(one != now.person(&people[5])["email"].eq_ignore_ascii_case(&taken));
}

#[tokio::test]
async fn two_people_with_one_user_name() {
    // Two accounts of one name cannot be in a tenant; a mapping can make two of one.
    let people = {
        let (company, people) = synced(60).await;
        assert!(company.table().len() > 40);
        people
    };
    let name = format!("p.personIdExternal == '{}' ? '{}' : p.personIdExternal", people[5], people[2]);
    let mapping = format!(
        "[mapping.app]\nuserName = {{ cel = {name:?} }}\nexternalId = \"personIdExternal\"\n\
         \"name.familyName\" = \"personalInfoNav.lastName\"\n"
    );
    let rule = "[[sync.people.rule]]\nname = \"one-name\"\nattribute = \"userName\"\nunique = true\n";
    for (rule, code, words) in [
        (rule, exit::INCOMPLETE, ["1 invalid (one-name)", ""]),
        // Without the rule the application refuses the second, and what it was sent is not lost.
        ("", exit::INCOMPLETE, ["1 dead", "joinery replay 1"]),
    ] {
        let app = ScimApp::start().await;
        let mut company = Company::of(60).await;
        company.configure(|config| {
            config.targets = ScimApp::target(app.address()).replace("\"userName\"", "\"externalId\"");
            config.sync.insert("mapping", "\"app\"".into());
            config.sync.insert("correlate", "[]".into());
            config.rest = format!("{mapping}{rule}");
        });
        let answer = company.joinery(&["sync"]).await.expect(code).says(&words);
        let (_, account) = app.named(&people[2]);
        let whose = account["externalId"].as_str().expect("an id");
        assert!([&people[2], &people[5]].contains(&&whose.to_owned()), "{answer}");
        let others = app.users().len();
        assert!(others > 40, "{others} accounts\n{answer}");
    }
}

#[tokio::test]
async fn two_people_where_the_target_takes_only_one() {
    let company = Company::of(120).await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let people = company.plain_people();
    company.execute("CREATE UNIQUE INDEX one_mail ON people (email)");
    let taken = company.table().person(&people[1])["email"].clone();
    let before = company.table();
    company.change(|world| {
        world.set_email(&people[2], "B", &taken, true)?;
        world.relocate(&people[3], world.today(), &Move { title: Some("Other".into()), ..Move::default() })
    });
    let dead = company.joinery(&["sync"]).await.expect(exit::INCOMPLETE).says(&["joinery replay 2"]);
    assert_eq!(company.table().person(&people[3])["job_title"], "Other");
    assert_eq!(company.table().person(&people[2]), before.person(&people[2]), "{dead}");
    let shown = company.joinery(&["run", "2"]).await.expect(exit::DONE).says(&["[dead"]);
    assert!(!shown.out.lines().filter(|line| line.starts_with("[dead")).any(|line| line.contains(&taken)), "{shown}");
}

#[tokio::test]
async fn an_expression_that_explodes_or_never_ends() {
    // What nests too deep is refused when the configuration is read.
    let mut company = Company::of(30).await;
    let good = company.config.clone();
    let ten = "[1,2,3,4,5,6,7,8,9,10]";
    let nested = format!("{ten}.map(a, {ten}.map(b, {ten}.map(c, {ten}.map(d, {ten}.map(e, 'x')))))");
    let deep = format!("{}1{}", "(".repeat(3_000), ")".repeat(3_000));
    for expression in [nested, deep] {
        company.configure(|config| {
            *config = good.clone();
            config.sync.insert("mapping", "\"mine\"".into());
            config.rest = mapping(&expression);
        });
        refused(&company, &["mapping.mine.bomb"]).await;
    }
    // What grows without nesting is stopped when it runs: nobody gets a wrong value, everybody is told.
    let list = "['0123456789']".to_owned();
    let growing = (0..10).fold(list, |list, _| format!("{list}.map(x, x+x+x+x+x+x+x+x)"));
    let mut company = Company::of(60).await;
    company.configure(|config| {
        config.sync.insert("mapping", "\"mine\"".into());
        config.rest = mapping(&format!("string(size({growing}[0]))"));
    });
    let began = SystemClock.now();
    let answer = company.joinery(&["sync"]).await.expect(exit::INCOMPLETE).says(&["invalid (mapping)"]);
    let took = SystemClock.now().duration_since(began);
    assert!(took < SignedDuration::from_secs(20), "{took:?}");
    assert_eq!(company.table().len(), 0, "{answer}");
    company.joinery(&["run", "1"]).await.expect(exit::DONE).says(&["bomb"]);
}

/// A mapping with an attribute that a CEL expression gives.
fn mapping(expression: &str) -> String {
    format!("[mapping.mine]\nemployee_id = \"personIdExternal\"\nbomb = {{ cel = \"{expression}\" }}\n")
}

#[tokio::test]
async fn a_state_that_cannot_be_opened() {
    let company = Company::of(30).await;
    std::fs::write(company.path("state.db"), "this is no database, only a text of some length to read")
        .expect("a file");
    let answer = company.joinery(&["sync"]).await.expect(exit::FAILED).says(&["state.db"]);
    assert!(company.table().len() == 0, "{answer}");
}

/// Syncs where the folder `small` is a disk of that size: once, and once more after it has grown. What is on the disk
/// then is copied to the folder `kept`. The disk lives in a name space of its own and goes with it.
async fn on_a_small_disk(company: &Company, size: &str) -> [Answer; 2] {
    const SCRIPT: &str = r#"
        set -e
        mkdir small kept
        mount -t tmpfs -o "size=$1,mode=0700" tmpfs small
        set +e
        timeout 60 "$2" --config joinery.toml --json sync > 1.out 2> 1.err
        echo $? > 1.code
        mount -o remount,size=64m small
        sleep 1.5
        timeout 60 "$2" --config joinery.toml --json sync > 2.out 2> 2.err
        echo $? > 2.code
        cp -r small/. kept/
    "#;
    let mut command = tokio::process::Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh", size, env!("CARGO_BIN_EXE_joinery")]);
    let output = command.current_dir(company.path(".")).kill_on_drop(true).output();
    let output = within(150, "two syncs on a small disk", output).await.expect("unshare runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "no disk of our own (are user name spaces allowed?): {said}");
    ["1", "2"].map(|number| {
        let read = |part: &str| std::fs::read(company.path(&format!("{number}.{part}"))).expect("what was said");
        let code: i32 = String::from_utf8_lossy(&read("code")).trim().parse().expect("an exit code");
        let status = std::os::unix::process::ExitStatusExt::from_raw(code << 8);
        Answer::new(&["--json", "sync"], status, &read("out"), &read("err"))
    })
}

#[tokio::test]
async fn a_disk_that_is_full_under_the_target_loses_nobody() {
    let (good, mut company) = (Company::of(700).await, Company::of(700).await);
    good.joinery(&["sync"]).await.expect(exit::DONE);
    company.configure(|config| config.targets = config.targets.replace("people.db", "small/people.db"));
    let [first, second] = on_a_small_disk(&company, "96k").await;
    let first = first.expect(exit::TARGET);
    let target = &first.json()["balance"]["targets"]["people"];
    let count = |name: &str| target[name].as_u64().expect("a count");
    assert!(count("pending") > 0, "{first}");
    assert_eq!(count("delivered") + count("pending"), count("concerned"), "{first}");
    let why = first.json()["unreachable"]["people"].as_str().unwrap_or_default().to_owned();
    assert!(why.contains("disk is full") && why.contains("make room"), "{first}");
    let second = second.expect(exit::DONE);
    assert_eq!(Table::read(&company.path("kept/people.db")), good.table(), "{second}");
}

#[tokio::test]
async fn a_disk_that_is_full_under_the_state_stops_the_run_and_the_next_one_goes_on() {
    let (good, mut company) = (Company::of(700).await, Company::of(700).await);
    good.joinery(&["sync"]).await.expect(exit::DONE);
    company.configure(|config| config.store = "small/state.db".into());
    let [first, second] = on_a_small_disk(&company, "400k").await;
    let message = first.expect(exit::FAILED).json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("small/state.db") && message.contains("free space"), "{message}");
    let second = second.expect(exit::DONE);
    assert_eq!(company.table(), good.table(), "{second}");
    // The state is whole: it knows everybody.
    company.configure(|config| config.store = "kept/state.db".into());
    let again = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(again.delivered(), 0, "{again}");
}
