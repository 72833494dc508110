//! A company whose tenant is asked over OData v4, at the root that the simulated one has for it.

use crate::company::{Company, exit};

#[tokio::test]
async fn everybody_arrives_over_v4_as_over_v2() {
    let (two, mut four) = (Company::of(120).await, Company::of(120).await);
    four.configure(|config| {
        config.connection.insert("api_version", "\"v4\"".to_owned());
    });
    two.joinery(&["sync"]).await.expect(exit::DONE);
    for kind in ["--full", "--delta"] {
        four.joinery(&["sync", kind]).await.expect(exit::DONE);
        assert_eq!(four.table(), two.table(), "{kind}");
    }
    let resources = four.tenant.requests().by_resource;
    assert!(resources.keys().any(|name| name.contains("Simulated.svc")), "{:?}", resources.keys());
    assert!(four.path("state.db.metadata").read_dir().expect("a shelf").next().is_some(), "metadata is kept");
}

#[tokio::test]
async fn the_doctor_looks_over_v4() {
    let mut company = Company::of(120).await;
    company.configure(|config| {
        config.connection.insert("api_version", "\"v4\"".to_owned());
    });
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let answer = company.joinery(&["doctor"]).await.says(&["PerPerson", "EmpJob"]);
    assert!(!answer.out.contains("api_version"), "{answer}");
}
