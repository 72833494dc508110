//! Walks: three ways to keep a place, and what happens when people come and go meanwhile.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use joinery_simulator::world::Hire;
use serde_json::Value as Json;

use crate::support::{asker, settings, tenant};

fn ids(rows: &[Json]) -> Vec<String> {
    rows.iter().map(|row| row["personIdExternal"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_page_holds_a_thousand_and_no_more() {
    let asker = tenant(1500).await;
    let first = asker.data("PerPerson?$select=personIdExternal").await;
    assert_eq!(first["results"].as_array().unwrap().len(), 1000);
    let next = first["__next"].as_str().unwrap();
    assert!(next.ends_with("$skiptoken=eyJzdGFydFJvdyI6MTAwMCwiZW5kUm93IjoyMDAwfQ=="), "{next}");
    assert_eq!(asker.data("PerPerson?customPageSize=5000").await["results"].as_array().unwrap().len(), 1000);
    let (rows, pages) = asker.walk("PerPerson?$select=personIdExternal").await;
    assert_eq!((rows.len(), pages), (1500, 2));
}

#[tokio::test]
async fn every_regime_finds_everybody_once() {
    let asker = tenant(103).await;
    let everybody: BTreeSet<String> = ids(&asker.walk("PerPerson").await.0).into_iter().collect();
    assert_eq!(everybody.len(), 103);
    for options in ["", "&paging=snapshot", "&paging=cursor", "&$orderby=personIdExternal", "&$inlinecount=allpages"] {
        let path = format!("PerPerson?$select=personIdExternal&customPageSize=10{options}");
        let (rows, pages) = asker.walk(&path).await;
        assert_eq!((rows.len(), pages), (103, 11), "{options}");
        assert_eq!(ids(&rows).into_iter().collect::<BTreeSet<_>>(), everybody, "{options}");
    }
    let (rows, pages) = asker.walk("PerPerson?$skip=5&$top=25&customPageSize=10").await;
    assert_eq!((rows.len(), pages), (25, 3));
    assert_eq!(asker.rows("PerPerson?$skip=100").await.len(), 3);
    assert!(asker.data("PerPerson?$top=103").await["__next"].is_null());
    assert_eq!(asker.rows("PerPerson?$top=0").await.len(), 0);
}

#[tokio::test]
async fn a_snapshot_does_not_move_when_people_come_and_go() {
    let asker = tenant(60).await;
    let path = "PerPerson?$select=personIdExternal&customPageSize=20";
    let before = ids(&asker.walk(path).await.0);
    for snapshot in [true, false] {
        let asker = tenant(60).await;
        let path = if snapshot { format!("{path}&paging=snapshot") } else { path.to_owned() };
        let first = asker.data(&path).await;
        asker.running.change(|world| world.purge(&before[0])).unwrap();
        asker.running.change(|world| world.hire(&Hire::new("New", "Person", world.today()))).unwrap();
        let rest = ids(&asker.walk(first["__next"].as_str().unwrap()).await.0);
        if snapshot {
            assert_eq!(rest, before[20..], "nobody lost, nobody new");
        } else {
            assert_eq!(rest[0], before[21], "an offset loses one when somebody before it goes");
        }
    }
    // Whoever is gone when their page comes drops out.
    let first = asker.data(&format!("{path}&paging=snapshot")).await;
    asker.running.change(|world| world.purge(&before[30])).unwrap();
    let rest = ids(&asker.walk(first["__next"].as_str().unwrap()).await.0);
    assert_eq!(rest.len(), 39);
}

#[tokio::test]
async fn a_place_that_is_lost_is_an_error() {
    let asker = tenant(60).await;
    let path = "PerPerson?$select=personIdExternal&customPageSize=20&paging=snapshot";
    let next = asker.data(path).await["__next"].as_str().unwrap().to_owned();
    asker.running.advance(SignedDuration::from_mins(14));
    assert_eq!(asker.rows(&next).await.len(), 20, "used in time");
    asker.running.advance(SignedDuration::from_mins(15));
    assert_eq!(asker.error(&next).await.0, 400);
    let next = asker.data(path).await["__next"].as_str().unwrap().to_owned();
    asker.running.expire_snapshots();
    assert_eq!(asker.error(&next).await.0, 400);
    assert_eq!(asker.error("PerPerson?$skiptoken=nonsense").await.0, 400);
    assert_eq!(asker.error("FODepartment?paging=snapshot").await.0, 400, "not for sets of the metadata framework");
    assert!(!asker.walk("FODepartment?paging=cursor&customPageSize=2").await.0.is_empty());
}

#[tokio::test]
async fn addresses_carry_the_base_that_is_configured() {
    let mut settings = settings(60);
    settings.public_url = Some("https://apihost.example.com:443".to_owned());
    let asker = asker(settings).await;
    let page = asker.data("PerPerson?customPageSize=20&$select=personIdExternal").await;
    let base = "https://apihost.example.com:443/odata/v2/PerPerson";
    assert!(page["__next"].as_str().unwrap().starts_with(&format!("{base}?customPageSize=20&$select=")));
    assert!(page["results"][0]["__metadata"]["uri"].as_str().unwrap().starts_with(&format!("{base}('")));
}
