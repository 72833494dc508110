//! The server's wall clock, both ways: against a simulated tenant whose clock is elsewhere, and against a scripted one
//! that takes time stamps.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::Uri;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use joinery_model::{
    Ask, Case, EmploymentPolicy, Filter, FindingKind, FixedClock, Needs, Op, Root, Scope, Source as _, Value,
};
use joinery_simulator::world::Seed;
use joinery_simulator::{Running, Settings as Simulated, Simulator, TimeSource};
use joinery_tenant::groups::{GroupOptions, Groups, Which};
use joinery_tenant::{
    Host, PlainHttp, ReadSettings, Reader, Search, Settings, Transport, UserChange, Users, WriteSettings, fixed_zone,
};
use serde_json::Value as Json;

const NOW: &str = "2026-11-21T12:00:00Z";

async fn tenant(zone: TimeZone) -> Running {
    let now: Timestamp = NOW.parse().unwrap();
    let mut settings = Simulated::new("ACME", Seed::new(7, 200, now), TimeSource::fixed(now));
    settings.seed.server_zone = zone;
    settings.basic_password = Some("secret".into());
    Simulator::start(settings).await.unwrap()
}

fn transport(base_url: &str) -> Transport {
    #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let host = Host::parse(base_url, PlainHttp::LoopbackOnly).unwrap();
    let settings = Settings::basic("acme", host, "ACME", "API_USER", "secret".into());
    Transport::new(client, settings, FixedClock::at(NOW.parse().unwrap()), 1)
}

fn users(base_url: &str, offset: &str) -> Users {
    Users::new(transport(base_url), WriteSettings::default(), fixed_zone(offset).unwrap())
}

fn instant(value: Option<&Value>) -> Option<Timestamp> {
    match value {
        Some(Value::Instant(instant)) => Some(*instant),
        _ => None,
    }
}

#[tokio::test]
async fn stamps_are_read_as_the_instants_that_they_were() {
    for (hours, text) in [(5, "+05:00"), (-3, "-03:00")] {
        let running = tenant(TimeZone::fixed(offset(hours))).await;
        let search = Search::everybody(["lastModified", "lastModifiedDateTime", "hireDate"]);
        let here = users(running.base_url(), text).all(&search).await.unwrap();
        let there = users(running.base_url(), "+00:00").all(&search).await.unwrap();
        let mut met = 0;
        for (here, there) in here.iter().zip(&there) {
            assert_eq!(here.data.get("hireDate"), there.data.get("hireDate"), "a calendar date is never shifted");
            let Some(exact) = instant(here.data.get("lastModifiedDateTime")) else { continue };
            assert_eq!(instant(there.data.get("lastModifiedDateTime")), Some(exact), "UTC wherever the server is");
            assert_eq!(instant(here.data.get("lastModified")), Some(exact), "{text}");
            let shifted = exact + SignedDuration::from_hours(hours.into());
            assert_eq!(
                instant(there.data.get("lastModified")),
                Some(shifted),
                "what it looks like without the setting"
            );
            met += 1;
        }
        assert!(met > 150, "{met}");
    }
}

#[tokio::test]
async fn literals_are_sent_as_the_servers_clock_shows_them() {
    for (hours, text) in [(5, "+05:00"), (-3, "-03:00")] {
        let running = tenant(TimeZone::fixed(offset(hours))).await;
        let users = users(running.base_url(), text);
        let all = users.all(&Search::everybody(["lastModifiedDateTime"])).await.unwrap();
        let mut stamps: Vec<Timestamp> =
            all.iter().filter_map(|one| instant(one.data.get("lastModifiedDateTime"))).collect();
        stamps.sort_unstable();
        let middle = stamps[stamps.len() / 2];
        for (op, wanted) in [
            (Op::Ge, stamps.iter().filter(|at| **at >= middle).count()),
            (Op::Lt, stamps.iter().filter(|at| **at < middle).count()),
            (Op::Eq, stamps.iter().filter(|at| **at == middle).count()),
        ] {
            let path = "lastModified".parse().unwrap();
            let filter = Filter::Compare { path, op, value: Value::Instant(middle), case: Case::Exact };
            running.mark();
            let found = users.all(&Search::everybody(["userId"]).filter(filter)).await.unwrap();
            assert_eq!(found.len(), wanted, "{text} {op:?}");
            // The tenant gave these and no others: it was asked by its own clock.
            let rows = running.requests_since_mark().by_resource["GET User"].rows;
            assert_eq!(rows, wanted as u64, "{text} {op:?}");
        }
    }
}

#[tokio::test]
async fn a_groups_stamp_is_one_of_that_clock() {
    let running = tenant(TimeZone::fixed(offset(5))).await;
    let groups = Groups::new(transport(running.base_url()), GroupOptions::default());
    let all = groups.list(&Which::default()).await.unwrap();
    let group = all.iter().find(|group| group.modified.is_some()).expect("a group with a stamp");
    let (here, there) = (group.modified_at(&fixed_zone("+05:00").unwrap()), group.modified_at(&TimeZone::UTC));
    assert_eq!(there.unwrap().duration_since(here.unwrap()), SignedDuration::from_hours(5));
}

#[tokio::test]
async fn the_doctor_compares_both_kinds_of_stamp() {
    let running = tenant(TimeZone::fixed(offset(-3))).await;
    let told = async |zone: TimeZone, path: &str| {
        let settings = ReadSettings { server_zone: zone, ..ReadSettings::default() };
        let ask = Ask {
            root: Root::Users,
            needs: Needs { paths: [path.parse().unwrap()].into() },
            scope: Scope::Full,
            as_of: NOW.parse().unwrap(),
            policy: Arc::new(EmploymentPolicy::default()),
            filter: Filter::All,
        };
        let found = Reader::new(transport(running.base_url()), settings).test(&ask).await;
        found.into_iter().find(|one| one.subject == "server_zone").map(|one| (one.kind, one.message))
    };
    let (kind, message) = told(TimeZone::UTC, "lastModified").await.unwrap();
    assert!(kind == FindingKind::Warning && message.contains("datetime_offset = \"-03:00\""), "{message}");
    assert_eq!(told(fixed_zone("-03:00").unwrap(), "lastModified").await.unwrap().0, FindingKind::Good);
    assert_eq!(told(fixed_zone("+01:00").unwrap(), "userId").await.unwrap().0, FindingKind::Warning);
    assert_eq!(told(TimeZone::UTC, "userId").await, None, "nobody reads such a stamp");
}

/// A tenant with a time stamp that may be written (none of SuccessFactors' own may), and what it was sent.
async fn scripted() -> (Arc<Mutex<Vec<Json>>>, String) {
    const METADATA: &str = r#"<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"
        xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns:sap="http://www.successfactors.com/edm/sap">
        <edmx:DataServices m:DataServiceVersion="2.0">
        <Schema Namespace="SFODataSet" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">
        <EntityContainer Name="EntityContainer" m:IsDefaultEntityContainer="true">
        <EntitySet Name="User" EntityType="SFOData.User" sap:upsertable="true"/></EntityContainer></Schema>
        <Schema Namespace="SFOData" xmlns="http://schemas.microsoft.com/ado/2008/09/edm"><EntityType Name="User">
        <Key><PropertyRef Name="userId"/></Key>
        <Property Name="userId" Type="Edm.String" Nullable="false" sap:upsertable="true"/>
        <Property Name="status" Type="Edm.String" Nullable="false" sap:upsertable="true"/>
        <Property Name="custSeen" Type="Edm.DateTime" Nullable="true" sap:upsertable="true"/>
        <Property Name="custDay" Type="Edm.DateTime" Nullable="true" sap:upsertable="true" sap:display-format="Date"/>
        <Property Name="custExact" Type="Edm.DateTimeOffset" Nullable="true" sap:upsertable="true"/>
        </EntityType></Schema></edmx:DataServices></edmx:Edmx>"#;
    let sent: Arc<Mutex<Vec<Json>>> = Arc::default();
    let keep = sent.clone();
    let answer = move |uri: Uri, body: Bytes| {
        let keep = keep.clone();
        async move {
            if uri.path().ends_with("$metadata") {
                return METADATA.to_owned();
            }
            let rows: Vec<Json> = serde_json::from_slice(&body).unwrap();
            keep.lock().unwrap().extend(rows);
            r#"{"d":[{"key":"x","status":"OK","editStatus":"UPDATED","message":null,"index":0,"httpCode":204}]}"#
                .to_owned()
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    (sent, url)
}

#[tokio::test]
async fn stamps_are_written_as_the_servers_clock_shows_them_and_nothing_else_is_shifted() {
    let at: Timestamp = "2026-11-21T20:00:00Z".parse().unwrap();
    let ms = at.as_millisecond();
    let day = Value::Date("2026-11-21".parse().unwrap());
    for (text, hours) in [("+05:00", 5), ("-03:00", -3)] {
        let (sent, url) = scripted().await;
        let change = UserChange::default()
            .put("custSeen", Value::Instant(at))
            .put("custExact", Value::Instant(at))
            .put("custDay", day.clone());
        assert!(users(&url, text).update("x", &change, false).await.unwrap().is_written());
        let row = sent.lock().unwrap().pop().unwrap();
        assert_eq!(row["custSeen"], format!("/Date({})/", ms + hours * 3_600_000), "{text}");
        assert_eq!(row["custExact"], format!("/Date({ms}+0000)/"));
        assert_eq!(row["custDay"], format!("/Date({})/", ms - 20 * 3_600_000));
    }
}
