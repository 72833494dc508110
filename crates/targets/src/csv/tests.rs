//! The file, its state and its manifest.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use joinery_model::{Action, Correlation, Key, Outcome, Record, Retry, RunId, Tally, Target, Value};

use super::files::{fill, hex, io_failure};
use super::{Csv, Files, Formulas, Settings};
use crate::contract::{Names, change, every};

fn settings(folder: &Path) -> Settings {
    let attributes: Vec<Arc<str>> = ["employee_id", "last_name", "title", "mail", "manager"].map(Arc::from).to_vec();
    Settings::new(folder.join("people.csv"), "employee_id", attributes)
}

fn person(key: &str, name: &str) -> Record {
    let attributes = BTreeMap::from([("employee_id".into(), key.into()), ("last_name".into(), Value::text(name))]);
    Record { key: Key::from(key), active: true, attributes, references: BTreeMap::new() }
}

fn complete() -> Tally {
    Tally { done: BTreeMap::new(), complete: true, full: true }
}

async fn apply(target: &Csv, run: i64, action: Action, record: Record) {
    let id = (action != Action::Create).then(|| Arc::from(record.key.as_str()));
    let outcomes = target.apply(RunId(run), &[change(action, record, id)]).await.unwrap();
    assert!(matches!(outcomes[0], Outcome::Done { .. }), "{outcomes:?}");
}

#[tokio::test]
async fn csv_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    for files in [Files::Full, Files::Delta] {
        let mut settings = settings(folder.path());
        settings.files = files;
        let names = Names {
            key: "employee_id".into(),
            text: "last_name".into(),
            other: "title".into(),
            more: vec!["mail".into()],
            reference: "manager".into(),
            salt: format!("{files:?}"),
        };
        every(&names, || async { Csv::open(settings.clone()).unwrap() }).await;
    }
}

#[tokio::test]
async fn without_its_folder_surely_nothing_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let target = Csv::open(settings(&folder.path().join("later"))).unwrap();
    let create = change(Action::Create, person("1", "One"), None);
    let failure = target.apply(RunId(1), std::slice::from_ref(&create)).await.unwrap_err();
    assert!(failure.untried && failure.message.contains("its folder is not there"), "{failure}");
    std::fs::create_dir(folder.path().join("later")).unwrap();
    assert!(matches!(target.apply(RunId(1), &[create]).await.unwrap()[0], Outcome::Done { .. }));
}

#[tokio::test]
async fn the_file_is_keyed_private_safe_for_spreadsheets_and_its_manifest_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let target = Csv::open(settings(folder.path())).unwrap();
    apply(&target, 7, Action::Create, person("2", "=cmd|' /C calc'!A0")).await;
    apply(&target, 7, Action::Create, person("1", "a \"b\", c")).await;
    apply(&target, 7, Action::Disable, person("1", "a \"b\", c")).await;
    assert!(!folder.path().join("people.csv").exists(), "nothing is shown before the run is closed");
    target.close(RunId(7), &complete()).await.unwrap();
    let path = folder.path().join("people.csv");
    let bytes = std::fs::read(&path).unwrap();
    let text = "employee_id,last_name,title,mail,manager,active\r\n1,\"a \"\"b\"\", c\",,,,false\r\n2,'=cmd|' /C calc'!A0,,,,true\r\n";
    assert_eq!(String::from_utf8_lossy(&bytes), text);
    for name in ["people.csv", "people.csv.state", "people.csv.manifest.json"] {
        let mode = folder.path().join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("people.csv.manifest.json")).unwrap()).unwrap();
    let sum = hex(digest(&SHA256, &bytes).as_ref());
    assert_eq!(hex(&[0, 0x9f, 0xff]), "009fff");
    assert_eq!(manifest["sha256"], sum);
    assert_eq!((&manifest["rows"], &manifest["run"]), (&2.into(), &7.into()));
    assert_eq!((&manifest["name"], &manifest["complete"]), (&"people.csv".into(), &true.into()));
}

#[tokio::test]
async fn delimiter_mark_line_end_and_formulas_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    (settings.delimiter, settings.bom, settings.crlf) = (b';', true, false);
    (settings.formulas, settings.active, settings.manifest) = (Formulas::Keep, None, false);
    let target = Csv::open(settings).unwrap();
    assert!(!target.can().disable);
    apply(&target, 1, Action::Create, person("1", "+1;2")).await;
    target.close(RunId(1), &complete()).await.unwrap();
    let text = std::fs::read_to_string(folder.path().join("people.csv")).unwrap();
    assert_eq!(text, "\u{feff}employee_id;last_name;title;mail;manager\n1;\"+1;2\";;;\n");
    assert!(!folder.path().join("people.csv.manifest.json").exists());
}

#[tokio::test]
async fn what_a_crash_left_is_mended_by_closing_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    let first = Csv::open(settings(folder.path())).unwrap();
    apply(&first, 1, Action::Create, person("1", "Old")).await;
    first.close(RunId(1), &complete()).await.unwrap();
    apply(&first, 2, Action::Update, person("1", "New")).await;
    drop(first);
    // Killed while the new file was being written, after it was swapped in, and before its manifest was.
    std::fs::write(folder.path().join("people.csv.part"), "half a li").unwrap();
    std::fs::write(folder.path().join("people.csv.manifest.json.part"), "{").unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().contains("Old"), "the old file stands until the swap");
    let second = Csv::open(settings(folder.path())).unwrap();
    apply(&second, 2, Action::Update, person("1", "New")).await;
    second.close(RunId(2), &complete()).await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    assert!(String::from_utf8_lossy(&whole).contains("New"));
    second.close(RunId(2), &complete()).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), whole);
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.contains(".state"))
        .collect();
    names.sort();
    assert_eq!(names, ["people.csv", "people.csv.manifest.json"]);
}

#[tokio::test]
async fn a_delta_file_shows_what_its_run_did_even_when_an_earlier_run_was_never_closed() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    settings.files = Files::Delta;
    settings.attributes.truncate(2);
    let target = Csv::open(settings.clone()).unwrap();
    let shown = |run: i64| std::fs::read_to_string(folder.path().join(format!("people-{run}.csv"))).ok();
    apply(&target, 1, Action::Create, person("1", "A")).await;
    apply(&target, 1, Action::Update, person("1", "B")).await;
    drop(target);
    let target = Csv::open(settings).unwrap();
    apply(&target, 2, Action::Create, person("2", "C")).await;
    target.close(RunId(2), &complete()).await.unwrap();
    let second = "action,employee_id,last_name,active\r\ncreate,1,B,true\r\ncreate,2,C,true\r\n";
    assert_eq!(shown(2).as_deref(), Some(second));
    target.close(RunId(2), &complete()).await.unwrap();
    assert_eq!(shown(2).as_deref(), Some(second));
    target.close(RunId(3), &complete()).await.unwrap();
    assert_eq!(shown(3), None, "a run that changed nothing writes no file");
    apply(&target, 4, Action::Delete, person("1", "B")).await;
    apply(&target, 4, Action::Disable, person("2", "C")).await;
    target.close(RunId(4), &complete()).await.unwrap();
    let fourth = "action,employee_id,last_name,active\r\ndelete,1,B,false\r\ndisable,2,C,false\r\n";
    assert_eq!(shown(4).as_deref(), Some(fourth));
    assert_eq!(shown(2).as_deref(), Some(second));
}

#[tokio::test]
async fn two_people_with_one_key_and_a_header_twice_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let target = Csv::open(settings(folder.path())).unwrap();
    apply(&target, 1, Action::Create, person("1", "A")).await;
    let mut other = person("2", "B");
    other.attributes.insert("employee_id".into(), "1".into());
    let outcomes = target.apply(RunId(1), &[change(Action::Create, other, None)]).await.unwrap();
    assert!(matches!(&outcomes[0], Outcome::Refused(why) if why.contains("employee_id")));
    let ask = Correlation { person: "1".into(), target_id: None, by: vec![("nothing".into(), "x".into())] };
    assert!(target.find(&[ask]).await.is_err_and(|failure| failure.message.contains("nothing")));
    let mut twice = settings(folder.path());
    twice.active = Some("title".into());
    assert!(Csv::open(twice).is_err_and(|failure| failure.message.contains("title")));
}

#[test]
fn a_full_disk_is_named_and_may_pass() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let mut full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let select = "SELECT 'k', '', 1, '{\"last_name\":\"x\"}'";
    let failed = fill(&connection, &settings(Path::new("/out")), select, &mut full).unwrap_err();
    assert!(failed.message.contains("disk is full"), "{failed}");
    assert_eq!(failed.retry(), Retry::Later(None));
    let told = full.write_all(b"x").unwrap_err();
    assert!(io_failure(Path::new("/out/people.csv"), told).message.contains("/out/people.csv"));
}
