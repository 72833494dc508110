//! The cases of `tests/transcripts`: files that say what is asked and what must come.

mod case;
mod certificates;
mod pattern;
mod run;

use std::path::{Path, PathBuf};

use case::Case;
use futures_util::{StreamExt, stream};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transcripts_are_kept() {
    let files = files();
    // Every case has a tenant of its own; some at a time.
    let judged = stream::iter(files.iter().map(|path| async move {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).unwrap();
        let done = match Case::parse(&text) {
            Ok(case) => run::run(&case).await,
            Err(error) => Err(error),
        };
        done.err().map(|error| format!("== {name}\n{error}\n"))
    }));
    let failed: Vec<String> = judged.buffered(8).filter_map(std::future::ready).collect().await;
    assert!(failed.is_empty(), "{} of {} cases:\n{}", failed.len(), files.len(), failed.join("\n"));
    assert!(files.len() >= 200, "the cases are there");
}

/// Every case, by name.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files
}

/// The page that tells what is kept names every switch, and a case turns it.
#[test]
fn every_switch_is_told() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/simulator.md");
    let page = std::fs::read_to_string(page).unwrap();
    let switches = serde_json::to_value(joinery_simulator::Switches::default()).unwrap();
    let untold: Vec<&String> =
        switches.as_object().unwrap().keys().filter(|name| !page.contains(&format!("| `{name}`"))).collect();
    assert!(untold.is_empty(), "docs/reference/simulator.md does not tell of {untold:?}");
    let texts: Vec<String> = files().iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let tried = |name: &String| texts.iter().any(|text| text.contains(&format!("! switch {name} =")));
    let untried: Vec<&String> = switches.as_object().unwrap().keys().filter(|name| !tried(name)).collect();
    assert!(untried.is_empty(), "no transcript turns {untried:?}");
}
