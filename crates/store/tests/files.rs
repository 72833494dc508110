//! The file: whose it is, what is refused, and what a full, locked or read-only one says.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use joinery_model::{Action, Journal, Retry, RunKind, RunState};
use joinery_store::conformance::{Bench, Scene, person, planned};
use joinery_store::{Settings, Store};

struct At<'a>(&'a Path, Settings);

impl Bench for At<'_> {
    type Journal = Store;
    async fn fresh(&self) -> Store {
        Store::open_with(self.0, self.1.clone()).unwrap()
    }
    async fn reopen(&self, journal: Store) -> Store {
        drop(journal);
        self.fresh().await
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn with_suffix(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[tokio::test]
async fn the_file_is_its_owners_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("joinery.db");
    let scene = Scene::delivered(&At(&path, Settings::default()), &["a"]).await;
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(&with_suffix(&path, suffix)), 0o600, "{suffix}");
    }
    drop(scene);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let _store = Store::open(&path).unwrap();
    assert_eq!(mode(&path), 0o600, "one that was open to others is closed to them");
}

#[test]
fn what_is_no_journal_is_refused_with_words() {
    let directory = tempfile::tempdir().unwrap();
    let refused = |path: &Path| Store::open(path).unwrap_err().message;
    let missing = directory.path().join("missing/joinery.db");
    assert!(refused(&missing).contains("make it"), "{}", refused(&missing));
    assert!(refused(directory.path()).contains("is a directory"));
    let text = directory.path().join("notes.txt");
    std::fs::write(&text, "not a database, but long enough to be looked at. ".repeat(40)).unwrap();
    assert!(refused(&text).contains("no SQLite file"), "{}", refused(&text));
    let other = directory.path().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    assert!(refused(&other).contains("another program"), "{}", refused(&other));
    let newer = directory.path().join("newer.db");
    drop(Store::open(&newer).unwrap());
    let conn = rusqlite::Connection::open(&newer).unwrap();
    conn.execute("INSERT INTO migration (version, name) VALUES (99, 'from the future')", ()).unwrap();
    drop(conn);
    let message = refused(&newer);
    assert!(message.contains("schema 99") && message.contains("newer Joinery"), "{message}");
}

#[tokio::test]
async fn a_journal_in_which_two_people_had_one_account_is_opened_and_the_newer_keeps_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("older.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(include_str!("../migrations/0001_journal.sql")).unwrap();
    conn.execute_batch(
        "CREATE TABLE migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
         INSERT INTO migration (version, name) VALUES (1, 'journal');
         PRAGMA application_id = 1246710094;
         INSERT INTO sync (id, name) VALUES (1, 'people');
         INSERT INTO target (id, sync, name) VALUES (1, 1, 'hr');
         INSERT INTO link (target, person, target_id, body) VALUES (1, 1, 'x', 8), (1, 2, 'x', 9), (1, 3, 'y', 1);",
    )
    .unwrap();
    drop(conn);
    drop(Store::open(&path).unwrap());
    let conn = rusqlite::Connection::open(&path).unwrap();
    let mut left = conn.prepare("SELECT person FROM link ORDER BY person").unwrap();
    let left: Vec<i64> = left.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(left, [2, 3]);
}

#[tokio::test]
async fn a_file_locked_by_another_process_says_so_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("joinery.db");
    let settings = Settings { patience: std::time::Duration::from_millis(50), ..Settings::default() };
    let scene = Scene::begun(&At(&path, settings), RunKind::Full).await;
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let page = scene.page_of(vec![person("a")], None);
    let locked = scene.journal.close_page(&scene.fence, page.clone()).await.unwrap_err();
    assert_eq!(locked.retry(), Retry::Later(None));
    assert!(locked.message.contains("locked by another process"), "{}", locked.message);
    assert_eq!(scene.watermark().await, None, "reading goes on meanwhile");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(scene.journal.close_page(&scene.fence, page).await.unwrap().people, 1);
}

#[tokio::test]
async fn a_full_disk_leaves_nothing_half_done() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("joinery.db");
    let settings = Settings { max_pages: Some(60), ..Settings::default() };
    let mut scene = Scene::begun(&At(&path, settings), RunKind::Full).await;
    let run = scene.run;
    let long = "x".repeat(2000);
    let mut closed = 0;
    let full = loop {
        let people = (0..20).map(|n| {
            let key = format!("{closed}-{n}");
            let mut work = person(&key);
            work.targets.push(("hr".into(), planned(&key, "hr", Action::Create, &long), Vec::new()));
            work
        });
        let page = scene.page_of(people.collect(), Some("next"));
        match scene.journal.close_page(&scene.fence, page).await {
            Ok(done) => closed += done.people,
            Err(failure) => break failure,
        }
        assert!(closed < 10_000, "the disk never filled up");
    };
    assert_eq!(full.retry(), Retry::No);
    assert!(full.message.contains("free space"), "{}", full.message);
    assert_eq!(scene.journal.changes(run, None, 10_000).await.unwrap().len() as u64, closed, "no half page");
    // Somebody frees space: the run goes on where it was.
    scene = scene.crash(&At(&path, Settings::default())).await;
    let begun = scene.next(RunKind::Full).await;
    assert_eq!(begun.run, run);
    assert_eq!(begun.resume.map(|resume| resume.state), Some(RunState::Walking));
    scene.last_page(vec![person("last")]).await;
    scene.release(&[]).await;
    assert_eq!(scene.deliver("hr").await as u64, closed);
    scene.finish().await;
    assert_eq!(scene.journal.integrity().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn two_processes_share_a_journal_and_its_leases() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("joinery.db");
    let scene = Scene::begun(&At(&path, Settings::default()), RunKind::Full).await;
    let second = Store::open(&path).unwrap();
    let mut begin = scene.ask(RunKind::Full);
    begin.holder = "second".into();
    assert!(second.begin(&begin).await.unwrap_err().message.contains("tests"));
    begin.sync = "other".into();
    let begun = second.begin(&begin).await.unwrap();
    // Both give numbers to changes, and none twice.
    let work = |key: &str| {
        let mut work = person(key);
        work.targets.push(("hr".into(), planned(key, "hr", Action::Create, "one"), Vec::new()));
        work
    };
    scene.page(vec![work("a")], "2").await;
    let mut page = scene.page_of(vec![work("b")], None);
    page.run = begun.run;
    second.close_page(&begun.fence, page).await.unwrap();
    scene.last_page(vec![work("c")]).await;
    let first: Vec<_> = scene.stored(scene.run).await.iter().map(|stored| stored.change.id.0).collect();
    let other: Vec<_> = scene.stored(begun.run).await.iter().map(|stored| stored.change.id.0).collect();
    assert_eq!((first, other), (vec![1, 3], vec![2]));
}
