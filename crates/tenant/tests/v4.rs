//! OData v4 against the simulated tenant's v4 root: the same people as over v2; and against a root where nothing is, as at
//! a tenant of SuccessFactors.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use joinery_model::{
    Ask, Case, EmploymentPolicy, Filter, FindingKind, FixedClock, Key, Needs, Op, Root, Row, Scope, Seen, Source as _,
    Value, Watermark,
};
use joinery_simulator::world::Seed;
use joinery_simulator::{Running, Settings as Simulated, Simulator, TimeSource};
use joinery_tenant::groups::{GroupOptions, Groups, Which};
use joinery_tenant::{
    Api, Host, PersonChange, Persons, PlainHttp, ReadSettings, Reader, RowOutcome, Search, Settings, Shelf, Transport,
    UserChange, UserEntity, Users, WhyRefused, WriteRow, WriteSettings, Writer, write_rights,
};

const NOW: &str = "2026-11-21T12:00:00Z";
const ROOT: &str = "odatav4/joinery/Simulated.svc/v1";

async fn tenant() -> Running {
    let now: Timestamp = NOW.parse().unwrap();
    let mut settings = Simulated::new("ACME", Seed::new(7, 150, now), TimeSource::fixed(now));
    settings.basic_password = Some("secret".into());
    Simulator::start(settings).await.unwrap()
}

/// A shelf in memory.
#[derive(Clone, Default)]
struct Board(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl Shelf for Board {
    fn take(&self, name: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(name).cloned()
    }
    fn keep(&self, name: &str, bytes: &[u8]) {
        self.0.lock().unwrap().insert(name.to_owned(), bytes.to_vec());
    }
}

/// As `joinery` has it: with a shelf.
fn transport(running: &Running, api: Api) -> Transport {
    without_shelf(running, api).keeping(Board::default(), SignedDuration::from_hours(24))
}

fn without_shelf(running: &Running, api: Api) -> Transport {
    #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let host = Host::parse(running.base_url(), PlainHttp::LoopbackOnly).unwrap();
    let settings = Settings { api, ..Settings::basic("acme", host, "ACME", "API_USER", "secret".into()) };
    Transport::new(client, settings, FixedClock::at(running.now()), 1)
}

fn v4() -> Api {
    Api::V4(ROOT.to_owned())
}

fn reader(running: &Running, api: Api) -> Reader {
    let settings = ReadSettings { page_size: 40, lead_days: 30, ..ReadSettings::default() };
    Reader::new(transport(running, api), settings)
}

fn users(running: &Running, api: Api) -> Users {
    Users::new(transport(running, api), WriteSettings::default(), TimeZone::UTC)
}

fn ask(running: &Running, root: Root, scope: Scope, paths: &[&str]) -> Ask {
    Ask {
        root,
        needs: Needs { paths: paths.iter().map(|path| path.parse().unwrap()).collect() },
        scope,
        as_of: running.now(),
        policy: Arc::new(EmploymentPolicy::default()),
        filter: Filter::All,
    }
}

async fn walk(reader: &Reader, ask: &Ask) -> (BTreeMap<Key, Row>, usize) {
    let (mut rows, mut pages, mut next) = (BTreeMap::new(), 0, None);
    loop {
        let page = reader.page(ask, next.as_ref()).await.unwrap();
        pages += 1;
        for seen in page.seen {
            match seen {
                Seen::Row(row) => drop(rows.insert(row.key.clone(), row)),
                Seen::Unreadable(key, why) => panic!("{key:?} {why}"),
                _ => {}
            }
        }
        next = page.next;
        if next.is_none() {
            return (rows, pages);
        }
    }
}

const PERSONS: [&str; 12] = [
    "personIdExternal",
    "dateOfBirth",
    "personalInfoNav.lastName",
    "emailNav.emailAddress",
    "phoneNav",
    "employmentNav.startDate",
    "employmentNav.userNav.username",
    "employmentNav.jobInfoNav.departmentNav.name",
    "employmentNav.jobInfoNav.employeeClassNav.externalCode",
    "employmentNav.jobInfoNav.fte",
    "employmentNav.jobInfoNav.seqNumber",
    "employmentNav.jobInfoNav.managerUserNav.lastName",
];

#[tokio::test]
async fn persons_are_the_same_over_both_versions() {
    let running = tenant().await;
    let asked = ask(&running, Root::Persons, Scope::Full, &PERSONS);
    let (two, _) = walk(&reader(&running, Api::V2), &asked).await;
    running.mark();
    let (four, pages) = walk(&reader(&running, v4()), &asked).await;
    assert!(two.len() > 120 && pages > 2, "{} {pages}", two.len());
    assert_eq!(four.len(), two.len());
    for (key, row) in &two {
        assert_eq!(&four[key], row, "{key}");
        assert!(four[key].data == row.data, "{key}");
    }
    let asked = running.requests_since_mark();
    assert!(asked.by_resource.keys().all(|name| !name.contains("batch")), "{:?}", asked.by_resource.keys());
}

#[tokio::test]
async fn metadata_is_kept_for_the_next_process_and_a_shelf_is_no_must() {
    let running = tenant().await;
    let asked = ask(&running, Root::Persons, Scope::Full, &PERSONS);
    let settings = || ReadSettings { page_size: 40, lead_days: 30, ..ReadSettings::default() };
    let (bare, _) = walk(&Reader::new(without_shelf(&running, v4()), settings()), &asked).await;
    let board = Board::default();
    for (process, asks) in [("the first", true), ("the next", false)] {
        let transport = without_shelf(&running, v4()).keeping(board.clone(), SignedDuration::from_hours(24));
        running.mark();
        let (rows, _) = walk(&Reader::new(transport, settings()), &asked).await;
        assert_eq!(rows.len(), bare.len(), "{process}");
        let resources = running.requests_since_mark().by_resource;
        assert_eq!(resources.keys().any(|name| name.contains("$metadata")), asks, "{process}: {resources:?}");
    }
}

#[tokio::test]
async fn a_days_changes_are_the_same_over_both_versions() {
    let running = tenant().await;
    let since = Watermark(running.now());
    running.advance(SignedDuration::from_hours(24));
    running.change(|world| {
        world.hire(&joinery_simulator::world::Hire::new("Ada", "Byron", world.today())).unwrap();
    });
    let asked = ask(&running, Root::Persons, Scope::Since(since), &PERSONS);
    let (two, _) = walk(&reader(&running, Api::V2), &asked).await;
    let (four, _) = walk(&reader(&running, v4()), &asked).await;
    assert!(!two.is_empty());
    assert_eq!(two.keys().collect::<Vec<_>>(), four.keys().collect::<Vec<_>>());
}

#[tokio::test]
async fn users_are_found_paged_and_got() {
    let running = tenant().await;
    let paths = ["username", "hireDate", "lastModifiedDateTime", "manager.userId", "totalTeamSize"];
    let mut search = Search::everybody(paths);
    search.page_size = 30;
    let two = users(&running, Api::V2).all(&search).await.unwrap();
    let four = users(&running, v4()).all(&search).await.unwrap();
    assert!(four.len() > 150 && two.len() == four.len(), "{} {}", two.len(), four.len());
    // The order of members is the tenant's own.
    let same = |a: &UserEntity, b: &UserEntity| {
        let members = ["username", "hireDate", "lastModifiedDateTime", "manager", "totalTeamSize", "status"];
        a.user_id == b.user_id && members.iter().all(|name| a.data.get(name) == b.data.get(name))
    };
    for (two, four) in two.iter().zip(&four) {
        assert!(same(two, four), "{two:?}");
    }
    let filter = Filter::Compare {
        path: "username".parse().unwrap(),
        op: Op::Eq,
        value: two[20].data.get("username").unwrap().clone(),
        case: Case::Fold,
    };
    running.mark();
    let found = users(&running, v4()).all(&Search::everybody([]).filter(filter)).await.unwrap();
    assert_eq!(found.iter().map(|one| &one.user_id).collect::<Vec<_>>(), [&two[20].user_id]);
    assert_eq!(running.requests_since_mark().total.rows, 1, "the tenant filtered");
    let got = users(&running, v4()).get(&two[3].user_id, paths).await.unwrap().unwrap();
    assert!(same(&got, &two[3]));
    assert!(users(&running, v4()).get("nobody", paths).await.unwrap().is_none(), "v4's error says so");
    let persons = Persons::new(
        transport(&running, v4()),
        ReadSettings::default(),
        WriteSettings::default(),
        EmploymentPolicy::default(),
    );
    let wanted = "PerPersonal_lastName,EmpJob_All".parse().unwrap();
    let all = persons.all(&persons.everybody(wanted)).await.unwrap();
    assert!(all.len() > 120 && all.iter().all(|one| one.attributes.contains_key("EmpJob_jobTitle")));
}

#[tokio::test]
async fn users_are_patched_and_made() {
    let running = tenant().await;
    let (four, two) = (users(&running, v4()), users(&running, Api::V2));
    let change = UserChange::default().put("custom01", "x").put("hireDate", Value::Date("2026-01-31".parse().unwrap()));
    let change = UserChange { manager: Some(Some("100001".into())), ..change };
    assert!(four.update("100003", &change, false).await.unwrap().is_written());
    let read = two.get("100003", ["custom01", "hireDate", "manager.userId", "username"]).await.unwrap().unwrap();
    assert_eq!(read.data.get("custom01"), Some(&"x".into()));
    assert_eq!(read.data.get("hireDate"), Some(&Value::Date("2026-01-31".parse().unwrap())));
    assert_eq!(read.data.get("manager").and_then(|manager| manager.get("userId")), Some(&"100001".into()));
    assert!(read.data.get("username").is_some_and(|name| !name.is_null()), "what is not sent stays");

    let ada = UserChange::default().put("username", "ada").put("firstName", "Ada");
    let made = four.create("Z9", &ada).await.unwrap().unwrap();
    assert!(matches!(made, RowOutcome::Written(written) if written.created == Some(true)), "{made:?}");
    assert!(two.get("Z9", []).await.unwrap().unwrap().is_active() == Some(true));
    let taken = UserChange::default().put("username", "ada");
    let RowOutcome::Refused(refusal) = four.create("Y8", &taken).await.unwrap().unwrap() else { panic!("taken") };
    assert_eq!(refusal.why, WhyRefused::UserNameTaken);
    let unknown = UserChange::default().put("typo", "x");
    let RowOutcome::Refused(refusal) = four.update("100003", &unknown, false).await.unwrap() else { panic!("unknown") };
    assert_eq!(refusal.why, WhyRefused::UnknownProperty, "{}", refusal.message);
    assert!(four.deactivate("Z9").await.unwrap().is_written());
    assert_eq!(two.get("Z9", []).await.unwrap().unwrap().is_active(), Some(false));
}

#[tokio::test]
async fn what_v4_does_not_have_is_refused_with_the_reason() {
    let running = tenant().await;
    let way = || transport(&running, v4());
    let groups = Groups::new(way(), GroupOptions::default());
    assert!(!groups.list(&Which::default()).await.unwrap().is_empty(), "groups themselves are entities");
    let persons = Persons::new(way(), ReadSettings::default(), WriteSettings::default(), EmploymentPolicy::default());
    let mail = WriteRow::new("PerEmail").key("emailType", &"8448".into()).key("personIdExternal", &"1".into());
    let failures = [
        (groups.of_user("100003", None).await.map(drop).unwrap_err(), "function imports"),
        (groups.roles_of("100003").await.map(drop).unwrap_err(), "function imports"),
        (
            Writer::new(way(), WriteSettings::default())
                .upsert(&[mail], joinery_tenant::UpsertOptions::default())
                .await
                .map(drop)
                .unwrap_err(),
            "upsert",
        ),
        (users(&running, v4()).replace("100003", &UserChange::default()).await.map(drop).unwrap_err(), "purgeType"),
    ];
    for (failure, part) in failures {
        let message = &failure.message;
        assert!(message.starts_with("connection.acme.api_version: OData v4") && message.contains(part), "{message}");
        assert!(message.contains("api_version = \"v2\""), "{message}");
    }
    let change = PersonChange::default().put("PerEmail_emailAddress", "a@x");
    let failure = persons.update("100003", &change).await.unwrap_err();
    assert!(failure.message.contains("cannot be written"), "{}", failure.message);
    let rights = write_rights(&way()).await.unwrap();
    assert!(rights.len() == 1 && rights[0].kind == FindingKind::Note, "{rights:?}");
}

#[tokio::test]
async fn a_tenant_without_people_over_v4_is_told_plainly() {
    let running = tenant().await;
    let nothing = || Api::V4("odatav4/talent/calibration/CalSession.svc/v1".to_owned());
    let asked = ask(&running, Root::Persons, Scope::Full, &["personIdExternal"]);
    let found = reader(&running, nothing()).test(&asked).await;
    let problems: Vec<_> = found.iter().filter(|one| one.kind == FindingKind::Problem).collect();
    let [problem] = problems[..] else { panic!("{found:?}") };
    assert_eq!(problem.subject, "api_version", "{}", problem.message);
    for part in ["no people over OData v4", "v2 only", "api_version = \"v2\""] {
        assert!(problem.message.contains(part), "{}", problem.message);
    }
    let failure = reader(&running, nothing()).page(&asked, None).await.unwrap_err();
    assert!(failure.message.contains("api_version = \"v2\""), "{}", failure.message);
    let good = reader(&running, v4()).test(&asked).await;
    assert!(good.iter().all(|one| one.kind == FindingKind::Good), "{good:?}");
}
