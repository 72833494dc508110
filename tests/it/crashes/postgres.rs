//! The real binary, killed when PostgreSQL has committed and has not answered; and a connection that breaks then.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use joinery_simulator::world::{Hire, Move};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::company::{Company, exit, within};
use crate::servers::{Encryption, Postgres};

/// People of several batches.
const PEOPLE: u32 = 1_300;

/// How PostgreSQL says that a transaction is committed (message flow, CommandComplete).
const COMMITTED: &[u8] = b"C\0\0\0\x0bCOMMIT\0";

/// What stands between the binary and the server, and swallows the answer to one commit.
struct Between {
    port: u16,
    plan: Arc<Mutex<Plan>>,
}

#[derive(Default)]
struct Plan {
    /// After which commit to fall silent; 0 never.
    nth: u64,
    seen: u64,
    /// Break the connection instead of keeping it and saying nothing.
    breaks: bool,
    told: Option<oneshot::Sender<()>>,
}

impl Between {
    async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let plan: Arc<Mutex<Plan>> = Arc::default();
        let shared = Arc::clone(&plan);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let plan = Arc::clone(&shared);
                tokio::spawn(async move {
                    let server = TcpStream::connect(("127.0.0.1", server)).await.expect("the server");
                    let (mut from_server, mut to_server) = server.into_split();
                    let (mut from_client, mut to_client) = client.into_split();
                    let up = tokio::io::copy(&mut from_client, &mut to_server);
                    let down = answers(&mut from_server, &mut to_client, &plan);
                    // Either end closes both.
                    tokio::select! { _ = up => {}, () = down => {} }
                });
            }
        });
        Self { port, plan }
    }

    /// The answer to the nth commit from now on is lost; tells when that commit was made.
    fn lose(&self, nth: u64, breaks: bool) -> oneshot::Receiver<()> {
        let (told, committed) = oneshot::channel();
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = Plan { nth, seen: 0, breaks, told: Some(told) };
        committed
    }
}

/// Carries the server's answers until the one that is to be lost.
async fn answers(
    from: &mut tokio::net::tcp::OwnedReadHalf,
    to: &mut tokio::net::tcp::OwnedWriteHalf,
    plan: &Mutex<Plan>,
) {
    let mut room = vec![0; 64 * 1024];
    loop {
        let Ok(count @ 1..) = from.read(&mut room).await else { return };
        // The answer to a commit is small and comes alone: nothing else is asked for before it.
        let commits = room[..count].windows(COMMITTED.len()).filter(|part| *part == COMMITTED).count() as u64;
        let lost = {
            let mut plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
            plan.seen += commits;
            let lost = commits > 0 && plan.nth > 0 && plan.seen >= plan.nth;
            if lost {
                plan.nth = 0;
                plan.told.take().map(|told| told.send(()));
            }
            lost.then_some(plan.breaks)
        };
        match lost {
            Some(true) => return,
            Some(false) => std::future::pending().await,
            None if to.write_all(&room[..count]).await.is_err() => return,
            None => {}
        }
    }
}

struct Scene {
    company: Company,
    server: Postgres,
    between: Between,
}

impl Scene {
    async fn new() -> Self {
        let server = Postgres::start(Encryption::Off).await;
        let between = Between::start(server.port()).await;
        let mut company = Company::of(PEOPLE).await;
        let url = server.url("sslmode=disable").replace(&server.port().to_string(), &between.port.to_string());
        std::fs::write(company.path("url"), url).expect("a file");
        company.configure(|config| {
            config.targets = "[target.people]\ntype = \"sql\"\nurl = { file = \"url\" }\ntable = \"people\"\n\
                              key = \"employee_id\"\ncreate_table = true\n"
                .into();
            // Nothing is looked for before it is made: whatever keeps rows from being made twice is the delivery's.
            config.sync.insert("correlate", "[]".to_owned());
        });
        Self { company, server, between }
    }

    /// All that stands in the table, in order.
    async fn rows(&self) -> Vec<String> {
        let sql = "SELECT to_json(people)::text FROM people ORDER BY employee_id";
        let rows = self.server.client().await.query(sql, &[]).await.expect("the table");
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// State and table are kept, or put back.
    async fn keep(&self) {
        let sql = "DROP TABLE IF EXISTS kept; CREATE TABLE kept AS TABLE people";
        self.server.client().await.batch_execute(sql).await.expect("a copy");
        std::fs::copy(self.company.path("state.db"), self.company.path("kept.db")).expect("a copy");
    }

    async fn put_back(&self) {
        for file in ["state.db-wal", "state.db-shm"] {
            let _ = std::fs::remove_file(self.company.path(file));
        }
        let sql = "TRUNCATE people; INSERT INTO people SELECT * FROM kept";
        self.server.client().await.batch_execute(sql).await.expect("the copy");
        std::fs::copy(self.company.path("kept.db"), self.company.path("state.db")).expect("the copy");
    }

    async fn forget_everything(&self) {
        for file in ["state.db", "state.db-wal", "state.db-shm"] {
            let _ = std::fs::remove_file(self.company.path(file));
        }
        self.server.client().await.batch_execute("DROP TABLE IF EXISTS people").await.expect("no table");
    }

    /// Kills a sync whose nth commit is made and not answered; false when it ended before.
    async fn killed_at(&self, nth: u64) -> bool {
        let committed = self.between.lose(nth, false);
        let mut child = self.company.command(&["sync"]).spawn().expect("the binary starts");
        let killed = tokio::select! {
            ended = child.wait() => {
                assert_eq!(ended.expect("it is waited for").code(), Some(exit::DONE), "it ended before commit {nth}");
                false
            }
            _ = committed => true,
            () = tokio::time::sleep(Duration::from_secs(120)) => panic!("neither ended nor committed {nth} times"),
        };
        child.kill().await.expect("it is killed");
        drop(self.between.lose(0, false));
        killed
    }

    /// After each kill the next run leaves what a run without any leaves.
    async fn goes_on_after_every_commit(&self, expected: &[String], at_least: u64) {
        for nth in 1.. {
            self.put_back().await;
            if !self.killed_at(nth).await {
                assert!(nth > at_least, "only {} commits", nth - 1);
                return;
            }
            self.company.tenant.expire_snapshots();
            self.company.joinery(&["sync"]).await.expect(exit::DONE);
            assert_eq!(self.rows().await, expected, "killed after commit {nth}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_were_committed_and_not_answered_for_are_not_made_twice() {
    let scene = Scene::new().await;
    scene.company.joinery(&["sync"]).await.expect(exit::DONE);
    let whole = scene.rows().await;
    assert!(whole.len() > 1_000, "{}", whole.len());
    let led = whole.iter().filter(|row| !row.contains("\"manager\":null")).count();
    assert!(led * 10 > whole.len() * 9, "{led} of {} have a manager", whole.len());

    // A first run: nothing is there but the empty table.
    scene.forget_everything().await;
    let mut commits = 0;
    for nth in 1.. {
        scene.forget_everything().await;
        if !scene.killed_at(nth).await {
            break;
        }
        commits = nth;
        scene.company.tenant.expire_snapshots();
        scene.company.joinery(&["sync"]).await.expect(exit::DONE);
        assert_eq!(scene.rows().await, whole, "killed after commit {nth}");
    }
    assert!(commits >= 4, "batches of creations and of managers filled in afterwards: {commits} commits");

    // A day: two are hired, one of them to lead somebody, and a whole team changes its title.
    scene.keep().await;
    let today = scene.company.today();
    scene.company.change(|world| {
        let boss = world.hire(&Hire::new("Grace", "Hopper", today))?;
        let led = Hire { manager: Some(boss.user_id.clone()), ..Hire::new("Anita", "Borg", today) };
        let led = world.hire(&led)?;
        let to = Move { title: Some("Engineer".into()), ..Move::default() };
        world.relocate(&led.person_id, today, &to)
    });
    scene.company.joinery(&["sync"]).await.expect(exit::DONE);
    let expected = scene.rows().await;
    assert_eq!(expected.len(), whole.len() + 2);
    scene.goes_on_after_every_commit(&expected, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_after_the_commit_makes_no_dead_letter_and_no_second_row() {
    let scene = Scene::new().await;
    let committed = scene.between.lose(1, true);
    scene.company.joinery(&["sync"]).await.expect(exit::DONE);
    within(5, "an answer was lost", committed).await.expect("it is told");
    let rows = scene.rows().await;
    let ids: std::collections::BTreeSet<&str> =
        rows.iter().filter_map(|row| row.split("\"employee_id\":\"").nth(1)?.split('"').next()).collect();
    assert_eq!(ids.len(), rows.len());
    assert!(rows.len() > 1_000, "{}", rows.len());
    let again = scene.company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(again.delivered(), 0, "{again}");
}
