//! `joinery demo`: what a newcomer sees first.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::company::{Answer, done_by, exit, within};
use crate::servers::kill;

/// How each of the four stories ends when its change arrived, which it does within five seconds or not at all.
const ARRIVED: [&str; 4] = ["is there after", "its title is now", "carry the new name after", "is disabled after"];

/// The demo in `demo`; whatever it leaves elsewhere it leaves in `home`, where it starts and finds its home and its
/// temporary folder.
fn demo(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_joinery"));
    command
        .args(["demo", "--people", "300"])
        .args(arguments)
        .current_dir(home)
        .envs([("HOME", home), ("TMPDIR", home)])
        .env_remove("JOINERY_CONFIG")
        .env_remove("JOINERY_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn ended(mut command: Command) -> Answer {
    let output = within(120, "the demo", command.output()).await.expect("the binary starts");
    Answer::new(&["demo"], output.status, &output.stdout, &output.stderr)
}

/// The accounts that the story told of are shown as they stand in the table, with nothing to be installed for it.
fn answer_shows_rows(answer: &Answer) {
    let row = |line: &&str| line.contains("Zoë O'Hara-Nguyễn") && line.trim_end().ends_with("yes");
    assert!(answer.out.lines().any(|line| row(&line)), "{answer}");
    assert!(answer.out.lines().any(|line| line.trim_end().ends_with("  no")), "the leaver's: {answer}");
    assert!(!answer.out.contains("sqlite3"), "{answer}");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    entries.map(|name| name.to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn the_story_is_told_to_its_end_and_everything_is_in_one_folder() {
    let home = tempfile::tempdir().expect("a folder");
    let answer = ended(demo(home.path(), &["--once", "--folder", "here"])).await.expect(exit::DONE).says(&ARRIVED);
    answer_shows_rows(&answer);
    assert_eq!(names(home.path()), ["here"], "{answer}");
    let database = home.path().join("here/people.db");
    let count = |sql: &str| {
        let connection = rusqlite::Connection::open(&database).expect("the target");
        connection.query_row(sql, [], |row| row.get::<_, u32>(0)).expect("a count")
    };
    assert!(count("SELECT count(*) FROM people WHERE active") > 200, "{answer}");
    assert_eq!(count("SELECT count(*) FROM people WHERE last_name = 'O''Hara-Nguyễn' AND active"), 1, "{answer}");

    // What is there is never written over.
    let before = std::fs::read(home.path().join("here/joinery.toml")).expect("the configuration");
    ended(demo(home.path(), &["--once", "--folder", "here"])).await.expect(exit::USAGE).says(&["here is not empty"]);
    assert_eq!(std::fs::read(home.path().join("here/joinery.toml")).expect("the configuration"), before);
}

#[tokio::test]
async fn without_once_it_runs_until_ctrl_c_in_a_folder_that_it_names() {
    let home = tempfile::tempdir().expect("a folder");
    let mut child = demo(home.path(), &[]).spawn().expect("the binary starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its words")).lines();
    let mut told = Vec::new();
    let story = async {
        while let Some(line) = lines.next_line().await.expect("text") {
            told.push(line);
            if told.last().is_some_and(|line| line.starts_with("Ctrl-C ends the demo")) {
                return;
            }
        }
        panic!("it says no more after {:?}", told.last());
    };
    done_by(&mut child, "the whole story", story).await;
    assert!(child.try_wait().expect("it can be looked at").is_none(), "it goes on");
    let [folder] = names(home.path()).try_into().expect("one folder");
    let folder = home.path().join(folder).display().to_string();
    assert!(told.first().is_some_and(|line| line.contains(&folder)), "{folder}: {:?}", told.first());
    kill("INT", &child.id().expect("it lives").to_string());
    let status = within(15, "its end", child.wait()).await.expect("it is waited for");
    assert_eq!(status.code(), Some(exit::DONE));
}
