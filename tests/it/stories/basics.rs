//! The first run, and further ones.

use joinery_model::RunKind;

use crate::company::{Company, exit};

#[tokio::test]
async fn everybody_arrives_once_and_a_second_full_run_writes_nothing() {
    let company = Company::of(300).await;
    let first = company.joinery(&["sync"]).await.expect(exit::DONE).says(&["people    300 came", "is complete"]);
    let table = company.table();
    assert!(table.len() > 250, "{first}");
    for (id, cells) in table.active() {
        for column in ["user_id", "user_name", "first_name", "last_name", "department", "job_title", "hire_date"] {
            assert!(!cells[column].is_empty(), "{column} of {id} is empty");
        }
        if !cells["manager"].is_empty() {
            assert!(table.0.contains_key(&cells["manager"]), "the manager of {id} has no account");
        }
    }
    let led = table.active().filter(|(_, cells)| !cells["manager"].is_empty()).count();
    assert!(led * 10 > table.len() * 9, "{led} of {} have a manager", table.len());

    for kind in ["--full", "--delta"] {
        let again = company.joinery(&["--json", "sync", kind]).await.expect(exit::DONE);
        assert_eq!(again.delivered(), 0, "{again}");
        assert_eq!(company.table(), table);
    }
}

#[tokio::test]
async fn an_engine_in_this_process_does_what_the_binary_does() {
    let (one, other) = (Company::of(120).await, Company::of(120).await);
    one.joinery(&["sync"]).await.expect(exit::DONE);
    let report = other.run(RunKind::Full).await;
    assert!(report.balance.expect("a balance").check().is_empty());
    assert_eq!(one.table(), other.table());
}
