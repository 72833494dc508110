//! Metadata kept between runs, against a simulated tenant: what is asked, and what is stale heals.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use joinery_model::{
    Ask, Clock as _, EmploymentPolicy, Filter, FixedClock, Needs, Path, Root, Row, Scope, Seen, Source as _, Value,
};
use joinery_simulator::world::Seed;
use joinery_simulator::{Running, Settings as Simulated, Simulator, TimeSource, Visibility};
use joinery_tenant::{
    Host, PersonAttributes, Persons, PlainHttp, ReadSettings, Reader, Search, Settings, Shelf, Transport, Users,
    WriteSettings,
};

const NOW: &str = "2026-11-21T12:00:00Z";
const CITY: &str = "city";

/// A shelf in memory, and how often something was asked of it.
#[derive(Clone, Default)]
struct Board(Arc<Mutex<BTreeMap<String, Vec<u8>>>>, Arc<Mutex<u32>>);

impl Shelf for Board {
    fn take(&self, name: &str) -> Option<Vec<u8>> {
        *self.1.lock().unwrap() += 1;
        self.0.lock().unwrap().get(name).cloned()
    }
    fn keep(&self, name: &str, bytes: &[u8]) {
        self.0.lock().unwrap().insert(name.to_owned(), bytes.to_vec());
    }
}

struct Side {
    tenant: Running,
    board: Board,
    clock: FixedClock,
}

impl Side {
    async fn new(with: impl FnOnce(&mut Simulated)) -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        let clock = FixedClock::at(now);
        let time = clock.clone();
        let mut settings = Simulated::new("ACME", Seed::new(7, 30, now), TimeSource::new(move || time.now()));
        settings.basic_password = Some("s3cret".into());
        with(&mut settings);
        Self { tenant: Simulator::start(settings).await.unwrap(), board: Board::default(), clock }
    }

    /// A process that begins: it knows nothing but what is on the shelf.
    fn process(&self, connection: &str, user: &str) -> Reader {
        self.believing(connection, user, 24)
    }

    /// A process that believes its shelf for so many hours.
    fn believing(&self, connection: &str, user: &str, hours: i64) -> Reader {
        let transport = self.transport(connection, user, hours);
        Reader::new(transport, ReadSettings { page_size: 100, ..ReadSettings::default() })
    }

    fn transport(&self, connection: &str, user: &str, hours: i64) -> Transport {
        // No two processes begin at the same instant.
        self.clock.advance(std::time::Duration::from_secs(1));
        let host = Host::parse(self.tenant.base_url(), PlainHttp::LoopbackOnly).unwrap();
        let settings = Settings::basic(connection, host, "ACME", user, "s3cret".to_owned().into());
        #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Transport::new(http, settings, self.clock.clone(), 1)
            .keeping(self.board.clone(), SignedDuration::from_hours(hours))
    }

    fn ask(&self) -> Ask {
        let paths = ["userId", "username", CITY];
        Ask {
            root: Root::Users,
            needs: Needs { paths: paths.iter().map(|path| path.parse().unwrap()).collect() },
            scope: Scope::Full,
            as_of: self.tenant.now(),
            policy: Arc::new(EmploymentPolicy::default()),
            filter: Filter::All,
        }
    }

    /// One run; how often metadata was asked for, how often a property was refused, and the rows.
    async fn run(&self, reader: &Reader) -> (u64, u64, Vec<Row>) {
        self.tenant.mark();
        let page = reader.page(&self.ask(), None).await.unwrap_or_else(|failure| panic!("{failure}"));
        let rows = page.seen.into_iter().filter_map(|seen| match seen {
            Seen::Row(row) => Some(row),
            _ => None,
        });
        let requests = self.tenant.requests_since_mark();
        let asked = |(resource, counts): (&String, &joinery_simulator::Counts)| {
            if resource.contains("$metadata") { counts.requests } else { 0 }
        };
        let metadata = requests.by_resource.iter().map(asked).sum();
        (metadata, requests.by_status.get(&400).copied().unwrap_or(0), rows.collect())
    }

    fn hide(&self, field: Option<&str>) {
        let hidden_fields = field.into_iter().map(str::to_owned).collect();
        self.tenant.set_visibility(Visibility { hidden_fields, ..Visibility::default() }, 0);
    }
}

fn cities(rows: &[Row]) -> usize {
    let path: Path = CITY.parse().unwrap();
    rows.iter().filter(|row| matches!(path.find(&row.data).first(), Some(Value::Text(_)))).count()
}

#[tokio::test]
async fn the_next_process_asks_for_no_metadata_until_it_is_a_day_old() {
    let side = Side::new(|_| {}).await;
    let (asked, _, first) = side.run(&side.process("acme", "API_USER")).await;
    assert!(asked > 0 && cities(&first) > 0);
    let (asked, _, rows) = side.run(&side.process("acme", "API_USER")).await;
    assert_eq!((asked, rows.len()), (0, first.len()));
    side.clock.advance(std::time::Duration::from_hours(24));
    assert!(side.run(&side.process("acme", "API_USER")).await.0 > 0, "a day old");
    assert_eq!(side.run(&side.process("acme", "API_USER")).await.0, 0, "and read anew");
    // A clock that was set back makes nothing young again.
    let side = Side { clock: FixedClock::at("2026-11-20T12:00:00Z".parse().unwrap()), ..side };
    assert!(side.run(&side.process("acme", "API_USER")).await.0 > 0, "from the future");
}

#[tokio::test]
async fn what_the_shelf_believes_for_a_week_is_not_taken_from_it_page_by_page() {
    let side = Side::new(|_| {}).await;
    side.run(&side.process("acme", "API_USER")).await;
    side.clock.advance(std::time::Duration::from_hours(5 * 24));
    let reader = side.believing("acme", "API_USER", 7 * 24);
    let taken = || *side.board.1.lock().unwrap();
    assert_eq!(side.run(&reader).await.0, 0);
    let once = taken();
    assert_eq!(side.run(&reader).await.0, 0);
    assert_eq!(taken(), once, "the next page takes nothing");
    side.clock.advance(std::time::Duration::from_hours(2 * 24));
    assert!(side.run(&reader).await.0 > 0, "a week old");
}

#[tokio::test]
async fn nobody_is_told_what_another_was_told() {
    let side = Side::new(|_| {}).await;
    side.run(&side.process("acme", "API_USER")).await;
    for (connection, user) in [("acme", "100003"), ("other", "API_USER")] {
        assert!(side.run(&side.process(connection, user)).await.0 > 0, "{connection} {user}");
    }
    let kept: Vec<u8> = side.board.0.lock().unwrap().values().flatten().copied().collect();
    let kept = String::from_utf8(kept).unwrap();
    assert!(!kept.contains("s3cret") && !kept.contains("API_USER") && !kept.contains("100003"));
}

#[tokio::test]
async fn an_etag_is_asked_whether_it_still_holds() {
    let side = Side::new(|settings| settings.switches.metadata_etags = true).await;
    side.run(&side.process("acme", "API_USER")).await;
    for _ in 0..2 {
        side.clock.advance(std::time::Duration::from_hours(30));
        let (asked, _, rows) = side.run(&side.process("acme", "API_USER")).await;
        let unchanged = side.tenant.requests_since_mark().by_status.get(&304).copied().unwrap_or(0);
        assert!(asked > 0 && asked == unchanged, "{asked} asked, {unchanged} unchanged");
        assert!(cities(&rows) > 0);
    }
    side.hide(Some("User/city"));
    let (asked, refused, rows) = side.run(&side.process("acme", "API_USER")).await;
    assert!(asked > 0 && refused == 0 && cities(&rows) == 0 && !rows.is_empty());
}

#[tokio::test]
async fn a_field_that_was_taken_away_is_refused_once_and_the_metadata_read_anew() {
    let side = Side::new(|_| {}).await;
    side.run(&side.process("acme", "API_USER")).await;
    side.hide(Some("User/city"));
    let (asked, refused, rows) = side.run(&side.process("acme", "API_USER")).await;
    assert!(asked > 0 && !rows.is_empty());
    assert_eq!((refused, cities(&rows)), (1, 0));
    assert!(rows.iter().all(|row| row.unsaid.iter().any(|path| path.to_string() == CITY)), "not taken for empty");
}

#[tokio::test]
async fn a_field_that_was_granted_is_there_at_once() {
    let side = Side::new(|_| {}).await;
    side.hide(Some("User/city"));
    let (_, _, rows) = side.run(&side.process("acme", "API_USER")).await;
    assert_eq!(cities(&rows), 0);
    side.hide(None);
    let (asked, refused, rows) = side.run(&side.process("acme", "API_USER")).await;
    assert!(asked > 0 && refused == 0 && cities(&rows) > 0);
    assert_eq!(side.run(&side.process("acme", "API_USER")).await.0, 0, "what was read anew is kept");
}

#[tokio::test]
async fn a_field_that_was_granted_is_there_at_once_for_faces_too() {
    let side = Side::new(|_| {}).await;
    let users = |side: &Side| {
        Users::new(side.transport("acme", "API_USER", 24), WriteSettings::default(), jiff::tz::TimeZone::UTC)
    };
    let persons = |side: &Side| {
        let transport = side.transport("acme", "API_USER", 24);
        Persons::new(transport, ReadSettings::default(), WriteSettings::default(), EmploymentPolicy::default())
    };
    let fields = ["User/city", "PerPersonal/lastName"].map(str::to_owned);
    side.tenant.set_visibility(Visibility { hidden_fields: fields.into(), ..Visibility::default() }, 0);
    let wanted: PersonAttributes = "PerPersonal_lastName".parse().unwrap();
    for shown in [false, true] {
        let found = users(&side).all(&Search::everybody([CITY])).await.unwrap();
        assert_eq!(found.iter().any(|user| user.data.get(CITY).is_some()), shown);
        let (persons, wanted) = (persons(&side), wanted.clone());
        let found = persons.all(&persons.everybody(wanted)).await.unwrap();
        assert_eq!(found.iter().any(|person| person.attributes.contains_key("PerPersonal_lastName")), shown);
        side.hide(None);
    }
}

#[tokio::test]
async fn a_field_that_stays_lost_is_looked_for_every_ten_minutes() {
    let side = Side::new(|_| {}).await;
    let reader = side.process("acme", "API_USER");
    side.run(&reader).await;
    side.hide(Some("User/city"));
    let reader = side.process("acme", "API_USER");
    side.run(&reader).await;
    let mut asked = Vec::new();
    for minutes in [1, 1, 1, 10, 1] {
        side.clock.advance(std::time::Duration::from_mins(minutes));
        asked.push(side.run(&reader).await.0 > 0);
    }
    assert_eq!(asked, [true, false, false, true, false]);
}

#[tokio::test]
async fn the_server_may_be_as_stale_as_we_are_and_the_field_is_left_out() {
    let side = Side::new(|settings| settings.switches.metadata_is_cached = true).await;
    side.run(&side.process("acme", "API_USER")).await;
    side.hide(Some("User/city"));
    let (asked, refused, rows) = side.run(&side.process("acme", "API_USER")).await;
    assert!(asked > 0 && !rows.is_empty() && cities(&rows) == 0);
    assert_eq!(refused, 2, "once by what was kept, once by what the tenant keeps");
}

#[tokio::test]
async fn a_check_looks_at_the_tenant_and_not_at_the_shelf() {
    let side = Side::new(|_| {}).await;
    side.run(&side.process("acme", "API_USER")).await;
    side.tenant.mark();
    side.process("acme", "API_USER").test(&side.ask()).await;
    let requests = side.tenant.requests_since_mark();
    assert!(requests.by_resource.keys().any(|resource| resource.contains("$metadata")), "{requests:?}");
}
