//! A tenant on bad days: what passes is waited for, a lost place begins again, and nobody is lost or doubled.

use joinery_model::RunKind;
use joinery_simulator::{Fault, FaultKind, When};

use crate::company::{Answer, Company, exit};

const PEOPLE: u32 = 400;

/// A company whose walk has a dozen pages.
async fn company() -> Company {
    let mut company = Company::of(PEOPLE).await;
    company.configure(|config| {
        config.connection.insert("page_size", "40".into());
    });
    company
}

/// What a run on a good day leaves.
async fn good_day() -> crate::company::Table {
    let company = company().await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    company.table()
}

fn books(answer: &Answer) -> serde_json::Value {
    answer.json()["balance"].clone()
}

#[tokio::test]
async fn each_fault_in_mid_walk_passes_and_the_result_is_that_of_a_good_day() {
    let expected = good_day().await;
    for kind in [
        FaultKind::TooManyRequests { retry_after: 300 },
        FaultKind::Maintenance,
        FaultKind::GatewayTimeout,
        FaultKind::MetadataBusy,
        FaultKind::Drop,
        FaultKind::DropAfter { bytes: 2_000 },
        FaultKind::TokenExpired,
    ] {
        let company = company().await;
        company.tenant.arm(Fault::next(kind, 1).when(When::Nth(4)).at("/PerPerson"));
        // In this process, where the minutes that SAP asks to wait take no time.
        let report = company.run(RunKind::Full).await;
        assert!(company.tenant.faults().is_empty(), "{kind:?} met nothing");
        assert_eq!(company.table(), expected, "{kind:?}");
        let people = report.balance.expect("a balance").people;
        assert_eq!((people.rows, people.duplicates), (PEOPLE.into(), 0), "{kind:?}");
    }
}

#[tokio::test]
async fn a_place_lost_in_mid_walk_begins_the_walk_again_without_doubles() {
    let expected = good_day().await;
    for nth in [1, 3, 8] {
        let company = company().await;
        company.tenant.arm(Fault::next(FaultKind::SkipTokenExpired, 1).when(When::Nth(nth)).at("/PerPerson"));
        company.tenant.mark();
        let answer = company.joinery(&["--json", "sync"]).await.expect(exit::DONE);
        assert!(company.tenant.faults().is_empty(), "no place was lost");
        let pages = company.tenant.requests_since_mark().by_resource["GET PerPerson"].requests;
        assert!(pages > 10 + nth, "{pages} pages: the walk did not begin again");
        assert_eq!(company.table(), expected, "lost at page {nth}");
        // Whoever was seen twice counts once: rows = people + duplicates.
        let people = &books(&answer)["people"];
        let count = |name: &str| people[name].as_u64().expect("a count");
        assert_eq!(count("read"), u64::from(PEOPLE), "{answer}");
        assert_eq!(count("rows"), count("read") + count("duplicates"), "{answer}");
    }
}

#[tokio::test]
async fn a_place_that_is_lost_every_time_ends_the_run_with_words_and_the_next_one_works() {
    let company = company().await;
    company.tenant.arm(Fault::next(FaultKind::SkipTokenExpired, 1).when(When::Always).at("/PerPerson"));
    let answer = company.joinery(&["sync"]).await.expect(exit::SOURCE).says(&["lost its place", "next run"]);
    assert_eq!(company.table().len(), 0, "{answer}");
    company.tenant.clear_faults();
    company.joinery(&["sync"]).await.expect(exit::DONE);
    assert_eq!(company.table(), good_day().await);
}

#[tokio::test]
async fn a_failure_that_does_not_pass_ends_the_run_with_words_and_the_next_one_works() {
    let company = company().await;
    company.tenant.arm(Fault::next(FaultKind::ServerFailure, 1).when(When::Always).at("/PerPerson"));
    let answer = company.joinery(&["sync"]).await.expect(exit::SOURCE).says(&["reading people failed"]);
    assert_eq!(company.table().len(), 0, "{answer}");
    company.tenant.clear_faults();
    company.joinery(&["sync"]).await.expect(exit::DONE);
    assert_eq!(company.table(), good_day().await);
}

#[tokio::test]
async fn everything_at_once_on_a_delta_run_still_arrives() {
    let company = company().await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let people = company.plain_people();
    company.change(|world| {
        people.iter().take(60).try_for_each(|id| world.rename_person(id, "Renée", "d'Arc", world.today()))
    });
    company.tenant.arm(Fault::next(FaultKind::TooManyRequests { retry_after: 1 }, 1).when(When::Nth(3)));
    company.tenant.arm(Fault::next(FaultKind::Drop, 1).when(When::Nth(5)));
    company.tenant.arm(Fault::next(FaultKind::TokenExpired, 1).when(When::Nth(6)));
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    assert!(company.tenant.faults().is_empty(), "{:?}", company.tenant.faults());
    let table = company.table();
    assert!(people.iter().take(60).all(|id| table.person(id)["last_name"] == "d'Arc"));
    let full = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(full.delivered(), 0, "{full}");
}
