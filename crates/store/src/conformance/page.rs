//! Closing pages, and what is then known.

use std::sync::Arc;

use joinery_model::{
    Action, Became, Begin, Concern, Journal, Key, LeftOut, PageWork, PersonWork, Ref, RunKind, Settled, Verdict,
    Waiting,
};

use super::scene::{done, keys, waiting, with};
use super::{Bench, Scene, gone, person, planned, two_people_planned};

fn leaning(key: &str, refs: &[(&str, &str)]) -> PersonWork {
    PersonWork { refs: refs.iter().map(|(kind, id)| Ref::new(*kind, *id)).collect(), ..person(key) }
}

/// People whom the run has seen before are duplicates and otherwise left as they were.
pub async fn the_first_sight_counts<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let first = with(person("a"), "hr", planned("a", "hr", Action::Create, "first"));
    let closed = scene.page(vec![first], "page-2").await;
    assert_eq!((closed.people, closed.duplicates), (1, 0));
    let mut second = with(person("a"), "hr", planned("a", "hr", Action::Create, "second"));
    second.aliases = vec!["other".into()];
    second.refs = vec![Ref::new("FODepartment", "D2")];
    second.verdict = Verdict::LeftOut(LeftOut { rule: "only".into(), message: "left out".into() });
    let closed = scene.last_page(vec![second, person("b")]).await;
    assert_eq!((closed.people, closed.duplicates), (1, 1));
    scene.release(&[]).await;
    let claimed = scene.claim("hr").await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].after.attributes["title"].to_plain(), "first");
    scene.settle(claimed[0].id, done("a")).await;
    let accounts = scene.journal.accounts("people", "hr", &["u-a".into(), "other".into()]).await.unwrap();
    assert_eq!(accounts, [Some(Arc::from("id-a")), None]);
    let balance = scene.finish().await;
    assert_eq!((balance.people.rows, balance.people.duplicates, balance.people.mapped), (3, 1, 2));
    // A new run sees them anew.
    scene.next(RunKind::Full).await;
    assert_eq!(scene.last_page(vec![person("a")]).await.people, 1);
}

/// Repeats within a page and requests are counted.
pub async fn repeats_and_requests_are_counted<B: Bench>(bench: &B) {
    let scene = Scene::begun(bench, RunKind::Full).await;
    let work = PageWork { repeats: 3, requests: 7, ..scene.page_of(vec![person("a")], None) };
    let closed = scene.journal.close_page(&scene.fence, work).await.unwrap();
    assert_eq!((closed.people, closed.duplicates), (1, 0));
    scene.release(&[]).await;
    let people = scene.finish().await.people;
    assert_eq!((people.rows, people.duplicates, people.read), (4, 3, 1));
}

async fn with_ref(scene: &Scene<impl Journal>, refs: &[(&str, &str)]) -> Vec<String> {
    let refs: Vec<Ref> = refs.iter().map(|(kind, id)| Ref::new(*kind, *id)).collect();
    keys(scene.journal.people_with(scene.run, &refs, None, 100).await.unwrap())
}

/// What somebody leans on replaces what was known; those already seen are left out.
pub async fn references_are_replaced<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let (d1, d2, l1) = (("FODepartment", "1"), ("FODepartment", "2"), ("FOLocation", "1"));
    scene.last_page(vec![leaning("a", &[d1, l1]), leaning("b", &[d1])]).await;
    assert_eq!(with_ref(&scene, &[d1]).await, Vec::<String>::new(), "seen in this run");
    scene.release(&[]).await;
    scene.finish().await;
    scene.next(RunKind::Delta).await;
    assert_eq!(with_ref(&scene, &[d1]).await, ["a", "b"]);
    assert_eq!(with_ref(&scene, &[l1]).await, ["a"]);
    assert_eq!(with_ref(&scene, &[("FODepartment", "9")]).await, Vec::<String>::new());
    scene.last_page(vec![leaning("a", &[d2, l1])]).await;
    assert_eq!(with_ref(&scene, &[d1, l1]).await, ["b"]);
    scene.release(&[]).await;
    scene.finish().await;
    let mut scene = scene.crash(bench).await;
    scene.next(RunKind::Delta).await;
    assert_eq!(with_ref(&scene, &[d1]).await, ["b"]);
    assert_eq!(with_ref(&scene, &[d2]).await, ["a"]);
    assert_eq!(with_ref(&scene, &[d2, l1]).await, ["a"], "each once");
}

/// When nothing was read of somebody, what they lean on is added to what was known, until they are read again.
pub async fn references_of_the_unread_are_added<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let (d1, again) = (("FODepartment", "1"), ("due", "again"));
    let why = LeftOut { rule: "unreadable".into(), message: "the row is broken off".into() };
    let unread = |key: &str| PersonWork {
        aliases: Vec::new(),
        standing: None,
        verdict: Verdict::Invalid(why.clone()),
        ..leaning(key, &[again])
    };
    scene.last_page(vec![leaning("a", &[d1]), unread("new")]).await;
    for _ in 0..2 {
        scene.release(&[]).await;
        scene.finish().await;
        scene.next(RunKind::Delta).await;
        scene.last_page(vec![unread("a")]).await;
    }
    scene.release(&[]).await;
    scene.finish().await;
    let mut scene = scene.crash(bench).await;
    scene.next(RunKind::Delta).await;
    assert_eq!(with_ref(&scene, &[d1]).await, ["a"]);
    assert_eq!(with_ref(&scene, &[again]).await, ["a", "new"]);
    // Read again, as they were: what was added goes.
    scene.last_page(vec![leaning("a", &[d1]), leaning("new", &[])]).await;
    scene.release(&[]).await;
    scene.finish().await;
    scene.next(RunKind::Delta).await;
    assert_eq!(with_ref(&scene, &[d1]).await, ["a"]);
    assert_eq!(with_ref(&scene, &[again]).await, Vec::<String>::new());
}

/// What a plan or a walk that is dropped had people leave behind is given back: what was to bring them back, for one.
pub async fn a_dropped_run_gives_references_back<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let (d1, d2, again) = (("FODepartment", "1"), ("FODepartment", "2"), ("due", "again"));
    scene.last_page(vec![leaning("a", &[d1, again]), leaning("b", &[again])]).await;
    scene.release(&[]).await;
    scene.finish().await;
    let plan = Begin { plan_only: true, ..scene.ask(RunKind::Delta) };
    scene.begin(&plan).await.unwrap();
    scene.last_page(vec![leaning("a", &[d2])]).await;
    scene.release(&[]).await;
    scene.finish().await;
    // A plan is dropped by the next run, a walk by another configuration.
    scene.next(RunKind::Delta).await;
    assert_eq!(with_ref(&scene, &[again]).await, ["a", "b"]);
    assert_eq!(with_ref(&scene, &[d1]).await, ["a"]);
    scene.page(vec![leaning("b", &[])], "page-2").await;
    assert_eq!(with_ref(&scene, &[again]).await, ["a"]);
    scene.now += 3600;
    scene.begin(&Begin { config_hash: "c2".into(), ..scene.ask(RunKind::Delta) }).await.unwrap();
    assert_eq!(with_ref(&scene, &[again]).await, ["a", "b"]);
    // What a run left behind that was released stays behind.
    scene.last_page(vec![leaning("a", &[d1]), leaning("b", &[])]).await;
    scene.release(&[]).await;
    scene.finish().await;
    scene.next(RunKind::Delta).await;
    assert_eq!(with_ref(&scene, &[again, d2]).await, Vec::<String>::new());
    assert_eq!(with_ref(&scene, &[d1]).await, ["a"]);
}

/// References that wait are told in the order of the question.
pub async fn what_waits_is_told<B: Bench>(bench: &B) {
    let scene = Scene::begun(bench, RunKind::Full).await;
    let create = |key| with(person(key), "hr", planned(key, "hr", Action::Create, "one"));
    scene.last_page(vec![create("a"), waiting(create("b"), "manager", "u-a")]).await;
    let told = scene.journal.waiting("people", "hr", &["b".into(), "a".into(), "x".into()]).await.unwrap();
    let waits = Waiting { attribute: "manager".into(), alias: "u-a".into() };
    assert_eq!(told, [vec![waits], Vec::new(), Vec::new()]);
}

/// What became of people is told in the order of the question.
pub async fn what_became_of_people_is_told<B: Bench>(bench: &B) {
    use Became::{Gone, Invalid, LeftOut as Out, Mapped};
    let mut scene = Scene::delivered(bench, &["a", "b"]).await;
    scene.next(RunKind::Full).await;
    let why = LeftOut { rule: "only".into(), message: "left out".into() };
    let out = PersonWork { verdict: Verdict::LeftOut(why.clone()), ..person("out") };
    let bad = PersonWork { verdict: Verdict::Invalid(why), ..person("bad") };
    scene.last_page(vec![gone("b"), out, bad]).await;
    let asked = ["bad", "nobody", "a", "out", "b"].map(Key::from);
    let became = scene.journal.became("people", &asked).await.unwrap();
    assert_eq!(became, [Some(Invalid), None, Some(Mapped), Some(Out), Some(Gone)]);
    assert_eq!(scene.journal.became("others", &asked[..1]).await.unwrap(), [None]);
}

/// People are named in key order, from where the last answer ended.
pub async fn people_come_in_key_order<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let (odd, even) = (("FODepartment", "odd"), ("FODepartment", "even"));
    // Not in key order, and the key order is that of the text: 10 before 9.
    let people = (1..=12).rev().map(|n| leaning(&n.to_string(), &[if n % 2 == 0 { even } else { odd }]));
    scene.last_page(people.collect()).await;
    scene.release(&[]).await;
    scene.finish().await;
    scene.next(RunKind::Full).await;
    let mut expected: Vec<String> = (1..=12).map(|n: u32| n.to_string()).collect();
    expected.sort();
    let refs = [Ref::new(odd.0, odd.1), Ref::new(even.0, even.1)];
    let (mut leaning, mut unseen): (Vec<Key>, Vec<Key>) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let more = scene.journal.people_with(scene.run, &refs, leaning.last(), 5).await.unwrap();
        leaning.extend(more);
        let more = scene.journal.unseen(scene.run, unseen.last(), 5).await.unwrap();
        unseen.extend(more);
    }
    assert_eq!(keys(leaning), expected);
    assert_eq!(keys(unseen), expected);
}

/// An id means the person who came with it last.
pub async fn an_alias_means_one_person<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["a", "b"]).await;
    let shared: [Arc<str>; 1] = ["u-a".into()];
    scene.next(RunKind::Full).await;
    scene.last_page(vec![PersonWork { aliases: vec!["u-b".into(), "u-a".into()], ..person("b") }]).await;
    let accounts = scene.journal.accounts("people", "hr", &shared).await.unwrap();
    assert_eq!(accounts, [Some(Arc::from("id-b"))]);
    scene.release(&[]).await;
    scene.finish().await;
    scene.next(RunKind::Full).await;
    scene.last_page(vec![person("b"), person("a")]).await;
    let accounts = scene.journal.accounts("people", "hr", &shared).await.unwrap();
    assert_eq!(accounts, [Some(Arc::from("id-a"))]);
}

/// Somebody gone brings no ids; those known stay, so that references to them still find the account.
pub async fn whoever_is_gone_keeps_their_ids<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["a"]).await;
    scene.next(RunKind::Full).await;
    scene.last_page(vec![gone("a")]).await;
    let accounts = scene.journal.accounts("people", "hr", &["u-a".into()]).await.unwrap();
    assert_eq!(accounts, [Some(Arc::from("id-a"))]);
}

/// The unseen are people of the sync whom the run has not seen, whatever became of them before.
pub async fn the_unseen_are_named<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let why = LeftOut { rule: "only".into(), message: "left out".into() };
    let out = PersonWork { verdict: Verdict::LeftOut(why.clone()), ..person("out") };
    let bad = PersonWork { verdict: Verdict::Invalid(why), ..person("bad") };
    scene.last_page(vec![person("a"), out, bad]).await;
    assert_eq!(scene.unseen().await, Vec::<String>::new());
    scene.release(&[]).await;
    scene.finish().await;
    scene.next(RunKind::Full).await;
    assert_eq!(scene.unseen().await, ["a", "bad", "out"]);
    scene.page(vec![person("a"), person("new")], "page-2").await;
    assert_eq!(scene.unseen().await, ["bad", "out"]);
}

/// Somebody gone is still known while an account or an undelivered change is left of them.
pub async fn the_gone_are_known_while_an_account_is_left<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["a", "b"]).await;
    scene.next(RunKind::Full).await;
    let delete = |key| with(gone(key), "hr", planned(key, "hr", Action::Delete, "one"));
    scene.last_page(vec![delete("a"), delete("b"), gone("never-linked")]).await;
    scene.release(&[]).await;
    let claimed = scene.claim("hr").await;
    scene.settle(claimed[0].id, done("a")).await;
    scene.settle(claimed[1].id, Settled::Dead("refused".into())).await;
    scene.finish().await;
    scene.next(RunKind::Full).await;
    assert_eq!(scene.unseen().await, ["b"]);
}

/// What pages said has changed is kept, each once and in order, until the run is over.
pub async fn what_changed_is_kept<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    let refs = |ids: &[&str]| ids.iter().map(|id| Ref::new("FODepartment", *id)).collect::<Vec<_>>();
    let page = PageWork { touched: refs(&["2", "1"]), ..scene.page_of(Vec::new(), Some("page-2")) };
    scene.journal.close_page(&scene.fence, page).await.unwrap();
    let page = PageWork { touched: refs(&["1", "3"]), ..scene.page_of(Vec::new(), None) };
    scene.journal.close_page(&scene.fence, page).await.unwrap();
    let mut again = scene.crash(bench).await;
    again.next(RunKind::Full).await;
    assert_eq!(again.journal.touched(again.run).await.unwrap(), refs(&["2", "1", "3"]));
    scene = again;
    scene.release(&[]).await;
    scene.finish().await;
    scene.next(RunKind::Delta).await;
    assert_eq!(scene.journal.touched(scene.run).await.unwrap(), refs(&[]));
}

/// `last` and `accounts` answer in the order of the question, `None` where there is nothing.
pub async fn last_and_accounts_answer_in_order<B: Bench>(bench: &B) {
    let scene = Scene::delivered(bench, &["a", "b"]).await.crash(bench).await;
    let asked: Vec<Key> = ["b", "nobody", "a", "b"].map(Key::from).to_vec();
    let last = scene.journal.last("people", "hr", &asked).await.unwrap();
    let found: Vec<_> =
        last.iter().map(|link| link.as_ref().map(|link| (link.person.as_str(), &*link.target_id))).collect();
    assert_eq!(found, [Some(("b", "id-b")), None, Some(("a", "id-a")), Some(("b", "id-b"))]);
    assert_eq!(scene.journal.last("people", "elsewhere", &asked).await.unwrap(), vec![None; 4]);
    let asked: Vec<Arc<str>> = ["u-b", "u-x", "u-a"].map(Into::into).to_vec();
    let found = scene.journal.accounts("people", "hr", &asked).await.unwrap();
    assert_eq!(found, [Some(Arc::from("id-b")), None, Some(Arc::from("id-a"))]);
    assert_eq!(scene.journal.last("no such sync", "hr", &["a".into()]).await.unwrap(), vec![None]);
}

/// Links are listed in key order, page by page, each target's and sync's alone.
pub async fn links_come_in_key_order<B: Bench>(bench: &B) {
    let mut scene = Scene::delivered(bench, &["c", "a", "b"]).await;
    let list = async |target, after: Option<&Key>, limit| {
        let links = scene.journal.links("people", target, after, limit).await.unwrap();
        links.into_iter().map(|link| (link.person.to_string(), link.target_id.to_string())).collect::<Vec<_>>()
    };
    let pair = |key: &str| (key.to_owned(), format!("id-{key}"));
    assert_eq!(list("hr", None, 2).await, [pair("a"), pair("b")]);
    assert_eq!(list("hr", Some(&"b".into()), 2).await, [pair("c")]);
    assert_eq!(list("app", None, 2).await, []);
    assert_eq!(scene.journal.links("other", "hr", None, 9).await.unwrap(), Vec::new());
    scene.next(RunKind::Full).await;
    scene.last_page(vec![with(person("b"), "hr", planned("b", "hr", Action::Delete, "one"))]).await;
    scene.release(&[]).await;
    scene.deliver("hr").await;
    let links = scene.journal.links("people", "hr", None, 9).await.unwrap();
    assert_eq!(keys(links.into_iter().map(|link| link.person).collect()), ["a", "c"]);
}

/// After the release no page can be closed, nor in a run of another sync; nothing is written then.
pub async fn a_page_of_a_released_run_is_refused<B: Bench>(bench: &B) {
    let mut scene = Scene::begun(bench, RunKind::Full).await;
    scene.last_page(two_people_planned()).await;
    scene.release(&[]).await;
    let late = with(person("late"), "hr", Concern::Unchanged);
    let page = scene.page_of(vec![late], None);
    assert!(scene.journal.close_page(&scene.fence, page.clone()).await.is_err());
    let other = Begin { sync: "other".into(), ..scene.ask(RunKind::Full) };
    let begun = scene.journal.begin(&other).await.unwrap();
    assert!(scene.journal.close_page(&begun.fence, page).await.is_err());
    scene.deliver("hr").await;
    scene.finish().await;
    scene.next(RunKind::Full).await;
    assert_eq!(scene.unseen().await, ["a", "b"]);
}
