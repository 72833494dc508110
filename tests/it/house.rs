//! The house keeps its own rules: files are one idea each, documents name what is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use joinery::cli::Cli;

const LONGEST: usize = 520;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() && !entry.ends_with("target") {
            rust_files(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
}

#[test]
fn no_file_holds_more_than_one_idea() {
    let mut files = Vec::new();
    for folder in ["src", "crates", "tests", "benches"] {
        rust_files(&root().join(folder), &mut files);
    }
    assert!(files.len() > 100, "the files were found");
    let long: Vec<_> = files
        .iter()
        .map(|file| (std::fs::read_to_string(file).expect("a source file").lines().count(), file))
        .filter(|(lines, _)| *lines > LONGEST)
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:?}");
}

#[test]
fn every_command_and_flag_is_in_the_reference() {
    let page = read("docs/reference/cli.md");
    let mut missing = Vec::new();
    for command in Cli::command().get_subcommands() {
        let named = |end: char| page.contains(&format!("`{}{end}", command.get_name()));
        if !named('`') && !named(' ') {
            missing.push(command.get_name().to_owned());
        }
        for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
            if flag != "help" && flag != "version" && !page.contains(&format!("--{flag}")) {
                missing.push(format!("{} --{flag}", command.get_name()));
            }
        }
    }
    assert!(missing.is_empty(), "docs/reference/cli.md does not name {missing:?}");
}

#[test]
fn every_key_of_the_default_file_is_in_the_reference() {
    let page = read("docs/reference/configuration.md");
    let mut keys = BTreeSet::new();
    let mut in_mapping = false;
    for line in read("joinery.default.toml").lines() {
        let line = line.strip_prefix("#: ").unwrap_or(line);
        if line.starts_with('[') {
            in_mapping = line.starts_with("[mapping");
        } else if let Some((key, _)) = line.split_once(" = ")
            && !in_mapping
            && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            keys.insert(key.to_owned());
        }
    }
    assert!(keys.len() > 40, "the keys were found");
    let missing: Vec<_> = keys.iter().filter(|key| !page.contains(&format!("`{key}`"))).collect();
    assert!(missing.is_empty(), "docs/reference/configuration.md does not name {missing:?}");
}
