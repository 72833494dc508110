//! The first run, and a second one that finds nothing to do.

use crate::company::{Company, exit};

#[tokio::test]
async fn everybody_arrives_once_and_a_second_full_run_writes_nothing() {
    let company = Company::of(300).await;
    let first = company.joinery(&["sync", "--full"]).await;
    println!("{first}");
    let first = first.expect(exit::DONE);
    let table = company.table();
    assert!(table.len() > 200, "{first}");
}
