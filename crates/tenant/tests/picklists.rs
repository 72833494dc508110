//! Picklist options with their codes and labels, against a simulated tenant over HTTP on loopback.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use joinery_model::{
    Ask, EmploymentPolicy, Failure, Filter, FindingKind, FixedClock, Needs, Path, Root, Row, Scope, Seen, Source as _,
};
use joinery_simulator::world::Seed;
use joinery_simulator::{Running, Settings as Simulated, Simulator, TimeSource, Visibility};
use joinery_tenant::{
    Get, Host, Persons, Picklists, PlainHttp, ReadSettings, Reader, Response, Settings, Transport, Users, WriteSettings,
};
use serde_json::Value as Json;

const NOW: &str = "2026-11-21T12:00:00Z";

async fn tenant() -> Running {
    let now: Timestamp = NOW.parse().unwrap();
    let mut settings = Simulated::new("ACME", Seed::new(7, 120, now), TimeSource::fixed(now));
    settings.basic_password = Some("secret".into());
    Simulator::start(settings).await.unwrap()
}

fn transport(running: &Running) -> Transport {
    #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let host = Host::parse(running.base_url(), PlainHttp::LoopbackOnly).unwrap();
    let settings = Settings::basic("acme", host, "ACME", "API_USER", "secret".into());
    Transport::new(client, settings, FixedClock::at(NOW.parse().unwrap()), 1)
}

/// A way to the tenant that keeps what was asked, and leads some of it astray.
#[derive(Clone)]
struct Way {
    transport: Transport,
    asked: Arc<Mutex<Vec<String>>>,
    /// What to find in a path and to put in its place.
    astray: (&'static str, &'static str),
    strays: Arc<AtomicBool>,
    minutes: Arc<AtomicI64>,
}

impl Way {
    fn to(running: &Running, astray: (&'static str, &'static str)) -> Self {
        let transport = transport(running);
        let strays = Arc::new(AtomicBool::new(true));
        Self { transport, asked: Arc::default(), astray, strays, minutes: Arc::default() }
    }

    fn asked(&self, part: &str) -> Vec<String> {
        self.asked.lock().unwrap().iter().filter(|path| path.contains(part)).cloned().collect()
    }
}

impl Get for Way {
    async fn get(&self, path: &str) -> Result<Response, Failure> {
        self.asked.lock().unwrap().push(path.to_owned());
        let path = if self.strays.load(Ordering::Relaxed) && !self.astray.0.is_empty() {
            path.replace(self.astray.0, self.astray.1)
        } else {
            path.to_owned()
        };
        self.transport.get(&path).await
    }

    fn now(&self) -> Timestamp {
        self.transport.now() + SignedDuration::from_mins(self.minutes.load(Ordering::Relaxed))
    }
}

fn reader(way: &Way) -> Reader<Way> {
    Reader::new(way.clone(), ReadSettings { page_size: 1000, ..ReadSettings::default() })
}

fn ask(root: Root, paths: &[&str]) -> Ask {
    Ask {
        root,
        needs: Needs { paths: paths.iter().map(|path| path.parse().unwrap()).collect() },
        scope: Scope::Full,
        as_of: NOW.parse().unwrap(),
        policy: Arc::new(EmploymentPolicy::default()),
        filter: Filter::All,
    }
}

async fn rows<G: Get>(reader: &Reader<G>, ask: &Ask) -> Vec<Row> {
    let page = reader.page(ask, None).await.unwrap();
    assert_eq!(page.next, None);
    let row = |seen| match seen {
        Seen::Row(row) => Some(row),
        _ => None,
    };
    page.seen.into_iter().filter_map(row).collect()
}

fn at(row: &Row, path: &str) -> Option<String> {
    path.parse::<Path>().unwrap().find(&row.data).first().map(|value| value.to_plain())
}

const CLASS: &str = "employmentNav.jobInfoNav.employeeClassNav";
const STATUS: &str = "employmentNav.jobInfoNav.emplStatusNav";

fn behind(nav: &str, member: &str) -> String {
    format!("{nav}.{member}")
}

/// Option → external code and labels, as an expansion gives them.
async fn expanded(running: &Running, list: &str) -> Vec<(String, String, String, String)> {
    let path =
        format!("odata/v2/Picklist('{list}')?$expand=picklistOptions,picklistOptions/picklistLabels&$format=json");
    let body: Json = serde_json::from_slice(&transport(running).get(&path).await.unwrap().bytes).unwrap();
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let label = |option: &Json, locale: &str| {
        let labels = option["picklistLabels"]["results"].as_array().unwrap();
        labels.iter().find(|one| one["locale"] == locale).map(|one| text(&one["label"])).unwrap_or_default()
    };
    let options = body["d"]["picklistOptions"]["results"].as_array().unwrap();
    options
        .iter()
        .map(|one| (text(&one["id"]), text(&one["externalCode"]), label(one, "en_US"), label(one, "de_DE")))
        .collect()
}

#[tokio::test]
async fn labels_come_without_an_expansion() {
    let running = tenant().await;
    let way = Way::to(&running, ("", ""));
    let paths = [behind(CLASS, "label"), behind(CLASS, "label_de_DE"), behind(STATUS, "label")];
    let paths: Vec<&str> = paths.iter().map(String::as_str).chain(["employmentNav.jobInfoNav.employeeClass"]).collect();
    let people = rows(&reader(&way), &ask(Root::Persons, &paths)).await;
    let [list] = &way.asked("/PerPerson?")[..] else { panic!("one page") };
    assert!(!list.contains("picklistLabels") && !list.contains("employeeClassNav"), "{list}");
    assert!(list.contains("emplStatusNav"), "the code of the status is what people are judged by: {list}");
    assert_eq!(way.asked("Picklist(").len(), 2);
    let classes = expanded(&running, "EMPLOYEECLASS").await;
    let mut met = BTreeSet::new();
    for row in &people {
        let held = at(row, "employmentNav.jobInfoNav.employeeClass");
        let Some(held) = held.filter(|held| !held.is_empty()) else {
            assert!(at(row, &behind(CLASS, "label")).unwrap_or_default().is_empty(), "empty stays empty");
            continue;
        };
        let (_, _, english, german) = classes.iter().find(|(id, ..)| *id == held).expect("an option");
        assert_eq!(at(row, &behind(CLASS, "label")).as_ref(), Some(english));
        assert_eq!(at(row, &behind(CLASS, "label_de_DE")).as_ref(), Some(german));
        assert!(row.unsaid.is_empty(), "{:?}", row.unsaid);
        assert_eq!(at(row, &behind(CLASS, "externalCode")), None, "nobody asked for it");
        met.insert(english.clone());
    }
    assert!(met.len() > 1, "{met:?}");
    let active = people.iter().filter(|row| at(row, &behind(STATUS, "label")).as_deref() == Some("Active")).count();
    assert!(active > 60, "{active}");
}

/// A tenant whose picklists have moved to the metadata framework answers nothing to the old API.
#[tokio::test]
async fn picklists_of_the_metadata_framework_are_read_as_well() {
    let running = tenant().await;
    let path = behind(CLASS, "label");
    let usual = Way::to(&running, ("", ""));
    let moved = Way::to(&running, ("/Picklist(", "/Nothing("));
    let old = rows(&reader(&usual), &ask(Root::Persons, &[&path])).await;
    let new = rows(&reader(&moved), &ask(Root::Persons, &[&path])).await;
    assert_eq!(moved.asked("PickListValueV2").len(), 1);
    let labels = |rows: &[Row]| rows.iter().map(|row| at(row, &path)).collect::<Vec<_>>();
    assert_eq!(labels(&old), labels(&new));
    assert!(labels(&new).iter().flatten().any(|label| label == "Employee"));
}

/// What a picklist does not know is not said, which leaves every target as it is; a new option is looked for at once.
#[tokio::test]
async fn an_option_that_is_not_known_is_not_said_and_looked_for_again() {
    let running = tenant().await;
    let way = Way::to(&running, ("Picklist('EMPLOYEECLASS')", "Picklist('employmentType')"));
    let reader = reader(&way);
    let path = behind(CLASS, "label");
    let ask = ask(Root::Persons, &[&path]);
    let before = rows(&reader, &ask).await;
    assert!(before.iter().all(|row| at(row, &path).is_none_or(|label| label.is_empty())));
    assert!(before.iter().filter(|row| row.unsaid.iter().any(|unsaid| unsaid.to_string() == path)).count() > 60);
    way.strays.store(false, Ordering::Relaxed);
    rows(&reader, &ask).await;
    assert_eq!(way.asked("Picklist(").len(), 1, "read a moment ago");
    way.minutes.store(11, Ordering::Relaxed);
    let after = rows(&reader, &ask).await;
    assert_eq!(way.asked("Picklist(").len(), 2);
    assert!(after.iter().all(|row| row.unsaid.is_empty()));
    assert!(after.iter().any(|row| at(row, &path).as_deref() == Some("Employee")));
}

#[tokio::test]
async fn a_picklist_that_is_not_shown_is_named_by_the_doctor() {
    let running = tenant().await;
    let sets = ["Picklist", "PicklistLabel", "PickListV2", "PickListValueV2"].map(str::to_owned).into();
    running.set_visibility(Visibility { hidden_sets: sets, ..Visibility::default() }, 0);
    let path = behind(CLASS, "label_de_DE");
    let ask = ask(Root::Persons, &[&path]);
    let reader = Reader::new(transport(&running), ReadSettings { page_size: 1000, ..ReadSettings::default() });
    let problems: Vec<String> = reader
        .test(&ask)
        .await
        .into_iter()
        .filter(|finding| finding.kind == FindingKind::Problem)
        .map(|finding| format!("{}: {}", finding.subject, finding.message))
        .collect();
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    assert!(problem.starts_with("Picklist: ") && problem.contains("Picklist Management"), "{problem}");
    let people = rows(&reader, &ask).await;
    assert!(people.iter().any(|row| row.unsaid.iter().any(|unsaid| unsaid.to_string() == path)));
}

#[tokio::test]
async fn persons_users_and_whoever_asks_have_them_too() {
    let running = tenant().await;
    let persons = Persons::new(
        transport(&running),
        ReadSettings::default(),
        WriteSettings::default(),
        EmploymentPolicy::default(),
    );
    let wanted = "EmpJob_employeeClassNav_label,EmpJob_employeeClassNav_label_de_DE,EmpJob_emplStatusNav_externalCode,\
        EmpJob_emplStatusNav_label,PerPersonal_salutationNav_label";
    let described = persons.describe(&wanted.parse().unwrap()).await.unwrap();
    assert_eq!(described.len(), 5);
    let all = persons.all(&persons.everybody(wanted.parse().unwrap())).await.unwrap();
    let both = |code: &str, label: &str| {
        all.iter().any(|one| {
            let of = |name: &str| one.attributes.get(name).map(joinery_model::Value::to_plain).unwrap_or_default();
            of("EmpJob_emplStatusNav_externalCode") == code && of("EmpJob_emplStatusNav_label") == label
        })
    };
    assert!(both("A", "Active") && both("T", "Terminated") && !both("A", "Terminated"));

    let picklists = Picklists::default();
    let list = picklists.list(&transport(&running), "ecEmailType").await.unwrap().unwrap();
    assert_eq!(
        list.option("8448").and_then(|option| option.label_in("de_DE")).map(|text| &**text),
        Some("Geschäftlich")
    );
    assert_eq!(list.option("B"), list.option("8448"));
    assert!(
        picklists.list(&transport(&running), "nothing").await.unwrap().is_none_or(|list| list.options().is_empty())
    );
    let users = Users::new(transport(&running), WriteSettings::default(), TimeZone::UTC);
    assert!(users.get("100003", ["userId"]).await.unwrap().is_some());
}
