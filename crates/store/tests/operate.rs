//! What operators do: history, dead letters, forgetting, retention, backup and restore.

use std::path::{Path, PathBuf};

use joinery_model::{
    Action, ChangeState, Concern, Journal, Key, LeftOut, PersonWork, Ref, RunKind, Settled, Verdict, Waiting,
};
use joinery_store::conformance::{Bench, Scene, at, person, planned};
use joinery_store::{Refusal, Store};

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn path(&self) -> PathBuf {
        self.0.path().join("joinery.db")
    }
}

impl Bench for Files {
    type Journal = Store;
    async fn fresh(&self) -> Store {
        Store::open(self.path()).unwrap()
    }
    async fn reopen(&self, journal: Store) -> Store {
        drop(journal);
        self.fresh().await
    }
}

fn with(mut work: PersonWork, concern: Concern) -> PersonWork {
    work.targets.push(("hr".into(), concern, Vec::new()));
    work
}

fn update(key: &str, title: &str) -> PersonWork {
    with(person(key), planned(key, "hr", Action::Update, title))
}

fn why(rule: &str) -> LeftOut {
    LeftOut { rule: rule.into(), message: "mail is missing: add one in Employee Central".into() }
}

/// Every byte of the journal's files.
fn bytes(path: &Path) -> Vec<u8> {
    let mut all = std::fs::read(path).unwrap();
    for suffix in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        all.extend(std::fs::read(name).unwrap_or_default());
    }
    all
}

fn holds(path: &Path, text: &str) -> bool {
    bytes(path).windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn history_shows_runs_with_their_balance() {
    let files = Files::new();
    let mut scene = Scene::delivered(&files, &["a", "b"]).await;
    let first = scene.run;
    scene.next(RunKind::Delta).await;
    let runs = scene.journal.runs(Some("people"), 10).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.run).collect::<Vec<_>>(), [scene.run, first]);
    assert_eq!(runs[0].balance, None);
    assert_eq!(runs[1].balance.as_ref().unwrap().targets["hr"].delivered, 2);
    assert_eq!((runs[1].kind, runs[1].requests, runs[1].window.until), (RunKind::Full, 1, at(0)));
    assert_eq!(scene.journal.runs(Some("other"), 10).await.unwrap(), Vec::new());
    assert_eq!(scene.journal.run(joinery_model::RunId(99)).await.unwrap(), None);
}

#[tokio::test]
async fn refusals_are_listed_by_page() {
    let files = Files::new();
    let scene = Scene::begun(&files, RunKind::Full).await;
    let left = PersonWork { verdict: Verdict::LeftOut(why("only")), ..person("b") };
    let bad = PersonWork { verdict: Verdict::Invalid(why("mail-present")), ..person("a") };
    let rejected = with(person("c"), Concern::Rejected(why("correlate")));
    scene.last_page(vec![left, bad, rejected, person("d")]).await;
    let all = [
        (Key::from("a"), Refusal::Invalid(why("mail-present"))),
        (Key::from("b"), Refusal::LeftOut(why("only"))),
        (Key::from("c"), Refusal::Rejected("hr".into(), why("correlate"))),
    ];
    assert_eq!(scene.journal.refusals(scene.run, None, 10).await.unwrap(), all);
    assert_eq!(scene.journal.refusals(scene.run, Some(&"a".into()), 1).await.unwrap(), all[1..2]);
}

#[tokio::test]
async fn dead_letters_are_listed_until_something_newer_is_planned() {
    let files = Files::new();
    let mut scene = Scene::delivered(&files, &["a", "b", "c"]).await;
    scene.next(RunKind::Full).await;
    scene.last_page(vec![update("a", "two"), update("b", "two"), update("c", "two")]).await;
    scene.release(&[]).await;
    for change in scene.claim("hr").await {
        scene.settle(change.id, Settled::Dead("mail is taken".into())).await;
    }
    scene.finish().await;
    let dead = scene.journal.dead("people", None, 2).await.unwrap();
    assert_eq!(dead.iter().map(|letter| letter.reason.as_deref()).collect::<Vec<_>>(), [Some("mail is taken"); 2]);
    assert_eq!(scene.journal.dead("people", Some(dead[1].change.id), 2).await.unwrap().len(), 1);
    // A newer change supersedes the letter of `c`, so it is no dead letter any more.
    scene.next(RunKind::Delta).await;
    scene.last_page(vec![update("c", "three")]).await;
    scene.release(&[]).await;
    scene.deliver("hr").await;
    scene.finish().await;
    assert_eq!(scene.journal.dead("people", None, 9).await.unwrap().len(), 2);
    assert_eq!(scene.title("c").await.as_deref(), Some("three"));
}

#[tokio::test]
async fn a_forgotten_person_leaves_only_counts() {
    let files = Files::new();
    let secret = "Chief of Remembering";
    let mut scene = Scene::delivered(&files, &["boss", "other"]).await;
    scene.next(RunKind::Full).await;
    let mut erased = update("erased-4711", secret);
    erased.aliases = vec!["user-erased-4711".into(), "second".into()];
    erased.refs = vec![Ref::new("FODepartment", "D1")];
    erased.targets[0].2.push(Waiting { attribute: "manager".into(), alias: "u-nobody".into() });
    let bad = PersonWork { verdict: Verdict::Invalid(why("mail-present")), ..person("bad") };
    scene.last_page(vec![erased, update("other", "two"), bad]).await;
    scene.release(&[]).await;
    scene.deliver("hr").await;
    let before = scene.finish().await;
    let run = scene.run;
    scene.next(RunKind::Full).await;
    let open = with(person("erased-4711"), planned("erased-4711", "hr", Action::Update, secret));
    scene.page(vec![open, person("boss")], "page-2").await;
    assert!(holds(&files.path(), secret));

    let gone = scene.journal.forget("user-erased-4711", at(scene.now)).await.unwrap();
    assert_eq!(gone, Vec::new(), "the second run gave them another id");
    let gone = scene.journal.forget("erased-4711", at(scene.now)).await.unwrap();
    assert_eq!(gone.len(), 1);
    let gone = &gone[0];
    assert_eq!((&*gone.sync, gone.key.as_str()), ("people", "erased-4711"));
    assert_eq!(gone.accounts, [("hr".to_owned(), "id-erased-4711".to_owned())]);
    assert_eq!((gone.changes, gone.undelivered, gone.aliases, gone.references), (2, 1, 1, 0));
    assert_eq!(scene.journal.forget("erased-4711", at(scene.now)).await.unwrap(), Vec::new());
    assert_eq!(scene.journal.forget("bad", at(scene.now)).await.unwrap()[0].refusals, 1);

    assert!(!holds(&files.path(), secret), "the record is overwritten in the file");
    assert!(!holds(&files.path(), "erased-4711"), "and the key");
    assert_eq!(scene.journal.integrity().await.unwrap(), Vec::<String>::new());
    assert_eq!(scene.states(run).await, [("other".into(), ChangeState::Done)]);
    assert_eq!(scene.unseen().await, ["other"]);
    let kept = scene.journal.run(run).await.unwrap().unwrap().balance;
    assert_eq!(kept, Some(before));
    // The run that was under way still balances, with the forgotten ones counted.
    scene.last_page(vec![person("other")]).await;
    scene.release(&[]).await;
    assert_eq!(scene.deliver("hr").await, 0);
    let balance = scene.finish().await;
    assert_eq!((balance.people.read, balance.targets["hr"].superseded), (3, 1));
    assert_eq!(scene.stored(run).await.len(), 1);
    // Numbers of forgotten changes are not given again.
    let highest = scene.stored(run).await[0].change.id;
    scene.next(RunKind::Delta).await;
    scene.last_page(vec![update("boss", "four")]).await;
    assert!(scene.stored(scene.run).await[0].change.id.0 > highest.0 + 1);
}

#[tokio::test]
async fn nobody_is_forgotten_while_being_delivered() {
    let files = Files::new();
    let mut scene = Scene::delivered(&files, &["a"]).await;
    scene.next(RunKind::Full).await;
    scene.last_page(vec![update("a", "two")]).await;
    scene.release(&[]).await;
    let flying = scene.claim("hr").await;
    assert!(scene.journal.forget("a", at(scene.now)).await.unwrap_err().message.contains("being delivered"));
    scene.settle(flying[0].id, Settled::Done { target_id: "id-a".into() }).await;
    assert_eq!(scene.journal.forget("u-a", at(scene.now)).await.unwrap().len(), 1, "by an id of theirs");
    assert_eq!(scene.title("a").await, None);
    scene.finish().await;
}

#[tokio::test]
async fn retention_keeps_links_and_what_is_undelivered() {
    let files = Files::new();
    let mut scene = Scene::delivered(&files, &["a", "b"]).await;
    let first = scene.run;
    scene.next(RunKind::Full).await;
    scene.last_page(vec![update("a", "two")]).await;
    scene.release(&[]).await;
    let id = scene.claim("hr").await[0].id;
    scene.settle(id, Settled::Dead("refused".into())).await;
    scene.finish().await;
    let with_dead = scene.run;
    scene.next(RunKind::Delta).await;
    scene.last_page(Vec::new()).await;
    scene.release(&[]).await;
    scene.finish().await;
    let last = scene.run;
    let pruned = scene.journal.prune(at(1_000_000)).await.unwrap();
    assert_eq!((pruned.runs, pruned.changes), (1, 2));
    let left: Vec<_> = scene.journal.runs(None, 9).await.unwrap().into_iter().map(|run| run.run).collect();
    assert_eq!(left, [last, with_dead], "the first run went; {first:?}");
    assert_eq!(scene.title("a").await.as_deref(), Some("one"), "a link's record outlives its change");
    assert_eq!(scene.journal.integrity().await.unwrap(), Vec::<String>::new());
    // And goes when the link gets a newer one.
    scene.next(RunKind::Delta).await;
    scene.last_page(vec![update("a", "three"), with(person("b"), planned("b", "hr", Action::Delete, "one"))]).await;
    scene.release(&[]).await;
    assert_eq!(scene.deliver("hr").await, 2);
    scene.finish().await;
    assert_eq!(scene.journal.integrity().await.unwrap(), Vec::<String>::new());
    assert_eq!(scene.journal.prune(at(1_000_000)).await.unwrap().runs, 2, "nothing undelivered is left in them");
    assert_eq!(scene.journal.prune(at(1_000_000)).await.unwrap().runs, 0);
}

#[tokio::test]
async fn a_backup_of_a_running_journal_is_restored() {
    use std::os::unix::fs::PermissionsExt;
    let files = Files::new();
    let mut scene = Scene::delivered(&files, &["a"]).await;
    let copy = files.0.path().join("copy.db");
    scene.journal.backup(&copy).await.unwrap();
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(scene.journal.backup(&copy).await.unwrap_err().message.contains("there already"));
    scene.next(RunKind::Delta).await;
    scene.last_page(vec![update("a", "two")]).await;
    scene.release(&[]).await;
    scene.deliver("hr").await;
    scene.finish().await;
    let in_use = Store::restore(&copy, files.path()).unwrap_err();
    assert!(in_use.message.contains("in use"), "{}", in_use.message);
    assert_eq!(scene.title("a").await.as_deref(), Some("two"));
    drop(scene.journal);
    let kept = files.0.path().join("joinery.db.before-restore");
    assert_eq!(Store::restore(&copy, files.path()).unwrap().as_ref(), Some(&kept));
    for (path, title) in [(files.path(), "one"), (kept, "two")] {
        let journal = Store::open(&path).unwrap();
        let last = journal.last("people", "hr", &["a".into()]).await.unwrap().remove(0).unwrap();
        assert_eq!(last.record.attributes["title"].to_plain(), title);
        assert_eq!(journal.integrity().await.unwrap(), Vec::<String>::new());
    }
    // A damaged backup replaces nothing; a damaged journal is replaced.
    let mut bytes = std::fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    let damaged = files.0.path().join("damaged.db");
    std::fs::write(&damaged, &bytes).unwrap();
    assert!(Store::restore(&damaged, files.path()).is_err());
    assert!(Store::open(files.path()).is_ok());
    std::fs::write(files.path(), "nothing of use").unwrap();
    let second = Store::restore(&copy, files.path()).unwrap().unwrap();
    assert_eq!(second, files.0.path().join("joinery.db.before-restore-2"), "the first one is kept");
    assert_eq!(std::fs::read(second).unwrap(), b"nothing of use");
    assert!(Store::open(files.path()).is_ok());
}
