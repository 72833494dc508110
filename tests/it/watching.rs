//! `joinery sync --watch`: what changes arrives, and a stop is a matter of seconds, whatever is under way.

use std::process::ExitStatus;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use joinery::SystemClock;
use joinery_model::Clock;
use joinery_simulator::Fault;
use joinery_simulator::FaultKind::Slow;
use joinery_simulator::When::Always;
use joinery_simulator::world::Hire;
use tokio::io::AsyncReadExt as _;
use tokio::process::Child;

use crate::company::{Answer, Company, done_by, exit, within};
use crate::servers::kill;

/// Waits until something is so, and says how long that took.
async fn until(what: &str, is: impl Fn() -> bool) -> SignedDuration {
    let began = SystemClock.now();
    while !is() {
        assert!(since(began) < SignedDuration::from_mins(1), "{what}: not within a minute");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    since(began)
}

fn since(began: Timestamp) -> SignedDuration {
    SystemClock.now().duration_since(began)
}

/// Sends a signal and waits for the end: how it ended, what was said, and how long it took.
async fn stopped(mut child: Child, signal: &str, most: Duration) -> (ExitStatus, String) {
    let id = child.id().expect("it lives").to_string();
    let began = SystemClock.now();
    kill(signal, &id);
    let status = tokio::time::timeout(most, child.wait()).await;
    let status = status.unwrap_or_else(|_| panic!("{signal}: still there after {most:?}")).expect("it is waited for");
    let mut said = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut said).await.expect("text");
    println!("{signal}: ended after {:?}", since(began));
    (status, said)
}

fn watch(company: &Company) -> Child {
    company.command(&["sync", "--watch"]).spawn().expect("the binary starts")
}

fn every_second(company: &mut Company) {
    company.configure(|config| {
        config.sync.insert("every", "\"1s\"".into());
    });
}

/// The next run finds a journal that nobody holds and has nothing left to do, or does what was left.
async fn goes_on(company: &Company) -> Answer {
    company.joinery(&["--json", "sync"]).await.expect(exit::DONE)
}

#[tokio::test]
async fn a_change_arrives_without_being_asked_for_and_sigterm_ends_the_watch() {
    let mut company = Company::of(60).await;
    every_second(&mut company);
    let child = watch(&company);
    until("the first run", || company.table().len() > 40).await;
    let today = company.today();
    let hired = company.change(|world| world.hire(&Hire::new("Grace", "Hopper", today)));
    let arrived = until("the hire", || company.table().0.contains_key(&hired.person_id)).await;
    company.change(|world| world.rename_person(&hired.person_id, "", "Murray", today));
    let changed = until("the new name", || company.table().person(&hired.person_id)["last_name"] == "Murray").await;
    println!("a hire arrived after {arrived:?}, a new name after {changed:?}");
    let (status, said) = stopped(child, "TERM", Duration::from_secs(5)).await;
    assert_eq!(status.code(), Some(exit::STOPPED), "{said}");
    assert!(said.contains("stopping"), "{said}");
    let next = goes_on(&company).await;
    assert_eq!(next.delivered(), 0, "{next}");
}

#[tokio::test]
async fn ctrl_c_in_the_middle_of_a_walk_is_a_pause() {
    let mut company = Company::of(900).await;
    every_second(&mut company);
    company.configure(|config| {
        config.connection.insert("page_size", "30".into());
    });
    // Pages come slowly enough for the signal to meet one, and one does not come at all.
    company.tenant.mark();
    let slow = |millis| Fault { kind: Slow { millis }, when: Always, path: "/PerPerson".into() };
    company.tenant.arm(slow(100));
    let child = watch(&company);
    until("some pages", || company.tenant.requests_since_mark().total.requests > 8).await;
    company.tenant.arm(slow(60_000));
    let (status, said) = stopped(child, "INT", Duration::from_secs(5)).await;
    assert_eq!(status.code(), Some(exit::STOPPED), "{said}");
    assert_eq!(company.table().len(), 0, "nothing is delivered from an unfinished walk");
    company.tenant.clear_faults();
    goes_on(&company).await;
    let whole = company.table().len();
    assert!(whole > 700, "{whole}");
}

#[tokio::test]
async fn a_watch_whose_log_nobody_reads_any_more_still_hears_a_signal() {
    let mut company = Company::of(60).await;
    every_second(&mut company);
    let mut child = watch(&company);
    drop(child.stderr.take());
    until("the first run", || company.table().len() > 40).await;
    kill("TERM", &child.id().expect("it lives").to_string());
    let status = within(20, "the end", child.wait()).await.expect("it is waited for");
    assert_eq!(status.code(), Some(exit::STOPPED));
}

#[tokio::test]
async fn a_target_that_never_answers_does_not_outlast_a_stop() {
    // It takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = silent.local_addr().expect("an address");
    let mut company = Company::of(30).await;
    company.configure(|config| {
        config.targets = format!("[target.app]\ntype = \"scim\"\nurl = \"http://{address}/v2\"\n");
        config.sync.insert("targets", "[\"app\"]".into());
        config.sync.insert("mapping", "\"app\"".into());
        config.sync.remove("correlate");
        config.rest = "[mapping.app]\nuserName = \"personIdExternal\"\n".into();
    });
    let mut child = watch(&company);
    let asking = async {
        let (mut connection, _) = silent.accept().await.expect("a connection");
        connection.read_exact(&mut [0; 16]).await.expect("a request");
        connection
    };
    let _open = done_by(&mut child, "a request", asking).await;
    let (status, said) = stopped(child, "TERM", Duration::from_secs(15)).await;
    assert_eq!(status.code(), Some(exit::STOPPED), "{said}");
}
